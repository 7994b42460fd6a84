//! What a searcher typed: words, `"phrases"` and `-without`. Every text has a meaning; none is an error.

use super::analysis::{Unit, fold, han_words, stem, units};
use std::collections::HashSet;

const MAX_CHARS: usize = 4_000;
const MAX_CLAUSES: usize = 256;
const MAX_PHRASE: usize = 64;
/// How many words of a title are looked at while it is typed.
const MAX_BEGINNING: usize = 16;

/// Words that say nothing of what is looked for, unless they stand alone or in a phrase.
const EMPTY_WORDS: [&str; 40] = [
    "a", "an", "and", "are", "as", "at", "be", "by", "for", "from", "in", "is", "it", "of", "on", "or", "our", "the", "to", "we", "will",
    "with", "you", "your", "的", "了", "和", "与", "及", "在", "是", "等", "或", "为", "对", "有", "并", "将", "我", "我们",
];

/// What matches a clause, and how much it is worth.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    Term(String),
    Phrase(Vec<String>),
}

/// One thing that must (or must not) be there: any of these.
#[derive(Clone, Debug, PartialEq)]
pub struct Clause {
    pub without: bool,
    pub any: Vec<(Shape, f32)>,
}

/// Reads a query; `None` where the text says something but nothing that could be found.
pub fn parse(text: &str) -> Option<Vec<Clause>> {
    let mut clauses = Vec::new();
    let mut empty = Vec::new();
    for Piece { without, quoted, text } in pieces(text) {
        if quoted {
            clauses.extend(phrase(&text).map(|shape| Clause { without, any: vec![(shape, 1.0)] }));
            continue;
        }
        for unit in units(&text) {
            for any in shapes(unit) {
                let hollow = matches!(any.first(), Some((Shape::Term(word), _)) if EMPTY_WORDS.contains(&word.as_str()));
                let clause = Clause { without, any };
                if hollow && !without { empty.push(clause) } else { clauses.push(clause) }
            }
        }
    }
    if clauses.iter().all(|clause| clause.without) {
        clauses.append(&mut empty);
    }
    let mut seen = HashSet::new();
    clauses.retain(|clause| seen.insert(format!("{clause:?}")));
    clauses.truncate(MAX_CLAUSES);
    (!clauses.is_empty() || text.trim().is_empty()).then_some(clauses)
}

/// What the beginning of a title may be.
#[derive(Clone, Debug, PartialEq)]
pub struct Beginning {
    /// The words typed to their end, each of which must be there.
    pub words: Vec<Shape>,
    /// The last one, perhaps not typed to its end. Han is always taken as it stands.
    pub prefix: Option<String>,
}

/// Reads what was typed so far; `None` where it has no word.
pub fn beginning(typed: &str) -> Option<Beginning> {
    let mut units = units(typed);
    units.truncate(MAX_BEGINNING);
    let prefix = match units.last()? {
        Unit::Word(word) => Some(fold(&typed[word.start..word.end])),
        Unit::Han { .. } => None,
    };
    if prefix.is_some() {
        units.pop();
    }
    let text = |unit: &Unit<'_>| match unit {
        Unit::Han { text, .. } => (*text).to_owned(),
        Unit::Word(word) => typed[word.start..word.end].to_owned(),
    };
    Some(Beginning { words: units.iter().filter_map(|unit| phrase(&text(unit))).collect(), prefix })
}

struct Piece {
    without: bool,
    quoted: bool,
    text: String,
}

/// Splits at spaces and quotes; a quote that is not closed goes to the end.
fn pieces(text: &str) -> Vec<Piece> {
    let is_quote = |c: char| matches!(c, '"' | '“' | '”' | '「' | '」' | '＂');
    let mut pieces = Vec::new();
    let mut chars = text.chars().take(MAX_CHARS).peekable();
    while let Some(first) = chars.peek().copied() {
        if first.is_whitespace() {
            chars.next();
            continue;
        }
        let without = first == '-';
        if without {
            chars.next();
        }
        let quoted = chars.next_if(|c| is_quote(*c)).is_some();
        let mut piece = String::new();
        while let Some(c) = chars.next_if(|c| !is_quote(*c) && (quoted || !c.is_whitespace())) {
            piece.push(c);
        }
        if quoted {
            chars.next();
        }
        pieces.push(Piece { without, quoted, text: piece });
    }
    pieces
}

/// The clauses of one unit, each with its alternatives.
fn shapes(unit: Unit<'_>) -> Vec<Vec<(Shape, f32)>> {
    match unit {
        Unit::Han { text, .. } => pieces_of_han(text).iter().map(|piece| han(piece)).collect(),
        Unit::Word(word) => {
            let Some(part) = word.parts.first() else { return vec![] };
            let mut any = Vec::new();
            if let Some(whole) = word.whole {
                any.push((Shape::Term(whole), 1.5));
                any.extend(word.joined.map(|joined| (Shape::Term(joined), 1.0)));
                if word.parts.len() > 1 {
                    any.push((Shape::Phrase(word.parts.into_iter().map(|part| part.text).take(MAX_PHRASE).collect()), 0.7));
                }
            } else {
                any.push((Shape::Term(part.text.clone()), 1.0));
                any.extend(stem(&part.text).map(|stem| (Shape::Term(stem), 0.5)));
            }
            vec![any]
        }
    }
}

/// The dictionary's words. Characters that it leaves single stand together: a name or a term it does not know.
fn pieces_of_han(text: &str) -> Vec<String> {
    let mut pieces: Vec<(String, bool)> = Vec::new();
    for word in han_words(text) {
        let single = word.chars().nth(1).is_none() && !EMPTY_WORDS.contains(&word);
        match pieces.last_mut() {
            Some((piece, true)) if single => piece.push_str(word),
            _ => pieces.push((word.to_owned(), single)),
        }
    }
    pieces.into_iter().map(|(piece, _)| piece).collect()
}

/// A Han word: as the dictionary's word, or, where the text was cut elsewhere, as its characters in a row.
fn han(word: &str) -> Vec<(Shape, f32)> {
    let characters: Vec<String> = word.chars().map(|c| fold(c.encode_utf8(&mut [0; 4]))).take(MAX_PHRASE).collect();
    let mut any = vec![(Shape::Term(fold(word)), 1.0)];
    if characters.len() > 1 {
        any.push((Shape::Phrase(characters), 0.2));
    }
    any
}

/// Words in a row, exactly.
pub fn phrase(text: &str) -> Option<Shape> {
    let mut words = Vec::new();
    for unit in units(text) {
        match unit {
            Unit::Han { text, .. } => words.extend(text.chars().map(|c| fold(c.encode_utf8(&mut [0; 4])))),
            Unit::Word(word) => words.extend(word.parts.into_iter().map(|part| part.text)),
        }
    }
    words.truncate(MAX_PHRASE);
    match words.len() {
        0 => None,
        1 => words.pop().map(Shape::Term),
        _ => Some(Shape::Phrase(words)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first_terms(text: &str) -> Vec<(bool, Shape)> {
        parse(text).unwrap_or_default().into_iter().map(|clause| (clause.without, clause.any[0].0.clone())).collect()
    }

    fn term(text: &str) -> Shape {
        Shape::Term(text.to_owned())
    }

    #[test]
    fn words_phrases_and_without() {
        let phrase = Shape::Phrase(vec!["machine".into(), "learning".into()]);
        assert_eq!(
            first_terms(r#"Rust -C++ "machine learning" -"sales""#),
            [(false, term("rust")), (true, term("c++")), (false, phrase), (true, term("sales"))]
        );
        assert_eq!(first_terms("上海 后端工程师"), [(false, term("上海")), (false, term("后端")), (false, term("工程师"))]);
        assert_eq!(first_terms("王芳的上海"), [(false, term("王芳")), (false, term("上海"))]);
        assert_eq!(first_terms("the head of design"), [(false, term("head")), (false, term("design"))]);
        assert_eq!(first_terms("the"), [(false, term("the"))]);
    }

    #[test]
    fn a_title_may_be_typed_in_part() {
        let read = |typed| beginning(typed).map(|Beginning { words, prefix }| (words, prefix));
        assert_eq!(read("Head of Des"), Some((vec![term("head"), term("of")], Some("des".into()))));
        assert_eq!(read("Rust 工程"), Some((vec![term("rust"), Shape::Phrase(vec!["工".into(), "程".into()])], None)));
        assert_eq!(read(" ?! "), None);
    }

    #[test]
    fn odd_input_is_no_error() {
        assert_eq!(parse("  "), Some(vec![]));
        for text in ["???", "-", "\"", "\"\"", "- -", "((", "\u{0}"] {
            assert_eq!(parse(text), None, "{text:?}");
        }
        assert_eq!(first_terms("\"open end"), [(false, Shape::Phrase(vec!["open".into(), "end".into()]))]);
        assert!(parse(&"word ".repeat(100_000)).is_some());
    }
}

//! From text to words, in Chinese and English.
//!
//! Han characters count one position each: every character is a word, and so is what the dictionary finds among them.
//! Other scripts count one position a part: `Node.js` is `node` and `js`, and as a whole `node.js` and `nodejs`; `C++`, `C#` and
//! `.NET` are words of their own. All is folded: small letters, no accents, half width.

use super::dictionary::dictionary;
use tantivy::tokenizer::{Token, TokenStream, Tokenizer};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Longer words are cut: they are no words.
const MAX_WORD: usize = 64;

/// A stretch of text.
#[derive(Debug, PartialEq, Eq)]
pub enum Unit<'a> {
    /// Han characters and kana without a break; `start` is its first byte.
    Han {
        start: usize,
        text: &'a str,
    },
    Word(Word),
}

/// A word of another script, with what its connectors join.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Word {
    pub start: usize,
    pub end: usize,
    pub parts: Vec<Part>,
    /// Folded, with connectors, where it is more than its one part.
    pub whole: Option<String>,
    /// The parts run together, where they are several.
    pub joined: Option<String>,
}

#[derive(Debug, PartialEq, Eq)]
pub struct Part {
    pub start: usize,
    pub end: usize,
    /// Folded.
    pub text: String,
    /// Whether a dot stands before it, as in `.NET`.
    pub dotted: bool,
}

pub fn is_han(c: char) -> bool {
    matches!(u32::from(c), 0x3005..=0x3007 | 0x3040..=0x30FF | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xF900..=0xFAFF | 0x2_0000..=0x3_FFFF)
}

fn is_letter(c: char) -> bool {
    (c.is_alphanumeric() || is_combining_mark(c)) && !is_han(c)
}

fn connects(c: char) -> bool {
    matches!(c, '.' | '-' | '_' | '@' | '\'' | '’' | '&' | '·')
}

/// Small letters, no accents, half width.
pub fn fold(text: &str) -> String {
    text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).take(MAX_WORD).collect()
}

/// The English stem, where the word has one that differs.
pub fn stem(folded: &str) -> Option<String> {
    if folded.len() < 3 || !folded.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return None;
    }
    let stem = frostem::Stemmer::new(frostem::Algorithm::English).stem(folded).into_owned();
    (stem != folded).then_some(stem)
}

/// The words of Han text that make it up, none overlapping.
pub fn han_words(text: &str) -> Vec<&str> {
    dictionary().cut(text, true).into_iter().map(|token| token.word).collect()
}

/// Cuts a text into units; what is neither letter nor Han is left out.
pub fn units(text: &str) -> Vec<Unit<'_>> {
    let chars: Vec<(usize, char)> = text.char_indices().collect();
    let byte = |at: usize| chars.get(at).map_or(text.len(), |(byte, _)| *byte);
    let char_at = |at: usize| chars.get(at).map(|(_, c)| *c);
    let mut units = Vec::new();
    let mut at = 0;
    while let Some(c) = char_at(at) {
        let start = at;
        if is_han(c) {
            while char_at(at).is_some_and(is_han) {
                at += 1;
            }
            units.push(Unit::Han { start: byte(start), text: &text[byte(start)..byte(at)] });
        } else if is_letter(c) {
            let dotted = start > 0
                && char_at(start - 1) == Some('.')
                && c.is_alphabetic()
                && (start < 2 || !char_at(start - 2).is_some_and(is_letter));
            at = word(&mut units, text, &char_at, &byte, start, dotted);
        } else {
            at += 1;
        }
    }
    units
}

/// Reads the word that begins at `start`; answers where it ends.
fn word(
    units: &mut Vec<Unit<'_>>,
    text: &str,
    char_at: &impl Fn(usize) -> Option<char>,
    byte: &impl Fn(usize) -> usize,
    start: usize,
    dotted: bool,
) -> usize {
    let mut at = start;
    let mut parts: Vec<Part> = Vec::new();
    loop {
        let begin = at;
        while char_at(at).is_some_and(is_letter) {
            at += 1;
        }
        // `C++`, `C#`, `F#`: one or two signs that end the word.
        let signs = (at..at + 2).take_while(|sign| matches!(char_at(*sign), Some('+' | '#' | '＋' | '＃'))).count();
        if signs > 0 && !char_at(at + signs).is_some_and(is_letter) {
            at += signs;
        }
        let dotted = if begin == start { dotted } else { char_at(begin - 1) == Some('.') };
        parts.push(Part { start: byte(begin), end: byte(at), text: fold(&text[byte(begin)..byte(at)]), dotted });
        let joined = char_at(at).is_some_and(connects) && char_at(at + 1).is_some_and(is_letter);
        if !joined {
            break;
        }
        at += 1;
    }
    let from = if dotted { start - 1 } else { start };
    let several = parts.len() > 1;
    units.push(Unit::Word(Word {
        start: byte(from),
        end: byte(at),
        whole: (several || dotted).then(|| fold(&text[byte(from)..byte(at)])),
        joined: several.then(|| parts.iter().flat_map(|part| part.text.chars()).take(MAX_WORD).collect()),
        parts,
    }));
    at
}

/// All words of a text with their positions, in order of position; for the index.
fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut position = 0;
    let mut token = |text: String, position: usize, offset_from: usize, offset_to: usize| {
        tokens.push(Token { offset_from, offset_to, position, text, position_length: 1 });
    };
    for unit in units(text) {
        match unit {
            Unit::Han { start, text } => {
                let mut count = 0;
                for (offset, c) in text.char_indices() {
                    token(fold(c.encode_utf8(&mut [0; 4])), position + count, start + offset, start + offset + c.len_utf8());
                    count += 1;
                }
                if count > 1 {
                    for word in dictionary().cut_for_search(text, true).into_iter().filter(|word| word.end - word.start > 1) {
                        token(fold(word.word), position + word.start, start + word.byte_start, start + word.byte_end);
                    }
                }
                position += count;
            }
            Unit::Word(word) => {
                let count = word.parts.len();
                let wholes = [word.whole, word.joined];
                for (place, part) in word.parts.into_iter().enumerate() {
                    if let Some(stem) = stem(&part.text) {
                        token(stem, position + place, part.start, part.end);
                    }
                    if part.dotted && count > 1 {
                        token(format!(".{}", part.text), position + place, part.start, part.end);
                    }
                    token(part.text, position + place, part.start, part.end);
                }
                for whole in wholes.into_iter().flatten() {
                    token(whole, position, word.start, word.end);
                }
                position += count;
            }
        }
    }
    tokens.sort_by_key(|token| token.position);
    tokens
}

/// All words of a text, as often as they stand in it; for an index that is told the words.
pub fn words(text: &str) -> impl Iterator<Item = String> {
    tokens(text).into_iter().map(|token| token.text)
}

/// The one word at each position of a text: what phrases are looked for in.
pub fn row(text: &str) -> impl Iterator<Item = String> + '_ {
    units(text).into_iter().flat_map(|unit| match unit {
        Unit::Han { text, .. } => text.chars().map(|c| fold(c.encode_utf8(&mut [0; 4]))).collect::<Vec<_>>(),
        Unit::Word(word) => word.parts.into_iter().map(|part| part.text).collect(),
    })
}

/// The same for tantivy.
#[derive(Clone)]
pub struct Bilingual;

/// The words of one text.
pub struct Words {
    tokens: std::vec::IntoIter<Token>,
    current: Token,
}

impl Tokenizer for Bilingual {
    type TokenStream<'a> = Words;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Words {
        Words { tokens: tokens(text).into_iter(), current: Token::default() }
    }
}

impl TokenStream for Words {
    fn advance(&mut self) -> bool {
        let next = self.tokens.next();
        let more = next.is_some();
        self.current = next.unwrap_or_default();
        more
    }

    fn token(&self) -> &Token {
        &self.current
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.current
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        let mut words: Vec<String> = tokens(text).into_iter().map(|token| token.text).collect();
        words.sort_unstable();
        words.dedup();
        words
    }

    fn has(text: &str, wanted: &[&str]) {
        let words = words(text);
        for word in wanted {
            assert!(words.iter().any(|held| held == word), "`{text}` has no `{word}`: {words:?}");
        }
    }

    #[test]
    fn technical_names_stay_whole() {
        has("C++", &["c++"]);
        has("I write C#, and F#.", &["c#", "f#"]);
        has(".NET and ASP.NET", &[".net", "asp.net", "net", "asp"]);
        has("Node.js", &["node.js", "nodejs", "node", "js"]);
        has("front-end", &["front-end", "frontend", "front", "end"]);
        has("ann.lee@example.com", &["ann.lee@example.com", "ann", "lee", "example"]);
        assert!(!words("C++").contains(&"c".to_owned()));
    }

    #[test]
    fn english_is_folded_and_stemmed() {
        has("Engineering Résumés", &["engineering", "engin", "resumes", "resum"]);
        has("ＡＢＣ１２３", &["abc123"]);
    }

    #[test]
    fn chinese_is_cut_by_character_and_by_word() {
        has("高级后端工程师", &["高", "后端", "工程师", "工程"]);
        has("Java工程师", &["java", "工程师"]);
    }

    #[test]
    fn positions_never_go_back_and_offsets_are_characters() {
        let text = "José在上海 node.js .NET 工程师 naïve e\u{301}t C++";
        let mut last = 0;
        for token in tokens(text) {
            assert!(token.position >= last);
            last = token.position;
            assert!(text.get(token.offset_from..token.offset_to).is_some());
        }
    }
}

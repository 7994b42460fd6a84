//! The part of a text that shows why it was found: escaped HTML with `<mark>` around what matched.

use super::analysis::{Unit, is_han, stem, units};
use super::parse::{Clause, Shape};
use std::collections::HashSet;
use std::ops::Range;

/// How long a snippet is, in characters, and how much of it stands before the first match.
const LENGTH: usize = 180;
const BEFORE: usize = 40;

/// What to mark.
#[derive(Default)]
pub struct Needles {
    han: Vec<String>,
    words: HashSet<String>,
}

impl Needles {
    pub fn new(clauses: &[Clause]) -> Self {
        let mut needles = Self::default();
        for (shape, _) in clauses.iter().filter(|clause| !clause.without).flat_map(|clause| &clause.any) {
            let words = match shape {
                Shape::Term(word) => std::slice::from_ref(word),
                Shape::Phrase(words) => words,
            };
            // A row of single characters is one needle; other words may stand in other forms between.
            if words.iter().all(|word| word.chars().all(is_han)) {
                needles.han.push(words.concat());
            } else {
                needles.words.extend(words.iter().cloned());
            }
        }
        needles.han.sort_unstable();
        needles.han.dedup();
        needles
    }

    fn has(&self, folded: &str) -> bool {
        self.words.contains(folded) || stem(folded).is_some_and(|stem| self.words.contains(&stem))
    }

    /// Where they stand in a text, in order, none overlapping.
    fn find(&self, text: &str) -> Vec<Range<usize>> {
        let mut found: Vec<Range<usize>> =
            self.han.iter().flat_map(|needle| text.match_indices(needle.as_str()).map(|(at, hit)| at..at + hit.len())).collect();
        if !self.words.is_empty() {
            for unit in units(text) {
                let Unit::Word(word) = unit else { continue };
                if [&word.whole, &word.joined].into_iter().flatten().any(|whole| self.words.contains(whole)) {
                    found.push(word.start..word.end);
                    continue;
                }
                found.extend(word.parts.iter().filter(|part| self.has(&part.text)).map(|part| part.start..part.end));
            }
        }
        found.sort_unstable_by_key(|range| (range.start, range.end));
        let mut merged: Vec<Range<usize>> = Vec::with_capacity(found.len());
        for range in found {
            match merged.last_mut() {
                Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
                _ => merged.push(range),
            }
        }
        merged
    }

    /// The stretch of `text` with the most different matches; its beginning where nothing matches.
    pub fn snippet(&self, text: &str) -> String {
        let found = self.find(text);
        let window = window(text, &found);
        let mut html = String::with_capacity(window.len() + 64);
        if window.start > 0 {
            html.push('…');
        }
        let mut at = window.start;
        for range in found.iter().filter(|range| range.start >= window.start && range.end <= window.end) {
            escape(&text[at..range.start], &mut html);
            html.push_str("<mark>");
            escape(&text[range.clone()], &mut html);
            html.push_str("</mark>");
            at = range.end;
        }
        escape(&text[at..window.end], &mut html);
        if window.end < text.len() {
            html.push('…');
        }
        html
    }
}

/// `count` characters on from `at`.
fn forward(text: &str, at: usize, count: usize) -> usize {
    text[at..].char_indices().nth(count).map_or(text.len(), |(offset, _)| at + offset)
}

/// `count` characters back from `at`.
fn back(text: &str, at: usize, count: usize) -> usize {
    text[..at].char_indices().rev().take(count).last().map_or(at, |(offset, _)| offset)
}

fn window(text: &str, found: &[Range<usize>]) -> Range<usize> {
    let mut best = (0, 0);
    let mut last = 0;
    for (first, range) in found.iter().enumerate() {
        let end = forward(text, range.start, LENGTH - BEFORE);
        last = last.max(first);
        while found.get(last).is_some_and(|next| next.end <= end) {
            last += 1;
        }
        let different: HashSet<&str> = found[first..last].iter().map(|range| &text[range.clone()]).collect();
        if different.len() > best.1 {
            best = (first, different.len());
        }
    }
    let Some(first) = found.get(best.0) else { return 0..whole_word_end(text, forward(text, 0, LENGTH), 0) };
    let mut start = back(text, first.start, BEFORE);
    // Begin with a line or a word where one begins nearby.
    if start > 0 {
        let before = &text[start..first.start];
        let line = before.rfind('\n').map(|at| &before[at..]);
        let word = || before.find(char::is_whitespace).map(|at| &before[at..]);
        if let Some(rest) = line.or_else(word) {
            start = first.start - rest.trim_start().len();
        }
    }
    let least = first.end;
    start..whole_word_end(text, forward(text, start, LENGTH).max(least), least)
}

/// The end of the last whole word before `end`, but not before `least`.
fn whole_word_end(text: &str, end: usize, least: usize) -> usize {
    if end == text.len() {
        return end;
    }
    let near = back(text, end, 20).max(least);
    text[near..end].rfind(char::is_whitespace).map_or(end, |at| near + at)
}

fn escape(text: &str, html: &mut String) {
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            c if c.is_control() => html.push(' '),
            c => html.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse::parse;
    use super::*;

    fn snippet(query: &str, text: &str) -> String {
        Needles::new(&parse(query).unwrap_or_default()).snippet(text)
    }

    #[test]
    fn marks_words_in_both_languages() {
        assert_eq!(snippet("engineer", "Two engineers & one Engineer"), "Two <mark>engineers</mark> &amp; one <mark>Engineer</mark>");
        assert_eq!(snippet("后端", "高级后端工程师"), "高级<mark>后端</mark>工程师");
        assert_eq!(
            snippet("C++ node.js", "C, C++ and NodeJS or node.js"),
            "C, <mark>C++</mark> and <mark>NodeJS</mark> or <mark>node.js</mark>"
        );
        assert_eq!(snippet("<b>", "a <b>bold</b> move"), "a &lt;<mark>b</mark>&gt;bold&lt;/<mark>b</mark>&gt; move");
        assert_eq!(snippet("-rust java", "rust and java"), "rust and <mark>java</mark>");
    }

    #[test]
    fn shows_the_stretch_with_the_most_matches() {
        let text = format!("rust {} rust with tokio and axum {}", "filler ".repeat(80), "more ".repeat(80));
        let shown = snippet("rust tokio axum", &text);
        assert!(shown.contains("<mark>rust</mark> with <mark>tokio</mark> and <mark>axum</mark>"), "{shown}");
        assert!(shown.starts_with('…') && shown.ends_with('…'));
        assert!(shown.chars().count() < 260);
    }

    proptest::proptest! {
        #[test]
        fn any_text_with_any_query_is_escaped_and_never_panics(query in ".{0,40}", text in ".{0,400}") {
            let html = snippet(&query, &text);
            let plain = html.replace("<mark>", "").replace("</mark>", "");
            proptest::prop_assert!(!plain.contains('<') && !plain.contains('>') && !plain.contains('"'));
        }
    }
}

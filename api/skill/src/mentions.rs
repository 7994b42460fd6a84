//! Where skills are named in free text.
//!
//! One Aho-Corasick automaton over all terms finds every candidate in one pass; then each candidate must stand as a word
//! of its own (letters of the Latin script; Chinese has no spaces) and, where its term asks for care, in the right case or
//! context. Of what overlaps, the longest wins.

use crate::taxonomy::{Care, Skill, is_cjk};
use aho_corasick::AhoCorasick;
use std::collections::HashMap;
use std::ops::Range;

/// A skill named in a text; `range` are bytes of that text.
#[derive(Debug, Clone)]
pub struct Mention<'skills> {
    pub skill: &'skills Skill,
    pub range: Range<usize>,
}

struct Pattern {
    skill: usize,
    care: Care,
    written: String,
}

/// The automaton and what its patterns mean.
pub(crate) struct Finder {
    automaton: Option<AhoCorasick>,
    patterns: Vec<Pattern>,
}

struct Candidate {
    skill: usize,
    range: Range<usize>,
    /// Stands only if a neighbour in the same enumeration does.
    needs_company: bool,
}

impl Finder {
    pub(crate) fn new(skills: &[Skill], by_term: &HashMap<String, usize>) -> Self {
        let mut patterns = Vec::new();
        let mut keys = Vec::new();
        for (index, skill) in skills.iter().enumerate() {
            for term in &skill.terms {
                let key = normalise(&term.value);
                if key.is_empty() || term.care == Care::NameOnly || by_term.get(&key) != Some(&index) {
                    continue;
                }
                keys.push(key);
                patterns.push(Pattern { skill: index, care: term.care, written: term.value.clone() });
            }
        }
        // Building fails only beyond billions of states; then names still resolve, only free text yields nothing.
        Self { automaton: AhoCorasick::new(&keys).ok(), patterns }
    }

    pub(crate) fn find(&self, text: &str) -> Vec<(usize, Range<usize>)> {
        let Some(automaton) = &self.automaton else {
            return Vec::new();
        };
        let (folded, origin) = fold(text);
        let mut candidates: Vec<Candidate> = automaton
            .find_overlapping_iter(&folded)
            .filter_map(|found| {
                let pattern = &self.patterns[found.pattern().as_usize()];
                let range = origin[found.start()]..origin[found.end()];
                let standing = judge(text, &range, pattern)?;
                Some(Candidate { skill: pattern.skill, range, needs_company: standing == Standing::InCompany })
            })
            .collect();
        candidates.sort_by_key(|candidate| (candidate.range.start, std::cmp::Reverse(candidate.range.end), candidate.needs_company));
        let mut kept: Vec<Candidate> = Vec::with_capacity(candidates.len());
        for candidate in candidates {
            if kept.last().is_none_or(|last| last.range.end <= candidate.range.start) {
                kept.push(candidate);
            }
        }
        let standing: Vec<bool> = (0..kept.len())
            .map(|at| {
                let joined = |left: usize, right: usize| {
                    let sure = if left == at { right } else { left };
                    !kept[sure].needs_company && is_joint(&text[kept[left].range.end..kept[right].range.start])
                };
                !kept[at].needs_company || (at > 0 && joined(at - 1, at)) || (at + 1 < kept.len() && joined(at, at + 1))
            })
            .collect();
        kept.into_iter().zip(standing).filter(|(_, stands)| *stands).map(|(found, _)| (found.skill, found.range)).collect()
    }
}

#[derive(PartialEq, Eq)]
enum Standing {
    Alone,
    InCompany,
}

/// Whether a candidate is a word of its own in the right case and context.
fn judge(text: &str, range: &Range<usize>, pattern: &Pattern) -> Option<Standing> {
    let (before, found, after) = (&text[..range.start], &text[range.clone()], &text[range.end..]);
    if !is_bounded(before, found, after) {
        return None;
    }
    match pattern.care {
        Care::Plain => Some(Standing::Alone),
        Care::ExactCase => (found == pattern.written).then_some(Standing::Alone),
        Care::InContext => {
            let latin = !pattern.written.starts_with(is_cjk);
            let same_case = !latin || found == pattern.written || (!pattern.written.starts_with(char::is_uppercase));
            if !same_case {
                return None;
            }
            if (ends_list_item(before) && starts_list_item(after)) || (latin && has_cue(before, after)) {
                return Some(Standing::Alone);
            }
            Some(Standing::InCompany)
        }
        Care::NameOnly => None,
    }
}

/// Latin terms may not touch further letters or digits, except a version after the name (`Java8`, `Vue 3`).
fn is_bounded(before: &str, found: &str, after: &str) -> bool {
    let is_word = |char: char| char.is_alphanumeric() && !is_cjk(char);
    let starts_latin = found.starts_with(|char| !is_cjk(char));
    if starts_latin && before.ends_with(is_word) {
        return false;
    }
    if found.ends_with(is_cjk) {
        return true;
    }
    let mut rest = after.chars().peekable();
    if found.len() >= 3 && found.ends_with(char::is_alphabetic) {
        while rest.next_if(char::is_ascii_digit).is_some() {}
    }
    match rest.next() {
        None => true,
        Some('+' | '#') => false,
        // `Vue.component` is code, `Python.` ends a sentence.
        Some('.') => rest.next().is_none_or(|next| !next.is_alphabetic() || is_cjk(next)),
        Some(next) => !is_word(next),
    }
}

/// Whether the text before a term ends an item or opens a list.
fn ends_list_item(before: &str) -> bool {
    let trimmed = before.trim_end_matches([' ', '\u{3000}']);
    trimmed.is_empty()
        || trimmed.ends_with([
            ',', '，', '、', ';', '；', '/', '|', '·', '•', ':', '：', '(', '（', '[', '【', '\n', '\r', '\t', '*', '-', '–', '+',
        ])
}

/// Whether the text after a term starts the next item or closes the list.
fn starts_list_item(after: &str) -> bool {
    let trimmed = after.trim_start_matches([' ', '\u{3000}']);
    trimmed.is_empty()
        || trimmed.starts_with([',', '，', '、', ';', '；', '/', '|', '·', '•', ')', '）', ']', '】', '\n', '\r', '\t', '+', '。'])
        || trimmed == "."
}

/// Whether the next words show that a language or tool is meant: "in Go", "Go developer", "Go 语言".
fn has_cue(before: &str, after: &str) -> bool {
    const BEFORE: [&str; 22] = [
        "in",
        "with",
        "using",
        "use",
        "uses",
        "used",
        "know",
        "knows",
        "learn",
        "learning",
        "advanced",
        "senior",
        "junior",
        "使用",
        "用",
        "精通",
        "熟悉",
        "掌握",
        "了解",
        "擅长",
        "熟练使用",
        "运用",
    ];
    const AFTER: [&str; 18] = [
        "developer",
        "developers",
        "engineer",
        "engineers",
        "programmer",
        "programming",
        "language",
        "backend",
        "services",
        "microservices",
        "framework",
        "library",
        "code",
        "语言",
        "开发",
        "工程师",
        "后端",
        "框架",
    ];
    let before = before.trim_end();
    let after = after.trim_start();
    let cue_before = BEFORE.iter().any(|cue| {
        before.len() >= cue.len()
            && before.is_char_boundary(before.len() - cue.len())
            && before[before.len() - cue.len()..].eq_ignore_ascii_case(cue)
            && (cue.starts_with(is_cjk) || !before[..before.len() - cue.len()].ends_with(char::is_alphanumeric))
    });
    let cue_after = AFTER.iter().any(|cue| {
        after.get(..cue.len()).is_some_and(|start| start.eq_ignore_ascii_case(cue))
            && (cue.starts_with(is_cjk) || !after[cue.len()..].starts_with(char::is_alphanumeric))
    });
    cue_before || cue_after
}

/// Whether the text between two candidates only joins them: "Rust and Go", "C++ & R", "设计与开发".
fn is_joint(between: &str) -> bool {
    matches!(
        between.trim().to_ascii_lowercase().as_str(),
        "and" | "or" | "&" | "," | "，" | "、" | "/" | "+" | ", and" | ", or" | "和" | "与" | "及" | "以及" | "或"
    )
}

/// The form in which terms are compared: lower case, ASCII width, one space for any run of spaces and hyphens.
pub fn normalise(term: &str) -> String {
    let (folded, _) = fold(term);
    folded.trim().to_owned()
}

/// The normalised text, and for each of its bytes (and its end) the byte of the original it came from.
fn fold(text: &str) -> (String, Vec<usize>) {
    let mut folded = String::with_capacity(text.len());
    let mut origin = Vec::with_capacity(text.len() + 1);
    for (at, char) in text.char_indices() {
        let char = match char {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(char) - 0xfee0).unwrap_or(char),
            '-' | '_' | '\u{2010}'..='\u{2013}' => ' ',
            other if other.is_whitespace() => ' ',
            other => other,
        };
        if char == ' ' && folded.ends_with(' ') {
            continue;
        }
        // One character for one: what a language lower-cases to more (İ) never stands in a term.
        let lower = char.to_lowercase().next().unwrap_or(char);
        folded.push(lower);
        origin.resize(folded.len(), at);
    }
    origin.push(text.len());
    (folded, origin)
}

#[cfg(test)]
mod tests {
    use crate::taxonomy::{Taxonomy, find_skills};
    use proptest::prelude::*;

    fn found(text: &str) -> Vec<&'static str> {
        find_skills(text).iter().map(|mention| mention.skill.name.as_str()).collect()
    }

    #[test]
    fn names_with_signs_are_words_of_their_own() {
        assert_eq!(found("C++, C#, C, .NET, Node.js and F#"), ["C++", "C#", "C", ".NET", "Node.js", "F#"]);
        assert_eq!(found("ASP.NET services; see example.net"), [".NET"]);
        assert_eq!(found("Python3, Java8, Vue 3 (Vue.js)."), ["Python", "Java", "Vue.js", "Vue.js"]);
    }

    #[test]
    fn everyday_words_are_skills_only_in_context() {
        assert_eq!(found("Ready to go and react. R was Dr. C. Swift."), Vec::<&str>::new());
        assert_eq!(found("Rust, Go, R"), ["Rust", "Go", "R"]);
        assert_eq!(found("services in Go"), ["Go"]);
        assert_eq!(found("Senior Go developer"), ["Go"]);
        assert_eq!(found("Go"), ["Go"]);
        assert_eq!(found("Rust and Go on Linux"), ["Rust", "Go", "Linux"]);
        assert_eq!(found("精通Go语言"), ["Go"]);
        assert_eq!(found("R&D centre of Go-Ahead"), Vec::<&str>::new());
        assert_eq!(found("Education\nLanguages\n教育背景"), Vec::<&str>::new());
    }

    #[test]
    fn the_longest_name_wins() {
        assert_eq!(found("前端开发"), ["Front-end development"]);
        assert_eq!(found("spring boot microservices"), ["Spring Framework", "Microservices"]);
        assert_eq!(found("Machine learning engineer"), ["Machine learning"]);
        assert_eq!(found("JavaScript"), ["JavaScript"]);
        assert_eq!(found("javascripting"), Vec::<&str>::new());
    }

    #[test]
    fn chinese_needs_no_spaces_and_lines_may_break() {
        assert_eq!(found("负责容器编排平台与微服务架构的自动化测试"), ["Kubernetes", "Microservices", "Test automation"]);
        assert_eq!(found("natural\nlanguage   processing"), ["Natural language processing"]);
        let text = "熟悉ＰｙＴｈｏｎ";
        let mention = &find_skills(text)[0];
        assert_eq!(&text[mention.range.clone()], "ＰｙＴｈｏｎ");
    }

    proptest! {
        #[test]
        fn any_text_yields_ordered_ranges_inside_it(text in "\\PC{0,200}") {
            let mut end = 0;
            for mention in find_skills(&text) {
                prop_assert!(mention.range.start >= end && text.get(mention.range.clone()).is_some());
                end = mention.range.end;
            }
        }

        #[test]
        fn a_list_of_names_is_found_whole(picks in proptest::collection::vec(0usize..700, 1..8)) {
            let skills = Taxonomy::seed().skills();
            let picked: Vec<_> = picks.iter().map(|&at| &skills[at]).filter(|skill| skill.terms[0].care != crate::taxonomy::Care::NameOnly).collect();
            let text = picked.iter().map(|skill| skill.name.as_str()).collect::<Vec<_>>().join(", ");
            prop_assert_eq!(found(&text), picked.iter().map(|skill| skill.name.as_str()).collect::<Vec<_>>());
        }
    }
}

//! Which words of a long text are worth looking for: the rare ones. A job description has hundreds of words, and most of
//! them stand in every resume.

use super::parse::{Clause, Shape};
use std::collections::{BTreeSet, HashMap};

/// How many words rank.
const MOST: usize = 32;

/// In how many records a word stands; one that stands nowhere may be missing.
pub type Frequencies = HashMap<String, u64>;

/// The words whose frequencies tell which clauses to look for.
pub fn asked(clauses: &[Clause]) -> BTreeSet<&str> {
    let shapes = clauses.iter().filter(|clause| !clause.without).flat_map(|clause| &clause.any);
    shapes
        .flat_map(|(shape, _)| match shape {
            Shape::Term(word) => std::slice::from_ref(word),
            Shape::Phrase(words) => words,
        })
        .map(String::as_str)
        .collect()
}

/// The clauses that tell most, the rarest first, each without the alternatives that cost more than they find.
pub fn telling(clauses: &[Clause], frequencies: &Frequencies) -> Vec<Clause> {
    let records_with = |word: &String| frequencies.get(word).copied().unwrap_or(0);
    let mut rated = Vec::new();
    let (without, wanted): (Vec<_>, Vec<_>) = clauses.iter().cloned().partition(|clause| clause.without);
    for Clause { any, .. } in wanted {
        let mut words = Vec::new();
        let mut phrases = Vec::new();
        let mut found = 0;
        for (shape, worth) in any {
            match &shape {
                Shape::Term(word) => {
                    let records = records_with(word);
                    if records > 0 {
                        found = found.max(records);
                        words.push((shape, worth));
                    }
                }
                Shape::Phrase(parts) => {
                    let rarest = parts.iter().map(records_with).min().unwrap_or(0);
                    if rarest > 0 {
                        phrases.push((rarest, (shape, worth)));
                    }
                }
            }
        }
        if words.is_empty() {
            found = phrases.iter().map(|(rarest, _)| *rarest).max().unwrap_or(0);
            words = phrases.into_iter().map(|(_, phrase)| phrase).collect();
        }
        if !words.is_empty() {
            rated.push((found, Clause { without: false, any: words }));
        }
    }
    // Stable: of equally rare ones the earlier in the text.
    rated.sort_by_key(|(found, _)| *found);
    rated.truncate(MOST);
    rated.into_iter().map(|(_, clause)| clause).chain(without).collect()
}

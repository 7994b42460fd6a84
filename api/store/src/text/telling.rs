//! Which words of a long text are worth looking for: the rare ones. A job description has hundreds of words, and most of
//! them stand in every resume.

use super::document::Fields;
use super::parse::{Clause, Shape};
use tantivy::{Searcher, Term};

/// How many words rank.
const MOST: usize = 32;

impl Fields {
    /// The clauses that tell most, the rarest first, each without the alternatives that cost more than they find.
    pub fn telling(&self, searcher: &Searcher, clauses: &[Clause]) -> tantivy::Result<Vec<Clause>> {
        let mut rated = Vec::new();
        let (without, wanted): (Vec<_>, Vec<_>) = clauses.iter().cloned().partition(|clause| clause.without);
        for Clause { any, .. } in wanted {
            let mut words = Vec::new();
            let mut phrases = Vec::new();
            let mut found = 0;
            for (shape, worth) in any {
                match &shape {
                    Shape::Term(word) => {
                        let records = self.records_with(searcher, word)?;
                        if records > 0 {
                            found = found.max(records);
                            words.push((shape, worth));
                        }
                    }
                    Shape::Phrase(parts) => {
                        let mut rarest = u64::MAX;
                        for part in parts {
                            rarest = rarest.min(self.records_with(searcher, part)?);
                        }
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
        Ok(rated.into_iter().map(|(_, clause)| clause).chain(without).collect())
    }

    fn records_with(&self, searcher: &Searcher, word: &str) -> tantivy::Result<u64> {
        let mut most = 0;
        for field in [self.title, self.subtitle, self.body] {
            most = most.max(searcher.doc_freq(&Term::from_field_text(field, word))?);
        }
        Ok(most)
    }
}

//! From clauses to the engine's queries.

use super::TextQuery;
use super::document::Fields;
use super::parse::{self, Beginning, Clause, Shape};
use looma_types::{RecordKind, WorkspaceId};
use tantivy::Term;
use tantivy::query::{
    AllQuery, BooleanQuery, BoostQuery, ConstScoreQuery, Occur, PhrasePrefixQuery, PhraseQuery, Query, TermQuery, TermSetQuery,
};
use tantivy::schema::{Field, IndexRecordOption};

type Part = (Occur, Box<dyn Query>);

/// How many words are looked for; what more was typed is passed over.
const MAX_WORDS: usize = 64;
/// How many words a prefix stands for at most.
const MAX_EXPANSIONS: u32 = 500;

impl Fields {
    /// Everything the query says; `clauses` are its text, read.
    pub fn query(&self, workspace: WorkspaceId, query: &TextQuery, clauses: &[Clause]) -> BooleanQuery {
        let mut parts = self.within(workspace, &query.kinds);
        for (name, values) in &query.facets {
            parts.push(filter(TermSetQuery::new(values.iter().map(|value| self.facet(name, value)))));
        }
        if let Some(only) = &query.only {
            parts.push(filter(TermSetQuery::new(only.iter().map(|record| self.key(&(workspace, *record))))));
        }
        let (without, wanted): (Vec<&Clause>, Vec<&Clause>) = clauses.iter().partition(|clause| clause.without);
        let wanted = wanted.into_iter().take(MAX_WORDS).map(|clause| self.clause(clause));
        if query.any_word && wanted.len() > 0 {
            parts.push((Occur::Must, Box::new(BooleanQuery::union(wanted.collect()))));
        } else {
            parts.extend(wanted.map(|clause| (Occur::Must, clause)));
        }
        parts.extend(without.into_iter().take(MAX_WORDS).map(|clause| (Occur::MustNot, self.clause(clause))));
        BooleanQuery::new(parts)
    }

    /// Records whose title has the words of `typed`, the last of them perhaps not typed to its end; `None` where it has none.
    pub fn beginning(&self, workspace: WorkspaceId, typed: &str, kinds: &[RecordKind]) -> Option<BooleanQuery> {
        let Beginning { words, prefix } = parse::beginning(typed)?;
        let mut parts = self.within(workspace, kinds);
        parts.extend(words.iter().map(|shape| filter_box(matching(self.title, shape))));
        parts.extend(prefix.map(|text| {
            let mut prefix = PhrasePrefixQuery::new(vec![Term::from_field_text(self.title, &text)]);
            prefix.set_max_expansions(MAX_EXPANSIONS);
            filter(prefix)
        }));
        Some(BooleanQuery::new(parts))
    }

    fn within(&self, workspace: WorkspaceId, kinds: &[RecordKind]) -> Vec<Part> {
        let mut parts = vec![filter(TermQuery::new(self.workspace(workspace), IndexRecordOption::Basic))];
        if !kinds.is_empty() {
            parts.push(filter(TermSetQuery::new(kinds.iter().map(|kind| self.kind(*kind)))));
        }
        parts
    }

    fn clause(&self, clause: &Clause) -> Box<dyn Query> {
        let mut parts: Vec<Box<dyn Query>> = Vec::new();
        for (shape, worth) in &clause.any {
            for (field, boost) in [(self.title, 3.0), (self.subtitle, 1.5), (self.body, 1.0)] {
                parts.push(Box::new(BoostQuery::new(matching(field, shape), worth * boost)));
            }
        }
        Box::new(BooleanQuery::union(parts))
    }
}

fn matching(field: Field, shape: &Shape) -> Box<dyn Query> {
    match shape {
        Shape::Term(word) => Box::new(TermQuery::new(Term::from_field_text(field, word), IndexRecordOption::WithFreqs)),
        Shape::Phrase(words) => Box::new(PhraseQuery::new(words.iter().map(|word| Term::from_field_text(field, word)).collect())),
    }
}

/// Must hold and is worth nothing.
fn filter(query: impl Query) -> Part {
    filter_box(Box::new(query))
}

fn filter_box(query: Box<dyn Query>) -> Part {
    (Occur::Must, Box::new(ConstScoreQuery::new(query, 0.0)))
}

/// Everything, tombstones too; for the inventory.
pub fn all() -> AllQuery {
    AllQuery
}

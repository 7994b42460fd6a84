//! The text index: full-text search in Chinese and English.

use crate::Result;
use crate::outbox::{Change, Event, Position};
use crate::projection::{Projected, Projection};
use async_trait::async_trait;
use looma_types::search::FacetCount;
use looma_types::{RecordKind, Ref, WorkspaceId};
use parse::Clause;
use std::collections::BTreeMap;
use std::sync::Arc;

mod analysis;
mod collect;
#[cfg(any(test, feature = "conformance"))]
pub mod conformance;
mod dictionary;
mod document;
pub mod elasticsearch;
mod parse;
mod query;
mod snippet;
pub mod tantivy;
mod telling;

/// What `TextQuery::count` calls the kinds of record; no record has a facet of this name.
pub const KINDS: &str = "type";

/// What to look for. All filters must hold; within one facet any value is enough.
#[derive(Clone, Debug, Default)]
pub struct TextQuery {
    /// Words, `"phrases"`, `-without`; empty means everything.
    pub text: String,
    /// Any of these kinds; empty means all.
    pub kinds: Vec<RecordKind>,
    pub facets: BTreeMap<String, Vec<String>>,
    /// Only these records, where given.
    pub only: Option<Vec<Ref>>,
    pub offset: usize,
    /// At most 1,000.
    pub limit: usize,
    /// Facets to count; [`KINDS`] counts the kinds of record.
    pub count: Vec<String>,
    /// Whether any word is enough (ranking candidates) instead of all (finding).
    pub any_word: bool,
}

const MAX_LIMIT: usize = 1_000;
const MAX_OFFSET: usize = 100_000;
/// How many titles are compared for suggestions, and how much of what was typed is looked at.
const MAX_CANDIDATES: usize = 300;
const MAX_TYPED: usize = 100;

impl TextQuery {
    /// What its text says; `None` where nothing can be found.
    fn clauses(&self) -> Option<Vec<Clause>> {
        let nothing = self.only.as_ref().is_some_and(Vec::is_empty) || self.facets.values().any(Vec::is_empty);
        if nothing { None } else { parse::parse(&self.text) }
    }

    /// The answer where nothing was found.
    fn finds_nothing(&self) -> TextAnswer {
        TextAnswer { facets: self.count.iter().map(|name| (name.clone(), vec![])).collect(), ..TextAnswer::default() }
    }
}

/// The record that is found from now on; none where none is, or where nothing changes.
fn searchable(event: &Event) -> Option<&Projected> {
    match &event.change {
        Change::Upsert(projected) if projected.searchable => Some(projected),
        Change::Upsert(_) | Change::Delete | Change::Note => None,
    }
}

/// What begins as it was typed before what has it within, short before long.
fn best_beginnings(mut found: Vec<(Ref, String)>, typed: &str, limit: usize) -> Vec<(Ref, String)> {
    let start = typed.trim().to_lowercase();
    found.sort_by_cached_key(|(record, title)| (!title.to_lowercase().starts_with(&start), title.chars().count(), title.clone(), *record));
    found.truncate(limit);
    found
}

/// One hit; the snippet is escaped HTML with `<mark>`.
#[derive(Clone, Debug, PartialEq)]
pub struct TextHit {
    pub record: Ref,
    pub title: String,
    pub snippet: String,
    pub score: f32,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct TextAnswer {
    pub hits: Vec<TextHit>,
    pub total: u64,
    pub facets: BTreeMap<String, Vec<FacetCount>>,
}

/// The text role. Order: score, then record.
#[async_trait]
pub trait TextIndex: Projection {
    /// Applies events in order, makes them visible and remembers `upto`; the same again changes nothing.
    async fn apply(&self, events: &[Event], upto: Position) -> Result<()>;
    async fn search(&self, workspace: WorkspaceId, query: &TextQuery) -> Result<TextAnswer>;
    /// Records whose title has a word that begins so.
    async fn suggest(&self, workspace: WorkspaceId, prefix: &str, kinds: &[RecordKind], limit: usize) -> Result<Vec<(Ref, String)>>;
    /// An empty one beside this, for a rebuild; an unfinished one from before is dropped. [`Projection::switch`] of this one
    /// puts it in its place.
    async fn beside(&self) -> Result<Arc<dyn TextIndex>>;
}

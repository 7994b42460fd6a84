//! The text index: full-text search in Chinese and English.

use crate::Result;
use crate::outbox::{Event, Position};
use crate::projection::Projection;
use async_trait::async_trait;
use looma_types::search::FacetCount;
use looma_types::{RecordKind, Ref, WorkspaceId};
use std::collections::BTreeMap;
use std::sync::Arc;

mod analysis;
mod collect;
#[cfg(any(test, feature = "conformance"))]
pub mod conformance;
mod dictionary;
mod document;
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

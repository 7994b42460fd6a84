//! The graph: who is related to whom.

use crate::Result;
use crate::outbox::{Event, Position};
use crate::projection::Projection;
use async_trait::async_trait;
use looma_types::person::{NetworkAnalysis, Path, Subgraph};
use looma_types::{Ref, WorkspaceId};
use std::sync::Arc;

mod analysis;
#[cfg(any(test, feature = "conformance"))]
pub mod conformance;
pub mod memory;
mod neighbourhood;
pub mod neo4j;
mod paths;
mod space;

/// The longest path that is looked for.
pub const MAX_HOPS: u32 = 6;

/// The graph role. Edges are walked in both directions; a path's strength is the product of its edges', and a path
/// never visits a record twice. Order: strength, then fewer hops, then ids, so that answers are the same everywhere.
#[async_trait]
pub trait Graph: Projection {
    /// Applies events in order and remembers `upto`; applying the same again changes nothing. An event older than what
    /// is held of its record is passed over. An edge whose ends are unknown is kept and counts once both are there.
    async fn apply(&self, events: &[Event], upto: Position) -> Result<()>;
    /// The best simple paths between two records, at most `max_hops` edges each (1 to [`MAX_HOPS`]).
    async fn paths(&self, workspace: WorkspaceId, from: Ref, to: Ref, max_hops: u32, limit: usize) -> Result<Vec<Path>>;
    /// What lies within `depth` edges of a record, at most `limit` nodes, nearest first.
    async fn neighbourhood(&self, workspace: WorkspaceId, center: Ref, depth: u32, limit: usize) -> Result<Subgraph>;
    /// Brokers (approximate betweenness) and communities (label propagation) among people; `out_of_touch` is left empty.
    async fn analysis(&self, workspace: WorkspaceId, limit: usize) -> Result<NetworkAnalysis>;
    /// Whether the graph knows a record.
    async fn contains(&self, workspace: WorkspaceId, record: Ref) -> Result<bool>;
    /// An empty one beside this, for a rebuild; an unfinished one from before is dropped. [`Projection::switch`] of this one
    /// puts it in its place.
    async fn beside(&self) -> Result<Arc<dyn Graph>>;
}

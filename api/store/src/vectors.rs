//! Vectors: nearness in meaning.

use crate::Result;
use crate::outbox::Position;
use crate::projection::Projection;
use async_trait::async_trait;
use looma_types::{RecordKind, Ref, WorkspaceId};
use std::sync::Arc;

#[cfg(any(test, feature = "conformance"))]
pub mod conformance;
mod matrix;
pub mod memory;

/// What to do with one record's vectors.
#[derive(Clone, Debug, PartialEq)]
pub enum VectorChange {
    /// Replaces all of the record's vectors (one a passage), each of length 1.
    Upsert {
        workspace: WorkspaceId,
        record: Ref,
        version: i64,
        title: String,
        vectors: Vec<Vec<f32>>,
    },
    Delete {
        workspace: WorkspaceId,
        record: Ref,
        version: i64,
    },
}

/// A record near the query; its best passage counts.
#[derive(Clone, Debug, PartialEq)]
pub struct VectorHit {
    pub record: Ref,
    pub title: String,
    /// Cosine similarity, -1 to 1.
    pub score: f32,
}

/// The vector role. Order: score, then record.
#[async_trait]
pub trait Vectors: Projection {
    /// Applies changes in order and remembers `upto`; the same again changes nothing.
    async fn apply(&self, changes: &[VectorChange], upto: Position) -> Result<()>;
    /// The nearest records; `only` narrows to some where given.
    async fn nearest(
        &self,
        workspace: WorkspaceId,
        vector: &[f32],
        kinds: &[RecordKind],
        only: Option<&[Ref]>,
        limit: usize,
    ) -> Result<Vec<VectorHit>>;
    /// An empty one beside this, for a rebuild; an unfinished one from before is dropped. [`Projection::switch`] of this one
    /// puts it in its place.
    async fn beside(&self) -> Result<Arc<dyn Vectors>>;
}

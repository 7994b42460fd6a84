//! Vectors: nearness in meaning.

use crate::Result;
use crate::outbox::Position;
use crate::projection::Projection;
use crate::version::{Key, Version};
use async_trait::async_trait;
use looma_types::{RecordKind, Ref, WorkspaceId};
use std::sync::Arc;

#[cfg(any(test, feature = "conformance"))]
pub mod conformance;
mod matrix;
pub mod memory;
pub mod weaviate;

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

impl VectorChange {
    fn key(&self) -> Key {
        match self {
            Self::Upsert { workspace, record, .. } | Self::Delete { workspace, record, .. } => (*workspace, *record),
        }
    }

    fn version(&self) -> Version {
        match self {
            Self::Upsert { version, .. } => Version { number: *version, lives: true },
            Self::Delete { version, .. } => Version { number: *version, lives: false },
        }
    }
}

/// How many records are answered at most.
const MAX_LIMIT: usize = 10_000;

/// Those that are vectors: of the first one's length, and all parts numbers. With the length.
fn sound(vectors: &[Vec<f32>]) -> (usize, impl Iterator<Item = &Vec<f32>>) {
    let width = vectors.first().map_or(0, Vec::len);
    (width, vectors.iter().filter(move |vector| vector.len() == width && vector.iter().all(|part| part.is_finite())))
}

/// The query at length 1; `None` where it points nowhere.
fn direction(vector: &[f32]) -> Option<Vec<f32>> {
    let length = vector.iter().map(|part| part * part).sum::<f32>().sqrt();
    length.is_normal().then(|| vector.iter().map(|part| part / length).collect())
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

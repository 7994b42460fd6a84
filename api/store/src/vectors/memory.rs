//! The vectors in this process, kept in `vectors.sqlite`.

use super::matrix::Matrix;
use super::{MAX_LIMIT, VectorChange, VectorHit, direction, sound};
use crate::ledger::Entry;
use crate::mirror::{Content, Mirror};
use crate::outbox::Position;
use crate::projection::{Inventory, Projection};
use crate::{Error, Result, StoreSettings, Vectors};
use async_trait::async_trait;
use looma_types::{RecordKind, Ref, WorkspaceId};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Read into memory when first used.
pub struct MemoryVectors {
    mirror: Mirror<Matrices>,
}

#[derive(Default)]
struct Matrices {
    /// By workspace and length: while a new model takes over, its vectors may be longer than the old ones.
    matrices: HashMap<(WorkspaceId, usize), Matrix>,
    widths: HashMap<(WorkspaceId, Ref), usize>,
}

impl Content for Matrices {
    fn take(&mut self, entry: Entry) -> Result<()> {
        let (workspace, record) = entry.key;
        if let Some(width) = self.widths.remove(&entry.key)
            && let Some(matrix) = self.matrices.get_mut(&(workspace, width))
        {
            matrix.remove(record);
        }
        if let Some(body) = entry.body {
            let Passages { title, width, values } = Passages::read(&body)?;
            if width > 0 {
                self.widths.insert(entry.key, width);
                self.matrices.entry((workspace, width)).or_insert_with(|| Matrix::new(width)).insert(record, title, &values);
            }
        }
        Ok(())
    }

    fn ready(&mut self) {
        self.matrices.values_mut().for_each(Matrix::shrink);
    }
}

/// A record's vectors as bytes: width, length of the title, title, numbers; all little-endian.
struct Passages {
    title: String,
    width: usize,
    values: Vec<f32>,
}

impl Passages {
    /// Vectors that are no vectors (of another length than the first, or with a part that is no number) are left out.
    fn new(title: String, vectors: &[Vec<f32>]) -> Self {
        let (width, sound) = sound(vectors);
        Self { title, width, values: sound.flatten().copied().collect() }
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(8 + self.title.len() + self.values.len() * 4);
        bytes.extend_from_slice(&(self.width as u32).to_le_bytes());
        bytes.extend_from_slice(&(self.title.len() as u32).to_le_bytes());
        bytes.extend_from_slice(self.title.as_bytes());
        bytes.extend(self.values.iter().flat_map(|value| value.to_le_bytes()));
        bytes
    }

    fn read(bytes: &[u8]) -> Result<Self> {
        let broken = || Error::corrupt("vectors", "a record's vectors are cut off");
        let number = |bytes: &[u8]| bytes.first_chunk::<4>().map(|four| u32::from_le_bytes(*four) as usize);
        let width = number(bytes).ok_or_else(broken)?;
        let length = number(&bytes[4..]).ok_or_else(broken)?;
        let (title, values) = bytes[8..].split_at_checked(length).ok_or_else(broken)?;
        let title = String::from_utf8(title.to_vec()).map_err(|error| Error::corrupt("vectors", error))?;
        let values: Vec<f32> = values.as_chunks::<4>().0.iter().map(|four| f32::from_le_bytes(*four)).collect();
        Ok(Self { title, width, values })
    }
}

fn entry(change: &VectorChange) -> Entry {
    let body = match change {
        VectorChange::Delete { .. } => None,
        VectorChange::Upsert { title, vectors, .. } => Some(Passages::new(title.clone(), vectors).bytes()),
    };
    Entry { key: change.key(), version: change.version().number, body }
}

impl MemoryVectors {
    pub async fn open(settings: &StoreSettings) -> Result<Self> {
        Ok(Self { mirror: Mirror::open(settings, "vectors").await? })
    }
}

#[async_trait]
impl Projection for MemoryVectors {
    fn name(&self) -> &'static str {
        "vectors"
    }

    async fn position(&self) -> Result<Position> {
        self.mirror.position().await
    }

    async fn clear(&self) -> Result<()> {
        self.mirror.clear().await
    }

    async fn inventory(&self) -> Result<Inventory> {
        self.mirror.inventory().await
    }

    async fn switch(&self) -> Result<()> {
        self.mirror.switch().await
    }

    async fn ping(&self) -> Result<()> {
        self.mirror.position().await.map(|_| ())
    }
}

#[async_trait]
impl Vectors for MemoryVectors {
    async fn apply(&self, changes: &[VectorChange], upto: Position) -> Result<()> {
        self.mirror.apply(changes.iter().map(entry), upto).await
    }

    async fn nearest(
        &self,
        workspace: WorkspaceId,
        vector: &[f32],
        kinds: &[RecordKind],
        only: Option<&[Ref]>,
        limit: usize,
    ) -> Result<Vec<VectorHit>> {
        let Some(query) = direction(vector) else { return Ok(vec![]) };
        let (kinds, only) = (kinds.to_vec(), only.map(|only| only.iter().copied().collect::<HashSet<Ref>>()));
        let nearest = move |held: &Matrices| {
            let Some(matrix) = held.matrices.get(&(workspace, query.len())) else { return vec![] };
            let near = matrix.nearest(&query, &kinds, only.as_ref(), limit.min(MAX_LIMIT));
            near.into_iter().map(|near| VectorHit { record: near.record, title: near.title.to_owned(), score: near.score }).collect()
        };
        self.mirror.work(nearest).await
    }

    async fn beside(&self) -> Result<Arc<dyn Vectors>> {
        Ok(Arc::new(Self { mirror: self.mirror.beside().await? }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trial::person;
    use crate::vectors::conformance::{self, at, upsert};

    fn in_memory() -> StoreSettings {
        StoreSettings { in_memory: true, ..StoreSettings::default() }
    }

    fn on_disk(folder: &tempfile::TempDir) -> StoreSettings {
        StoreSettings { data: folder.path().to_owned(), ..StoreSettings::default() }
    }

    #[tokio::test]
    async fn conforms_in_memory() {
        conformance::suite(&MemoryVectors::open(&in_memory()).await.unwrap()).await;
    }

    #[tokio::test]
    async fn conforms_on_disk() {
        let folder = tempfile::tempdir().unwrap();
        conformance::suite(&MemoryVectors::open(&on_disk(&folder)).await.unwrap()).await;
        let folder = tempfile::tempdir().unwrap();
        conformance::restart(async || MemoryVectors::open(&on_disk(&folder)).await.unwrap()).await;
    }

    /// Rewriting records many times over leaves no holes and mixes up nothing.
    #[tokio::test]
    async fn sweeping_keeps_every_record_with_its_own_vectors() {
        let store = MemoryVectors::open(&in_memory()).await.unwrap();
        let workspace = WorkspaceId::new();
        for version in 1..=12 {
            let changes: Vec<_> = (0..180)
                .map(|number| {
                    upsert(
                        workspace,
                        person(number),
                        version,
                        &number.to_string(),
                        vec![at(number as f32); 1 + (number as usize + version as usize) % 3],
                    )
                })
                .collect();
            store.apply(&changes, version).await.unwrap();
        }
        for number in (0..180).step_by(17) {
            let hits = store.nearest(workspace, &at(number as f32), &[], None, 1).await.unwrap();
            assert_eq!((hits[0].record, hits[0].title.clone()), (person(number), number.to_string()));
        }
        let rows = store.mirror.look(|held| held.matrices[&(workspace, 8)].rows()).await.unwrap();
        assert!(rows < 180 * 3 + 1024, "{rows} rows");
    }
}

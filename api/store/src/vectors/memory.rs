//! The vectors in this process, kept in `vectors.sqlite`.

use super::matrix::Matrix;
use super::{VectorChange, VectorHit};
use crate::ledger::{Entry, Ledger, Versions};
use crate::outbox::Position;
use crate::projection::{Inventory, Projection};
use crate::{Error, Result, StoreSettings, Vectors};
use async_trait::async_trait;
use looma_types::{RecordKind, Ref, WorkspaceId};
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use tokio::sync::{Mutex, OnceCell};

const MAX_LIMIT: usize = 10_000;

/// Read into memory when first used.
pub struct MemoryVectors {
    ledger: Ledger,
    held: OnceCell<Arc<RwLock<Held>>>,
    /// One change at a time, from the file to the memory.
    changing: Mutex<()>,
}

#[derive(Default)]
struct Held {
    position: Position,
    versions: Versions,
    /// By workspace and length: while a new model takes over, its vectors may be longer than the old ones.
    matrices: HashMap<(WorkspaceId, usize), Matrix>,
    widths: HashMap<(WorkspaceId, Ref), usize>,
}

impl Held {
    fn take(&mut self, entry: Entry) -> Result<()> {
        self.versions.note(&entry);
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
}

/// A record's vectors as bytes: width, length of the title, title, numbers; all little-endian.
struct Passages {
    title: String,
    width: usize,
    values: Vec<f32>,
}

impl Passages {
    /// Vectors that are no vectors (of another length than the first, or with a part that is no number) are left out.
    fn new(title: String, vectors: Vec<Vec<f32>>) -> Self {
        let width = vectors.first().map_or(0, Vec::len);
        let fine = |vector: &Vec<f32>| vector.len() == width && vector.iter().all(|part| part.is_finite());
        Self { title, width, values: vectors.into_iter().filter(fine).flatten().collect() }
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
    match change {
        VectorChange::Delete { workspace, record, version } => Entry { key: (*workspace, *record), version: *version, body: None },
        VectorChange::Upsert { workspace, record, version, title, vectors } => {
            Entry { key: (*workspace, *record), version: *version, body: Some(Passages::new(title.clone(), vectors.clone()).bytes()) }
        }
    }
}

fn read(held: &RwLock<Held>) -> RwLockReadGuard<'_, Held> {
    held.read().unwrap_or_else(PoisonError::into_inner)
}

fn write(held: &RwLock<Held>) -> RwLockWriteGuard<'_, Held> {
    held.write().unwrap_or_else(PoisonError::into_inner)
}

impl MemoryVectors {
    pub async fn open(settings: &StoreSettings) -> Result<Self> {
        Ok(Self { ledger: Ledger::open(settings, "vectors").await?, held: OnceCell::new(), changing: Mutex::new(()) })
    }

    async fn held(&self) -> Result<&Arc<RwLock<Held>>> {
        self.held
            .get_or_try_init(|| async {
                let mut held = Held::default();
                held.position = self.ledger.load(|entry| held.take(entry)).await?;
                held.matrices.values_mut().for_each(Matrix::shrink);
                Ok(Arc::new(RwLock::new(held)))
            })
            .await
    }
}

#[async_trait]
impl Projection for MemoryVectors {
    fn name(&self) -> &'static str {
        "vectors"
    }

    async fn position(&self) -> Result<Position> {
        Ok(read(self.held().await?).position)
    }

    async fn clear(&self) -> Result<()> {
        let _one = self.changing.lock().await;
        let held = self.held().await?;
        self.ledger.clear().await?;
        *write(held) = Held::default();
        Ok(())
    }

    async fn inventory(&self) -> Result<Inventory> {
        Ok(read(self.held().await?).versions.inventory())
    }
}

#[async_trait]
impl Vectors for MemoryVectors {
    async fn apply(&self, changes: &[VectorChange], upto: Position) -> Result<()> {
        let _one = self.changing.lock().await;
        let held = self.held().await?;
        let entries = read(held).versions.effective(changes.iter().map(entry));
        self.ledger.write(&entries, upto).await?;
        let mut held = write(held);
        for entry in entries {
            held.take(entry)?;
        }
        held.position = held.position.max(upto);
        Ok(())
    }

    async fn nearest(
        &self,
        workspace: WorkspaceId,
        vector: &[f32],
        kinds: &[RecordKind],
        only: Option<&[Ref]>,
        limit: usize,
    ) -> Result<Vec<VectorHit>> {
        let length = vector.iter().map(|part| part * part).sum::<f32>().sqrt();
        if !length.is_normal() {
            return Ok(vec![]);
        }
        let query: Vec<f32> = vector.iter().map(|part| part / length).collect();
        let (kinds, only) = (kinds.to_vec(), only.map(|only| only.iter().copied().collect::<HashSet<Ref>>()));
        let held = self.held().await?.clone();
        tokio::task::spawn_blocking(move || {
            let held = read(&held);
            let Some(matrix) = held.matrices.get(&(workspace, query.len())) else { return vec![] };
            let near = matrix.nearest(&query, &kinds, only.as_ref(), limit.min(MAX_LIMIT));
            near.into_iter().map(|near| VectorHit { record: near.record, title: near.title.to_owned(), score: near.score }).collect()
        })
        .await
        .map_err(|error| Error::other("vectors", error))
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
        let held = read(store.held().await.unwrap());
        let matrix = &held.matrices[&(workspace, 8)];
        assert!(matrix.rows() < 180 * 3 + 1024, "{} rows", matrix.rows());
    }
}

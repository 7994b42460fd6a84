//! The empty stores that an archive goes into.

use super::corrupt;
use crate::blobs::BlobHash;
use crate::stores::Truth;
use crate::{Result, Tx};
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt};
use looma_types::WorkspaceId;
use std::collections::BTreeSet;

/// So many blobs are written at once,
const BLOBS: usize = 8;
/// unless they are larger than this together.
const BLOB_BYTES: usize = 32 * 1024 * 1024;

/// Where documents or blobs of a workspace are.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    Documents(WorkspaceId, String),
    Blobs(WorkspaceId),
}

impl Place {
    async fn names(&self, truth: &Truth, limit: usize) -> Result<Vec<String>> {
        match self {
            Self::Documents(workspace, kind) => truth.documents.list(*workspace, kind, None, limit).await,
            Self::Blobs(workspace) => truth.blobs.list(*workspace, None, limit).await,
        }
    }

    /// Takes everything away.
    pub async fn clear(&self, truth: &Truth) -> Result<()> {
        loop {
            let names = self.names(truth, 500).await?;
            if names.is_empty() {
                return Ok(());
            }
            for name in names {
                match self {
                    Self::Documents(workspace, kind) => truth.documents.delete(*workspace, kind, &name).await?,
                    Self::Blobs(workspace) => truth.blobs.delete(*workspace, &name).await?,
                };
            }
        }
    }
}

/// Where an archive goes.
pub struct Target<'a> {
    pub truth: &'a Truth,
    pub tx: Tx,
    /// Places that held nothing before.
    pub fresh: BTreeSet<Place>,
    /// To be written together.
    blobs: Vec<(WorkspaceId, BlobHash, Bytes)>,
}

impl<'a> Target<'a> {
    pub fn new(truth: &'a Truth, tx: Tx) -> Self {
        Self { truth, tx, fresh: BTreeSet::new(), blobs: vec![] }
    }

    /// A blob to be written soon.
    pub async fn blob(&mut self, workspace: WorkspaceId, hash: &str, bytes: Bytes) -> Result<()> {
        self.enter(Place::Blobs(workspace)).await?;
        self.blobs.push((workspace, hash.into(), bytes));
        let waiting: usize = self.blobs.iter().map(|(.., bytes)| bytes.len()).sum();
        if self.blobs.len() >= BLOBS || waiting >= BLOB_BYTES { self.write_blobs().await } else { Ok(()) }
    }

    /// Notes that something comes to a place.
    pub async fn enter(&mut self, place: Place) -> Result<()> {
        if !self.fresh.contains(&place) && place.names(self.truth, 1).await?.is_empty() {
            self.fresh.insert(place);
        }
        Ok(())
    }

    /// Writes the blobs that wait.
    pub async fn write_blobs(&mut self) -> Result<()> {
        let (store, blobs) = (&self.truth.blobs, std::mem::take(&mut self.blobs).into_iter());
        let writes = blobs.map(|(workspace, hash, bytes)| async move {
            let written = store.put(workspace, bytes).await?;
            if written == hash { Ok(()) } else { Err(corrupt(format!("blob {hash} is not what its name says"))) }
        });
        let mut writes = futures::stream::iter(writes).buffer_unordered(BLOBS);
        while let Some(()) = writes.try_next().await? {}
        Ok(())
    }
}

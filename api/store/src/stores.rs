//! All roles, opened together.

use crate::blobs::directory::DirectoryBlobs;
use crate::cache::memory::MemoryCache;
use crate::documents::sqlite::SqliteDocuments;
use crate::graph::memory::MemoryGraph;
use crate::text::tantivy::TantivyIndex;
use crate::vectors::memory::MemoryVectors;
use crate::{Blobs, Cache, Documents, Graph, Result, Sql, StoreSettings, TextIndex, Vectors};
use std::sync::Arc;

/// The parts list of the storage.
#[derive(Clone)]
pub struct Stores {
    pub settings: StoreSettings,
    pub sql: Sql,
    pub documents: Arc<dyn Documents>,
    pub blobs: Arc<dyn Blobs>,
    pub cache: Arc<dyn Cache>,
    pub graph: Arc<dyn Graph>,
    pub text: Arc<dyn TextIndex>,
    pub vectors: Arc<dyn Vectors>,
}

impl Stores {
    /// Opens every role as the settings say; independent ones side by side.
    pub async fn open(settings: &StoreSettings) -> Result<Self> {
        let (sql, documents, blobs, graph, text, vectors) = tokio::try_join!(
            Sql::open(settings),
            SqliteDocuments::open(settings),
            DirectoryBlobs::open(settings),
            MemoryGraph::open(settings),
            TantivyIndex::open(settings),
            MemoryVectors::open(settings),
        )?;
        Ok(Self {
            settings: settings.clone(),
            sql,
            documents: Arc::new(documents),
            blobs: Arc::new(blobs),
            cache: Arc::new(MemoryCache::new(settings)),
            graph: Arc::new(graph),
            text: Arc::new(text),
            vectors: Arc::new(vectors),
        })
    }
}

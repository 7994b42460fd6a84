//! All roles, opened together.

use crate::blobs::directory::DirectoryBlobs;
use crate::blobs::s3::S3Blobs;
use crate::cache::fallback::FallbackCache;
use crate::cache::memory::MemoryCache;
use crate::cache::redis::RedisCache;
use crate::cache::sqlite::SqliteCache;
use crate::documents::mongodb::MongoDocuments;
use crate::documents::sqlite::SqliteDocuments;
use crate::elsewhere::Elsewhere;
use crate::graph::memory::MemoryGraph;
use crate::graph::neo4j::Neo4jGraph;
use crate::text::elasticsearch::ElasticIndex;
use crate::text::tantivy::TantivyIndex;
use crate::vectors::memory::MemoryVectors;
use crate::vectors::weaviate::WeaviateVectors;
use crate::{Blobs, Cache, Documents, Graph, Result, Sql, StoreSettings, TextIndex, Vectors};
use std::sync::Arc;

/// What cannot be made anew: all that an archive holds.
#[derive(Clone)]
pub struct Truth {
    pub sql: Sql,
    pub documents: Arc<dyn Documents>,
    pub blobs: Arc<dyn Blobs>,
}

impl Truth {
    /// Opens these roles alone, as the settings say.
    pub async fn open(settings: &StoreSettings) -> Result<Self> {
        let (sql, documents, blobs) =
            tokio::try_join!(Box::pin(Sql::open(settings)), Box::pin(documents(settings)), Box::pin(blobs(settings)))?;
        Ok(Self { sql, documents, blobs })
    }

    /// Ends all connections, so that nothing touches the files of embedded stores any more.
    pub async fn close(&self) {
        self.sql.close().await;
        self.documents.close().await;
    }
}

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
    /// # Errors
    /// When a store of the truth cannot be reached. Derived stores may be away: what needs them says so until they are back.
    pub async fn open(settings: &StoreSettings) -> Result<Self> {
        let (truth, cache, graph, text, vectors) =
            tokio::try_join!(Truth::open(settings), cache(settings), graph(settings), text(settings), vectors(settings))?;
        let Truth { sql, documents, blobs } = truth;
        Ok(Self { settings: settings.clone(), sql, documents, blobs, cache, graph, text, vectors })
    }

    /// What all the rest can be made from.
    pub fn truth(&self) -> Truth {
        Truth { sql: self.sql.clone(), documents: self.documents.clone(), blobs: self.blobs.clone() }
    }
}

/// Whether each engine of the settings can be reached and lets us in, by its key.
pub async fn check(settings: &StoreSettings) -> Vec<(&'static str, Result<()>)> {
    let mut checks = Vec::new();
    for (key, _) in settings.engines() {
        let answer = async {
            match key {
                "postgres" => Sql::reach(settings).await,
                "mongodb" => documents(settings).await?.ping().await,
                "s3" => blobs(settings).await?.ping().await,
                "redis" => cache(settings).await?.ping().await,
                "neo4j" => graph(settings).await?.ping().await,
                "elasticsearch" => text(settings).await?.ping().await,
                _ => vectors(settings).await?.ping().await,
            }
        };
        checks.push((key, answer.await));
    }
    checks
}

async fn documents(settings: &StoreSettings) -> Result<Arc<dyn Documents>> {
    Ok(match &settings.mongodb {
        Some(engine) => Arc::new(MongoDocuments::open(engine).await?),
        None => Arc::new(SqliteDocuments::open(settings).await?),
    })
}

async fn blobs(settings: &StoreSettings) -> Result<Arc<dyn Blobs>> {
    Ok(match &settings.s3 {
        Some(engine) => Arc::new(S3Blobs::open(engine).await?),
        None => Arc::new(DirectoryBlobs::open(settings).await?),
    })
}

async fn cache(settings: &StoreSettings) -> Result<Arc<dyn Cache>> {
    Ok(match &settings.redis {
        Some(engine) => Arc::new(FallbackCache::new(RedisCache::open(engine)?, MemoryCache::new(settings))),
        None if settings.share.is_some() => Arc::new(SqliteCache::open(settings).await?),
        None => Arc::new(MemoryCache::new(settings)),
    })
}

async fn graph(settings: &StoreSettings) -> Result<Arc<dyn Graph>> {
    Ok(match &settings.neo4j {
        Some(engine) => Arc::new(Neo4jGraph::open(engine)?),
        None if settings.share.is_some_and(|share| !share.graph) => Arc::new(Elsewhere { name: "graph", engine: "neo4j" }),
        None => Arc::new(MemoryGraph::open(settings).await?),
    })
}

async fn text(settings: &StoreSettings) -> Result<Arc<dyn TextIndex>> {
    Ok(match &settings.elasticsearch {
        Some(engine) => Arc::new(ElasticIndex::open(engine)?),
        None if settings.share.is_some_and(|share| !share.search) => Arc::new(Elsewhere { name: "text", engine: "elasticsearch" }),
        None => Arc::new(TantivyIndex::open(settings).await?),
    })
}

async fn vectors(settings: &StoreSettings) -> Result<Arc<dyn Vectors>> {
    Ok(match &settings.weaviate {
        Some(engine) => Arc::new(WeaviateVectors::open(engine)?),
        None if settings.share.is_some_and(|share| !share.search) => Arc::new(Elsewhere { name: "vectors", engine: "weaviate" }),
        None => Arc::new(MemoryVectors::open(settings).await?),
    })
}

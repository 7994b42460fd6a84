//! Documents in a SQLite file of their own.

use super::{CHUNK, DocumentHash, checked, named};
use crate::{Documents, Result, StoreSettings, sqlite};
use async_trait::async_trait;
use looma_types::WorkspaceId;
use serde_json::Value;
use sqlx::sqlite::{SqliteExecutor, SqlitePool};
use sqlx::types::Json;
use std::collections::HashMap;

const TABLES: &str = "CREATE TABLE IF NOT EXISTS documents (
    workspace_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    hash TEXT NOT NULL,
    body BLOB NOT NULL,
    UNIQUE (workspace_id, kind, hash)
) STRICT";

/// `documents.sqlite`.
pub struct SqliteDocuments {
    read: SqlitePool,
    write: SqlitePool,
}

impl SqliteDocuments {
    pub async fn open(settings: &StoreSettings) -> Result<Self> {
        let (read, write) = sqlite::truth(settings, "documents").await?;
        sqlx::raw_sql(TABLES).execute(&write).await?;
        Ok(Self { read, write })
    }
}

/// Overwriting with the same bytes mends a damaged one.
async fn keep<'c, E: SqliteExecutor<'c>>(db: E, workspace: WorkspaceId, kind: &str, hash: &str, body: Vec<u8>) -> Result<()> {
    let keep = sqlx::query(
        "INSERT INTO documents (workspace_id, kind, hash, body) VALUES ($1, $2, $3, $4)
         ON CONFLICT (workspace_id, kind, hash) DO UPDATE SET body = excluded.body WHERE body <> excluded.body",
    );
    keep.bind(workspace.0).bind(kind).bind(hash).bind(body).execute(db).await?;
    Ok(())
}

#[async_trait]
impl Documents for SqliteDocuments {
    async fn put(&self, workspace: WorkspaceId, kind: &str, value: &Value) -> Result<DocumentHash> {
        let (hash, body) = named(kind, value)?;
        keep(&self.write, workspace, kind, &hash, body).await?;
        Ok(hash)
    }

    async fn put_many(&self, workspace: WorkspaceId, kind: &str, values: &[Value]) -> Result<Vec<DocumentHash>> {
        let mut hashes = Vec::with_capacity(values.len());
        let mut tx = self.write.begin_with("BEGIN IMMEDIATE").await?;
        for value in values {
            let (hash, body) = named(kind, value)?;
            keep(&mut *tx, workspace, kind, &hash, body).await?;
            hashes.push(hash);
        }
        tx.commit().await?;
        Ok(hashes)
    }

    async fn get(&self, workspace: WorkspaceId, kind: &str, hash: &str) -> Result<Option<Value>> {
        let body: Option<Vec<u8>> = sqlx::query_scalar("SELECT body FROM documents WHERE workspace_id = $1 AND kind = $2 AND hash = $3")
            .bind(workspace.0)
            .bind(kind)
            .bind(hash)
            .fetch_optional(&self.read)
            .await?;
        body.map(|body| checked(hash, &body)).transpose()
    }

    async fn get_many(&self, workspace: WorkspaceId, kind: &str, hashes: &[DocumentHash]) -> Result<Vec<Option<Value>>> {
        let mut answers = Vec::with_capacity(hashes.len());
        for chunk in hashes.chunks(CHUNK) {
            let rows: Vec<(String, Vec<u8>)> = sqlx::query_as(
                "SELECT hash, body FROM documents WHERE workspace_id = $1 AND kind = $2 AND hash IN (SELECT value FROM json_each($3))",
            )
            .bind(workspace.0)
            .bind(kind)
            .bind(Json(chunk))
            .fetch_all(&self.read)
            .await?;
            let found: HashMap<String, Vec<u8>> = rows.into_iter().collect();
            for hash in chunk {
                answers.push(found.get(hash).map(|body| checked(hash, body)).transpose()?);
            }
        }
        Ok(answers)
    }

    async fn delete(&self, workspace: WorkspaceId, kind: &str, hash: &str) -> Result<bool> {
        let done = sqlx::query("DELETE FROM documents WHERE workspace_id = $1 AND kind = $2 AND hash = $3")
            .bind(workspace.0)
            .bind(kind)
            .bind(hash)
            .execute(&self.write)
            .await?;
        Ok(done.rows_affected() > 0)
    }

    async fn list(&self, workspace: WorkspaceId, kind: &str, after: Option<&str>, limit: usize) -> Result<Vec<DocumentHash>> {
        Ok(sqlx::query_scalar("SELECT hash FROM documents WHERE workspace_id = $1 AND kind = $2 AND hash > $3 ORDER BY hash LIMIT $4")
            .bind(workspace.0)
            .bind(kind)
            .bind(after.unwrap_or_default())
            .bind(i64::try_from(limit).unwrap_or(i64::MAX))
            .fetch_all(&self.read)
            .await?)
    }

    async fn ping(&self) -> Result<()> {
        sqlx::query_scalar::<_, i32>("SELECT 1").fetch_one(&self.read).await?;
        Ok(())
    }

    async fn close(&self) {
        self.read.close().await;
        self.write.close().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Error;
    use crate::documents::conformance;
    use serde_json::json;

    fn settings(folder: &tempfile::TempDir) -> StoreSettings {
        StoreSettings { data: folder.path().to_owned(), ..StoreSettings::default() }
    }

    #[tokio::test]
    async fn conforms_in_memory() {
        conformance::suite(&SqliteDocuments::open(&StoreSettings { in_memory: true, ..StoreSettings::default() }).await.unwrap()).await;
    }

    #[tokio::test]
    async fn conforms_on_disk() {
        let folder = tempfile::tempdir().unwrap();
        conformance::suite(&SqliteDocuments::open(&settings(&folder)).await.unwrap()).await;
    }

    #[tokio::test]
    async fn survives_and_tells_what_was_damaged() {
        let folder = tempfile::tempdir().unwrap();
        let workspace = WorkspaceId::new();
        let hash = SqliteDocuments::open(&settings(&folder)).await.unwrap().put(workspace, "resume", &json!({"a": 1})).await.unwrap();
        let again = SqliteDocuments::open(&settings(&folder)).await.unwrap();
        assert_eq!(again.get(workspace, "resume", &hash).await.unwrap(), Some(json!({"a": 1})));
        sqlx::query("UPDATE documents SET body = CAST('{\"a\":2}' AS BLOB)").execute(&again.write).await.unwrap();
        assert!(matches!(again.get(workspace, "resume", &hash).await, Err(Error::Corrupt { .. })));
        assert!(matches!(again.get_many(workspace, "resume", std::slice::from_ref(&hash)).await, Err(Error::Corrupt { .. })));
        again.put(workspace, "resume", &json!({"a": 1})).await.unwrap();
        assert_eq!(again.get(workspace, "resume", &hash).await.unwrap(), Some(json!({"a": 1})), "putting it again mends it");
    }
}

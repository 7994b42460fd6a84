//! Answers kept under the key their client chose, so that a repeated request is not done twice.

use crate::{on, Result, Sql};
use looma_types::WorkspaceId;
use uuid::Uuid;

/// What is known under a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// Nothing: the key is ours now, do the work.
    New,
    /// The same request is being done, or was cut off less than a minute ago.
    InProgress,
    /// The key was used for another request.
    Mismatch,
    /// Done: the answer.
    Done { status: u16, headers: String, body: Vec<u8> },
}

#[derive(sqlx::FromRow)]
struct Row {
    fingerprint: String,
    status: Option<i32>,
    headers: Option<String>,
    body: Option<Vec<u8>>,
    created_at: chrono::DateTime<chrono::Utc>,
}

impl Sql {
    /// Claims a key or tells what it holds. `fingerprint` names method, path and body.
    pub async fn claim_key(&self, workspace: WorkspaceId, actor: Uuid, key: &str, fingerprint: &str) -> Result<Kept> {
        let now = looma_types::now();
        let made = on!(self.write(), db => sqlx::query(
            "INSERT INTO idempotency (workspace_id, actor_id, key, fingerprint, created_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING")
            .bind(workspace.0).bind(actor).bind(key).bind(fingerprint).bind(now)
            .execute(db).await.map(|done| done.rows_affected()))?;
        if made == 1 {
            return Ok(Kept::New);
        }
        let row: Row = on!(self.write(), db => sqlx::query_as(
            "SELECT fingerprint, status, headers, body, created_at FROM idempotency WHERE workspace_id = $1 AND actor_id = $2 AND key = $3")
            .bind(workspace.0).bind(actor).bind(key).fetch_one(db).await)?;
        Ok(match row {
            row if row.fingerprint != fingerprint => Kept::Mismatch,
            Row { status: Some(status), headers, body, .. } => {
                Kept::Done { status: status as u16, headers: headers.unwrap_or_default(), body: body.unwrap_or_default() }
            }
            row if now - row.created_at < chrono::Duration::minutes(1) => Kept::InProgress,
            _ => Kept::New,
        })
    }

    /// Keeps the answer.
    pub async fn keep_answer(&self, workspace: WorkspaceId, actor: Uuid, key: &str, status: u16, headers: &str, body: &[u8]) -> Result<()> {
        on!(self.write(), db => sqlx::query(
            "UPDATE idempotency SET status = $4, headers = $5, body = $6 WHERE workspace_id = $1 AND actor_id = $2 AND key = $3")
            .bind(workspace.0).bind(actor).bind(key).bind(i32::from(status)).bind(headers).bind(body)
            .execute(db).await.map(|_| ()))?;
        Ok(())
    }

    /// Gives a key back after a failure that may be tried again.
    pub async fn release_key(&self, workspace: WorkspaceId, actor: Uuid, key: &str) -> Result<()> {
        on!(self.write(), db => sqlx::query("DELETE FROM idempotency WHERE workspace_id = $1 AND actor_id = $2 AND key = $3")
            .bind(workspace.0).bind(actor).bind(key).execute(db).await.map(|_| ()))?;
        Ok(())
    }

    /// Forgets keys older than a day; how many.
    pub async fn sweep_keys(&self) -> Result<u64> {
        let before = looma_types::now() - chrono::Duration::days(1);
        Ok(on!(self.write(), db => sqlx::query("DELETE FROM idempotency WHERE created_at < $1")
            .bind(before).execute(db).await.map(|done| done.rows_affected()))?)
    }
}

//! Answers kept under the key their client chose, so that a repeated request is not done twice.

use crate::{Result, Sql, on};
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
        let row: Option<Row> = on!(self.write(), db => sqlx::query_as(
            "SELECT fingerprint, status, headers, body FROM idempotency WHERE workspace_id = $1 AND actor_id = $2 AND key = $3")
            .bind(workspace.0).bind(actor).bind(key).fetch_optional(db).await)?;
        Ok(match row {
            Some(row) if row.fingerprint != fingerprint => Kept::Mismatch,
            Some(Row { status: Some(status), headers, body, .. }) => {
                Kept::Done { status: status as u16, headers: headers.unwrap_or_default(), body: body.unwrap_or_default() }
            }
            Some(_) if self.take_over(workspace, actor, key, now).await? => Kept::New,
            // Where there is none, it was given back this moment.
            _ => Kept::InProgress,
        })
    }

    /// Takes a key whose work was cut off; only one of several does.
    async fn take_over(&self, workspace: WorkspaceId, actor: Uuid, key: &str, now: looma_types::Instant) -> Result<bool> {
        let taken = on!(self.write(), db => sqlx::query(
            "UPDATE idempotency SET created_at = $4
             WHERE workspace_id = $1 AND actor_id = $2 AND key = $3 AND status IS NULL AND created_at < $5")
            .bind(workspace.0).bind(actor).bind(key).bind(now).bind(now - chrono::Duration::minutes(1))
            .execute(db).await.map(|done| done.rows_affected()))?;
        Ok(taken == 1)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::StoreSettings;

    async fn age(sql: &Sql, by: chrono::Duration) {
        on!(sql.write(), db => sqlx::query("UPDATE idempotency SET created_at = $1")
            .bind(looma_types::now() - by).execute(db).await.map(|_| ()))
        .unwrap();
    }

    #[tokio::test]
    async fn a_key_is_done_once_and_answers_the_same_after() {
        let sql = Sql::open(&StoreSettings { in_memory: true, ..StoreSettings::default() }).await.unwrap();
        let (workspace, actor) = (WorkspaceId::new(), Uuid::now_v7());
        assert_eq!(sql.claim_key(workspace, actor, "k", "POST /a").await.unwrap(), Kept::New);
        assert_eq!(sql.claim_key(workspace, actor, "k", "POST /a").await.unwrap(), Kept::InProgress);
        assert_eq!(sql.claim_key(workspace, actor, "k", "POST /b").await.unwrap(), Kept::Mismatch);
        assert_eq!(sql.claim_key(WorkspaceId::new(), actor, "k", "POST /b").await.unwrap(), Kept::New, "another workspace's key");
        assert_eq!(sql.claim_key(workspace, Uuid::now_v7(), "k", "POST /b").await.unwrap(), Kept::New, "another actor's key");

        sql.keep_answer(workspace, actor, "k", 201, "location: /a/1", b"{}").await.unwrap();
        let done = Kept::Done { status: 201, headers: "location: /a/1".into(), body: b"{}".to_vec() };
        assert_eq!(sql.claim_key(workspace, actor, "k", "POST /a").await.unwrap(), done);
        assert_eq!(sql.claim_key(workspace, actor, "k", "POST /b").await.unwrap(), Kept::Mismatch);
        sql.release_key(workspace, actor, "k").await.unwrap();
        assert_eq!(sql.claim_key(workspace, actor, "k", "POST /b").await.unwrap(), Kept::New);
    }

    #[tokio::test]
    async fn only_one_takes_over_what_was_cut_off() {
        let sql = Sql::open(&StoreSettings { in_memory: true, ..StoreSettings::default() }).await.unwrap();
        let (workspace, actor) = (WorkspaceId::new(), Uuid::now_v7());
        sql.claim_key(workspace, actor, "k", "POST /a").await.unwrap();
        age(&sql, chrono::Duration::seconds(61)).await;
        assert_eq!(sql.claim_key(workspace, actor, "k", "POST /a").await.unwrap(), Kept::New, "cut off a minute ago: do it again");
        assert_eq!(sql.claim_key(workspace, actor, "k", "POST /a").await.unwrap(), Kept::InProgress, "but only once");
    }

    #[tokio::test]
    async fn keys_are_forgotten_after_a_day() {
        let sql = Sql::open(&StoreSettings { in_memory: true, ..StoreSettings::default() }).await.unwrap();
        let (workspace, actor) = (WorkspaceId::new(), Uuid::now_v7());
        sql.claim_key(workspace, actor, "old", "a").await.unwrap();
        age(&sql, chrono::Duration::hours(25)).await;
        sql.claim_key(workspace, actor, "new", "a").await.unwrap();
        assert_eq!(sql.sweep_keys().await.unwrap(), 1);
        assert_eq!(sql.claim_key(workspace, actor, "old", "a").await.unwrap(), Kept::New);
        assert_eq!(sql.claim_key(workspace, actor, "new", "a").await.unwrap(), Kept::InProgress);
    }
}

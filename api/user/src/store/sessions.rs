//! The table `session`: where users are signed in. Its rows that are apps' are in `oauth`.

use super::{UserStore, event, own_event};
use crate::refresh::Kept;
use chrono::{DateTime, Utc};
use looma_kernel::types::user::{SessionInfo, User};
use looma_kernel::types::{SessionId, UserId, WorkspaceId, now};
use looma_kernel::{Actor, Change, NewEvent, Result};
use looma_store::detail::changed;
use looma_store::on;
use serde_json::{Value, json};
use uuid::Uuid;

/// A user is signed in at no more places than this; then the one that was not used for the longest time ends.
pub(crate) const MOST_SESSIONS: i64 = 100;

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    created_at: DateTime<Utc>,
    last_used_at: DateTime<Utc>,
    user_agent: String,
}

/// What a refresh needs to know.
#[derive(sqlx::FromRow)]
struct Renewal {
    workspace_id: Uuid,
    account_id: Uuid,
    family_hash: Vec<u8>,
    token_hash: Vec<u8>,
}

impl UserStore {
    /// Begins a session and writes `user.login`.
    pub async fn begin_session(
        &self,
        user: &User,
        id: SessionId,
        kept: &Kept,
        user_agent: &str,
        until: DateTime<Utc>,
        mut detail: Value,
    ) -> Result<()> {
        let at = now();
        let mut tx = self.sql.begin().await?;
        on!(tx.conn(), db => sqlx::query(
            "INSERT INTO session (id, workspace_id, account_id, family_hash, token_hash, user_agent, created_at, last_used_at, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)")
            .bind(id.0).bind(user.workspace_id.0).bind(user.id.0).bind(&kept.family).bind(&kept.fresh).bind(user_agent)
            .bind(at).bind(at).bind(until).execute(db).await.map(|_| ()))?;
        let ended: Vec<Uuid> = on!(tx.conn(), db => sqlx::query_scalar(
            "DELETE FROM session WHERE account_id = $1 AND client_id IS NULL AND id NOT IN
             (SELECT id FROM session WHERE account_id = $1 AND client_id IS NULL ORDER BY last_used_at DESC LIMIT $2) RETURNING id")
            .bind(user.id.0).bind(MOST_SESSIONS).fetch_all(db).await)?;
        detail["session"] = json!(id);
        if !ended.is_empty() {
            detail["ended"] = json!(ended);
        }
        tx.event(own_event(user, "user.login", detail)).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Notes in the audit log what a user did, or what was done in their name.
    pub async fn note(&self, user: &User, action: &'static str, detail: Value) -> Result<()> {
        let mut tx = self.sql.begin().await?;
        tx.event(own_event(user, action, detail)).await?;
        tx.commit().await?;
        Ok(())
    }

    /// A user's own session that has not run out: whose it is and the newest refresh token.
    pub async fn session(&self, id: SessionId) -> Result<Option<(WorkspaceId, UserId, Kept)>> {
        let row: Option<Renewal> = on!(self.sql.read(), db => sqlx::query_as(
            "SELECT workspace_id, account_id, family_hash, token_hash FROM session WHERE id = $1 AND client_id IS NULL AND expires_at > $2")
            .bind(id.0).bind(now()).fetch_optional(db).await)?;
        Ok(row.map(|row| (row.workspace_id.into(), row.account_id.into(), Kept { family: row.family_hash, fresh: row.token_hash })))
    }

    /// Puts the next refresh token in the place of `old`; false when `old` is not the newest any more.
    pub async fn renew_session(&self, id: SessionId, old: &Kept, new: &Kept, until: DateTime<Utc>) -> Result<bool> {
        Ok(on!(self.sql.write(), db => sqlx::query(
            "UPDATE session SET token_hash = $3, last_used_at = $4, expires_at = $5 WHERE id = $1 AND token_hash = $2")
            .bind(id.0).bind(&old.fresh).bind(&new.fresh).bind(now()).bind(until)
            .execute(db).await.map(|done| done.rows_affected()))?
            == 1)
    }

    /// Where a user is signed in, last used first.
    pub async fn sessions(&self, workspace: WorkspaceId, user: UserId, current: Option<SessionId>) -> Result<Vec<SessionInfo>> {
        let rows: Vec<Row> = on!(self.sql.read(), db => sqlx::query_as(
            "SELECT id, created_at, last_used_at, user_agent FROM session
             WHERE workspace_id = $1 AND account_id = $2 AND client_id IS NULL AND expires_at > $3 ORDER BY last_used_at DESC LIMIT $4")
            .bind(workspace.0).bind(user.0).bind(now()).bind(MOST_SESSIONS).fetch_all(db).await)?;
        let info = |row: Row| {
            let id = SessionId(row.id);
            SessionInfo {
                id,
                created_at: row.created_at,
                last_used_at: row.last_used_at,
                user_agent: row.user_agent,
                current: current == Some(id),
            }
        };
        Ok(rows.into_iter().map(info).collect())
    }

    /// When a user signed in; none for the session of an app, and for one that has ended.
    pub async fn sign_in(&self, id: SessionId) -> Result<Option<DateTime<Utc>>> {
        Ok(
            on!(self.sql.read(), db => sqlx::query_scalar("SELECT created_at FROM session WHERE id = $1 AND client_id IS NULL AND expires_at > $2")
            .bind(id.0).bind(now()).fetch_optional(db).await)?,
        )
    }

    /// All of a user's sessions, also those of apps.
    pub async fn session_ids(&self, user: UserId) -> Result<Vec<SessionId>> {
        let ids: Vec<Uuid> = on!(self.sql.read(), db => sqlx::query_scalar("SELECT id FROM session WHERE account_id = $1")
            .bind(user.0).fetch_all(db).await)?;
        Ok(ids.into_iter().map(SessionId).collect())
    }

    /// Ends one session; whether there was one.
    pub async fn end_session(&self, user: &User, id: SessionId, action: &'static str) -> Result<bool> {
        let mut tx = self.sql.begin().await?;
        let gone = on!(tx.conn(), db => sqlx::query("DELETE FROM session WHERE workspace_id = $1 AND account_id = $2 AND id = $3")
            .bind(user.workspace_id.0).bind(user.id.0).bind(id.0).execute(db).await.map(|done| done.rows_affected()))?;
        if gone == 0 {
            return Ok(false);
        }
        tx.event(own_event(user, action, json!({ "session": id }))).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Ends a user's sessions but one, also those of apps; those that ended.
    pub async fn end_sessions(&self, actor: &Actor, user: &User, but: Option<SessionId>) -> Result<Vec<SessionId>> {
        let mut tx = self.sql.begin().await?;
        // No session begins from a code that one of them got.
        on!(tx.conn(), db => sqlx::query("DELETE FROM oauth_code WHERE account_id = $1 AND session_id IS NULL")
            .bind(user.id.0).execute(db).await.map(|_| ()))?;
        let ids: Vec<Uuid> = on!(tx.conn(), db => sqlx::query_scalar(
            "DELETE FROM session WHERE workspace_id = $1 AND account_id = $2 AND id <> $3 RETURNING id")
            .bind(user.workspace_id.0).bind(user.id.0).bind(but.map_or_else(Uuid::nil, |id| id.0)).fetch_all(db).await)?;
        if !ids.is_empty() {
            let detail = changed(json!({ "sessions": &ids }), json!({ "sessions": [] }));
            tx.event(NewEvent { detail, ..event(actor, user, "user.sessions_ended", Change::Note) }).await?;
        }
        tx.commit().await?;
        Ok(ids.into_iter().map(SessionId).collect())
    }

    /// Forgets sessions that have run out; how many.
    pub async fn sweep_sessions(&self) -> Result<u64> {
        Ok(on!(self.sql.write(), db => sqlx::query("DELETE FROM session WHERE expires_at <= $1")
            .bind(now()).execute(db).await.map(|done| done.rows_affected()))?)
    }
}

//! The table `oauth_client`.

use super::{UserStore, note};
use crate::oauth::Known;
use chrono::{DateTime, Utc};
use looma_kernel::types::oauth::{Client, ClientDraft};
use looma_kernel::types::{ClientId, Page, SessionId, WorkspaceId, now};
use looma_kernel::{Failure, ListQuery, NewEvent, Result};
use looma_store::detail::changed;
use looma_store::on;
use serde_json::json;
use sqlx::types::Json;
use uuid::Uuid;

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    workspace_id: Uuid,
    fields: Json<ClientDraft>,
    secret_hash: Option<Vec<u8>>,
    session_id: Uuid,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<Row> for Known {
    fn from(row: Row) -> Self {
        let client = Client {
            id: row.id.into(),
            fields: row.fields.0,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
            secret: None,
        };
        Self { client, workspace: row.workspace_id.into(), secret_hash: row.secret_hash, session: row.session_id.into() }
    }
}

impl UserStore {
    pub async fn insert_client(&self, known: &Known, event: NewEvent) -> Result<()> {
        let client = &known.client;
        let mut tx = self.sql.begin().await?;
        on!(tx.conn(), db => sqlx::query(
            "INSERT INTO oauth_client (id, workspace_id, name, fields, secret_hash, session_id, version, created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)")
            .bind(client.id.0).bind(known.workspace.0).bind(&client.fields.name).bind(Json(&client.fields)).bind(&known.secret_hash)
            .bind(known.session.0).bind(client.version).bind(client.created_at).bind(client.updated_at)
            .execute(db).await.map(|_| ()))?;
        tx.event(event).await?;
        tx.commit().await?;
        Ok(())
    }

    /// An app of any workspace: the id alone finds out which one it is.
    pub async fn known_client(&self, id: ClientId) -> Result<Option<Known>> {
        let row: Option<Row> = on!(self.sql.read(), db => sqlx::query_as(
            "SELECT id, workspace_id, fields, secret_hash, session_id, version, created_at, updated_at FROM oauth_client WHERE id = $1")
            .bind(id.0).fetch_optional(db).await)?;
        Ok(row.map(Into::into))
    }

    /// In order of name.
    pub async fn clients(&self, workspace: WorkspaceId, query: &ListQuery) -> Result<Page<Client>> {
        let limit = query.limit()?;
        let (name, id): (String, Uuid) = query.after()?.unwrap_or_default();
        let rows: Vec<Row> = on!(self.sql.read(), db => sqlx::query_as(
            "SELECT id, workspace_id, fields, secret_hash, session_id, version, created_at, updated_at FROM oauth_client
             WHERE workspace_id = $1 AND (name, id) > ($2, $3) ORDER BY name, id LIMIT $4")
            .bind(workspace.0).bind(name).bind(id).bind(limit + 1).fetch_all(db).await)?;
        let clients = rows.into_iter().map(|row| Known::from(row).client).collect();
        Ok(ListQuery::page(limit, clients, |client: &Client| (client.fields.name.clone(), client.id.0)))
    }

    pub async fn count_clients(&self, workspace: WorkspaceId) -> Result<i64> {
        Ok(on!(self.sql.read(), db => sqlx::query_scalar("SELECT COUNT(*) FROM oauth_client WHERE workspace_id = $1")
            .bind(workspace.0).fetch_one(db).await)?)
    }

    /// Refuses as stale where the version before is not the one stored.
    pub async fn update_client(&self, workspace: WorkspaceId, client: &Client, session: SessionId, event: NewEvent) -> Result<()> {
        let mut tx = self.sql.begin().await?;
        let changed = on!(tx.conn(), db => sqlx::query(
            "UPDATE oauth_client SET name = $3, fields = $4, session_id = $5, version = $6, updated_at = $7
             WHERE workspace_id = $1 AND id = $2 AND version = $6 - 1")
            .bind(workspace.0).bind(client.id.0).bind(&client.fields.name).bind(Json(&client.fields)).bind(session.0)
            .bind(client.version).bind(client.updated_at).execute(db).await.map(|done| done.rows_affected()))?;
        if changed == 0 {
            return Err(Failure::stale());
        }
        tx.event(event).await?;
        tx.commit().await?;
        Ok(())
    }

    pub async fn replace_secret(
        &self,
        workspace: WorkspaceId,
        id: ClientId,
        hash: &[u8],
        session: SessionId,
        event: NewEvent,
    ) -> Result<()> {
        let mut tx = self.sql.begin().await?;
        let changed = on!(tx.conn(), db => sqlx::query("UPDATE oauth_client SET secret_hash = $3, session_id = $4 WHERE workspace_id = $1 AND id = $2")
            .bind(workspace.0).bind(id.0).bind(hash).bind(session.0).execute(db).await.map(|done| done.rows_affected()))?;
        if changed == 0 {
            return Err(Failure::not_found("app"));
        }
        tx.event(event).await?;
        tx.commit().await?;
        Ok(())
    }

    /// From now on the app's own tokens name another session.
    pub async fn replace_client_session(&self, known: &Known, session: SessionId) -> Result<()> {
        let Known { client, workspace, .. } = known;
        let mut tx = self.sql.begin().await?;
        on!(tx.conn(), db => sqlx::query("UPDATE oauth_client SET session_id = $2, updated_at = $3 WHERE id = $1")
            .bind(client.id.0).bind(session.0).bind(now()).execute(db).await.map(|_| ()))?;
        let detail = changed(json!({ "session": known.session }), json!({ "session": session }));
        let who = (Some(client.id.0), client.fields.name.as_str());
        tx.event(note(*workspace, client.id.0, who, "oauth_client.revoked", detail)).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Deletes an app with what users allowed it; the sessions that ended.
    pub async fn delete_client(&self, workspace: WorkspaceId, client: &Client, mut event: NewEvent) -> Result<Vec<SessionId>> {
        let mut tx = self.sql.begin().await?;
        let ended: Vec<Uuid> = on!(tx.conn(), db => sqlx::query_scalar("DELETE FROM session WHERE client_id = $1 RETURNING id")
            .bind(client.id.0).fetch_all(db).await)?;
        let gone = on!(tx.conn(), db => sqlx::query("DELETE FROM oauth_client WHERE workspace_id = $1 AND id = $2 AND version = $3")
            .bind(workspace.0).bind(client.id.0).bind(client.version).execute(db).await.map(|done| done.rows_affected()))?;
        if gone == 0 {
            return Err(Failure::stale());
        }
        event.detail["sessions"] = json!(&ended);
        tx.event(event).await?;
        tx.commit().await?;
        Ok(ended.into_iter().map(SessionId).collect())
    }
}

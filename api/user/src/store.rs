//! The tables of the user service.

mod accounts;
mod api_keys;
mod oauth;
mod oauth_clients;
mod second_factors;
mod sessions;
mod workspaces;

pub use accounts::UserSource;
pub(crate) use accounts::{Account, List, event};
pub(crate) use oauth::{AppSession, Code, KeptCode, NewSession};

use chrono::{DateTime, Utc};
use looma_kernel::types::record::Ref;
use looma_kernel::types::user::User;
use looma_kernel::types::{RecordKind, ServiceName, WorkspaceId, now};
use looma_kernel::{Result, context};
use looma_store::detail::changed;
use looma_store::outbox::{Change, NewEvent};
use looma_store::{Sql, Tx, on};
use serde_json::{Value, json};
use uuid::Uuid;

#[derive(Clone)]
pub(crate) struct UserStore {
    sql: Sql,
}

impl UserStore {
    pub fn new(sql: Sql) -> Self {
        Self { sql }
    }

    /// The keys that sign access tokens, newest first.
    pub async fn signing_keys(&self) -> Result<Vec<KeptKey>> {
        Ok(on!(self.sql.read(), db => sqlx::query_as("SELECT id, pkcs8, created_at FROM signing_key ORDER BY created_at DESC, id LIMIT 10")
            .fetch_all(db).await)?)
    }

    /// Keeps a key that follows the newest, unless another process was faster; the keys that count.
    pub async fn add_signing_key(&self, id: &str, pkcs8: &[u8], newest: Option<&KeptKey>) -> Result<Vec<KeptKey>> {
        let newest = newest.map(|newest| newest.id.as_str()).unwrap_or_default();
        let mut tx = self.sql.begin().await?;
        let added = on!(tx.conn(), db => sqlx::query(
            "INSERT INTO signing_key (id, pkcs8, created_at) SELECT $1, $2, $3
             WHERE coalesce((SELECT id FROM signing_key ORDER BY created_at DESC, id LIMIT 1), '') = $4")
            .bind(id).bind(pkcs8).bind(now()).bind(newest).execute(db).await.map(|done| done.rows_affected()))?;
        if added > 0 {
            note_key(&mut tx, "signing_key.create", changed(json!({ "newest": newest }), json!({ "newest": id }))).await?;
        }
        tx.commit().await?;
        self.signing_keys().await
    }

    pub async fn forget_signing_key(&self, id: &str) -> Result<()> {
        let mut tx = self.sql.begin().await?;
        let gone = on!(tx.conn(), db => sqlx::query("DELETE FROM signing_key WHERE id = $1").bind(id)
            .execute(db).await.map(|done| done.rows_affected()))?;
        if gone > 0 {
            note_key(&mut tx, "signing_key.delete", changed(json!({ "id": id }), ())).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}

/// Keys are the installation's: what becomes of them stands in the audit log of its first workspace. The very first key is made
/// before there is one, and is not noted.
async fn note_key(tx: &mut Tx, action: &'static str, detail: Value) -> Result<()> {
    let first: Option<Uuid> = on!(tx.conn(), db => sqlx::query_scalar("SELECT id FROM workspace ORDER BY created_at, id LIMIT 1")
        .fetch_optional(db).await)?;
    let Some(first) = first else { return Ok(()) };
    tx.event(note(first.into(), Uuid::nil(), (None, ServiceName::User.as_str()), action, detail)).await?;
    Ok(())
}

/// A key that signs access tokens.
#[derive(sqlx::FromRow)]
pub(crate) struct KeptKey {
    pub id: String,
    pub pkcs8: Vec<u8>,
    pub created_at: DateTime<Utc>,
}

/// Something a user did to their own account before or without being an [`Actor`](looma_kernel::Actor).
pub(crate) fn own_event(user: &User, action: &'static str, detail: Value) -> NewEvent {
    let who = (Some(user.id.0), user.fields.name.as_str());
    NewEvent { version: user.version, ..note(user.workspace_id, user.id.0, who, action, detail) }
}

/// Something that was done by no [`Actor`](looma_kernel::Actor), and to whom.
fn note(workspace: WorkspaceId, to: Uuid, who: (Option<Uuid>, &str), action: &'static str, detail: Value) -> NewEvent {
    let context = context::current();
    NewEvent {
        workspace,
        record: Ref::new(RecordKind::User, to),
        version: 0,
        change: Change::Note,
        action,
        actor_id: who.0,
        actor_name: who.1.into(),
        address: context.as_ref().and_then(|context| context.client),
        request_id: context.map(|context| context.request_id),
        detail,
    }
}

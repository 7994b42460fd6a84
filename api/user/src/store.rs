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
use looma_kernel::types::now;
use looma_kernel::types::user::User;
use looma_kernel::{Result, context};
use looma_store::outbox::{Change, NewEvent};
use looma_store::{Sql, on};

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
        on!(tx.conn(), db => sqlx::query(
            "INSERT INTO signing_key (id, pkcs8, created_at) SELECT $1, $2, $3
             WHERE coalesce((SELECT id FROM signing_key ORDER BY created_at DESC, id LIMIT 1), '') = $4")
            .bind(id).bind(pkcs8).bind(now()).bind(newest).execute(db).await.map(|_| ()))?;
        tx.commit().await?;
        self.signing_keys().await
    }

    pub async fn forget_signing_key(&self, id: &str) -> Result<()> {
        on!(self.sql.write(), db => sqlx::query("DELETE FROM signing_key WHERE id = $1").bind(id).execute(db).await.map(|_| ()))?;
        Ok(())
    }
}

/// A key that signs access tokens.
#[derive(sqlx::FromRow)]
pub(crate) struct KeptKey {
    pub id: String,
    pub pkcs8: Vec<u8>,
    pub created_at: DateTime<Utc>,
}

/// Something a user did to their own account before or without being an [`Actor`](looma_kernel::Actor).
pub(crate) fn own_event(user: &User, action: &'static str, detail: serde_json::Value) -> NewEvent {
    NewEvent {
        workspace: user.workspace_id,
        record: user.id.into(),
        version: user.version,
        change: Change::Note,
        action,
        actor_id: Some(user.id.0),
        actor_name: user.fields.name.clone(),
        request_id: context::current().map(|context| context.request_id),
        detail,
    }
}

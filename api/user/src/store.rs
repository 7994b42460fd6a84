//! The tables of the user service.

mod accounts;
mod api_keys;
mod sessions;
mod workspaces;

pub use accounts::UserSource;
pub(crate) use accounts::{Account, List};

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

    /// The signing keys, newest first: id and PKCS#8.
    pub async fn signing_keys(&self) -> Result<Vec<(String, Vec<u8>)>> {
        Ok(on!(self.sql.read(), db => sqlx::query_as("SELECT id, pkcs8 FROM signing_key ORDER BY created_at DESC, id LIMIT 10")
            .fetch_all(db).await)?)
    }

    /// Keeps the first key, unless another process was faster; the keys that count.
    pub async fn first_signing_key(&self, id: &str, pkcs8: &[u8]) -> Result<Vec<(String, Vec<u8>)>> {
        let mut tx = self.sql.begin().await?;
        on!(tx.conn(), db => sqlx::query(
            "INSERT INTO signing_key (id, pkcs8, created_at) SELECT $1, $2, $3 WHERE NOT EXISTS (SELECT 1 FROM signing_key)")
            .bind(id).bind(pkcs8).bind(now()).execute(db).await.map(|_| ()))?;
        tx.commit().await?;
        self.signing_keys().await
    }
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

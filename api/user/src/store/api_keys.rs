//! The table `api_key`.

use super::UserStore;
use super::accounts::event;
use chrono::{DateTime, Duration, Utc};
use looma_kernel::types::user::{ApiKey, ApiKeyDraft, User};
use looma_kernel::types::{ApiKeyId, Network, Page, Role, UserId, WorkspaceId, now};
use looma_kernel::{Actor, Change, Failure, ListQuery, NewEvent, Result};
use looma_store::detail::changed;
use looma_store::on;
use serde_json::{Value, json};
use std::str::FromStr;
use uuid::Uuid;

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    name: String,
    role: String,
    prefix: String,
    expires_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    last_used_at: Option<DateTime<Utc>>,
    scopes: Option<String>,
    addresses: Option<String>,
}

fn role(text: &str) -> Result<Role> {
    text.parse().map_err(Failure::internal)
}

/// Words as they are kept: with spaces between, nothing where there are none.
fn kept<T: ToString>(words: &[T]) -> Option<String> {
    let words: Vec<_> = words.iter().map(ToString::to_string).collect();
    Some(words.join(" ")).filter(|words| !words.is_empty())
}

fn words<T: FromStr<Err = String>>(kept: Option<&str>) -> Result<Vec<T>> {
    kept.unwrap_or_default().split_whitespace().map(|word| word.parse().map_err(Failure::internal)).collect()
}

impl TryFrom<Row> for ApiKey {
    type Error = Failure;
    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: row.id.into(),
            fields: ApiKeyDraft {
                name: row.name,
                role: role(&row.role)?,
                expires_at: row.expires_at,
                scopes: words(row.scopes.as_deref())?,
                addresses: words(row.addresses.as_deref())?,
            },
            prefix: row.prefix,
            created_at: row.created_at,
            last_used_at: row.last_used_at,
            secret: None,
        })
    }
}

/// For whom a key speaks.
pub(crate) struct KeyHolder {
    pub id: ApiKeyId,
    pub workspace: WorkspaceId,
    pub name: String,
    /// Its own role, or its maker's where that is less by now.
    pub role: Role,
    /// Its scopes as a token's claim.
    pub scope: Option<String>,
    pub addresses: Vec<Network>,
}

#[derive(sqlx::FromRow)]
struct HolderRow {
    id: Uuid,
    workspace_id: Uuid,
    name: String,
    role: String,
    maker_role: String,
    scopes: Option<String>,
    addresses: Option<String>,
}

/// The change and whose it is.
fn of_key(id: ApiKeyId, mut change: Value) -> Value {
    change["key"] = json!(id);
    change
}

impl UserStore {
    pub async fn insert_api_key(&self, actor: &Actor, maker: &User, key: &ApiKey, hash: &[u8]) -> Result<()> {
        let mut tx = self.sql.begin().await?;
        on!(tx.conn(), db => sqlx::query(
            "INSERT INTO api_key (id, workspace_id, account_id, name, role, prefix, hash, expires_at, created_at, scopes, addresses)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)")
            .bind(key.id.0).bind(maker.workspace_id.0).bind(maker.id.0).bind(&key.fields.name).bind(key.fields.role.as_str())
            .bind(&key.prefix).bind(hash).bind(key.fields.expires_at).bind(key.created_at)
            .bind(kept(&key.fields.scopes)).bind(kept(&key.fields.addresses)).execute(db).await.map(|_| ()))?;
        let detail = of_key(key.id, changed((), &key.fields));
        tx.event(NewEvent { detail, ..event(actor, maker, "api_key.create", Change::Note) }).await?;
        tx.commit().await?;
        Ok(())
    }

    /// A workspace's keys, or one maker's, oldest first.
    pub async fn api_keys(&self, workspace: WorkspaceId, maker: Option<UserId>, query: &ListQuery) -> Result<Page<ApiKey>> {
        let limit = query.limit()?;
        let after: Uuid = query.after()?.unwrap_or_default();
        let maker = maker.map_or_else(Uuid::nil, |id| id.0);
        let rows: Vec<Row> = on!(self.sql.read(), db => sqlx::query_as(
            "SELECT id, name, role, prefix, expires_at, created_at, last_used_at, scopes, addresses FROM api_key
             WHERE workspace_id = $1 AND (account_id = $2 OR $2 = $3) AND id > $4 ORDER BY id LIMIT $5")
            .bind(workspace.0).bind(maker).bind(Uuid::nil()).bind(after).bind(limit + 1).fetch_all(db).await)?;
        let keys = rows.into_iter().map(ApiKey::try_from).collect::<Result<Vec<_>>>()?;
        Ok(ListQuery::page(limit, keys, |key| key.id))
    }

    /// A key and who made it.
    pub async fn api_key(&self, workspace: WorkspaceId, id: ApiKeyId) -> Result<Option<(ApiKey, UserId)>> {
        let row: Option<Row> = on!(self.sql.read(), db => sqlx::query_as(
            "SELECT id, name, role, prefix, expires_at, created_at, last_used_at, scopes, addresses FROM api_key WHERE workspace_id = $1 AND id = $2")
            .bind(workspace.0).bind(id.0).fetch_optional(db).await)?;
        let maker: Option<Uuid> = on!(self.sql.read(), db => sqlx::query_scalar("SELECT account_id FROM api_key WHERE workspace_id = $1 AND id = $2")
            .bind(workspace.0).bind(id.0).fetch_optional(db).await)?;
        Ok(match (row, maker) {
            (Some(row), Some(maker)) => Some((row.try_into()?, maker.into())),
            _ => None,
        })
    }

    pub async fn delete_api_key(&self, actor: &Actor, maker: &User, key: &ApiKey) -> Result<bool> {
        let mut tx = self.sql.begin().await?;
        let gone = on!(tx.conn(), db => sqlx::query("DELETE FROM api_key WHERE workspace_id = $1 AND id = $2")
            .bind(maker.workspace_id.0).bind(key.id.0).execute(db).await.map(|done| done.rows_affected()))?;
        if gone == 0 {
            return Ok(false);
        }
        let detail = of_key(key.id, changed(&key.fields, ()));
        tx.event(NewEvent { detail, ..event(actor, maker, "api_key.delete", Change::Note) }).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// How many keys a user has made.
    pub async fn count_api_keys(&self, maker: UserId) -> Result<i64> {
        Ok(
            on!(self.sql.read(), db => sqlx::query_scalar("SELECT COUNT(*) FROM api_key WHERE account_id = $1").bind(maker.0).fetch_one(db).await)?,
        )
    }

    /// The key with this hash, if it and its maker are good.
    pub async fn key_holder(&self, hash: &[u8]) -> Result<Option<KeyHolder>> {
        let row: Option<HolderRow> = on!(self.sql.read(), db => sqlx::query_as(
            "SELECT k.id, k.workspace_id, k.name, k.role, a.role AS maker_role, k.scopes, k.addresses FROM api_key k JOIN account a ON a.id = k.account_id
             WHERE k.hash = $1 AND a.status = 'active' AND (k.expires_at IS NULL OR k.expires_at > $2)")
            .bind(hash).bind(now()).fetch_optional(db).await)?;
        let Some(row) = row else { return Ok(None) };
        let role = role(&row.role)?.min(role(&row.maker_role)?);
        let addresses = words(row.addresses.as_deref())?;
        Ok(Some(KeyHolder { id: row.id.into(), workspace: row.workspace_id.into(), name: row.name, role, scope: row.scopes, addresses }))
    }

    /// Notes that a key was used, once a minute.
    pub async fn note_use(&self, id: ApiKeyId) -> Result<()> {
        let at = now();
        on!(self.sql.write(), db => sqlx::query("UPDATE api_key SET last_used_at = $2 WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < $3)")
            .bind(id.0).bind(at).bind(at - Duration::minutes(1)).execute(db).await.map(|_| ()))?;
        Ok(())
    }
}

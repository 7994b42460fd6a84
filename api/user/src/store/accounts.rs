//! The table `account`.

use super::UserStore;
use crate::rules::email_key;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use looma_kernel::types::problem::FieldError;
use looma_kernel::types::user::{User, UserDraft, UserStatus};
use looma_kernel::types::{Page, RecordKind, Role, UserId, WorkspaceId, now};
use looma_kernel::{Actor, Change, Failure, ListQuery, NewEvent, Position, Result};
use looma_store::detail::changed;
use looma_store::{Error, Projected, Source, Sql, on};
use serde_json::json;
use sqlx::types::Json;
use uuid::Uuid;

/// A user with what only this service knows.
pub(crate) struct Account {
    pub user: User,
    pub password_hash: String,
}

/// What a list selects, in order of name.
pub(crate) struct List {
    pub query: ListQuery,
    /// Part of the name or e-mail address.
    pub q: Option<String>,
    pub role: Option<Role>,
    pub status: Option<UserStatus>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    workspace_id: Uuid,
    fields: Json<UserDraft>,
    password_hash: String,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<Row> for Account {
    fn from(row: Row) -> Self {
        let user = User {
            id: row.id.into(),
            workspace_id: row.workspace_id.into(),
            fields: row.fields.0,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        };
        Self { user, password_hash: row.password_hash }
    }
}

impl UserStore {
    pub async fn insert_account(&self, actor: &Actor, account: &Account) -> Result<Position> {
        let user = &account.user;
        let mut tx = self.sql.begin().await?;
        on!(tx.conn(), db => sqlx::query(
            "INSERT INTO account (id, workspace_id, email_key, name, role, status, fields, password_hash, version, created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)")
            .bind(user.id.0).bind(user.workspace_id.0).bind(email_key(&user.fields.email)).bind(&user.fields.name)
            .bind(user.fields.role.as_str()).bind(user.fields.status.as_str()).bind(Json(&user.fields)).bind(&account.password_hash)
            .bind(user.version).bind(user.created_at).bind(user.updated_at)
            .execute(db).await.map(|_| ()))
        .map_err(taken)?;
        let detail = changed((), &user.fields);
        tx.event(NewEvent { detail, ..event(actor, user, "user.create", upsert(user)) }).await?;
        Ok(tx.commit().await?)
    }

    pub async fn account(&self, workspace: WorkspaceId, id: UserId) -> Result<Option<Account>> {
        let row: Option<Row> = on!(self.sql.read(), db => sqlx::query_as(
            "SELECT id, workspace_id, fields, password_hash, version, created_at, updated_at FROM account WHERE workspace_id = $1 AND id = $2")
            .bind(workspace.0).bind(id.0).fetch_optional(db).await)?;
        Ok(row.map(Into::into))
    }

    /// Whoever signs in with this address: the only search over all workspaces, since it finds out which one it is.
    pub async fn account_by_email(&self, email: &str) -> Result<Option<Account>> {
        let row: Option<Row> = on!(self.sql.read(), db => sqlx::query_as(
            "SELECT id, workspace_id, fields, password_hash, version, created_at, updated_at FROM account WHERE email_key = $1")
            .bind(email_key(email)).fetch_optional(db).await)?;
        Ok(row.map(Into::into))
    }

    pub async fn accounts(&self, workspace: WorkspaceId, list: List) -> Result<Page<User>> {
        let limit = list.query.limit()?;
        let (name, id): (String, Uuid) = list.query.after()?.unwrap_or_default();
        let rows: Vec<Row> = on!(self.sql.read(), db => sqlx::query_as(
            "SELECT id, workspace_id, fields, password_hash, version, created_at, updated_at FROM account
             WHERE workspace_id = $1 AND (name, id) > ($2, $3)
             AND (CAST($4 AS TEXT) IS NULL OR lower(name) LIKE '%' || lower($4) || '%' OR email_key LIKE '%' || lower($4) || '%')
             AND (CAST($5 AS TEXT) IS NULL OR role = $5)
             AND (CAST($6 AS TEXT) IS NULL OR status = $6)
             ORDER BY name, id LIMIT $7")
            .bind(workspace.0).bind(name).bind(id).bind(&list.q).bind(list.role.map(Role::as_str)).bind(list.status.map(UserStatus::as_str))
            .bind(limit + 1).fetch_all(db).await)?;
        let users = rows.into_iter().map(|row| Account::from(row).user).collect();
        Ok(ListQuery::page(limit, users, |user: &User| (user.fields.name.clone(), user.id.0)))
    }

    /// Refuses as stale where the version before is not the one stored, and when no super administrator would remain.
    pub async fn update_account(&self, actor: &Actor, before: &UserDraft, user: &User) -> Result<Position> {
        let mut tx = self.sql.begin().await?;
        let updated = on!(tx.conn(), db => sqlx::query(
            "UPDATE account SET email_key = $3, name = $4, role = $5, status = $6, fields = $7, version = $8, updated_at = $9
             WHERE workspace_id = $1 AND id = $2 AND version = $8 - 1")
            .bind(user.workspace_id.0).bind(user.id.0).bind(email_key(&user.fields.email)).bind(&user.fields.name)
            .bind(user.fields.role.as_str()).bind(user.fields.status.as_str()).bind(Json(&user.fields)).bind(user.version).bind(user.updated_at)
            .execute(db).await.map(|done| done.rows_affected())).map_err(taken)?;
        if updated == 0 {
            return Err(Failure::stale());
        }
        somebody_remains(&mut tx).await?;
        let detail = changed(before, &user.fields);
        tx.event(NewEvent { detail, ..event(actor, user, "user.update", upsert(user)) }).await?;
        Ok(tx.commit().await?)
    }

    pub async fn delete_account(&self, actor: &Actor, user: &User) -> Result<Position> {
        let mut tx = self.sql.begin().await?;
        let gone = on!(tx.conn(), db => sqlx::query("DELETE FROM account WHERE workspace_id = $1 AND id = $2 AND version = $3")
            .bind(user.workspace_id.0).bind(user.id.0).bind(user.version).execute(db).await.map(|done| done.rows_affected()))?;
        if gone == 0 {
            return Err(Failure::stale());
        }
        somebody_remains(&mut tx).await?;
        let deleted = User { version: user.version + 1, ..user.clone() };
        let detail = changed(&user.fields, ());
        tx.event(NewEvent { detail, ..event(actor, &deleted, "user.delete", Change::Delete) }).await?;
        Ok(tx.commit().await?)
    }

    /// A new password chosen by `actor`. The record keeps its version: nobody reads a password.
    pub async fn change_password(&self, actor: &Actor, user: &User, password_hash: &str) -> Result<Position> {
        let mut tx = self.sql.begin().await?;
        on!(tx.conn(), db => sqlx::query("UPDATE account SET password_hash = $3 WHERE workspace_id = $1 AND id = $2")
            .bind(user.workspace_id.0).bind(user.id.0).bind(password_hash).execute(db).await.map(|_| ()))?;
        let detail = json!({ "after": { "password": "changed" } });
        tx.event(NewEvent { detail, ..event(actor, user, "user.password_changed", Change::Note) }).await?;
        Ok(tx.commit().await?)
    }

    /// The same password under new parameters.
    pub async fn rehash(&self, user: &User, password_hash: &str) -> Result<()> {
        on!(self.sql.write(), db => sqlx::query("UPDATE account SET password_hash = $3 WHERE workspace_id = $1 AND id = $2")
            .bind(user.workspace_id.0).bind(user.id.0).bind(password_hash).execute(db).await.map(|_| ()))?;
        Ok(())
    }

    /// Whether anybody runs the installation.
    pub async fn has_super_admin(&self) -> Result<bool> {
        let found: Option<i32> = on!(self.sql.read(), db => sqlx::query_scalar("SELECT 1 FROM account WHERE role = 'super_admin' LIMIT 1")
            .fetch_optional(db).await)?;
        Ok(found.is_some())
    }
}

/// An installation without an active super administrator could not be run any more.
async fn somebody_remains(tx: &mut looma_store::Tx) -> Result<()> {
    let left: Option<i32> = on!(tx.conn(), db => sqlx::query_scalar("SELECT 1 FROM account WHERE role = 'super_admin' AND status = 'active' LIMIT 1")
        .fetch_optional(db).await)?;
    if left.is_some() {
        return Ok(());
    }
    Err(Failure::conflict("This is the last active super administrator; make another one first."))
}

/// The event of a change to a user, who may be of another workspace than the actor.
pub(crate) fn event(actor: &Actor, user: &User, action: &'static str, change: Change) -> NewEvent {
    NewEvent { workspace: user.workspace_id, ..actor.event(user.id, user.version, action, change) }
}

fn taken(error: sqlx::Error) -> Failure {
    match Error::from(error) {
        Error::Taken { .. } => {
            let mut failure = Failure::conflict("Somebody has this e-mail address already.");
            failure.problem.errors = vec![FieldError::new("/email", "taken", "somebody has this e-mail address already")];
            failure
        }
        other => other.into(),
    }
}

/// The graph knows users by name, so that relationships can lead to them; search does not find them.
fn projected(user: &User) -> Projected {
    Projected::new(user.workspace_id, user.id.into(), user.version, &user.fields.name).node()
}

fn upsert(user: &User) -> Change {
    Change::Upsert(Box::new(projected(user)))
}

/// The truth about users, for rebuilding projections.
pub struct UserSource(pub Sql);

#[async_trait]
impl Source for UserSource {
    fn kind(&self) -> RecordKind {
        RecordKind::User
    }

    async fn page(&self, after: Option<Uuid>, limit: i64) -> looma_store::Result<Vec<Projected>> {
        let rows: Vec<Row> = on!(self.0.read(), db => sqlx::query_as(
            "SELECT id, workspace_id, fields, password_hash, version, created_at, updated_at FROM account WHERE id > $1 ORDER BY id LIMIT $2")
            .bind(after.unwrap_or_default()).bind(limit).fetch_all(db).await)?;
        Ok(rows.into_iter().map(|row| projected(&Account::from(row).user)).collect())
    }
}

impl Account {
    /// A new account.
    pub fn new(workspace: WorkspaceId, fields: UserDraft, password_hash: String) -> Self {
        let at = now();
        let user = User { id: UserId::new(), workspace_id: workspace, fields, version: 1, created_at: at, updated_at: at };
        Self { user, password_hash }
    }
}

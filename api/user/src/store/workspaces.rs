//! The table `workspace`.

use super::UserStore;
use chrono::{DateTime, Utc};
use looma_kernel::types::admin::{Workspace, WorkspaceDraft};
use looma_kernel::types::record::Ref;
use looma_kernel::types::{Page, RecordKind, WorkspaceId};
use looma_kernel::{Actor, Change, Failure, ListQuery, NewEvent, Result};
use looma_store::detail::changed;
use looma_store::on;
use serde_json::{Value, json};
use uuid::Uuid;

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    name: String,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<Row> for Workspace {
    fn from(row: Row) -> Self {
        let fields = WorkspaceDraft { name: row.name };
        Self { id: row.id.into(), fields, version: row.version, created_at: row.created_at, updated_at: row.updated_at }
    }
}

impl UserStore {
    pub async fn insert_workspace(&self, actor: &Actor, workspace: &Workspace) -> Result<()> {
        let mut tx = self.sql.begin().await?;
        on!(tx.conn(), db => sqlx::query("INSERT INTO workspace (id, name, version, created_at, updated_at) VALUES ($1, $2, $3, $4, $5)")
            .bind(workspace.id.0).bind(&workspace.fields.name).bind(workspace.version).bind(workspace.created_at).bind(workspace.updated_at)
            .execute(db).await.map(|_| ()))?;
        tx.event(event(actor, workspace, "workspace.create", changed((), &workspace.fields))).await?;
        tx.commit().await?;
        Ok(())
    }

    pub async fn workspace(&self, id: WorkspaceId) -> Result<Option<Workspace>> {
        let row: Option<Row> = on!(self.sql.read(), db => sqlx::query_as("SELECT id, name, version, created_at, updated_at FROM workspace WHERE id = $1")
            .bind(id.0).fetch_optional(db).await)?;
        Ok(row.map(Into::into))
    }

    /// The oldest one, which the first start made.
    pub async fn first_workspace(&self) -> Result<Option<Workspace>> {
        let row: Option<Row> = on!(self.sql.read(), db => sqlx::query_as(
            "SELECT id, name, version, created_at, updated_at FROM workspace ORDER BY created_at, id LIMIT 1").fetch_optional(db).await)?;
        Ok(row.map(Into::into))
    }

    /// In order of name.
    pub async fn workspaces(&self, query: &ListQuery) -> Result<Page<Workspace>> {
        let limit = query.limit()?;
        let (name, id): (String, Uuid) = query.after()?.unwrap_or_default();
        let rows: Vec<Row> = on!(self.sql.read(), db => sqlx::query_as(
            "SELECT id, name, version, created_at, updated_at FROM workspace WHERE (name, id) > ($1, $2) ORDER BY name, id LIMIT $3")
            .bind(name).bind(id).bind(limit + 1).fetch_all(db).await)?;
        let workspaces = rows.into_iter().map(Workspace::from).collect();
        Ok(ListQuery::page(limit, workspaces, |workspace: &Workspace| (workspace.fields.name.clone(), workspace.id.0)))
    }

    /// Refuses as stale where the version before is not the one stored.
    pub async fn update_workspace(&self, actor: &Actor, before: &WorkspaceDraft, workspace: &Workspace) -> Result<()> {
        let mut tx = self.sql.begin().await?;
        let updated = on!(tx.conn(), db => sqlx::query("UPDATE workspace SET name = $2, version = $3, updated_at = $4 WHERE id = $1 AND version = $3 - 1")
            .bind(workspace.id.0).bind(&workspace.fields.name).bind(workspace.version).bind(workspace.updated_at)
            .execute(db).await.map(|done| done.rows_affected()))?;
        if updated == 0 {
            return Err(Failure::stale());
        }
        tx.event(event(actor, workspace, "workspace.update", changed(before, &workspace.fields))).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// It stands in the audit log of the workspace that it is about, under who did it: a workspace is no record.
fn event(actor: &Actor, workspace: &Workspace, action: &'static str, mut detail: Value) -> NewEvent {
    detail["workspace"] = json!(workspace.id);
    let record = Ref::new(RecordKind::User, actor.id);
    NewEvent { workspace: workspace.id, detail, ..actor.event(record, workspace.version, action, Change::Note) }
}

//! The table `project`.

use crate::record::projected;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use looma_kernel::types::project::{Project, ProjectDraft, ProjectStatus};
use looma_kernel::types::{Page, ProjectId, RecordKind, WorkspaceId};
use looma_kernel::{Actor, Change, Failure, ListQuery, Position, Result, Sort};
use looma_store::{Projected, Source, Sql, like, on};
use sqlx::types::Json;
use uuid::Uuid;

/// What a list selects.
#[derive(Clone, Debug, Default)]
pub struct List {
    pub query: ListQuery,
    /// Part of the name or the goal.
    pub q: Option<String>,
    pub status: Option<ProjectStatus>,
    pub sort: Sort,
}

/// One list, as text: where it begins, and in which order.
macro_rules! list {
    ($begins:literal, $order:literal) => {
        concat!(
            "SELECT id, workspace_id, fields, version, created_at, updated_at FROM project WHERE workspace_id = $1 AND ",
            $begins,
            " AND (CAST($4 AS TEXT) IS NULL OR search_text LIKE $4 ESCAPE '\\')
              AND (CAST($5 AS TEXT) IS NULL OR status = $5) ",
            $order,
            " LIMIT $6"
        )
    };
}

const BY_NAME: &str = list!("(name, id) > ($2, $3)", "ORDER BY name, id");
const BY_CHANGE: &str = list!("(updated_at, id) < ($2, $3)", "ORDER BY updated_at DESC, id DESC");

#[derive(Clone)]
pub(crate) struct ProjectStore {
    sql: Sql,
}

#[derive(sqlx::FromRow)]
struct ProjectRow {
    id: Uuid,
    workspace_id: Uuid,
    fields: Json<ProjectDraft>,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<ProjectRow> for Project {
    fn from(row: ProjectRow) -> Self {
        Self { id: row.id.into(), fields: row.fields.0, version: row.version, created_at: row.created_at, updated_at: row.updated_at }
    }
}

impl ProjectStore {
    pub fn new(sql: Sql) -> Self {
        Self { sql }
    }

    pub async fn insert(&self, actor: &Actor, project: &Project) -> Result<Position> {
        let mut tx = self.sql.begin().await?;
        on!(tx.conn(), db => sqlx::query(
            "INSERT INTO project (id, workspace_id, name, status, search_text, fields, version, created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)")
            .bind(project.id.0).bind(actor.workspace.0).bind(&project.fields.name).bind(project.fields.status.as_str())
            .bind(search_text(&project.fields)).bind(Json(&project.fields)).bind(project.version).bind(project.created_at)
            .bind(project.updated_at).execute(db).await.map(|_| ()))?;
        tx.event(actor.event(project.id, project.version, "project.create", upsert(actor, project))).await?;
        Ok(tx.commit().await?)
    }

    pub async fn find(&self, workspace: WorkspaceId, id: ProjectId) -> Result<Option<Project>> {
        let row: Option<ProjectRow> = on!(self.sql.read(), db => sqlx::query_as(
            "SELECT id, workspace_id, fields, version, created_at, updated_at FROM project WHERE workspace_id = $1 AND id = $2")
            .bind(workspace.0).bind(id.0).fetch_optional(db).await)?;
        Ok(row.map(Into::into))
    }

    pub async fn list(&self, workspace: WorkspaceId, list: List) -> Result<Page<Project>> {
        let limit = list.query.limit()?;
        let (q, status) = (list.q.as_deref().map(like), list.status.map(ProjectStatus::as_str));
        if list.sort == Sort::LastChanged {
            let (at, id) = list.query.before()?;
            let rows: Vec<ProjectRow> = on!(self.sql.read(), db => sqlx::query_as(BY_CHANGE)
                .bind(workspace.0).bind(at).bind(id).bind(q).bind(status).bind(limit + 1).fetch_all(db).await)?;
            let projects = rows.into_iter().map(Project::from).collect();
            return Ok(ListQuery::page(limit, projects, |project| (project.updated_at, project.id.0)));
        }
        let (name, id): (String, Uuid) = list.query.after()?.unwrap_or_default();
        let rows: Vec<ProjectRow> = on!(self.sql.read(), db => sqlx::query_as(BY_NAME)
            .bind(workspace.0).bind(name).bind(id).bind(q).bind(status).bind(limit + 1).fetch_all(db).await)?;
        let projects = rows.into_iter().map(Project::from).collect();
        Ok(ListQuery::page(limit, projects, |project| (project.fields.name.clone(), project.id.0)))
    }

    /// Refuses as stale where the version before is not the one stored.
    pub async fn update(&self, actor: &Actor, project: &Project) -> Result<Position> {
        let mut tx = self.sql.begin().await?;
        let changed = on!(tx.conn(), db => sqlx::query(
            "UPDATE project SET name = $3, status = $4, search_text = $5, fields = $6, version = $7, updated_at = $8
             WHERE workspace_id = $1 AND id = $2 AND version = $7 - 1")
            .bind(actor.workspace.0).bind(project.id.0).bind(&project.fields.name).bind(project.fields.status.as_str())
            .bind(search_text(&project.fields)).bind(Json(&project.fields)).bind(project.version).bind(project.updated_at)
            .execute(db).await.map(|done| done.rows_affected()))?;
        if changed == 0 {
            return Err(Failure::stale());
        }
        tx.event(actor.event(project.id, project.version, "project.update", upsert(actor, project))).await?;
        Ok(tx.commit().await?)
    }

    pub async fn delete(&self, actor: &Actor, id: ProjectId, version: i64) -> Result<Position> {
        let mut tx = self.sql.begin().await?;
        let gone = on!(tx.conn(), db => sqlx::query("DELETE FROM project WHERE workspace_id = $1 AND id = $2 AND version = $3")
            .bind(actor.workspace.0).bind(id.0).bind(version).execute(db).await.map(|done| done.rows_affected()))?;
        if gone == 0 {
            return Err(Failure::stale());
        }
        tx.event(actor.event(id, version + 1, "project.delete", Change::Delete)).await?;
        Ok(tx.commit().await?)
    }
}

fn upsert(actor: &Actor, project: &Project) -> Change {
    Change::Upsert(Box::new(projected(actor.workspace, project)))
}

/// What a part of is looked for in lists, in lower case.
fn search_text(fields: &ProjectDraft) -> String {
    format!("{}\n{}", fields.name, fields.goal).to_lowercase()
}

/// The truth about projects, for rebuilding projections.
pub struct ProjectSource(pub Sql);

#[async_trait]
impl Source for ProjectSource {
    fn kind(&self) -> RecordKind {
        RecordKind::Project
    }

    async fn page(&self, after: Option<Uuid>, limit: i64) -> looma_store::Result<Vec<Projected>> {
        let rows: Vec<ProjectRow> = on!(self.0.read(), db => sqlx::query_as(
            "SELECT id, workspace_id, fields, version, created_at, updated_at FROM project WHERE id > $1 ORDER BY id LIMIT $2")
            .bind(after.unwrap_or_default()).bind(limit).fetch_all(db).await)?;
        Ok(rows.into_iter().map(|row| projected(WorkspaceId(row.workspace_id), &row.into())).collect())
    }
}

//! The table `application`.

use super::{projected, upsert};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use looma_kernel::types::job::{Application, StageChange};
use looma_kernel::types::{ApplicationId, JobId, Page, PersonId, RecordKind, WorkspaceId};
use looma_kernel::{Actor, Change, Failure, ListQuery, Position, Result};
use looma_store::{Projected, Source, Sql, on};
use sqlx::types::Json;
use uuid::Uuid;

/// What a list selects, the newest first.
#[derive(Clone, Debug, Default)]
pub(crate) struct List {
    pub query: ListQuery,
    pub job: Option<JobId>,
    pub person: Option<PersonId>,
    pub stage: Option<String>,
}

#[derive(Clone)]
pub(crate) struct ApplicationStore {
    sql: Sql,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    workspace_id: Uuid,
    job_id: Uuid,
    person_id: Uuid,
    person_name: String,
    stage: String,
    history: Json<Vec<StageChange>>,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<Row> for Application {
    fn from(row: Row) -> Self {
        Self {
            id: row.id.into(),
            job_id: row.job_id.into(),
            person_id: row.person_id.into(),
            person_name: row.person_name,
            stage: row.stage,
            history: row.history.0,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

impl ApplicationStore {
    pub fn new(sql: Sql) -> Self {
        Self { sql }
    }

    /// Refuses as conflict where the person is in this job's pipeline already.
    pub async fn insert(&self, actor: &Actor, application: &Application) -> Result<Position> {
        let mut tx = self.sql.begin().await?;
        let added = on!(tx.conn(), db => sqlx::query(
            "INSERT INTO application (id, workspace_id, job_id, person_id, person_name, stage, history, version, created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (job_id, person_id) DO NOTHING")
            .bind(application.id.0).bind(actor.workspace.0).bind(application.job_id.0).bind(application.person_id.0)
            .bind(&application.person_name).bind(&application.stage).bind(Json(&application.history)).bind(application.version)
            .bind(application.created_at).bind(application.updated_at).execute(db).await.map(|done| done.rows_affected()))?;
        if added == 0 {
            return Err(Failure::conflict("This person is in the job's pipeline already."));
        }
        tx.event(actor.event(application.id, application.version, "application.create", upsert(actor, application))).await?;
        Ok(tx.commit().await?)
    }

    pub async fn find(&self, workspace: WorkspaceId, id: ApplicationId) -> Result<Option<Application>> {
        let row: Option<Row> = on!(self.sql.read(), db => sqlx::query_as(
            "SELECT id, workspace_id, job_id, person_id, person_name, stage, history, version, created_at, updated_at
             FROM application WHERE workspace_id = $1 AND id = $2")
            .bind(workspace.0).bind(id.0).fetch_optional(db).await)?;
        Ok(row.map(Into::into))
    }

    pub async fn list(&self, workspace: WorkspaceId, list: List) -> Result<Page<Application>> {
        let limit = list.query.limit()?;
        let before: Uuid = list.query.after()?.unwrap_or(Uuid::max());
        let rows: Vec<Row> = on!(self.sql.read(), db => sqlx::query_as(
            "SELECT id, workspace_id, job_id, person_id, person_name, stage, history, version, created_at, updated_at FROM application
             WHERE workspace_id = $1 AND id < $2 AND ($3 IS NULL OR job_id = $3) AND ($4 IS NULL OR person_id = $4)
             AND (CAST($5 AS TEXT) IS NULL OR stage = $5) ORDER BY id DESC LIMIT $6")
            .bind(workspace.0).bind(before).bind(list.job.map(|id| id.0)).bind(list.person.map(|id| id.0)).bind(&list.stage).bind(limit + 1)
            .fetch_all(db).await)?;
        Ok(ListQuery::page(limit, rows.into_iter().map(Application::from).collect(), |one: &Application| one.id.0))
    }

    /// Refuses as stale where the version before is not the one stored.
    pub async fn update(&self, actor: &Actor, application: &Application) -> Result<Position> {
        let mut tx = self.sql.begin().await?;
        let changed = on!(tx.conn(), db => sqlx::query(
            "UPDATE application SET stage = $3, history = $4, version = $5, updated_at = $6 WHERE workspace_id = $1 AND id = $2 AND version = $5 - 1")
            .bind(actor.workspace.0).bind(application.id.0).bind(&application.stage).bind(Json(&application.history))
            .bind(application.version).bind(application.updated_at).execute(db).await.map(|done| done.rows_affected()))?;
        if changed == 0 {
            return Err(Failure::stale());
        }
        tx.event(actor.event(application.id, application.version, "application.move", upsert(actor, application))).await?;
        Ok(tx.commit().await?)
    }

    pub async fn delete(&self, actor: &Actor, id: ApplicationId, version: i64) -> Result<Position> {
        let mut tx = self.sql.begin().await?;
        let gone = on!(tx.conn(), db => sqlx::query("DELETE FROM application WHERE workspace_id = $1 AND id = $2 AND version = $3")
            .bind(actor.workspace.0).bind(id.0).bind(version).execute(db).await.map(|done| done.rows_affected()))?;
        if gone == 0 {
            return Err(Failure::stale());
        }
        tx.event(actor.event(id, version + 1, "application.delete", Change::Delete)).await?;
        Ok(tx.commit().await?)
    }
}

/// The truth about applications, for rebuilding projections.
pub struct ApplicationSource(pub Sql);

#[async_trait]
impl Source for ApplicationSource {
    fn kind(&self) -> RecordKind {
        RecordKind::Application
    }

    async fn page(&self, after: Option<Uuid>, limit: i64) -> looma_store::Result<Vec<Projected>> {
        let rows: Vec<Row> = on!(self.0.read(), db => sqlx::query_as(
            "SELECT id, workspace_id, job_id, person_id, person_name, stage, history, version, created_at, updated_at
             FROM application WHERE id > $1 ORDER BY id LIMIT $2")
            .bind(after.unwrap_or_default()).bind(limit).fetch_all(db).await)?;
        Ok(rows.into_iter().map(|row| projected(WorkspaceId(row.workspace_id), &row.into())).collect())
    }
}

//! The table `job`.

use super::{projected, upsert, word};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use looma_kernel::types::job::{EmploymentType, Job, JobDraft, JobStatus, Remote};
use looma_kernel::types::{CompanyId, JobId, Page, RecordKind, WorkspaceId};
use looma_kernel::{Actor, Change, Failure, ListQuery, Position, Result};
use looma_store::{Projected, Source, Sql, like, on};
use serde::Deserialize;
use sqlx::types::Json;
use utoipa::ToSchema;
use uuid::Uuid;

/// The order of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
pub(crate) enum Sort {
    #[default]
    #[serde(rename = "-created_at")]
    Newest,
    #[serde(rename = "title")]
    Title,
    #[serde(rename = "-updated_at")]
    LastChanged,
}

/// What a list selects.
#[derive(Clone, Debug, Default)]
pub(crate) struct List {
    pub query: ListQuery,
    /// Part of the title.
    pub q: Option<String>,
    pub status: Option<JobStatus>,
    pub company: Option<CompanyId>,
    pub remote: Option<Remote>,
    pub employment_type: Option<EmploymentType>,
    /// Part of the location.
    pub location: Option<String>,
    /// A skill's name.
    pub skill: Option<String>,
    pub sort: Sort,
}

/// One list, as text: where it begins, and in which order.
macro_rules! list {
    ($begins:literal, $order:literal) => {
        concat!(
            "SELECT id, workspace_id, status, fields, version, created_at, updated_at, published_at FROM job
             WHERE workspace_id = $1
             AND (CAST($2 AS TEXT) IS NULL OR title LIKE $2 ESCAPE '\\')
             AND (CAST($3 AS TEXT) IS NULL OR status = $3)
             AND ($4 IS NULL OR company_id = $4)
             AND (CAST($5 AS TEXT) IS NULL OR remote = $5)
             AND (CAST($6 AS TEXT) IS NULL OR employment_type = $6)
             AND (CAST($7 AS TEXT) IS NULL OR location LIKE $7 ESCAPE '\\')
             AND (CAST($8 AS TEXT) IS NULL OR skills LIKE $8)
             AND ",
            $begins,
            " ORDER BY ",
            $order,
            " LIMIT $9"
        )
    };
}

const NEWEST: &str = list!("id < $10", "id DESC");
const BY_TITLE: &str = list!("(title, id) > ($11, $10)", "title, id");
const BY_CHANGE: &str = list!("(updated_at, id) < ($11, $10)", "updated_at DESC, id DESC");

#[derive(Clone)]
pub(crate) struct JobStore {
    sql: Sql,
}

#[derive(sqlx::FromRow)]
struct JobRow {
    id: Uuid,
    workspace_id: Uuid,
    status: String,
    fields: Json<JobDraft>,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    published_at: Option<DateTime<Utc>>,
}

impl From<JobRow> for Job {
    fn from(row: JobRow) -> Self {
        Self {
            id: row.id.into(),
            fields: row.fields.0,
            // The table allows no other word.
            status: JobStatus::ALL.into_iter().find(|status| status.as_str() == row.status).unwrap_or_default(),
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
            published_at: row.published_at,
        }
    }
}

/// Skill names between bars, lower case, so that one can be looked for whole.
fn skill_words(fields: &JobDraft) -> String {
    fields.skills.iter().filter_map(|skill| skill.name.as_deref()).fold("|".to_owned(), |all, name| all + &name.to_lowercase() + "|")
}

impl JobStore {
    pub fn new(sql: Sql) -> Self {
        Self { sql }
    }

    pub async fn insert(&self, actor: &Actor, job: &Job) -> Result<Position> {
        let fields = &job.fields;
        let mut tx = self.sql.begin().await?;
        on!(tx.conn(), db => sqlx::query(
            "INSERT INTO job (id, workspace_id, company_id, title, status, location, remote, employment_type, skills, fields, version, created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)")
            .bind(job.id.0).bind(actor.workspace.0).bind(fields.company_id.0).bind(fields.title.to_lowercase()).bind(job.status.as_str())
            .bind(fields.location.as_ref().map(|place| place.to_lowercase())).bind(word(fields.remote)).bind(word(fields.employment_type))
            .bind(skill_words(fields)).bind(Json(fields)).bind(job.version).bind(job.created_at).bind(job.updated_at)
            .execute(db).await.map(|_| ()))?;
        tx.event(actor.event(job.id, job.version, "job.create", upsert(actor, job))).await?;
        Ok(tx.commit().await?)
    }

    pub async fn find(&self, workspace: WorkspaceId, id: JobId) -> Result<Option<Job>> {
        let row: Option<JobRow> = on!(self.sql.read(), db => sqlx::query_as(
            "SELECT id, workspace_id, status, fields, version, created_at, updated_at, published_at FROM job WHERE workspace_id = $1 AND id = $2")
            .bind(workspace.0).bind(id.0).fetch_optional(db).await)?;
        Ok(row.map(Into::into))
    }

    pub async fn list(&self, workspace: WorkspaceId, list: List) -> Result<Page<Job>> {
        let limit = list.query.limit()?;
        let skill = list.skill.as_ref().map(|name| format!("%|{}|%", name.trim().to_lowercase()));
        macro_rules! jobs {
            ($list:ident, $($after:expr),+) => {{
                let rows: Vec<JobRow> = on!(self.sql.read(), db => sqlx::query_as($list)
                    .bind(workspace.0).bind(list.q.as_deref().map(like)).bind(list.status.map(JobStatus::as_str)).bind(list.company.map(|id| id.0))
                    .bind(list.remote.and_then(word)).bind(list.employment_type.and_then(word)).bind(list.location.as_deref().map(like))
                    .bind(&skill).bind(limit + 1)$(.bind($after))+.fetch_all(db).await)?;
                rows.into_iter().map(Job::from).collect::<Vec<_>>()
            }};
        }
        Ok(match list.sort {
            Sort::Newest => {
                let id = list.query.after()?.unwrap_or(Uuid::max());
                ListQuery::page(limit, jobs!(NEWEST, id), |job| job.id.0)
            }
            Sort::Title => {
                let (title, id): (String, Uuid) = list.query.after()?.unwrap_or_default();
                ListQuery::page(limit, jobs!(BY_TITLE, id, &title), |job| (job.fields.title.to_lowercase(), job.id.0))
            }
            Sort::LastChanged => {
                let (at, id) = list.query.before()?;
                ListQuery::page(limit, jobs!(BY_CHANGE, id, at), |job| (job.updated_at, job.id.0))
            }
        })
    }

    /// Refuses as stale where the version before is not the one stored.
    pub async fn update(&self, actor: &Actor, job: &Job, action: &'static str) -> Result<Position> {
        let fields = &job.fields;
        let mut tx = self.sql.begin().await?;
        let changed = on!(tx.conn(), db => sqlx::query(
            "UPDATE job SET company_id = $3, title = $4, status = $5, location = $6, remote = $7, employment_type = $8, skills = $9, fields = $10,
             version = $11, updated_at = $12, published_at = $13 WHERE workspace_id = $1 AND id = $2 AND version = $11 - 1")
            .bind(actor.workspace.0).bind(job.id.0).bind(fields.company_id.0).bind(fields.title.to_lowercase()).bind(job.status.as_str())
            .bind(fields.location.as_ref().map(|place| place.to_lowercase())).bind(word(fields.remote)).bind(word(fields.employment_type))
            .bind(skill_words(fields)).bind(Json(fields)).bind(job.version).bind(job.updated_at).bind(job.published_at)
            .execute(db).await.map(|done| done.rows_affected()))?;
        if changed == 0 {
            return Err(Failure::stale());
        }
        tx.event(actor.event(job.id, job.version, action, upsert(actor, job))).await?;
        Ok(tx.commit().await?)
    }

    /// Deletes a job; its applications go with it, each with an event of its own.
    pub async fn delete(&self, actor: &Actor, id: JobId, version: i64) -> Result<Position> {
        let mut tx = self.sql.begin().await?;
        let applications: Vec<(Uuid, i64)> = on!(tx.conn(), db => sqlx::query_as(
            "DELETE FROM application WHERE workspace_id = $1 AND job_id = $2 RETURNING id, version")
            .bind(actor.workspace.0).bind(id.0).fetch_all(db).await)?;
        let gone = on!(tx.conn(), db => sqlx::query("DELETE FROM job WHERE workspace_id = $1 AND id = $2 AND version = $3")
            .bind(actor.workspace.0).bind(id.0).bind(version).execute(db).await.map(|done| done.rows_affected()))?;
        if gone == 0 {
            return Err(Failure::stale());
        }
        for (application, version) in applications {
            let record = looma_kernel::types::ApplicationId(application);
            tx.event(actor.event(record, version + 1, "application.delete", Change::Delete)).await?;
        }
        tx.event(actor.event(id, version + 1, "job.delete", Change::Delete)).await?;
        Ok(tx.commit().await?)
    }
}

/// The truth about jobs, for rebuilding projections.
pub struct JobSource(pub Sql);

#[async_trait]
impl Source for JobSource {
    fn kind(&self) -> RecordKind {
        RecordKind::Job
    }

    async fn page(&self, after: Option<Uuid>, limit: i64) -> looma_store::Result<Vec<Projected>> {
        let rows: Vec<JobRow> = on!(self.0.read(), db => sqlx::query_as(
            "SELECT id, workspace_id, status, fields, version, created_at, updated_at, published_at FROM job WHERE id > $1 ORDER BY id LIMIT $2")
            .bind(after.unwrap_or_default()).bind(limit).fetch_all(db).await)?;
        Ok(rows.into_iter().map(|row| projected(WorkspaceId(row.workspace_id), &row.into())).collect())
    }
}

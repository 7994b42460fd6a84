//! The table `resume_import`: a queue that survives the process.

use chrono::{DateTime, TimeDelta, Utc};
use looma_kernel::types::resume::{Import, ImportState};
use looma_kernel::types::{ImportId, Page, PersonId, Problem, ResumeId, WorkspaceId, now};
use looma_kernel::{Failure, ListQuery, Result};
use looma_store::{Sql, Tx, on};
use sqlx::types::Json;
use uuid::Uuid;

#[derive(Clone, Debug, sqlx::FromRow)]
pub(crate) struct ImportRow {
    pub id: Uuid,
    pub workspace_id: Uuid,
    pub actor_id: Uuid,
    pub actor_name: String,
    pub file_name: String,
    pub size: i64,
    /// The name of the file's blob.
    pub original: String,
    /// The person it is meant for, where the sender said so.
    pub wanted_person_id: Option<Uuid>,
    pub state: String,
    pub progress: f64,
    pub resume_id: Option<Uuid>,
    pub person_id: Option<Uuid>,
    pub duplicate_of: Option<Uuid>,
    pub problem: Option<Json<Problem>>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl ImportRow {
    /// The import as clients see it.
    pub fn import(self) -> Result<Import> {
        let state = match self.state.as_str() {
            "queued" => ImportState::Queued,
            "running" => ImportState::Running,
            "done" => ImportState::Done,
            "failed" => ImportState::Failed,
            other => return Err(Failure::internal(format!("an import in the unknown state {other}"))),
        };
        Ok(Import {
            id: self.id.into(),
            file_name: self.file_name,
            size: self.size,
            state,
            progress: self.progress,
            resume_id: self.resume_id.map(ResumeId),
            person_id: self.person_id.map(PersonId),
            duplicate_of: self.duplicate_of.map(ResumeId),
            problem: self.problem.map(|problem| problem.0),
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}

/// How an import ended well.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outcome {
    pub resume: ResumeId,
    pub person: PersonId,
    pub duplicate_of: Option<ResumeId>,
}

#[derive(Clone)]
pub(crate) struct Queue {
    pub sql: Sql,
}

impl Queue {
    pub async fn insert(&self, row: &ImportRow) -> Result<()> {
        on!(self.sql.write(), db => sqlx::query(
            "INSERT INTO resume_import (id, workspace_id, actor_id, actor_name, file_name, size, original, wanted_person_id, state, progress, created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)")
            .bind(row.id).bind(row.workspace_id).bind(row.actor_id).bind(&row.actor_name).bind(&row.file_name).bind(row.size)
            .bind(&row.original).bind(row.wanted_person_id).bind(&row.state).bind(row.progress).bind(row.created_at)
            .execute(db).await.map(|_| ()))?;
        Ok(())
    }

    pub async fn find(&self, workspace: WorkspaceId, id: ImportId) -> Result<Option<ImportRow>> {
        Ok(on!(self.sql.read(), db => sqlx::query_as("SELECT * FROM resume_import WHERE workspace_id = $1 AND id = $2")
            .bind(workspace.0).bind(id.0).fetch_optional(db).await)?)
    }

    /// Newest first.
    pub async fn list(&self, workspace: WorkspaceId, state: Option<ImportState>, query: &ListQuery) -> Result<Page<Import>> {
        let limit = query.limit()?;
        let before: Uuid = query.after()?.unwrap_or(Uuid::max());
        let rows: Vec<ImportRow> = on!(self.sql.read(), db => sqlx::query_as(
            "SELECT * FROM resume_import WHERE workspace_id = $1 AND id < $2 AND (CAST($3 AS TEXT) IS NULL OR state = $3) ORDER BY id DESC LIMIT $4")
            .bind(workspace.0).bind(before).bind(state.map(ImportState::as_str)).bind(limit + 1).fetch_all(db).await)?;
        let imports = rows.into_iter().map(ImportRow::import).collect::<Result<Vec<_>>>()?;
        Ok(ListQuery::page(limit, imports, |import| import.id.0))
    }

    /// What a process that ended left half done waits again: what nobody has been at for `silence`.
    pub async fn requeue_running(&self, silence: TimeDelta) -> Result<u64> {
        Ok(on!(self.sql.write(), db => sqlx::query(
            "UPDATE resume_import SET state = 'queued', progress = 0 WHERE state = 'running' AND updated_at <= $1")
            .bind(now() - silence).execute(db).await.map(|done| done.rows_affected()))?)
    }

    /// Takes the oldest that waits.
    pub async fn claim(&self) -> Result<Option<ImportRow>> {
        Ok(on!(self.sql.write(), db => sqlx::query_as(
            "UPDATE resume_import SET state = 'running', progress = 0.05, updated_at = $1
             WHERE id = (SELECT id FROM resume_import WHERE state = 'queued' ORDER BY id LIMIT 1) AND state = 'queued' RETURNING *")
            .bind(now()).fetch_optional(db).await)?)
    }

    pub async fn progress(&self, id: Uuid, progress: f64) -> Result<()> {
        on!(self.sql.write(), db => sqlx::query("UPDATE resume_import SET progress = $2, updated_at = $3 WHERE id = $1")
            .bind(id).bind(progress).bind(now()).execute(db).await.map(|_| ()))?;
        Ok(())
    }

    /// Ends it well, in the transaction that makes the resume.
    pub async fn done(tx: &mut Tx, id: Uuid, outcome: Outcome) -> Result<()> {
        on!(tx.conn(), db => sqlx::query(
            "UPDATE resume_import SET state = 'done', progress = 1, resume_id = $2, person_id = $3, duplicate_of = $4, updated_at = $5 WHERE id = $1")
            .bind(id).bind(outcome.resume.0).bind(outcome.person.0).bind(outcome.duplicate_of.map(|id| id.0)).bind(now())
            .execute(db).await.map(|_| ()))?;
        Ok(())
    }

    /// Ends it with a reason.
    pub async fn failed(&self, id: Uuid, problem: &Problem) -> Result<()> {
        on!(self.sql.write(), db => sqlx::query("UPDATE resume_import SET state = 'failed', problem = $2, updated_at = $3 WHERE id = $1")
            .bind(id).bind(Json(problem)).bind(now()).execute(db).await.map(|_| ()))?;
        Ok(())
    }
}

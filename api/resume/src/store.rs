//! The tables `resume` and `resume_version`, and the documents they point to.

use crate::projected::projected;
use chrono::{DateTime, Utc};
use looma_kernel::types::json_resume::{JsonResume, Provenance};
use looma_kernel::types::resume::{ResumeSummary, ResumeVersion};
use looma_kernel::types::{Page, PersonId, ResumeId, WorkspaceId};
use looma_kernel::{Actor, Change, Failure, ListQuery, Position, Result};
use looma_store::{Documents, Sql, Stores, Tx, on};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use uuid::Uuid;

/// The kind of a resume's documents.
const KIND: &str = "resume";

/// One immutable content.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Document {
    pub content: JsonResume,
    #[serde(default)]
    pub provenance: BTreeMap<String, Provenance>,
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub(crate) struct ResumeRow {
    pub id: Uuid,
    pub workspace_id: Uuid,
    pub person_id: Uuid,
    pub title: String,
    pub version: i64,
    /// The name of the current content's document.
    pub document: String,
    /// The name of the uploaded file's blob.
    pub original: Option<String>,
    pub original_name: Option<String>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl ResumeRow {
    pub fn resume_id(&self) -> ResumeId {
        ResumeId(self.id)
    }

    fn summary(self) -> ResumeSummary {
        ResumeSummary {
            id: self.id.into(),
            person_id: self.person_id.into(),
            title: self.title,
            version: self.version,
            original: self.original_name,
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }
}

#[derive(sqlx::FromRow)]
struct VersionRow {
    version: i64,
    cause: String,
    created_by: Uuid,
    created_at: DateTime<Utc>,
}

#[derive(Clone)]
pub(crate) struct ResumeStore {
    sql: Sql,
    documents: Arc<dyn Documents>,
}

impl ResumeStore {
    pub fn new(stores: &Stores) -> Self {
        Self { sql: stores.sql.clone(), documents: stores.documents.clone() }
    }

    /// Keeps a content; its name. To be done before a row points to it.
    pub async fn keep(&self, workspace: WorkspaceId, document: &Document) -> Result<String> {
        let value = serde_json::to_value(document).map_err(Failure::internal)?;
        Ok(self.documents.put(workspace, KIND, &value).await?)
    }

    /// A content by its name.
    pub async fn document(&self, workspace: WorkspaceId, name: &str) -> looma_store::Result<Document> {
        let value = self.documents.get(workspace, KIND, name).await?;
        let value = value.ok_or_else(|| looma_store::Error::corrupt("documents", format!("resume document {name} is missing")))?;
        serde_json::from_value(value).map_err(|error| looma_store::Error::corrupt("documents", error))
    }

    /// Adds a resume as its first version.
    pub async fn insert(&self, actor: &Actor, row: &ResumeRow, content: &JsonResume, cause: &str) -> Result<Position> {
        let mut tx = self.sql.begin().await?;
        insert_in(&mut tx, actor, row, content, cause).await?;
        Ok(tx.commit().await?)
    }

    /// The same for a file that was read, within a transaction that does more.
    pub async fn insert_with(&self, tx: &mut Tx, actor: &Actor, row: &ResumeRow, content: &JsonResume) -> Result<()> {
        insert_in(tx, actor, row, content, "import").await
    }

    pub async fn find(&self, workspace: WorkspaceId, id: ResumeId) -> Result<Option<ResumeRow>> {
        Ok(on!(self.sql.read(), db => sqlx::query_as(
            "SELECT id, workspace_id, person_id, title, version, document, original, original_name, created_at, updated_at
             FROM resume WHERE workspace_id = $1 AND id = $2")
            .bind(workspace.0).bind(id.0).fetch_optional(db).await)?)
    }

    /// The oldest resume made from the same file.
    pub async fn find_by_original(&self, workspace: WorkspaceId, original: &str) -> Result<Option<ResumeRow>> {
        Ok(on!(self.sql.read(), db => sqlx::query_as(
            "SELECT id, workspace_id, person_id, title, version, document, original, original_name, created_at, updated_at
             FROM resume WHERE workspace_id = $1 AND original = $2 ORDER BY id LIMIT 1")
            .bind(workspace.0).bind(original).fetch_optional(db).await)?)
    }

    /// Newest first.
    pub async fn list(&self, workspace: WorkspaceId, person: Option<PersonId>, query: &ListQuery) -> Result<Page<ResumeSummary>> {
        let limit = query.limit()?;
        let before: Uuid = query.after()?.unwrap_or(Uuid::max());
        let rows: Vec<ResumeRow> = on!(self.sql.read(), db => sqlx::query_as(
            "SELECT id, workspace_id, person_id, title, version, document, original, original_name, created_at, updated_at
             FROM resume WHERE workspace_id = $1 AND id < $2 AND ($3 IS NULL OR person_id = $3) ORDER BY id DESC LIMIT $4")
            .bind(workspace.0).bind(before).bind(person.map(|id| id.0)).bind(limit + 1).fetch_all(db).await)?;
        Ok(ListQuery::page(limit, rows.into_iter().map(ResumeRow::summary).collect(), |resume| resume.id.0))
    }

    /// Of all workspaces, in order of id.
    pub async fn rows_after(&self, after: Uuid, limit: i64) -> looma_store::Result<Vec<ResumeRow>> {
        Ok(on!(self.sql.read(), db => sqlx::query_as(
            "SELECT id, workspace_id, person_id, title, version, document, original, original_name, created_at, updated_at
             FROM resume WHERE id > $1 ORDER BY id LIMIT $2")
            .bind(after).bind(limit).fetch_all(db).await)?)
    }

    /// Points the resume to a new content. Refuses as stale where the version before is not the one stored.
    pub async fn update(&self, actor: &Actor, row: &ResumeRow, content: &JsonResume, cause: &str) -> Result<Position> {
        let mut tx = self.sql.begin().await?;
        let changed = on!(tx.conn(), db => sqlx::query(
            "UPDATE resume SET person_id = $3, title = $4, version = $5, document = $6, updated_at = $7
             WHERE workspace_id = $1 AND id = $2 AND version = $5 - 1")
            .bind(row.workspace_id).bind(row.id).bind(row.person_id).bind(&row.title).bind(row.version).bind(&row.document).bind(row.updated_at)
            .execute(db).await.map(|done| done.rows_affected()))?;
        if changed == 0 {
            return Err(Failure::stale());
        }
        insert_version(&mut tx, actor, row, cause).await?;
        let action = if cause == "restore" { "resume.restore" } else { "resume.update" };
        tx.event(actor.event(row.resume_id(), row.version, action, Change::Upsert(Box::new(projected(row, content))))).await?;
        Ok(tx.commit().await?)
    }

    pub async fn delete(&self, actor: &Actor, row: &ResumeRow) -> Result<Position> {
        let mut tx = self.sql.begin().await?;
        let gone = on!(tx.conn(), db => sqlx::query("DELETE FROM resume WHERE workspace_id = $1 AND id = $2 AND version = $3")
            .bind(row.workspace_id).bind(row.id).bind(row.version).execute(db).await.map(|done| done.rows_affected()))?;
        if gone == 0 {
            return Err(Failure::stale());
        }
        tx.event(actor.event(row.resume_id(), row.version + 1, "resume.delete", Change::Delete)).await?;
        Ok(tx.commit().await?)
    }

    /// Newest first.
    pub async fn versions(&self, id: ResumeId, query: &ListQuery) -> Result<Page<ResumeVersion>> {
        let limit = query.limit()?;
        let before: i64 = query.after()?.unwrap_or(i64::MAX);
        let rows: Vec<VersionRow> = on!(self.sql.read(), db => sqlx::query_as(
            "SELECT version, cause, created_by, created_at FROM resume_version WHERE resume_id = $1 AND version < $2 ORDER BY version DESC LIMIT $3")
            .bind(id.0).bind(before).bind(limit + 1).fetch_all(db).await)?;
        let versions = rows
            .into_iter()
            .map(|row| ResumeVersion { version: row.version, cause: row.cause, created_by: row.created_by, created_at: row.created_at })
            .collect();
        Ok(ListQuery::page(limit, versions, |version: &ResumeVersion| version.version))
    }

    /// The title and the document's name of one version.
    pub async fn version(&self, id: ResumeId, version: i64) -> Result<Option<(String, String)>> {
        Ok(on!(self.sql.read(), db => sqlx::query_as("SELECT title, document FROM resume_version WHERE resume_id = $1 AND version = $2")
            .bind(id.0).bind(version).fetch_optional(db).await)?)
    }
}

async fn insert_in(tx: &mut Tx, actor: &Actor, row: &ResumeRow, content: &JsonResume, cause: &str) -> Result<()> {
    on!(tx.conn(), db => sqlx::query(
        "INSERT INTO resume (id, workspace_id, person_id, title, version, document, original, original_name, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)")
        .bind(row.id).bind(row.workspace_id).bind(row.person_id).bind(&row.title).bind(row.version).bind(&row.document)
        .bind(&row.original).bind(&row.original_name).bind(row.created_at).bind(row.updated_at)
        .execute(db).await.map(|_| ()))?;
    insert_version(tx, actor, row, cause).await?;
    tx.event(actor.event(row.resume_id(), row.version, "resume.create", Change::Upsert(Box::new(projected(row, content))))).await?;
    Ok(())
}

async fn insert_version(tx: &mut Tx, actor: &Actor, row: &ResumeRow, cause: &str) -> Result<()> {
    on!(tx.conn(), db => sqlx::query(
        "INSERT INTO resume_version (resume_id, version, workspace_id, title, document, cause, created_by, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)")
        .bind(row.id).bind(row.version).bind(row.workspace_id).bind(&row.title).bind(&row.document).bind(cause).bind(actor.id).bind(row.updated_at)
        .execute(db).await.map(|_| ()))?;
    Ok(())
}

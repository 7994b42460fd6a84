//! The table `skill`: a workspace's own skills, and its additions to seeded ones.

use crate::service::{projected, upsert};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use looma_kernel::types::skill::{Skill, SkillDraft};
use looma_kernel::types::{RecordKind, SkillId, WorkspaceId};
use looma_kernel::{Actor, Change, Failure, Position, Result};
use looma_store::{Projected, Source, Sql, on};
use sqlx::types::Json;
use uuid::Uuid;

/// Changes whenever a workspace's skills do.
pub(crate) type Stamp = (i64, Option<DateTime<Utc>>);

#[derive(Clone)]
pub(crate) struct SkillStore {
    sql: Sql,
}

#[derive(sqlx::FromRow)]
struct SkillRow {
    id: Uuid,
    workspace_id: Uuid,
    fields: Json<SkillDraft>,
    seeded: bool,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<SkillRow> for Skill {
    fn from(row: SkillRow) -> Self {
        Self {
            id: row.id.into(),
            fields: row.fields.0,
            seeded: row.seeded,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

impl SkillStore {
    pub fn new(sql: Sql) -> Self {
        Self { sql }
    }

    pub async fn stamp(&self, workspace: WorkspaceId) -> Result<Stamp> {
        Ok(on!(self.sql.read(), db => sqlx::query_as("SELECT COUNT(*), MAX(updated_at) FROM skill WHERE workspace_id = $1")
            .bind(workspace.0).fetch_one(db).await)?)
    }

    pub async fn own(&self, workspace: WorkspaceId) -> Result<Vec<Skill>> {
        let rows: Vec<SkillRow> = on!(self.sql.read(), db => sqlx::query_as(
            "SELECT id, workspace_id, fields, seeded, version, created_at, updated_at FROM skill WHERE workspace_id = $1 ORDER BY id")
            .bind(workspace.0).fetch_all(db).await)?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    pub async fn insert(&self, actor: &Actor, skill: &Skill) -> Result<Position> {
        let mut tx = self.sql.begin().await?;
        on!(tx.conn(), db => sqlx::query(
            "INSERT INTO skill (id, workspace_id, name, fields, seeded, version, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)")
            .bind(skill.id.0).bind(actor.workspace.0).bind(skill.fields.name.to_lowercase()).bind(Json(&skill.fields))
            .bind(skill.seeded).bind(skill.version).bind(skill.created_at).bind(skill.updated_at)
            .execute(db).await.map(|_| ()))?;
        tx.event(actor.event(skill.id, skill.version, "skill.create", upsert(actor, skill))).await?;
        Ok(tx.commit().await?)
    }

    /// Refuses as stale where the version before is not the one stored.
    pub async fn update(&self, actor: &Actor, skill: &Skill) -> Result<Position> {
        let mut tx = self.sql.begin().await?;
        let changed = on!(tx.conn(), db => sqlx::query(
            "UPDATE skill SET name = $3, fields = $4, version = $5, updated_at = $6 WHERE workspace_id = $1 AND id = $2 AND version = $5 - 1")
            .bind(actor.workspace.0).bind(skill.id.0).bind(skill.fields.name.to_lowercase()).bind(Json(&skill.fields))
            .bind(skill.version).bind(skill.updated_at).execute(db).await.map(|done| done.rows_affected()))?;
        if changed == 0 {
            return Err(Failure::stale());
        }
        tx.event(actor.event(skill.id, skill.version, "skill.update", upsert(actor, skill))).await?;
        Ok(tx.commit().await?)
    }

    pub async fn delete(&self, actor: &Actor, id: SkillId, version: i64) -> Result<Position> {
        let mut tx = self.sql.begin().await?;
        let gone = on!(tx.conn(), db => sqlx::query("DELETE FROM skill WHERE workspace_id = $1 AND id = $2 AND version = $3")
            .bind(actor.workspace.0).bind(id.0).bind(version).execute(db).await.map(|done| done.rows_affected()))?;
        if gone == 0 {
            return Err(Failure::stale());
        }
        tx.event(actor.event(id, version + 1, "skill.delete", Change::Delete)).await?;
        Ok(tx.commit().await?)
    }
}

/// The truth about skills, for rebuilding projections. The seed is in the binary, not here.
pub struct SkillSource(pub Sql);

#[async_trait]
impl Source for SkillSource {
    fn kind(&self) -> RecordKind {
        RecordKind::Skill
    }

    async fn page(&self, after: Option<Uuid>, limit: i64) -> looma_store::Result<Vec<Projected>> {
        // Whole ids: a seeded skill may have a row in several workspaces, and a page must not end between them.
        let rows: Vec<SkillRow> = on!(self.0.read(), db => sqlx::query_as(
            "SELECT id, workspace_id, fields, seeded, version, created_at, updated_at FROM skill
             WHERE id IN (SELECT DISTINCT id FROM skill WHERE id > $1 ORDER BY id LIMIT $2) ORDER BY id, workspace_id")
            .bind(after.unwrap_or_default()).bind(limit).fetch_all(db).await)?;
        Ok(rows.into_iter().map(|row| projected(WorkspaceId(row.workspace_id), &row.into())).collect())
    }
}

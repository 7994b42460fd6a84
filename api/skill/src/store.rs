//! The table `skill`: a workspace's own skills, and its additions to seeded ones.

use crate::service::{projected, upsert};
use crate::taxonomy::Taxonomy;
use crate::vocabulary::seeded;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use looma_kernel::types::skill::{Skill, SkillDraft};
use looma_kernel::types::{RecordKind, SkillId, WorkspaceId};
use looma_kernel::{Actor, Change, Failure, Position, Result};
use looma_store::{Projected, Source, Sql, on};
use sqlx::types::Json;
use std::collections::BTreeMap;
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

/// The truth about skills, for rebuilding projections: the taxonomy in every workspace, and what is kept in rows.
pub struct SkillSource(pub Sql);

#[async_trait]
impl Source for SkillSource {
    fn kind(&self) -> RecordKind {
        RecordKind::Skill
    }

    async fn page(&self, after: Option<Uuid>, limit: i64) -> looma_store::Result<Vec<Projected>> {
        let after = after.unwrap_or_default();
        let workspaces = self.0.workspaces().await?;
        let own: Vec<Uuid> = on!(self.0.read(), db => sqlx::query_scalar("SELECT DISTINCT id FROM skill WHERE id > $1 ORDER BY id LIMIT $2")
            .bind(after).bind(limit).fetch_all(db).await)?;
        let seed = Taxonomy::seed();
        let mut ids: Vec<Uuid> = seed.skills().iter().map(|known| known.id).filter(|id| *id > after).chain(own).collect();
        ids.sort_unstable();
        ids.dedup();
        // Whole ids: a seeded skill is in every workspace, and a page must not end between them.
        ids.truncate((limit as usize / workspaces.len().max(1)).max(1));
        let Some(last) = ids.last() else { return Ok(vec![]) };
        let rows: Vec<SkillRow> = on!(self.0.read(), db => sqlx::query_as(
            "SELECT id, workspace_id, fields, seeded, version, created_at, updated_at FROM skill WHERE id > $1 AND id <= $2")
            .bind(after).bind(last).fetch_all(db).await)?;
        let mut page: BTreeMap<(Uuid, WorkspaceId), Projected> = BTreeMap::new();
        for known in ids.iter().filter_map(|id| seed.by_id(*id)) {
            let skill = seeded(known);
            page.extend(workspaces.iter().map(|workspace| ((known.id, *workspace), projected(*workspace, &skill))));
        }
        page.extend(rows.into_iter().map(|row| {
            let workspace = WorkspaceId(row.workspace_id);
            ((row.id, workspace), projected(workspace, &row.into()))
        }));
        Ok(page.into_values().collect())
    }
}

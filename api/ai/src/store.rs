//! The tables `ai_model` and `ai_activation`.

use chrono::{DateTime, Utc};
use looma_kernel::Result;
use looma_kernel::types::ai::{Model, ModelDraft};
use looma_kernel::types::{ModelId, WorkspaceId, now};
use looma_store::{Sql, on};
use sqlx::types::Json;
use uuid::Uuid;

#[derive(Clone)]
pub(crate) struct ModelStore {
    sql: Sql,
}

#[derive(sqlx::FromRow)]
struct ModelRow {
    id: Uuid,
    fields: Json<ModelDraft>,
    active: bool,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<ModelRow> for Model {
    fn from(row: ModelRow) -> Self {
        Self {
            id: row.id.into(),
            fields: row.fields.0,
            active: row.active,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

impl ModelStore {
    pub fn new(sql: Sql) -> Self {
        Self { sql }
    }

    pub async fn all(&self, workspace: WorkspaceId) -> Result<Vec<Model>> {
        let rows: Vec<ModelRow> = on!(self.sql.read(), db => sqlx::query_as(
            "SELECT id, fields, active, version, created_at, updated_at FROM ai_model WHERE workspace_id = $1 ORDER BY id")
            .bind(workspace.0).fetch_all(db).await)?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    pub async fn insert(&self, workspace: WorkspaceId, model: &Model) -> Result<()> {
        on!(self.sql.write(), db => sqlx::query(
            "INSERT INTO ai_model (id, workspace_id, name, purpose, fields, active, version, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)")
            .bind(model.id.0).bind(workspace.0).bind(&model.fields.name).bind(&model.fields.purpose).bind(Json(&model.fields))
            .bind(model.active).bind(model.version).bind(model.created_at).bind(model.updated_at)
            .execute(db).await.map(|_| ()))?;
        Ok(())
    }

    /// Puts a model into use; none is the built-in one.
    pub async fn activate(&self, workspace: WorkspaceId, purpose: &str, model: Option<ModelId>) -> Result<()> {
        let at = now();
        let mut tx = self.sql.begin().await?;
        on!(tx.conn(), db => sqlx::query(
            "UPDATE ai_model SET active = (id = $3), version = version + 1, updated_at = $4
             WHERE workspace_id = $1 AND purpose = $2 AND active <> (id = $3)")
            .bind(workspace.0).bind(purpose).bind(model.map_or(Uuid::nil(), |id| id.0)).bind(at)
            .execute(db).await.map(|_| ()))?;
        on!(tx.conn(), db => sqlx::query("INSERT INTO ai_activation (id, workspace_id, purpose, model_id, at) VALUES ($1, $2, $3, $4, $5)")
            .bind(Uuid::now_v7()).bind(workspace.0).bind(purpose).bind(model.map(|id| id.0)).bind(at)
            .execute(db).await.map(|_| ()))?;
        tx.commit().await?;
        Ok(())
    }

    /// What was in use before the model in use now: a model that is still registered, or the built-in one (`Some(None)`).
    pub async fn previous(&self, workspace: WorkspaceId, purpose: &str) -> Result<Option<Option<ModelId>>> {
        let rows: Vec<(Option<Uuid>,)> = on!(self.sql.read(), db => sqlx::query_as(
            "SELECT model_id FROM ai_activation WHERE workspace_id = $1 AND purpose = $2
             AND (model_id IS NULL OR model_id IN (SELECT id FROM ai_model WHERE workspace_id = $1))
             ORDER BY at DESC, id DESC LIMIT 100")
            .bind(workspace.0).bind(purpose).fetch_all(db).await)?;
        let Some((current,)) = rows.first().copied() else { return Ok(None) };
        let before = rows.iter().map(|(model,)| *model).find(|model| *model != current);
        // Before the first activation the built-in model was in use.
        Ok(before.or_else(|| current.map(|_| None)).map(|model| model.map(ModelId)))
    }

    pub async fn delete(&self, workspace: WorkspaceId, id: ModelId) -> Result<()> {
        on!(self.sql.write(), db => sqlx::query("DELETE FROM ai_model WHERE workspace_id = $1 AND id = $2")
            .bind(workspace.0).bind(id.0).execute(db).await.map(|_| ()))?;
        Ok(())
    }
}

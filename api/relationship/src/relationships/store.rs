//! The table `relationship`.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use looma_kernel::types::person::{Relationship, RelationshipDraft};
use looma_kernel::types::{Page, RecordKind, Ref, RelationshipId, WorkspaceId};
use looma_kernel::{Actor, Change, Failure, ListQuery, Position, Result};
use looma_store::{Error, Projected, ProjectedEdge, Source, Sql, Tx, on};
use sqlx::types::Json;
use uuid::Uuid;

/// How strong a relationship is of which nobody said it.
const STRENGTH: f64 = 0.5;

/// What a list selects, the last made first.
#[derive(Clone, Debug, Default)]
pub struct List {
    pub query: ListQuery,
    /// At either end.
    pub of: Option<Ref>,
    pub kind: Option<String>,
}

#[derive(Clone)]
pub(crate) struct RelationshipStore {
    sql: Sql,
}

#[derive(sqlx::FromRow)]
struct RelationshipRow {
    id: Uuid,
    workspace_id: Uuid,
    fields: Json<RelationshipDraft>,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<RelationshipRow> for Relationship {
    fn from(row: RelationshipRow) -> Self {
        Self { id: row.id.into(), fields: row.fields.0, version: row.version, created_at: row.created_at, updated_at: row.updated_at }
    }
}

impl RelationshipStore {
    pub fn new(sql: Sql) -> Self {
        Self { sql }
    }

    /// # Errors
    /// `conflict` where the same relationship, since the same day, is there already.
    pub async fn insert(&self, actor: &Actor, relationship: &Relationship) -> Result<Position> {
        let fields = &relationship.fields;
        let mut tx = self.sql.begin().await?;
        on!(tx.conn(), db => sqlx::query(
            "INSERT INTO relationship (id, workspace_id, from_kind, from_id, to_kind, to_id, kind, since, fields, version, created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)")
            .bind(relationship.id.0).bind(actor.workspace.0).bind(fields.from.kind.as_str()).bind(fields.from.id)
            .bind(fields.to.kind.as_str()).bind(fields.to.id).bind(&fields.kind).bind(since(fields)).bind(Json(fields))
            .bind(relationship.version).bind(relationship.created_at).bind(relationship.updated_at)
            .execute(db).await.map(|_| ())).map_err(once)?;
        tx.event(actor.event(relationship.id, relationship.version, "relationship.create", upsert(actor, relationship))).await?;
        Ok(tx.commit().await?)
    }

    pub async fn find(&self, workspace: WorkspaceId, id: RelationshipId) -> Result<Option<Relationship>> {
        let row: Option<RelationshipRow> = on!(self.sql.read(), db => sqlx::query_as(
            "SELECT id, workspace_id, fields, version, created_at, updated_at FROM relationship WHERE workspace_id = $1 AND id = $2")
            .bind(workspace.0).bind(id.0).fetch_optional(db).await)?;
        Ok(row.map(Into::into))
    }

    pub async fn list(&self, workspace: WorkspaceId, list: List) -> Result<Page<Relationship>> {
        let limit = list.query.limit()?;
        let (at, id) = list.query.before()?;
        let rows: Vec<RelationshipRow> = match list.of {
            Some(of) => on!(self.sql.read(), db => sqlx::query_as(
                "SELECT id, workspace_id, fields, version, created_at, updated_at FROM relationship
                 WHERE id IN (SELECT id FROM relationship WHERE workspace_id = $1 AND from_kind = $6 AND from_id = $7
                        UNION SELECT id FROM relationship WHERE workspace_id = $1 AND to_kind = $6 AND to_id = $7)
                 AND (created_at, id) < ($2, $3) AND (CAST($4 AS TEXT) IS NULL OR kind = $4)
                 ORDER BY created_at DESC, id DESC LIMIT $5")
                .bind(workspace.0).bind(at).bind(id).bind(&list.kind).bind(limit + 1).bind(of.kind.as_str()).bind(of.id)
                .fetch_all(db).await)?,
            None => on!(self.sql.read(), db => sqlx::query_as(
                "SELECT id, workspace_id, fields, version, created_at, updated_at FROM relationship
                 WHERE workspace_id = $1 AND (created_at, id) < ($2, $3) AND (CAST($4 AS TEXT) IS NULL OR kind = $4)
                 ORDER BY created_at DESC, id DESC LIMIT $5")
                .bind(workspace.0).bind(at).bind(id).bind(&list.kind).bind(limit + 1).fetch_all(db).await)?,
        };
        let relationships = rows.into_iter().map(Relationship::from).collect();
        Ok(ListQuery::page(limit, relationships, |relationship| (relationship.created_at, relationship.id.0)))
    }

    /// Refuses as stale where the version before is not the one stored.
    pub async fn update(&self, actor: &Actor, relationship: &Relationship) -> Result<Position> {
        let fields = &relationship.fields;
        let mut tx = self.sql.begin().await?;
        let changed = on!(tx.conn(), db => sqlx::query(
            "UPDATE relationship SET from_kind = $3, from_id = $4, to_kind = $5, to_id = $6, kind = $7, since = $8, fields = $9, version = $10, updated_at = $11
             WHERE workspace_id = $1 AND id = $2 AND version = $10 - 1")
            .bind(actor.workspace.0).bind(relationship.id.0).bind(fields.from.kind.as_str()).bind(fields.from.id)
            .bind(fields.to.kind.as_str()).bind(fields.to.id).bind(&fields.kind).bind(since(fields)).bind(Json(fields))
            .bind(relationship.version).bind(relationship.updated_at)
            .execute(db).await.map(|done| done.rows_affected())).map_err(once)?;
        if changed == 0 {
            return Err(Failure::stale());
        }
        tx.event(actor.event(relationship.id, relationship.version, "relationship.update", upsert(actor, relationship))).await?;
        Ok(tx.commit().await?)
    }

    pub async fn delete(&self, actor: &Actor, id: RelationshipId, version: i64) -> Result<Position> {
        let mut tx = self.sql.begin().await?;
        let gone = on!(tx.conn(), db => sqlx::query("DELETE FROM relationship WHERE workspace_id = $1 AND id = $2 AND version = $3")
            .bind(actor.workspace.0).bind(id.0).bind(version).execute(db).await.map(|done| done.rows_affected()))?;
        if gone == 0 {
            return Err(Failure::stale());
        }
        tx.event(actor.event(id, version + 1, "relationship.delete", Change::Delete)).await?;
        Ok(tx.commit().await?)
    }
}

/// Deletes all relationships of a record that is being deleted.
pub(crate) async fn forget(tx: &mut Tx, actor: &Actor, record: Ref) -> Result<()> {
    let gone: Vec<(Uuid, i64)> = on!(tx.conn(), db => sqlx::query_as(
        "DELETE FROM relationship WHERE workspace_id = $1 AND ((from_kind = $2 AND from_id = $3) OR (to_kind = $2 AND to_id = $3))
         RETURNING id, version")
        .bind(actor.workspace.0).bind(record.kind.as_str()).bind(record.id).fetch_all(db).await)?;
    for (id, version) in gone {
        tx.event(actor.event(RelationshipId(id), version + 1, "relationship.delete", Change::Delete)).await?;
    }
    Ok(())
}

fn since(fields: &RelationshipDraft) -> String {
    fields.since.map(|day| day.to_string()).unwrap_or_default()
}

fn once(error: sqlx::Error) -> Failure {
    match Error::from(error) {
        Error::Taken { .. } => Failure::conflict("The same relationship, since the same day, is there already."),
        error => error.into(),
    }
}

fn upsert(actor: &Actor, relationship: &Relationship) -> Change {
    Change::Upsert(Box::new(projected(actor.workspace, relationship)))
}

/// The form in which the graph knows a relationship: one edge.
fn projected(workspace: WorkspaceId, relationship: &Relationship) -> Projected {
    let fields = &relationship.fields;
    let mut projected = Projected::new(workspace, relationship.id.into(), relationship.version, &fields.kind);
    projected.edges.push(ProjectedEdge {
        id: relationship.id.0,
        from: fields.from,
        to: fields.to,
        kind: fields.kind.clone(),
        strength: fields.strength.unwrap_or(STRENGTH),
    });
    projected
}

/// The truth about relationships, for rebuilding projections.
pub struct RelationshipSource(pub Sql);

#[async_trait]
impl Source for RelationshipSource {
    fn kind(&self) -> RecordKind {
        RecordKind::Relationship
    }

    async fn page(&self, after: Option<Uuid>, limit: i64) -> looma_store::Result<Vec<Projected>> {
        let rows: Vec<RelationshipRow> = on!(self.0.read(), db => sqlx::query_as(
            "SELECT id, workspace_id, fields, version, created_at, updated_at FROM relationship WHERE id > $1 ORDER BY id LIMIT $2")
            .bind(after.unwrap_or_default()).bind(limit).fetch_all(db).await)?;
        Ok(rows.into_iter().map(|row| projected(WorkspaceId(row.workspace_id), &row.into())).collect())
    }
}

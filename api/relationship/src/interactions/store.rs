//! The tables `interaction` and `interaction_with`.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use looma_kernel::types::person::{Interaction, InteractionDraft, InteractionKind};
use looma_kernel::types::{InteractionId, Page, RecordKind, Ref, WorkspaceId, now};
use looma_kernel::{Actor, Change, Failure, ListQuery, Position, Result};
use looma_store::{Projected, Source, Sql, Tx, on};
use sqlx::types::Json;
use uuid::Uuid;

/// What a list selects, the newest first.
#[derive(Clone, Debug, Default)]
pub struct List {
    pub query: ListQuery,
    pub with: Option<Ref>,
    pub kind: Option<InteractionKind>,
    /// Only those whose next step is still to be done.
    pub open: bool,
}

#[derive(Clone)]
pub(crate) struct InteractionStore {
    sql: Sql,
}

#[derive(sqlx::FromRow)]
struct InteractionRow {
    id: Uuid,
    workspace_id: Uuid,
    fields: Json<InteractionDraft>,
    created_by: Uuid,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<InteractionRow> for Interaction {
    fn from(row: InteractionRow) -> Self {
        Self {
            id: row.id.into(),
            fields: row.fields.0,
            created_by: row.created_by,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

impl InteractionStore {
    pub fn new(sql: Sql) -> Self {
        Self { sql }
    }

    pub async fn insert(&self, actor: &Actor, interaction: &Interaction) -> Result<Position> {
        let mut tx = self.sql.begin().await?;
        on!(tx.conn(), db => sqlx::query(
            "INSERT INTO interaction (id, workspace_id, at, kind, open, fields, created_by, version, created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)")
            .bind(interaction.id.0).bind(actor.workspace.0).bind(interaction.fields.at).bind(interaction.fields.kind.as_str())
            .bind(is_open(&interaction.fields)).bind(Json(&interaction.fields)).bind(interaction.created_by)
            .bind(interaction.version).bind(interaction.created_at).bind(interaction.updated_at).execute(db).await.map(|_| ()))?;
        index(&mut tx, actor.workspace, interaction).await?;
        tx.event(actor.event(interaction.id, interaction.version, "interaction.create", upsert(actor, interaction))).await?;
        Ok(tx.commit().await?)
    }

    pub async fn find(&self, workspace: WorkspaceId, id: InteractionId) -> Result<Option<Interaction>> {
        let row: Option<InteractionRow> = on!(self.sql.read(), db => sqlx::query_as(
            "SELECT id, workspace_id, fields, created_by, version, created_at, updated_at FROM interaction WHERE workspace_id = $1 AND id = $2")
            .bind(workspace.0).bind(id.0).fetch_optional(db).await)?;
        Ok(row.map(Into::into))
    }

    pub async fn list(&self, workspace: WorkspaceId, list: List) -> Result<Page<Interaction>> {
        let limit = list.query.limit()?;
        let (at, id) = list.query.before()?;
        let kind = list.kind.map(InteractionKind::as_str);
        let rows: Vec<InteractionRow> = match list.with {
            Some(with) => on!(self.sql.read(), db => sqlx::query_as(
                "SELECT i.id, i.workspace_id, i.fields, i.created_by, i.version, i.created_at, i.updated_at
                 FROM interaction_with w JOIN interaction i ON i.id = w.interaction_id
                 WHERE w.workspace_id = $1 AND w.record_kind = $7 AND w.record_id = $8 AND (w.at, w.interaction_id) < ($2, $3)
                 AND (CAST($4 AS TEXT) IS NULL OR i.kind = $4) AND (i.open OR NOT $5)
                 ORDER BY w.at DESC, w.interaction_id DESC LIMIT $6")
                .bind(workspace.0).bind(at).bind(id).bind(kind).bind(list.open).bind(limit + 1).bind(with.kind.as_str()).bind(with.id)
                .fetch_all(db).await)?,
            None => on!(self.sql.read(), db => sqlx::query_as(
                "SELECT id, workspace_id, fields, created_by, version, created_at, updated_at FROM interaction
                 WHERE workspace_id = $1 AND (at, id) < ($2, $3)
                 AND (CAST($4 AS TEXT) IS NULL OR kind = $4) AND (open OR NOT $5)
                 ORDER BY at DESC, id DESC LIMIT $6")
                .bind(workspace.0).bind(at).bind(id).bind(kind).bind(list.open).bind(limit + 1).fetch_all(db).await)?,
        };
        let interactions = rows.into_iter().map(Interaction::from).collect();
        Ok(ListQuery::page(limit, interactions, |interaction| (interaction.fields.at, interaction.id.0)))
    }

    /// Refuses as stale where the version before is not the one stored.
    pub async fn update(&self, actor: &Actor, interaction: &Interaction) -> Result<Position> {
        let mut tx = self.sql.begin().await?;
        if !write(&mut tx, actor.workspace, interaction).await? {
            return Err(Failure::stale());
        }
        tx.event(actor.event(interaction.id, interaction.version, "interaction.update", upsert(actor, interaction))).await?;
        Ok(tx.commit().await?)
    }

    pub async fn delete(&self, actor: &Actor, id: InteractionId, version: i64) -> Result<Position> {
        let mut tx = self.sql.begin().await?;
        if !remove(&mut tx, actor.workspace, id, version).await? {
            return Err(Failure::stale());
        }
        tx.event(actor.event(id, version + 1, "interaction.delete", Change::Delete)).await?;
        Ok(tx.commit().await?)
    }
}

async fn write(tx: &mut Tx, workspace: WorkspaceId, interaction: &Interaction) -> Result<bool> {
    let changed = on!(tx.conn(), db => sqlx::query(
        "UPDATE interaction SET at = $3, kind = $4, open = $5, fields = $6, version = $7, updated_at = $8
         WHERE workspace_id = $1 AND id = $2 AND version = $7 - 1")
        .bind(workspace.0).bind(interaction.id.0).bind(interaction.fields.at).bind(interaction.fields.kind.as_str())
        .bind(is_open(&interaction.fields)).bind(Json(&interaction.fields)).bind(interaction.version).bind(interaction.updated_at)
        .execute(db).await.map(|done| done.rows_affected()))?;
    if changed > 0 {
        index(tx, workspace, interaction).await?;
    }
    Ok(changed > 0)
}

async fn remove(tx: &mut Tx, workspace: WorkspaceId, id: InteractionId, version: i64) -> Result<bool> {
    Ok(on!(tx.conn(), db => sqlx::query("DELETE FROM interaction WHERE workspace_id = $1 AND id = $2 AND version = $3")
        .bind(workspace.0).bind(id.0).bind(version).execute(db).await.map(|done| done.rows_affected()))?
        > 0)
}

/// Writes anew with what the interaction was.
async fn index(tx: &mut Tx, workspace: WorkspaceId, interaction: &Interaction) -> Result<()> {
    let id = interaction.id.0;
    on!(tx.conn(), db => sqlx::query("DELETE FROM interaction_with WHERE interaction_id = $1").bind(id).execute(db).await.map(|_| ()))?;
    for record in &interaction.fields.with {
        on!(tx.conn(), db => sqlx::query(
            "INSERT INTO interaction_with (interaction_id, workspace_id, record_kind, record_id, at) VALUES ($1, $2, $3, $4, $5)")
            .bind(id).bind(workspace.0).bind(record.kind.as_str()).bind(record.id).bind(interaction.fields.at)
            .execute(db).await.map(|_| ()))?;
    }
    Ok(())
}

/// Takes a deleted person out of all interactions; one that was with nobody else goes too.
pub(crate) async fn forget(tx: &mut Tx, actor: &Actor, person: Ref) -> Result<()> {
    let rows: Vec<InteractionRow> = on!(tx.conn(), db => sqlx::query_as(
        "SELECT i.id, i.workspace_id, i.fields, i.created_by, i.version, i.created_at, i.updated_at
         FROM interaction_with w JOIN interaction i ON i.id = w.interaction_id
         WHERE w.workspace_id = $1 AND w.record_kind = $2 AND w.record_id = $3 ORDER BY i.id")
        .bind(actor.workspace.0).bind(person.kind.as_str()).bind(person.id).fetch_all(db).await)?;
    for row in rows {
        let mut interaction = Interaction::from(row);
        interaction.fields.with.retain(|record| *record != person);
        if interaction.fields.with.iter().any(|record| record.kind == RecordKind::Person) {
            interaction.version += 1;
            interaction.updated_at = now();
            write(tx, actor.workspace, &interaction).await?;
            tx.event(actor.event(interaction.id, interaction.version, "interaction.update", upsert(actor, &interaction))).await?;
        } else {
            remove(tx, actor.workspace, interaction.id, interaction.version).await?;
            tx.event(actor.event(interaction.id, interaction.version + 1, "interaction.delete", Change::Delete)).await?;
        }
    }
    Ok(())
}

fn is_open(fields: &InteractionDraft) -> bool {
    fields.next_step.as_ref().is_some_and(|step| !step.done)
}

fn upsert(actor: &Actor, interaction: &Interaction) -> Change {
    Change::Upsert(Box::new(projected(actor.workspace, interaction)))
}

/// The form in which search knows an interaction.
fn projected(workspace: WorkspaceId, interaction: &Interaction) -> Projected {
    let fields = &interaction.fields;
    let mut projected = Projected::new(workspace, interaction.id.into(), interaction.version, &fields.subject)
        .searchable()
        .text("body", fields.body.clone());
    projected.about = fields.with.iter().find(|record| record.kind == RecordKind::Person).copied();
    projected
}

/// The truth about interactions, for rebuilding projections.
pub struct InteractionSource(pub Sql);

#[async_trait]
impl Source for InteractionSource {
    fn kind(&self) -> RecordKind {
        RecordKind::Interaction
    }

    async fn page(&self, after: Option<Uuid>, limit: i64) -> looma_store::Result<Vec<Projected>> {
        let rows: Vec<InteractionRow> = on!(self.0.read(), db => sqlx::query_as(
            "SELECT id, workspace_id, fields, created_by, version, created_at, updated_at FROM interaction WHERE id > $1 ORDER BY id LIMIT $2")
            .bind(after.unwrap_or_default()).bind(limit).fetch_all(db).await)?;
        Ok(rows.into_iter().map(|row| projected(WorkspaceId(row.workspace_id), &row.into())).collect())
    }
}

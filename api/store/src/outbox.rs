//! The outbox: what was written, in order, in the same transaction as the rows.

use crate::chain::Row;
use crate::detail::without_secrets;
use crate::projection::Projected;
use crate::{Result, Sql, Tx, on};
use chrono::{DateTime, Utc};
use looma_types::{RecordKind, Ref, WorkspaceId};
use sqlx::QueryBuilder;
use sqlx::types::Json;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use uuid::Uuid;

/// Where an event stands in the outbox; grows with every event.
pub type Position = i64;

/// What an event does to the projections.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// The record is now this.
    Upsert(Box<Projected>),
    /// The record is gone.
    Delete,
    /// Something happened that changes no projection, such as a login; kept for the audit log.
    Note,
}

/// An event to write. `action` is for the audit log, such as `job.publish`.
#[derive(Clone, Debug)]
pub struct NewEvent {
    pub workspace: WorkspaceId,
    pub record: Ref,
    pub version: i64,
    pub change: Change,
    pub action: &'static str,
    pub actor_id: Option<Uuid>,
    pub actor_name: String,
    pub request_id: Option<String>,
    /// From where the client asked, where one did.
    pub address: Option<IpAddr>,
    /// What an auditor wants to know; values of fields that hold secrets are left out ([`SECRET`](crate::detail::SECRET)).
    pub detail: serde_json::Value,
}

/// An event as it was read back.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    pub position: Position,
    pub workspace: WorkspaceId,
    pub record: Ref,
    pub version: i64,
    pub change: Change,
    pub action: String,
    pub actor_id: Option<Uuid>,
    pub actor_name: String,
    pub request_id: Option<String>,
    pub detail: serde_json::Value,
    pub at: DateTime<Utc>,
    pub address: Option<String>,
    /// Its place in the chain of its workspace; none for a row that the chain does not know.
    pub sequence: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct EventRow {
    position: i64,
    workspace_id: Uuid,
    record_kind: String,
    record_id: Uuid,
    version: i64,
    op: String,
    projected: Option<Json<Projected>>,
    action: String,
    actor_id: Option<Uuid>,
    actor_name: String,
    request_id: Option<String>,
    detail: Json<serde_json::Value>,
    at: DateTime<Utc>,
    address: Option<String>,
    sequence: Option<i64>,
}

impl EventRow {
    fn into_event(self) -> Result<Event> {
        let kind: RecordKind = self.record_kind.parse().map_err(|error| crate::Error::corrupt("outbox", error))?;
        let change = match (self.op.as_str(), self.projected) {
            ("upsert", Some(Json(projected))) => Change::Upsert(Box::new(projected)),
            ("delete", _) => Change::Delete,
            _ => Change::Note,
        };
        Ok(Event {
            position: self.position,
            workspace: WorkspaceId(self.workspace_id),
            record: Ref::new(kind, self.record_id),
            version: self.version,
            change,
            action: self.action,
            actor_id: self.actor_id,
            actor_name: self.actor_name,
            request_id: self.request_id,
            detail: self.detail.0,
            at: self.at,
            address: self.address,
            sequence: self.sequence,
        })
    }
}

impl Tx {
    /// Appends an event; it becomes visible with this transaction.
    pub async fn event(&mut self, event: NewEvent) -> Result<Position> {
        self.events(vec![event]).await
    }

    /// Appends events in this order, some hundreds at most; answers the position of the last.
    pub async fn events(&mut self, events: Vec<NewEvent>) -> Result<Position> {
        let at = looma_types::now();
        let mut rows = Vec::with_capacity(events.len());
        let mut heads = BTreeMap::new();
        for mut event in events {
            event.detail = without_secrets(event.detail);
            let (row, change) = Row::new(event, at);
            let before = match heads.get(&row.workspace_id) {
                Some(head) => *head,
                None => self.head(row.workspace_id).await?,
            };
            let head = before.next(&row);
            heads.insert(row.workspace_id, head);
            rows.push((row, change, head));
        }
        let insert =
            "INSERT INTO outbox (workspace_id, record_kind, record_id, version, op, projected, action, actor_id, actor_name, request_id,
             address, detail, at, sequence, hash) ";
        let positions: Vec<i64> = on!(self.conn(), db => {
            let mut query = QueryBuilder::new(insert);
            query.push_values(rows, |mut place, (row, change, head)| {
                let projected = if let Change::Upsert(projected) = change { Some(Json(projected)) } else { None };
                place.push_bind(row.workspace_id).push_bind(row.record_kind).push_bind(row.record_id).push_bind(row.version)
                    .push_bind(row.op).push_bind(projected).push_bind(row.action).push_bind(row.actor_id).push_bind(row.actor_name)
                    .push_bind(row.request_id).push_bind(row.address).push_bind(row.detail).push_bind(row.at)
                    .push_bind(head.sequence).push_bind(head.hash.to_vec());
            });
            query.push(" RETURNING position");
            Box::pin(query.build_query_scalar().fetch_all(db)).await
        })?;
        // A refused write moves no chain.
        self.heads.append(&mut heads);
        let last = positions.into_iter().max().unwrap_or_default();
        self.position = self.position.max(Some(last));
        Ok(last)
    }
}

impl Sql {
    /// Events after `position` of all workspaces, oldest first; for projectors.
    pub async fn events_after(&self, position: Position, limit: i64) -> Result<Vec<Event>> {
        let rows: Vec<EventRow> = on!(self.read(), db => sqlx::query_as(
            "SELECT position, workspace_id, record_kind, record_id, version, op, projected, action, actor_id, actor_name, request_id, detail, at, address, sequence
             FROM outbox WHERE position > $1 ORDER BY position LIMIT $2")
            .bind(position).bind(limit).fetch_all(db).await)?;
        rows.into_iter().map(EventRow::into_event).collect()
    }

    /// Events of one workspace after `position`, oldest first; for sync.
    pub async fn workspace_events_after(&self, workspace: WorkspaceId, position: Position, limit: i64) -> Result<Vec<Event>> {
        let rows: Vec<EventRow> = on!(self.read(), db => sqlx::query_as(
            "SELECT position, workspace_id, record_kind, record_id, version, op, projected, action, actor_id, actor_name, request_id, detail, at, address, sequence
             FROM outbox WHERE workspace_id = $1 AND position > $2 ORDER BY position LIMIT $3")
            .bind(workspace.0).bind(position).bind(limit).fetch_all(db).await)?;
        rows.into_iter().map(EventRow::into_event).collect()
    }

    /// Events of one workspace before `position`, newest first, narrowed where said; for the audit log.
    pub async fn audit(
        &self,
        workspace: WorkspaceId,
        before: Position,
        action: Option<&str>,
        actor: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<Event>> {
        let rows: Vec<EventRow> = on!(self.read(), db => sqlx::query_as(
            "SELECT position, workspace_id, record_kind, record_id, version, op, NULL AS projected, action, actor_id, actor_name, request_id, detail, at, address, sequence
             FROM outbox WHERE workspace_id = $1 AND position < $2 AND (CAST($3 AS TEXT) IS NULL OR action = $3)
             AND ($4 IS NULL OR actor_id = $4) ORDER BY position DESC LIMIT $5")
            .bind(workspace.0).bind(before).bind(action).bind(actor).bind(limit).fetch_all(db).await)?;
        rows.into_iter().map(EventRow::into_event).collect()
    }

    /// The newest event that changed a record.
    pub async fn newest_change(&self, workspace: WorkspaceId, record: Ref) -> Result<Option<Event>> {
        let row: Option<EventRow> = on!(self.read(), db => sqlx::query_as(
            "SELECT position, workspace_id, record_kind, record_id, version, op, projected, action, actor_id, actor_name, request_id, detail, at, address, sequence
             FROM outbox WHERE workspace_id = $1 AND record_kind = $2 AND record_id = $3 AND op <> 'note' ORDER BY position DESC LIMIT 1")
            .bind(workspace.0).bind(record.kind.as_str()).bind(record.id).fetch_optional(db).await)?;
        row.map(EventRow::into_event).transpose()
    }

    /// Those of the workspaces whose first event is after `position`.
    pub async fn begun_after(&self, position: Position, workspaces: &BTreeSet<WorkspaceId>) -> Result<Vec<WorkspaceId>> {
        let mut begun = Vec::new();
        for workspace in workspaces {
            let first: Option<i64> = on!(self.read(), db => sqlx::query_scalar("SELECT MIN(position) FROM outbox WHERE workspace_id = $1")
                .bind(workspace.0).fetch_one(db).await)?;
            begun.extend(first.filter(|first| *first > position).map(|_| *workspace));
        }
        Ok(begun)
    }

    /// Every workspace in which something has happened.
    pub async fn workspaces(&self) -> Result<Vec<WorkspaceId>> {
        let ids: Vec<Uuid> = on!(self.read(), db => sqlx::query_scalar("SELECT DISTINCT workspace_id FROM outbox ORDER BY workspace_id")
            .fetch_all(db).await)?;
        Ok(ids.into_iter().map(WorkspaceId).collect())
    }

    /// The position of the newest event, 0 where there is none.
    pub async fn last_position(&self) -> Result<Position> {
        Ok(on!(self.read(), db => sqlx::query_scalar("SELECT COALESCE(MAX(position), 0) FROM outbox").fetch_one(db).await)?)
    }
}

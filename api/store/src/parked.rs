//! Events that a projection could not take: kept with their reason, passed over, and tried again when somebody says so.
//! Of each record the newest one counts, for it holds the whole record.

use crate::outbox::{Event, Position};
use crate::{Result, Sql, on};
use chrono::{DateTime, Utc};
use looma_types::{RecordKind, Ref, WorkspaceId};
use uuid::Uuid;

/// The longest reason that is kept.
const MAX_REASON: usize = 2_000;

/// One event that was passed over.
#[derive(Clone, Debug, PartialEq)]
pub struct Parked {
    pub projection: String,
    pub position: Position,
    pub workspace: WorkspaceId,
    pub record: Ref,
    pub version: i64,
    pub reason: String,
    pub at: DateTime<Utc>,
}

#[derive(sqlx::FromRow)]
struct Row {
    projection: String,
    position: i64,
    workspace_id: Uuid,
    record_kind: String,
    record_id: Uuid,
    version: i64,
    reason: String,
    at: DateTime<Utc>,
}

impl Row {
    fn parked(self) -> Result<Parked> {
        let kind: RecordKind = self.record_kind.parse().map_err(|error| crate::Error::corrupt("parked", error))?;
        Ok(Parked {
            projection: self.projection,
            position: self.position,
            workspace: WorkspaceId(self.workspace_id),
            record: Ref::new(kind, self.record_id),
            version: self.version,
            reason: self.reason,
            at: self.at,
        })
    }
}

impl Sql {
    /// Puts an event aside for one projection.
    pub async fn park(&self, projection: &str, event: &Event, reason: &str) -> Result<()> {
        let reason = &reason[..reason.floor_char_boundary(MAX_REASON)];
        on!(self.write(), db => sqlx::query(
            "INSERT INTO parked (projection, position, workspace_id, record_kind, record_id, version, reason, at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
             ON CONFLICT (projection, workspace_id, record_kind, record_id)
             DO UPDATE SET position = excluded.position, version = excluded.version, reason = excluded.reason, at = excluded.at")
            .bind(projection).bind(event.position).bind(event.workspace.0).bind(event.record.kind.as_str()).bind(event.record.id)
            .bind(event.version).bind(reason).bind(looma_types::now()).execute(db).await.map(|_| ()))?;
        Ok(())
    }

    /// What is put aside for a projection after `after`, oldest first.
    pub async fn parked(&self, projection: &str, after: Position, limit: i64) -> Result<Vec<Parked>> {
        let rows: Vec<Row> = on!(self.read(), db => sqlx::query_as(
            "SELECT * FROM parked WHERE projection = $1 AND position > $2 ORDER BY position LIMIT $3")
            .bind(projection).bind(after).bind(limit).fetch_all(db).await)?;
        rows.into_iter().map(Row::parked).collect()
    }

    /// How many events are put aside for a projection.
    pub async fn parked_count(&self, projection: &str) -> Result<i64> {
        Ok(on!(self.read(), db => sqlx::query_scalar("SELECT COUNT(*) FROM parked WHERE projection = $1")
            .bind(projection).fetch_one(db).await)?)
    }

    /// Takes an event back: it was applied, or a later one of its record was.
    pub async fn unpark(&self, projection: &str, record: Ref, workspace: WorkspaceId, upto: Position) -> Result<()> {
        on!(self.write(), db => sqlx::query(
            "DELETE FROM parked WHERE projection = $1 AND workspace_id = $2 AND record_kind = $3 AND record_id = $4 AND position <= $5")
            .bind(projection).bind(workspace.0).bind(record.kind.as_str()).bind(record.id).bind(upto)
            .execute(db).await.map(|_| ()))?;
        Ok(())
    }
}

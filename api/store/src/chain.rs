//! The audit log's chain: in each workspace the outbox's rows are numbered without a gap, and each holds
//! `hash = SHA-256(hash before, as 64 hexadecimal digits ‖ canonical bytes of the row)`. Whoever changes, deletes or moves a row breaks it
//! there; `audit_head` keeps the last place, so that a missing end is known too. `docs/audit.md` says what that proves and what not.
//!
//! The canonical bytes are one JSON object. `projected` is not in it: it repeats what the record's own table holds, and projections are
//! checked against that.

mod adopt;
mod check;
#[cfg(test)]
mod tests;

pub(crate) use adopt::adopt;
pub use check::{Break, Checked};

use crate::archive::plain;
use crate::documents::canonical::canonical;
use crate::outbox::{Change, NewEvent, Position};
use crate::{Error, Result, Sql, Tx, on};
use chrono::{DateTime, SecondsFormat, Utc};
use looma_types::WorkspaceId;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sqlx::types::Json;
use std::fmt::Write;
use uuid::Uuid;

/// What the chain holds fast of an event, as its row has it.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub(crate) struct Row {
    pub workspace_id: Uuid,
    pub record_kind: String,
    pub record_id: Uuid,
    pub version: i64,
    pub op: String,
    pub action: String,
    pub actor_id: Option<Uuid>,
    pub actor_name: String,
    pub request_id: Option<String>,
    pub address: Option<String>,
    pub detail: Json<Value>,
    pub at: DateTime<Utc>,
}

impl Row {
    pub fn new(event: NewEvent, at: DateTime<Utc>) -> (Self, Change) {
        let op = match event.change {
            Change::Upsert(_) => "upsert",
            Change::Delete => "delete",
            Change::Note => "note",
        };
        let row = Self {
            workspace_id: event.workspace.0,
            record_kind: event.record.kind.as_str().into(),
            record_id: event.record.id,
            version: event.version,
            op: op.into(),
            action: event.action.into(),
            actor_id: event.actor_id,
            actor_name: event.actor_name,
            request_id: event.request_id,
            address: event.address.map(|address| address.to_canonical().to_string()),
            detail: Json(event.detail),
            at,
        };
        (row, event.change)
    }

    /// The canonical bytes of the row at this place: the same whichever database it was read from.
    fn bytes(&self, sequence: i64) -> Vec<u8> {
        canonical(&plain(json!({
            "action": self.action,
            "actor_id": self.actor_id,
            "actor_name": self.actor_name,
            "address": self.address,
            "at": self.at.to_rfc3339_opts(SecondsFormat::Micros, true),
            "detail": self.detail.0,
            "op": self.op,
            "record_id": self.record_id,
            "record_kind": self.record_kind,
            "request_id": self.request_id,
            "sequence": sequence,
            "version": self.version,
            "workspace_id": self.workspace_id,
        })))
    }
}

pub(crate) type Hash = [u8; 32];

/// The last place of a chain; at its beginning 0 and a hash of zeros.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Head {
    pub sequence: i64,
    pub hash: Hash,
}

impl Head {
    /// The place that a row takes after this one.
    pub fn next(self, row: &Row) -> Self {
        let sequence = self.sequence + 1;
        let hash = Sha256::new().chain_update(hex(&self.hash)).chain_update(row.bytes(sequence)).finalize().into();
        Self { sequence, hash }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing into a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A row with its place, as it is kept.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Link {
    pub position: Position,
    pub sequence: i64,
    hash: Vec<u8>,
    #[sqlx(flatten)]
    row: Row,
}

impl Link {
    /// One line of an export: the hash, and the very bytes that it was made from after the hash before.
    pub fn line(&self) -> String {
        format!("{{\"hash\":\"{}\",\"entry\":{}}}\n", hex(&self.hash), String::from_utf8_lossy(&self.row.bytes(self.sequence)))
    }
}

impl Tx {
    /// Where the workspace's chain stands in this transaction. Writers take turns, so that nobody else moves it meanwhile.
    pub(crate) async fn head(&mut self, workspace: Uuid) -> Result<Head> {
        if let Some(head) = self.heads.get(&workspace) {
            return Ok(*head);
        }
        let kept: Option<(i64, Vec<u8>)> = on!(self.conn(), db => sqlx::query_as("SELECT sequence, hash FROM audit_head WHERE workspace_id = $1")
            .bind(workspace).fetch_optional(db).await)?;
        let Some((sequence, hash)) = kept else { return Ok(Head::default()) };
        let hash = hash.try_into().map_err(|_| Error::corrupt("outbox", "the head of the audit log has no hash"))?;
        Ok(Head { sequence, hash })
    }

    /// Keeps the heads that this transaction moved.
    pub(crate) async fn keep_heads(&mut self) -> Result<()> {
        for (workspace, head) in std::mem::take(&mut self.heads) {
            on!(self.conn(), db => sqlx::query(
                "INSERT INTO audit_head (workspace_id, sequence, hash) VALUES ($1, $2, $3)
                 ON CONFLICT (workspace_id) DO UPDATE SET sequence = excluded.sequence, hash = excluded.hash")
                .bind(workspace).bind(head.sequence).bind(head.hash.as_slice()).execute(db).await.map(|_| ()))?;
        }
        Ok(())
    }
}

impl Sql {
    /// The workspace's entries after a place in its chain, in order.
    pub async fn links_after(&self, workspace: WorkspaceId, sequence: i64, limit: i64) -> Result<Vec<Link>> {
        Ok(on!(self.read(), db => sqlx::query_as(
            "SELECT position, sequence, hash, workspace_id, record_kind, record_id, version, op, action, actor_id, actor_name, request_id, address, detail, at
             FROM outbox WHERE workspace_id = $1 AND sequence > $2 ORDER BY sequence LIMIT $3")
            .bind(workspace.0).bind(sequence).bind(limit).fetch_all(db).await)?)
    }
}

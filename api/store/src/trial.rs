//! Records and events for the conformance suites.

use crate::outbox::{Change, Event, Position};
use crate::projection::{Projected, ProjectedEdge};
use crate::settings::{Engine, StoreSettings};
use looma_types::{RecordKind, Ref, WorkspaceId};
use uuid::Uuid;

pub mod gate;
#[cfg(test)]
mod tls;

/// The engine that `LOOMA_TEST_<KEY>` names, in a namespace of its own; none where it names none.
pub fn engine_if_any(key: &str) -> Option<Engine> {
    let url = std::env::var(format!("LOOMA_TEST_{}", key.to_uppercase())).ok().filter(|url| !url.is_empty())?;
    Some(Engine { namespace: format!("t{}", Uuid::now_v7().simple()), connections: 8, ..Engine::at(url) })
}

/// The same where a test cannot do without it.
pub fn engine(key: &str) -> Engine {
    engine_if_any(key).unwrap_or_else(|| panic!("LOOMA_TEST_{} must name a running engine: make test-engines", key.to_uppercase()))
}

/// Stores in memory, but for the roles whose engines `LOOMA_TEST_…` name.
pub fn stores() -> StoreSettings {
    StoreSettings {
        in_memory: true,
        postgres: engine_if_any("postgres"),
        mongodb: engine_if_any("mongodb"),
        s3: engine_if_any("s3"),
        redis: engine_if_any("redis"),
        neo4j: engine_if_any("neo4j"),
        elasticsearch: engine_if_any("elasticsearch"),
        weaviate: engine_if_any("weaviate"),
        ..StoreSettings::default()
    }
}

/// The `number`th record of a kind; later numbers sort later.
pub fn record(kind: RecordKind, number: u64) -> Ref {
    Ref::new(kind, Uuid::from_u64_pair(0x0190_0000_0000_7000, 0x8000_0000_0000_0000 | number))
}

pub fn person(number: u64) -> Ref {
    record(RecordKind::Person, number)
}

/// The record is now this.
pub fn upsert(position: Position, projected: Projected) -> Event {
    event(position, projected.workspace, projected.record, projected.version, Change::Upsert(Box::new(projected)))
}

/// The record is gone.
pub fn delete(position: Position, workspace: WorkspaceId, record: Ref, version: i64) -> Event {
    event(position, workspace, record, version, Change::Delete)
}

/// Something that changes no projection.
pub fn note(position: Position, workspace: WorkspaceId, record: Ref) -> Event {
    event(position, workspace, record, 1, Change::Note)
}

/// A node of the graph that search finds too.
pub fn node(workspace: WorkspaceId, record: Ref, version: i64, title: &str) -> Projected {
    Projected::new(workspace, record, version, title).node().searchable()
}

/// A relationship, stated by a record of its own.
pub fn bond(workspace: WorkspaceId, number: u64, version: i64, from: Ref, to: Ref, strength: f64) -> Projected {
    let record = record(RecordKind::Relationship, number);
    let edge = ProjectedEdge { id: record.id, from, to, kind: "knows".into(), strength };
    Projected { edges: vec![edge], ..Projected::new(workspace, record, version, "") }
}

fn event(position: Position, workspace: WorkspaceId, record: Ref, version: i64, change: Change) -> Event {
    Event {
        position,
        workspace,
        record,
        version,
        change,
        action: "trial".into(),
        actor_id: None,
        actor_name: String::new(),
        request_id: None,
        detail: serde_json::Value::Null,
        at: looma_types::now(),
        address: None,
        sequence: None,
    }
}

//! The graph in this process, kept in `graph.sqlite`.

use super::space::{self, Space, Statement};
use super::{analysis, neighbourhood, paths};
use crate::ledger::Entry;
use crate::mirror::{Content, Mirror};
use crate::outbox::{Event, Position};
use crate::projection::{Inventory, Projection};
use crate::{Error, Graph, Result, StoreSettings};
use async_trait::async_trait;
use looma_types::person::{NetworkAnalysis, Path, Subgraph};
use looma_types::{Ref, WorkspaceId};
use std::collections::HashMap;
use std::sync::Arc;

/// Read into memory when first used.
pub struct MemoryGraph {
    mirror: Mirror<Spaces>,
}

/// Each workspace's graph.
#[derive(Default)]
struct Spaces(HashMap<WorkspaceId, Space>);

impl Content for Spaces {
    fn take(&mut self, entry: Entry) -> Result<()> {
        let (workspace, record) = entry.key;
        let statement = entry.body.map(|body| serde_json::from_slice::<Statement>(&body)).transpose();
        let statement = statement.map_err(|error| Error::corrupt("graph", error))?;
        if statement.is_some() || self.0.contains_key(&workspace) {
            self.0.entry(workspace).or_default().state(record, statement);
        }
        Ok(())
    }
}

impl MemoryGraph {
    pub async fn open(settings: &StoreSettings) -> Result<Self> {
        Ok(Self { mirror: Mirror::open(settings, "graph").await? })
    }

    /// Walks a workspace's graph; the default answer where there is none.
    async fn walk<T: Default + Send + 'static>(
        &self,
        workspace: WorkspaceId,
        walk: impl FnOnce(&Space) -> T + Send + 'static,
    ) -> Result<T> {
        self.mirror.work(move |spaces| spaces.0.get(&workspace).map(walk).unwrap_or_default()).await
    }
}

fn entry(event: &Event) -> Result<Option<Entry>> {
    let Some((key, version, statement)) = space::change(event) else { return Ok(None) };
    let body = statement.map(|statement| serde_json::to_vec(&statement)).transpose().map_err(|error| Error::other("graph", error))?;
    Ok(Some(Entry { key, version: version.number, body }))
}

#[async_trait]
impl Projection for MemoryGraph {
    fn name(&self) -> &'static str {
        "graph"
    }

    async fn position(&self) -> Result<Position> {
        self.mirror.position().await
    }

    async fn clear(&self) -> Result<()> {
        self.mirror.clear().await
    }

    async fn inventory(&self) -> Result<Inventory> {
        self.mirror.inventory().await
    }

    async fn switch(&self) -> Result<()> {
        self.mirror.switch().await
    }

    async fn ping(&self) -> Result<()> {
        self.mirror.position().await.map(|_| ())
    }
}

#[async_trait]
impl Graph for MemoryGraph {
    async fn apply(&self, events: &[Event], upto: Position) -> Result<()> {
        let entries: Vec<Entry> = events.iter().filter_map(|event| entry(event).transpose()).collect::<Result<_>>()?;
        self.mirror.apply(entries.into_iter(), upto).await
    }

    async fn paths(&self, workspace: WorkspaceId, from: Ref, to: Ref, max_hops: u32, limit: usize) -> Result<Vec<Path>> {
        self.walk(workspace, move |space| paths::best(space, from, to, max_hops, limit)).await
    }

    async fn neighbourhood(&self, workspace: WorkspaceId, center: Ref, depth: u32, limit: usize) -> Result<Subgraph> {
        self.walk(workspace, move |space| neighbourhood::around(space, center, depth, limit)).await
    }

    async fn analysis(&self, workspace: WorkspaceId, limit: usize) -> Result<NetworkAnalysis> {
        self.walk(workspace, move |space| analysis::analyse(space, limit)).await
    }

    async fn contains(&self, workspace: WorkspaceId, record: Ref) -> Result<bool> {
        self.mirror.look(|spaces| spaces.0.get(&workspace).is_some_and(|space| space.number(record).is_some())).await
    }

    async fn beside(&self) -> Result<Arc<dyn Graph>> {
        Ok(Arc::new(Self { mirror: self.mirror.beside().await? }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::conformance;
    use crate::trial::{bond, node, person, upsert};
    use std::time::Instant;

    fn in_memory() -> StoreSettings {
        StoreSettings { in_memory: true, ..StoreSettings::default() }
    }

    fn on_disk(folder: &tempfile::TempDir) -> StoreSettings {
        StoreSettings { data: folder.path().to_owned(), ..StoreSettings::default() }
    }

    #[tokio::test]
    async fn conforms_in_memory() {
        conformance::suite(&MemoryGraph::open(&in_memory()).await.unwrap()).await;
    }

    #[tokio::test]
    async fn conforms_on_disk() {
        let folder = tempfile::tempdir().unwrap();
        conformance::suite(&MemoryGraph::open(&on_disk(&folder)).await.unwrap()).await;
        let folder = tempfile::tempdir().unwrap();
        conformance::restart(async || MemoryGraph::open(&on_disk(&folder)).await.unwrap()).await;
    }

    #[tokio::test]
    async fn an_unreadable_file_is_made_anew() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("graph.sqlite"), "this is no database, however long it may be ".repeat(200)).unwrap();
        let graph = MemoryGraph::open(&on_disk(&folder)).await.unwrap();
        assert_eq!(graph.position().await.unwrap(), 0);
        assert!(folder.path().join("graph.sqlite.unreadable").exists());
    }

    /// A crowd where everyone knows forty others equally well: the worst case for a search by strength.
    #[tokio::test]
    async fn a_dense_graph_holds_up_nobody() {
        let graph = MemoryGraph::open(&in_memory()).await.unwrap();
        let workspace = WorkspaceId::new();
        let mut events: Vec<_> = (0..2_000).map(|number| upsert(0, node(workspace, person(number), 1, "P"))).collect();
        for number in 0..40_000_u64 {
            let (from, to) = (number % 2_000, (number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40) % 2_000);
            events.push(upsert(0, bond(workspace, number, 1, person(from), person(to), 0.5)));
        }
        graph.apply(&events, 1).await.unwrap();
        let started = Instant::now();
        let found = graph.paths(workspace, person(1), person(1_999), 6, 20).await.unwrap();
        assert_eq!(found.len(), 20);
        assert!(found.is_sorted_by(|a, b| a.strength >= b.strength));
        assert!(started.elapsed().as_secs() < 5, "{:?}", started.elapsed());
    }
}

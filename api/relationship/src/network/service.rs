//! Questions to the graph.

use crate::people::service::PeopleService;
use chrono::TimeDelta;
use looma_kernel::types::person::{NetworkAnalysis, Path, Subgraph};
use looma_kernel::types::{Ref, now};
use looma_kernel::{Actor, Kernel, Position, Result};
use looma_store::{Graph, Projector};
use std::sync::Arc;
use std::time::Duration;

/// How long a question waits for a write to reach the graph.
const PATIENCE: Duration = Duration::from_secs(2);
/// After how many days without an interaction people count as out of touch.
const SILENCE: TimeDelta = TimeDelta::days(90);

/// The graph of all workspaces.
#[derive(Clone)]
pub struct NetworkService {
    graph: Arc<dyn Graph>,
    projector: Projector,
    people: PeopleService,
}

impl NetworkService {
    pub fn new(kernel: &Kernel, people: PeopleService, projector: Projector) -> Self {
        Self { graph: kernel.stores().graph.clone(), projector, people }
    }

    /// # Errors
    /// `unavailable` when the graph does not come that far in time.
    async fn wait_for(&self, position: Option<Position>) -> Result<()> {
        if let Some(position) = position {
            self.projector.wait_for(position, PATIENCE).await?;
        }
        Ok(())
    }

    /// The best chains of relationships between two records.
    /// # Errors
    /// `invalid-input` for a record that does not exist.
    pub async fn paths(
        &self,
        actor: &Actor,
        from: Ref,
        to: Ref,
        max_hops: u32,
        limit: usize,
        wait_for: Option<Position>,
    ) -> Result<Vec<Path>> {
        self.people.must_exist(actor, vec![("from".into(), from), ("to".into(), to)]).await?;
        self.wait_for(wait_for).await?;
        Ok(self.graph.paths(actor.workspace, from, to, max_hops, limit).await?)
    }

    /// What lies around a record.
    /// # Errors
    /// `invalid-input` for a record that does not exist.
    pub async fn graph(&self, actor: &Actor, center: Ref, depth: u32, limit: usize, wait_for: Option<Position>) -> Result<Subgraph> {
        self.people.must_exist(actor, vec![("center".into(), center)]).await?;
        self.wait_for(wait_for).await?;
        Ok(self.graph.neighbourhood(actor.workspace, center, depth, limit).await?)
    }

    /// Brokers, communities and people out of touch, at most `limit` of each.
    pub async fn analysis(&self, actor: &Actor, limit: usize, wait_for: Option<Position>) -> Result<NetworkAnalysis> {
        self.wait_for(wait_for).await?;
        let network = self.graph.analysis(actor.workspace, limit).await?;
        let out_of_touch = self.people.out_of_touch(actor.workspace, now() - SILENCE, limit as i64).await?;
        Ok(NetworkAnalysis { out_of_touch, ..network })
    }
}

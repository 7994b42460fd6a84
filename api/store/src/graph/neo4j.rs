//! The graph in Neo4j (Community edition is enough; 5.6 or later).
//!
//! A record is a node `:LoomaRecord`, an edge a relationship `:LOOMA_EDGE` that remembers its owner. The node's `key` begins
//! with the generation (`namespace/number/`) and the workspace, so that one unique index finds records, a workspace's people,
//! and whatever a generation holds. An end that nobody has stated yet is a node without a label; a tombstone stays as one.
//! `:LoomaGraph` says which generation is live, and is locked by everyone who writes; `:LoomaGeneration` has the position.
//!
//! A question fetches the part of the graph that can matter, which the embedded graph's own algorithms then answer from: at
//! most 200,000 edges, the strongest first.

use super::space::Space;
use super::{analysis, neighbourhood, paths};
use crate::outbox::{Event, Position};
use crate::projection::{Inventory, Projection};
use crate::{Engine, Error, Graph, Result};
use arc_swap::ArcSwapOption;
use async_trait::async_trait;
use looma_types::person::{NetworkAnalysis, Path, Subgraph};
use looma_types::{Ref, WorkspaceId};
use neo4rs::{Query, query};
use serde::Deserialize;
use session::Session;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OnceCell;

mod reading;
mod session;
#[cfg(test)]
mod tests;
mod writing;

/// One generation, or whichever is live.
pub struct Neo4jGraph {
    session: Arc<Session>,
    /// The generation that a rebuild fills; none: the live one.
    only: Option<String>,
    /// The generation that was live when last looked.
    live: ArcSwapOption<String>,
    /// The generation begun beside this one.
    beside: Mutex<Option<String>>,
    schema: Arc<OnceCell<()>>,
}

#[derive(Deserialize)]
struct Generation {
    generation: String,
}

#[derive(Deserialize)]
struct At {
    position: Position,
}

#[derive(Deserialize)]
struct Known {
    known: bool,
}

impl Neo4jGraph {
    /// Reads the settings; connects when first asked, so that a graph that is away stops no start.
    /// # Errors
    /// `Unavailable` when the address or a file cannot be read.
    pub fn open(engine: &Engine) -> Result<Self> {
        Ok(Self::of(Arc::new(Session::new(engine)?), None, Arc::default()))
    }

    fn of(session: Arc<Session>, only: Option<String>, schema: Arc<OnceCell<()>>) -> Self {
        Self { session, only, live: ArcSwapOption::empty(), beside: Mutex::default(), schema }
    }

    fn namespace(&self) -> &str {
        &self.session.door.engine().namespace
    }

    /// A query that knows the namespace and the generation that this is about (null for the live one).
    fn about(&self, text: &str) -> Query {
        query(text).param("namespace", self.namespace()).param("only", self.only.clone())
    }

    async fn live(&self) -> Result<Option<Arc<String>>> {
        let text = "MATCH (g:LoomaGraph {namespace: $namespace}) RETURN g.live AS generation";
        let live = self.session.read::<Generation>("generation", &self.about(text)).await?.pop().map(|found| Arc::new(found.generation));
        self.live.store(live.clone());
        Ok(live)
    }

    /// Reads from one generation. Where another took its place meanwhile, it reads again: what was replaced is being
    /// removed, and an answer from it may be incomplete. Nothing where there is no generation yet.
    async fn settled<T: Default, F: Future<Output = Result<T>>>(&self, read: impl Fn(Arc<String>) -> F) -> Result<T> {
        if let Some(only) = &self.only {
            return read(Arc::new(only.clone())).await;
        }
        let mut generation = match self.live.load_full() {
            Some(known) => known,
            None => match self.live().await? {
                Some(found) => found,
                None => return Ok(T::default()),
            },
        };
        loop {
            let answer = read(generation.clone()).await?;
            match self.live().await? {
                Some(live) if live == generation => return Ok(answer),
                Some(live) => generation = live,
                None => return Ok(T::default()),
            }
        }
    }
}

/// Answers from a part of the graph, away from the async threads.
async fn answer<T: Send + 'static>(space: Space, answer: impl FnOnce(&Space) -> T + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(move || answer(&space)).await.map_err(|error| Error::other("graph", error))
}

#[async_trait]
impl Projection for Neo4jGraph {
    fn name(&self) -> &'static str {
        "graph"
    }

    async fn position(&self) -> Result<Position> {
        let text = "MATCH (g:LoomaGraph {namespace: $namespace}) MATCH (s:LoomaGeneration {name: coalesce($only, g.live)})
            RETURN s.position AS position";
        Ok(self.session.read::<At>("position", &self.about(text)).await?.first().map_or(0, |at| at.position))
    }

    async fn clear(&self) -> Result<()> {
        self.begin_anew().await
    }

    async fn inventory(&self) -> Result<Inventory> {
        let session = &self.session;
        self.settled(|generation| async move { reading::inventory(session, &generation).await }).await
    }

    async fn switch(&self) -> Result<()> {
        let beside = self.beside.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(beside) = beside else { return Ok(()) };
        self.put_in_place(&beside).await?;
        *self.beside.lock().unwrap_or_else(PoisonError::into_inner) = None;
        Ok(())
    }

    async fn ping(&self) -> Result<()> {
        self.session.read::<Known>("ping", &query("RETURN true AS known")).await.map(|_| ())
    }
}

#[async_trait]
impl Graph for Neo4jGraph {
    async fn apply(&self, events: &[Event], upto: Position) -> Result<()> {
        self.write(events, upto).await
    }

    async fn paths(&self, workspace: WorkspaceId, from: Ref, to: Ref, max_hops: u32, limit: usize) -> Result<Vec<Path>> {
        if from == to || limit == 0 {
            return Ok(vec![]);
        }
        let session = &self.session;
        let between = |generation: Arc<String>| async move { reading::between(session, &generation, workspace, from, to, max_hops).await };
        answer(self.settled(between).await?.space, move |space| paths::best(space, from, to, max_hops, limit)).await
    }

    async fn neighbourhood(&self, workspace: WorkspaceId, center: Ref, depth: u32, limit: usize) -> Result<Subgraph> {
        if limit == 0 {
            return Ok(Subgraph::default());
        }
        let session = &self.session;
        let around = |generation: Arc<String>| async move { reading::around(session, &generation, workspace, center, depth, limit).await };
        let part = self.settled(around).await?;
        let cut = part.cut;
        let mut found = answer(part.space, move |space| neighbourhood::around(space, center, depth, limit)).await?;
        found.truncated |= cut;
        Ok(found)
    }

    async fn analysis(&self, workspace: WorkspaceId, limit: usize) -> Result<NetworkAnalysis> {
        let session = &self.session;
        let part = self.settled(|generation| async move { reading::people(session, &generation, workspace).await }).await?;
        answer(part.space, move |space| analysis::analyse(space, limit)).await
    }

    async fn contains(&self, workspace: WorkspaceId, record: Ref) -> Result<bool> {
        let text = "MATCH (g:LoomaGraph {namespace: $namespace}) MATCH (r:LoomaRecord {key: coalesce($only, g.live) + $record})
            RETURN r.label IS NOT NULL AS known";
        let query = self.about(text).param("record", format!("{workspace}/{record}"));
        Ok(self.session.read::<Known>("contains", &query).await?.first().is_some_and(|found| found.known))
    }

    async fn beside(&self) -> Result<Arc<dyn Graph>> {
        let fresh = self.begin_beside().await?;
        *self.beside.lock().unwrap_or_else(PoisonError::into_inner) = Some(fresh.clone());
        Ok(Arc::new(Self::of(self.session.clone(), Some(fresh), self.schema.clone())))
    }
}

//! A projector reads the outbox in order, applies it to one projection, and lets readers wait for a position.

use crate::graph::Graph;
use crate::outbox::{Change, Event, Position};
use crate::projection::{Projection, Source};
use crate::text::TextIndex;
use crate::vectors::{VectorChange, Vectors};
use crate::{Error, Projected, Result, Sql};
use async_trait::async_trait;
use looma_types::WorkspaceId;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Mutex, watch};

/// How many events are applied at once.
const BATCH: i64 = 500;
/// How long to wait for news that another process may have written.
const POLL: Duration = Duration::from_millis(250);
/// The longest wait between tries while a store is away.
const MAX_BACKOFF: Duration = Duration::from_secs(5);

/// Turns texts into vectors of length 1, one for each text.
#[async_trait]
pub trait Embed: Send + Sync {
    async fn embed(&self, texts: Vec<String>) -> Result<Vec<Vec<f32>>>;
}

/// The projection a projector feeds.
#[derive(Clone)]
pub enum Target {
    Graph(Arc<dyn Graph>),
    Text(Arc<dyn TextIndex>),
    Vectors(Arc<dyn Vectors>, Arc<dyn Embed>),
}

impl Target {
    fn projection(&self) -> &dyn Projection {
        match self {
            Self::Graph(graph) => graph.as_ref(),
            Self::Text(text) => text.as_ref(),
            Self::Vectors(vectors, _) => vectors.as_ref(),
        }
    }

    async fn apply(&self, events: &[Event], upto: Position) -> Result<()> {
        match self {
            Self::Graph(graph) => graph.apply(events, upto).await,
            Self::Text(text) => text.apply(events, upto).await,
            Self::Vectors(vectors, embed) => vectors.apply(&vector_changes(events, embed.as_ref()).await?, upto).await,
        }
    }
}

/// The passages of a record that get a vector each: what it is, then its longer texts. At most sixteen.
fn passages(projected: &Projected) -> Vec<String> {
    let head = [Some(projected.title.as_str()), projected.subtitle.as_deref()];
    let mut all: String = head.into_iter().flatten().collect::<Vec<_>>().join("\n");
    for (_, text) in &projected.texts {
        all.push('\n');
        all.push_str(text);
    }
    let mut passages = vec![all];
    passages.extend(projected.texts.iter().filter(|(_, text)| text.len() > 80).take(15).map(|(_, text)| text.clone()));
    passages
}

async fn vector_changes(events: &[Event], embed: &dyn Embed) -> Result<Vec<VectorChange>> {
    let mut texts = Vec::new();
    for event in events {
        if let Change::Upsert(projected) = &event.change
            && projected.searchable
        {
            texts.extend(passages(projected));
        }
    }
    let mut vectors = if texts.is_empty() { Vec::new() } else { embed.embed(texts).await? }.into_iter();
    let mut changes = Vec::with_capacity(events.len());
    for event in events {
        let (workspace, record, version) = (event.workspace, event.record, event.version);
        match &event.change {
            Change::Upsert(projected) if projected.searchable => {
                let own: Vec<_> = vectors.by_ref().take(passages(projected).len()).collect();
                changes.push(VectorChange::Upsert { workspace, record, version, title: projected.title.clone(), vectors: own });
            }
            Change::Upsert(_) | Change::Delete => changes.push(VectorChange::Delete { workspace, record, version }),
            Change::Note => {}
        }
    }
    Ok(changes)
}

/// What every workspace has from its beginning, in no row and no event: only in the program.
pub type Seed = fn(WorkspaceId) -> Vec<Projected>;

/// Feeds one projection; clones share the work.
#[derive(Clone)]
pub struct Projector {
    sql: Sql,
    target: Target,
    seed: Option<Seed>,
    applied: watch::Sender<Position>,
    /// A rebuild and the daily work never meet.
    busy: Arc<Mutex<()>>,
}

impl Projector {
    pub fn new(sql: Sql, target: Target) -> Self {
        Self { sql, target, seed: None, applied: watch::channel(0).0, busy: Arc::default() }
    }

    /// The same, and a workspace's seed is applied with its first event.
    #[must_use]
    pub fn seeded(self, seed: Seed) -> Self {
        Self { seed: Some(seed), ..self }
    }

    /// `graph`, `text` or `vectors`.
    pub fn name(&self) -> &'static str {
        self.target.projection().name()
    }

    /// Applies until `stop` says so; a store that is away is tried again, never given up.
    pub async fn run(&self, mut stop: watch::Receiver<bool>) {
        let mut news = self.sql.committed();
        let mut backoff = Duration::from_millis(50);
        while !*stop.borrow() {
            match self.step().await {
                Ok(true) => backoff = Duration::from_millis(50),
                Ok(false) => {
                    backoff = Duration::from_millis(50);
                    tokio::select! {
                        _ = news.changed() => {}
                        () = tokio::time::sleep(POLL) => {}
                        _ = stop.changed() => {}
                    }
                }
                Err(error) => {
                    tracing::warn!(projection = self.name(), %error, "a projection waits for its store");
                    tokio::select! { () = tokio::time::sleep(backoff) => {} _ = stop.changed() => {} }
                    backoff = (backoff * 2).min(MAX_BACKOFF);
                }
            }
        }
    }

    /// Applies one batch; whether there was any.
    pub async fn step(&self) -> Result<bool> {
        let _one = self.busy.lock().await;
        self.apply_next().await
    }

    async fn apply_next(&self) -> Result<bool> {
        let projection = self.target.projection();
        let from = projection.position().await?;
        let events = self.sql.events_after(from, BATCH).await?;
        let Some(last) = events.last().map(|event| event.position) else {
            self.applied.send_replace(from);
            return Ok(false);
        };
        self.sow(&events, from).await?;
        self.target.apply(&events, last).await?;
        metrics::gauge!("looma_projection_position", "projection" => self.name()).set(last as f64);
        self.applied.send_replace(last);
        Ok(true)
    }

    /// Applies the seed of workspaces whose first event is among these. Records of it that were changed since have a
    /// later version, which wins.
    async fn sow(&self, events: &[Event], from: Position) -> Result<()> {
        let Some(seed) = self.seed else { return Ok(()) };
        let workspaces: BTreeSet<WorkspaceId> = events.iter().map(|event| event.workspace).collect();
        for workspace in self.sql.begun_after(from, &workspaces).await? {
            let records: Vec<Event> = seed(workspace).into_iter().map(|projected| truth_event(projected, from)).collect();
            self.target.apply(&records, from).await?;
        }
        Ok(())
    }

    /// What the projection holds, and the position it stands at.
    pub async fn inventory(&self) -> Result<(crate::Inventory, Position)> {
        let _one = self.busy.lock().await;
        let projection = self.target.projection();
        Ok((projection.inventory().await?, projection.position().await?))
    }

    /// Whether the projection holds such a record.
    pub fn holds(&self, projected: &Projected) -> bool {
        match self.target {
            Target::Graph(_) => projected.node || !projected.edges.is_empty(),
            Target::Text(_) | Target::Vectors(..) => projected.searchable,
        }
    }

    /// Returns once `position` is applied.
    /// # Errors
    /// `Unavailable` when it takes longer than `limit`.
    pub async fn wait_for(&self, position: Position, limit: Duration) -> Result<()> {
        let mut applied = self.applied.subscribe();
        match tokio::time::timeout(limit, applied.wait_for(|at| *at >= position)).await {
            Ok(Ok(_)) => Ok(()),
            _ => Err(Error::Unavailable {
                store: self.name(),
                detail: format!("position {position} is not applied yet; it stands at {}", *self.applied.borrow()),
            }),
        }
    }

    /// Makes the projection anew from the truth; answers how many records it holds then.
    pub async fn rebuild(&self, sources: &[Arc<dyn Source>]) -> Result<u64> {
        // Events written while the truth is read are applied again afterwards: harmless, they are idempotent.
        let _one = self.busy.lock().await;
        let start = self.sql.last_position().await?;
        self.target.projection().clear().await?;
        let mut count = 0;
        for source in sources {
            let mut after = None;
            loop {
                let page = source.page(after, BATCH).await?;
                let Some(last) = page.last() else { break };
                after = Some(last.record.id);
                count += page.len() as u64;
                let events: Vec<Event> = page.into_iter().map(|projected| truth_event(projected, start)).collect();
                self.target.apply(&events, 0).await?;
            }
        }
        self.target.apply(&[], start).await?;
        while self.apply_next().await? {}
        Ok(count)
    }
}

fn truth_event(projected: Projected, position: Position) -> Event {
    Event {
        position,
        workspace: projected.workspace,
        record: projected.record,
        version: projected.version,
        change: Change::Upsert(Box::new(projected)),
        action: "rebuild".into(),
        actor_id: None,
        actor_name: String::new(),
        request_id: None,
        detail: serde_json::Value::Null,
        at: looma_types::now(),
    }
}

#[cfg(test)]
mod tests;

//! A projector reads the outbox in order, applies it to one projection, and lets readers wait for a position.
//!
//! Of several processes that share a database one applies, as long as it holds the lease; the others follow where it stands.
//! A batch is applied at least once, and each event takes effect once, by record and version. An event that the store refuses
//! for what it is (and not because the store is away) is parked with the reason, so that it holds up no other.
//!
//! Long, because applying, parking, rebuilding and waiting share one state and one lock.

use crate::graph::Graph;
use crate::lease::Lease;
use crate::outbox::{Change, Event, Position};
use crate::parked::Parked;
use crate::projection::{Projection, Source, pages};
use crate::text::TextIndex;
use crate::vectors::{VectorChange, Vectors};
use crate::{Error, Projected, Result, Sql};
use async_trait::async_trait;
use futures::TryStreamExt;
use looma_types::{Ref, WorkspaceId};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tokio::sync::{Mutex, watch};

/// How many events are applied at once.
const BATCH: i64 = 2_000;
/// How long to wait for news that another process may have written.
const POLL: Duration = Duration::from_millis(250);
/// The same while somebody waits for what another process applies.
const POLL_FOR_WAITERS: Duration = Duration::from_millis(20);
/// The shortest and the longest wait between tries while a store is away.
const MIN_BACKOFF: Duration = Duration::from_millis(50);
const MAX_BACKOFF: Duration = Duration::from_secs(5);
/// How often an event is refused before it is parked.
const TRIES: u32 = 3;
/// When so many are refused and none is taken, it is the store that is wrong, not they.
const SUSPICIOUS: usize = 20;
/// How many parked events are tried again at once.
const RETRIED: i64 = 1_000;

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

    /// An empty one of the same kind, for a rebuild.
    async fn beside(&self) -> Result<Self> {
        Ok(match self {
            Self::Graph(graph) => Self::Graph(graph.beside().await?),
            Self::Text(text) => Self::Text(text.beside().await?),
            Self::Vectors(vectors, embed) => Self::Vectors(vectors.beside().await?, embed.clone()),
        })
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
    /// A switch and the daily work never meet.
    busy: Arc<Mutex<()>>,
    /// One rebuild at a time in this process; the lease keeps those of others away.
    rebuilding: Arc<Mutex<()>>,
    /// Of several processes one applies.
    lease: Arc<Lease>,
    /// How many events are parked, as far as this process knows.
    parked: Arc<AtomicI64>,
}

/// What became of events that were tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retried {
    pub applied: u64,
    /// Still parked.
    pub parked: u64,
}

impl Projector {
    pub fn new(sql: Sql, target: Target) -> Self {
        let lease = Arc::new(Lease::new(&sql, format!("project.{}", target.projection().name())));
        Self {
            sql,
            target,
            seed: None,
            applied: watch::channel(0).0,
            busy: Arc::default(),
            rebuilding: Arc::default(),
            lease,
            parked: Arc::new(AtomicI64::new(-1)),
        }
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
        let mut backoff = MIN_BACKOFF;
        while !*stop.borrow() {
            match self.step().await {
                Ok(true) => backoff = MIN_BACKOFF,
                Ok(false) => {
                    backoff = MIN_BACKOFF;
                    let awaited = self.applied.receiver_count() > 0;
                    tokio::select! {
                        _ = news.changed() => {}
                        () = tokio::time::sleep(if awaited { POLL_FOR_WAITERS } else { POLL }) => {}
                        _ = stop.changed() => {}
                    }
                }
                Err(error) => {
                    tracing::warn!(projection = self.name(), %error, "a projection waits for its store");
                    self.measure_lag().await;
                    tokio::select! { () = tokio::time::sleep(backoff) => {} _ = stop.changed() => {} }
                    backoff = (backoff * 2).min(MAX_BACKOFF);
                }
            }
        }
        self.lease.give_back().await;
    }

    /// Applies one batch; whether there was any.
    pub async fn step(&self) -> Result<bool> {
        let _one = self.busy.lock().await;
        if !self.lease.hold().await? {
            // Whoever applies says how far behind it is.
            self.set_lag(0, 0.0);
            self.applied.send_replace(self.target.projection().position().await?);
            return Ok(false);
        }
        let from = self.target.projection().position().await?;
        let advanced = self.advance(&self.target, from).await?;
        let at = advanced.unwrap_or(from);
        metrics::gauge!("looma_projection_position", "projection" => self.name()).set(at as f64);
        self.applied.send_replace(at);
        if advanced.is_none() {
            self.set_lag(0, 0.0);
        }
        Ok(advanced.is_some())
    }

    /// Applies what follows `from` to a target, as far as one batch goes; the position it stands at then.
    async fn advance(&self, target: &Target, from: Position) -> Result<Option<Position>> {
        let events = self.sql.events_after(from, BATCH).await?;
        let (Some(first), Some(last)) = (events.first(), events.last()) else { return Ok(None) };
        let age = (looma_types::now() - first.at).as_seconds_f64().max(0.0);
        self.set_lag((*self.sql.committed().borrow() - from).max(events.len() as i64), age);
        self.sow(target, &events, from).await?;
        self.apply_or_park(target, &events, last.position).await?;
        Ok(Some(last.position))
    }

    /// Applies events; those that the store refuses for what they are are put aside.
    async fn apply_or_park(&self, target: &Target, events: &[Event], upto: Position) -> Result<()> {
        match target.apply(events, upto).await {
            Ok(()) => return self.take_back(events).await,
            Err(error) if error.is_passing() => return Err(error),
            Err(error) => tracing::warn!(projection = self.name(), %error, "a batch is refused; its events are tried one by one"),
        }
        let mut refused = Vec::new();
        for event in events {
            match self.apply_one(target, event).await {
                Ok(()) => {}
                Err(error) if error.is_passing() => return Err(error),
                Err(error) => refused.push((event, error)),
            }
            if refused.len() >= SUSPICIOUS && refused.len() as i64 > event.position - events[0].position {
                return Err(refused.swap_remove(0).1);
            }
        }
        for (event, error) in refused {
            tracing::error!(projection = self.name(), position = event.position, record = %event.record, %error, "an event is parked");
            self.sql.park(self.name(), event, &error.to_string()).await?;
        }
        self.count_parked().await?;
        target.apply(&[], upto).await
    }

    async fn apply_one(&self, target: &Target, event: &Event) -> Result<()> {
        let mut backoff = MIN_BACKOFF;
        for _ in 1..TRIES {
            match target.apply(std::slice::from_ref(event), 0).await {
                Err(error) if !error.is_passing() => tokio::time::sleep(backoff).await,
                done => return done,
            }
            backoff *= 2;
        }
        target.apply(std::slice::from_ref(event), 0).await
    }

    /// A record that was parked and has now been applied in a later version is no more parked.
    async fn take_back(&self, events: &[Event]) -> Result<()> {
        if self.parked.load(Ordering::Relaxed) < 0 {
            self.count_parked().await?;
        }
        if self.parked.load(Ordering::Relaxed) == 0 {
            return Ok(());
        }
        for event in events.iter().filter(|event| event.change != Change::Note) {
            self.sql.unpark(self.name(), event.record, event.workspace, event.position).await?;
        }
        self.count_parked().await
    }

    async fn count_parked(&self) -> Result<()> {
        let count = self.sql.parked_count(self.name()).await?;
        self.parked.store(count, Ordering::Relaxed);
        metrics::gauge!("looma_projection_parked", "projection" => self.name()).set(count as f64);
        Ok(())
    }

    fn set_lag(&self, events: i64, seconds: f64) {
        metrics::gauge!("looma_projection_lag_events", "projection" => self.name()).set(events as f64);
        metrics::gauge!("looma_projection_lag_seconds", "projection" => self.name()).set(seconds);
    }

    /// How far behind it is while its store is away.
    async fn measure_lag(&self) {
        let from = *self.applied.borrow();
        if let Ok(next) = self.sql.events_after(from, 1).await
            && let (Some(next), Ok(last)) = (next.first(), self.sql.last_position().await)
        {
            self.set_lag(last - from, (looma_types::now() - next.at).as_seconds_f64().max(0.0));
        }
    }

    /// Applies the seed of workspaces whose first event is among these. Records of it that were changed since have a
    /// later version, which wins.
    async fn sow(&self, target: &Target, events: &[Event], from: Position) -> Result<()> {
        let Some(seed) = self.seed else { return Ok(()) };
        let workspaces: BTreeSet<WorkspaceId> = events.iter().map(|event| event.workspace).collect();
        for workspace in self.sql.begun_after(from, &workspaces).await? {
            let records: Vec<Event> = seed(workspace).into_iter().map(|projected| truth_event(projected, from)).collect();
            target.apply(&records, from).await?;
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
            _ => Err(self.behind(position)),
        }
    }

    fn behind(&self, position: Position) -> Error {
        let detail = format!("position {position} is not applied yet; it stands at {}", *self.applied.borrow());
        Error::Unavailable { store: self.name(), detail }
    }

    /// The same where nobody may be applying: takes part in the work, or follows whoever does it.
    pub async fn catch_up(&self, position: Position, limit: Duration) -> Result<()> {
        let caught_up = async {
            loop {
                let more = self.step().await?;
                if *self.applied.borrow() >= position {
                    return Ok(());
                }
                if !more {
                    tokio::time::sleep(POLL_FOR_WAITERS).await;
                }
            }
        };
        tokio::time::timeout(limit, caught_up).await.unwrap_or_else(|_| Err(self.behind(position)))
    }

    /// Makes the projection anew from the truth, beside the live one, which serves its readers until the new one takes its
    /// place; answers how many records of the truth were read.
    /// # Errors
    /// `Unavailable` while another process rebuilds it.
    pub async fn rebuild(&self, sources: &[Arc<dyn Source>]) -> Result<u64> {
        let _one = self.rebuilding.lock().await;
        let lease = Lease::new(&self.sql, format!("rebuild.{}", self.name()));
        let rebuilt = self.rebuild_beside(sources, &lease).await;
        lease.give_back().await;
        rebuilt
    }

    async fn rebuild_beside(&self, sources: &[Arc<dyn Source>], lease: &Lease) -> Result<u64> {
        let busy = || Error::Unavailable { store: self.name(), detail: "another process makes this projection anew".into() };
        if !lease.hold().await? {
            return Err(busy());
        }
        // Events written while the truth is read are applied again afterwards: harmless, they are idempotent.
        let start = self.sql.last_position().await?;
        let fresh = self.target.beside().await?;
        let mut count = 0;
        let mut pages = pages(sources, BATCH);
        while let Some(page) = pages.try_next().await? {
            count += page.len() as u64;
            let events: Vec<Event> = page.into_iter().map(|projected| truth_event(projected, start)).collect();
            self.apply_or_park(&fresh, &events, 0).await?;
            if !lease.hold().await? {
                return Err(busy());
            }
        }
        fresh.apply(&[], start).await?;
        let mut at = start;
        while let Some(next) = self.advance(&fresh, at).await? {
            at = next;
        }
        self.switch(&fresh, at).await?;
        Ok(count)
    }

    /// The last events are applied and the projections change places while nobody writes, so that no reader misses anything.
    async fn switch(&self, fresh: &Target, mut at: Position) -> Result<()> {
        let _one = self.busy.lock().await;
        let nobody_writes = if self.sql.is_shared() { Some(self.sql.begin().await?) } else { None };
        while let Some(next) = self.advance(fresh, at).await? {
            at = next;
        }
        self.target.projection().switch().await?;
        drop(nobody_writes);
        self.applied.send_replace(at);
        Ok(())
    }

    /// Applies records as the truth has them, and takes away what it does not have: what a comparison has found wrong.
    pub async fn correct(&self, truth: Vec<Projected>, gone: &[(WorkspaceId, Ref, i64)]) -> Result<()> {
        let _one = self.busy.lock().await;
        let mut events: Vec<Event> = truth.into_iter().map(|projected| truth_event(projected, 0)).collect();
        events.extend(gone.iter().map(|(workspace, record, version)| gone_event(*workspace, *record, *version)));
        for events in events.chunks(BATCH as usize) {
            self.target.apply(events, 0).await?;
        }
        Ok(())
    }

    /// Tries the parked events again, at most a thousand of them.
    pub async fn retry_parked(&self) -> Result<Retried> {
        let _one = self.busy.lock().await;
        let mut applied = 0;
        for parked in self.sql.parked(self.name(), 0, RETRIED).await? {
            let done = match self.sql.newest_change(parked.workspace, parked.record).await? {
                Some(event) => match self.target.apply(std::slice::from_ref(&event), 0).await {
                    Err(error) if !error.is_passing() => self.sql.park(self.name(), &event, &error.to_string()).await.map(|()| false),
                    done => done.map(|()| true),
                },
                // Its event is gone, and with it what there was to apply.
                None => Ok(true),
            };
            if done? {
                self.sql.unpark(self.name(), parked.record, parked.workspace, Position::MAX).await?;
                applied += 1;
            }
        }
        self.count_parked().await?;
        Ok(Retried { applied, parked: self.parked.load(Ordering::Relaxed).max(0) as u64 })
    }

    /// How many events are parked.
    pub async fn parked_count(&self) -> Result<i64> {
        self.sql.parked_count(self.name()).await
    }

    /// What is parked after `after`, oldest first.
    pub async fn parked(&self, after: Position, limit: i64) -> Result<Vec<Parked>> {
        self.sql.parked(self.name(), after, limit).await
    }
}

fn gone_event(workspace: WorkspaceId, record: Ref, version: i64) -> Event {
    let projected = Projected::new(workspace, record, version, "");
    Event { change: Change::Delete, ..truth_event(projected, 0) }
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
        address: None,
        sequence: None,
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod trouble;

//! Sync, signals and writes for mobile apps.

use crate::sync::{Filling, concerns};
use axum::http::StatusCode;
use axum::response::Response;
use futures::Stream;
use looma_kernel::types::ServiceName;
use looma_kernel::types::mobile::SyncPage;
use looma_kernel::{Actor, Client, Cursor, Failure, Kernel, Position, Result};
use looma_store::Sql;
use serde::Serialize;
use std::time::Duration;
use tokio::sync::watch;

/// Records of a page unless said otherwise, and at most.
const DEFAULT_LIMIT: usize = 1_000;
const MAX_LIMIT: usize = 2_000;
/// Events that are read at once, and how often for one page: most may be of no concern.
const BATCH: i64 = 500;
const MAX_BATCHES: usize = 10;
/// How long writes are gathered into one signal.
const GATHER: Duration = Duration::from_millis(100);
/// How soon a write of another process is noticed.
const POLL: Duration = Duration::from_secs(5);

/// What mobile apps ask for.
#[derive(Clone)]
pub struct MobileService {
    sql: Sql,
    client: Client,
    stopping: watch::Receiver<bool>,
    /// How long a stream lasts before the client must show its token again.
    pub(crate) stream_limit: Duration,
}

impl MobileService {
    pub fn new(kernel: &Kernel) -> Self {
        Self {
            sql: kernel.stores().sql.clone(),
            client: kernel.client().clone(),
            stopping: kernel.stopping(),
            stream_limit: Duration::from_secs(kernel.settings().auth.access_token_seconds),
        }
    }

    /// What changed after the cursor; everything that exists where there is none.
    /// # Errors
    /// 410 where the cursor is from a future that this system, restored from a backup, never had: sync from the start.
    pub async fn sync(&self, actor: &Actor, since: Option<&str>, limit: Option<usize>) -> Result<SyncPage> {
        let limit = limit.unwrap_or(DEFAULT_LIMIT);
        if !(1..=MAX_LIMIT).contains(&limit) {
            return Err(Failure::field("limit", "range", format!("limit must be 1 to {MAX_LIMIT}")));
        }
        let since = self.position(since).await?.unwrap_or(0);
        let mut filling = Filling::new(limit, since);
        let mut read_to = since;
        for _ in 0..MAX_BATCHES {
            let events = self.sql.workspace_events_after(actor.workspace, read_to, BATCH).await?;
            let last = (events.len() as i64) < BATCH;
            for event in events {
                read_to = event.position;
                if !concerns(actor, &event) {
                    filling.position = read_to;
                } else if !filling.take(event) {
                    return Ok(filling.page(true));
                }
            }
            if last {
                return Ok(filling.page(false));
            }
        }
        Ok(filling.page(true))
    }

    async fn position(&self, since: Option<&str>) -> Result<Option<Position>> {
        let Some(since) = since else { return Ok(None) };
        let wrong = || Failure::field("since", "format", "This is not a cursor of sync; begin again without one.");
        let position: Position = Cursor::decode(since).map_err(|_| wrong())?;
        if position < 0 {
            return Err(wrong());
        }
        if position > self.sql.last_position().await? {
            let detail = "The cursor is ahead of what is stored here; sync again without one.".to_owned();
            return Err(Failure::new(StatusCode::GONE, "sync-again", "Sync from the start", detail));
        }
        Ok(Some(position))
    }

    /// A cursor whenever something that concerns the actor was written after `since`, or after now. Ends when the
    /// process stops.
    pub async fn changes(&self, actor: Actor, since: Option<&str>) -> Result<impl Stream<Item = String> + use<>> {
        let position = match self.position(since).await? {
            Some(position) => position,
            None => self.sql.last_position().await?,
        };
        let watch = Watch { sql: self.sql.clone(), news: self.sql.committed(), stopping: self.stopping.clone(), actor, position };
        Ok(futures::stream::unfold(watch, |mut watch| async move { watch.next().await.map(|cursor| (cursor, watch)) }))
    }

    /// Passes a creation on to the relationship service, in the actor's name and with the client's key.
    pub async fn create<T: Serialize>(&self, actor: &Actor, path: &str, draft: &T, key: Option<&str>) -> Result<Response> {
        let call = self.client.call(ServiceName::Relationship, axum::http::Method::POST, path).actor(actor).json(draft)?;
        let call = match key {
            Some(key) => call.header(axum::http::HeaderName::from_static("idempotency-key"), key),
            None => call,
        };
        Ok(call.send().await?.pass_on())
    }
}

struct Watch {
    sql: Sql,
    news: watch::Receiver<Position>,
    stopping: watch::Receiver<bool>,
    actor: Actor,
    position: Position,
}

impl Watch {
    async fn next(&mut self) -> Option<String> {
        loop {
            self.news.mark_unchanged();
            match self.look().await {
                Ok(true) => return Some(Cursor::encode(&self.position)),
                Ok(false) => {}
                Err(failure) => tracing::debug!(%failure, "a sync stream waits for the database"),
            }
            let news = tokio::select! {
                _ = self.stopping.wait_for(|stop| *stop) => return None,
                _ = self.news.changed() => true,
                () = tokio::time::sleep(POLL) => false,
            };
            if news {
                tokio::time::sleep(GATHER).await;
            }
        }
    }

    /// Moves on to the newest event; whether any of those passed concerns the actor.
    async fn look(&mut self) -> Result<bool> {
        let mut found = false;
        loop {
            let events = self.sql.workspace_events_after(self.actor.workspace, self.position, BATCH).await?;
            let Some(last) = events.last() else { return Ok(found) };
            self.position = last.position;
            found |= events.iter().any(|event| concerns(&self.actor, event));
            if (events.len() as i64) < BATCH {
                return Ok(found);
            }
        }
    }
}

//! What the adapters of real engines have in common: limits, measurements, errors that say where to look, and trying again.

use crate::settings::Engine;
use crate::{Error, Result};
use std::fmt::Display;
use std::sync::Once;
use std::time::{Duration, Instant};
use tokio::sync::{Semaphore, SemaphorePermit};

/// How often a request that may be repeated is tried.
const TRIES: u32 = 3;
const FIRST_PAUSE: Duration = Duration::from_millis(40);

/// One engine as its adapter sees it: which role it keeps, where it is, and how many may ask it at once.
#[derive(Debug)]
pub struct Door {
    /// The role, such as `text`; names the store in errors and metrics.
    store: &'static str,
    /// What it is called, such as `Elasticsearch`.
    product: &'static str,
    /// Its key in the settings, such as `elasticsearch`.
    key: &'static str,
    engine: Engine,
    free: Semaphore,
}

impl Door {
    pub fn new(store: &'static str, product: &'static str, key: &'static str, engine: &Engine) -> Self {
        use_one_cryptography();
        Self { store, product, key, free: Semaphore::new(engine.connections as usize), engine: engine.clone() }
    }

    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    pub fn connect_limit(&self) -> Duration {
        Duration::from_secs(self.engine.connect_seconds)
    }

    pub fn request_limit(&self) -> Duration {
        Duration::from_secs(self.engine.request_seconds)
    }

    /// The engine is away; says which, where, and what to look at.
    pub fn away(&self, error: impl Display) -> Error {
        let Self { store, product, key, engine, .. } = self;
        let detail = format!(
            "{product} at {}: {error}; check that it runs there, can be reached from here, and that stores.{key} has the right address",
            engine.url
        );
        Error::Unavailable { store, detail }
    }

    /// The engine refuses us; says which, where, and what to look at.
    pub fn refused(&self, error: impl Display) -> Error {
        let Self { store, product, key, engine, .. } = self;
        Error::Unavailable { store, detail: format!("{product} at {}: {error}; check user and password in stores.{key}", engine.url) }
    }

    /// The engine answered with something else than it should.
    pub fn other(&self, error: impl Display) -> Error {
        Error::Other { store: self.store, detail: format!("{} at {}: {error}", self.product, self.engine.url) }
    }

    /// One request: waits for its turn, is measured as `operation`, and ends in time.
    pub async fn ask<T>(&self, operation: &'static str, request: impl Future<Output = Result<T>>) -> Result<T> {
        let began = Instant::now();
        let answer = match self.turn().await {
            Ok(_turn) => match tokio::time::timeout(self.request_limit(), request).await {
                Ok(answer) => answer,
                Err(_) => Err(self.away(format!("no answer within {} s", self.engine.request_seconds))),
            },
            Err(error) => Err(error),
        };
        measured(self.store, operation, began, answer.as_ref().err());
        answer
    }

    /// The same for a request that does no harm when it is done twice: tried again after a short, random pause.
    pub async fn ask_again<T, F: Future<Output = Result<T>>>(&self, operation: &'static str, request: impl Fn() -> F) -> Result<T> {
        let mut pause = FIRST_PAUSE;
        for _ in 1..TRIES {
            match self.ask(operation, request()).await {
                Err(Error::Unavailable { .. }) => {
                    metrics::counter!("looma_store_retries_total", "store" => self.store, "operation" => operation).increment(1);
                    tokio::time::sleep(pause.mul_f64(rand::random_range(0.5..1.5))).await;
                    pause *= 3;
                }
                answer => return answer,
            }
        }
        self.ask(operation, request()).await
    }

    async fn turn(&self) -> Result<SemaphorePermit<'_>> {
        let began = Instant::now();
        let turn = tokio::time::timeout(self.connect_limit(), self.free.acquire()).await;
        metrics::histogram!("looma_store_wait_seconds", "store" => self.store).record(began.elapsed().as_secs_f64());
        let used = self.engine.connections as usize - self.free.available_permits();
        metrics::gauge!("looma_store_connections_used", "store" => self.store).set(used as f64);
        match turn {
            Ok(Ok(turn)) => Ok(turn),
            _ => Err(self.away(format!(
                "all {} connections were in use for {} s; stores.{}.connections allows more",
                self.engine.connections, self.engine.connect_seconds, self.key
            ))),
        }
    }
}

/// Records how long an operation took and whether it failed.
pub fn measured(store: &'static str, operation: &'static str, began: Instant, error: Option<&Error>) {
    metrics::histogram!("looma_store_seconds", "store" => store, "operation" => operation).record(began.elapsed().as_secs_f64());
    if let Some(error) = error {
        let kind = match error {
            Error::Taken { .. } => "taken",
            Error::Unavailable { .. } => "unavailable",
            Error::BadQuery(_) => "bad_query",
            Error::Corrupt { .. } => "corrupt",
            Error::Other { .. } => "other",
        };
        metrics::counter!("looma_store_errors_total", "store" => store, "operation" => operation, "kind" => kind).increment(1);
    }
}

/// Several clients bring their own cryptography; TLS must know which is meant.
fn use_one_cryptography() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // Refused where the process has chosen one already: fine.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    fn door(connections: u32) -> Door {
        let engine = Engine { connections, connect_seconds: 1, request_seconds: 1, ..Engine::at("http://looma:secret@db:9202") };
        Door::new("text", "Elasticsearch", "elasticsearch", &engine)
    }

    #[tokio::test]
    async fn what_is_away_is_tried_again_and_named() {
        let (door, tries) = (door(2), AtomicU32::new(0));
        let once_away = || async { if tries.fetch_add(1, Ordering::Relaxed) == 0 { Err(door.away("connection refused")) } else { Ok(7) } };
        assert_eq!(door.ask_again("search", once_away).await.unwrap(), 7);
        let away = door.ask_again("search", || async { Err::<(), _>(door.away("connection refused")) }).await.unwrap_err().to_string();
        assert!(away.contains("text is not available: Elasticsearch at http://db:9202: connection refused"), "{away}");
        assert!(away.contains("stores.elasticsearch") && !away.contains("secret"), "{away}");
        tries.store(0, Ordering::Relaxed);
        let wrong = door
            .ask_again("search", || async {
                tries.fetch_add(1, Ordering::Relaxed);
                Err::<(), _>(Error::BadQuery("no".into()))
            })
            .await;
        assert!(matches!(wrong, Err(Error::BadQuery(_))));
        assert_eq!(tries.load(Ordering::Relaxed), 1, "what is wrong stays wrong");
    }

    #[tokio::test]
    async fn only_so_many_ask_at_once_and_none_waits_for_ever() {
        let door = door(1);
        let never = door.ask("search", std::future::pending::<Result<()>>());
        let second = door.ask("search", async { Ok(()) });
        let (never, second) = tokio::join!(never, second);
        assert!(never.unwrap_err().to_string().contains("no answer within 1 s"));
        // The second had its turn when the first gave up, or was told that all connections are in use.
        assert!(second.is_ok() || second.unwrap_err().to_string().contains("connections were in use"));
    }
}

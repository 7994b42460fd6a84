//! A shared cache that may be away: this process then keeps its own values, and asks the shared one again after a moment.
//!
//! What a cache holds may be lost at any time, so nobody relies on it; but nobody should fail for want of it either.

use super::memory::MemoryCache;
use crate::{Cache, Error, Result};
use async_trait::async_trait;
use bytes::Bytes;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How long the shared cache is left alone after it failed.
const PAUSE: Duration = Duration::from_secs(2);

/// The shared cache, and one of this process for want of it.
pub struct FallbackCache<S> {
    shared: S,
    own: MemoryCache,
    began: Instant,
    /// When to ask the shared one again, in milliseconds since `began`.
    again: AtomicU64,
}

impl<S: Cache> FallbackCache<S> {
    pub fn new(shared: S, own: MemoryCache) -> Self {
        Self { shared, own, began: Instant::now(), again: AtomicU64::new(0) }
    }

    fn now(&self) -> u64 {
        self.began.elapsed().as_millis() as u64
    }

    /// Asks the shared one, or this process' own while that is away.
    async fn either<T>(&self, shared: impl Future<Output = Result<T>>, own: impl Future<Output = Result<T>>) -> Result<T> {
        if self.now() < self.again.load(Ordering::Relaxed) {
            return own.await;
        }
        match shared.await {
            Err(error @ Error::Unavailable { .. }) => {
                tracing::warn!(%error, "this process keeps its own cache for the moment");
                self.again.store(self.now() + PAUSE.as_millis() as u64, Ordering::Relaxed);
                own.await
            }
            answer => answer,
        }
    }
}

#[async_trait]
impl<S: Cache> Cache for FallbackCache<S> {
    async fn get(&self, key: &str) -> Result<Option<Bytes>> {
        self.either(self.shared.get(key), self.own.get(key)).await
    }

    async fn set(&self, key: &str, value: Bytes, ttl: Duration) -> Result<()> {
        self.either(self.shared.set(key, value.clone(), ttl), self.own.set(key, value, ttl)).await
    }

    async fn set_if_absent(&self, key: &str, value: Bytes, ttl: Duration) -> Result<bool> {
        self.either(self.shared.set_if_absent(key, value.clone(), ttl), self.own.set_if_absent(key, value, ttl)).await
    }

    async fn add(&self, key: &str, amount: i64, ttl: Duration) -> Result<i64> {
        self.either(self.shared.add(key, amount, ttl), self.own.add(key, amount, ttl)).await
    }

    async fn delete(&self, key: &str) -> Result<bool> {
        self.either(self.shared.delete(key), self.own.delete(key)).await
    }

    /// Whether the shared one answers: what is kept here is no replacement for long.
    async fn ping(&self) -> Result<()> {
        self.shared.ping().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::StoreSettings;
    use crate::cache::conformance;
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;

    struct Away {
        inner: MemoryCache,
        away: Arc<AtomicBool>,
    }

    impl Away {
        fn reach(&self) -> Result<()> {
            let away = self.away.load(Ordering::Relaxed);
            if away { Err(Error::Unavailable { store: "cache", detail: "it is away".into() }) } else { Ok(()) }
        }
    }

    #[async_trait]
    impl Cache for Away {
        async fn get(&self, key: &str) -> Result<Option<Bytes>> {
            self.reach()?;
            self.inner.get(key).await
        }
        async fn set(&self, key: &str, value: Bytes, ttl: Duration) -> Result<()> {
            self.reach()?;
            self.inner.set(key, value, ttl).await
        }
        async fn set_if_absent(&self, key: &str, value: Bytes, ttl: Duration) -> Result<bool> {
            self.reach()?;
            self.inner.set_if_absent(key, value, ttl).await
        }
        async fn add(&self, key: &str, amount: i64, ttl: Duration) -> Result<i64> {
            self.reach()?;
            self.inner.add(key, amount, ttl).await
        }
        async fn delete(&self, key: &str) -> Result<bool> {
            self.reach()?;
            self.inner.delete(key).await
        }
        async fn ping(&self) -> Result<()> {
            self.reach()
        }
    }

    fn cache(away: bool) -> (FallbackCache<Away>, Arc<AtomicBool>) {
        let memory = || MemoryCache::new(&StoreSettings::default());
        let away = Arc::new(AtomicBool::new(away));
        (FallbackCache::new(Away { inner: memory(), away: away.clone() }, memory()), away)
    }

    #[tokio::test]
    async fn conforms_while_the_shared_one_is_there_and_while_it_is_away() {
        conformance::suite(&cache(false).0).await;
        let (away, back) = cache(true);
        assert!(away.ping().await.is_err(), "it says that the shared one is away");
        assert_eq!(away.get("warm").await.unwrap(), None);
        // The suite asks whether it answers.
        back.store(false, Ordering::Relaxed);
        assert!(away.now() < away.again.load(Ordering::Relaxed), "the shared one is left alone for a moment");
        conformance::suite(&away).await;
    }

    #[tokio::test]
    async fn the_shared_one_is_asked_again() {
        let (cache, away) = cache(true);
        let long = Duration::from_mins(1);
        cache.set("a", "own".into(), long).await.unwrap();
        away.store(false, Ordering::Relaxed);
        assert_eq!(cache.get("a").await.unwrap(), Some("own".into()));
        cache.again.store(0, Ordering::Relaxed);
        assert_eq!(cache.get("a").await.unwrap(), None, "what this process kept for itself is not the others'");
        cache.set("a", "shared".into(), long).await.unwrap();
        assert_eq!(cache.shared.inner.get("a").await.unwrap(), Some("shared".into()));
    }
}

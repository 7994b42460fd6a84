//! The cache in this process.

use super::{MAX_TTL, check, no_counter};
use crate::{Cache, Error, Result, StoreSettings};
use async_trait::async_trait;
use bytes::Bytes;
use moka::ops::compute::{CompResult, Op};
use std::time::{Duration, Instant};

/// A value and its end. The end is looked at on every read: the cache's own clock only frees the memory.
#[derive(Clone)]
struct Kept {
    value: Bytes,
    ends: Instant,
}

impl Kept {
    fn new(value: Bytes, ttl: Duration) -> Self {
        Self { value, ends: Instant::now() + ttl.min(MAX_TTL) }
    }

    fn lives(&self) -> bool {
        self.ends > Instant::now()
    }
}

struct UntilItsEnd;

impl moka::Expiry<String, Kept> for UntilItsEnd {
    fn expire_after_create(&self, _: &String, kept: &Kept, now: Instant) -> Option<Duration> {
        Some(kept.ends.saturating_duration_since(now))
    }

    fn expire_after_update(&self, _: &String, kept: &Kept, now: Instant, _: Option<Duration>) -> Option<Duration> {
        Some(kept.ends.saturating_duration_since(now))
    }
}

/// Keeps the values used most, up to a number of them.
pub struct MemoryCache {
    entries: moka::future::Cache<String, Kept>,
}

impl MemoryCache {
    pub fn new(settings: &StoreSettings) -> Self {
        Self { entries: moka::future::Cache::builder().max_capacity(settings.cache_entries.max(1)).expire_after(UntilItsEnd).build() }
    }
}

fn counted(value: &Bytes) -> Result<i64> {
    std::str::from_utf8(value).ok().and_then(|text| text.parse().ok()).ok_or_else(no_counter)
}

#[async_trait]
impl Cache for MemoryCache {
    async fn get(&self, key: &str) -> Result<Option<Bytes>> {
        Ok(self.entries.get(key).await.filter(Kept::lives).map(|kept| kept.value))
    }

    async fn set(&self, key: &str, value: Bytes, ttl: Duration) -> Result<()> {
        check(key, &value)?;
        self.entries.insert(key.to_owned(), Kept::new(value, ttl)).await;
        Ok(())
    }

    async fn set_if_absent(&self, key: &str, value: Bytes, ttl: Duration) -> Result<bool> {
        check(key, &value)?;
        let done = self
            .entries
            .entry_by_ref(key)
            .and_compute_with(|held| {
                let taken = held.is_some_and(|entry| entry.into_value().lives());
                std::future::ready(if taken { Op::Nop } else { Op::Put(Kept::new(value, ttl)) })
            })
            .await;
        Ok(matches!(done, CompResult::Inserted(_) | CompResult::ReplacedWith(_)))
    }

    async fn add(&self, key: &str, amount: i64, ttl: Duration) -> Result<i64> {
        check(key, &Bytes::new())?;
        let done = self
            .entries
            .entry_by_ref(key)
            .and_try_compute_with(|held| {
                let held = held.map(moka::Entry::into_value).filter(Kept::lives);
                let count = held.as_ref().map_or(Ok(0), |kept| counted(&kept.value)).map(|count| count.saturating_add(amount));
                std::future::ready(count.map(|count| {
                    let value = Bytes::from(count.to_string());
                    Op::Put(held.map_or_else(|| Kept::new(value.clone(), ttl), |kept| Kept { value: value.clone(), ..kept }))
                }))
            })
            .await?;
        match done.into_entry() {
            Some(entry) => counted(&entry.into_value().value),
            None => Err(Error::other("cache", "a counter vanished while it was counted")),
        }
    }

    async fn delete(&self, key: &str) -> Result<bool> {
        Ok(self.entries.remove(key).await.is_some_and(|kept| kept.lives()))
    }

    async fn ping(&self) -> Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::conformance;

    #[tokio::test]
    async fn conforms() {
        conformance::suite(&MemoryCache::new(&StoreSettings::default())).await;
    }

    #[tokio::test]
    async fn holds_no_more_than_it_may() {
        let cache = MemoryCache::new(&StoreSettings { cache_entries: 10, ..StoreSettings::default() });
        for number in 0..500 {
            cache.set(&format!("k:{number}"), "x".into(), Duration::from_mins(1)).await.unwrap();
        }
        cache.entries.run_pending_tasks().await;
        assert!(cache.entries.entry_count() <= 10);
    }
}

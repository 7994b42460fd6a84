//! Cache and coordination: derived values that may be lost at any time.

use crate::{Error, Result};
use async_trait::async_trait;
use bytes::Bytes;
use std::time::Duration;

#[cfg(any(test, feature = "conformance"))]
pub mod conformance;
pub mod fallback;
pub mod memory;
pub mod redis;
pub mod sqlite;

const MAX_KEY: usize = 512;
const MAX_VALUE: usize = 1024 * 1024;
/// Longer than anything derived is worth keeping, and short enough for every clock's arithmetic.
const MAX_TTL: Duration = Duration::from_hours(365 * 24);

/// The cache role. Keys are `area:workspace:…`, at most 512 bytes; values at most 1 MiB.
#[async_trait]
pub trait Cache: Send + Sync {
    async fn get(&self, key: &str) -> Result<Option<Bytes>>;
    async fn set(&self, key: &str, value: Bytes, ttl: Duration) -> Result<()>;
    /// Sets it only where there is none; whether it was set. For leases and once-only work.
    async fn set_if_absent(&self, key: &str, value: Bytes, ttl: Duration) -> Result<bool>;
    /// Adds to a counter that begins at 0 and ends `ttl` after its first use.
    async fn add(&self, key: &str, amount: i64, ttl: Duration) -> Result<i64>;
    async fn delete(&self, key: &str) -> Result<bool>;
    async fn ping(&self) -> Result<()>;
}

fn check(key: &str, value: &Bytes) -> Result<()> {
    if key.is_empty() || key.len() > MAX_KEY {
        return Err(Error::BadQuery(format!("a cache key has 1 to {MAX_KEY} bytes, not {}", key.len())));
    }
    if value.len() > MAX_VALUE {
        return Err(Error::BadQuery(format!("a cache value has at most {MAX_VALUE} bytes, not {}", value.len())));
    }
    Ok(())
}

fn no_counter() -> Error {
    Error::BadQuery("the cache holds something else than a counter under this key".into())
}

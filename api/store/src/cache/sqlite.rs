//! The cache in a file, for several processes on one data folder: what one notes, such as the end of a session, the others see at once.

use super::{MAX_TTL, check, no_counter};
use crate::{Cache, Result, StoreSettings, sqlite};
use async_trait::async_trait;
use bytes::Bytes;
use sqlx::sqlite::{SqliteExecutor, SqlitePool};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

const TABLES: &str = "CREATE TABLE IF NOT EXISTS entry (
    key TEXT NOT NULL PRIMARY KEY,
    value BLOB NOT NULL,
    ends_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS entry_ends_at ON entry (ends_at)";

/// Each process sweeps after so many writes: what has ended goes, then what ends first, down to the most that is kept.
const SWEEP_EVERY: u64 = 256;

/// `cache.sqlite`.
pub struct SqliteCache {
    db: SqlitePool,
    keep: i64,
    writes: AtomicU64,
}

/// Milliseconds of the machine's clock, which all processes share.
fn now() -> i64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64)
}

fn end(ttl: Duration) -> i64 {
    now() + ttl.min(MAX_TTL).as_millis() as i64
}

async fn find<'c, E: SqliteExecutor<'c>>(db: E, key: &str) -> Result<Option<(Vec<u8>, i64)>> {
    let found = sqlx::query_as("SELECT value, ends_at FROM entry WHERE key = $1 AND ends_at > $2");
    Ok(found.bind(key).bind(now()).fetch_optional(db).await?)
}

async fn put<'c, E: SqliteExecutor<'c>>(db: E, key: &str, value: &[u8], ends_at: i64) -> Result<()> {
    let put = sqlx::query(
        "INSERT INTO entry (key, value, ends_at) VALUES ($1, $2, $3)
         ON CONFLICT (key) DO UPDATE SET value = excluded.value, ends_at = excluded.ends_at",
    );
    put.bind(key).bind(value).bind(ends_at).execute(db).await?;
    Ok(())
}

impl SqliteCache {
    pub async fn open(settings: &StoreSettings) -> Result<Self> {
        let db = sqlite::projection(settings, "cache").await?;
        sqlx::raw_sql(TABLES).execute(&db).await?;
        Ok(Self { db, keep: settings.cache_entries.max(1) as i64, writes: AtomicU64::new(0) })
    }

    async fn sweep(&self) -> Result<()> {
        if !self.writes.fetch_add(1, Ordering::Relaxed).is_multiple_of(SWEEP_EVERY) {
            return Ok(());
        }
        sqlx::query("DELETE FROM entry WHERE ends_at <= $1").bind(now()).execute(&self.db).await?;
        sqlx::query(
            "DELETE FROM entry WHERE key IN (SELECT key FROM entry ORDER BY ends_at LIMIT MAX(0, (SELECT COUNT(*) FROM entry) - $1))",
        )
        .bind(self.keep)
        .execute(&self.db)
        .await?;
        Ok(())
    }
}

#[async_trait]
impl Cache for SqliteCache {
    async fn get(&self, key: &str) -> Result<Option<Bytes>> {
        Ok(find(&self.db, key).await?.map(|(value, _)| value.into()))
    }

    async fn set(&self, key: &str, value: Bytes, ttl: Duration) -> Result<()> {
        check(key, &value)?;
        put(&self.db, key, &value, end(ttl)).await?;
        self.sweep().await
    }

    async fn set_if_absent(&self, key: &str, value: Bytes, ttl: Duration) -> Result<bool> {
        check(key, &value)?;
        let done = sqlx::query(
            "INSERT INTO entry (key, value, ends_at) VALUES ($1, $2, $3)
             ON CONFLICT (key) DO UPDATE SET value = excluded.value, ends_at = excluded.ends_at WHERE entry.ends_at <= $4",
        )
        .bind(key)
        .bind(&value[..])
        .bind(end(ttl))
        .bind(now())
        .execute(&self.db)
        .await?;
        self.sweep().await?;
        Ok(done.rows_affected() == 1)
    }

    async fn add(&self, key: &str, amount: i64, ttl: Duration) -> Result<i64> {
        check(key, &Bytes::new())?;
        let mut tx = self.db.begin_with("BEGIN IMMEDIATE").await?;
        let held = find(&mut *tx, key).await?;
        let (count, ends_at) = match held {
            None => (0, end(ttl)),
            Some((value, ends_at)) => {
                let count = std::str::from_utf8(&value).ok().and_then(|text| text.parse().ok());
                (count.ok_or_else(no_counter)?, ends_at)
            }
        };
        let count = amount.saturating_add(count);
        put(&mut *tx, key, count.to_string().as_bytes(), ends_at).await?;
        tx.commit().await?;
        self.sweep().await?;
        Ok(count)
    }

    async fn delete(&self, key: &str) -> Result<bool> {
        let gone: Option<i64> =
            sqlx::query_scalar("DELETE FROM entry WHERE key = $1 RETURNING ends_at").bind(key).fetch_optional(&self.db).await?;
        Ok(gone.is_some_and(|ends_at| ends_at > now()))
    }

    async fn ping(&self) -> Result<()> {
        sqlx::query("SELECT 1").execute(&self.db).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::conformance;

    fn on_disk(folder: &tempfile::TempDir) -> StoreSettings {
        StoreSettings { data: folder.path().to_owned(), cache_entries: 10, ..StoreSettings::default() }
    }

    #[tokio::test]
    async fn conforms() {
        let folder = tempfile::tempdir().unwrap();
        conformance::suite(&SqliteCache::open(&on_disk(&folder)).await.unwrap()).await;
    }

    #[tokio::test]
    async fn processes_see_each_others_and_no_more_than_it_may_hold() {
        let folder = tempfile::tempdir().unwrap();
        let (one, other) = (SqliteCache::open(&on_disk(&folder)).await.unwrap(), SqliteCache::open(&on_disk(&folder)).await.unwrap());
        one.set("ended", "1".into(), Duration::from_mins(2)).await.unwrap();
        assert_eq!(other.get("ended").await.unwrap(), Some("1".into()));
        assert!(!other.set_if_absent("ended", "2".into(), Duration::from_mins(1)).await.unwrap());
        assert_eq!(
            one.add("count", 1, Duration::from_mins(2)).await.unwrap() + other.add("count", 1, Duration::from_mins(2)).await.unwrap(),
            3
        );
        for number in 0..=2 * SWEEP_EVERY {
            one.set(&format!("k:{number}"), "x".into(), Duration::from_mins(1)).await.unwrap();
        }
        let held: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM entry").fetch_one(&other.db).await.unwrap();
        assert!(held <= 10 + SWEEP_EVERY as i64, "{held}");
        assert_eq!(other.get("ended").await.unwrap(), Some("1".into()), "what ends last stays");
    }
}

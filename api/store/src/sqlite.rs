//! How the embedded SQLite files are opened.

use crate::{Error, Result, StoreSettings};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use std::time::Duration;

fn pool(connections: u32, kept: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(connections)
        .min_connections(kept)
        .idle_timeout(None)
        .max_lifetime(None)
        .acquire_timeout(Duration::from_secs(10))
}

fn options() -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .journal_mode(SqliteJournalMode::Wal)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(10))
        .pragma("mmap_size", "268435456")
}

fn folder(settings: &StoreSettings, store: &'static str) -> Result<()> {
    std::fs::create_dir_all(&settings.data)
        .map_err(|error| Error::Unavailable { store, detail: format!("cannot make {}: {error}", settings.data.display()) })
}

/// One named, shared in-memory database per instance; it lives as long as its pool.
fn memory() -> SqliteConnectOptions {
    let name = format!("file:looma-{}?mode=memory&cache=shared", uuid::Uuid::new_v4());
    options().filename(name).in_memory(true).shared_cache(true)
}

/// Readers and the one writer of `<name>.sqlite`, which holds truth: a commit is on the disk when it is answered.
pub async fn truth(settings: &StoreSettings, name: &'static str) -> Result<(SqlitePool, SqlitePool)> {
    if settings.in_memory {
        // Readers of a shared in-memory database would meet table locks: let them queue behind the one connection.
        let write = pool(1, 1).connect_with(memory()).await?;
        return Ok((write.clone(), write));
    }
    folder(settings, name)?;
    let options =
        options().synchronous(SqliteSynchronous::Full).filename(settings.data.join(format!("{name}.sqlite"))).create_if_missing(true);
    let write = pool(1, 0).connect_with(options.clone()).await?;
    Ok((pool(settings.sql_readers.max(1), 0).connect_lazy_with(options.read_only(true)), write))
}

/// The one connection to `<name>.sqlite`, which holds a projection: after a power cut it may be some commits behind, its position with it.
pub async fn projection(settings: &StoreSettings, name: &'static str) -> Result<SqlitePool> {
    if settings.in_memory {
        return Ok(pool(1, 1).connect_with(memory()).await?);
    }
    folder(settings, name)?;
    let options = options()
        .synchronous(SqliteSynchronous::Normal)
        .row_buffer_size(256)
        .filename(settings.data.join(format!("{name}.sqlite")))
        .create_if_missing(true);
    Ok(pool(1, 0).connect_with(options).await?)
}

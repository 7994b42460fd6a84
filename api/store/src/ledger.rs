//! What a projection in memory keeps on the disk: each record's version and body, and the position, written in one
//! transaction, so that an event takes effect exactly once whenever the process dies.

use crate::outbox::Position;
use crate::projection::Inventory;
use crate::version::{self, Key, Version};
use crate::{Error, Result, StoreSettings, sqlite};
use futures::TryStreamExt;
use looma_types::{RecordKind, Ref, WorkspaceId};
use sqlx::sqlite::SqlitePool;
use sqlx::{AssertSqlSafe, Row};
use std::collections::HashMap;
use uuid::Uuid;

/// The tables of what is live, and of what a rebuild fills beside it.
const LIVE: &str = "";
const BESIDE: &str = "_beside";

fn tables(of: &str) -> String {
    format!(
        "CREATE TABLE IF NOT EXISTS records{of} (
            workspace_id BLOB NOT NULL,
            kind TEXT NOT NULL,
            id BLOB NOT NULL,
            version INTEGER NOT NULL,
            body BLOB,
            PRIMARY KEY (workspace_id, kind, id)
        ) STRICT;
        CREATE TABLE IF NOT EXISTS position{of} (
            only INTEGER PRIMARY KEY CHECK (only = 1),
            at INTEGER NOT NULL
        ) STRICT;
        INSERT INTO position{of} (only, at) VALUES (1, 0) ON CONFLICT DO NOTHING;"
    )
}

fn no_tables(of: &str) -> String {
    format!("DROP TABLE IF EXISTS records{of}; DROP TABLE IF EXISTS position{of};")
}

/// One record's entry; without a body it is a tombstone.
#[derive(Clone, Debug)]
pub struct Entry {
    pub key: Key,
    pub version: i64,
    pub body: Option<Vec<u8>>,
}

impl Entry {
    fn version(&self) -> Version {
        Version { number: self.version, lives: self.body.is_some() }
    }
}

/// The file of one projection.
pub struct Ledger {
    store: &'static str,
    db: SqlitePool,
    /// Which of the tables.
    of: &'static str,
}

impl Ledger {
    /// Opens `<store>.sqlite`. A file that cannot be read is put aside: the outbox makes a projection anew.
    pub async fn open(settings: &StoreSettings, store: &'static str) -> Result<Self> {
        match Self::try_open(settings, store).await {
            Err(error) if !settings.in_memory && !matches!(error, Error::Unavailable { .. }) => {
                tracing::warn!(store, %error, "a projection's file is unreadable and is made anew");
                for suffix in ["", "-wal", "-shm"] {
                    let file = settings.data.join(format!("{store}.sqlite{suffix}"));
                    if file.exists() {
                        std::fs::rename(&file, file.with_extension(format!("sqlite{suffix}.unreadable")))
                            .map_err(|error| Error::Unavailable { store, detail: format!("{}: {error}", file.display()) })?;
                    }
                }
                Self::try_open(settings, store).await
            }
            other => other,
        }
    }

    async fn try_open(settings: &StoreSettings, store: &'static str) -> Result<Self> {
        let db = sqlite::projection(settings, store).await?;
        sqlx::raw_sql(AssertSqlSafe(tables(LIVE))).execute(&db).await?;
        Ok(Self { store, db, of: LIVE })
    }

    /// Empty tables beside the live ones.
    pub async fn beside(&self) -> Result<Self> {
        let mut tx = self.db.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::raw_sql(AssertSqlSafe(format!("{}{}", no_tables(BESIDE), tables(BESIDE)))).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(Self { store: self.store, db: self.db.clone(), of: BESIDE })
    }

    /// Puts the tables beside in place of the live ones.
    pub async fn switch(&self) -> Result<()> {
        let mut tx = self.db.begin_with("BEGIN IMMEDIATE").await?;
        let rename = ["records", "position"].map(|table| format!("ALTER TABLE {table}{BESIDE} RENAME TO {table};")).concat();
        sqlx::raw_sql(AssertSqlSafe(no_tables(LIVE) + &rename)).execute(&mut *tx).await?;
        Ok(tx.commit().await?)
    }

    /// Gives every entry to `take` and answers the position.
    pub async fn load(&self, mut take: impl FnMut(Entry) -> Result<()>) -> Result<Position> {
        let mut rows =
            sqlx::query(AssertSqlSafe(format!("SELECT workspace_id, kind, id, version, body FROM records{}", self.of))).fetch(&self.db);
        while let Some(row) = rows.try_next().await? {
            let kind: RecordKind = row.try_get::<&str, _>(1)?.parse().map_err(|error| Error::corrupt(self.store, error))?;
            let key = (WorkspaceId(row.try_get(0)?), Ref::new(kind, row.try_get::<Uuid, _>(2)?));
            take(Entry { key, version: row.try_get(3)?, body: row.try_get(4)? })?;
        }
        drop(rows);
        Ok(sqlx::query_scalar(AssertSqlSafe(format!("SELECT at FROM position{}", self.of))).fetch_one(&self.db).await?)
    }

    /// Writes entries and moves the position on to `upto`; it never moves back.
    pub async fn write(&self, entries: &[Entry], upto: Position) -> Result<()> {
        let keep = format!(
            "INSERT INTO records{} (workspace_id, kind, id, version, body) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (workspace_id, kind, id) DO UPDATE SET version = excluded.version, body = excluded.body",
            self.of
        );
        let mut tx = self.db.begin_with("BEGIN IMMEDIATE").await?;
        for entry in entries {
            let (workspace, record) = entry.key;
            sqlx::query(AssertSqlSafe(keep.as_str()))
                .bind(workspace.0)
                .bind(record.kind.as_str())
                .bind(record.id)
                .bind(entry.version)
                .bind(entry.body.as_deref())
                .execute(&mut *tx)
                .await?;
        }
        sqlx::query(AssertSqlSafe(format!("UPDATE position{} SET at = MAX(at, $1)", self.of))).bind(upto).execute(&mut *tx).await?;
        Ok(tx.commit().await?)
    }

    /// Forgets everything.
    pub async fn clear(&self) -> Result<()> {
        let mut tx = self.db.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::query(AssertSqlSafe(format!("DELETE FROM records{}", self.of))).execute(&mut *tx).await?;
        sqlx::query(AssertSqlSafe(format!("UPDATE position{} SET at = 0", self.of))).execute(&mut *tx).await?;
        Ok(tx.commit().await?)
    }
}

/// The versions held.
#[derive(Default)]
pub struct Versions {
    held: HashMap<Key, Version>,
}

impl Versions {
    pub fn note(&mut self, entry: &Entry) {
        self.held.insert(entry.key, entry.version());
    }

    /// Which of these take effect, of each record the last one only.
    pub fn effective(&self, entries: impl Iterator<Item = Entry>) -> Vec<Entry> {
        let changes = entries.map(|entry| (entry.key, entry.version(), entry));
        version::effective(changes, |key| self.held.get(key).copied()).into_iter().map(|(_, _, entry)| entry).collect()
    }

    /// The living ones.
    pub fn inventory(&self) -> Inventory {
        self.held.iter().filter(|(_, held)| held.lives).map(|(key, held)| (*key, held.number)).collect()
    }
}

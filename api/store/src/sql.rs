//! Rows: SQLite embedded, PostgreSQL distributed, the same SQL text on both.
//!
//! ```ignore
//! let rows = on!(sql.read(), db => sqlx::query_as::<_, CompanyRow>("SELECT … WHERE workspace_id = $1").bind(ws.0).fetch_all(db).await)?;
//! let mut tx = sql.begin().await?;
//! on!(tx.conn(), db => sqlx::query("INSERT …").bind(…).execute(db).await.map(|done| done.rows_affected()))?;
//! tx.event(NewEvent { … }).await?;
//! let position = tx.commit().await?;
//! ```
//! Placeholders are `$1…`; `ON CONFLICT … DO UPDATE`, `RETURNING`, `->>`, `Uuid`, `chrono` and `Json<T>` work on both.

use crate::outbox::Position;
use crate::{sqlite, Error, Result, StoreSettings};
use sqlx::postgres::PgPool;
use sqlx::sqlite::SqlitePool;
use sqlx::{PgConnection, Postgres, Sqlite, SqliteConnection, Transaction};
use tokio::sync::watch;

/// Runs one expression on whichever database it is.
#[macro_export]
macro_rules! on {
    ($pool:expr, $db:ident => $body:expr) => {
        match $pool {
            $crate::sql::Either::Sqlite($db) => $body,
            $crate::sql::Either::Postgres($db) => $body,
        }
    };
}

/// The same thing for one of the two databases.
#[derive(Clone, Debug)]
pub enum Either<S, P> {
    Sqlite(S),
    Postgres(P),
}

/// Connections to one of the two databases.
pub type Pool = Either<SqlitePool, PgPool>;

/// The SQL role.
#[derive(Clone, Debug)]
pub struct Sql {
    read: Pool,
    write: Pool,
    committed: watch::Sender<Position>,
}

impl Sql {
    /// Opens the embedded database and brings its tables up to date.
    pub async fn open(settings: &StoreSettings) -> Result<Self> {
        let (read, write) = sqlite::truth(settings, "looma").await?;
        sqlx::migrate!("migrations/sqlite").run(&write).await.map_err(|error| Error::other("sql", error))?;
        let last: i64 = sqlx::query_scalar("SELECT COALESCE(MAX(position), 0) FROM outbox").fetch_one(&write).await?;
        Ok(Self { read: Either::Sqlite(read), write: Either::Sqlite(write), committed: watch::channel(last).0 })
    }

    /// Connections for queries outside a transaction.
    pub fn read(&self) -> &Pool {
        &self.read
    }

    /// The connection for single statements that write without an event (sessions, bookkeeping).
    pub fn write(&self) -> &Pool {
        &self.write
    }

    /// A transaction that may write.
    pub async fn begin(&self) -> Result<Tx> {
        let inner = match &self.write {
            Either::Sqlite(pool) => Either::Sqlite(pool.begin_with("BEGIN IMMEDIATE").await?),
            Either::Postgres(pool) => Either::Postgres(pool.begin().await?),
        };
        Ok(Tx { inner, position: None, committed: self.committed.clone() })
    }

    /// The position of the last event committed here, to wait for the next.
    pub fn committed(&self) -> watch::Receiver<Position> {
        self.committed.subscribe()
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<()> {
        on!(self.read(), db => sqlx::query_scalar::<_, i32>("SELECT 1").fetch_one(db).await)?;
        Ok(())
    }

    /// Ends all connections; waits for those in use.
    pub async fn close(&self) {
        on!(&self.read, db => db.close().await);
        on!(&self.write, db => db.close().await);
    }
}

/// A transaction; rolled back when dropped without [`Tx::commit`].
#[derive(Debug)]
pub struct Tx {
    inner: Either<Transaction<'static, Sqlite>, Transaction<'static, Postgres>>,
    pub(crate) position: Option<Position>,
    committed: watch::Sender<Position>,
}

impl Tx {
    /// The connection, for [`on!`](crate::on).
    pub fn conn(&mut self) -> Either<&mut SqliteConnection, &mut PgConnection> {
        match &mut self.inner {
            Either::Sqlite(tx) => Either::Sqlite(&mut *tx),
            Either::Postgres(tx) => Either::Postgres(&mut *tx),
        }
    }

    /// Makes it durable and wakes the projectors. The position of its last event, 0 where it wrote none.
    pub async fn commit(self) -> Result<Position> {
        match self.inner {
            Either::Sqlite(tx) => tx.commit().await?,
            Either::Postgres(tx) => tx.commit().await?,
        }
        if let Some(position) = self.position {
            self.committed.send_if_modified(|last| {
                let later = position > *last;
                *last = position.max(*last);
                later
            });
        }
        Ok(self.position.unwrap_or(0))
    }
}

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
use crate::{Error, Result, StoreSettings, sqlite};
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

/// `part` anywhere, in lower case, as `LIKE … ESCAPE '\\'` wants it.
pub fn like(part: &str) -> String {
    let escaped = part.trim().to_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{escaped}%")
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

    /// A transaction that may write. Getting a connection is a large future, put aside so that callers' are small.
    pub async fn begin(&self) -> Result<Tx> {
        let inner = match &self.write {
            Either::Sqlite(pool) => Either::Sqlite(Box::pin(pool.begin_with("BEGIN IMMEDIATE")).await?),
            Either::Postgres(pool) => Either::Postgres(Box::pin(pool.begin()).await?),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outbox::{Change, NewEvent};
    use crate::trial::{node, person};
    use looma_types::{Ref, WorkspaceId};
    use serde_json::json;
    use uuid::Uuid;

    fn on_disk(folder: &tempfile::TempDir) -> StoreSettings {
        StoreSettings { data: folder.path().to_owned(), ..StoreSettings::default() }
    }

    async fn in_memory() -> Sql {
        Sql::open(&StoreSettings { in_memory: true, ..StoreSettings::default() }).await.unwrap()
    }

    fn event(workspace: WorkspaceId, record: Ref, action: &'static str) -> NewEvent {
        NewEvent {
            workspace,
            record,
            version: 3,
            change: Change::Upsert(Box::new(node(workspace, record, 3, "王芳"))),
            action,
            actor_id: Some(Uuid::from_u128(7)),
            actor_name: "Ann".into(),
            request_id: Some("r-1".into()),
            detail: json!({"field": "name"}),
        }
    }

    async fn write(sql: &Sql, event: NewEvent) -> Position {
        let mut tx = sql.begin().await.unwrap();
        tx.event(event).await.unwrap();
        tx.commit().await.unwrap()
    }

    async fn kept(sql: &Sql) -> i64 {
        on!(sql.read(), db => sqlx::query_scalar("SELECT COUNT(*) FROM idempotency").fetch_one(db).await).unwrap()
    }

    async fn keep(tx: &mut Tx, key: &str) -> Result<()> {
        on!(tx.conn(), db => sqlx::query("INSERT INTO idempotency (workspace_id, actor_id, key, fingerprint, created_at) VALUES ($1, $1, $2, '', $3)")
            .bind(Uuid::nil()).bind(key).bind(looma_types::now()).execute(db).await.map(|_| ()))?;
        Ok(())
    }

    #[tokio::test]
    async fn rows_and_event_come_together_or_not_at_all() {
        let sql = in_memory().await;
        let workspace = WorkspaceId::new();
        let mut tx = sql.begin().await.unwrap();
        keep(&mut tx, "a").await.unwrap();
        tx.event(event(workspace, person(1), "person.create")).await.unwrap();
        drop(tx);
        assert_eq!(kept(&sql).await, 0);
        assert!(sql.events_after(0, 10).await.unwrap().is_empty());
        assert_eq!((sql.last_position().await.unwrap(), *sql.committed().borrow()), (0, 0));

        let mut news = sql.committed();
        let mut tx = sql.begin().await.unwrap();
        keep(&mut tx, "a").await.unwrap();
        let written = event(workspace, person(1), "person.create");
        let position = tx.event(written.clone()).await.unwrap();
        assert!(!news.has_changed().unwrap(), "nobody is woken before it is durable");
        assert_eq!(tx.commit().await.unwrap(), position);
        assert!(news.has_changed().unwrap());
        assert_eq!(*news.borrow_and_update(), position);
        assert_eq!(kept(&sql).await, 1);
        let read = sql.events_after(0, 10).await.unwrap().remove(0);
        assert_eq!((read.position, read.workspace, read.record, read.version), (position, workspace, person(1), 3));
        assert_eq!((read.change, read.action.as_str(), read.actor_id), (written.change, "person.create", Some(Uuid::from_u128(7))));
        assert_eq!((read.actor_name.as_str(), read.request_id.as_deref(), read.detail), ("Ann", Some("r-1"), json!({"field": "name"})));
        assert_eq!(sql.begin().await.unwrap().commit().await.unwrap(), 0, "no event, no position");
    }

    #[tokio::test]
    async fn what_is_taken_says_so_and_harms_nothing() {
        let sql = in_memory().await;
        let mut tx = sql.begin().await.unwrap();
        keep(&mut tx, "a").await.unwrap();
        let refused = keep(&mut tx, "a").await;
        assert!(matches!(&refused, Err(Error::Taken { name }) if name.contains("idempotency")), "{refused:?}");
        keep(&mut tx, "b").await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(kept(&sql).await, 2);
        assert!(matches!(
            on!(sql.write(), db => sqlx::query("SELECT nonsense").execute(db).await.map(|_| ())).map_err(Error::from),
            Err(Error::Other { .. })
        ));
    }

    #[test]
    fn a_part_is_taken_as_it_is_typed() {
        assert_eq!(like(" 50%_Ann\\ "), "%50\\%\\_ann\\\\%");
    }

    #[tokio::test]
    async fn events_are_read_by_position_workspace_action_and_actor() {
        let sql = in_memory().await;
        let (ours, theirs) = (WorkspaceId::new(), WorkspaceId::new());
        let mut positions = vec![];
        for number in 0..6 {
            let workspace = if number % 2 == 0 { ours } else { theirs };
            let action = if number < 4 { "person.update" } else { "person.login" };
            positions.push(write(&sql, event(workspace, person(number), action)).await);
        }
        assert!(positions.is_sorted_by(|a, b| a < b));
        let at = |events: Vec<crate::Event>| events.into_iter().map(|event| event.position).collect::<Vec<_>>();
        assert_eq!(at(sql.events_after(positions[1], 3).await.unwrap()), positions[2..5]);
        assert_eq!(at(sql.workspace_events_after(ours, positions[0], 9).await.unwrap()), [positions[2], positions[4]]);
        assert_eq!(at(sql.audit(ours, i64::MAX, None, None, 2).await.unwrap()), [positions[4], positions[2]], "newest first");
        assert_eq!(at(sql.audit(ours, positions[4], None, None, 9).await.unwrap()), [positions[2], positions[0]]);
        assert_eq!(at(sql.audit(ours, i64::MAX, Some("person.login"), None, 9).await.unwrap()), [positions[4]]);
        assert_eq!(sql.audit(ours, i64::MAX, None, Some(Uuid::from_u128(7)), 9).await.unwrap().len(), 3);
        assert!(sql.audit(ours, i64::MAX, None, Some(Uuid::nil()), 9).await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn survives_and_never_gives_a_position_twice() {
        let folder = tempfile::tempdir().unwrap();
        let workspace = WorkspaceId::new();
        let sql = Sql::open(&on_disk(&folder)).await.unwrap();
        let first = write(&sql, event(workspace, person(1), "person.create")).await;
        on!(sql.write(), db => sqlx::query("DELETE FROM outbox").execute(db).await.map(|_| ())).unwrap();
        sql.close().await;
        let sql = Sql::open(&on_disk(&folder)).await.unwrap();
        let second = write(&sql, event(workspace, person(1), "person.update")).await;
        assert!(second > first);
        sql.close().await;
        let sql = Sql::open(&on_disk(&folder)).await.unwrap();
        assert_eq!((sql.last_position().await.unwrap(), *sql.committed().borrow()), (second, second));
        sql.ping().await.unwrap();
    }

    #[tokio::test]
    async fn many_writers_and_readers_wait_for_each_other() {
        let folder = tempfile::tempdir().unwrap();
        let sql = Sql::open(&on_disk(&folder)).await.unwrap();
        let workspace = WorkspaceId::new();
        let tasks: Vec<_> = (0..40)
            .map(|number| {
                let sql = sql.clone();
                tokio::spawn(async move {
                    let position = write(&sql, event(workspace, person(number), "person.create")).await;
                    sql.events_after(position - 1, 1).await.unwrap().remove(0).record
                })
            })
            .collect();
        for (number, task) in tasks.into_iter().enumerate() {
            assert_eq!(task.await.unwrap(), person(number as u64), "each reads what it wrote");
        }
        assert_eq!(sql.events_after(0, 100).await.unwrap().len(), 40);
    }

    #[tokio::test]
    async fn readers_cannot_write() {
        let folder = tempfile::tempdir().unwrap();
        let sql = Sql::open(&on_disk(&folder)).await.unwrap();
        assert!(on!(sql.read(), db => sqlx::query("DELETE FROM outbox").execute(db).await.map(|_| ())).is_err());
    }
}

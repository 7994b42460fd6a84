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
//!
//! Long, because the tests of what every service relies on stand beside it.

use crate::engine::measured;
use crate::outbox::Position;
use crate::postgres::{self, Server};
use crate::{Error, Result, StoreSettings, chain, sqlite};
use sqlx::migrate::MigrateError;
use sqlx::postgres::PgPool;
use sqlx::sqlite::SqlitePool;
use sqlx::{PgConnection, Postgres, Sqlite, SqliteConnection, Transaction};
use std::collections::BTreeMap;
use std::time::Instant;
use tokio::sync::watch;
use uuid::Uuid;

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
    /// The server that other processes may use too; none where the database is embedded.
    server: Option<Server>,
    /// Who this process is among those that share the database.
    holder: Uuid,
    committed: watch::Sender<Position>,
}

/// The same for every process that runs on a folder; they follow each other.
fn holder(settings: &StoreSettings) -> Uuid {
    let file = settings.data.join("holder.id");
    let kept = || std::fs::read_to_string(&file).ok()?.trim().parse().ok();
    if settings.in_memory {
        return Uuid::now_v7();
    }
    kept().unwrap_or_else(|| {
        let new = Uuid::now_v7();
        let written = std::fs::create_dir_all(&settings.data).and_then(|()| std::fs::write(&file, new.to_string()));
        if let Err(error) = written {
            tracing::debug!(%error, "who this process is could not be kept; after a restart it is somebody else");
        }
        new
    })
}

impl Sql {
    /// Opens the database and brings its tables up to date. Of several processes one does, while the others wait.
    /// # Errors
    /// A database that a newer version has changed is refused.
    pub async fn open(settings: &StoreSettings) -> Result<Self> {
        let (read, write, server) = if let Some(engine) = &settings.postgres {
            let server = Box::pin(postgres::open(engine)).await?;
            (Either::Postgres(server.pool.clone()), Either::Postgres(server.pool.clone()), Some(server))
        } else {
            let (read, write) = sqlite::truth(settings, "looma").await?;
            (Either::Sqlite(read), Either::Sqlite(write), None)
        };
        let migrated = match &write {
            Either::Sqlite(db) => Box::pin(sqlx::migrate!("migrations/sqlite").run(db)).await,
            Either::Postgres(db) => Box::pin(sqlx::migrate!("migrations/postgres").run(db)).await,
        };
        migrated.map_err(|error| match error {
            MigrateError::VersionMissing(number) => {
                let what = "its tables are from a newer version of this program";
                Error::other("sql", format!("{what} (migration {number}): start that version, or restore a backup"))
            }
            error => Error::other("sql", error),
        })?;
        let last: i64 = on!(&write, db => sqlx::query_scalar("SELECT COALESCE(MAX(position), 0) FROM outbox").fetch_one(db).await)?;
        let committed = watch::channel(last).0;
        if let Some(server) = &server {
            tokio::spawn(postgres::listen(server.clone(), committed.clone()));
        }
        let holder = if server.is_some() { holder(settings) } else { Uuid::nil() };
        let sql = Self { read, write, server, holder, committed };
        sql.chain_older().await?;
        Ok(sql)
    }

    /// Once, after the upgrade that brought the chain of the audit log.
    pub(crate) async fn chain_older(&self) -> Result<()> {
        let any = "SELECT EXISTS (SELECT 1 FROM outbox WHERE hash IS NULL AND workspace_id NOT IN (SELECT workspace_id FROM audit_head))";
        if on!(&self.write, db => sqlx::query_scalar::<_, bool>(any).fetch_one(db).await)? {
            let mut tx = self.begin().await?;
            let count = chain::adopt(&mut tx).await?;
            tx.commit().await?;
            tracing::info!(count, "chained what the audit log held before");
        }
        Ok(())
    }

    /// Whether the server can be reached and lets us in; an embedded database always can.
    pub async fn reach(settings: &StoreSettings) -> Result<()> {
        match &settings.postgres {
            Some(engine) => postgres::open(engine).await.map(|_| ()),
            None => Ok(()),
        }
    }

    pub(crate) fn holder(&self) -> Uuid {
        self.holder
    }

    /// Whether other processes may write to the same database.
    pub fn is_shared(&self) -> bool {
        self.server.is_some()
    }

    /// Connections for queries outside a transaction.
    pub fn read(&self) -> &Pool {
        &self.read
    }

    /// The connection for single statements that write without an event (sessions, bookkeeping).
    pub fn write(&self) -> &Pool {
        &self.write
    }

    /// A transaction that may write. All of them take turns, whichever process they are in, so that the order of positions
    /// is the order of commits: a reader of the outbox never passes over an event that comes later.
    pub async fn begin(&self) -> Result<Tx> {
        let began = Instant::now();
        let inner = self.take_turn().await;
        measured("sql", "begin", began, inner.as_ref().err());
        let (server, committed) = (self.server.clone(), self.committed.clone());
        Ok(Tx { inner: inner?, position: None, heads: BTreeMap::new(), server, committed, began: Instant::now() })
    }

    /// Getting a connection is a large future, put aside so that callers' are small.
    async fn take_turn(&self) -> Result<Begun> {
        match (&self.write, &self.server) {
            (Either::Postgres(pool), Some(server)) => {
                let mut tx = Box::pin(pool.begin()).await.map_err(|error| postgres::explain(&server.door, error))?;
                sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(server.writing).execute(&mut *tx).await?;
                Ok(Either::Postgres(tx))
            }
            (Either::Postgres(pool), None) => Ok(Either::Postgres(Box::pin(pool.begin()).await?)),
            (Either::Sqlite(pool), _) => Ok(Either::Sqlite(Box::pin(pool.begin_with("BEGIN IMMEDIATE")).await?)),
        }
    }

    /// A secret that all processes share, 32 bytes; made when first asked for.
    /// # Errors
    /// An embedded database has none: what its one process knows stays in its own folder.
    pub async fn secret(&self, name: &str) -> Result<Vec<u8>> {
        let Either::Postgres(db) = &self.write else { return Err(Error::other("sql", "an embedded database shares no secrets")) };
        sqlx::query("INSERT INTO secret (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING")
            .bind(name)
            .bind(rand::random::<[u8; 32]>().as_slice())
            .execute(db)
            .await?;
        Ok(sqlx::query_scalar("SELECT value FROM secret WHERE name = $1").bind(name).fetch_one(db).await?)
    }

    /// The position of the last event committed here, to wait for the next.
    pub fn committed(&self) -> watch::Receiver<Position> {
        self.committed.subscribe()
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<()> {
        let began = Instant::now();
        let (size, idle) = on!(self.read(), db => (db.size(), db.num_idle()));
        metrics::gauge!("looma_store_connections_used", "store" => "sql").set(f64::from(size) - idle as f64);
        let answer = on!(self.read(), db => sqlx::query_scalar::<_, i32>("SELECT 1").fetch_one(db).await);
        let answer = answer.map(|_| ()).map_err(|error| match &self.server {
            Some(server) => postgres::explain(&server.door, error),
            None => error.into(),
        });
        measured("sql", "ping", began, answer.as_ref().err());
        answer
    }

    /// Ends all connections; waits for those in use.
    pub async fn close(&self) {
        on!(&self.read, db => db.close().await);
        on!(&self.write, db => db.close().await);
    }
}

type Begun = Either<Transaction<'static, Sqlite>, Transaction<'static, Postgres>>;

/// The newest change of the tables that this program knows.
pub(crate) fn newest_migration() -> i64 {
    let all = sqlx::migrate!("migrations/sqlite");
    all.iter().map(|migration| migration.version).max().unwrap_or_default()
}

/// A transaction; rolled back when dropped without [`Tx::commit`].
#[derive(Debug)]
pub struct Tx {
    inner: Begun,
    pub(crate) position: Option<Position>,
    /// Where the chains stand that it writes to.
    pub(crate) heads: BTreeMap<Uuid, chain::Head>,
    server: Option<Server>,
    committed: watch::Sender<Position>,
    began: Instant,
}

/// Tells of a commit; what is told late does not lower it.
pub(crate) fn raise(committed: &watch::Sender<Position>, position: Position) {
    committed.send_if_modified(|last| {
        let later = position > *last;
        *last = position.max(*last);
        later
    });
}

impl Tx {
    /// The connection, for [`on!`](crate::on).
    pub fn conn(&mut self) -> Either<&mut SqliteConnection, &mut PgConnection> {
        match &mut self.inner {
            Either::Sqlite(tx) => Either::Sqlite(&mut *tx),
            Either::Postgres(tx) => Either::Postgres(&mut *tx),
        }
    }

    /// Makes it durable and wakes the projectors of all processes. The position of its last event, 0 where it wrote none.
    pub async fn commit(mut self) -> Result<Position> {
        self.keep_heads().await?;
        if let (Either::Postgres(tx), Some(server), Some(position)) = (&mut self.inner, &self.server, self.position) {
            let said = sqlx::query("SELECT pg_notify($1, $2)").bind(&*server.channel).bind(position.to_string());
            said.execute(&mut **tx).await?;
        }
        let done = match self.inner {
            Either::Sqlite(tx) => tx.commit().await,
            Either::Postgres(tx) => tx.commit().await,
        };
        let done = done.map_err(Error::from);
        measured("sql", "transaction", self.began, done.as_ref().err());
        done?;
        if let Some(position) = self.position {
            raise(&self.committed, position);
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
            address: Some([192, 0, 2, 7].into()),
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
        on!(sql.write(), db => sqlx::raw_sql("DROP TRIGGER outbox_undeleted; DELETE FROM outbox").execute(db).await.map(|_| ())).unwrap();
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

//! How PostgreSQL is opened. Its tables are in a schema of their own; every process hears of the others' commits.

use crate::engine::Door;
use crate::outbox::Position;
use crate::settings::Engine;
use crate::{Error, Result};
use sqlx::postgres::{PgConnectOptions, PgListener, PgPool, PgPoolOptions, PgSslMode};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// Names the lock that writing transactions of all processes take in turns (see [`crate::Sql::begin`]).
const WRITING: &str = "looma.writing";
/// How long to wait before listening is tried again; projectors look for themselves meanwhile.
const LISTEN_AGAIN: Duration = Duration::from_secs(1);

/// One PostgreSQL with its connections.
#[derive(Clone, Debug)]
pub struct Server {
    pub pool: PgPool,
    pub door: Arc<Door>,
    /// What `NOTIFY` says that something was committed on.
    pub channel: Arc<str>,
    /// The key of the writers' lock, which is the database's: installations in other schemas have others.
    pub writing: i64,
}

/// Connects, and makes the schema when it is missing.
/// # Errors
/// `Unavailable` names the address and what to check.
pub async fn open(engine: &Engine) -> Result<Server> {
    let door = Door::new("sql", "PostgreSQL", "postgres", engine);
    let url = engine.login().map_err(|error| door.away(error))?;
    let mut options = PgConnectOptions::from_str(url.as_str()).map_err(|error| door.away(error))?.application_name("looma").options([
        ("search_path", engine.namespace.clone()),
        ("statement_timeout", format!("{}s", engine.request_seconds)),
        // What holds the writers' lock and does nothing lets the others go on.
        ("idle_in_transaction_session_timeout", format!("{}s", engine.request_seconds)),
        ("tcp_keepalives_idle", "10".to_owned()),
    ]);
    if let Some(file) = &engine.ca_file {
        options = options.ssl_root_cert(file);
        // Whoever names an authority wants it asked, unless the address says otherwise.
        if !url.query_pairs().any(|(name, _)| name.replace('-', "") == "sslmode") {
            options = options.ssl_mode(PgSslMode::VerifyFull);
        }
    }
    make_schema(&options, &engine.namespace, door.connect_limit()).await.map_err(|error| explain(&door, error))?;
    let pool = PgPoolOptions::new()
        .max_connections(engine.connections)
        .acquire_timeout(door.connect_limit())
        .connect_with(options)
        .await
        .map_err(|error| explain(&door, error))?;
    let writing =
        i64::from_le_bytes(*blake3::hash(format!("{WRITING}.{}", engine.namespace).as_bytes()).as_bytes().first_chunk().unwrap_or(&[0; 8]));
    Ok(Server { pool, channel: format!("looma_{}", engine.namespace).into(), door: Arc::new(door), writing })
}

async fn make_schema(options: &PgConnectOptions, schema: &str, limit: Duration) -> sqlx::Result<()> {
    let mut connection = tokio::time::timeout(limit, options.connect()).await.map_err(|_| sqlx::Error::PoolTimedOut)??;
    let known: bool =
        sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM pg_namespace WHERE nspname = $1)").bind(schema).fetch_one(&mut connection).await?;
    if !known {
        // A plain name, as the settings are checked; two that start at once must not refuse each other.
        let made = sqlx::raw_sql(AssertSqlSafe(format!("CREATE SCHEMA IF NOT EXISTS {schema}"))).execute(&mut connection).await;
        if let Err(error) = made
            && !error.as_database_error().is_some_and(sqlx::error::DatabaseError::is_unique_violation)
        {
            return Err(error);
        }
    }
    connection.close().await
}

/// A failure to connect, with what to check.
pub fn explain(door: &Door, error: sqlx::Error) -> Error {
    match &error {
        // 28: the login is refused; 3D: there is no such database.
        sqlx::Error::Database(refused) if refused.code().is_some_and(|code| code.starts_with("28")) => door.refused(error),
        sqlx::Error::Database(_) | sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::Tls(_) => door.away(error),
        _ => error.into(),
    }
}

/// Hears of commits of all processes until the last handle on the database is gone.
pub async fn listen(server: Server, committed: watch::Sender<Position>) {
    while !server.pool.is_closed() {
        if let Err(error) = hear(&server, &committed).await
            && !server.pool.is_closed()
        {
            tracing::debug!(%error, "commits of other processes are not heard at the moment");
            tokio::time::sleep(LISTEN_AGAIN).await;
        }
    }
}

async fn hear(server: &Server, committed: &watch::Sender<Position>) -> sqlx::Result<()> {
    let mut listener = PgListener::connect_with(&server.pool).await?;
    listener.listen(&server.channel).await?;
    while !server.pool.is_closed() {
        let said = listener.recv().await?;
        if let Ok(position) = said.payload().parse::<Position>() {
            crate::sql::raise(committed, position);
        }
    }
    Ok(())
}

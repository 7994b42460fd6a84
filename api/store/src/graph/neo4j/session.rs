//! The way to Neo4j: connecting, asking, and what went wrong.

use crate::engine::Door;
use crate::settings::{Engine, user_and_password};
use crate::{Error, Result};
use neo4rs::{ConfigBuilder, Error as Failure, Neo4jClientErrorKind, Neo4jErrorKind, Query, Txn};
use serde::de::DeserializeOwned;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::{Mutex, OwnedMutexGuard};

/// How many rows come at once.
const FETCH: usize = 2_000;

/// Reads have a pool. Writes have one connection and take turns.
pub struct Session {
    pub door: Door,
    reading: neo4rs::Graph,
    writing: Arc<Mutex<neo4rs::Graph>>,
}

/// A transaction that writes. Unless it comes to its [end](Self::end), nothing of it stays.
pub struct Writing<'a> {
    session: &'a Session,
    tx: Txn,
    turn: Turn,
}

/// The only connection that writes. Where a transaction on it was given up, because it failed or took too long, the
/// connection is reset before the next turn, as it is whenever it is taken: the locks it had hold up nobody.
struct Turn {
    connection: Option<OwnedMutexGuard<neo4rs::Graph>>,
    limit: Duration,
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let (Some(connection), Ok(runtime)) = (self.connection.take(), Handle::try_current()) {
            let limit = self.limit;
            runtime.spawn(async move { tokio::time::timeout(limit, connection.start_txn()).await.map(drop) });
        }
    }
}

impl Session {
    /// Reads the address; connects only when asked.
    pub fn new(engine: &Engine) -> Result<Self> {
        let door = Door::new("graph", "Neo4j", "neo4j", engine);
        let mut url = engine.login().map_err(|error| door.away(error))?;
        let (user, password) = user_and_password(&url);
        let password = password.unwrap_or_default();
        // Handed over apart, so that it is never part of what is shown.
        let _ = (url.set_username(""), url.set_password(None));
        let connect = |connections| {
            let mut config = ConfigBuilder::default()
                .uri(url.as_str())
                .user(user.as_str())
                .password(password.as_str())
                .max_connections(connections)
                .fetch_size(FETCH)
                .connection_timeout(door.request_limit());
            if let Some(file) = &engine.ca_file {
                config = config.with_client_certificate(file);
            }
            config.build().and_then(neo4rs::Graph::connect).map_err(|error| door.away(error))
        };
        let readers = engine.connections.saturating_sub(1).max(1) as usize;
        let (reading, writing) = (connect(readers)?, Arc::new(Mutex::new(connect(1)?)));
        Ok(Self { door, reading, writing })
    }

    /// All rows of a question that changes nothing.
    pub async fn read<T: DeserializeOwned>(&self, operation: &'static str, query: &Query) -> Result<Vec<T>> {
        let read = || async {
            let mut rows = Box::pin(self.begun(self.reading.execute_read(query.clone()))).await?;
            let mut all = Vec::new();
            while let Some(row) = rows.next().await.map_err(|error| self.explain(error))? {
                all.push(row.to_strict().map_err(|error| self.door.other(error))?);
            }
            Ok(all)
        };
        Box::pin(self.door.ask_again(operation, read)).await
    }

    /// One statement that writes, a transaction by itself, and its rows.
    pub async fn write<T: DeserializeOwned>(&self, operation: &'static str, query: &Query) -> Result<Vec<T>> {
        let write = || async {
            let mut writing = self.begin().await?;
            let rows = writing.rows(query.clone()).await;
            writing.end(rows).await
        };
        Box::pin(self.door.ask_again(operation, write)).await
    }

    /// A change of the schema, which no transaction may hold.
    pub async fn define(&self, text: &str) -> Result<()> {
        let define = || async {
            let writing = self.writing.lock().await;
            writing.run(Query::new(text.to_owned())).await.map_err(|error| self.explain(error))
        };
        Box::pin(self.door.ask_again("define", define)).await
    }

    /// To be asked through the door.
    pub async fn begin(&self) -> Result<Writing<'_>> {
        let turn = self.writing.clone().lock_owned().await;
        let tx = self.begun(turn.start_txn()).await?;
        Ok(Writing { session: self, tx, turn: Turn { connection: Some(turn), limit: self.door.request_limit() } })
    }

    /// Connecting, where it is needed, and the server's first word.
    async fn begun<T>(&self, begin: impl Future<Output = neo4rs::Result<T>>) -> Result<T> {
        // The driver's futures are large.
        match tokio::time::timeout(self.door.connect_limit(), Box::pin(begin)).await {
            Ok(begun) => begun.map_err(|error| self.explain(error)),
            Err(_) => Err(self.door.away(format!("no answer within {} s", self.door.engine().connect_seconds))),
        }
    }

    fn explain(&self, error: Failure) -> Error {
        match &error {
            Failure::AuthenticationError(_) => self.door.refused(error),
            Failure::Neo4j(answer) => match answer.kind() {
                Neo4jErrorKind::Client(Neo4jClientErrorKind::Security(_)) => self.door.refused(error),
                // A deadlock, a lock not had in time, a server that starts or has no memory or disk left: passes by itself.
                Neo4jErrorKind::Transient
                | Neo4jErrorKind::Database
                | Neo4jErrorKind::Client(Neo4jClientErrorKind::TransactionTerminated | Neo4jClientErrorKind::SessionExpired) => {
                    Error::Unavailable { store: "graph", detail: format!("Neo4j at {}: {error}", self.door.engine().url) }
                }
                _ => self.door.other(error),
            },
            Failure::IOError { .. }
            | Failure::ConnectionError
            | Failure::ConnectionTimedOut
            | Failure::IncompleteBoltExchange
            | Failure::Ignored(_)
            | Failure::RequestIgnoredError
            | Failure::ProtocolMismatch(_)
            | Failure::UnsupportedVersion(..)
            | Failure::ServerUnavailableError(_) => self.door.away(error),
            _ => self.door.other(error),
        }
    }
}

impl Writing<'_> {
    pub async fn rows<T: DeserializeOwned>(&mut self, query: Query) -> Result<Vec<T>> {
        let Self { session, tx, .. } = self;
        let mut rows = tx.execute(query).await.map_err(|error| session.explain(error))?;
        let mut all = Vec::new();
        while let Some(row) = rows.next(tx.handle()).await.map_err(|error| session.explain(error))? {
            all.push(row.to_strict().map_err(|error| session.door.other(error))?);
        }
        Ok(all)
    }

    pub async fn run(&mut self, query: Query) -> Result<()> {
        self.tx.run(query).await.map_err(|error| self.session.explain(error))
    }

    /// Commits what went well.
    pub async fn end<T>(self, outcome: Result<T>) -> Result<T> {
        let Self { session, tx, mut turn } = self;
        let answer = outcome?;
        tx.commit().await.map_err(|error| session.explain(error))?;
        turn.connection = None;
        Ok(answer)
    }
}

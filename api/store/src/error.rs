//! What can go wrong in a store.

/// A store's failure, in words of its role.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A unique constraint refused the write; `name` is the constraint's or index's.
    #[error("{name} is taken")]
    Taken { name: String },
    /// The store cannot be reached or did not answer in time: worth trying again.
    #[error("{store} is not available: {detail}")]
    Unavailable { store: &'static str, detail: String },
    /// A query that the store cannot understand; the caller's fault.
    #[error("{0}")]
    BadQuery(String),
    /// What is stored is not what it should be.
    #[error("{store} holds something unreadable: {detail}")]
    Corrupt { store: &'static str, detail: String },
    #[error("{store}: {detail}")]
    Other { store: &'static str, detail: String },
}

pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// Whether trying again later may help.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }

    pub fn other(store: &'static str, error: impl std::fmt::Display) -> Self {
        Self::Other { store, detail: error.to_string() }
    }

    pub fn corrupt(store: &'static str, error: impl std::fmt::Display) -> Self {
        Self::Corrupt { store, detail: error.to_string() }
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(db) if db.is_unique_violation() => {
                Self::Taken { name: db.constraint().map_or_else(|| db.message().to_owned(), str::to_owned) }
            }
            // Broken off, read-only as a copy is, out of connections or disk, cancelled after too long, shutting down, a failing disk.
            sqlx::Error::Database(db)
                if db.code().is_some_and(|code| ["08", "25006", "53", "57", "58"].iter().any(|class| code.starts_with(class))) =>
            {
                Self::Unavailable { store: "sql", detail: error.to_string() }
            }
            // SQLite: another process has held the lock for longer than we wait, or is putting it in order.
            sqlx::Error::Database(db) if db.code().is_some_and(|code| ["5", "6", "261", "517"].contains(&&*code)) => {
                Self::Unavailable { store: "sql", detail: error.to_string() }
            }
            sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::WorkerCrashed => Self::Unavailable { store: "sql", detail: error.to_string() },
            _ => Self::other("sql", error),
        }
    }
}

//! Work that one of several processes does at a time: who holds a lease does it, until it is given back or not renewed.

use crate::sql::Either;
use crate::{Result, Sql};
use std::time::{Duration, Instant};
use tokio::sync::Mutex;
use uuid::Uuid;

/// How long a lease is held without being renewed: as long as others wait after a process was killed.
const TERM: Duration = Duration::from_secs(10);

/// One kind of work, as one process sees it; a process that starts anew on the same folder is the same holder, so that it
/// need not wait for itself. With an embedded database it is always ours: no other process writes to it.
#[derive(Debug)]
pub struct Lease {
    sql: Sql,
    name: String,
    holder: Uuid,
    /// Until when it is surely ours, by this process' clock.
    ours: Mutex<Option<Instant>>,
}

impl Lease {
    pub fn new(sql: &Sql, name: impl Into<String>) -> Self {
        Self { sql: sql.clone(), name: name.into(), holder: sql.holder(), ours: Mutex::default() }
    }

    /// Takes or renews it; whether it is ours.
    pub async fn hold(&self) -> Result<bool> {
        let Either::Postgres(db) = self.sql.write() else { return Ok(true) };
        let mut ours = self.ours.lock().await;
        // Counted from before the question: by then the database has not yet begun to count.
        let asked = Instant::now();
        if ours.is_some_and(|until| until > asked + TERM * 2 / 3) {
            return Ok(true);
        }
        let held = sqlx::query(
            "INSERT INTO lease (name, holder, until) VALUES ($1, $2, clock_timestamp() + make_interval(secs => $3))
             ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
             WHERE lease.holder = excluded.holder OR lease.until < clock_timestamp()",
        )
        .bind(&self.name)
        .bind(self.holder)
        .bind(TERM.as_secs_f64())
        .execute(db)
        .await?;
        *ours = (held.rows_affected() == 1).then(|| asked + TERM);
        Ok(ours.is_some())
    }

    /// Gives it back, so that another need not wait.
    pub async fn give_back(&self) {
        let Either::Postgres(db) = self.sql.write() else { return };
        if self.ours.lock().await.take().is_some() {
            let gone =
                sqlx::query("DELETE FROM lease WHERE name = $1 AND holder = $2").bind(&self.name).bind(self.holder).execute(db).await;
            if let Err(error) = gone {
                tracing::debug!(lease = self.name, %error, "a lease was not given back; it ends by itself");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{StoreSettings, trial};

    #[tokio::test]
    #[ignore = "needs the engines: make test-engines"]
    async fn one_of_several_processes_holds_it() {
        let settings = StoreSettings { in_memory: true, postgres: Some(trial::engine("postgres")), ..StoreSettings::default() };
        let (one, other) = (Sql::open(&settings).await.unwrap(), Sql::open(&settings).await.unwrap());
        let (one, other) = (Lease::new(&one, "work"), Lease::new(&other, "work"));
        assert!(one.hold().await.unwrap());
        assert!(!other.hold().await.unwrap());
        assert!(one.hold().await.unwrap(), "it is renewed");
        assert!(Lease::new(&one.sql, "work").hold().await.unwrap(), "the same process is the same holder");
        assert!(Lease::new(&other.sql, "other work").hold().await.unwrap());
        other.give_back().await;
        assert!(!other.hold().await.unwrap(), "who does not hold it gives nothing back");
        one.give_back().await;
        assert!(other.hold().await.unwrap());
        // As if the holder had been killed and its term had ended.
        let Either::Postgres(db) = other.sql.write() else { panic!() };
        sqlx::query("UPDATE lease SET until = clock_timestamp() - interval '1 second'").execute(db).await.unwrap();
        assert!(one.hold().await.unwrap());
    }

    #[tokio::test]
    async fn an_embedded_database_has_one_process() {
        let sql = Sql::open(&StoreSettings { in_memory: true, ..StoreSettings::default() }).await.unwrap();
        assert!(Lease::new(&sql, "work").hold().await.unwrap());
    }
}

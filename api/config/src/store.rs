//! The table `config_version`. Settings belong to the installation, not to a workspace.

use chrono::{DateTime, Utc};
use looma_kernel::types::RecordKind;
use looma_kernel::types::config::{ConfigVersion, LiveSettings};
use looma_kernel::types::record::Ref;
use looma_kernel::{Actor, Change, Failure, Result};
use looma_store::{Error, Sql, on};
use sqlx::types::Json;

#[derive(Clone)]
pub(crate) struct ConfigStore {
    sql: Sql,
}

#[derive(sqlx::FromRow)]
struct VersionRow {
    version: i64,
    settings: Json<LiveSettings>,
    created_at: DateTime<Utc>,
    created_by: String,
    note: Option<String>,
}

impl From<VersionRow> for ConfigVersion {
    fn from(row: VersionRow) -> Self {
        Self { version: row.version, settings: row.settings.0, created_at: row.created_at, created_by: row.created_by, note: row.note }
    }
}

impl ConfigStore {
    pub fn new(sql: Sql) -> Self {
        Self { sql }
    }

    pub async fn newest(&self) -> Result<Option<ConfigVersion>> {
        let row: Option<VersionRow> = on!(self.sql.read(), db => sqlx::query_as(
            "SELECT version, settings, created_at, created_by, note FROM config_version ORDER BY version DESC LIMIT 1")
            .fetch_optional(db).await)?;
        Ok(row.map(Into::into))
    }

    /// The newest version's number, 0 where there is none.
    pub async fn newest_number(&self) -> Result<i64> {
        Ok(on!(self.sql.read(), db => sqlx::query_scalar("SELECT COALESCE(MAX(version), 0) FROM config_version").fetch_one(db).await)?)
    }

    pub async fn find(&self, version: i64) -> Result<Option<ConfigVersion>> {
        let row: Option<VersionRow> = on!(self.sql.read(), db => sqlx::query_as(
            "SELECT version, settings, created_at, created_by, note FROM config_version WHERE version = $1")
            .bind(version).fetch_optional(db).await)?;
        Ok(row.map(Into::into))
    }

    /// Versions before `before`, newest first.
    pub async fn list(&self, before: i64, limit: i64) -> Result<Vec<ConfigVersion>> {
        let rows: Vec<VersionRow> = on!(self.sql.read(), db => sqlx::query_as(
            "SELECT version, settings, created_at, created_by, note FROM config_version WHERE version < $1 ORDER BY version DESC LIMIT $2")
            .bind(before).bind(limit).fetch_all(db).await)?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// Keeps a new version.
    /// # Errors
    /// `stale` when somebody else made the same version meanwhile.
    pub async fn insert(&self, actor: &Actor, version: &ConfigVersion, changes: serde_json::Value) -> Result<()> {
        let mut tx = self.sql.begin().await?;
        let done = on!(tx.conn(), db => sqlx::query("INSERT INTO config_version (version, settings, created_at, created_by, note) VALUES ($1, $2, $3, $4, $5)")
            .bind(version.version).bind(Json(&version.settings)).bind(version.created_at).bind(&version.created_by).bind(&version.note)
            .execute(db).await.map(|_| ()));
        match done.map_err(Error::from) {
            Err(Error::Taken { .. }) => return Err(Failure::stale()),
            other => other?,
        }
        let mut event = actor.event(Ref::new(RecordKind::User, actor.id), version.version, "config.update", Change::Note);
        event.detail = changes;
        tx.event(event).await?;
        tx.commit().await?;
        Ok(())
    }
}

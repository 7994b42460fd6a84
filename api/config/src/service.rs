//! Which settings are in force, which were, and how they change.

use crate::diff::diff;
use crate::store::ConfigStore;
use looma_kernel::types::config::{ConfigChange, ConfigVersion, LiveSettings};
use looma_kernel::types::{Instant, Page, ServiceName, now};
use looma_kernel::{Actor, Cursor, Failure, IfMatch, Kernel, ListQuery, Result, telemetry};
use std::time::Duration;
use tokio::sync::watch;

/// How soon a change made by another process is in force here.
const POLL: Duration = Duration::from_secs(2);

/// Puts the newest settings in force in this process, now and whenever they change; applies the log level. A process
/// that does not host the config service calls it itself.
pub async fn follow(kernel: &Kernel) -> Result<()> {
    telemetry::follow(kernel);
    let store = ConfigStore::new(kernel.stores().sql.clone());
    let mut applied = 0;
    if let Some(newest) = store.newest().await? {
        applied = newest.version;
        apply(kernel.live(), newest.settings);
    }
    let live = kernel.live().clone();
    kernel.spawn(move |mut stop| async move {
        loop {
            tokio::select! {
                _ = stop.wait_for(|stop| *stop) => return,
                () = tokio::time::sleep(POLL) => {}
            }
            match store.newest_number().await {
                Ok(number) if number != applied => {
                    if let Ok(Some(newest)) = store.newest().await {
                        applied = newest.version;
                        apply(&live, newest.settings);
                    }
                }
                Ok(_) => {}
                Err(error) => tracing::debug!(%error, "the settings could not be looked up"),
            }
        }
    });
    Ok(())
}

fn apply(live: &watch::Sender<LiveSettings>, settings: LiveSettings) {
    live.send_if_modified(|current| {
        let changed = *current != settings;
        *current = settings;
        changed
    });
}

/// The settings of the installation.
#[derive(Clone)]
pub struct ConfigService {
    store: ConfigStore,
    live: watch::Sender<LiveSettings>,
    /// What the settings file says, as version 0.
    file: LiveSettings,
    began: Instant,
}

impl ConfigService {
    pub fn new(kernel: &Kernel) -> Self {
        Self {
            store: ConfigStore::new(kernel.stores().sql.clone()),
            live: kernel.live().clone(),
            file: kernel.settings().live(),
            began: now(),
        }
    }

    /// The version in force.
    pub async fn newest(&self) -> Result<ConfigVersion> {
        Ok(self.store.newest().await?.unwrap_or_else(|| self.file_version()))
    }

    /// # Errors
    /// `not-found` where there is no such version.
    pub async fn version(&self, number: i64) -> Result<ConfigVersion> {
        if number == 0 {
            return Ok(self.file_version());
        }
        let missing = || Failure::not_found(format!("version {number} of the settings"));
        self.store.find(number).await?.ok_or_else(missing)
    }

    /// All versions, newest first; the file's is the last.
    pub async fn versions(&self, query: ListQuery) -> Result<Page<ConfigVersion>> {
        let limit = query.limit()?;
        let before = match &query.cursor {
            Some(cursor) => Cursor::decode(cursor)?,
            None => i64::MAX,
        };
        let mut rows = self.store.list(before, limit + 1).await?;
        if (rows.len() as i64) <= limit && before > 0 {
            rows.push(self.file_version());
        }
        Ok(ListQuery::page(limit, rows, |version| version.version))
    }

    /// What changed from one version to another.
    pub async fn diff(&self, from: i64, to: i64) -> Result<Page<ConfigChange>> {
        let (before, after) = (self.version(from).await?, self.version(to).await?);
        Ok(Page { items: diff(&before.settings, &after.settings), ..Page::default() })
    }

    /// Makes a new version and puts it in force. Settings that are in force already make none.
    /// # Errors
    /// `invalid-input` for a log level that is no filter; `stale` when others changed the settings meanwhile.
    pub async fn update(&self, actor: &Actor, expected: IfMatch, settings: LiveSettings, note: Option<String>) -> Result<ConfigVersion> {
        check(&settings, note.as_deref())?;
        let current = self.newest().await?;
        expected.check(current.version)?;
        if current.settings == settings {
            return Ok(current);
        }
        let changes = diff(&current.settings, &settings);
        let version = ConfigVersion { version: current.version + 1, settings, created_at: now(), created_by: actor.name.clone(), note };
        let detail = serde_json::json!({ "version": version.version, "changes": changes });
        self.store.insert(actor, &version, detail).await?;
        apply(&self.live, version.settings.clone());
        Ok(version)
    }

    /// Makes the settings of an earlier version the newest.
    pub async fn rollback(&self, actor: &Actor, expected: IfMatch, number: i64) -> Result<ConfigVersion> {
        let earlier = self.version(number).await?;
        self.update(actor, expected, earlier.settings, Some(format!("Back to version {number}."))).await
    }

    fn file_version(&self) -> ConfigVersion {
        ConfigVersion { version: 0, settings: self.file.clone(), created_at: self.began, created_by: "settings file".into(), note: None }
    }
}

fn check(settings: &LiveSettings, note: Option<&str>) -> Result<()> {
    if !telemetry::is_filter(&settings.log_level) {
        let detail = "this is no log filter; examples are `info` and `info,looma_gateway=debug`";
        return Err(Failure::field("/log_level", "format", detail));
    }
    let may_rest = LiveSettings::MAY_REST;
    if let Some(service) = settings.maintenance.iter().find(|service| !may_rest.contains(service)) {
        let allowed = may_rest.map(ServiceName::as_str).join(", ");
        let detail = format!("{service} cannot be in maintenance; allowed are {allowed}");
        return Err(Failure::field("/maintenance", "not-allowed", detail));
    }
    if note.is_some_and(|note| note.chars().count() > 500) {
        return Err(Failure::field("note", "length", "a note has at most 500 characters"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_level_that_is_no_filter_is_refused() {
        let settings =
            |level: &str| LiveSettings { log_level: level.into(), rate_limit_per_second: 1, rate_limit_burst: 1, maintenance: Vec::new() };
        check(&settings("info,looma_gateway=debug"), None).unwrap();
        let failure = check(&settings("looma=shouting"), None).unwrap_err();
        assert_eq!(failure.problem.errors[0].pointer, "/log_level");
    }

    #[test]
    fn who_ends_a_maintenance_is_never_in_one() {
        let settings = |maintenance| LiveSettings { log_level: "info".into(), rate_limit_per_second: 1, rate_limit_burst: 1, maintenance };
        check(&settings(vec![ServiceName::Job, ServiceName::Search]), None).unwrap();
        let failure = check(&settings(vec![ServiceName::Job, ServiceName::User]), None).unwrap_err();
        assert_eq!(failure.problem.errors[0].pointer, "/maintenance");
    }

    #[test]
    fn followers_are_told_of_a_change_and_of_nothing_else() {
        let settings = LiveSettings { log_level: "info".into(), rate_limit_per_second: 1, rate_limit_burst: 1, maintenance: Vec::new() };
        let (live, mut follower) = watch::channel(settings);
        let same = live.borrow().clone();
        apply(&live, same.clone());
        assert!(!follower.has_changed().unwrap());
        apply(&live, LiveSettings { rate_limit_burst: 2, ..same });
        assert!(follower.has_changed().unwrap());
        assert_eq!(follower.borrow_and_update().rate_limit_burst, 2);
    }
}

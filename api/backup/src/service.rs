//! Backups of this installation: on demand and by schedule.

use crate::error::{BackupError, blocking};
use crate::jobs::{Jobs, Outcome};
use crate::restore::restore;
use crate::shelf::Shelf;
use crate::snapshot::create_as;
use crate::verify::verify;
use chrono::TimeDelta;
use looma_kernel::types::backup::{Backup, BackupJob, BackupJobKind, BackupState, Restored};
use looma_kernel::types::record::Ref;
use looma_kernel::types::{BackupId, BackupJobId, Page, RecordKind, now};
use looma_kernel::{Actor, Change, Failure, Kernel, ListQuery, Result};
use looma_store::lease::Lease;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The start and the first requests come before a backup that is due.
const FIRST: TimeDelta = TimeDelta::seconds(60);
/// After a failure it is tried again.
const AGAIN: Duration = Duration::from_hours(1);
/// How often the schedule looks whether a backup is due; often enough to keep its lease.
const LOOK: Duration = Duration::from_secs(3);
/// Failures that are remembered.
const MAX_FAILED: usize = 20;

/// Makes, lists, checks and restores backups.
#[derive(Clone)]
pub struct BackupService {
    kernel: Kernel,
    shelf: Shelf,
    /// What runs and what failed in this process; what is done is on the shelf.
    passing: Arc<Mutex<BTreeMap<BackupId, Backup>>>,
    jobs: Jobs,
}

impl BackupService {
    pub fn new(kernel: &Kernel) -> Self {
        Self { kernel: kernel.clone(), shelf: Shelf(kernel.settings().backup_folder()), passing: Arc::default(), jobs: Jobs::default() }
    }

    /// A system that keeps nothing has no place for backups, unless it was given one.
    fn check_place(&self) -> Result<()> {
        let settings = self.kernel.settings();
        if settings.stores.in_memory && settings.backup.folder.is_none() {
            return Err(Failure::conflict("This system keeps everything in memory: backup.folder must say where backups go."));
        }
        Ok(())
    }

    fn passing(&self) -> MutexGuard<'_, BTreeMap<BackupId, Backup>> {
        self.passing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a backup.
    /// # Errors
    /// `conflict` while another runs, or where there is no place for it.
    pub async fn create(&self, actor: &Actor) -> Result<Backup> {
        let backup = self.begin()?;
        self.note(actor, "backup.create", serde_json::json!({ "id": backup.id })).await?;
        Ok(backup)
    }

    fn begin(&self) -> Result<Backup> {
        self.check_place()?;
        let backup = Backup {
            id: BackupId::new(),
            state: BackupState::Running,
            size: 0,
            files: vec![],
            created_at: now(),
            finished_at: None,
            verified_at: None,
            problem: None,
        };
        let mut passing = self.passing();
        if passing.values().any(|other| other.state == BackupState::Running) {
            return Err(Failure::conflict("Another backup is being made; wait until it is done."));
        }
        while passing.len() >= MAX_FAILED {
            passing.pop_first();
        }
        passing.insert(backup.id, backup.clone());
        drop(passing);
        let (this, id) = (self.clone(), backup.id);
        self.kernel.spawn(move |mut stop| async move {
            tokio::select! {
                () = this.run(id) => {}
                // The folder it was being made in goes with it.
                _ = stop.wait_for(|stop| *stop) => {}
            }
        });
        Ok(backup)
    }

    async fn run(&self, id: BackupId) {
        let outcome = create_as(id, &self.kernel.stores().truth(), &self.shelf.0).await;
        match outcome {
            Ok(manifest) => {
                tracing::info!(%id, size = manifest.size(), "backup made");
                self.passing().remove(&id);
                let (shelf, keep) = (self.shelf.clone(), self.kernel.settings().backup.keep.max(1) as usize);
                if let Err(error) = blocking(move || shelf.retain(keep)).await {
                    tracing::warn!(%error, "old backups could not be removed");
                }
            }
            Err(error) => {
                tracing::error!(%id, %error, "backup failed");
                if let Some(backup) = self.passing().get_mut(&id) {
                    backup.state = BackupState::Failed;
                    backup.finished_at = Some(now());
                    backup.problem = Some(error.to_string());
                }
            }
        }
    }

    /// Backups, newest first, without their files.
    pub async fn list(&self, query: ListQuery) -> Result<Page<Backup>> {
        let limit = query.limit()?;
        let before: Option<BackupId> = query.after()?;
        if self.check_place().is_err() {
            return Ok(Page::default());
        }
        let passing: Vec<Backup> = self.passing().values().cloned().collect();
        let shelf = self.shelf.clone();
        let mut ids = blocking(move || shelf.ids()).await?;
        ids.extend(passing.iter().map(|backup| backup.id));
        ids.sort_unstable_by(|a, b| b.cmp(a));
        ids.dedup();
        ids.retain(|id| before.is_none_or(|before| *id < before));
        ids.truncate(limit as usize + 1);
        let shelf = self.shelf.clone();
        let backups = blocking(move || {
            let find = |id: BackupId| passing.iter().find(|backup| backup.id == id).cloned().or_else(|| shelf.get(id).ok());
            Ok(ids.into_iter().filter_map(find).map(|backup| Backup { files: vec![], ..backup }).collect())
        })
        .await?;
        Ok(ListQuery::page(limit, backups, |backup| backup.id))
    }

    /// One backup with its files.
    pub async fn get(&self, id: BackupId) -> Result<Backup> {
        if let Some(backup) = self.passing().get(&id) {
            return Ok(backup.clone());
        }
        let shelf = self.shelf.clone();
        Ok(blocking(move || shelf.get(id)).await?)
    }

    /// The backup must be complete.
    async fn done(&self, id: BackupId) -> Result<Backup> {
        let backup = self.get(id).await?;
        if backup.state != BackupState::Done {
            return Err(Failure::conflict("This backup is not complete."));
        }
        Ok(backup)
    }

    /// Begins to check that a backup is whole.
    pub async fn verify(&self, id: BackupId) -> Result<BackupJob> {
        let backup = self.done(id).await?;
        let (job, meter) = self.jobs.begin(BackupJobKind::Verify, &backup)?;
        let shelf = self.shelf.clone();
        self.spawn(job.id, async move {
            let found = verify(&shelf.folder(id), &meter).await?;
            if found.ok {
                blocking(move || shelf.note_verified(id, now())).await?;
            }
            Ok(Outcome::Verified(found))
        });
        Ok(job)
    }

    /// Begins to restore into the new folder `restored/<target>` beside the backups. It is checked meanwhile.
    /// # Errors
    /// `conflict` when the folder is there already, or another restore runs.
    pub async fn restore(&self, actor: &Actor, id: BackupId, target: &str) -> Result<BackupJob> {
        check_target(target)?;
        let backup = self.done(id).await?;
        let above = self.shelf.0.parent().map_or_else(|| PathBuf::from("."), Path::to_path_buf);
        let (from, to) = (self.shelf.folder(id), above.join("restored").join(target));
        if to.exists() {
            return Err(Failure::conflict(format!("{} is there already; choose another name.", to.display())));
        }
        let (job, meter) = self.jobs.begin(BackupJobKind::Restore, &backup)?;
        self.spawn(job.id, async move {
            let files = restore(&from, &to, &meter).await?;
            Ok(Outcome::Restored(Restored { folder: to.display().to_string(), files, size: backup.size }))
        });
        self.note(actor, "backup.restore", serde_json::json!({ "id": id, "target": target })).await?;
        Ok(job)
    }

    /// Works beside the requests until the system stops; what was half done goes with it.
    fn spawn(&self, id: BackupJobId, work: impl Future<Output = Result<Outcome, BackupError>> + Send + 'static) {
        let jobs = self.jobs.clone();
        self.kernel.spawn(move |mut stop| async move {
            tokio::select! {
                outcome = work => jobs.end(id, outcome),
                _ = stop.wait_for(|stop| *stop) => jobs.end(id, Err(BackupError::BrokenOff)),
            }
        });
    }

    /// A check or restore of this backup.
    pub fn job(&self, backup: BackupId, id: BackupJobId) -> Result<BackupJob> {
        self.jobs.find(backup, id)
    }

    pub async fn delete(&self, actor: &Actor, id: BackupId) -> Result<()> {
        let state = self.passing().get(&id).map(|backup| backup.state);
        match state {
            Some(BackupState::Running) => return Err(Failure::conflict("This backup is being made; wait until it is done.")),
            Some(_) => {
                self.passing().remove(&id);
            }
            None => {
                let shelf = self.shelf.clone();
                blocking(move || shelf.remove(id)).await?;
            }
        }
        self.note(actor, "backup.delete", serde_json::json!({ "id": id })).await
    }

    /// For the audit log.
    async fn note(&self, actor: &Actor, action: &'static str, detail: serde_json::Value) -> Result<()> {
        let mut event = actor.event(Ref::new(RecordKind::User, actor.id), 0, action, Change::Note);
        event.detail = detail;
        let mut tx = self.kernel.stores().sql.begin().await?;
        tx.event(event).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Makes a backup whenever the newest is older than the settings say, until the process stops.
    pub(crate) fn begin_schedule(&self) {
        let hours = self.kernel.settings().backup.every_hours;
        if hours == 0 || self.check_place().is_err() {
            return;
        }
        let this = self.clone();
        self.kernel.spawn(move |mut stop| async move {
            let shelf = this.shelf.clone();
            if let Err(error) = blocking(move || shelf.sweep()).await {
                tracing::warn!(%error, "unfinished backups could not be removed");
            }
            let lease = Lease::new(&this.kernel.stores().sql, "backup.schedule");
            let mut earliest = now() + FIRST;
            loop {
                let stopped = tokio::time::timeout(LOOK, stop.wait_for(|stop| *stop)).await.is_ok();
                if stopped {
                    return lease.give_back().await;
                }
                // Of several copies one makes the backups.
                if !lease.hold().await.unwrap_or(false) {
                    continue;
                }
                let due = this.newest().await.map_or(earliest, |newest| newest + TimeDelta::hours(i64::from(hours)));
                if now() < due.max(earliest) {
                    continue;
                }
                if let Err(failure) = this.begin() {
                    tracing::debug!(%failure, "the scheduled backup waits");
                }
                earliest = now() + AGAIN;
            }
        });
    }

    async fn newest(&self) -> Option<looma_kernel::types::Instant> {
        let shelf = self.shelf.clone();
        blocking(move || Ok(shelf.ids()?.into_iter().find_map(|id| shelf.get(id).ok()))).await.ok()?.map(|backup| backup.created_at)
    }
}

/// A plain name, which cannot lead anywhere else.
fn check_target(target: &str) -> Result<()> {
    let plain = target.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')) && !target.starts_with('.');
    if plain && !target.is_empty() {
        return Ok(());
    }
    Err(Failure::field("/target", "format", "a name of letters, digits, `-`, `_` and `.` that does not begin with `.`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_a_plain_name() {
        check_target("restored-2026.01").unwrap();
        for target in ["", ".", "..", "../x", "a/b", "a\\b", ".hidden"] {
            assert!(check_target(target).is_err(), "{target}");
        }
    }
}

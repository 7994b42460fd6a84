//! Backups of this installation: on demand and by schedule.

use crate::error::blocking;
use crate::restore::restore;
use crate::shelf::Shelf;
use crate::snapshot::create_as;
use crate::verify::verify;
use chrono::TimeDelta;
use looma_kernel::types::backup::{Backup, BackupState, Restored, Verification};
use looma_kernel::types::record::Ref;
use looma_kernel::types::{BackupId, Page, RecordKind, now};
use looma_kernel::{Actor, Change, Failure, Kernel, ListQuery, Result};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The start and the first requests come before a backup that is due.
const FIRST: TimeDelta = TimeDelta::seconds(60);
/// After a failure it is tried again.
const AGAIN: Duration = Duration::from_hours(1);
/// Failures that are remembered.
const MAX_FAILED: usize = 20;

/// Makes, lists, checks and restores backups.
#[derive(Clone)]
pub struct BackupService {
    kernel: Kernel,
    shelf: Shelf,
    /// What runs and what failed in this process; what is done is on the shelf.
    passing: Arc<Mutex<BTreeMap<BackupId, Backup>>>,
}

impl BackupService {
    pub fn new(kernel: &Kernel) -> Self {
        Self { kernel: kernel.clone(), shelf: Shelf(kernel.settings().backup_folder()), passing: Arc::default() }
    }

    /// The folder of the stores.
    fn data(&self) -> Result<PathBuf> {
        if self.kernel.settings().stores.in_memory {
            return Err(Failure::conflict("This system keeps everything in memory: there is nothing on disk to save."));
        }
        Ok(self.kernel.settings().data.clone())
    }

    fn passing(&self) -> MutexGuard<'_, BTreeMap<BackupId, Backup>> {
        self.passing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a backup.
    /// # Errors
    /// `conflict` while another runs, or where nothing is on disk.
    pub async fn create(&self, actor: &Actor) -> Result<Backup> {
        let backup = self.begin()?;
        self.note(actor, "backup.create", serde_json::json!({ "id": backup.id })).await?;
        Ok(backup)
    }

    fn begin(&self) -> Result<Backup> {
        let data = self.data()?;
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
                () = this.run(id, &data) => {}
                // The folder it was being made in goes with it.
                _ = stop.wait_for(|stop| *stop) => {}
            }
        });
        Ok(backup)
    }

    async fn run(&self, id: BackupId, data: &Path) {
        let outcome = create_as(id, data, &self.shelf.0).await;
        match outcome {
            Ok(manifest) => {
                tracing::info!(%id, size = manifest.size(), files = manifest.files.len(), "backup made");
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
        if self.data().is_err() {
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

    /// Checks every file, the databases, and that what rows name is there.
    pub async fn verify(&self, id: BackupId) -> Result<Verification> {
        self.data()?;
        self.done(id).await?;
        let verification = verify(&self.shelf.folder(id)).await?;
        if verification.ok {
            let shelf = self.shelf.clone();
            blocking(move || shelf.note_verified(id, now())).await?;
        }
        Ok(verification)
    }

    /// Restores into the new folder `restored/<target>` beside the backups. It is checked first.
    pub async fn restore(&self, actor: &Actor, id: BackupId, target: &str) -> Result<Restored> {
        self.data()?;
        check_target(target)?;
        let size = self.done(id).await?.size;
        let above = self.shelf.0.parent().map_or_else(|| PathBuf::from("."), Path::to_path_buf);
        let folder = above.join("restored").join(target);
        let (from, to) = (self.shelf.folder(id), folder.clone());
        // On its own, so that a client that goes away does not break it off.
        let checked = tokio::spawn(async move { restore(&from, &to).await }).await.map_err(Failure::internal)??;
        self.note(actor, "backup.restore", serde_json::json!({ "id": id, "target": target })).await?;
        Ok(Restored { folder: folder.display().to_string(), files: checked.checked_files, size })
    }

    pub async fn delete(&self, actor: &Actor, id: BackupId) -> Result<()> {
        self.data()?;
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
        if hours == 0 || self.data().is_err() {
            return;
        }
        let this = self.clone();
        self.kernel.spawn(move |mut stop| async move {
            let shelf = this.shelf.clone();
            if let Err(error) = blocking(move || shelf.sweep()).await {
                tracing::warn!(%error, "unfinished backups could not be removed");
            }
            let mut earliest = now() + FIRST;
            loop {
                let due = this.newest().await.map_or(earliest, |newest| newest + TimeDelta::hours(i64::from(hours)));
                let wait = (due.max(earliest) - now()).to_std().unwrap_or_default();
                tokio::select! {
                    _ = stop.wait_for(|stop| *stop) => return,
                    () = tokio::time::sleep(wait) => {}
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

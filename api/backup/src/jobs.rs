//! Checks and restores under way, and the newest that are done. They are this process's: after a restart they are begun anew.

use crate::error::BackupError;
use crate::metered::Meter;
use looma_kernel::types::backup::{Backup, BackupJob, BackupJobKind, BackupState, Restored, Verification};
use looma_kernel::types::{BackupId, BackupJobId, now};
use looma_kernel::{Failure, Result};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How many are remembered.
const KEEP: usize = 100;

#[derive(Clone, Default)]
pub(crate) struct Jobs(Arc<Mutex<VecDeque<Entry>>>);

struct Entry {
    job: BackupJob,
    meter: Meter,
    size: u64,
}

/// What came of a job.
pub(crate) enum Outcome {
    Verified(Verification),
    Restored(Restored),
}

impl Jobs {
    fn all(&self) -> MutexGuard<'_, VecDeque<Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Remembers a job that begins; its work reads the backup through the meter.
    /// # Errors
    /// `conflict` while another of its kind runs: they would only slow each other down.
    pub fn begin(&self, kind: BackupJobKind, backup: &Backup) -> Result<(BackupJob, Meter)> {
        let mut all = self.all();
        if all.iter().any(|entry| entry.job.kind == kind && entry.job.state == BackupState::Running) {
            return Err(Failure::conflict(match kind {
                BackupJobKind::Verify => "Another backup is being verified; wait until that is done.",
                BackupJobKind::Restore => "Another backup is being restored; wait until that is done.",
            }));
        }
        let job = BackupJob {
            id: BackupJobId::new(),
            backup_id: backup.id,
            kind,
            state: BackupState::Running,
            progress: 0.0,
            created_at: now(),
            finished_at: None,
            verification: None,
            restored: None,
            problem: None,
        };
        let meter = Meter::default();
        while all.len() >= KEEP {
            all.pop_front();
        }
        all.push_back(Entry { job: job.clone(), meter: meter.clone(), size: backup.size });
        Ok((job, meter))
    }

    pub fn end(&self, id: BackupJobId, outcome: Result<Outcome, BackupError>) {
        let mut all = self.all();
        let Some(Entry { job, .. }) = all.iter_mut().find(|entry| entry.job.id == id) else { return };
        (job.state, job.progress, job.finished_at) = (BackupState::Done, 1.0, Some(now()));
        match outcome {
            Ok(Outcome::Verified(found)) => job.verification = Some(found),
            Ok(Outcome::Restored(restored)) => job.restored = Some(restored),
            Err(error) => {
                tracing::error!(%id, %error, "a backup could not be read");
                (job.state, job.problem) = (BackupState::Failed, Some(error.to_string()));
            }
        }
    }

    /// A job of a backup, with how far it is.
    pub fn find(&self, backup: BackupId, id: BackupJobId) -> Result<BackupJob> {
        let all = self.all();
        let entry = all.iter().find(|entry| entry.job.id == id && entry.job.backup_id == backup);
        let Entry { job, meter, size } =
            entry.ok_or_else(|| Failure::not_found("job of a backup; the system may have been started anew"))?;
        let mut job = job.clone();
        if job.state == BackupState::Running {
            // The last part is for what comes after reading.
            job.progress = (meter.passed() as f64 / (*size).max(1) as f64).min(0.99);
        }
        Ok(job)
    }
}

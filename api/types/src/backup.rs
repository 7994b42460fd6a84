//! Backups of the stores.

use crate::{BackupId, BackupJobId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BackupState {
    Running,
    Done,
    Failed,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Backup {
    pub id: BackupId,
    pub state: BackupState,
    /// Bytes on disk.
    pub size: u64,
    pub files: Vec<BackupFile>,
    pub created_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
    /// When `verify` last found it whole.
    pub verified_at: Option<DateTime<Utc>>,
    #[serde(default)]
    pub problem: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BackupFile {
    pub path: String,
    pub size: u64,
    pub blake3: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Verification {
    pub ok: bool,
    pub checked_files: usize,
    pub problems: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BackupJobKind {
    Verify,
    Restore,
}

/// A check or a restore, which take as long as they take.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BackupJob {
    pub id: BackupJobId,
    pub backup_id: BackupId,
    pub kind: BackupJobKind,
    pub state: BackupState,
    /// 0 to 1.
    pub progress: f64,
    pub created_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
    /// What a check found, once it is done.
    #[serde(default)]
    pub verification: Option<Verification>,
    /// What a restore made, once it is done.
    #[serde(default)]
    pub restored: Option<Restored>,
    /// Why it failed.
    #[serde(default)]
    pub problem: Option<String>,
}

/// Body of `POST /api/v1/backups/{id}/restore`: into an empty folder, never over a running system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, garde::Validate)]
#[garde(allow_unvalidated)]
#[serde(deny_unknown_fields)]
pub struct RestoreRequest {
    /// The name of a new folder beside the backups.
    #[garde(length(chars, min = 1, max = 100))]
    pub target: String,
}

/// Where a backup was restored to; start the system with this folder as its data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Restored {
    pub folder: String,
    pub files: usize,
    /// Bytes.
    pub size: u64,
}

//! What a backup consists of: `manifest.json`, written last.

use crate::error::{BackupError, Result};
use chrono::{DateTime, Utc};
use looma_kernel::types::BackupId;
use looma_kernel::types::backup::{Backup, BackupFile, BackupState};
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

pub(crate) const MANIFEST: &str = "manifest.json";
/// Everything, in one file.
pub(crate) const ARCHIVE: &str = "backup.looma";
/// Which layout this is.
const FORMAT: u32 = 2;
/// The layout of earlier versions: copies of the embedded stores' files.
const COPIES: u32 = 1;

/// The list of a backup's files with their hashes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    pub id: BackupId,
    pub format: u32,
    /// Of the program that made it.
    pub version: String,
    pub created_at: DateTime<Utc>,
    pub finished_at: DateTime<Utc>,
    /// In order of path, relative to the backup's folder, with `/`.
    pub files: Vec<BackupFile>,
    /// The archive's checksum of what it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<String>,
}

impl Manifest {
    pub(crate) fn new(id: BackupId, created_at: DateTime<Utc>, files: Vec<BackupFile>, total: Option<String>) -> Self {
        let (version, finished_at) = (env!("CARGO_PKG_VERSION").into(), looma_kernel::types::now());
        Self { id, format: FORMAT, version, created_at, finished_at, files, total }
    }

    /// The file that holds everything; none in a backup of copies.
    pub(crate) fn archive(&self) -> Option<&BackupFile> {
        self.files.iter().find(|file| self.format == FORMAT && file.path == ARCHIVE)
    }

    /// Bytes of all files.
    pub fn size(&self) -> u64 {
        self.files.iter().map(|file| file.size).sum()
    }

    pub(crate) fn into_backup(self, verified_at: Option<DateTime<Utc>>) -> Backup {
        Backup {
            id: self.id,
            state: BackupState::Done,
            size: self.size(),
            files: self.files,
            created_at: self.created_at,
            finished_at: Some(self.finished_at),
            verified_at,
            problem: None,
        }
    }

    /// Reads the manifest of a backup's folder.
    /// # Errors
    /// `NoBackup` where there is none, or one of another format.
    pub fn read(folder: &Path) -> Result<Self> {
        let none = |detail: String| BackupError::NoBackup { folder: folder.to_path_buf(), detail };
        let bytes = fs::read(folder.join(MANIFEST)).map_err(|error| none(format!("{MANIFEST}: {error}")))?;
        let manifest: Self = serde_json::from_slice(&bytes).map_err(|error| none(format!("{MANIFEST}: {error}")))?;
        if !(manifest.format == COPIES || manifest.archive().is_some()) {
            let detail = format!(
                "version {} made it in format {}, which is not known here: restore it with that version",
                manifest.version, manifest.format
            );
            return Err(none(detail));
        }
        // A path must not lead out of the folder, whoever wrote the manifest.
        match manifest.files.iter().find(|file| !is_inside(&file.path)) {
            Some(file) => Err(none(format!("the path {} leads out of it", file.path))),
            None => Ok(manifest),
        }
    }

    pub(crate) fn write(&self, folder: &Path) -> Result<()> {
        let path = folder.join(MANIFEST);
        let bytes = serde_json::to_vec_pretty(self).map_err(|error| BackupError::file(&path)(error.into()))?;
        File::create_new(&path).and_then(|mut file| file.write_all(&bytes).and_then(|()| file.sync_all())).map_err(BackupError::file(&path))
    }
}

fn is_inside(path: &str) -> bool {
    !path.is_empty() && path.split('/').all(|part| !matches!(part, "" | "." | "..") && !part.contains(['\\', '\0', ':']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_leads_out_is_refused() {
        assert!(is_inside("blobs/a/b"));
        for path in ["", "/etc/passwd", "../x", "blobs/../../x", "c:\\x", "a//b"] {
            assert!(!is_inside(path), "{path}");
        }
    }
}

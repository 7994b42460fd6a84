//! Why a backup could not be made, found or restored.

use looma_kernel::Failure;
use looma_store::Error as StoreError;
use std::io;
use std::path::{Path, PathBuf};

#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error("{} is no backup: {detail}", .folder.display())]
    NoBackup { folder: PathBuf, detail: String },
    #[error("{} is not empty", .0.display())]
    NotEmpty(PathBuf),
    #[error("the backup is damaged: {}", .0.join("; "))]
    Damaged(Vec<String>),
    #[error("{}: {source}", .path.display())]
    File { path: PathBuf, source: io::Error },
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the work was broken off")]
    BrokenOff,
}

pub(crate) type Result<T, E = BackupError> = std::result::Result<T, E>;

impl BackupError {
    pub(crate) fn file(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::File { path, source }
    }
}

impl From<BackupError> for Failure {
    fn from(error: BackupError) -> Self {
        match error {
            BackupError::NotEmpty(_) | BackupError::Damaged(_) => Self::conflict(format!("{error}.")),
            BackupError::NoBackup { .. } => Self::not_found("backup"),
            BackupError::Store(error) => error.into(),
            BackupError::File { .. } | BackupError::BrokenOff => Self::internal(error),
        }
    }
}

/// Runs work that waits for the disk beside the requests.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|_| BackupError::BrokenOff)?
}

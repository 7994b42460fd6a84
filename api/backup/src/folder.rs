//! Folders that are there whole or not at all.

use crate::error::{BackupError, Result};
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// A folder being filled; it goes away unless it is kept.
pub(crate) struct Part {
    pub path: PathBuf,
    target: PathBuf,
}

impl Part {
    /// An empty folder beside `target`, which takes its place in the end; `mark` tells it from others.
    /// # Errors
    /// `NotEmpty` when something is in the way.
    pub fn beside(target: &Path, mark: &str) -> Result<Self> {
        check_empty(target)?;
        let name = target.file_name().ok_or_else(|| BackupError::NotEmpty(target.to_path_buf()))?.to_string_lossy();
        let above = above(target);
        fs::create_dir_all(above).map_err(BackupError::file(above))?;
        let path = above.join(format!(".{name}{mark}.part"));
        if path.exists() {
            fs::remove_dir_all(&path).map_err(BackupError::file(&path))?;
        }
        fs::create_dir(&path).map_err(BackupError::file(&path))?;
        Ok(Self { path, target: target.to_path_buf() })
    }

    /// Puts it in its place.
    pub fn keep(self) -> Result<()> {
        sync(&self.path)?;
        check_empty(&self.target)?;
        if self.target.exists() {
            fs::remove_dir(&self.target).map_err(BackupError::file(&self.target))?;
        }
        fs::rename(&self.path, &self.target).map_err(BackupError::file(&self.target))?;
        sync(above(&self.target))
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}

fn above(path: &Path) -> &Path {
    path.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn check_empty(target: &Path) -> Result<()> {
    let taken = match fs::read_dir(target) {
        Ok(mut entries) => entries.next().is_some(),
        Err(_) => target.exists(),
    };
    if taken { Err(BackupError::NotEmpty(target.to_path_buf())) } else { Ok(()) }
}

/// Backups hold everything: only the owner may look into their folder.
pub(crate) fn private(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).map_err(BackupError::file(folder))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).map_err(BackupError::file(folder))?;
    }
    Ok(())
}

/// Puts a file or folder on the disk.
pub(crate) fn sync(path: &Path) -> Result<()> {
    File::open(path).and_then(|file| file.sync_all()).map_err(BackupError::file(path))
}

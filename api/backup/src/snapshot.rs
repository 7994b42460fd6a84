//! Makes a consistent copy of rows, documents and blobs while they are written to.
//!
//! Rows are copied first, as one read transaction sees them. Documents and blobs never change and are written before
//! the rows that name them, so copies made later hold everything the copied rows name.

use crate::error::{BackupError, Result, blocking};
use crate::manifest::Manifest;
use crate::references;
use looma_kernel::types::backup::{Backup, BackupFile};
use looma_kernel::types::{BackupId, now};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub(crate) const ROWS: &str = "looma.sqlite";
pub(crate) const DOCUMENTS: &str = "documents.sqlite";
const BLOBS: &str = "blobs";
/// What is deleted while copying may be named by rows copied before: then it is copied again, so many times in all.
const TRIES: usize = 3;

/// Saves the stores below `data` as a new folder below `folder`; nothing is left there unless it is complete.
/// # Errors
/// `NothingThere` where `data` has no database.
pub async fn create(data: &Path, folder: &Path) -> Result<Backup> {
    Ok(create_as(BackupId::new(), data, folder).await?.into_backup(None))
}

pub(crate) async fn create_as(id: BackupId, data: &Path, folder: &Path) -> Result<Manifest> {
    if !data.join(ROWS).is_file() {
        return Err(BackupError::NothingThere(data.to_path_buf()));
    }
    let created_at = now();
    private_folder(folder)?;
    let part = Part(folder.join(format!(".{id}.part")));
    for attempt in 1..=TRIES {
        copy(data, &part.0).await?;
        let missing = references::missing(&part.0).await?;
        if missing.is_empty() {
            break;
        }
        tracing::debug!(attempt, ?missing, "rows name what is not in the copy");
    }
    let (path, target, top) = (part.0.clone(), folder.join(id.to_string()), folder.to_path_buf());
    let manifest = blocking(move || {
        let manifest = Manifest::new(id, created_at, describe(&path)?);
        manifest.write(&path)?;
        sync(&path)?;
        fs::rename(&path, &target).map_err(BackupError::file(&target))?;
        sync(&top)?;
        Ok(manifest)
    })
    .await?;
    Ok(manifest)
}

/// A folder being filled; it goes away unless it was renamed.
pub(crate) struct Part(pub PathBuf);

impl Drop for Part {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Backups hold everything: only the owner may look into their folder.
fn private_folder(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).map_err(BackupError::file(folder))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).map_err(BackupError::file(folder))?;
    }
    Ok(())
}

async fn copy(data: &Path, part: &Path) -> Result<()> {
    if part.exists() {
        fs::remove_dir_all(part).map_err(BackupError::file(part))?;
    }
    fs::create_dir(part).map_err(BackupError::file(part))?;
    copy_database(&data.join(ROWS), &part.join(ROWS)).await?;
    if data.join(DOCUMENTS).is_file() {
        copy_database(&data.join(DOCUMENTS), &part.join(DOCUMENTS)).await?;
    }
    let (from, to) = (data.join(BLOBS), part.join(BLOBS));
    blocking(move || link_all(&from, &to, 0)).await
}

/// Copies what one read transaction sees; writers go on meanwhile.
async fn copy_database(from: &Path, to: &Path) -> Result<()> {
    let options = SqliteConnectOptions::new().filename(from).busy_timeout(Duration::from_secs(10)).disable_statement_logging();
    let mut db = SqliteConnection::connect_with(&options).await?;
    let copied = sqlx::query("VACUUM INTO $1").bind(to.to_string_lossy().into_owned()).execute(&mut db).await;
    db.close().await?;
    copied?;
    sync(to)
}

/// Links a folder's files, or copies them where linking is not possible; what was deleted meanwhile is left out.
fn link_all(from: &Path, to: &Path, depth: usize) -> Result<()> {
    let entries = match fs::read_dir(from) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(BackupError::file(from)(error)),
    };
    fs::create_dir(to).map_err(BackupError::file(to))?;
    for entry in entries {
        let entry = entry.map_err(BackupError::file(from))?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        // Files being written begin with a dot.
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        let kind = entry.file_type().map_err(BackupError::file(&source))?;
        if kind.is_dir() && depth < 8 {
            link_all(&source, &target, depth + 1)?;
        } else if kind.is_file() {
            let done = fs::hard_link(&source, &target).or_else(|_| fs::copy(&source, &target).map(|_| ()));
            match done {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                other => other.map_err(BackupError::file(&source))?,
            }
        }
    }
    Ok(())
}

/// Every file below a folder with size and hash, in order of path.
fn describe(folder: &Path) -> Result<Vec<BackupFile>> {
    let mut files = Vec::new();
    for path in paths(folder)? {
        let (size, blake3) = hash(&folder.join(&path))?;
        files.push(BackupFile { path, size, blake3 });
    }
    Ok(files)
}

/// Relative paths of all files below a folder, sorted.
pub(crate) fn paths(folder: &Path) -> Result<Vec<String>> {
    let mut found = Vec::new();
    let mut open = vec![String::new()];
    while let Some(relative) = open.pop() {
        let inside = folder.join(&relative);
        for entry in fs::read_dir(&inside).map_err(BackupError::file(&inside))? {
            let entry = entry.map_err(BackupError::file(&inside))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = if relative.is_empty() { name } else { format!("{relative}/{name}") };
            if entry.file_type().map_err(BackupError::file(&inside))?.is_dir() {
                open.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found.sort_unstable();
    Ok(found)
}

/// Size and BLAKE3 hash of a file.
pub(crate) fn hash(path: &Path) -> Result<(u64, String)> {
    let mut hasher = blake3::Hasher::new();
    let file = File::open(path).map_err(BackupError::file(path))?;
    hasher.update_reader(file).map_err(BackupError::file(path))?;
    Ok((hasher.count(), hasher.finalize().to_hex().to_string()))
}

/// Puts a file or folder on the disk.
pub(crate) fn sync(path: &Path) -> Result<()> {
    File::open(path).and_then(|file| file.sync_all()).map_err(BackupError::file(path))
}

//! One system a data folder: a lock that ends with its process, and a note that says who holds it.

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;

/// Who runs on a data folder.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Note {
    pub pid: u32,
    pub started_at: looma_types::Instant,
}

/// The hold on a data folder; released when dropped, also by `kill -9`.
pub struct Hold {
    _lock: File,
}

fn lock_file(data: &Path) -> anyhow::Result<File> {
    std::fs::create_dir_all(data).with_context(|| format!("cannot make the data folder {}", data.display()))?;
    let path = data.join("looma.lock");
    OpenOptions::new().create(true).truncate(false).write(true).open(&path).with_context(|| format!("cannot open {}", path.display()))
}

/// Takes the data folder.
/// # Errors
/// Says which process has it.
pub fn hold(data: &Path) -> anyhow::Result<Hold> {
    let file = lock_file(data)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let who = read_note(data).map_or_else(|| "another process".to_owned(), |note| format!("process {}", note.pid));
            bail!("{} is in use by {who}; stop it first (`looma down`) or choose another folder with --data", data.display());
        }
        Err(TryLockError::Error(error)) => return Err(error).context("cannot lock the data folder"),
    }
    let note = Note { pid: std::process::id(), started_at: looma_types::now() };
    std::fs::write(data.join("looma.pid"), serde_json::to_vec(&note)?)?;
    Ok(Hold { _lock: file })
}

fn read_note(data: &Path) -> Option<Note> {
    serde_json::from_slice(&std::fs::read(data.join("looma.pid")).ok()?).ok()
}

/// The process that runs on a data folder, if one does.
pub fn running(data: &Path) -> anyhow::Result<Option<Note>> {
    if !data.join("looma.lock").exists() {
        return Ok(None);
    }
    match lock_file(data)?.try_lock() {
        Ok(()) => Ok(None),
        Err(TryLockError::WouldBlock) => Ok(read_note(data)),
        Err(TryLockError::Error(error)) => Err(error).context("cannot look at the data folder's lock"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_one_holder_at_a_time() {
        let folder = std::env::temp_dir().join(format!("looma-hold-{}", uuid::Uuid::new_v4()));
        let first = hold(&folder).unwrap();
        assert!(hold(&folder).is_err());
        assert_eq!(running(&folder).unwrap().unwrap().pid, std::process::id());
        drop(first);
        assert!(running(&folder).unwrap().is_none());
        hold(&folder).unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
    }
}

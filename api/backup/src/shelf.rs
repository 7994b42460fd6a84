//! The folder of backups.

use crate::error::{BackupError, Result};
use crate::manifest::Manifest;
use chrono::{DateTime, Utc};
use looma_kernel::types::BackupId;
use looma_kernel::types::backup::Backup;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// When a backup was last found whole: an instant in a file beside its manifest.
const VERIFIED: &str = "verified";
/// What was begun and is older than this was left by a process that died.
const ABANDONED: Duration = Duration::from_hours(24);

/// One folder a backup, named by its id.
#[derive(Clone, Debug)]
pub(crate) struct Shelf(pub PathBuf);

impl Shelf {
    pub fn folder(&self, id: BackupId) -> PathBuf {
        self.0.join(id.to_string())
    }

    /// Ids of complete backups, newest first (they are made with the time in front).
    pub fn ids(&self) -> Result<Vec<BackupId>> {
        let mut ids: Vec<BackupId> = self.names()?.iter().filter_map(|name| name.parse().ok()).collect();
        ids.sort_unstable_by(|a, b| b.cmp(a));
        Ok(ids)
    }

    fn names(&self) -> Result<Vec<String>> {
        match fs::read_dir(&self.0) {
            Ok(entries) => Ok(entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(vec![]),
            Err(error) => Err(BackupError::file(&self.0)(error)),
        }
    }

    pub fn get(&self, id: BackupId) -> Result<Backup> {
        let folder = self.folder(id);
        Ok(Manifest::read(&folder)?.into_backup(verified(&folder)))
    }

    pub fn note_verified(&self, id: BackupId, at: DateTime<Utc>) -> Result<()> {
        let path = self.folder(id).join(VERIFIED);
        fs::write(&path, at.to_rfc3339()).map_err(BackupError::file(&path))
    }

    /// Removes a backup: at once from the list, then from the disk.
    pub fn remove(&self, id: BackupId) -> Result<()> {
        let (folder, gone) = (self.folder(id), self.0.join(format!(".{id}.gone")));
        fs::rename(&folder, &gone).map_err(|error| BackupError::NoBackup { folder: folder.clone(), detail: error.to_string() })?;
        fs::remove_dir_all(&gone).map_err(BackupError::file(&gone))
    }

    /// Removes all but the newest `keep`; answers how many went.
    pub fn retain(&self, keep: usize) -> Result<usize> {
        let old: Vec<_> = self.ids()?.into_iter().skip(keep).collect();
        for id in &old {
            self.remove(*id)?;
        }
        Ok(old.len())
    }

    /// Removes what processes that died left behind.
    pub fn sweep(&self) -> Result<()> {
        for name in self.names()?.iter().filter(|name| is_unfinished(name)) {
            let path = self.0.join(name);
            let age =
                fs::metadata(&path).and_then(|data| data.modified()).map(|at| SystemTime::now().duration_since(at).unwrap_or_default());
            if age.is_ok_and(|age| age > ABANDONED) {
                fs::remove_dir_all(&path).map_err(BackupError::file(&path))?;
            }
        }
        Ok(())
    }
}

/// `.<id>.part` while it is made, `.<id>.gone` while it is removed.
fn is_unfinished(name: &str) -> bool {
    let parts = name.strip_prefix('.').and_then(|rest| rest.rsplit_once('.'));
    parts.is_some_and(|(id, end)| id.parse::<BackupId>().is_ok() && matches!(end, "part" | "gone"))
}

fn verified(folder: &Path) -> Option<DateTime<Utc>> {
    fs::read_to_string(folder.join(VERIFIED)).ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::ARCHIVE;
    use looma_kernel::types::backup::BackupFile;
    use looma_kernel::types::now;

    fn file() -> BackupFile {
        BackupFile { path: ARCHIVE.into(), size: 0, blake3: String::new() }
    }

    fn shelf(count: usize) -> (tempfile::TempDir, Shelf, Vec<BackupId>) {
        let top = tempfile::tempdir().unwrap();
        let shelf = Shelf(top.path().to_path_buf());
        let ids: Vec<_> = (0..count).map(|_| BackupId::new()).collect();
        for id in &ids {
            fs::create_dir(shelf.folder(*id)).unwrap();
            Manifest::new(*id, now(), vec![file()], None).write(&shelf.folder(*id)).unwrap();
        }
        (top, shelf, ids)
    }

    #[test]
    fn the_newest_are_kept() {
        let (_top, shelf, ids) = shelf(5);
        assert_eq!(shelf.retain(2).unwrap(), 3);
        assert_eq!(shelf.ids().unwrap(), [ids[4], ids[3]]);
        assert!(matches!(shelf.get(ids[0]), Err(BackupError::NoBackup { .. })));
    }

    #[test]
    fn what_is_verified_is_remembered() {
        let (_top, shelf, ids) = shelf(1);
        assert_eq!(shelf.get(ids[0]).unwrap().verified_at, None);
        let at = now();
        shelf.note_verified(ids[0], at).unwrap();
        assert_eq!(shelf.get(ids[0]).unwrap().verified_at, Some(at));
    }
}

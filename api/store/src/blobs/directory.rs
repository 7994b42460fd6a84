//! Blobs as files: `blobs/<workspace>/<first two digits>/<hash>`.

use super::{BlobHash, checked, is_hash, named};
use crate::{Blobs, Error, Result, StoreSettings};
use async_trait::async_trait;
use bytes::Bytes;
use looma_types::WorkspaceId;
use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A folder of blobs; clones share it.
#[derive(Clone)]
pub struct DirectoryBlobs {
    root: Arc<Root>,
}

struct Root {
    path: PathBuf,
    /// Whether the folder goes with its last user.
    passing: bool,
}

impl Drop for Root {
    fn drop(&mut self) {
        if self.passing {
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

impl DirectoryBlobs {
    /// Makes the folder where there is none; in memory means a folder of its own among the temporary files.
    pub async fn open(settings: &StoreSettings) -> Result<Self> {
        let path = if settings.in_memory {
            std::env::temp_dir().join(format!("looma-blobs-{}", uuid::Uuid::new_v4()))
        } else {
            settings.data.join("blobs")
        };
        let root = Arc::new(Root { path, passing: settings.in_memory });
        if !settings.in_memory {
            fs::create_dir_all(&root.path).map_err(|error| unavailable(&root.path, &error))?;
        }
        Ok(Self { root })
    }

    fn folder(&self, workspace: WorkspaceId) -> PathBuf {
        self.root.path.join(workspace.to_string())
    }

    /// Where a blob is; nothing for what is no hash, so that no name leads out of the folder.
    fn file(&self, workspace: WorkspaceId, hash: &str) -> Option<PathBuf> {
        is_hash(hash).then(|| self.folder(workspace).join(&hash[..2]).join(hash))
    }
}

fn unavailable(path: &Path, error: &std::io::Error) -> Error {
    Error::Unavailable { store: "blobs", detail: format!("{}: {error}", path.display()) }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|error| Error::other("blobs", error))?
}

/// Writes aside, syncs, renames and syncs the folder: after a crash there is the whole blob or none.
fn write(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = file.parent().unwrap_or(Path::new("."));
    let new_folder = !folder.exists();
    fs::create_dir_all(folder)?;
    let aside = folder.join(format!(".{}.part", uuid::Uuid::new_v4()));
    let written = File::create_new(&aside)
        .and_then(|mut part| part.write_all(bytes).and_then(|()| part.sync_all()))
        .and_then(|()| fs::rename(&aside, file));
    if let Err(error) = written {
        let _ = fs::remove_file(&aside);
        return Err(error);
    }
    File::open(folder)?.sync_all()?;
    if new_folder {
        for above in folder.ancestors().skip(1).take(2) {
            File::open(above)?.sync_all()?;
        }
    }
    Ok(())
}

/// Names in a folder, sorted; none where there is no folder.
fn names(folder: &Path) -> Result<Vec<String>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(vec![]),
        Err(error) => return Err(unavailable(folder, &error)),
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|error| unavailable(folder, &error))?;
        names.extend(entry.file_name().into_string().ok());
    }
    names.sort_unstable();
    Ok(names)
}

#[async_trait]
impl Blobs for DirectoryBlobs {
    async fn put(&self, workspace: WorkspaceId, bytes: Bytes) -> Result<BlobHash> {
        let this = self.clone();
        blocking(move || {
            let hash = named(&bytes)?;
            let file = this.folder(workspace).join(&hash[..2]).join(&hash);
            // The same bytes again: nothing to write, unless what lies there is damaged.
            let held = fs::read(&file).is_ok_and(|held| held == bytes);
            if !held {
                write(&file, &bytes).map_err(|error| unavailable(&file, &error))?;
            }
            Ok(hash)
        })
        .await
    }

    async fn get(&self, workspace: WorkspaceId, hash: &str) -> Result<Option<Bytes>> {
        let Some(file) = self.file(workspace, hash) else { return Ok(None) };
        let (hash, keep) = (hash.to_owned(), self.root.clone());
        blocking(move || {
            let _keep = keep;
            let bytes = match fs::read(&file) {
                Ok(bytes) => bytes,
                Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
                Err(error) => return Err(unavailable(&file, &error)),
            };
            checked(&hash, bytes.into()).map(Some)
        })
        .await
    }

    async fn delete(&self, workspace: WorkspaceId, hash: &str) -> Result<bool> {
        let Some(file) = self.file(workspace, hash) else { return Ok(false) };
        blocking(move || match fs::remove_file(&file) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(unavailable(&file, &error)),
        })
        .await
    }

    async fn list(&self, workspace: WorkspaceId, after: Option<&str>, limit: usize) -> Result<Vec<BlobHash>> {
        let (this, after) = (self.clone(), after.map(str::to_owned));
        blocking(move || {
            let folder = this.folder(workspace);
            let mut found = Vec::new();
            for prefix in names(&folder)? {
                if after.as_ref().is_some_and(|after| after.get(..2).is_some_and(|start| prefix.as_str() < start)) {
                    continue;
                }
                for name in names(&folder.join(&prefix))? {
                    if found.len() >= limit {
                        return Ok(found);
                    }
                    if is_hash(&name) && after.as_ref().is_none_or(|after| name > *after) {
                        found.push(name);
                    }
                }
            }
            Ok(found)
        })
        .await
    }

    async fn ping(&self) -> Result<()> {
        let this = self.clone();
        blocking(move || {
            fs::create_dir_all(&this.root.path).map_err(|error| unavailable(&this.root.path, &error))?;
            fs::metadata(&this.root.path).map(|_| ()).map_err(|error| unavailable(&this.root.path, &error))
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blobs::conformance;

    #[tokio::test]
    async fn conforms_in_memory_and_leaves_nothing() {
        let blobs = DirectoryBlobs::open(&StoreSettings { in_memory: true, ..StoreSettings::default() }).await.unwrap();
        conformance::suite(&blobs).await;
        let path = blobs.root.path.clone();
        assert!(path.exists());
        drop(blobs);
        assert!(!path.exists());
    }

    #[tokio::test]
    async fn conforms_on_disk_survives_and_tells_what_was_damaged() {
        let folder = tempfile::tempdir().unwrap();
        let settings = StoreSettings { data: folder.path().to_owned(), ..StoreSettings::default() };
        conformance::suite(&DirectoryBlobs::open(&settings).await.unwrap()).await;

        let workspace = WorkspaceId::new();
        let hash = DirectoryBlobs::open(&settings).await.unwrap().put(workspace, "kept".into()).await.unwrap();
        let again = DirectoryBlobs::open(&settings).await.unwrap();
        assert_eq!(again.get(workspace, &hash).await.unwrap(), Some("kept".into()));
        let file = again.file(workspace, &hash).unwrap();
        fs::write(&file, "bent").unwrap();
        assert!(matches!(again.get(workspace, &hash).await, Err(Error::Corrupt { .. })));
        again.put(workspace, "kept".into()).await.unwrap();
        assert_eq!(again.get(workspace, &hash).await.unwrap(), Some("kept".into()), "putting it again mends it");
        let leftovers: Vec<_> = names(file.parent().unwrap()).unwrap();
        assert_eq!(leftovers, vec![hash.clone()], "nothing half-written stays");
        fs::write(file.with_file_name(".half.part"), "h").unwrap();
        assert_eq!(again.list(workspace, None, 10).await.unwrap(), vec![hash]);
    }
}

//! Unpacks a backup into a new folder, never over anything.

use crate::error::{BackupError, Result, blocking};
use crate::manifest::Manifest;
use crate::snapshot::{Part, hash, sync};
use crate::verify::verify;
use looma_kernel::types::backup::Verification;
use std::fs;
use std::path::Path;

/// Restores the backup in `folder` as the data folder `target`, which must be empty or not exist. It is there whole
/// or not at all. Answers what was checked.
/// # Errors
/// `Damaged` when the backup is not whole; `NotEmpty` when something is in the way.
pub async fn restore(folder: &Path, target: &Path) -> Result<Verification> {
    let taken = match fs::read_dir(target) {
        Ok(mut entries) => entries.next().is_some(),
        Err(_) => target.exists(),
    };
    if taken {
        return Err(BackupError::NotEmpty(target.to_path_buf()));
    }
    let verification = verify(folder).await?;
    if !verification.ok {
        return Err(BackupError::Damaged(verification.problems));
    }
    let (folder, target) = (folder.to_path_buf(), target.to_path_buf());
    blocking(move || {
        let manifest = Manifest::read(&folder)?;
        let name = target.file_name().ok_or_else(|| BackupError::NotEmpty(target.clone()))?.to_string_lossy().into_owned();
        let above = target.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."));
        fs::create_dir_all(above).map_err(BackupError::file(above))?;
        let part = Part(above.join(format!(".{name}.{}.part", manifest.id)));
        if part.0.exists() {
            fs::remove_dir_all(&part.0).map_err(BackupError::file(&part.0))?;
        }
        fs::create_dir(&part.0).map_err(BackupError::file(&part.0))?;
        for file in &manifest.files {
            let (from, to) = (folder.join(&file.path), part.0.join(&file.path));
            if let Some(inside) = to.parent() {
                fs::create_dir_all(inside).map_err(BackupError::file(inside))?;
            }
            // Copied, not linked: the restored system must not share anything with the backup.
            fs::copy(&from, &to).map_err(BackupError::file(&to))?;
            sync(&to)?;
            if hash(&to)?.1 != file.blake3 {
                return Err(BackupError::Damaged(vec![format!("{} changed while it was copied", file.path)]));
            }
        }
        sync(&part.0)?;
        if target.exists() {
            fs::remove_dir(&target).map_err(BackupError::file(&target))?;
        }
        fs::rename(&part.0, &target).map_err(BackupError::file(&target))?;
        sync(above)
    })
    .await?;
    Ok(verification)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::create;
    use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions};
    use std::path::PathBuf;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    /// A data folder as the stores leave it, open for writing.
    struct Data {
        top: tempfile::TempDir,
        rows: SqlitePool,
        documents: SqlitePool,
    }

    impl Data {
        async fn new() -> Self {
            let top = tempfile::tempdir().unwrap();
            std::fs::create_dir(top.path().join("data")).unwrap();
            let open = |name: &str| {
                let options = SqliteConnectOptions::new().filename(top.path().join("data").join(name)).create_if_missing(true);
                SqlitePoolOptions::new().max_connections(1).connect_with(options.journal_mode(SqliteJournalMode::Wal))
            };
            let (rows, documents) = (open("looma.sqlite").await.unwrap(), open("documents.sqlite").await.unwrap());
            sqlx::query("CREATE TABLE resume (id INTEGER PRIMARY KEY, document_hash TEXT NOT NULL, blob_hash TEXT) STRICT")
                .execute(&rows)
                .await
                .unwrap();
            sqlx::query("CREATE TABLE documents (hash TEXT PRIMARY KEY, body BLOB NOT NULL) STRICT").execute(&documents).await.unwrap();
            Self { top, rows, documents }
        }

        fn path(&self, name: &str) -> PathBuf {
            self.top.path().join(name)
        }

        /// Writes as the services do: blob and document first, then the row.
        async fn write(&self, n: usize) {
            let bytes = format!("content {n}");
            let name = blake3::hash(bytes.as_bytes()).to_hex().to_string();
            let folder = self.path("data/blobs/w").join(&name[..2]);
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(folder.join(&name), &bytes).unwrap();
            sqlx::query("INSERT INTO documents VALUES ($1, $2)").bind(&name).bind(bytes.as_bytes()).execute(&self.documents).await.unwrap();
            sqlx::query("INSERT INTO resume (document_hash, blob_hash) VALUES ($1, $1)").bind(&name).execute(&self.rows).await.unwrap();
        }
    }

    async fn count(path: &Path) -> i64 {
        let mut db = crate::references::open(path).await.unwrap();
        sqlx::query_scalar("SELECT COUNT(*) FROM resume").fetch_one(&mut db).await.unwrap()
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_backup_made_while_writing_is_whole_and_restores() {
        let data = Arc::new(Data::new().await);
        for n in 0..20 {
            data.write(n).await;
        }
        let stop = Arc::new(AtomicBool::new(false));
        let writer = tokio::spawn({
            let (data, stop) = (data.clone(), stop.clone());
            async move {
                let mut n = 20;
                while !stop.load(Ordering::Relaxed) {
                    data.write(n).await;
                    n += 1;
                }
                n
            }
        });
        for _ in 0..3 {
            let manifest = create(&data.path("data"), &data.path("backups")).await.unwrap();
            let folder = data.path("backups").join(manifest.id.to_string());
            let verification = verify(&folder).await.unwrap();
            assert!(verification.ok, "{:?}", verification.problems);
            let target = data.path(&format!("restored/{}", manifest.id));
            restore(&folder, &target).await.unwrap();
            assert!(count(&target.join("looma.sqlite")).await >= 20);
            assert_eq!(crate::references::missing(&target).await.unwrap(), [] as [String; 0]);
            assert!(matches!(restore(&folder, &target).await, Err(BackupError::NotEmpty(_))));
        }
        stop.store(true, Ordering::Relaxed);
        assert!(writer.await.unwrap() > 20, "nothing was written meanwhile");
        let left: Vec<_> = std::fs::read_dir(data.path("backups")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left.len(), 3, "{left:?}");
    }

    #[tokio::test]
    async fn damage_is_found_and_not_restored() {
        let data = Data::new().await;
        data.write(1).await;
        let make = async || {
            let manifest = create(&data.path("data"), &data.path("backups")).await.unwrap();
            data.path("backups").join(manifest.id.to_string())
        };
        let blob = blake3::hash(b"content 1").to_hex().to_string();
        let blob = format!("blobs/w/{}/{blob}", &blob[..2]);

        let flipped = make().await;
        let mut bytes = std::fs::read(flipped.join("looma.sqlite")).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(flipped.join("looma.sqlite"), bytes).unwrap();
        let lost = make().await;
        std::fs::remove_file(lost.join(&blob)).unwrap();
        let strange = make().await;
        std::fs::write(strange.join("extra"), "x").unwrap();

        for (folder, what) in [(&flipped, "looma.sqlite is not what it was"), (&lost, &*blob), (&strange, "extra does not belong to it")] {
            let verification = verify(folder).await.unwrap();
            assert!(!verification.ok && verification.problems[0].contains(what), "{:?}", verification.problems);
            let target = data.path("restored");
            assert!(matches!(restore(folder, &target).await, Err(BackupError::Damaged(_))));
            assert!(!target.exists());
        }
    }

    #[tokio::test]
    async fn rows_that_name_what_is_missing_are_told() {
        let data = Data::new().await;
        data.write(1).await;
        sqlx::query("DELETE FROM documents").execute(&data.documents).await.unwrap();
        let manifest = create(&data.path("data"), &data.path("backups")).await.unwrap();
        let verification = verify(&data.path("backups").join(manifest.id.to_string())).await.unwrap();
        assert!(verification.problems[0].starts_with("resume.document_hash names document"), "{:?}", verification.problems);
    }

    #[tokio::test]
    async fn without_data_there_is_nothing_to_save() {
        let top = tempfile::tempdir().unwrap();
        assert!(matches!(create(&top.path().join("none"), top.path()).await, Err(BackupError::NothingThere(_))));
    }
}

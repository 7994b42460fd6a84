//! Restores a backup into a new folder of embedded stores, never over anything.

use crate::error::{BackupError, Result, blocking};
use crate::folder::{Part, sync};
use crate::manifest::Manifest;
use crate::metered::Meter;
use crate::verify::{compared, open, verify};
use looma_kernel::types::backup::BackupFile;
use looma_store::archive::{Progress, import};
use looma_store::{Error as StoreError, StoreSettings, Truth};
use std::fs;
use std::path::Path;

/// Restores the backup in `folder` as the data folder `target`, which must be empty or not exist. It is there whole
/// or not at all. `meter` tells how many of the backup's bytes have been read; answers how many files it has.
/// # Errors
/// `Damaged` when the backup is not whole; `NotEmpty` when something is in the way.
pub async fn restore(folder: &Path, target: &Path, meter: &Meter) -> Result<usize> {
    let manifest = Manifest::read(folder)?;
    let part = Part::beside(target, &format!(".{}", manifest.id))?;
    if let Some(file) = manifest.archive() {
        restore_archive(folder, &manifest, file, &part, meter).await?;
    } else {
        let verification = verify(folder, meter).await?;
        if !verification.ok {
            return Err(BackupError::Damaged(verification.problems));
        }
        restore_files(folder, &manifest, &part)?;
    }
    blocking(move || part.keep()).await?;
    Ok(manifest.files.len())
}

async fn restore_archive(folder: &Path, manifest: &Manifest, file: &BackupFile, part: &Part, meter: &Meter) -> Result<()> {
    let from = open(&folder.join(&file.path), meter)?;
    let truth = Truth::open(&StoreSettings { data: part.path.clone(), ..StoreSettings::default() }).await?;
    let imported = import(&truth, from, &Progress::default()).await;
    truth.close().await;
    let (_, summary) = imported.map_err(|error| match error {
        StoreError::Corrupt { detail, .. } => BackupError::Damaged(vec![format!("{}: {detail}", file.path)]),
        error => error.into(),
    })?;
    compared(manifest, file, meter, &summary).map_err(|problem| BackupError::Damaged(vec![problem]))
}

/// Of a backup that an earlier version made: copies of the embedded stores' files.
fn restore_files(folder: &Path, manifest: &Manifest, part: &Part) -> Result<()> {
    for file in &manifest.files {
        let (from, to) = (folder.join(&file.path), part.path.join(&file.path));
        if let Some(inside) = to.parent() {
            fs::create_dir_all(inside).map_err(BackupError::file(inside))?;
        }
        // Copied, not linked: the restored system must not share anything with the backup.
        fs::copy(&from, &to).map_err(BackupError::file(&to))?;
        sync(&to)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::create;
    use looma_kernel::types::{BackupId, WorkspaceId, now};
    use looma_store::archive::{Summary, checksum};
    use looma_store::on;
    use std::path::PathBuf;

    struct Data {
        top: tempfile::TempDir,
        truth: Truth,
    }

    impl Data {
        async fn new() -> Self {
            let top = tempfile::tempdir().unwrap();
            let truth = open_at(&top.path().join("data")).await;
            Self { top, truth }
        }

        fn path(&self, name: &str) -> PathBuf {
            self.top.path().join(name)
        }

        /// Writes as the services do: blob and document first, then the row.
        async fn write(&self, number: usize) {
            let workspace = WorkspaceId::new();
            let original = self.truth.blobs.put(workspace, format!("file {number}").into()).await.unwrap();
            let document = self.truth.documents.put(workspace, "resume", &serde_json::json!({ "number": number })).await.unwrap();
            let insert = "INSERT INTO resume (id, workspace_id, person_id, title, version, document, original, created_at, updated_at)
                VALUES ($1, $1, $1, '', 1, $2, $3, $4, $4)";
            on!(self.truth.sql.write(), db => sqlx::query(insert).bind(workspace.0).bind(document).bind(original).bind(now()).execute(db).await.map(|_| ()))
                .unwrap();
        }
    }

    async fn open_at(data: &Path) -> Truth {
        Truth::open(&StoreSettings { data: data.to_path_buf(), ..StoreSettings::default() }).await.unwrap()
    }

    async fn summary(truth: &Truth) -> Summary {
        checksum(truth, &Progress::default()).await.unwrap()
    }

    #[tokio::test]
    async fn what_is_restored_is_what_was_saved() {
        let data = Data::new().await;
        for number in 0..20 {
            data.write(number).await;
        }
        let saved = summary(&data.truth).await;
        let backup = create(&data.truth, &data.path("backups")).await.unwrap();
        data.write(20).await;
        let folder = data.path("backups").join(backup.id.to_string());
        let meter = Meter::default();
        let verification = verify(&folder, &meter).await.unwrap();
        assert!(verification.ok, "{verification:?}");
        assert_eq!(meter.passed(), backup.size, "everything has been read");

        let target = data.path("deep/restored");
        assert_eq!(restore(&folder, &target, &Meter::default()).await.unwrap(), 1);
        assert_eq!(summary(&open_at(&target).await).await, saved);
        assert!(matches!(restore(&folder, &target, &Meter::default()).await, Err(BackupError::NotEmpty(_))));
        let left: Vec<_> = fs::read_dir(data.path("deep")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, ["restored"]);
    }

    #[tokio::test]
    async fn damage_is_found_and_never_restored() {
        let data = Data::new().await;
        data.write(1).await;
        let backup = create(&data.truth, &data.path("backups")).await.unwrap();
        let folder = data.path("backups").join(backup.id.to_string());
        let archive = folder.join(&backup.files[0].path);
        let whole = fs::read(&archive).unwrap();
        let mut bent = whole.clone();
        bent[whole.len() / 2] ^= 1;
        let another = create(&data.truth, &data.path("others")).await.unwrap();
        let another = fs::read(data.path("others").join(another.id.to_string()).join(&another.files[0].path)).unwrap();
        for damage in [bent, whole[..whole.len() - 9].to_vec(), vec![], another] {
            fs::write(&archive, damage).unwrap();
            let verification = verify(&folder, &Meter::default()).await.unwrap();
            assert!(!verification.ok && verification.problems.len() == 1, "{verification:?}");
            let target = data.path("restored");
            assert!(matches!(restore(&folder, &target, &Meter::default()).await, Err(BackupError::Damaged(_))));
            assert!(!target.exists());
        }
        fs::remove_file(&archive).unwrap();
        assert_eq!(verify(&folder, &Meter::default()).await.unwrap().problems, ["backup.looma is missing"]);
        fs::write(&archive, whole).unwrap();
        assert!(verify(&folder, &Meter::default()).await.unwrap().ok);
    }

    #[tokio::test]
    async fn a_folder_of_an_earlier_version_is_checked_and_restored() {
        let data = Data::new().await;
        data.write(1).await;
        let saved = summary(&data.truth).await;
        data.truth.close().await;
        let folder = data.path("backups/old");
        let mut files = Vec::new();
        fs::create_dir_all(&folder).unwrap();
        for path in ["looma.sqlite", "documents.sqlite"] {
            fs::copy(data.path("data").join(path), folder.join(path)).unwrap();
            let bytes = fs::read(folder.join(path)).unwrap();
            files.push(BackupFile { path: path.into(), size: bytes.len() as u64, blake3: blake3::hash(&bytes).to_hex().to_string() });
        }
        let manifest = serde_json::json!({ "id": BackupId::new(), "format": 1, "version": "0.1.0", "created_at": now(), "finished_at": now(), "files": files });
        fs::write(folder.join(crate::manifest::MANIFEST), manifest.to_string()).unwrap();
        assert!(verify(&folder, &Meter::default()).await.unwrap().ok);
        let target = data.path("restored");
        assert_eq!(restore(&folder, &target, &Meter::default()).await.unwrap(), 2);
        let restored = open_at(&target).await;
        let rows: i64 = on!(restored.sql.read(), db => sqlx::query_scalar("SELECT COUNT(*) FROM resume").fetch_one(db).await).unwrap();
        assert_eq!(rows as u64, saved.parts["rows/resume"].count);

        fs::write(folder.join("looma.sqlite"), "bent").unwrap();
        let problems = verify(&folder, &Meter::default()).await.unwrap().problems;
        assert!(problems.len() == 1 && problems[0].starts_with("looma.sqlite has 4 bytes"), "{problems:?}");
        assert!(matches!(restore(&folder, &data.path("again"), &Meter::default()).await, Err(BackupError::Damaged(_))));
    }
}

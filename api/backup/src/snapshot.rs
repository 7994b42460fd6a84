//! Makes a backup while the stores are written to.

use crate::error::{BackupError, Result, blocking};
use crate::folder::{Part, private};
use crate::manifest::{ARCHIVE, Manifest};
use crate::metered::{Meter, Metered};
use looma_kernel::types::backup::{Backup, BackupFile};
use looma_kernel::types::{BackupId, now};
use looma_store::Truth;
use looma_store::archive::{Progress, export};
use std::fs::File;
use std::path::Path;

/// Saves the stores as a new folder below `folder`; nothing is left there unless it is complete.
pub async fn create(truth: &Truth, folder: &Path) -> Result<Backup> {
    Ok(create_as(BackupId::new(), truth, folder).await?.into_backup(None))
}

pub(crate) async fn create_as(id: BackupId, truth: &Truth, folder: &Path) -> Result<Manifest> {
    let created_at = now();
    private(folder)?;
    let part = Part::beside(&folder.join(id.to_string()), "")?;
    let path = part.path.join(ARCHIVE);
    let file = File::create_new(&path).map_err(BackupError::file(&path))?;
    let meter = Meter::default();
    let (out, _, summary) = export(truth, Metered { file, meter: meter.clone() }, &Progress::default()).await?;
    blocking(move || {
        out.file.sync_all().map_err(BackupError::file(&path))?;
        let file = BackupFile { path: ARCHIVE.into(), size: meter.passed(), blake3: meter.hash() };
        let manifest = Manifest::new(id, created_at, vec![file], Some(summary.total));
        manifest.write(&part.path)?;
        part.keep()?;
        Ok(manifest)
    })
    .await
}

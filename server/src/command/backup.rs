//! `looma backup` and `looma restore`.

use super::{Common, say};
use anyhow::Context;
use std::path::Path;
use std::process::ExitCode;

pub(super) async fn backup(common: &Common) -> anyhow::Result<ExitCode> {
    let settings = common.settings()?;
    let backup = looma_backup::create(&settings.data, &settings.backup_folder()).await.context("the backup failed")?;
    say(common, &backup, |backup| {
        let folder = settings.backup_folder().join(backup.id.to_string());
        format!("Backed up {} files, {} bytes, to {}", backup.files.len(), backup.size, folder.display())
    })?;
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn restore(common: &Common, backup: &Path, into: &Path) -> anyhow::Result<ExitCode> {
    let restored = looma_backup::restore(backup, into).await.context("nothing was restored")?;
    say(common, &restored, |restored| {
        format!("Restored {} files into {}; start with `looma up --data {}`", restored.checked_files, into.display(), into.display())
    })?;
    Ok(ExitCode::SUCCESS)
}

//! `looma backup` and `looma restore`.

use super::reach::Reach;
use super::{Common, archive, say};
use crate::instance;
use anyhow::{Context, bail};
use looma_backup::Meter;
use looma_types::ServiceName;
use looma_types::backup::{Backup, BackupState};
use serde_json::json;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

pub(super) async fn backup(common: &Common) -> anyhow::Result<ExitCode> {
    let settings = common.settings()?;
    let backup = if instance::running(&settings.data)?.is_some() {
        ask(common).await?
    } else {
        let (truth, _hold) = archive::open(&settings).await?;
        let made = looma_backup::create(&truth, &settings.backup_folder()).await;
        truth.close().await;
        made.context("the backup failed")?
    };
    say(common, &backup, |backup| {
        format!("Backed up {} bytes to {}", backup.size, settings.backup_folder().join(backup.id.to_string()).display())
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Lets the system that runs on the data folder make it.
async fn ask(common: &Common) -> anyhow::Result<Backup> {
    let reach = Reach::open(common).await?;
    let begun = reach.client.post_as(&reach.actor, ServiceName::Backup, "/api/v1/backups", &json!({})).await?;
    let mut backup: Backup = begun.json()?;
    let address = format!("/api/v1/backups/{}", backup.id);
    while backup.state == BackupState::Running {
        tokio::time::sleep(Duration::from_millis(50)).await;
        backup = reach.client.get_as(&reach.actor, ServiceName::Backup, &address).await?;
    }
    reach.close().await;
    match backup.problem {
        Some(problem) => bail!("the backup failed: {problem}"),
        None => Ok(backup),
    }
}

pub(super) async fn restore(common: &Common, backup: &Path, into: &Path) -> anyhow::Result<ExitCode> {
    let meter = Meter::default();
    looma_backup::restore(backup, into, &meter).await.context("nothing was restored")?;
    say(common, &json!({ "folder": into, "bytes": meter.passed() }), |_| {
        format!("Restored {} bytes into {}; start with `looma up --data {}`", meter.passed(), into.display(), into.display())
    })?;
    Ok(ExitCode::SUCCESS)
}

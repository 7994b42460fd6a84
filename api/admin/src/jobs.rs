//! Long tasks of all services, newest first.

use chrono::{DateTime, Utc};
use looma_kernel::types::admin::BackgroundJob;
use looma_kernel::types::backup::{Backup, BackupState};
use looma_kernel::types::resume::Import;
use looma_kernel::types::{Page, Permission, ServiceName};
use looma_kernel::{Actor, Client, ListQuery, Result};
use serde::de::DeserializeOwned;
use uuid::Uuid;

/// The newest imports and backups that the actor may see: at most 200 of each.
pub(crate) async fn list(client: &Client, actor: &Actor, query: ListQuery) -> Result<Page<BackgroundJob>> {
    let limit = query.limit()?;
    let before: Option<(DateTime<Utc>, Uuid)> = query.after()?;
    let (imports, backups) = tokio::try_join!(
        newest::<Import>(client, actor, Permission::ReadResumes, ServiceName::Resume, "/api/v1/resumes/imports?limit=200"),
        newest::<Backup>(client, actor, Permission::ManageBackups, ServiceName::Backup, "/api/v1/backups?limit=200"),
    )?;
    let mut jobs: Vec<BackgroundJob> = imports.into_iter().map(of_import).chain(backups.into_iter().map(of_backup)).collect();
    jobs.sort_unstable_by_key(|job| std::cmp::Reverse((job.updated_at, job.id)));
    jobs.retain(|job| before.is_none_or(|before| (job.updated_at, job.id) < before));
    jobs.truncate(limit as usize + 1);
    Ok(ListQuery::page(limit, jobs, |job| (job.updated_at, job.id)))
}

async fn newest<T: DeserializeOwned>(
    client: &Client,
    actor: &Actor,
    permission: Permission,
    service: ServiceName,
    path: &str,
) -> Result<Vec<T>> {
    if !actor.can(permission) {
        return Ok(vec![]);
    }
    match client.get_as::<Page<T>>(actor, service, path).await {
        Ok(page) => Ok(page.items),
        // A service that is away must not hide the others' jobs; the monitor tells that it is away.
        Err(failure) if failure.status().is_server_error() => {
            tracing::warn!(%service, %failure, "the jobs of a service are missing from the list");
            Ok(vec![])
        }
        Err(failure) => Err(failure),
    }
}

fn of_import(import: Import) -> BackgroundJob {
    BackgroundJob {
        id: import.id.0,
        kind: "import".into(),
        state: import.state.as_str().into(),
        progress: import.progress,
        title: import.file_name,
        updated_at: import.updated_at,
    }
}

fn of_backup(backup: Backup) -> BackgroundJob {
    let (state, progress) = match backup.state {
        BackupState::Running => ("running", 0.0),
        BackupState::Done => ("done", 1.0),
        BackupState::Failed => ("failed", 1.0),
    };
    BackgroundJob {
        id: backup.id.0,
        kind: "backup".into(),
        state: state.into(),
        progress,
        title: format!("Backup of {}", backup.created_at.format("%Y-%m-%d %H:%M UTC")),
        updated_at: backup.finished_at.unwrap_or(backup.created_at),
    }
}

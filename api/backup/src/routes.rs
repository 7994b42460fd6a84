//! `/api/v1/backups`.

use crate::service::BackupService;
use axum::extract::State;
use looma_kernel::access::ManageBackups;
use looma_kernel::types::backup::{Backup, RestoreRequest, Restored, Verification};
use looma_kernel::types::{BackupId, Page, Problem};
use looma_kernel::{Allowed, ListQuery, Path, Query, Reply, Result, Valid};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(crate) fn routes(service: BackupService) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, delete))
        .routes(routes!(verify))
        .routes(routes!(restore))
        .with_state(service)
}

/// Backups, newest first, without their lists of files.
#[utoipa::path(get, path = "/api/v1/backups", params(ListQuery), tag = "backups",
    responses((status = 200, body = Page<Backup>), (status = "4XX", body = Problem)))]
async fn list(State(service): State<BackupService>, _: Allowed<ManageBackups>, Query(query): Query<ListQuery>) -> Result<Reply<Page<Backup>>> {
    Ok(Reply::ok(service.list(query).await?))
}

/// Begins a backup; writes go on meanwhile.
#[utoipa::path(post, path = "/api/v1/backups", tag = "backups",
    responses((status = 202, body = Backup), (status = "4XX", body = Problem)))]
async fn create(State(service): State<BackupService>, Allowed(actor, ..): Allowed<ManageBackups>) -> Result<Reply<Backup>> {
    let backup = service.create(&actor).await?;
    Ok(Reply::accepted(format!("/api/v1/backups/{}", backup.id), backup))
}

/// One backup with its files.
#[utoipa::path(get, path = "/api/v1/backups/{id}", params(("id" = BackupId, Path)), tag = "backups",
    responses((status = 200, body = Backup), (status = "4XX", body = Problem)))]
async fn get(State(service): State<BackupService>, _: Allowed<ManageBackups>, Path(id): Path<BackupId>) -> Result<Reply<Backup>> {
    Ok(Reply::ok(service.get(id).await?))
}

/// Deletes a backup.
#[utoipa::path(delete, path = "/api/v1/backups/{id}", params(("id" = BackupId, Path)), tag = "backups",
    responses((status = 204), (status = "4XX", body = Problem)))]
async fn delete(State(service): State<BackupService>, Allowed(actor, ..): Allowed<ManageBackups>, Path(id): Path<BackupId>) -> Result<Reply<()>> {
    service.delete(&actor, id).await?;
    Ok(Reply::gone())
}

/// Checks that a backup is whole.
#[utoipa::path(post, path = "/api/v1/backups/{id}/verify", params(("id" = BackupId, Path)), tag = "backups",
    responses((status = 200, body = Verification), (status = "4XX", body = Problem)))]
async fn verify(State(service): State<BackupService>, _: Allowed<ManageBackups>, Path(id): Path<BackupId>) -> Result<Reply<Verification>> {
    Ok(Reply::ok(service.verify(id).await?))
}

/// Restores a backup into the new folder `restored/<target>` beside the backups, never over a running system. Start
/// `looma up --data` with that folder to use it.
#[utoipa::path(post, path = "/api/v1/backups/{id}/restore", params(("id" = BackupId, Path)), request_body = RestoreRequest, tag = "backups",
    responses((status = 200, body = Restored), (status = "4XX", body = Problem)))]
async fn restore(State(service): State<BackupService>, Allowed(actor, ..): Allowed<ManageBackups>, Path(id): Path<BackupId>, Valid(request): Valid<RestoreRequest>) -> Result<Reply<Restored>> {
    Ok(Reply::ok(service.restore(&actor, id, &request.target).await?))
}

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
async fn list(
    State(service): State<BackupService>,
    _: Allowed<ManageBackups>,
    Query(query): Query<ListQuery>,
) -> Result<Reply<Page<Backup>>> {
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
async fn delete(
    State(service): State<BackupService>,
    Allowed(actor, ..): Allowed<ManageBackups>,
    Path(id): Path<BackupId>,
) -> Result<Reply<()>> {
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
async fn restore(
    State(service): State<BackupService>,
    Allowed(actor, ..): Allowed<ManageBackups>,
    Path(id): Path<BackupId>,
    Valid(request): Valid<RestoreRequest>,
) -> Result<Reply<Restored>> {
    Ok(Reply::ok(service.restore(&actor, id, &request.target).await?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{Method, StatusCode};
    use looma_kernel::logs::LogRing;
    use looma_kernel::types::backup::BackupState;
    use looma_kernel::types::record::Ref;
    use looma_kernel::types::{RecordKind, ServiceName, WorkspaceId};
    use looma_kernel::{Change, Kernel, Settings};
    use std::time::Duration;

    const SERVICE: ServiceName = ServiceName::Backup;

    #[tokio::test]
    async fn a_running_system_is_saved_checked_and_restored() {
        let top = tempfile::tempdir().unwrap();
        let mut settings = Settings { data: top.path().join("data"), ..Settings::default() };
        settings.stores.data.clone_from(&settings.data);
        let kernel = Kernel::open(settings.clone(), LogRing::new(100)).await.unwrap();
        let _served = crate::app(&kernel).await.unwrap().finish();
        let ann = kernel.service_actor(SERVICE, WorkspaceId::new()).unwrap();
        let client = kernel.client();
        let mut tx = kernel.stores().sql.begin().await.unwrap();
        tx.event(ann.event(Ref::new(RecordKind::User, ann.id), 1, "user.login", Change::Note)).await.unwrap();
        tx.commit().await.unwrap();

        let begun = client.call(SERVICE, Method::POST, "/api/v1/backups").actor(&ann).send().await.unwrap();
        assert_eq!(begun.status, StatusCode::ACCEPTED);
        let address = begun.headers["location"].to_str().unwrap().to_owned();
        let mut backup: Backup = begun.json().unwrap();
        for _ in 0..200 {
            if backup.state != BackupState::Running {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
            backup = client.get_as(&ann, SERVICE, &address).await.unwrap();
        }
        assert_eq!((backup.state, &backup.problem), (BackupState::Done, &None));

        let checked = client.call(SERVICE, Method::POST, format!("{address}/verify")).actor(&ann).send().await.unwrap();
        let checked: Verification = checked.json().unwrap();
        assert!(checked.ok && checked.checked_files >= 2, "{checked:?}");
        let request = |target: &str| RestoreRequest { target: target.into() };
        let restored: Restored =
            client.post_as(&ann, SERVICE, format!("{address}/restore"), &request("again")).await.unwrap().json().unwrap();
        let failure = client.post_as(&ann, SERVICE, format!("{address}/restore"), &request("again")).await.unwrap_err();
        assert_eq!(failure.status(), StatusCode::CONFLICT);
        let failure = client.post_as(&ann, SERVICE, format!("{address}/restore"), &request("../up")).await.unwrap_err();
        assert_eq!(failure.status(), StatusCode::UNPROCESSABLE_ENTITY);

        let gone = client.call(SERVICE, Method::DELETE, &address).actor(&ann).send().await.unwrap();
        assert_eq!(gone.status, StatusCode::NO_CONTENT);
        let page: Page<Backup> = client.get_as(&ann, SERVICE, "/api/v1/backups").await.unwrap();
        assert_eq!(page.items, []);
        kernel.stop().await;

        settings.data = restored.folder.into();
        settings.stores.data.clone_from(&settings.data);
        let again = Kernel::open(settings, LogRing::new(100)).await.unwrap();
        let events = again.stores().sql.events_after(0, 10).await.unwrap();
        assert_eq!(events[0].action, "user.login");
        again.stop().await;
    }

    #[tokio::test]
    async fn a_system_in_memory_has_nothing_to_save() {
        let kernel = Kernel::open(Settings::in_memory(), LogRing::new(100)).await.unwrap();
        let _served = crate::app(&kernel).await.unwrap().finish();
        let ann = kernel.service_actor(SERVICE, WorkspaceId::new()).unwrap();
        let refused = kernel.client().call(SERVICE, Method::POST, "/api/v1/backups").actor(&ann).send_any().await.unwrap();
        assert_eq!(refused.status, StatusCode::CONFLICT);
        kernel.stop().await;
    }
}

//! `/api/v1/backups`.

use crate::service::BackupService;
use axum::extract::State;
use looma_kernel::access::ManageBackups;
use looma_kernel::types::backup::{Backup, BackupJob, RestoreRequest};
use looma_kernel::types::{BackupId, BackupJobId, Page, Problem};
use looma_kernel::{Allowed, ListQuery, Path, Query, Reply, Result, Valid};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(crate) fn routes(service: BackupService) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, delete))
        .routes(routes!(verify))
        .routes(routes!(restore))
        .routes(routes!(job))
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

/// Begins to check that a backup is whole.
#[utoipa::path(post, path = "/api/v1/backups/{id}/verify", params(("id" = BackupId, Path)), tag = "backups",
    responses((status = 202, body = BackupJob), (status = "4XX", body = Problem)))]
async fn verify(State(service): State<BackupService>, _: Allowed<ManageBackups>, Path(id): Path<BackupId>) -> Result<Reply<BackupJob>> {
    Ok(accepted(service.verify(id).await?))
}

/// Begins to restore a backup into the new folder `restored/<target>` beside the backups, never over a running system. When
/// the job is done, start `looma up --data` with that folder to use it.
#[utoipa::path(post, path = "/api/v1/backups/{id}/restore", params(("id" = BackupId, Path)), request_body = RestoreRequest, tag = "backups",
    responses((status = 202, body = BackupJob), (status = "4XX", body = Problem)))]
async fn restore(
    State(service): State<BackupService>,
    Allowed(actor, ..): Allowed<ManageBackups>,
    Path(id): Path<BackupId>,
    Valid(request): Valid<RestoreRequest>,
) -> Result<Reply<BackupJob>> {
    Ok(accepted(service.restore(&actor, id, &request.target).await?))
}

/// How a check or a restore is, and what came of it.
#[utoipa::path(get, path = "/api/v1/backups/{id}/jobs/{job}", params(("id" = BackupId, Path), ("job" = BackupJobId, Path)), tag = "backups",
    responses((status = 200, body = BackupJob), (status = "4XX", body = Problem)))]
async fn job(
    State(service): State<BackupService>,
    _: Allowed<ManageBackups>,
    Path((id, job)): Path<(BackupId, BackupJobId)>,
) -> Result<Reply<BackupJob>> {
    Ok(Reply::ok(service.job(id, job)?))
}

fn accepted(job: BackupJob) -> Reply<BackupJob> {
    Reply::accepted(format!("/api/v1/backups/{}/jobs/{}", job.backup_id, job.id), job)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{Method, StatusCode};
    use looma_kernel::client::Answer;
    use looma_kernel::logs::LogRing;
    use looma_kernel::types::backup::BackupState;
    use looma_kernel::types::record::Ref;
    use looma_kernel::types::{RecordKind, ServiceName, WorkspaceId};
    use looma_kernel::{Actor, Change, Client, Kernel, Settings};
    use std::time::Duration;

    const SERVICE: ServiceName = ServiceName::Backup;

    /// The job that an answer speaks of, when it is done.
    async fn ended(client: &Client, ann: &Actor, begun: &Answer) -> BackupJob {
        assert_eq!(begun.status, StatusCode::ACCEPTED);
        let address = begun.headers["location"].to_str().unwrap();
        for _ in 0..200 {
            let job: BackupJob = client.get_as(ann, SERVICE, address).await.unwrap();
            if job.state != BackupState::Running {
                assert_eq!((job.state, &job.problem, job.progress.total_cmp(&1.0)), (BackupState::Done, &None, std::cmp::Ordering::Equal));
                return job;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the job does not end");
    }

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

        let checking = client.call(SERVICE, Method::POST, format!("{address}/verify")).actor(&ann).send().await.unwrap();
        let checked = ended(client, &ann, &checking).await;
        let verification = checked.verification.unwrap();
        assert!(verification.ok && verification.checked_files == 1, "{verification:?}");
        let backup: Backup = client.get_as(&ann, SERVICE, &address).await.unwrap();
        assert!(backup.verified_at.is_some());
        let request = |target: &str| RestoreRequest { target: target.into() };
        let restoring = client.post_as(&ann, SERVICE, format!("{address}/restore"), &request("again")).await.unwrap();
        let restored = ended(client, &ann, &restoring).await.restored.unwrap();
        let failure = client.post_as(&ann, SERVICE, format!("{address}/restore"), &request("again")).await.unwrap_err();
        assert_eq!(failure.status(), StatusCode::CONFLICT);
        let failure = client.post_as(&ann, SERVICE, format!("{address}/restore"), &request("../up")).await.unwrap_err();
        assert_eq!(failure.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let elsewhere = format!("/api/v1/backups/{}/jobs/{}", BackupId::new(), checked.id);
        let failure = client.get_as::<BackupJob>(&ann, SERVICE, &elsewhere).await.unwrap_err();
        assert_eq!(failure.status(), StatusCode::NOT_FOUND);

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
    async fn a_system_in_memory_is_saved_where_it_is_told_to() {
        let mut settings = Settings::in_memory();
        let create = async |settings: &Settings| {
            let kernel = Kernel::open(settings.clone(), LogRing::new(100)).await.unwrap();
            let _served = crate::app(&kernel).await.unwrap().finish();
            let ann = kernel.service_actor(SERVICE, WorkspaceId::new()).unwrap();
            let answer = kernel.client().call(SERVICE, Method::POST, "/api/v1/backups").actor(&ann).send_any().await.unwrap();
            kernel.stop().await;
            answer.status
        };
        assert_eq!(create(&settings).await, StatusCode::CONFLICT);
        let top = tempfile::tempdir().unwrap();
        settings.backup.folder = Some(top.path().to_path_buf());
        assert_eq!(create(&settings).await, StatusCode::ACCEPTED);
    }
}

//! `/api/v1/admin`.

use crate::{audit, duplicates, jobs, workspaces};
use axum::extract::{RawQuery, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use looma_kernel::access::{ManageDuplicates, ManageUsers, ManageWorkspaces, ReadAudit};
use looma_kernel::patch::Patch;
use looma_kernel::types::admin::{AuditEntry, BackgroundJob, DuplicateGroup, PermissionRow, Workspace, WorkspaceDraft};
use looma_kernel::types::user::User;
use looma_kernel::types::{Page, Problem, WorkspaceId};
use looma_kernel::{Allowed, IfMatch, Kernel, ListQuery, Path, Query, Reply, Result, Valid};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

pub(crate) fn routes(kernel: Kernel) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list_workspaces, create_workspace))
        .routes(routes!(get_workspace, patch_workspace))
        .routes(routes!(list_users))
        .routes(routes!(permissions))
        .routes(routes!(audit_log))
        .routes(routes!(export_audit_log))
        .routes(routes!(find_duplicates))
        .routes(routes!(list_jobs))
        .with_state(kernel)
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct AuditQuery {
    /// How many entries, 1 to 200; 50 when not said.
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// Such as `user.login`.
    action: Option<String>,
    /// The id of the user, API key or service.
    actor: Option<Uuid>,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ExportQuery {
    /// The `sequence` of the last entry that one has; from the first when not said.
    after: Option<i64>,
}

/// All workspaces.
#[utoipa::path(get, path = "/api/v1/admin/workspaces", params(ListQuery), tag = "admin",
    responses((status = 200, body = Page<Workspace>), (status = "4XX", body = Problem)))]
async fn list_workspaces(
    State(kernel): State<Kernel>,
    Allowed(actor, ..): Allowed<ManageWorkspaces>,
    RawQuery(query): RawQuery,
) -> Result<Response> {
    workspaces::list(kernel.client(), &actor, "workspaces", query.as_deref()).await
}

/// Creates a workspace.
#[utoipa::path(post, path = "/api/v1/admin/workspaces", request_body = WorkspaceDraft, tag = "admin",
    responses((status = 201, body = Workspace), (status = "4XX", body = Problem)))]
async fn create_workspace(
    State(kernel): State<Kernel>,
    Allowed(actor, ..): Allowed<ManageWorkspaces>,
    Valid(draft): Valid<WorkspaceDraft>,
) -> Result<Response> {
    workspaces::create(kernel.client(), &actor, &draft).await
}

/// One workspace.
#[utoipa::path(get, path = "/api/v1/admin/workspaces/{id}", params(("id" = WorkspaceId, Path)), tag = "admin",
    responses((status = 200, body = Workspace), (status = "4XX", body = Problem)))]
async fn get_workspace(
    State(kernel): State<Kernel>,
    Allowed(actor, ..): Allowed<ManageWorkspaces>,
    Path(id): Path<WorkspaceId>,
) -> Result<Response> {
    workspaces::get(kernel.client(), &actor, id).await
}

/// Changes a workspace by JSON merge patch.
#[utoipa::path(patch, path = "/api/v1/admin/workspaces/{id}", params(("id" = WorkspaceId, Path)), request_body = Object, tag = "admin",
    responses((status = 200, body = Workspace), (status = "4XX", body = Problem)))]
async fn patch_workspace(
    State(kernel): State<Kernel>,
    Allowed(actor, ..): Allowed<ManageWorkspaces>,
    Path(id): Path<WorkspaceId>,
    expected: IfMatch,
    patch: Patch,
) -> Result<Response> {
    workspaces::patch(kernel.client(), &actor, id, expected, &patch).await
}

/// The users of the workspace; takes the query of `GET /api/v1/users`.
#[utoipa::path(get, path = "/api/v1/admin/users", params(ListQuery), tag = "admin",
    responses((status = 200, body = Page<User>), (status = "4XX", body = Problem)))]
async fn list_users(State(kernel): State<Kernel>, Allowed(actor, ..): Allowed<ManageUsers>, RawQuery(query): RawQuery) -> Result<Response> {
    workspaces::list(kernel.client(), &actor, "users", query.as_deref()).await
}

/// Which role has which permission.
#[utoipa::path(get, path = "/api/v1/admin/permissions", tag = "admin",
    responses((status = 200, body = Page<PermissionRow>), (status = "4XX", body = Problem)))]
async fn permissions(_: Allowed<ManageUsers>) -> Reply<Page<PermissionRow>> {
    Reply::ok(audit::permissions())
}

/// Who did what, newest first.
#[utoipa::path(get, path = "/api/v1/admin/audit", params(AuditQuery), tag = "admin",
    responses((status = 200, body = Page<AuditEntry>), (status = "4XX", body = Problem)))]
async fn audit_log(
    State(kernel): State<Kernel>,
    Allowed(actor, ..): Allowed<ReadAudit>,
    Query(query): Query<AuditQuery>,
) -> Result<Reply<Page<AuditEntry>>> {
    let sought = audit::Sought { action: query.action, actor: query.actor };
    Ok(Reply::ok(audit::list(&kernel.stores().sql, &actor, sought, ListQuery::new(query.limit, query.cursor)).await?))
}

/// The whole audit log, oldest first: a line of JSON for each entry, with the hash that proves it and those before. `docs/audit.md`
/// says how to check it.
#[utoipa::path(get, path = "/api/v1/admin/audit/export", params(ExportQuery), tag = "admin",
    responses((status = 200, body = String, content_type = "application/x-ndjson"), (status = "4XX", body = Problem)))]
async fn export_audit_log(
    State(kernel): State<Kernel>,
    Allowed(actor, ..): Allowed<ReadAudit>,
    Query(query): Query<ExportQuery>,
) -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, "application/x-ndjson"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"audit.ndjson\""),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, audit::export(kernel.stores().sql.clone(), actor.workspace, query.after.unwrap_or(0)))
}

/// People that look like one, among the first 10,000.
#[utoipa::path(get, path = "/api/v1/admin/duplicates", params(ListQuery), tag = "admin",
    responses((status = 200, body = Page<DuplicateGroup>), (status = "4XX", body = Problem)))]
async fn find_duplicates(
    State(kernel): State<Kernel>,
    Allowed(actor, ..): Allowed<ManageDuplicates>,
    Query(query): Query<ListQuery>,
) -> Result<Reply<Page<DuplicateGroup>>> {
    Ok(Reply::ok(duplicates::find(kernel.client(), &actor, query).await?))
}

/// The newest imports and backups, newest first.
#[utoipa::path(get, path = "/api/v1/admin/jobs", params(ListQuery), tag = "admin",
    responses((status = 200, body = Page<BackgroundJob>), (status = "4XX", body = Problem)))]
async fn list_jobs(
    State(kernel): State<Kernel>,
    Allowed(actor, ..): Allowed<ReadAudit>,
    Query(query): Query<ListQuery>,
) -> Result<Reply<Page<BackgroundJob>>> {
    Ok(Reply::ok(jobs::list(kernel.client(), &actor, query).await?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::{Body, to_bytes};
    use axum::http::Request;
    use looma_kernel::logs::LogRing;
    use looma_kernel::types::record::Ref;
    use looma_kernel::types::{RecordKind, ServiceName};
    use looma_kernel::{Change, Settings};

    #[tokio::test]
    async fn the_audit_log_tells_what_was_done_newest_first() {
        let kernel = Kernel::open(Settings::in_memory(), LogRing::new(100)).await.unwrap();
        let _served = crate::app(&kernel).await.unwrap().finish();
        let ann = kernel.service_actor(ServiceName::Admin, WorkspaceId::new()).unwrap();
        for action in ["user.login", "job.publish", "user.login"] {
            let mut tx = kernel.stores().sql.begin().await.unwrap();
            tx.event(ann.event(Ref::new(RecordKind::User, ann.id), 1, action, Change::Note)).await.unwrap();
            tx.commit().await.unwrap();
        }
        let get = async |query: &str| {
            let path = format!("/api/v1/admin/audit?{query}");
            kernel.client().get_as::<Page<AuditEntry>>(&ann, ServiceName::Admin, path).await.unwrap()
        };
        let first = get("limit=2").await;
        let rest = get(&format!("limit=2&cursor={}", first.next_cursor.unwrap())).await;
        let actions: Vec<&str> = first.items.iter().chain(&rest.items).map(|entry| entry.action.as_str()).collect();
        assert_eq!(actions, ["user.login", "job.publish", "user.login"]);
        assert_eq!(get(&format!("action=user.login&actor={}", ann.id)).await.items.len(), 2);
        assert_eq!(get(&format!("actor={}", Uuid::from_u128(1))).await.items, []);
        kernel.stop().await;
    }

    #[tokio::test]
    async fn an_export_holds_every_entry_of_the_workspace_in_order() {
        let kernel = Kernel::open(Settings::in_memory(), LogRing::new(100)).await.unwrap();
        let _served = crate::app(&kernel).await.unwrap().finish();
        let ann = kernel.service_actor(ServiceName::Admin, WorkspaceId::new()).unwrap();
        let bob = kernel.service_actor(ServiceName::Admin, WorkspaceId::new()).unwrap();
        for number in 0..1_203 {
            let actor = if number % 2 == 0 { &ann } else { &bob };
            let mut tx = kernel.stores().sql.begin().await.unwrap();
            tx.event(actor.event(Ref::new(RecordKind::User, actor.id), number, "user.login", Change::Note)).await.unwrap();
            tx.commit().await.unwrap();
        }
        let export = async |query: &str| {
            let request =
                Request::get(format!("/api/v1/admin/audit/export{query}")).header("authorization", format!("Bearer {}", ann.token()));
            let answer = kernel.client().forward(ServiceName::Admin, request.body(Body::empty()).unwrap()).await.unwrap();
            assert_eq!(answer.headers()["content-type"], "application/x-ndjson");
            let bytes = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
            let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
            lines.map(|line| serde_json::from_slice::<serde_json::Value>(line).unwrap()).collect::<Vec<_>>()
        };
        let all = export("").await;
        assert!(all.iter().map(|line| line["entry"]["sequence"].as_i64().unwrap()).eq(1..=602));
        assert!(all.iter().all(|line| line["entry"]["workspace_id"] == ann.workspace.to_string()));
        assert_eq!(export("?after=600").await, all[600..]);
        kernel.stop().await;
    }
}

//! `/api/v1/workspaces`.

use crate::service::UserService;
use axum::extract::State;
use looma_kernel::access::ManageWorkspaces;
use looma_kernel::patch::Patch;
use looma_kernel::types::admin::{Workspace, WorkspaceDraft};
use looma_kernel::types::{Page, Problem, WorkspaceId};
use looma_kernel::{Allowed, IfMatch, ListQuery, Path, Query, Reply, Result, Valid};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<UserService> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(get, patch))
}

/// Workspaces in order of name.
#[utoipa::path(get, path = "/api/v1/workspaces", params(ListQuery), tag = "workspaces",
    responses((status = 200, body = Page<Workspace>), (status = "4XX", body = Problem)))]
async fn list(
    State(service): State<UserService>,
    _: Allowed<ManageWorkspaces>,
    Query(query): Query<ListQuery>,
) -> Result<Reply<Page<Workspace>>> {
    Ok(Reply::ok(service.workspaces(&query).await?))
}

/// Creates a workspace; its first user is made by `POST /api/v1/users?workspace_id=…`.
#[utoipa::path(post, path = "/api/v1/workspaces", request_body = WorkspaceDraft, tag = "workspaces",
    responses((status = 201, body = Workspace), (status = "4XX", body = Problem)))]
async fn create(
    State(service): State<UserService>,
    Allowed(actor, ..): Allowed<ManageWorkspaces>,
    Valid(draft): Valid<WorkspaceDraft>,
) -> Result<Reply<Workspace>> {
    let workspace = service.create_workspace(&actor, draft).await?;
    Ok(Reply::created(format!("/api/v1/workspaces/{}", workspace.id), workspace.version, workspace))
}

/// One workspace.
#[utoipa::path(get, path = "/api/v1/workspaces/{id}", params(("id" = WorkspaceId, Path)), tag = "workspaces",
    responses((status = 200, body = Workspace), (status = "4XX", body = Problem)))]
async fn get(State(service): State<UserService>, _: Allowed<ManageWorkspaces>, Path(id): Path<WorkspaceId>) -> Result<Reply<Workspace>> {
    let workspace = service.workspace(id).await?;
    Ok(Reply::record(workspace.version, workspace))
}

/// Changes a workspace by JSON merge patch.
#[utoipa::path(patch, path = "/api/v1/workspaces/{id}", params(("id" = WorkspaceId, Path)), request_body = Object, tag = "workspaces",
    responses((status = 200, body = Workspace), (status = "4XX", body = Problem)))]
async fn patch(
    State(service): State<UserService>,
    Allowed(actor, ..): Allowed<ManageWorkspaces>,
    Path(id): Path<WorkspaceId>,
    expected: IfMatch,
    patch: Patch,
) -> Result<Reply<Workspace>> {
    let current = service.workspace(id).await?;
    let draft = patch.apply(&current.fields)?;
    let workspace = service.change_workspace(&actor, &current, expected, draft).await?;
    Ok(Reply::record(workspace.version, workspace))
}

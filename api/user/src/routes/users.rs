//! `/api/v1/users`.

use crate::service::UserService;
use crate::store::List;
use axum::extract::State;
use looma_kernel::access::{ManageUsers, ReadOwnUser, ReadUsers};
use looma_kernel::patch::Patch;
use looma_kernel::types::user::{ChangePassword, NewUser, User, UserDraft, UserStatus};
use looma_kernel::types::{Decision, Page, Permission, Problem, Ref, Role, UserId, WorkspaceId};
use looma_kernel::{Allowed, Failure, IfMatch, ListQuery, Path, Query, Reply, Result, Valid};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<UserService> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(me))
        .routes(routes!(get, replace, patch, delete))
        .routes(routes!(change_password))
        .routes(routes!(may))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Filter {
    /// How many records, 1 to 200; 50 when not said.
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// Part of the name or e-mail address.
    q: Option<String>,
    role: Option<Role>,
    status: Option<UserStatus>,
    /// Another workspace; super administrators only.
    workspace_id: Option<WorkspaceId>,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Scope {
    /// Another workspace; super administrators only.
    pub workspace_id: Option<WorkspaceId>,
}

/// Users in order of name.
#[utoipa::path(get, path = "/api/v1/users", params(Filter), tag = "users",
    responses((status = 200, body = Page<User>), (status = "4XX", body = Problem)))]
async fn list(
    State(service): State<UserService>,
    Allowed(actor, ..): Allowed<ReadUsers>,
    Query(filter): Query<Filter>,
) -> Result<Reply<Page<User>>> {
    let workspace = UserService::workspace_of(&actor, filter.workspace_id)?;
    let list = List { query: ListQuery::new(filter.limit, filter.cursor), q: filter.q, role: filter.role, status: filter.status };
    Ok(Reply::ok(service.list(workspace, list).await?))
}

/// Creates a user with a first password.
#[utoipa::path(post, path = "/api/v1/users", params(Scope), request_body = NewUser, tag = "users",
    responses((status = 201, body = User), (status = "4XX", body = Problem)))]
async fn create(
    State(service): State<UserService>,
    Allowed(actor, ..): Allowed<ManageUsers>,
    Query(scope): Query<Scope>,
    Valid(new): Valid<NewUser>,
) -> Result<Reply<User>> {
    let workspace = UserService::workspace_of(&actor, scope.workspace_id)?;
    let (user, position) = service.create(&actor, workspace, new).await?;
    Ok(Reply::created(format!("/api/v1/users/{}", user.id), user.version, user).at(position))
}

/// Yourself.
#[utoipa::path(get, path = "/api/v1/users/me", tag = "users", responses((status = 200, body = User), (status = "4XX", body = Problem)))]
async fn me(State(service): State<UserService>, Allowed(actor, ..): Allowed<ReadOwnUser>) -> Result<Reply<User>> {
    let user = service.self_of(&actor).await?;
    Ok(Reply::record(user.version, user))
}

/// One user.
#[utoipa::path(get, path = "/api/v1/users/{id}", params(("id" = UserId, Path), Scope), tag = "users",
    responses((status = 200, body = User), (status = "4XX", body = Problem)))]
async fn get(
    State(service): State<UserService>,
    Allowed(actor, ..): Allowed<ReadOwnUser>,
    Path(id): Path<UserId>,
    Query(scope): Query<Scope>,
) -> Result<Reply<User>> {
    let user = service.get(&actor, UserService::workspace_of(&actor, scope.workspace_id)?, id).await?;
    Ok(Reply::record(user.version, user))
}

/// Replaces a user. Oneself may change name, contact, locale and metadata; another role or status ends the sessions.
#[utoipa::path(put, path = "/api/v1/users/{id}", params(("id" = UserId, Path), Scope), request_body = UserDraft, tag = "users",
    responses((status = 200, body = User), (status = "4XX", body = Problem)))]
async fn replace(
    State(service): State<UserService>,
    Allowed(actor, ..): Allowed<ReadOwnUser>,
    Path(id): Path<UserId>,
    Query(scope): Query<Scope>,
    expected: IfMatch,
    Valid(draft): Valid<UserDraft>,
) -> Result<Reply<User>> {
    let current = service.get(&actor, UserService::workspace_of(&actor, scope.workspace_id)?, id).await?;
    let (user, position) = service.replace(&actor, &current, expected, draft).await?;
    Ok(Reply::record(user.version, user).at(position))
}

/// Changes a user by JSON merge patch.
#[utoipa::path(patch, path = "/api/v1/users/{id}", params(("id" = UserId, Path), Scope), request_body = Object, tag = "users",
    responses((status = 200, body = User), (status = "4XX", body = Problem)))]
async fn patch(
    State(service): State<UserService>,
    Allowed(actor, ..): Allowed<ReadOwnUser>,
    Path(id): Path<UserId>,
    Query(scope): Query<Scope>,
    expected: IfMatch,
    patch: Patch,
) -> Result<Reply<User>> {
    let current = service.get(&actor, UserService::workspace_of(&actor, scope.workspace_id)?, id).await?;
    let draft = patch.apply(&current.fields)?;
    let (user, position) = service.replace(&actor, &current, expected, draft).await?;
    Ok(Reply::record(user.version, user).at(position))
}

/// Deletes a user with their sessions and API keys.
#[utoipa::path(delete, path = "/api/v1/users/{id}", params(("id" = UserId, Path), Scope), tag = "users",
    responses((status = 204), (status = "4XX", body = Problem)))]
async fn delete(
    State(service): State<UserService>,
    Allowed(actor, ..): Allowed<ManageUsers>,
    Path(id): Path<UserId>,
    Query(scope): Query<Scope>,
    expected: IfMatch,
) -> Result<Reply<()>> {
    let workspace = UserService::workspace_of(&actor, scope.workspace_id)?;
    Ok(Reply::gone().at(service.delete(&actor, workspace, id, expected).await?))
}

/// Sets a new password and ends the user's other sessions.
#[utoipa::path(post, path = "/api/v1/users/{id}/change-password", params(("id" = UserId, Path), Scope), request_body = ChangePassword, tag = "users",
    responses((status = 204), (status = "4XX", body = Problem)))]
async fn change_password(
    State(service): State<UserService>,
    Allowed(actor, ..): Allowed<ReadOwnUser>,
    Path(id): Path<UserId>,
    Query(scope): Query<Scope>,
    Valid(change): Valid<ChangePassword>,
) -> Result<Reply<()>> {
    let workspace = UserService::workspace_of(&actor, scope.workspace_id)?;
    Ok(Reply::gone().at(service.change_password(&actor, workspace, id, change).await?))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Question {
    /// Such as `people:write`.
    permission: Permission,
    /// What it is about, such as `person:0190…`; whatever the permission is about when not said.
    record: Option<String>,
}

/// Whether a user may do something, to a record where one is named, and why. Others than oneself takes `users:manage`.
#[utoipa::path(get, path = "/api/v1/users/{id}/may", params(("id" = UserId, Path), Question), tag = "users",
    responses((status = 200, body = Decision), (status = "4XX", body = Problem)))]
async fn may(
    State(service): State<UserService>,
    Allowed(actor, ..): Allowed<ReadOwnUser>,
    Path(id): Path<UserId>,
    Query(asked): Query<Question>,
) -> Result<Reply<Decision>> {
    let record = asked.record.map(|text| text.parse::<Ref>()).transpose();
    let record = record.map_err(|error| Failure::field("record", "format", error))?;
    Ok(Reply::ok(service.may(&actor, id, asked.permission, record).await?))
}

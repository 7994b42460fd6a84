//! `/api/v1/oauth-clients`, and the apps that a user has let in: `/api/v1/users/me/apps`.

use super::secret;
use crate::service::UserService;
use axum::extract::State;
use axum::response::Response;
use looma_kernel::access::{ManageUsers, ReadOwnUser};
use looma_kernel::types::oauth::{AppAccess, Client, ClientDraft};
use looma_kernel::types::{ClientId, Page, Problem};
use looma_kernel::{Allowed, IfMatch, ListQuery, Path, Query, Reply, Result, Valid};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<UserService> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, replace, delete))
        .routes(routes!(rotate))
        .routes(routes!(apps))
        .routes(routes!(end_app))
}

/// The apps that are known in the workspace, in order of name.
#[utoipa::path(get, path = "/api/v1/oauth-clients", params(ListQuery), tag = "oauth",
    responses((status = 200, body = Page<Client>), (status = "4XX", body = Problem)))]
async fn list(
    State(service): State<UserService>,
    Allowed(actor, ..): Allowed<ManageUsers>,
    Query(query): Query<ListQuery>,
) -> Result<Reply<Page<Client>>> {
    Ok(Reply::ok(service.clients(&actor, &query).await?))
}

/// Makes an app known; only this answer holds the secret of a confidential one.
#[utoipa::path(post, path = "/api/v1/oauth-clients", request_body = ClientDraft, tag = "oauth",
    responses((status = 201, body = Client), (status = "4XX", body = Problem)))]
async fn create(
    State(service): State<UserService>,
    Allowed(actor, ..): Allowed<ManageUsers>,
    Valid(draft): Valid<ClientDraft>,
) -> Result<Response> {
    let client = service.create_client(&actor, draft).await?;
    Ok(secret(Reply::created(format!("/api/v1/oauth-clients/{}", client.id), client.version, client)))
}

/// One app.
#[utoipa::path(get, path = "/api/v1/oauth-clients/{id}", params(("id" = ClientId, Path)), tag = "oauth",
    responses((status = 200, body = Client), (status = "4XX", body = Problem)))]
async fn get(
    State(service): State<UserService>,
    Allowed(actor, ..): Allowed<ManageUsers>,
    Path(id): Path<ClientId>,
) -> Result<Reply<Client>> {
    let client = service.client(&actor, id).await?;
    Ok(Reply::record(client.version, client))
}

/// Replaces what is said about an app. The tokens it got for itself end.
#[utoipa::path(put, path = "/api/v1/oauth-clients/{id}", params(("id" = ClientId, Path)), request_body = ClientDraft, tag = "oauth",
    responses((status = 200, body = Client), (status = "4XX", body = Problem)))]
async fn replace(
    State(service): State<UserService>,
    Allowed(actor, ..): Allowed<ManageUsers>,
    Path(id): Path<ClientId>,
    expected: IfMatch,
    Valid(draft): Valid<ClientDraft>,
) -> Result<Reply<Client>> {
    let client = service.replace_client(&actor, id, expected, draft).await?;
    Ok(Reply::record(client.version, client))
}

/// Forgets an app; all its tokens end.
#[utoipa::path(delete, path = "/api/v1/oauth-clients/{id}", params(("id" = ClientId, Path)), tag = "oauth",
    responses((status = 204), (status = "4XX", body = Problem)))]
async fn delete(
    State(service): State<UserService>,
    Allowed(actor, ..): Allowed<ManageUsers>,
    Path(id): Path<ClientId>,
    expected: IfMatch,
) -> Result<Reply<()>> {
    service.delete_client(&actor, id, expected).await?;
    Ok(Reply::gone())
}

/// Another secret for a confidential app, in this answer alone; the one before is good no longer.
#[utoipa::path(post, path = "/api/v1/oauth-clients/{id}/secret", params(("id" = ClientId, Path)), tag = "oauth",
    responses((status = 200, body = Client), (status = "4XX", body = Problem)))]
async fn rotate(
    State(service): State<UserService>,
    Allowed(actor, ..): Allowed<ManageUsers>,
    Path(id): Path<ClientId>,
) -> Result<Response> {
    let client = service.rotate_secret(&actor, id).await?;
    Ok(secret(Reply::record(client.version, client)))
}

/// The apps that you have let in, in order of name.
#[utoipa::path(get, path = "/api/v1/users/me/apps", params(ListQuery), tag = "oauth",
    responses((status = 200, body = Page<AppAccess>), (status = "4XX", body = Problem)))]
async fn apps(
    State(service): State<UserService>,
    Allowed(actor, ..): Allowed<ReadOwnUser>,
    Query(query): Query<ListQuery>,
) -> Result<Reply<Page<AppAccess>>> {
    Ok(Reply::ok(service.apps(&actor, &query).await?))
}

/// Lets an app in no longer; the tokens it has for you end.
#[utoipa::path(delete, path = "/api/v1/users/me/apps/{id}", params(("id" = ClientId, Path)), tag = "oauth",
    responses((status = 204), (status = "4XX", body = Problem)))]
async fn end_app(
    State(service): State<UserService>,
    Allowed(actor, ..): Allowed<ReadOwnUser>,
    Path(id): Path<ClientId>,
) -> Result<Reply<()>> {
    service.end_app(&actor, id).await?;
    Ok(Reply::gone())
}

//! `/api/v1/api-keys`.

use super::secret;
use crate::service::UserService;
use axum::Json;
use axum::extract::State;
use axum::response::Response;
use garde::Validate;
use looma_kernel::access::ReadOwnUser;
use looma_kernel::types::user::{ApiKey, ApiKeyDraft, Claims};
use looma_kernel::types::{ApiKeyId, Page, Problem};
use looma_kernel::{Actor, Allowed, ListQuery, Path, Query, Reply, Result, Valid};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<UserService> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(get, delete)).routes(routes!(verify))
}

/// Your API keys; all of the workspace for those who manage users.
#[utoipa::path(get, path = "/api/v1/api-keys", params(ListQuery), tag = "api-keys",
    responses((status = 200, body = Page<ApiKey>), (status = "4XX", body = Problem)))]
async fn list(
    State(service): State<UserService>,
    Allowed(actor, ..): Allowed<ReadOwnUser>,
    Query(query): Query<ListQuery>,
) -> Result<Reply<Page<ApiKey>>> {
    Ok(Reply::ok(service.api_keys(&actor, &query).await?))
}

/// Makes an API key; only this answer holds its secret.
#[utoipa::path(post, path = "/api/v1/api-keys", request_body = ApiKeyDraft, tag = "api-keys",
    responses((status = 201, body = ApiKey), (status = "4XX", body = Problem)))]
async fn create(
    State(service): State<UserService>,
    Allowed(actor, ..): Allowed<ReadOwnUser>,
    Valid(draft): Valid<ApiKeyDraft>,
) -> Result<Response> {
    let key = service.create_api_key(&actor, draft).await?;
    Ok(secret(Reply::created(format!("/api/v1/api-keys/{}", key.id), 1, key)))
}

/// One API key.
#[utoipa::path(get, path = "/api/v1/api-keys/{id}", params(("id" = ApiKeyId, Path)), tag = "api-keys",
    responses((status = 200, body = ApiKey), (status = "4XX", body = Problem)))]
async fn get(
    State(service): State<UserService>,
    Allowed(actor, ..): Allowed<ReadOwnUser>,
    Path(id): Path<ApiKeyId>,
) -> Result<Reply<ApiKey>> {
    Ok(Reply::ok(service.api_key(&actor, id).await?))
}

/// Deletes an API key.
#[utoipa::path(delete, path = "/api/v1/api-keys/{id}", params(("id" = ApiKeyId, Path)), tag = "api-keys",
    responses((status = 204), (status = "4XX", body = Problem)))]
async fn delete(
    State(service): State<UserService>,
    Allowed(actor, ..): Allowed<ReadOwnUser>,
    Path(id): Path<ApiKeyId>,
) -> Result<Reply<()>> {
    service.delete_api_key(&actor, id).await?;
    Ok(Reply::gone())
}

#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
struct Secret {
    #[garde(length(bytes, max = 200))]
    secret: String,
}

/// For whom a key speaks; the services alone ask.
#[utoipa::path(post, path = "/api/v1/api-keys/verify", request_body = Secret, tag = "api-keys",
    responses((status = 200, body = Claims), (status = "4XX", body = Problem)))]
async fn verify(State(service): State<UserService>, actor: Actor, Valid(body): Valid<Secret>) -> Result<Json<Claims>> {
    Ok(Json(service.verify_api_key(&actor, &body.secret).await?))
}

//! Sign-in, `/api/v1/users/me/sessions` and the public keys.

use super::secret;
use crate::service::UserService;
use crate::signer::Jwks;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::Response;
use looma_kernel::access::ReadOwnUser;
use looma_kernel::types::user::{Login, Refresh, Session, SessionInfo};
use looma_kernel::types::{Page, Problem, SessionId};
use looma_kernel::{Actor, Allowed, Path, Reply, Result, Valid};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<UserService> {
    OpenApiRouter::new()
        .routes(routes!(login))
        .routes(routes!(refresh))
        .routes(routes!(logout))
        .routes(routes!(list, end_others))
        .routes(routes!(end))
        .routes(routes!(jwks))
}

/// Signs in with e-mail address and password.
#[utoipa::path(post, path = "/api/v1/users/login", request_body = Login, tag = "sessions",
    responses((status = 200, body = Session), (status = "4XX", body = Problem)))]
async fn login(State(service): State<UserService>, headers: HeaderMap, Valid(login): Valid<Login>) -> Result<Response> {
    let user_agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    Ok(secret(Reply::ok(service.login(login, user_agent).await?)))
}

/// New tokens for a refresh token, which works once.
#[utoipa::path(post, path = "/api/v1/users/refresh", request_body = Refresh, tag = "sessions",
    responses((status = 200, body = Session), (status = "4XX", body = Problem)))]
async fn refresh(State(service): State<UserService>, Valid(body): Valid<Refresh>) -> Result<Response> {
    Ok(secret(Reply::ok(service.refresh(&body.refresh_token).await?)))
}

/// Ends the session that the access token is of.
#[utoipa::path(post, path = "/api/v1/users/logout", tag = "sessions", responses((status = 204), (status = "4XX", body = Problem)))]
async fn logout(State(service): State<UserService>, actor: Actor) -> Result<Reply<()>> {
    service.logout(&actor).await?;
    Ok(Reply::gone())
}

/// Where you are signed in, last used first.
#[utoipa::path(get, path = "/api/v1/users/me/sessions", tag = "sessions",
    responses((status = 200, body = Page<SessionInfo>), (status = "4XX", body = Problem)))]
async fn list(State(service): State<UserService>, Allowed(actor, ..): Allowed<ReadOwnUser>) -> Result<Reply<Page<SessionInfo>>> {
    Ok(Reply::ok(Page { items: service.sessions(&actor).await?, ..Page::default() }))
}

/// Ends all your other sessions.
#[utoipa::path(delete, path = "/api/v1/users/me/sessions", tag = "sessions", responses((status = 204), (status = "4XX", body = Problem)))]
async fn end_others(State(service): State<UserService>, Allowed(actor, ..): Allowed<ReadOwnUser>) -> Result<Reply<()>> {
    service.end_other_sessions(&actor).await?;
    Ok(Reply::gone())
}

/// Ends one of your sessions.
#[utoipa::path(delete, path = "/api/v1/users/me/sessions/{id}", params(("id" = SessionId, Path)), tag = "sessions",
    responses((status = 204), (status = "4XX", body = Problem)))]
async fn end(State(service): State<UserService>, Allowed(actor, ..): Allowed<ReadOwnUser>, Path(id): Path<SessionId>) -> Result<Reply<()>> {
    service.end_session(&actor, id).await?;
    Ok(Reply::gone())
}

/// The public keys of access tokens (RFC 7517).
#[utoipa::path(get, path = "/.well-known/jwks.json", tag = "sessions", responses((status = 200, body = Jwks)))]
async fn jwks(State(service): State<UserService>) -> Json<Jwks> {
    Json(service.signer.jwks())
}

//! `/oauth/…` and where to find it. Apps prove themselves, users' browsers come with the front end's token.

use super::secret;
use crate::oauth::{Credentials, Inspected, Metadata, Parameters, Refusal, Refused, Tokens, UserInfo};
use crate::service::UserService;
use axum::Json;
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use looma_kernel::types::Problem;
use looma_kernel::types::oauth::{Authorization, Authorize};
use looma_kernel::{Actor, Failure, Result, Valid};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<UserService> {
    OpenApiRouter::new()
        .routes(routes!(authorize))
        .routes(routes!(token))
        .routes(routes!(revoke))
        .routes(routes!(introspect))
        .routes(routes!(user_info, user_info_by_post))
        .routes(routes!(openid_configuration))
        .routes(routes!(authorization_server))
}

/// Whoever is signed in, if anybody: a token that is not good is refused all the same.
struct Visitor(Option<Actor>);

impl<S: Send + Sync> FromRequestParts<S> for Visitor {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        if !parts.headers.contains_key(header::AUTHORIZATION) && !parts.headers.contains_key("x-api-key") {
            return Ok(Self(None));
        }
        Actor::from_request_parts(parts, state).await.map(|actor| Self(Some(actor)))
    }
}

/// What the browser does next that an app has sent to the web front end, which asks this with the user's access token.
#[utoipa::path(post, path = "/oauth/authorize", request_body = Authorize, tag = "oauth",
    responses((status = 200, body = Authorization), (status = "4XX", body = Problem)))]
async fn authorize(State(service): State<UserService>, Visitor(actor): Visitor, Valid(ask): Valid<Authorize>) -> Result<Response> {
    Ok(secret(Json(service.authorize(actor.as_ref(), ask).await?)))
}

/// Tokens for a code, for a refresh token, or for an app itself (RFC 6749). The app proves itself with HTTP Basic or in the form.
#[utoipa::path(post, path = "/oauth/token", tag = "oauth", security(()),
    request_body(content = Object, content_type = "application/x-www-form-urlencoded", description = "`grant_type` and what it needs: \
        `code`, `code_verifier`, `redirect_uri`; or `refresh_token`, `scope`; or `scope`"),
    responses((status = 200, body = Tokens), (status = "4XX", body = Refused)))]
async fn token(State(service): State<UserService>, headers: HeaderMap, form: Parameters) -> Result<Response, Refusal> {
    let known = service.proven_client(Credentials::read(&headers, &form)?).await?;
    Ok(secret(Json(service.tokens(&known, &form).await?)))
}

/// Ends one of the app's own tokens with all that came of the same consent (RFC 7009).
#[utoipa::path(post, path = "/oauth/revoke", tag = "oauth", security(()),
    request_body(content = Object, content_type = "application/x-www-form-urlencoded", description = "`token`"),
    responses((status = 200), (status = "4XX", body = Refused)))]
async fn revoke(State(service): State<UserService>, headers: HeaderMap, form: Parameters) -> Result<Response, Refusal> {
    let known = service.proven_client(Credentials::read(&headers, &form)?).await?;
    service.revoke(&known, form.required("token")?).await?;
    Ok(secret(StatusCode::OK))
}

/// What one of a confidential app's own tokens is good for (RFC 7662).
#[utoipa::path(post, path = "/oauth/introspect", tag = "oauth", security(()),
    request_body(content = Object, content_type = "application/x-www-form-urlencoded", description = "`token`"),
    responses((status = 200, body = Inspected), (status = "4XX", body = Refused)))]
async fn introspect(State(service): State<UserService>, headers: HeaderMap, form: Parameters) -> Result<Response, Refusal> {
    let known = service.proven_client(Credentials::read(&headers, &form)?).await?;
    Ok(secret(Json(service.inspect(&known, form.required("token")?).await?)))
}

/// Who the user is that an access token with `openid` speaks for (OpenID Connect).
#[utoipa::path(get, path = "/oauth/userinfo", tag = "oauth", responses((status = 200, body = UserInfo), (status = "4XX", body = Refused)))]
async fn user_info(State(service): State<UserService>, headers: HeaderMap) -> Result<Response, Refusal> {
    let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (scheme, token) = value.split_once(' ').unwrap_or_default();
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(Refusal::token("Send an access token as Authorization: Bearer."));
    }
    Ok(secret(Json(service.user_info(token.trim()).await?)))
}

/// The same as by GET.
#[utoipa::path(post, path = "/oauth/userinfo", tag = "oauth", responses((status = 200, body = UserInfo), (status = "4XX", body = Refused)))]
async fn user_info_by_post(service: State<UserService>, headers: HeaderMap) -> Result<Response, Refusal> {
    user_info(service, headers).await
}

/// Where everything is and what it can (OpenID Connect Discovery).
#[utoipa::path(get, path = "/.well-known/openid-configuration", tag = "oauth", security(()), responses((status = 200, body = Metadata)))]
async fn openid_configuration(State(service): State<UserService>) -> impl IntoResponse {
    Json(Metadata::new(service.kernel.settings()))
}

/// The same for apps that know OAuth alone (RFC 8414).
#[utoipa::path(get, path = "/.well-known/oauth-authorization-server", tag = "oauth", security(()), responses((status = 200, body = Metadata)))]
async fn authorization_server(State(service): State<UserService>) -> impl IntoResponse {
    Json(Metadata::new(service.kernel.settings()))
}

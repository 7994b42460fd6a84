//! The routes by subject.

mod api_keys;
mod oauth;
mod oauth_clients;
mod second_factor;
mod sessions;
mod users;
mod workspaces;

use crate::service::UserService;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use utoipa_axum::router::OpenApiRouter;

pub(crate) fn routes(service: UserService) -> OpenApiRouter {
    OpenApiRouter::new()
        .merge(sessions::routes())
        .merge(second_factor::routes())
        .merge(users::routes())
        .merge(api_keys::routes())
        .merge(oauth_clients::routes())
        .merge(oauth::routes())
        .merge(workspaces::routes())
        .with_state(service)
}

/// An answer with a secret: no cache keeps it.
fn secret(answer: impl IntoResponse) -> Response {
    let mut response = answer.into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

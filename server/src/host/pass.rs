//! Requests passed on to the gateway as they are, in the name of the session: uploads, downloads and event streams,
//! which server functions would hold in memory.

use super::Host;
use axum::body::Body;
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderName, HeaderValue, Method, Request, Uri, header};
use axum::response::{IntoResponse, Response};
use looma_app_ui::session::Services;
use looma_kernel::Failure;
use looma_types::ServiceName;

/// What else may be written this way; everything may be read.
const WRITES: &[&str] = &["resumes/import"];

/// The request headers that go on.
static PASSED: [HeaderName; 7] = [
    header::ACCEPT,
    header::CONTENT_TYPE,
    header::CONTENT_LENGTH,
    header::RANGE,
    header::IF_NONE_MATCH,
    HeaderName::from_static("idempotency-key"),
    HeaderName::from_static("last-event-id"),
];

/// `/api/web/pass/resumes/import` is `/api/v1/resumes/import`.
pub(super) async fn pass(
    State(host): State<Host>,
    Extension(services): Extension<Services>,
    Path(path): Path<String>,
    request: Request<Body>,
) -> Response {
    let (parts, body) = request.into_parts();
    let allowed = parts.method == Method::GET || (parts.method == Method::POST && WRITES.contains(&path.as_str()));
    // The decoded path is not used: the gateway sees the address as it was sent.
    let target = parts.uri.path_and_query().map(|whole| whole.as_str()).and_then(|whole| whole.split_once("/pass/"));
    let (true, Some((_, target))) = (allowed, target) else {
        return Failure::forbidden("This is not passed on.").into_response();
    };
    let Ok(uri) = format!("/api/v1/{target}").parse::<Uri>() else {
        return Failure::bad_request("The address cannot be read.").into_response();
    };
    let mut onward = Request::new(body);
    *onward.method_mut() = parts.method;
    *onward.uri_mut() = uri;
    for name in &PASSED {
        if let Some(value) = parts.headers.get(name) {
            onward.headers_mut().insert(name.clone(), value.clone());
        }
    }
    let token = services.tokens.as_ref().and_then(|tokens| HeaderValue::from_str(&format!("Bearer {}", tokens.access)).ok());
    let Some(token) = token else {
        return Failure::unauthorized("Sign in first.").into_response();
    };
    onward.headers_mut().insert(header::AUTHORIZATION, token);
    match host.client.forward(ServiceName::Gateway, onward).await {
        Ok(mut response) => {
            // A document somebody uploaded must not act as a page of ours.
            let policy = HeaderValue::from_static("default-src 'none'; sandbox");
            response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
            response
        }
        Err(failure) => failure.into_response(),
    }
}

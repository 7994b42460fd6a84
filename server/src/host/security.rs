//! What browsers are told to refuse, and what the host refuses itself.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use looma_kernel::Failure;

/// The policy of a page: scripts only with this page's nonce; everything else only from here. `back` is where else the answer to
/// a form may lead.
pub(super) fn page_policy(nonce: &str, back: Option<&str>) -> String {
    let back = back.unwrap_or_default();
    format!(
        "default-src 'self'; script-src 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; \
         connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self' {back}; frame-ancestors 'none'"
    )
}

const HEADERS: [(HeaderName, HeaderValue); 5] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("permissions-policy"), HeaderValue::from_static("camera=(), microphone=(), geolocation=()")),
];

/// Adds the headers that every answer has.
pub(super) async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, value);
    }
    response
}

/// Refuses what changes something unless our own pages sent it.
pub(super) async fn same_origin(request: Request, next: Next) -> Response {
    if request.method().is_safe() || is_same_origin(request.headers()) {
        return next.run(request).await;
    }
    Failure::forbidden("The request came from another site.").into_response()
}

/// Whether `Origin` names the host that was asked. Browsers send it with every unsafe request.
fn is_same_origin(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let origin = text(header::ORIGIN).and_then(|origin| origin.split_once("://")).map(|(_, authority)| authority);
    matches!((origin, text(header::HOST)), (Some(origin), Some(host)) if origin.eq_ignore_ascii_case(host))
}

/// The other front end's functions, and the services' own addresses, do not exist here.
pub(super) async fn no_such_function(request: Request) -> Failure {
    Failure::new(StatusCode::NOT_FOUND, "no-such-route", "No such address", format!("Nothing answers at {} here.", request.uri().path()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_own_origin_may_write() {
        let of = |origin: Option<&'static str>| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, HeaderValue::from_static("crm.example:9203"));
            if let Some(origin) = origin {
                headers.insert(header::ORIGIN, HeaderValue::from_static(origin));
            }
            is_same_origin(&headers)
        };
        assert!(of(Some("https://crm.example:9203")));
        for other in [None, Some("null"), Some("https://crm.example"), Some("https://evil.example"), Some("https://crm.example:9204")] {
            assert!(!of(other), "{other:?}");
        }
    }
}

//! What may pass the door: nothing that belongs to one connection, nothing that claims to have been forwarded.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use looma_kernel::Actor;
use looma_kernel::context::RequestContext;

/// RFC 9110, 7.6.1.
const HOP_BY_HOP: [HeaderName; 8] = [
    header::CONNECTION,
    HeaderName::from_static("keep-alive"),
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// A client may claim anything in these.
const CLAIMS: [&str; 8] = [
    "forwarded",
    "looma-timeout-ms",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-port",
    "x-forwarded-prefix",
    "x-forwarded-proto",
    "x-real-ip",
];

fn remove_hop_by_hop(headers: &mut HeaderMap) {
    if let Some(names) = headers.get(header::CONNECTION).and_then(|value| value.to_str().ok()).map(str::to_owned) {
        for name in names.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            headers.remove(name);
        }
    }
    for name in &HOP_BY_HOP {
        headers.remove(name);
    }
}

/// A request's headers on their way to a service.
pub(crate) fn inward(headers: &mut HeaderMap, actor: Option<&Actor>, context: Option<&RequestContext>) {
    remove_hop_by_hop(headers);
    for name in CLAIMS {
        headers.remove(name);
    }
    // An API key goes no further than the door.
    if headers.remove("x-api-key").is_some()
        && let Some(value) = actor.and_then(|actor| HeaderValue::from_str(&format!("Bearer {}", actor.token())).ok())
    {
        headers.insert(header::AUTHORIZATION, value);
    }
    let Some(context) = context else { return };
    let mut set = |name: &'static str, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    };
    set("x-request-id", &context.request_id);
    set("traceparent", &context.traceparent);
    if let Some(client) = context.client {
        set("x-forwarded-for", &client.to_string());
    }
}

/// An answer's headers on their way out.
pub(crate) fn outward(headers: &mut HeaderMap, token: bool) {
    remove_hop_by_hop(headers);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.entry(header::REFERRER_POLICY).or_insert(HeaderValue::from_static("no-referrer"));
    // What is somebody's own is kept by nobody on the way, unless its service says how long.
    let cache = headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if token {
        *cache = HeaderValue::from_static("no-store");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_belongs_to_a_connection_or_claims_an_origin_stays_outside() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("connection", "close, X-Private"),
            ("x-private", "1"),
            ("transfer-encoding", "chunked"),
            ("x-forwarded-for", "198.51.100.66"),
            ("forwarded", "for=198.51.100.66"),
            ("looma-timeout-ms", "1"),
            ("accept", "application/json"),
        ] {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        let context = RequestContext { client: Some("203.0.113.9".parse().unwrap()), ..RequestContext::from_headers(&HeaderMap::new()) };
        inward(&mut headers, None, Some(&context));
        let mut names: Vec<_> = headers.keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["accept", "traceparent", "x-forwarded-for", "x-request-id"]);
        assert_eq!(headers["x-forwarded-for"], "203.0.113.9");
    }
}

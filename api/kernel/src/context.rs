//! What belongs to the request being served, wherever in its handling.

use axum::http::HeaderMap;

tokio::task_local! {
    static CONTEXT: RequestContext;
}

/// Ids that travel with a request through every service.
#[derive(Clone, Debug)]
pub struct RequestContext {
    pub request_id: String,
    /// W3C trace context, passed on as it came or begun here.
    pub traceparent: String,
}

impl RequestContext {
    /// Takes the ids over from the headers where they are well formed, else makes new ones.
    pub fn from_headers(headers: &HeaderMap) -> Self {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let request_id = text("x-request-id")
            .filter(|id| (8..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'))
            .map_or_else(|| uuid::Uuid::now_v7().to_string(), str::to_owned);
        let traceparent = text("traceparent").filter(|value| is_traceparent(value)).map_or_else(new_traceparent, str::to_owned);
        Self { request_id, traceparent }
    }
}

fn is_traceparent(value: &str) -> bool {
    let parts: Vec<_> = value.split('-').collect();
    matches!(parts.as_slice(), [v, t, s, f] if (v.len(), t.len(), s.len(), f.len()) == (2, 32, 16, 2))
        && value.bytes().all(|b| b == b'-' || b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

fn new_traceparent() -> String {
    let trace = uuid::Uuid::new_v4().simple().to_string();
    let span = uuid::Uuid::new_v4().simple().to_string();
    format!("00-{trace}-{}-01", &span[..16])
}

/// The context of the request this task serves.
pub fn current() -> Option<RequestContext> {
    CONTEXT.try_with(Clone::clone).ok()
}

/// Runs a future as part of a request.
pub async fn scope<F: Future>(context: RequestContext, future: F) -> F::Output {
    CONTEXT.scope(context, future).await
}

//! What belongs to the request being served, wherever in its handling.

use axum::http::HeaderMap;
use looma_types::ServiceName;
use std::net::IpAddr;

tokio::task_local! {
    static CONTEXT: RequestContext;
}

/// Ids that travel with a request through every service.
#[derive(Clone, Debug)]
pub struct RequestContext {
    pub request_id: String,
    /// W3C trace context, passed on as it came or begun here.
    pub traceparent: String,
    /// Whose request it was in the first place; unknown for work that no client asked for.
    pub client: Option<IpAddr>,
}

impl RequestContext {
    /// Takes the ids over from the headers where they are well formed, else makes new ones.
    pub fn from_headers(headers: &HeaderMap) -> Self {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let request_id = text("x-request-id")
            .filter(|id| (8..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'))
            .map_or_else(|| uuid::Uuid::now_v7().to_string(), str::to_owned);
        let traceparent = text("traceparent").filter(|value| is_traceparent(value)).map_or_else(new_traceparent, str::to_owned);
        Self { request_id, traceparent, client: None }
    }

    /// Adds whose request it is. `peer` is the other end of the socket, none for a call within the process. What
    /// stands in `X-Forwarded-For` is believed within the system only, never at its doors.
    #[must_use]
    pub fn from_client(mut self, service: Option<ServiceName>, peer: Option<IpAddr>, headers: &HeaderMap) -> Self {
        let door = matches!(service, Some(ServiceName::Gateway | ServiceName::Web | ServiceName::AdminWeb));
        let believed = peer.is_none_or(|peer| !door && is_internal(peer));
        let forwarded = || headers.get("x-forwarded-for")?.to_str().ok()?.rsplit(',').next()?.trim().parse().ok();
        self.client = if believed { forwarded().or(peer) } else { peer };
        self
    }
}

fn is_internal(peer: IpAddr) -> bool {
    match peer.to_canonical() {
        IpAddr::V4(ip) => ip.is_loopback() || ip.is_private(),
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local(),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forwarded_address_is_believed_within_the_system_only() {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", "198.51.100.1, 203.0.113.7".parse().unwrap());
        let client = |service, peer: Option<&str>| {
            RequestContext::from_headers(&headers)
                .from_client(Some(service), peer.map(|ip| ip.parse().unwrap()), &headers)
                .client
                .unwrap()
                .to_string()
        };
        assert_eq!(client(ServiceName::User, Some("127.0.0.1")), "203.0.113.7");
        assert_eq!(client(ServiceName::User, None), "203.0.113.7");
        assert_eq!(client(ServiceName::Gateway, None), "203.0.113.7");
        assert_eq!(client(ServiceName::Gateway, Some("127.0.0.1")), "127.0.0.1");
        assert_eq!(client(ServiceName::User, Some("198.51.100.9")), "198.51.100.9");
    }
}

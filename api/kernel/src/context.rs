//! What belongs to the request being served, wherever in its handling.

use crate::settings::is_among;
use axum::http::HeaderMap;
use looma_types::Network;
use looma_types::ServiceName;
use std::net::IpAddr;
use std::time::Instant;

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
    /// Until when it is to be answered; none for work that nobody waits for.
    pub deadline: Option<Instant>,
}

impl RequestContext {
    /// Takes the ids over from the headers where they are well formed, else makes new ones.
    pub fn from_headers(headers: &HeaderMap) -> Self {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let request_id = text("x-request-id")
            .filter(|id| (8..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'))
            .map_or_else(|| uuid::Uuid::now_v7().to_string(), str::to_owned);
        let traceparent = text("traceparent").filter(|value| is_traceparent(value)).map_or_else(new_traceparent, str::to_owned);
        Self { request_id, traceparent, client: None, deadline: None }
    }

    /// Adds whose request it is. `peer` is the other end of the socket, none for a call within the process. What
    /// stands in `X-Forwarded-For` is believed within the system, at its doors only from the `trusted` networks; of it
    /// the last address that is not itself trusted, for whoever stands before it can write what it wants.
    #[must_use]
    pub fn from_client(mut self, service: Option<ServiceName>, peer: Option<IpAddr>, headers: &HeaderMap, trusted: &[Network]) -> Self {
        // The mobile service is asked by the gateway too, which says for whom.
        let door = service.is_some_and(|service| service.is_door() && service != ServiceName::Mobile);
        let is_believed = |peer: IpAddr| is_among(trusted, peer) || (!door && is_internal(peer));
        self.client = if peer.is_none_or(is_believed) { forwarded(headers, trusted).or(peer) } else { peer };
        self
    }
}

fn forwarded(headers: &HeaderMap, trusted: &[Network]) -> Option<IpAddr> {
    let values: Vec<_> = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok()).collect();
    let mut last = None;
    for text in values.iter().rev().flat_map(|value| value.rsplit(',')) {
        let Ok(address) = text.trim().parse() else { break };
        last = Some(address);
        if !is_among(trusted, address) {
            break;
        }
    }
    last
}

pub(crate) fn is_internal(peer: IpAddr) -> bool {
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

/// Until when the request this task serves is to be answered.
pub(crate) fn deadline() -> Option<Instant> {
    CONTEXT.try_with(|context| context.deadline).ok().flatten()
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
        let trusted: Vec<Network> = ["192.0.2.0/24", "203.0.113.7/32"].map(|network| network.parse().unwrap()).into();
        let client = |service, peer: Option<&str>| {
            RequestContext::from_headers(&headers)
                .from_client(Some(service), peer.map(|ip| ip.parse().unwrap()), &headers, &trusted[..1])
                .client
                .unwrap()
                .to_string()
        };
        assert_eq!(client(ServiceName::User, Some("127.0.0.1")), "203.0.113.7");
        assert_eq!(client(ServiceName::User, None), "203.0.113.7");
        assert_eq!(client(ServiceName::Gateway, None), "203.0.113.7");
        assert_eq!(client(ServiceName::Gateway, Some("127.0.0.1")), "127.0.0.1");
        assert_eq!(client(ServiceName::User, Some("198.51.100.9")), "198.51.100.9");
        assert_eq!(client(ServiceName::Gateway, Some("192.0.2.5")), "203.0.113.7");
        let through_two = RequestContext::from_headers(&headers).from_client(
            Some(ServiceName::Gateway),
            Some("192.0.2.5".parse().unwrap()),
            &headers,
            &trusted,
        );
        assert_eq!(through_two.client.unwrap().to_string(), "198.51.100.1");
    }
}

//! Until when an answer is of use: the time that a route has, which goes along with every call made meanwhile.

use crate::context;
use crate::failure::Failure;
use crate::kernel::Kernel;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use looma_types::ServiceName;
use std::net::IpAddr;
use std::time::{Duration, Instant};

/// Milliseconds that are left for the answer.
static HEADER: HeaderName = HeaderName::from_static("looma-timeout-ms");

/// Until when a request is to be answered: as long as its route may take, or less where the caller has less.
pub(crate) fn of(request: &Request, service: Option<ServiceName>, peer: Option<IpAddr>, now: Instant) -> Option<Instant> {
    let limit = Kernel::of(request.extensions()).ok()?.settings().time_for(request.uri().path());
    let said = said(request.headers()).filter(|_| is_believed(service, peer));
    Some(now + said.map_or(limit, |said| said.min(limit)))
}

fn said(headers: &HeaderMap) -> Option<Duration> {
    headers.get(&HEADER)?.to_str().ok()?.parse().ok().map(Duration::from_millis)
}

/// Another service is believed; at the doors of the system only within the process, for anybody else could make services
/// seem slow.
fn is_believed(service: Option<ServiceName>, peer: Option<IpAddr>) -> bool {
    peer.is_none_or(|peer| context::is_internal(peer) && service.is_some_and(|service| !service.is_door()))
}

/// How much time the request being served has left; none where it has no end.
pub(crate) fn left(now: Instant) -> Option<Duration> {
    Some(context::deadline()?.saturating_duration_since(now))
}

/// Tells the next service how much time is left, and nothing else that may have been said before.
pub(crate) fn write(headers: &mut HeaderMap, now: Instant) {
    headers.remove(&HEADER);
    if let Some(left) = left(now) {
        headers.insert(HEADER.clone(), HeaderValue::from(left.as_millis() as u64));
    }
}

/// Waits as long as there is time.
pub(crate) async fn within<F: Future>(future: F) -> Option<F::Output> {
    match context::deadline() {
        Some(deadline) => tokio::time::timeout_at(deadline.into(), future).await.ok(),
        None => Some(future.await),
    }
}

/// Gives a request up when its time is over. What streams in an answer has no end.
pub(crate) async fn layer(request: Request, next: Next) -> Response {
    within(next.run(request)).await.unwrap_or_else(|| Failure::late().into_response())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::RequestContext;

    #[tokio::test]
    async fn what_is_left_is_told_instead_of_what_was_said() {
        let now = Instant::now();
        let mut headers = HeaderMap::new();
        headers.insert(HEADER.clone(), HeaderValue::from_static("999999"));
        let context = |deadline| RequestContext { deadline, ..RequestContext::from_headers(&HeaderMap::new()) };
        let mut told = async |deadline| {
            context::scope(context(deadline), async { write(&mut headers, now) }).await;
            said(&headers)
        };
        assert_eq!(told(Some(now + Duration::from_millis(1500))).await, Some(Duration::from_millis(1500)));
        assert_eq!(told(Some(now)).await, Some(Duration::ZERO));
        assert_eq!(told(None).await, None);
    }

    #[test]
    fn only_services_are_believed() {
        let peer = |ip: &str| Some(ip.parse().unwrap());
        for (service, peer, expected) in [
            (ServiceName::User, peer("127.0.0.1"), true),
            (ServiceName::User, peer("10.0.0.7"), true),
            (ServiceName::User, peer("198.51.100.7"), false),
            (ServiceName::Gateway, None, true),
            (ServiceName::Gateway, peer("127.0.0.1"), false),
            (ServiceName::Mobile, peer("10.0.0.7"), false),
        ] {
            assert_eq!(is_believed(Some(service), peer), expected, "{service} {peer:?}");
        }
    }
}

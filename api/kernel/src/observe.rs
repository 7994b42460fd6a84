//! Ids, access log and RED metrics around every request.

use crate::context::{self, RequestContext};
use crate::deadline;
use crate::kernel::Kernel;
use axum::extract::{ConnectInfo, MatchedPath, Request};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use looma_types::ServiceName;
use std::net::SocketAddr;
use std::time::Instant;

pub(crate) async fn layer(request: Request, next: Next) -> Response {
    let name = request.extensions().get::<ServiceName>().copied();
    let service = name.map_or("unknown", ServiceName::as_str);
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
    let route = request.extensions().get::<MatchedPath>().map_or_else(|| "unmatched".to_owned(), |path| path.as_str().to_owned());
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let began = Instant::now();
    let deadline = deadline::of(&request, name, peer, began);
    let context = RequestContext::from_headers(request.headers()).from_client(name, peer, request.headers(), trusted(&request));
    let context = RequestContext { deadline, ..context };
    let request_id = context.request_id.clone();
    let traceparent = context.traceparent.clone();

    metrics::gauge!("http_requests_in_flight", "service" => service).increment(1.0);
    let mut response = context::scope(context, next.run(request)).await;
    metrics::gauge!("http_requests_in_flight", "service" => service).decrement(1.0);

    let took = began.elapsed();
    let status = response.status().as_u16();
    let labels =
        [("service", service.to_owned()), ("method", method.to_string()), ("route", route.clone()), ("status", status.to_string())];
    metrics::counter!("http_requests_total", &labels).increment(1);
    metrics::histogram!("http_request_duration_seconds", "service" => service, "route" => route).record(took.as_secs_f64());
    // Probes and scrapes would drown what people do.
    if path.starts_with("/health") || path == "/metrics" {
        tracing::trace!(target: "access", service, %method, path, status, request_id);
    } else {
        tracing::info!(target: "access", service, %method, path, status, ms = took.as_secs_f64() * 1000.0, request_id, traceparent);
    }
    if let Ok(value) = HeaderValue::from_str(&request_id) {
        response.headers_mut().insert(HeaderName::from_static("x-request-id"), value);
    }
    response
}

fn trusted(request: &Request) -> &[looma_types::Network] {
    request.extensions().get::<Kernel>().map_or(&[], |kernel| &kernel.settings().gateway.trusted_proxies)
}

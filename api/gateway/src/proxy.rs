//! A request's way through the door.

use crate::breaker::Breaker;
use crate::rate::{Caller, Rates, Spent};
use crate::table;
use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use looma_kernel::types::ServiceName;
use looma_kernel::{Actor, Failure, Kernel, Result, context};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Headers that belong to one connection and are not passed on (RFC 9110, 7.6.1), and those that only a trusted peer may set.
const NOT_PASSED_ON: [&str; 12] = [
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "forwarded",
    "x-forwarded-host",
    "x-forwarded-proto",
];

/// The door's parts.
#[derive(Clone)]
pub(crate) struct Gateway {
    kernel: Kernel,
    rates: Rates,
    breakers: Arc<HashMap<ServiceName, Mutex<Breaker>>>,
}

impl Gateway {
    pub fn new(kernel: &Kernel) -> Self {
        let settings = &kernel.settings().gateway;
        let rest = Duration::from_secs(settings.breaker_open_seconds);
        let breaker = || Mutex::new(Breaker::new(settings.breaker_failures, rest));
        let rates = Rates::new(&kernel.live().borrow());
        Self { kernel: kernel.clone(), rates, breakers: Arc::new(ServiceName::ALL.map(|service| (service, breaker())).into()) }
    }

    pub fn kernel(&self) -> &Kernel {
        &self.kernel
    }

    pub fn rates(&self) -> &Rates {
        &self.rates
    }

    /// Looks at or works with a service's breaker.
    pub fn breaker<T>(&self, service: ServiceName, work: impl FnOnce(&mut Breaker) -> T) -> Option<T> {
        let breaker = self.breakers.get(&service)?;
        Some(work(&mut breaker.lock().unwrap_or_else(PoisonError::into_inner)))
    }

    /// Who asks, where that matters, and what is left of their rate.
    async fn admit(&self, request: &mut Request) -> Result<Spent> {
        let path = request.uri().path();
        if table::is_public(request.method(), path) {
            let caller = caller(request);
            return if table::is_sign_in(path) && matches!(caller, Caller::Address(_)) {
                self.rates.spend_sign_in(caller)
            } else {
                self.rates.spend(caller)
            };
        }
        let actor = self.kernel.verifier().actor(request.headers(), &self.kernel).await.inspect_err(|_| {
            // Refusals cost their sender too, or guessing tokens would be free.
            let _ = self.rates.spend(caller(request));
        })?;
        let spent = self.rates.spend(Caller::Actor(actor.id))?;
        self.pass_on_identity(request, actor);
        Ok(spent)
    }

    /// The service gets a token, never an API key; in this process it also gets the checked actor.
    fn pass_on_identity(&self, request: &mut Request, actor: Actor) {
        if request.headers_mut().remove("x-api-key").is_some()
            && let Ok(value) = HeaderValue::from_str(&format!("Bearer {}", actor.token()))
        {
            request.headers_mut().insert(header::AUTHORIZATION, value);
        }
        request.extensions_mut().insert(actor);
    }

    async fn pass(&self, mut request: Request) -> Result<Response> {
        let path = request.uri().path().to_owned();
        // An address that leads nowhere is told so only to those who may ask.
        let spent = self.admit(&mut request).await?;
        let service = table::route(&path).ok_or_else(|| nowhere(&path))?;
        let request = self.prepare(request, &path)?;
        let now = Instant::now();
        if let Some(Err(wait)) = self.breaker(service, |breaker| breaker.ask(now)) {
            metrics::counter!("gateway_refusals_total", "upstream" => service.as_str()).increment(1);
            return Err(Failure::unavailable(
                format!("The {service} service failed several times in a row and is left alone for a moment."),
                wait.as_secs().max(1),
            ));
        }
        let outcome = self.kernel.client().forward(service, request).await;
        let well = outcome.as_ref().is_ok_and(|response| !response.status().is_server_error());
        self.breaker(service, |breaker| breaker.tell(well, Instant::now()));
        metrics::counter!("gateway_upstream_total", "upstream" => service.as_str(), "outcome" => if well { "ok" } else { "failed" })
            .increment(1);
        let mut response = outcome?;
        let headers = response.headers_mut();
        strip(headers);
        spent.tell(headers);
        protect(headers);
        Ok(response)
    }

    /// Ids in, connection headers out, and a bound on the body.
    fn prepare(&self, mut request: Request, path: &str) -> Result<Request> {
        let limits = &self.kernel.settings().limits;
        let limit = if table::is_upload(path) { limits.upload_bytes } else { limits.body_bytes };
        let declared = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
        if declared.is_some_and(|length| length > limit) {
            return Err(Failure::too_large(format!("The body is larger than {limit} bytes, the most this route takes.")));
        }
        let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip().to_string());
        let headers = request.headers_mut();
        strip(headers);
        let mut set = |name: &'static str, text: &str| {
            if let Ok(value) = HeaderValue::from_str(text) {
                headers.insert(HeaderName::from_static(name), value);
            }
        };
        if let Some(peer) = peer {
            set("x-forwarded-for", &peer);
        }
        if let Some(context) = context::current() {
            set("x-request-id", &context.request_id);
            set("traceparent", &context.traceparent);
        }
        Ok(request.map(|body| Body::new(http_body_util::Limited::new(body, limit))))
    }
}

/// Who is counted before anybody has signed in. Calls from this process carry no peer: pages tell whom they serve.
fn caller(request: &Request) -> Caller {
    if let Some(peer) = request.extensions().get::<ConnectInfo<SocketAddr>>() {
        return Caller::Address(peer.0.ip());
    }
    let told = request.headers().get("x-forwarded-for").and_then(|value| value.to_str().ok()?.parse().ok());
    told.map_or(Caller::Own, Caller::Address)
}

fn strip(headers: &mut HeaderMap) {
    for name in NOT_PASSED_ON {
        headers.remove(name);
    }
}

fn protect(headers: &mut HeaderMap) {
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}

fn nowhere(path: &str) -> Failure {
    Failure::new(StatusCode::NOT_FOUND, "no-such-route", "No such address", format!("Nothing answers at {path}."))
}

pub(crate) fn routes(gateway: Gateway) -> Router {
    Router::new().fallback(pass).with_state(gateway)
}

async fn pass(State(gateway): State<Gateway>, request: Request) -> Response {
    gateway.pass(request).await.unwrap_or_else(IntoResponse::into_response)
}

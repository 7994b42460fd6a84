//! One service calls another: a router in this process, or HTTP. Same types, same authorisation either way.

use crate::access::Actor;
use crate::context;
use crate::endpoints::Endpoints;
use crate::extract::read_json;
use crate::failure::{Failure, Result};
use crate::settings::Settings;
use axum::Router;
use axum::body::Body;
use axum::body::HttpBody as _;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, header};
use bytes::Bytes;
use http_body_util::BodyExt;
use looma_store::Position;
use looma_types::{Problem, ServiceName};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::HashMap;
use std::sync::{Arc, RwLock};
use std::time::Duration;
use tower::ServiceExt;

/// The largest answer that is read.
const MAX_ANSWER: usize = 64 << 20;
/// The largest body that is kept to be sent to another copy of a service.
const MAX_KEPT: usize = 1 << 20;
/// Event streams say something every 15 seconds.
const LONGEST_SILENCE: Duration = Duration::from_secs(30);

/// Calls services by name.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    routers: RwLock<HashMap<ServiceName, Router>>,
    elsewhere: HashMap<ServiceName, Endpoints>,
    http: reqwest::Client,
}

impl Client {
    pub fn new(settings: &Settings) -> Self {
        let http = reqwest::Client::builder()
            .connect_timeout(Duration::from_secs(2))
            // How long an answer may stand still. How long it takes as a whole is for the service to limit: an event
            // stream has no end.
            .read_timeout(Duration::from_secs(settings.limits.request_seconds).max(LONGEST_SILENCE))
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap_or_default();
        let endpoints = |service| match service {
            // Backups lie on the disk of whoever made them.
            ServiceName::Backup => Endpoints::one_at_a_time(settings.urls(service)),
            _ => Endpoints::new(settings.urls(service)),
        };
        let elsewhere = ServiceName::ALL.into_iter().map(|service| (service, endpoints(service))).collect();
        Self(Arc::new(Inner { routers: RwLock::default(), elsewhere, http }))
    }

    /// From now on `service` is answered in this process.
    pub fn register(&self, service: ServiceName, router: Router) {
        if let Ok(mut routers) = self.0.routers.write() {
            routers.insert(service, router);
        }
    }

    /// The router of a service in this process.
    pub fn local(&self, service: ServiceName) -> Option<Router> {
        self.0.routers.read().ok()?.get(&service).cloned()
    }

    /// Passes a whole request on; its URI's path and query are used. Where a copy of the service cannot be reached, another
    /// is asked, unless the body is too large to be kept for that.
    /// # Errors
    /// 503 when the service cannot be reached.
    pub async fn forward(&self, service: ServiceName, request: Request<Body>) -> Result<axum::response::Response> {
        if let Some(router) = self.local(service) {
            return match router.oneshot(request).await {
                Ok(response) => Ok(response),
                Err(never) => match never {},
            };
        }
        let away = || Failure::unavailable(format!("The {service} service cannot be reached."), 1);
        let copies = self.0.elsewhere.get(&service).ok_or_else(away)?;
        let (parts, body) = request.into_parts();
        let length = parts.headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
        let small = length.map_or_else(|| body.is_end_stream(), |length| length <= MAX_KEPT);
        let mut body = if small { Sent::Kept(Self::read(body).await?) } else { Sent::Once(body) };
        let mut asked = copies.pick(None).ok_or_else(away)?;
        loop {
            match self.send_to(asked.url(), &parts, body.next()).await {
                Ok(response) => return Ok(response),
                Err(error) => {
                    tracing::warn!(%service, copy = asked.url(), %error, "a service cannot be reached");
                    asked.unreachable();
                    // Only what was surely not sent is sent to another; and only one other is tried.
                    let another = copies.pick(Some(asked.url())).filter(|_| error.is_connect());
                    match (another, &mut body) {
                        (Some(another), Sent::Kept(_)) => (asked, body) = (another, body.last()),
                        _ => return Err(away()),
                    }
                }
            }
        }
    }

    async fn read(body: Body) -> Result<Bytes> {
        let read = http_body_util::Limited::new(body, MAX_KEPT).collect().await;
        Ok(read.map_err(|error| Failure::bad_request(format!("The body broke off: {error}.")))?.to_bytes())
    }

    async fn send_to(&self, url: &str, parts: &Parts, body: reqwest::Body) -> reqwest::Result<axum::response::Response> {
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        let request = self.0.http.request(parts.method.clone(), format!("{url}{path}")).headers(parts.headers.clone()).body(body);
        let answer = request.send().await?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        let mut response = axum::response::Response::new(Body::from_stream(answer.bytes_stream()));
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        Ok(response)
    }

    /// Begins a call; `path` has its query.
    pub fn call(&self, service: ServiceName, method: Method, path: impl Into<String>) -> Call<'_> {
        Call { client: self, service, method, path: path.into(), headers: HeaderMap::new(), body: Bytes::new() }
    }

    /// GET without an actor.
    pub async fn get(&self, service: ServiceName, path: impl Into<String>) -> Result<Answer> {
        self.call(service, Method::GET, path).send().await
    }

    /// GET as an actor, read as `T`.
    pub async fn get_as<T: DeserializeOwned>(&self, actor: &Actor, service: ServiceName, path: impl Into<String>) -> Result<T> {
        self.call(service, Method::GET, path).actor(actor).send().await?.json()
    }

    /// POST as an actor.
    pub async fn post_as<B: Serialize>(&self, actor: &Actor, service: ServiceName, path: impl Into<String>, body: &B) -> Result<Answer> {
        self.call(service, Method::POST, path).actor(actor).json(body)?.send().await
    }
}

/// A body on its way to another process.
enum Sent {
    /// Read, so that it can be sent to another copy too.
    Kept(Bytes),
    /// Sent to the last copy that is tried.
    Last(Bytes),
    /// Streamed; it can be sent once.
    Once(Body),
}

impl Sent {
    fn next(&mut self) -> reqwest::Body {
        match self {
            Self::Kept(bytes) | Self::Last(bytes) => bytes.clone().into(),
            Self::Once(body) => reqwest::Body::wrap_stream(std::mem::take(body).into_data_stream()),
        }
    }

    fn last(self) -> Self {
        match self {
            Self::Kept(bytes) => Self::Last(bytes),
            other => other,
        }
    }
}

/// A call being built.
pub struct Call<'a> {
    client: &'a Client,
    service: ServiceName,
    method: Method,
    path: String,
    headers: HeaderMap,
    body: Bytes,
}

impl Call<'_> {
    /// In whose name.
    #[must_use]
    pub fn actor(self, actor: &Actor) -> Self {
        self.token(actor.token())
    }

    #[must_use]
    pub fn token(self, token: &str) -> Self {
        self.header(header::AUTHORIZATION, &format!("Bearer {token}"))
    }

    /// A header; a value that is none is left out.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(name, value);
        }
        self
    }

    pub fn json<T: Serialize>(mut self, body: &T) -> Result<Self> {
        self.body = serde_json::to_vec(body).map_err(Failure::internal)?.into();
        Ok(self.header(header::CONTENT_TYPE, "application/json"))
    }

    /// A body of another type.
    #[must_use]
    pub fn body(mut self, content_type: &str, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self.header(header::CONTENT_TYPE, content_type)
    }

    /// Sends it; any status but 2xx is a [`Failure`].
    pub async fn send(self) -> Result<Answer> {
        let answer = self.send_any().await?;
        if answer.status.is_success() { Ok(answer) } else { Err(answer.into_failure()) }
    }

    /// Sends it and answers whatever came.
    pub async fn send_any(mut self) -> Result<Answer> {
        if let Some(context) = context::current() {
            self = self
                .header(HeaderName::from_static("x-request-id"), &context.request_id)
                .header(HeaderName::from_static("traceparent"), &context.traceparent);
            if let Some(client) = context.client {
                self = self.header(HeaderName::from_static("x-forwarded-for"), &client.to_string());
            }
        }
        let mut request = Request::builder().method(self.method).uri(&self.path).body(Body::from(self.body)).map_err(Failure::internal)?;
        *request.headers_mut() = self.headers;
        let service = self.service;
        let response = self.client.forward(service, request).await?;
        let (parts, body) = response.into_parts();
        let body = http_body_util::Limited::new(body, MAX_ANSWER)
            .collect()
            .await
            .map_err(|error| Failure::unavailable(format!("The {service} service broke off its answer: {error}."), 1))?
            .to_bytes();
        Ok(Answer { service, status: parts.status, headers: parts.headers, body })
    }
}

/// What a service answered.
#[derive(Debug, Clone)]
pub struct Answer {
    pub service: ServiceName,
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    /// The body as `T`.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        read_json(&self.body)
            .map_err(|failure| Failure::internal(format!("the {} service answered something else: {failure}", self.service)))
    }

    /// The write's outbox position, 0 where it told none.
    pub fn position(&self) -> Position {
        self.headers.get("looma-position").and_then(|value| value.to_str().ok()?.parse().ok()).unwrap_or(0)
    }

    /// Passes the answer on: its status, body and the headers that belong to the record.
    pub fn pass_on(self) -> axum::response::Response {
        let mut response = axum::response::Response::new(Body::from(self.body));
        *response.status_mut() = self.status;
        for name in ["content-type", "location", "etag", "looma-position", "idempotent-replayed", "retry-after"] {
            if let Some(value) = self.headers.get(name) {
                response.headers_mut().insert(HeaderName::from_static(name), value.clone());
            }
        }
        response
    }

    /// The problem as it came; a 5xx of another service is our 503.
    pub fn into_failure(self) -> Failure {
        let problem: Option<Problem> = serde_json::from_slice(&self.body).ok();
        match problem {
            Some(problem) if self.status.is_client_error() => problem.into(),
            Some(problem) if self.status == StatusCode::SERVICE_UNAVAILABLE => Failure { retry_after: Some(1), ..problem.into() },
            _ => {
                tracing::warn!(service = %self.service, status = %self.status, "a service failed");
                Failure::unavailable(format!("The {} service failed.", self.service), 1)
            }
        }
    }
}

//! One service calls another: a router in this process, or HTTP. Same types, same authorisation either way.

use crate::access::Actor;
use crate::context;
use crate::extract::read_json;
use crate::failure::{Failure, Result};
use crate::settings::Settings;
use axum::Router;
use axum::body::Body;
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
/// Event streams say something every 15 seconds.
const LONGEST_SILENCE: Duration = Duration::from_secs(30);

/// Calls services by name.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    routers: RwLock<HashMap<ServiceName, Router>>,
    urls: HashMap<ServiceName, String>,
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
        let urls = ServiceName::ALL.into_iter().map(|service| (service, settings.url(service))).collect();
        Self(Arc::new(Inner { routers: RwLock::default(), urls, http }))
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

    /// Passes a whole request on; its URI's path and query are used.
    /// # Errors
    /// 503 when the service cannot be reached.
    pub async fn forward(&self, service: ServiceName, request: Request<Body>) -> Result<axum::response::Response> {
        if let Some(router) = self.local(service) {
            return match router.oneshot(request).await {
                Ok(response) => Ok(response),
                Err(never) => match never {},
            };
        }
        let (parts, body) = request.into_parts();
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        let url = format!("{}{path}", self.0.urls.get(&service).map_or("", String::as_str));
        let answer = self
            .0
            .http
            .request(parts.method, url)
            .headers(parts.headers)
            .body(reqwest::Body::wrap_stream(body.into_data_stream()))
            .send()
            .await
            .map_err(|error| {
                tracing::warn!(%service, %error, "a service cannot be reached");
                Failure::unavailable(format!("The {service} service cannot be reached."), 1)
            })?;
        let mut response = axum::response::Response::builder().status(answer.status());
        if let Some(headers) = response.headers_mut() {
            *headers = answer.headers().clone();
        }
        response.body(Body::from_stream(answer.bytes_stream())).map_err(Failure::internal)
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

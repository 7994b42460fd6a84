//! A call to a service, and what it answered.

use super::Client;
use crate::access::Actor;
use crate::context;
use crate::extract::read_json;
use crate::failure::{Failure, Result};
use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, header};
use bytes::Bytes;
use http_body_util::BodyExt;
use looma_store::Position;
use looma_types::{Problem, ServiceName};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The largest answer that is read.
const MAX_ANSWER: usize = 64 << 20;

/// A call being built.
pub struct Call<'a> {
    pub(super) client: &'a Client,
    pub(super) service: ServiceName,
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
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

    /// The problem as it came; a 5xx of another service is our 503, but for the time that is over for both.
    pub fn into_failure(self) -> Failure {
        let problem: Option<Problem> = serde_json::from_slice(&self.body).ok();
        match problem {
            Some(problem) if self.status.is_client_error() || self.status == StatusCode::GATEWAY_TIMEOUT => problem.into(),
            Some(problem) if self.status == StatusCode::SERVICE_UNAVAILABLE => Failure { retry_after: Some(1), ..problem.into() },
            _ => {
                tracing::warn!(service = %self.service, status = %self.status, "a service failed");
                Failure::unavailable(format!("The {} service failed.", self.service), 1)
            }
        }
    }
}

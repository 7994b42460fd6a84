//! A good answer: status, body, and the headers that the contract promises.

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use looma_store::Position;
use serde::Serialize;

static POSITION: HeaderName = HeaderName::from_static("looma-position");

/// A body with its `ETag`, `Location` and `Looma-Position`.
#[derive(Debug)]
pub struct Reply<T> {
    status: StatusCode,
    body: Option<T>,
    version: Option<i64>,
    location: Option<String>,
    position: Option<Position>,
}

impl<T: Serialize> Reply<T> {
    /// 200.
    pub fn ok(body: T) -> Self {
        Self { status: StatusCode::OK, body: Some(body), version: None, location: None, position: None }
    }

    /// 200 with the record's version as `ETag`.
    pub fn record(version: i64, body: T) -> Self {
        Self { version: Some(version), ..Self::ok(body) }
    }

    /// 201 with `Location` and `ETag`.
    pub fn created(location: impl Into<String>, version: i64, body: T) -> Self {
        Self { status: StatusCode::CREATED, location: Some(location.into()), ..Self::record(version, body) }
    }

    /// 201 for several records made together, with where they are listed.
    pub fn created_together(list: impl Into<String>, body: T) -> Self {
        Self { status: StatusCode::CREATED, location: Some(list.into()), ..Self::ok(body) }
    }

    /// 202: the work goes on; look at `location`.
    pub fn accepted(location: impl Into<String>, body: T) -> Self {
        Self { status: StatusCode::ACCEPTED, location: Some(location.into()), ..Self::ok(body) }
    }

    /// Tells the write's outbox position.
    #[must_use]
    pub fn at(mut self, position: Position) -> Self {
        self.position = Some(position);
        self
    }
}

impl Reply<()> {
    /// 204.
    pub fn gone() -> Self {
        Self { status: StatusCode::NO_CONTENT, body: None, version: None, location: None, position: None }
    }
}

impl<T: Serialize> IntoResponse for Reply<T> {
    fn into_response(self) -> Response {
        let mut response = match self.body {
            Some(body) => (self.status, axum::Json(body)).into_response(),
            None => self.status.into_response(),
        };
        let headers = response.headers_mut();
        if let Some(version) = self.version {
            headers.insert(header::ETAG, HeaderValue::from_str(&format!("\"{version}\"")).unwrap_or(HeaderValue::from_static("\"0\"")));
        }
        if let Some(location) = self.location.and_then(|text| HeaderValue::from_str(&text).ok()) {
            headers.insert(header::LOCATION, location);
        }
        if let Some(position) = self.position {
            headers.insert(POSITION.clone(), HeaderValue::from(position));
        }
        response
    }
}

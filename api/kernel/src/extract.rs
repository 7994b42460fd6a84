//! Extractors that answer wrong input with a problem that names the field.

use crate::failure::{Failure, Result};
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use garde::Validate;
use looma_types::problem::FieldError;
use serde::de::DeserializeOwned;

/// A JSON body, read and validated.
#[derive(Debug, Clone)]
pub struct Valid<T>(pub T);

impl<S, T> FromRequest<S> for Valid<T>
where
    S: Send + Sync,
    T: DeserializeOwned + Validate<Context = ()>,
{
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let mime = kind.split(';').next().unwrap_or_default().trim();
        if !(mime == "application/json" || mime.ends_with("+json")) {
            return Err(Failure::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "media-type",
                "JSON expected",
                "Send the body as `Content-Type: application/json`.".to_owned(),
            ));
        }
        let bytes = Bytes::from_request(request, state).await.map_err(|rejection| body_failure(rejection.status()))?;
        let value: T = read_json(&bytes)?;
        validate(&value)?;
        Ok(Self(value))
    }
}

/// What a body that could not be read is answered with.
pub(crate) fn body_failure(status: StatusCode) -> Failure {
    if status == StatusCode::PAYLOAD_TOO_LARGE {
        Failure::too_large("The body is larger than this route takes.")
    } else {
        Failure::bad_request("The body could not be read to its end.")
    }
}

/// Reads JSON; an error names the place.
/// # Errors
/// 400 where it is no JSON, 422 where a field has the wrong shape.
pub fn read_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let pointer = pointer(&error.path().to_string());
        let inner = error.into_inner();
        if inner.is_data() {
            let text = inner.to_string();
            let detail = text.split(" at line ").next().unwrap_or(&text).to_owned();
            let code = match &detail {
                d if d.starts_with("unknown field") => "unknown",
                d if d.starts_with("missing field") => "missing",
                _ => "type",
            };
            Failure::field(&pointer, code, detail)
        } else {
            Failure::bad_request(format!("The body is not valid JSON: {inner}."))
        }
    })?;
    reader.end().map_err(|error| Failure::bad_request(format!("The body is not valid JSON: {error}.")))?;
    Ok(value)
}

/// Checks a value's own rules.
/// # Errors
/// 422 naming each wrong field.
pub fn validate<T: Validate<Context = ()>>(value: &T) -> Result<()> {
    value.validate().map_err(|report| {
        let errors = report.iter().map(|(path, error)| FieldError::new(pointer(&path.to_string()), "invalid", error.message())).collect();
        Failure::invalid(errors)
    })
}

/// `fields.addresses[0].city` → `/addresses/0/city` (`fields` is flattened away on the wire).
fn pointer(path: &str) -> String {
    let path = path.strip_prefix("fields.").unwrap_or(path);
    if path.is_empty() || path == "." || path == "fields" {
        return String::new();
    }
    format!("/{}", path.replace('[', "/").replace(']', "").replace('.', "/").trim_start_matches('/'))
}

/// The query string.
#[derive(Debug, Clone)]
pub struct Query<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        axum::extract::Query::<T>::try_from_uri(&parts.uri).map(|query| Self(query.0)).map_err(|rejection| {
            let text = rejection.body_text();
            let text = text.strip_prefix("Failed to deserialize query string: ").unwrap_or(&text);
            let name = text.split(':').next().filter(|name| !name.contains(' ')).unwrap_or("query");
            Failure::field(name, "query", text)
        })
    }
}

/// The path's parameters; what cannot be one names no record.
#[derive(Debug, Clone)]
pub struct Path<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        match axum::extract::Path::<T>::from_request_parts(parts, state).await {
            Ok(path) => Ok(Self(path.0)),
            Err(_) => Err(Failure::new(
                StatusCode::NOT_FOUND,
                "not-found",
                "Not found",
                "The address names no record: an id is a UUID, a version a whole number.".to_owned(),
            )),
        }
    }
}

/// `If-Match` with a version's ETag; `None` where the header is missing or `*`.
#[derive(Debug, Clone, Copy)]
pub struct IfMatch(pub Option<i64>);

impl IfMatch {
    /// Refuses when the client has read another version.
    pub fn check(self, version: i64) -> Result<()> {
        if self.0.is_none_or(|expected| expected == version) { Ok(()) } else { Err(Failure::stale()) }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        let Some(value) = parts.headers.get(header::IF_MATCH) else { return Ok(Self(None)) };
        let text = value.to_str().unwrap_or_default().trim();
        if text == "*" {
            return Ok(Self(None));
        }
        text.trim_start_matches("W/")
            .trim_matches('"')
            .parse()
            .map(|version| Self(Some(version)))
            .map_err(|_| Failure::bad_request("If-Match must be the ETag that was answered, such as \"3\"."))
    }
}

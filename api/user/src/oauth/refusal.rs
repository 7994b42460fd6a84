//! How apps are refused: RFC 6749, section 5.2, and RFC 6750, section 3.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use looma_kernel::Failure;
use serde::Serialize;
use utoipa::ToSchema;

/// An error as apps' libraries know it.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    body: Refused,
    /// How to say who one is.
    challenge: Option<&'static str>,
    retry_after: Option<u64>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Refused {
    /// A word of RFC 6749, such as `invalid_grant`.
    error: &'static str,
    /// For who wrote the app.
    error_description: String,
}

pub(crate) type Result<T> = std::result::Result<T, Refusal>;

impl Refusal {
    fn new(status: StatusCode, error: &'static str, description: impl Into<String>) -> Self {
        let body = Refused { error, error_description: plain(&description.into()) };
        Self { status, body, challenge: None, retry_after: None }
    }

    /// Something is missing, said twice or not understood.
    pub fn request(description: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request", description)
    }

    /// Nobody knows this app, or it did not prove that it is the one.
    pub fn client() -> Self {
        let refusal = Self::new(StatusCode::UNAUTHORIZED, "invalid_client", "There is no such app, or its secret is wrong.");
        Self { challenge: Some("Basic realm=\"looma\""), ..refusal }
    }

    /// The code or refresh token is not good.
    pub fn grant(description: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_grant", description)
    }

    pub fn scope(description: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_scope", description)
    }

    /// This way to tokens was not given to the app.
    pub fn not_yours(description: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "unauthorized_client", description)
    }

    pub fn grant_type(description: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "unsupported_grant_type", description)
    }

    /// The access token is not good.
    pub fn token(description: impl Into<String>) -> Self {
        Self { challenge: Some("Bearer error=\"invalid_token\""), ..Self::new(StatusCode::UNAUTHORIZED, "invalid_token", description) }
    }

    /// The access token is not good for this.
    pub fn insufficient(description: impl Into<String>) -> Self {
        let refusal = Self::new(StatusCode::FORBIDDEN, "insufficient_scope", description);
        Self { challenge: Some("Bearer error=\"insufficient_scope\", scope=\"openid\""), ..refusal }
    }
}

/// What the system lacks is not the app's fault, and is told as what it is.
impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        let error = match failure.status() {
            StatusCode::SERVICE_UNAVAILABLE => "temporarily_unavailable",
            status if status.is_server_error() => "server_error",
            _ => "invalid_request",
        };
        let description = failure.problem.detail.clone().unwrap_or_else(|| failure.problem.title.clone());
        Self { retry_after: failure.retry_after, ..Self::new(failure.status(), error, description) }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(self.body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(challenge) = self.challenge {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// The characters that RFC 6749 allows in a description.
pub(super) fn plain(text: &str) -> String {
    text.chars().filter(|c| (' '..='~').contains(c) && !matches!(c, '"' | '\\')).take(300).collect()
}

//! The one error that handlers answer with: an RFC 9457 problem.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use looma_types::Problem;
use looma_types::problem::FieldError;
use std::fmt::Display;

/// A problem on its way to the client. Service errors convert into it.
#[derive(Debug, Clone)]
pub struct Failure {
    pub problem: Box<Problem>,
    /// Seconds after which to try again.
    pub retry_after: Option<u64>,
}

pub type Result<T, E = Failure> = std::result::Result<T, E>;

impl Failure {
    /// Any problem; `kind` is the stable last part of its type URI.
    pub fn new(status: StatusCode, kind: &str, title: &str, detail: impl Into<Option<String>>) -> Self {
        Self {
            problem: Box::new(Problem {
                kind: format!("/problems/{kind}"),
                title: title.to_owned(),
                status: status.as_u16(),
                detail: detail.into(),
                request_id: None,
                errors: vec![],
            }),
            retry_after: None,
        }
    }

    /// 404. `what` is such as `company`.
    pub fn not_found(what: impl Display) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", "Not found", format!("There is no such {what} in this workspace."))
    }

    /// 400: what was sent cannot be read.
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad-request", "The request cannot be read", detail.into())
    }

    /// 422: readable, but these fields are wrong.
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        let detail = errors.iter().take(3).map(|e| format!("{}: {}", e.pointer, e.detail)).collect::<Vec<_>>().join("; ");
        let mut failure = Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid-input", "Some fields are wrong", detail);
        failure.problem.errors = errors;
        failure
    }

    /// 422 for one field; `pointer` is a JSON pointer or a query parameter's name.
    pub fn field(pointer: &str, code: &str, detail: impl Into<String>) -> Self {
        Self::invalid(vec![FieldError::new(pointer, code, detail)])
    }

    /// 409: not in this state.
    pub fn conflict(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "conflict", "Not possible in this state", detail.into())
    }

    /// 412: the record changed since it was read.
    pub fn stale() -> Self {
        Self::new(
            StatusCode::PRECONDITION_FAILED,
            "stale",
            "The record has changed",
            "It was changed since you read it; read it again and repeat your change.".to_owned(),
        )
    }

    /// 401.
    pub fn unauthorized(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", "Sign in first", detail.into())
    }

    /// 403.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", "Not allowed", detail.into())
    }

    /// 413.
    pub fn too_large(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", "Too large", detail.into())
    }

    /// 503 with `Retry-After`: a part of the system is away.
    pub fn unavailable(detail: impl Into<String>, retry_after: u64) -> Self {
        let mut failure = Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "Not available at the moment", detail.into());
        failure.retry_after = Some(retry_after);
        failure
    }

    /// 504: the time that the request had is over.
    pub fn late() -> Self {
        let detail = "It took longer than it may and was given up.".to_owned();
        Self::new(StatusCode::GATEWAY_TIMEOUT, "timeout", "It took too long", detail)
    }

    /// 500. The cause is logged, not told.
    pub fn internal(cause: impl Display) -> Self {
        tracing::error!(%cause, "internal error");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "Something went wrong here",
            "The cause is in the log under this request's id.".to_owned(),
        )
    }

    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.problem.fmt(f)
    }
}

impl std::error::Error for Failure {}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self { problem: Box::new(problem), retry_after: None }
    }
}

impl From<looma_store::Error> for Failure {
    fn from(error: looma_store::Error) -> Self {
        use looma_store::Error as E;
        match error {
            E::Taken { name } => Self::conflict(format!("{name} is taken already.")),
            E::Unavailable { .. } => Self::unavailable(format!("{error}."), 1),
            E::BadQuery(detail) => Self::field("q", "query", detail),
            E::Corrupt { .. } | E::Other { .. } => Self::internal(error),
        }
    }
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        looma_store::Error::from(error).into()
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut problem = *self.problem;
        if problem.request_id.is_none() {
            problem.request_id = crate::context::current().map(|context| context.request_id);
        }
        let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&problem).unwrap_or_default();
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

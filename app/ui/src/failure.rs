//! How a server function fails: with the problem a service answered, so that a page can say what happened.

use leptos::server_fn::codec::JsonEncoding;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use looma_types::Problem;
use looma_types::problem::FieldError;
use serde::{Deserialize, Serialize};

/// The answer of a server function.
pub type Answer<T> = Result<T, Failure>;

/// A problem (RFC 9457) on its way to a page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Failure(pub Box<Problem>);

impl Failure {
    /// A failure that did not come from a service.
    pub fn new(status: u16, kind: &str, title: &str, detail: impl Into<String>) -> Self {
        Self(Box::new(Problem {
            kind: format!("/problems/{kind}"),
            title: title.to_owned(),
            status,
            detail: Some(detail.into()),
            request_id: None,
            errors: Vec::new(),
        }))
    }

    /// One wrong field of the input.
    pub fn of_field(name: &str, detail: impl Into<String>) -> Self {
        let mut failure = Self::new(422, "invalid-input", "The input is not valid", "Some fields are not valid.");
        failure.0.errors.push(FieldError::new(format!("/{name}"), "invalid", detail));
        failure
    }

    /// Whether signing in would help.
    pub fn is_signed_out(&self) -> bool {
        self.0.status == 401
    }

    /// Whether the password was right, and the second factor is missing or wrong.
    pub fn asks_for_second_factor(&self) -> bool {
        self.0.kind == "/problems/second-factor"
    }

    /// Whether the record is not there, or not for this reader.
    pub fn is_not_found(&self) -> bool {
        self.0.status == 404
    }

    /// What is wrong with one field of the input, by its JSON pointer without the leading slash.
    pub fn field(&self, name: &str) -> Option<String> {
        self.0.errors.iter().find(|error| error.pointer.trim_start_matches('/') == name).map(|error| error.detail.clone())
    }

    /// What is wrong with the first wrong item of a list.
    pub fn item(&self, list: &str) -> Option<String> {
        let is_item = |pointer: &str| pointer.trim_start_matches('/').split('/').next() == Some(list);
        self.0.errors.iter().find(|error| is_item(&error.pointer)).map(|error| error.detail.clone())
    }

    /// What happened, in one sentence.
    pub fn message(&self) -> String {
        self.0.detail.clone().unwrap_or_else(|| self.0.title.clone())
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Failure {}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self(Box::new(problem))
    }
}

impl FromServerFnError for Failure {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        let (status, kind, title) = match error {
            ServerFnErrorErr::Request(_) => (503, "unreachable", "The server could not be reached"),
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) => (400, "invalid-input", "The input was not understood"),
            _ => (500, "internal", "Something went wrong"),
        };
        Self::new(status, kind, title, error.to_string())
    }
}

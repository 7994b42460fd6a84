//! Why a file could not be read, in words that help the person who sent it.

use serde::Serialize;

/// A file that is no readable resume.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{detail}")]
pub struct ParseProblem {
    pub code: ProblemCode,
    /// What is wrong and what the user can do about it.
    pub detail: String,
}

/// The kinds of trouble a file can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ProblemCode {
    Empty,
    TooLarge,
    Unsupported,
    Encrypted,
    ImageOnly,
    Broken,
    /// The document has no text.
    NoText,
    /// Reading took longer than allowed.
    TooSlow,
    /// JSON that is no JSON Resume.
    InvalidJson,
}

impl ParseProblem {
    pub(crate) fn new(code: ProblemCode, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into() }
    }

    pub(crate) fn broken(what: &str) -> Self {
        Self::new(
            ProblemCode::Broken,
            format!("This {what} is damaged and cannot be read; open it in the program that made it, save it again and try once more."),
        )
    }
}

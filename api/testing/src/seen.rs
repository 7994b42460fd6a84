//! What was answered, and what a test expects of it.

use looma_kernel::client::Answer;
use looma_types::Problem;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// An answer that remembers its question.
#[derive(Debug)]
pub struct Seen {
    pub(crate) asked: String,
    pub answer: Answer,
}

impl Seen {
    pub fn status(&self) -> u16 {
        self.answer.status.as_u16()
    }

    pub fn header(&self, name: &str) -> &str {
        self.answer.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.answer.body).into_owned()
    }

    #[track_caller]
    fn expect_status(&self, expected: u16) {
        assert_eq!(self.status(), expected, "{} answered {}", self.asked, self.text());
    }

    /// The body, whatever the status.
    #[track_caller]
    pub fn body<T: DeserializeOwned>(&self) -> T {
        serde_json::from_slice(&self.answer.body).unwrap_or_else(|error| panic!("{}: {error}: {}", self.asked, self.text()))
    }

    /// 200 with such a body.
    #[track_caller]
    pub fn ok<T: DeserializeOwned>(&self) -> T {
        self.expect_status(200);
        self.body()
    }

    /// 200 as plain JSON.
    #[track_caller]
    pub fn value(&self) -> Value {
        self.ok()
    }

    /// 201 with such a body, a Location and an ETag.
    #[track_caller]
    pub fn created<T: DeserializeOwned>(&self) -> T {
        self.expect_status(201);
        assert!(!self.header("location").is_empty(), "{} told no Location", self.asked);
        self.body()
    }

    /// 202 with such a body and a Location.
    #[track_caller]
    pub fn accepted<T: DeserializeOwned>(&self) -> T {
        self.expect_status(202);
        assert!(!self.header("location").is_empty(), "{} told no Location", self.asked);
        self.body()
    }

    /// 204.
    #[track_caller]
    pub fn gone(&self) {
        self.expect_status(204);
    }

    /// A well-formed problem with this status.
    #[track_caller]
    pub fn problem(&self, expected: u16) -> Problem {
        self.expect_status(expected);
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.asked);
        let problem: Problem = self.body();
        assert_eq!(problem.status, expected);
        assert!(problem.kind.starts_with("/problems/") && !problem.title.is_empty(), "{problem:?}");
        problem
    }

    /// The write's outbox position.
    #[track_caller]
    pub fn position(&self) -> i64 {
        self.header("looma-position").parse().unwrap_or_else(|_| panic!("{} told no Looma-Position", self.asked))
    }
}

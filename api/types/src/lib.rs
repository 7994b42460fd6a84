//! What crosses a wire: records, requests, answers and the words they use. Compiles to WASM; no I/O.
//!
//! A record `Thing` is answered as its `ThingDraft` (what a client may write) plus what the system adds: id,
//! version and instants. The draft is the body of POST and PUT, and the target of a merge PATCH.

pub mod access;
pub mod admin;
pub mod ai;
pub mod backup;
pub mod company;
pub mod config;
pub mod id;
pub mod job;
pub mod json_resume;
pub mod log;
pub mod mobile;
pub mod monitor;
pub mod network;
pub mod oauth;
pub mod person;
pub mod problem;
pub mod project;
pub mod record;
pub mod resume;
pub mod search;
pub mod service;
pub mod skill;
pub mod user;

pub use access::{Decision, Permission, Rights, Role, Rule};
pub use id::*;
pub use network::Network;
pub use problem::Problem;
pub use record::{Page, RecordKind, Ref};
pub use service::ServiceName;

/// An instant in UTC, cut to microseconds when made, so that every store gives back what it was given.
pub type Instant = chrono::DateTime<chrono::Utc>;

/// Now, cut to microseconds.
#[cfg(not(target_arch = "wasm32"))]
pub fn now() -> Instant {
    use chrono::SubsecRound;
    chrono::Utc::now().trunc_subsecs(6)
}

//! The whole truth in one file, whichever engines keep it: for moving between them, and for backups.
//!
//! `NAME.looma` is a tar stream compressed with zstd (`tar --zstd -tf` looks into it). In this order: `archive.json`
//! ([`Head`]), `rows/<table>/<n>.jsonl`, `documents/<workspace>/<kind>/<n>.jsonl`, `blobs/<workspace>/<hash>` and
//! `summary.json` ([`Summary`]). `docs/archive.md` describes the format and what may change in it.
//!
//! Stores that hold the same have equal summaries: lines are canonical, rows in order of their key, and of documents and
//! blobs there is what rows name.

mod catalog;
mod export;
mod file;
mod fill;
mod import;
mod line;
mod rows;
mod summary;
mod target;
#[cfg(test)]
mod tests;

pub use export::{checksum, export};
pub use import::{import, verify};
pub(crate) use line::plain;
pub use summary::{Part, Summary};

use crate::Error;
use crate::outbox::Position;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::sync::atomic::{AtomicU64, Ordering};

/// The layout described here.
pub const FORMAT: u32 = 1;
const HEAD: &str = "archive.json";
const SUMMARY: &str = "summary.json";
/// Lines are gathered into entries of about this many bytes.
const PAGE: usize = 4 * 1024 * 1024;

/// What an archive says about itself: its first entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    pub format: u32,
    /// Of the program that made it.
    pub version: String,
    /// The newest migration of the tables it was made from.
    pub migration: i64,
    pub created_at: DateTime<Utc>,
    /// The newest event in it.
    pub position: Position,
}

/// How far the work is; read by whoever shows it.
#[derive(Debug, Default)]
pub struct Progress {
    /// Rows, documents and blobs.
    records: AtomicU64,
    /// Before compression.
    bytes: AtomicU64,
}

impl Progress {
    pub fn records(&self) -> u64 {
        self.records.load(Ordering::Relaxed)
    }

    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    fn add(&self, records: u64, bytes: usize) {
        self.records.fetch_add(records, Ordering::Relaxed);
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }
}

/// What is wrong with an archive.
fn corrupt(detail: impl Into<String>) -> Error {
    Error::Corrupt { store: "the archive", detail: detail.into() }
}

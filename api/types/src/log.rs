//! Structured log lines.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LogLine {
    /// Grows by one a line within a process.
    pub seq: u64,
    pub at: DateTime<Utc>,
    /// `TRACE`, `DEBUG`, `INFO`, `WARN` or `ERROR`.
    pub level: String,
    /// The module that wrote it.
    pub target: String,
    pub message: String,
    #[schema(value_type = Object)]
    #[serde(default)]
    pub fields: serde_json::Map<String, serde_json::Value>,
}

//! What mobile apps sync.

use crate::Ref;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// `GET /m/v1/sync?since=`: what changed after the cursor, oldest first; each record at most once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SyncPage {
    pub changed: Vec<SyncRecord>,
    pub deleted: Vec<Ref>,
    /// Pass as `since` next time.
    pub cursor: String,
    /// More is waiting: ask again at once.
    pub more: bool,
}

/// A record in short.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SyncRecord {
    #[serde(rename = "ref")]
    pub record: Ref,
    pub version: i64,
    pub title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subtitle: Option<String>,
}

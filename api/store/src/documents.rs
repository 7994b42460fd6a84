//! Documents: immutable JSON values named by the hash of their content.

use crate::Result;
use async_trait::async_trait;
use looma_types::WorkspaceId;
use serde_json::Value;

pub mod canonical;
#[cfg(any(test, feature = "conformance"))]
pub mod conformance;
pub mod sqlite;

/// The hash of a document's canonical bytes: 64 hex digits (BLAKE3).
pub type DocumentHash = String;

/// The document role. Write the document first, then point to it in a SQL transaction.
#[async_trait]
pub trait Documents: Send + Sync {
    /// Keeps a value under `kind` (such as `resume`) and answers its name; the same value has the same name. Durable when answered.
    async fn put(&self, workspace: WorkspaceId, kind: &str, value: &Value) -> Result<DocumentHash>;
    /// The value, checked against its name.
    async fn get(&self, workspace: WorkspaceId, kind: &str, hash: &str) -> Result<Option<Value>>;
    /// Several at once, in the order asked; missing ones are `None`.
    async fn get_many(&self, workspace: WorkspaceId, kind: &str, hashes: &[DocumentHash]) -> Result<Vec<Option<Value>>>;
    async fn delete(&self, workspace: WorkspaceId, kind: &str, hash: &str) -> Result<bool>;
    /// Names of all documents of a kind after `after`, in order; for sweeps and exports.
    async fn list(&self, workspace: WorkspaceId, kind: &str, after: Option<&str>, limit: usize) -> Result<Vec<DocumentHash>>;
    async fn ping(&self) -> Result<()>;
}

//! Blobs: uploaded files, content-addressed.

use crate::Result;
use async_trait::async_trait;
use bytes::Bytes;
use looma_types::WorkspaceId;

#[cfg(any(test, feature = "conformance"))]
pub mod conformance;
pub mod directory;

/// The BLAKE3 hash of the bytes: 64 hex digits.
pub type BlobHash = String;

/// The blob role.
#[async_trait]
pub trait Blobs: Send + Sync {
    /// Keeps the bytes; durable when answered (written aside, synced, renamed).
    async fn put(&self, workspace: WorkspaceId, bytes: Bytes) -> Result<BlobHash>;
    /// The bytes, checked against their name.
    async fn get(&self, workspace: WorkspaceId, hash: &str) -> Result<Option<Bytes>>;
    async fn delete(&self, workspace: WorkspaceId, hash: &str) -> Result<bool>;
    /// Names after `after`, in order.
    async fn list(&self, workspace: WorkspaceId, after: Option<&str>, limit: usize) -> Result<Vec<BlobHash>>;
    async fn ping(&self) -> Result<()>;
}

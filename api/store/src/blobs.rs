//! Blobs: uploaded files, content-addressed.

use crate::{Error, Result};
use async_trait::async_trait;
use bytes::Bytes;
use looma_types::WorkspaceId;

#[cfg(any(test, feature = "conformance"))]
pub mod conformance;
pub mod directory;
pub mod s3;

/// The BLAKE3 hash of the bytes: 64 hex digits.
pub type BlobHash = String;

/// The largest blob; uploads are limited well below it.
pub const MAX_BLOB: usize = 256 * 1024 * 1024;

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

/// The name of bytes that may be kept.
fn named(bytes: &[u8]) -> Result<BlobHash> {
    if bytes.len() > MAX_BLOB {
        return Err(Error::BadQuery(format!("a blob has at most {MAX_BLOB} bytes, not {}", bytes.len())));
    }
    Ok(blake3::hash(bytes).to_hex().to_string())
}

fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Bytes that were kept under a name.
fn checked(hash: &str, bytes: Bytes) -> Result<Bytes> {
    if blake3::hash(&bytes).to_hex().as_str() != hash {
        return Err(Error::corrupt("blobs", format!("blob {hash} is not what its name says")));
    }
    Ok(bytes)
}

//! Documents: immutable JSON values named by the hash of their content.

use crate::{Error, Result};
use async_trait::async_trait;
use futures::{StreamExt, TryStreamExt};
use looma_types::WorkspaceId;
use serde_json::Value;

pub mod canonical;
#[cfg(any(test, feature = "conformance"))]
pub mod conformance;
pub mod mongodb;
pub mod sqlite;

/// The hash of a document's canonical bytes: 64 hex digits (BLAKE3).
pub type DocumentHash = String;

/// The largest document, as canonical bytes; with its name it fits into every engine's own limit of 16 MiB.
pub const MAX_DOCUMENT: usize = 15 * 1024 * 1024;
/// How many are asked for at once.
pub const CHUNK: usize = 200;
/// How many are written at once where an engine takes one at a time.
const AT_ONCE: usize = 16;

/// The document role. Write the document first, then point to it in a SQL transaction.
#[async_trait]
pub trait Documents: Send + Sync {
    /// Keeps a value under `kind` (such as `resume`) and answers its name; the same value has the same name. Durable when answered.
    async fn put(&self, workspace: WorkspaceId, kind: &str, value: &Value) -> Result<DocumentHash>;
    /// Keeps many of one kind, faster than one by one; durable when answered.
    async fn put_many(&self, workspace: WorkspaceId, kind: &str, values: &[Value]) -> Result<Vec<DocumentHash>> {
        let mut puts = Vec::with_capacity(values.len());
        for value in values {
            puts.push(self.put(workspace, kind, value));
        }
        futures::stream::iter(puts).buffered(AT_ONCE).try_collect().await
    }
    /// The value, checked against its name.
    async fn get(&self, workspace: WorkspaceId, kind: &str, hash: &str) -> Result<Option<Value>>;
    /// Several at once, in the order asked; missing ones are `None`.
    async fn get_many(&self, workspace: WorkspaceId, kind: &str, hashes: &[DocumentHash]) -> Result<Vec<Option<Value>>>;
    async fn delete(&self, workspace: WorkspaceId, kind: &str, hash: &str) -> Result<bool>;
    /// Names of all documents of a kind after `after`, in order; for sweeps and exports.
    async fn list(&self, workspace: WorkspaceId, kind: &str, after: Option<&str>, limit: usize) -> Result<Vec<DocumentHash>>;
    async fn ping(&self) -> Result<()>;
    /// Ends what is open, where that must be waited for.
    async fn close(&self) {}
}

/// A value as it is kept: its name and its canonical bytes.
fn named(kind: &str, value: &Value) -> Result<(DocumentHash, Vec<u8>)> {
    let fine =
        (1..=64).contains(&kind.len()) && kind.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if !fine {
        return Err(Error::BadQuery(format!("`{kind}` is no kind of document")));
    }
    let body = canonical::canonical(value);
    if body.len() > MAX_DOCUMENT {
        return Err(Error::BadQuery(format!("a document has at most {MAX_DOCUMENT} bytes, not {}", body.len())));
    }
    Ok((blake3::hash(&body).to_hex().to_string(), body))
}

/// The value of bytes that were kept under a name.
fn checked(hash: &str, body: &[u8]) -> Result<Value> {
    if blake3::hash(body).to_hex().as_str() != hash {
        return Err(Error::corrupt("documents", format!("document {hash} is not what its name says")));
    }
    serde_json::from_slice(body).map_err(|error| Error::corrupt("documents", format!("document {hash}: {error}")))
}

//! Is the audit log what was written?

use super::{Head, Link};
use crate::{Error, Result, Sql, on};
use looma_types::WorkspaceId;
use std::fmt;
use uuid::Uuid;

/// So many entries are in memory at once.
const PAGE: i64 = 500;

/// What the check of all chains found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    pub workspaces: usize,
    /// Up to the breaks.
    pub entries: i64,
    /// Of each workspace whose chain is broken.
    pub breaks: Vec<Break>,
}

/// Where a workspace's chain breaks first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Break {
    pub workspace: WorkspaceId,
    /// The first place that cannot be trusted.
    pub sequence: i64,
    pub reason: String,
}

impl fmt::Display for Break {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "workspace {}, entry {}: {}", self.workspace, self.sequence, self.reason)
    }
}

impl Sql {
    /// Walks through every chain. What is written meanwhile is walked through too.
    pub async fn check_chains(&self) -> Result<Checked> {
        let ids: Vec<Uuid> = on!(self.read(), db => sqlx::query_scalar(
            "SELECT workspace_id FROM outbox UNION SELECT workspace_id FROM audit_head ORDER BY workspace_id").fetch_all(db).await)?;
        let mut checked = Checked { workspaces: ids.len(), ..Checked::default() };
        for workspace in ids.into_iter().map(WorkspaceId) {
            let (entries, reason) = self.check_chain(workspace).await?;
            checked.entries += entries;
            checked.breaks.extend(reason.map(|reason| Break { workspace, sequence: entries + 1, reason }));
        }
        Ok(checked)
    }

    /// How many entries follow each other as they should, and what is wrong with the next.
    async fn check_chain(&self, workspace: WorkspaceId) -> Result<(i64, Option<String>)> {
        let (mut last, mut position, mut limit) = (Head::default(), 0, PAGE);
        loop {
            // Before the entries: what it names is then among them.
            let head = self.kept_head(workspace).await?;
            let page = match self.links_after(workspace, last.sequence, limit).await {
                Ok(page) => page,
                Err(error @ Error::Unavailable { .. }) => return Err(error),
                Err(error) if limit == 1 => return Ok((last.sequence, Some(format!("cannot be read: {error}")))),
                // One by one, to find which it is.
                Err(_) => {
                    limit = 1;
                    continue;
                }
            };
            if page.is_empty() {
                return Ok((last.sequence, self.wrong_end(workspace, last, head).await?));
            }
            for link in page {
                match follow(last, position, &link) {
                    Ok(next) => (last, position) = (next, link.position),
                    Err(reason) => return Ok((last.sequence, Some(reason))),
                }
            }
        }
    }

    async fn kept_head(&self, workspace: WorkspaceId) -> Result<Option<(i64, Vec<u8>)>> {
        Ok(on!(self.read(), db => sqlx::query_as("SELECT sequence, hash FROM audit_head WHERE workspace_id = $1")
            .bind(workspace.0).fetch_optional(db).await)?)
    }

    async fn wrong_end(&self, workspace: WorkspaceId, last: Head, head: Option<(i64, Vec<u8>)>) -> Result<Option<String>> {
        let (sequence, hash) = head.unwrap_or_else(|| (0, Head::default().hash.to_vec()));
        if sequence > last.sequence {
            return Ok(Some(format!("is missing with all that follow; there were {sequence}")));
        }
        if (sequence, hash.as_slice()) != (last.sequence, last.hash.as_slice()) {
            return Ok(Some(format!("the head of the chain, at {sequence}, is not its last entry")));
        }
        let outside: Option<i64> = on!(self.read(), db => sqlx::query_scalar("SELECT MIN(position) FROM outbox WHERE workspace_id = $1 AND (hash IS NULL OR sequence IS NULL OR sequence < 1)")
            .bind(workspace.0).fetch_one(db).await)?;
        Ok(outside.map(|position| format!("event {position} stands outside of the chain")))
    }
}

/// The place of an entry that follows another as it should, or what is wrong with it.
fn follow(last: Head, position: i64, link: &Link) -> std::result::Result<Head, String> {
    let expected = last.next(&link.row);
    if link.sequence != expected.sequence {
        return Err(format!("is missing; the next one there is {}", link.sequence));
    }
    if link.hash != expected.hash {
        return Err("is not what was written, or what it followed is not".into());
    }
    if link.position <= position {
        return Err(format!("stands at position {}, before the one that it follows", link.position));
    }
    Ok(expected)
}

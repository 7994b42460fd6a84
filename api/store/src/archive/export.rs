//! Writes an archive while others write to the stores.
//!
//! Rows are read first, as one transaction sees them. Documents and blobs never change and are written before the rows
//! that name them, so what is read later holds everything that those rows name.

use super::catalog::{Named, TABLES};
use super::file::Writer;
use super::rows::Snapshot;
use super::summary::{Summary, Tally};
use super::{FORMAT, HEAD, Head, PAGE, Progress, SUMMARY};
use crate::documents::canonical::canonical;
use crate::stores::Truth;
use crate::{Error, Result};
use futures::{StreamExt, TryStreamExt};
use looma_types::WorkspaceId;
use serde::Serialize;
use serde_json::json;
use std::io::{Sink, Write};

/// How many documents are asked for at once.
const DOCUMENTS: usize = 50;

/// Writes everything to `out`. The file is whole when this has answered, and is none otherwise.
/// # Errors
/// `Corrupt` names a document or blob that rows name and that is not there.
pub async fn export<W: Write + Send + 'static>(truth: &Truth, out: W, progress: &Progress) -> Result<(W, Head, Summary)> {
    let created_at = looma_types::now();
    let writer = Writer::new(out, created_at.timestamp().unsigned_abs());
    let mut pass = Pass { writer: Some(writer), tally: Tally::default(), progress, part: String::new(), page: vec![], lines: 0, pages: 0 };
    let mut rows = Snapshot::begin(&truth.sql).await?;
    let head = Head {
        format: FORMAT,
        version: env!("CARGO_PKG_VERSION").into(),
        migration: crate::sql::newest_migration(),
        created_at,
        position: rows.position().await?,
    };
    pass.json(HEAD, &head).await?;
    Box::pin(pass.everything(truth, &mut rows)).await?;
    drop(rows);
    let summary = pass.tally.summary();
    pass.json(SUMMARY, &summary).await?;
    let Some(writer) = pass.writer else { return Err(Error::other("archive", "it was closed")) };
    Ok((writer.finish().await?, head, summary))
}

/// The summary of an archive that would be made now.
pub async fn checksum(truth: &Truth, progress: &Progress) -> Result<Summary> {
    let mut pass = Pass::<Sink> { writer: None, tally: Tally::default(), progress, part: String::new(), page: vec![], lines: 0, pages: 0 };
    Box::pin(pass.everything(truth, &mut Snapshot::begin(&truth.sql).await?)).await?;
    Ok(pass.tally.summary())
}

/// What passes from the stores into the file, if there is one.
struct Pass<'a, W> {
    writer: Option<Writer<W>>,
    tally: Tally,
    progress: &'a Progress,
    /// The part whose lines are gathered.
    part: String,
    page: Vec<u8>,
    lines: u64,
    pages: u64,
}

impl<W: Write + Send + 'static> Pass<'_, W> {
    async fn everything(&mut self, truth: &Truth, rows: &mut Snapshot) -> Result<()> {
        for table in TABLES {
            let mut lines = rows.lines(table);
            let part = format!("rows/{}", table.name);
            while let Some(line) = lines.try_next().await? {
                self.line(&part, &line).await?;
            }
        }
        for kind in super::catalog::document_kinds() {
            let mut names = rows.names(Named::Document(kind)).chunks(DOCUMENTS);
            while let Some(some) = names.next().await {
                let some: Vec<_> = some.into_iter().collect::<Result<_>>()?;
                self.documents(truth, kind, &some).await?;
            }
        }
        self.end_page().await?;
        let mut names = rows.names(Named::Blob);
        while let Some((workspace, hash)) = names.try_next().await? {
            let bytes = truth.blobs.get(workspace, &hash).await?;
            let bytes = bytes
                .ok_or_else(|| Error::corrupt("blobs", format!("rows name blob {hash} of workspace {workspace}, which is missing")))?;
            let part = format!("blobs/{workspace}");
            self.tally.add(&part, 1, format!("{hash}\n").as_bytes());
            self.progress.add(1, bytes.len());
            self.put(format!("{part}/{hash}"), bytes).await?;
        }
        Ok(())
    }

    async fn documents(&mut self, truth: &Truth, kind: &'static str, names: &[(WorkspaceId, String)]) -> Result<()> {
        for group in names.chunk_by(|a, b| a.0 == b.0) {
            let workspace = group[0].0;
            let hashes: Vec<_> = group.iter().map(|(_, hash)| hash.clone()).collect();
            let values = truth.documents.get_many(workspace, kind, &hashes).await?;
            for (hash, value) in hashes.into_iter().zip(values) {
                let missing =
                    || Error::corrupt("documents", format!("rows name {kind} document {hash} of workspace {workspace}, which is missing"));
                let mut line = canonical(&json!({ "hash": &hash, "value": value.ok_or_else(missing)? }));
                line.push(b'\n');
                self.line(&format!("documents/{workspace}/{kind}"), &line).await?;
            }
        }
        Ok(())
    }

    async fn line(&mut self, part: &str, line: &[u8]) -> Result<()> {
        if self.part != part {
            self.end_page().await?;
            part.clone_into(&mut self.part);
            self.pages = 0;
        }
        self.page.extend_from_slice(line);
        self.lines += 1;
        if self.page.len() >= PAGE { self.end_page().await } else { Ok(()) }
    }

    async fn end_page(&mut self) -> Result<()> {
        if self.lines == 0 {
            return Ok(());
        }
        self.pages += 1;
        let (page, lines) = (std::mem::take(&mut self.page), std::mem::take(&mut self.lines));
        self.tally.add(&self.part, lines, &page);
        self.progress.add(lines, page.len());
        self.put(format!("{}/{}.jsonl", self.part, self.pages), page.into()).await
    }

    async fn json(&mut self, path: &str, value: &impl Serialize) -> Result<()> {
        let bytes = serde_json::to_vec_pretty(value).map_err(|error| Error::other("archive", error))?;
        self.put(path.into(), bytes.into()).await
    }

    async fn put(&mut self, path: String, bytes: bytes::Bytes) -> Result<()> {
        match &mut self.writer {
            Some(writer) => writer.put(path, bytes).await,
            None => Ok(()),
        }
    }
}

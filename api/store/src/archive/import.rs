//! Reads an archive, to check it or into empty stores.

use super::catalog::{self, Column, Table};
use super::file::{Entry, Reader};
use super::summary::{Summary, Tally};
use super::target::{Place, Target};
use super::{FORMAT, HEAD, Head, Progress, SUMMARY, corrupt, fill, line};
use crate::documents::canonical::canonical;
use crate::stores::Truth;
use crate::{Error, Result, Tx, chain};
use bytes::Bytes;
use looma_types::WorkspaceId;
use serde::Deserialize;
use serde_json::Value;
use std::collections::HashMap;
use std::io::Read;

/// Reads an archive into stores that hold nothing. Rows come in one transaction, which is committed when everything has been
/// read and checked; what had been written of documents and blobs is taken away again when that fails.
/// # Errors
/// `Corrupt` says what is wrong with the archive, `BadQuery` why these stores cannot take it.
pub async fn import(truth: &Truth, from: impl Read + Send + 'static, progress: &Progress) -> Result<(Head, Summary)> {
    let mut tx = truth.sql.begin().await?;
    if let Some(table) = fill::first_filled(&mut tx).await? {
        return Err(Error::BadQuery(format!(
            "an archive goes into empty stores only, and there are rows already (in the table {table}). Where they are but the first administrator, \
             made when the system was started, begin anew: with another --data folder, or where an engine keeps the rows, with another namespace \
             in its settings or after dropping the old schema"
        )));
    }
    fill::begin(&mut tx).await?;
    let mut pass = Pass::new(from, progress, Some(Target::new(truth, tx)));
    let outcome = Box::pin(pass.everything()).await;
    let is_chained = pass.columns.get("outbox").is_none_or(|columns| columns.iter().any(|column| column.name == "hash"));
    let Some(Target { tx, fresh, .. }) = pass.target else { return Err(Error::other("archive", "it has no target")) };
    let committed = match outcome {
        Ok(read) => commit(tx, &read.0, is_chained).await.map(|()| read),
        Err(error) => {
            drop(tx);
            Err(error)
        }
    };
    if committed.is_err() {
        for place in fresh {
            if let Err(error) = place.clear(truth).await {
                tracing::warn!(%error, "documents and blobs of an archive that was refused stay; no row names them");
            }
        }
    }
    committed
}

async fn commit(mut tx: Tx, head: &Head, is_chained: bool) -> Result<()> {
    fill::end(&mut tx).await?;
    if !is_chained {
        chain::adopt(&mut tx).await?;
    }
    tx.position = Some(head.position).filter(|position| *position > 0);
    tx.commit().await.map(|_| ())
}

/// Reads an archive to its end and checks everything in it.
/// # Errors
/// `Corrupt` says what is wrong.
pub async fn verify(from: impl Read + Send + 'static, progress: &Progress) -> Result<(Head, Summary)> {
    Box::pin(Pass::new(from, progress, None).everything()).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DocumentLine {
    hash: String,
    value: Value,
}

/// What passes from the file into the stores, if there are some.
struct Pass<'a> {
    reader: Reader,
    tally: Tally,
    progress: &'a Progress,
    /// Of the tables seen, the columns that their lines have.
    columns: HashMap<&'static str, Vec<&'static Column>>,
    target: Option<Target<'a>>,
}

impl<'a> Pass<'a> {
    fn new(from: impl Read + Send + 'static, progress: &'a Progress, target: Option<Target<'a>>) -> Self {
        Self { reader: Reader::new(from), tally: Tally::default(), progress, columns: HashMap::new(), target }
    }

    async fn everything(&mut self) -> Result<(Head, Summary)> {
        let head = match self.reader.next().await? {
            Some(entry) if entry.path == HEAD => head(&entry.bytes)?,
            _ => return Err(corrupt(format!("it does not begin with {HEAD}: it is no archive"))),
        };
        let written = loop {
            let entry = self.reader.next().await?.ok_or_else(|| corrupt(format!("it ends without {SUMMARY}: it is cut off")))?;
            if entry.path == SUMMARY {
                break serde_json::from_slice::<Summary>(&entry.bytes).map_err(|error| corrupt(format!("{SUMMARY}: {error}")))?;
            }
            self.entry(&head, entry).await?;
        };
        if let Some(entry) = self.reader.next().await? {
            return Err(corrupt(format!("{} comes after {SUMMARY}", entry.path)));
        }
        if let Some(target) = &mut self.target {
            target.write_blobs().await?;
        }
        let read = self.tally.summary();
        if read != written {
            return Err(corrupt(format!("not what was written: {}", read.differences(&written).join(", "))));
        }
        Ok((head, read))
    }

    async fn entry(&mut self, head: &Head, entry: Entry) -> Result<()> {
        let Entry { path, bytes } = entry;
        let parts: Vec<_> = path.split('/').collect();
        match parts[..] {
            ["rows", table, _] => {
                let table = catalog::table(table).ok_or_else(|| corrupt(format!("this program knows no table {table}")))?;
                self.rows(head, table, &path, &bytes).await
            }
            ["documents", workspace, kind, _] => self.documents(parsed(workspace)?, kind, &path, &bytes).await,
            ["blobs", workspace, hash] => self.blob(parsed(workspace)?, hash, bytes).await,
            _ => Err(corrupt(format!("{path} does not belong into an archive"))),
        }
    }

    async fn rows(&mut self, head: &Head, table: &'static Table, path: &str, bytes: &[u8]) -> Result<()> {
        let mut rows = Vec::new();
        for (at, line) in lines(bytes).enumerate() {
            let wrong = |error| corrupt(format!("{path}, line {}: {error}", at + 1));
            if !self.columns.contains_key(table.name) {
                let columns = line::columns(table, line).map_err(wrong)?;
                check_missing(head, table, &columns)?;
                self.columns.insert(table.name, columns);
            }
            rows.push(line::read_row(&self.columns[table.name], line).map_err(wrong)?);
        }
        self.passed(&format!("rows/{}", table.name), rows.len() as u64, bytes);
        match &mut self.target {
            Some(target) => fill::add(&mut target.tx, table, &self.columns[table.name], rows).await,
            None => Ok(()),
        }
    }

    async fn documents(&mut self, workspace: WorkspaceId, kind: &str, path: &str, bytes: &[u8]) -> Result<()> {
        let mut values = Vec::new();
        for (at, line) in lines(bytes).enumerate() {
            let wrong = |error: String| corrupt(format!("{path}, line {}: {error}", at + 1));
            let DocumentLine { hash, value } = serde_json::from_slice(line).map_err(|error| wrong(error.to_string()))?;
            if blake3::hash(&canonical(&value)).to_hex().as_str() != hash {
                return Err(wrong(format!("document {hash} is not what its name says")));
            }
            values.push(value);
        }
        self.passed(&format!("documents/{workspace}/{kind}"), values.len() as u64, bytes);
        if let Some(target) = &mut self.target {
            target.enter(Place::Documents(workspace, kind.into())).await?;
            target.truth.documents.put_many(workspace, kind, &values).await?;
        }
        Ok(())
    }

    async fn blob(&mut self, workspace: WorkspaceId, hash: &str, bytes: Bytes) -> Result<()> {
        self.tally.add(&format!("blobs/{workspace}"), 1, format!("{hash}\n").as_bytes());
        self.progress.add(1, bytes.len());
        match &mut self.target {
            Some(target) => target.blob(workspace, hash, bytes).await,
            None if blake3::hash(&bytes).to_hex().as_str() != hash => Err(corrupt(format!("blob {hash} is not what its name says"))),
            None => Ok(()),
        }
    }

    fn passed(&mut self, part: &str, count: u64, lines: &[u8]) {
        self.tally.add(part, count, lines);
        self.progress.add(count, lines.len());
    }
}

fn head(bytes: &[u8]) -> Result<Head> {
    #[derive(Deserialize)]
    struct Format {
        format: u32,
    }
    let wrong = |error: serde_json::Error| corrupt(format!("{HEAD}: {error}"));
    let Format { format } = serde_json::from_slice(bytes).map_err(wrong)?;
    if format != FORMAT {
        return Err(corrupt(format!(
            "it has format {format}, and this program knows {FORMAT}: use the version that made it, or a newer one"
        )));
    }
    let head: Head = serde_json::from_slice(bytes).map_err(wrong)?;
    let newest = crate::sql::newest_migration();
    if head.migration > newest {
        return Err(corrupt(format!(
            "version {} made it from tables of migration {}, and this program knows them up to {newest}: use that version or a newer one",
            head.version, head.migration
        )));
    }
    Ok(head)
}

/// An older archive lacks columns that were added since: those that may be left out are.
fn check_missing(head: &Head, table: &Table, columns: &[&Column]) -> Result<()> {
    let is_missing = |column: &&Column| !columns.iter().any(|known| known.name == column.name);
    let is_older = head.migration < crate::sql::newest_migration();
    match table.columns.iter().filter(is_missing).find(|column| !is_older || !column.optional) {
        None => Ok(()),
        Some(column) if is_older => Err(corrupt(format!(
            "version {} made it before the table {} had the column {}, which must have a value: import it with that version, then upgrade",
            head.version, table.name, column.name
        ))),
        Some(column) => Err(corrupt(format!("the table {} lacks the column {}", table.name, column.name))),
    }
}

fn parsed(workspace: &str) -> Result<WorkspaceId> {
    workspace.parse().map_err(|_| corrupt(format!("{workspace} is no workspace")))
}

fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty())
}

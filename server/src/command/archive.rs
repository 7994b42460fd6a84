//! `looma export` and `looma import`: the whole truth in one file.

use super::{Common, quiet, say};
use crate::instance::{self, Hold};
use anyhow::{Context, bail};
use clap::Args;
use looma_kernel::Settings;
use looma_store::archive::{self, Head, Progress, Summary};
use looma_store::{Projection, Stores, Truth};
use serde::Serialize;
use std::fs::{self, File, OpenOptions};
use std::io::{BufReader, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// How often a terminal is told how far the work is.
const TOLD: Duration = Duration::from_millis(250);

#[derive(Debug, Args)]
pub(super) struct Export {
    /// The archive, such as `looma.looma`; `-` writes it to standard output.
    #[arg(required_unless_present = "check")]
    file: Option<PathBuf>,
    /// Replace the file where there is one.
    #[arg(long)]
    force: bool,
    /// Write nothing: tell the checksums of the stores, or compare them with those of an archive.
    #[arg(long, conflicts_with = "force")]
    check: bool,
}

#[derive(Debug, Args)]
pub(super) struct Import {
    /// The archive; `-` reads it from standard input.
    file: PathBuf,
}

/// What was written or read.
#[derive(Serialize)]
struct Moved<'a> {
    file: &'a Path,
    #[serde(flatten)]
    head: &'a Head,
    summary: &'a Summary,
    rows: u64,
    documents: u64,
    blobs: u64,
    /// Before compression.
    bytes: u64,
    seconds: f64,
}

impl<'a> Moved<'a> {
    fn new(file: &'a Path, (head, summary): (&'a Head, &'a Summary), work: Work) -> Self {
        let (rows, documents, blobs) = (summary.count("rows"), summary.count("documents"), summary.count("blobs"));
        Self { file, head, summary, rows, documents, blobs, bytes: work.progress.bytes(), seconds: work.began.elapsed().as_secs_f64() }
    }

    fn text(&self) -> String {
        let Self { rows, documents, blobs, bytes, seconds, .. } = self;
        format!("{rows} rows, {documents} documents and {blobs} files, {bytes} bytes, in {seconds:.1} s. Checksum {}", self.summary.total)
    }
}

pub(super) async fn export(common: &Common, export: &Export) -> anyhow::Result<ExitCode> {
    let settings = common.settings()?;
    match &export.file {
        None => check(common, &settings, None).await,
        Some(file) if export.check => check(common, &settings, Some(file)).await,
        Some(file) if is_standard(file) => {
            if std::io::stdout().is_terminal() {
                bail!("an archive is no text for a terminal: name a file, or send standard output somewhere");
            }
            let (truth, _hold) = open(&settings).await?;
            let work = Work::begin();
            let (_, head, summary) =
                archive::export(&truth, std::io::stdout(), &work.progress).await.context("nothing whole was exported")?;
            let moved = Moved::new(file, (&head, &summary), work);
            eprintln!("Exported {}", moved.text());
            truth.close().await;
            Ok(ExitCode::SUCCESS)
        }
        Some(file) => {
            if file.exists() && !export.force {
                bail!("{} is there already; --force replaces it", file.display());
            }
            let (truth, _hold) = open(&settings).await?;
            let work = Work::begin();
            let (part, out) = Part::beside(file)?;
            let done = tokio::select! {
                done = archive::export(&truth, out, &work.progress) => done.context("nothing was exported")?,
                _ = tokio::signal::ctrl_c() => bail!("broken off: nothing was exported"),
            };
            let (out, head, summary) = done;
            part.keep(&out)?;
            truth.close().await;
            say(common, &Moved::new(file, (&head, &summary), work), |moved| {
                format!("Exported {}\nBring it into other stores with: looma import {}", moved.text(), file.display())
            })?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

pub(super) async fn import(common: &Common, Import { file }: &Import) -> anyhow::Result<ExitCode> {
    let mut settings = common.settings()?;
    let _hold = instance::hold(&settings.data)?;
    quiet(&mut settings);
    let from = source(file)?;
    let stores = Stores::open(&settings.stores).await?;
    let truth = stores.truth();
    let work = Work::begin();
    let done = archive::import(&truth, from, &work.progress).await;
    let (head, summary) = done.with_context(|| format!("nothing was imported from {}", file.display()))?;
    // What they hold belongs to rows that were there before.
    let projections: [&dyn Projection; 3] = [stores.graph.as_ref(), stores.text.as_ref(), stores.vectors.as_ref()];
    for projection in projections {
        if projection.position().await? != 0 {
            projection.clear().await?;
        }
    }
    truth.close().await;
    say(common, &Moved::new(file, (&head, &summary), work), |moved| {
        format!("Imported {}\nSearch, graph and recommendations are made from it at the next `looma up`.", moved.text())
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Tells the stores' checksums; those of an archive must be the same.
async fn check(common: &Common, settings: &Settings, file: Option<&Path>) -> anyhow::Result<ExitCode> {
    #[derive(Serialize)]
    struct Checked {
        summary: Summary,
        /// Parts that the archive has otherwise.
        differences: Vec<String>,
    }
    let (truth, _hold) = open(settings).await?;
    let work = Work::begin();
    let summary = archive::checksum(&truth, &work.progress).await?;
    truth.close().await;
    let mut differences = vec![];
    if let Some(file) = file {
        let (_, other) = archive::verify(source(file)?, &work.progress).await.with_context(|| file.display().to_string())?;
        differences = summary.differences(&other);
    }
    drop(work);
    let same = differences.is_empty();
    say(common, &Checked { summary, differences }, |Checked { summary, differences }| {
        let mut lines: Vec<_> =
            summary.parts.iter().map(|(path, part)| format!("{}  {:>10}  {path}", &part.blake3[..16], part.count)).collect();
        lines.push(format!("{}  in all", summary.total));
        lines.extend(differences.iter().map(|path| format!("DIFFERS from the archive: {path}")));
        lines.join("\n")
    })?;
    Ok(if same { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The stores that the settings name, held where they are in the data folder.
pub(super) async fn open(settings: &Settings) -> anyhow::Result<(Truth, Option<Hold>)> {
    let stores = &settings.stores;
    let embedded = stores.postgres.is_none();
    if embedded && !settings.data.join("looma.sqlite").is_file() {
        bail!("{} holds no data; choose the folder with --data", settings.data.display());
    }
    let anything_embedded = embedded || stores.mongodb.is_none() || stores.s3.is_none();
    let hold = anything_embedded.then(|| instance::hold(&settings.data)).transpose()?;
    quiet(&mut settings.clone());
    Ok((Truth::open(stores).await?, hold))
}

fn is_standard(file: &Path) -> bool {
    file.as_os_str() == "-"
}

fn source(file: &Path) -> anyhow::Result<Box<dyn Read + Send>> {
    if is_standard(file) {
        return Ok(Box::new(std::io::stdin()));
    }
    let open = File::open(file).with_context(|| format!("cannot open {}", file.display()))?;
    Ok(Box::new(BufReader::new(open)))
}

/// A file being written; it goes away unless it is kept.
struct Part {
    part: PathBuf,
    file: PathBuf,
}

impl Part {
    /// Only its owner may read it: an archive holds everything.
    fn beside(file: &Path) -> anyhow::Result<(Self, File)> {
        let name = file.file_name().with_context(|| format!("{} names no file", file.display()))?.to_string_lossy();
        let part = file.with_file_name(format!(".{name}.{}.part", std::process::id()));
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let out = options.open(&part).with_context(|| format!("cannot write {}", part.display()))?;
        Ok((Self { part, file: file.to_path_buf() }, out))
    }

    fn keep(self, out: &File) -> anyhow::Result<()> {
        let what = || format!("cannot write {}", self.file.display());
        out.sync_all().and_then(|()| fs::rename(&self.part, &self.file)).with_context(what)?;
        let folder = self.file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(folder).and_then(|folder| folder.sync_all()).with_context(what)
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.part);
    }
}

/// Work under way, told on a terminal until it is dropped.
struct Work {
    progress: std::sync::Arc<Progress>,
    began: Instant,
    teller: Option<tokio::task::JoinHandle<()>>,
}

impl Work {
    fn begin() -> Self {
        let (progress, began) = (std::sync::Arc::<Progress>::default(), Instant::now());
        let teller = std::io::stderr().is_terminal().then(|| {
            let progress = progress.clone();
            tokio::spawn(async move {
                loop {
                    tokio::time::sleep(TOLD).await;
                    let (records, megabytes) = (progress.records(), progress.bytes() / 1_000_000);
                    let _ = write!(std::io::stderr(), "\r\x1b[K{records} records, {megabytes} MB, {} s", began.elapsed().as_secs());
                }
            })
        });
        Self { progress, began, teller }
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        if let Some(teller) = &self.teller {
            teller.abort();
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}

//! The file: a tar stream in zstd, written and read in a thread of its own so that the stores need not wait.

use super::corrupt;
use crate::blobs::MAX_BLOB;
use crate::{Error, Result};
use bytes::Bytes;
use std::io::{self, Read, Write};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Fast, and half the size of what the fastest makes.
const LEVEL: i32 = 3;
/// How many entries wait for the disk, or for the stores.
const AHEAD: usize = 2;
/// Names in an archive are far shorter.
const MAX_NAME: usize = 400;

/// One file within the archive.
pub struct Entry {
    pub path: String,
    pub bytes: Bytes,
}

pub struct Writer<W> {
    entries: mpsc::Sender<Entry>,
    thread: JoinHandle<io::Result<W>>,
}

impl<W: Write + Send + 'static> Writer<W> {
    /// `made_at` are the entries' seconds since 1970.
    pub fn new(out: W, made_at: u64) -> Self {
        let (entries, waiting) = mpsc::channel(AHEAD);
        Self { entries, thread: tokio::task::spawn_blocking(move || write(out, made_at, waiting)) }
    }

    /// # Errors
    /// When the file cannot be written any more; [`Writer::finish`] says why.
    pub async fn put(&mut self, path: String, bytes: Bytes) -> Result<()> {
        if self.entries.send(Entry { path, bytes }).await.is_ok() {
            return Ok(());
        }
        let outcome = (&mut self.thread).await.map_err(|error| Error::other("archive", error))?;
        Err(outcome.err().map_or_else(|| Error::other("archive", "it was closed"), written))
    }

    /// Ends the archive and gives the file back.
    pub async fn finish(self) -> Result<W> {
        drop(self.entries);
        self.thread.await.map_err(|error| Error::other("archive", error))?.map_err(written)
    }
}

fn written(error: io::Error) -> Error {
    Error::other("archive", format!("cannot write it: {error}"))
}

fn write<W: Write>(out: W, made_at: u64, mut entries: mpsc::Receiver<Entry>) -> io::Result<W> {
    let mut zstd = zstd::Encoder::new(out, LEVEL)?;
    zstd.include_checksum(true)?;
    let mut tar = tar::Builder::new(zstd);
    while let Some(entry) = entries.blocking_recv() {
        let mut header = tar::Header::new_ustar();
        header.set_size(entry.bytes.len() as u64);
        header.set_mode(0o600);
        header.set_mtime(made_at);
        tar.append_data(&mut header, &entry.path, entry.bytes.as_ref())?;
    }
    let mut out = tar.into_inner()?.finish()?;
    out.flush()?;
    Ok(out)
}

pub struct Reader(mpsc::Receiver<Result<Entry>>);

impl Reader {
    pub fn new(from: impl Read + Send + 'static) -> Self {
        let (entries, waiting) = mpsc::channel(AHEAD);
        // Ends when the archive does, or when nobody listens.
        tokio::task::spawn_blocking(move || {
            if let Err(error) = read(from, &entries) {
                let _ = entries.blocking_send(Err(error));
            }
        });
        Self(waiting)
    }

    /// The next entry; none once the file has been read to its end without fault.
    pub async fn next(&mut self) -> Result<Option<Entry>> {
        self.0.recv().await.transpose()
    }
}

fn unreadable(error: io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => corrupt("it is cut off"),
        _ => corrupt(format!("it cannot be read: {error}")),
    }
}

fn read(from: impl Read, entries: &mpsc::Sender<Result<Entry>>) -> Result<()> {
    let mut tar = tar::Archive::new(zstd::Decoder::new(from).map_err(unreadable)?);
    for entry in tar.entries().map_err(unreadable)? {
        let mut entry = entry.map_err(unreadable)?;
        let path = entry.path_bytes();
        let path = String::from_utf8(path.into_owned()).ok().filter(|path| path.len() <= MAX_NAME);
        let path = path.ok_or_else(|| corrupt("it has an entry without a proper name"))?;
        let size = entry.size();
        if size > MAX_BLOB as u64 || !entry.header().entry_type().is_file() {
            return Err(corrupt(format!("{path} does not belong into an archive")));
        }
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).map_err(unreadable)?;
        if bytes.len() as u64 != size {
            return Err(corrupt("it is cut off"));
        }
        if entries.blocking_send(Ok(Entry { path, bytes: bytes.into() })).is_err() {
            return Ok(());
        }
    }
    // The checksum of the stream stands at its end.
    io::copy(&mut tar.into_inner(), &mut io::sink()).map_err(unreadable)?;
    Ok(())
}

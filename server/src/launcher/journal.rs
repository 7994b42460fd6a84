//! What the services say: a bounded file for each, and the same lines for whoever watches.

use looma_types::ServiceName;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

/// A file that has become this long is put aside,
const LONGEST_FILE: u64 = 8 << 20;
/// and so many that were put aside are kept.
const KEPT: u32 = 3;
/// What comes without an end of line is cut here.
const LONGEST_LINE: u64 = 64 << 10;

/// The folder of these files.
pub fn folder(data: &Path) -> PathBuf {
    data.join("logs")
}

/// `NAME.log`.
pub fn file(data: &Path, service: ServiceName) -> PathBuf {
    folder(data).join(format!("{service}.log"))
}

/// A line of a service.
pub type Line = (ServiceName, String);

/// The files of all services, and where their lines are shown.
#[derive(Clone)]
pub struct Journal {
    data: PathBuf,
    shown: mpsc::Sender<Line>,
}

impl Journal {
    /// Lines go to the files and to `shown`; where that is full they go to the files alone: nobody waits for a slow terminal.
    pub fn open(data: &Path, shown: mpsc::Sender<Line>) -> io::Result<Self> {
        std::fs::create_dir_all(folder(data))?;
        Ok(Self { data: data.to_owned(), shown })
    }

    /// Writes down all that a service says; the tasks end when both of its mouths are closed.
    pub fn keep<O, E>(&self, service: ServiceName, out: O, err: E) -> JoinSet<()>
    where
        O: AsyncRead + Unpin + Send + 'static,
        E: AsyncRead + Unpin + Send + 'static,
    {
        let log = Arc::new(Mutex::new(LogFile::new(file(&self.data, service))));
        let mut tasks = JoinSet::new();
        tasks.spawn(pump(service, out, log.clone(), self.shown.clone()));
        tasks.spawn(pump(service, err, log, self.shown.clone()));
        tasks
    }

    /// Writes down what happened to a service.
    pub fn note(&self, service: ServiceName, what: &str) {
        let line = format!("{} launcher: {what}", looma_types::now().to_rfc3339());
        // Not put aside here: who writes what the service says has the file open.
        LogFile { longest: u64::MAX, ..LogFile::new(file(&self.data, service)) }.write(&line);
        let _ = self.shown.try_send((service, line));
    }
}

async fn pump(service: ServiceName, from: impl AsyncRead + Unpin, log: Arc<Mutex<LogFile>>, shown: mpsc::Sender<Line>) {
    let mut from = BufReader::new(from);
    let mut line = Vec::new();
    loop {
        line.clear();
        match (&mut from).take(LONGEST_LINE).read_until(b'\n', &mut line).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        let text = String::from_utf8_lossy(&line).trim_end().to_owned();
        log.lock().unwrap_or_else(PoisonError::into_inner).write(&text);
        let _ = shown.try_send((service, text));
    }
}

/// A file that is put aside when it is long.
struct LogFile {
    path: PathBuf,
    open: Option<(File, u64)>,
    longest: u64,
}

impl LogFile {
    fn new(path: PathBuf) -> Self {
        Self { path, open: None, longest: LONGEST_FILE }
    }

    /// A disk that is full must not end a service: what cannot be written is only shown.
    fn write(&mut self, line: &str) {
        if let Err(error) = self.try_write(line) {
            self.open = None;
            tracing::debug!(%error, file = %self.path.display(), "a line could not be kept");
        }
    }

    fn try_write(&mut self, line: &str) -> io::Result<()> {
        if self.open.as_ref().is_some_and(|(_, length)| *length >= self.longest) {
            self.open = None;
            self.put_aside()?;
        }
        if self.open.is_none() {
            let file = create(&self.path)?;
            let length = file.metadata()?.len();
            self.open = Some((file, length));
        }
        if let Some((file, length)) = &mut self.open {
            // In one write, so that lines of two writers do not run into each other.
            let bytes = format!("{line}\n");
            file.write_all(bytes.as_bytes())?;
            *length += bytes.len() as u64;
        }
        Ok(())
    }

    fn put_aside(&self) -> io::Result<()> {
        let aside = |number: u32| self.path.with_extension(format!("log.{number}"));
        for number in (1..KEPT).rev().filter(|number| aside(*number).exists()) {
            std::fs::rename(aside(number), aside(number + 1))?;
        }
        std::fs::rename(&self.path, aside(1))
    }
}

/// Readable by its owner alone: a log may name people.
fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn lines_are_kept_and_shown() {
        let folder = tempfile::tempdir().unwrap();
        let (shown, mut lines) = mpsc::channel(10);
        let journal = Journal::open(folder.path(), shown).unwrap();
        let mut tasks = journal.keep(ServiceName::Ai, &b"one\ntwo"[..], &b""[..]);
        while tasks.join_next().await.is_some() {}
        assert_eq!(lines.recv().await.unwrap(), (ServiceName::Ai, "one".into()));
        assert_eq!(lines.recv().await.unwrap(), (ServiceName::Ai, "two".into()));
        journal.note(ServiceName::Ai, "it ended");
        assert!(lines.recv().await.unwrap().1.ends_with("launcher: it ended"));
        let kept = std::fs::read_to_string(file(folder.path(), ServiceName::Ai)).unwrap();
        assert!(kept.starts_with("one\ntwo\n") && kept.ends_with("it ended\n"), "{kept}");
    }

    #[test]
    fn the_disk_is_not_filled() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = LogFile::new(folder.path().join("ai.log"));
        log.longest = 100;
        for number in 0..1000 {
            log.write(&format!("line {number}"));
        }
        let mut names: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["ai.log", "ai.log.1", "ai.log.2", "ai.log.3"]);
        assert!(std::fs::read_dir(folder.path()).unwrap().all(|file| file.unwrap().metadata().unwrap().len() < 120));
        assert!(std::fs::read_to_string(folder.path().join("ai.log")).unwrap().ends_with("line 999\n"));
    }
}

//! One file a day: `logs/looma-2026-01-31.log`, JSON lines, kept for seven days.

use crate::redact::redact;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use looma_kernel::Kernel;
use looma_kernel::logs::LogRing;
use looma_kernel::types::log::LogLine;
use looma_kernel::types::now;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::sync::watch;

/// Days that are kept.
const KEEP: i64 = 7;
/// A day's file that grows beyond this goes on in a new one.
const MAX_FILE: u64 = 256 << 20;
/// All files together; the oldest go first.
const MAX_TOTAL: u64 = 2 << 30;

/// What is known of the writing: where, and up to which line of this process's ring.
#[derive(Clone)]
pub struct Writer {
    pub(crate) folder: PathBuf,
    pub(crate) written: watch::Receiver<u64>,
}

/// Writes this process's lines to the disk from now on; nothing when all is in memory. A process that does not host
/// the log service calls it itself.
pub fn keep(kernel: &Kernel) -> Option<Writer> {
    if kernel.settings().stores.in_memory {
        return None;
    }
    let folder = kernel.settings().data.join("logs");
    let (progress, written) = watch::channel(0);
    let (ring, files) = (kernel.logs().clone(), Files { folder: folder.clone(), open: None });
    kernel.spawn(move |stop| write(ring, files, progress, stop));
    Some(Writer { folder, written })
}

async fn write(ring: LogRing, mut files: Files, progress: watch::Sender<u64>, mut stop: watch::Receiver<bool>) {
    let mut tail = ring.tail();
    let mut batch = ring.lines();
    let mut failing = false;
    loop {
        batch.retain(|line| line.seq > *progress.borrow());
        if let Some(last) = batch.last().map(|line| line.seq) {
            let lines = std::mem::take(&mut batch);
            let task = tokio::task::spawn_blocking(move || {
                let outcome = files.append(&lines);
                (files, outcome)
            });
            let Ok((back, outcome)) = task.await else { return };
            files = back;
            // Said once: each complaint would be a line to write.
            if let (Err(error), false) = (&outcome, failing) {
                tracing::error!(%error, folder = %files.folder.display(), "log lines cannot be written to the disk");
            }
            failing = outcome.is_err();
            progress.send_replace(last);
        }
        let stopping = *stop.borrow();
        let first = tokio::select! {
            biased;
            line = tail.recv() => line,
            _ = stop.wait_for(|stop| *stop), if !stopping => continue,
            // What was said while stopping is written, then it ends.
            () = std::future::ready(()), if stopping => return,
        };
        match first {
            Ok(line) => batch.push(line),
            Err(RecvError::Lagged(_)) => batch = ring.lines(),
            Err(RecvError::Closed) => return,
        }
        loop {
            match tail.try_recv() {
                Ok(line) => batch.push(line),
                Err(TryRecvError::Lagged(_)) => batch = ring.lines(),
                Err(_) => break,
            }
        }
    }
}

struct Files {
    folder: PathBuf,
    open: Option<(NaiveDate, File)>,
}

impl Files {
    fn append(&mut self, lines: &[Arc<LogLine>]) -> io::Result<()> {
        let outcome = self.try_append(lines);
        if outcome.is_err() {
            self.open = None;
        }
        outcome
    }

    fn try_append(&mut self, lines: &[Arc<LogLine>]) -> io::Result<()> {
        let today = now().date_naive();
        let file = match &mut self.open {
            Some((day, file)) if *day == today => file,
            open => {
                let file = begin(&self.folder, today)?;
                &mut open.insert((today, file)).1
            }
        };
        let mut text = Vec::with_capacity(lines.len() * 256);
        for line in lines {
            serde_json::to_writer(&mut text, &redact(line))?;
            text.push(b'\n');
        }
        // One write of whole lines: several processes may append to the same file.
        file.write_all(&text)?;
        if file.metadata()?.len() > MAX_FILE {
            self.open = None;
            let part = format!("looma-{today}-{}.log", now().format("%H%M%S"));
            fs::rename(path(&self.folder, today), self.folder.join(part))?;
            prune(&self.folder, today)?;
        }
        Ok(())
    }
}

fn path(folder: &Path, day: NaiveDate) -> PathBuf {
    folder.join(format!("looma-{day}.log"))
}

fn begin(folder: &Path, day: NaiveDate) -> io::Result<File> {
    fs::create_dir_all(folder)?;
    prune(folder, day)?;
    OpenOptions::new().create(true).append(true).open(path(folder, day))
}

/// The day a file's name tells.
pub(crate) fn day(name: &str) -> Option<NaiveDate> {
    name.strip_suffix(".log")?.strip_prefix("looma-")?.get(..10)?.parse().ok()
}

/// Log files, newest first. A day's finished parts sort before its open file (`-` before `.`).
pub(crate) fn list(folder: &Path) -> io::Result<Vec<(NaiveDate, String)>> {
    let mut found = Vec::new();
    match fs::read_dir(folder) {
        Ok(entries) => {
            for entry in entries {
                let name = entry?.file_name().to_string_lossy().into_owned();
                found.extend(day(&name).map(|day| (day, name)));
            }
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    found.sort_unstable_by(|a, b| b.1.cmp(&a.1));
    Ok(found)
}

/// Removes what is too old, and the oldest of what is too much.
fn prune(folder: &Path, today: NaiveDate) -> io::Result<()> {
    let oldest = today - TimeDelta::days(KEEP - 1);
    let mut total = 0;
    for (day, name) in list(folder)? {
        let file = folder.join(name);
        total += fs::metadata(&file).map_or(0, |data| data.len());
        if day < oldest || total > MAX_TOTAL {
            fs::remove_file(file)?;
        }
    }
    Ok(())
}

/// Whether a day can hold lines of that time.
pub(crate) fn may_hold(day: NaiveDate, from: Option<DateTime<Utc>>, to: Option<DateTime<Utc>>) -> bool {
    // A line is filed under the day it is written, which may be the one after it was said.
    from.is_none_or(|from| day >= from.date_naive()) && to.is_none_or(|to| day <= to.date_naive() + TimeDelta::days(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_files_go_and_others_stay() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["looma-2026-01-01.log", "looma-2026-01-02.log", "looma-2026-01-08.log", "looma-2026-01-08-101500.log", "notes.txt"] {
            fs::write(folder.path().join(name), "{}\n").unwrap();
        }
        begin(folder.path(), "2026-01-08".parse().unwrap()).unwrap();
        let names: Vec<_> = list(folder.path()).unwrap().into_iter().map(|(_, name)| name).collect();
        assert_eq!(names, ["looma-2026-01-08.log", "looma-2026-01-08-101500.log", "looma-2026-01-02.log"]);
        assert!(folder.path().join("notes.txt").exists());
    }
}

//! Finding lines and following them.

use crate::files::{self, Writer};
use crate::filter::Filter;
use crate::read::Backwards;
use crate::redact::redact;
use chrono::TimeDelta;
use futures::Stream;
use looma_kernel::logs::LogRing;
use looma_kernel::types::Page;
use looma_kernel::types::log::LogLine;
use looma_kernel::{Cursor, Failure, Kernel, ListQuery, Result};
use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;

/// Bytes that one request looks through; the page's cursor goes on from there.
const MAX_SCAN: u64 = 32 << 20;
/// How long a search waits until the newest lines are on the disk.
const SETTLE: Duration = Duration::from_millis(300);
/// How far lines of several processes may be out of order.
const DISORDER: TimeDelta = TimeDelta::seconds(5);

/// The log of this installation.
#[derive(Clone)]
pub struct LogService {
    ring: LogRing,
    writer: Option<Writer>,
    stopping: watch::Receiver<bool>,
    /// How long a tail lasts before the client must show its token again.
    pub(crate) tail_limit: Duration,
}

/// What a tail tells.
pub(crate) enum Told {
    Line(LogLine),
    /// The reader was too slow and lost this many lines.
    Missed(u64),
}

/// Where a page of lines from files ended.
type Place = (String, u64);

impl LogService {
    pub fn new(kernel: &Kernel, writer: Option<Writer>) -> Self {
        Self {
            ring: kernel.logs().clone(),
            writer,
            stopping: kernel.stopping(),
            tail_limit: Duration::from_secs(kernel.settings().auth.access_token_seconds),
        }
    }

    /// Lines that match, newest first. A page may have fewer lines than its limit and still a cursor: then the search
    /// has looked through as much as one request may and goes on from there.
    pub(crate) async fn find(&self, filter: Filter, query: ListQuery) -> Result<Page<LogLine>> {
        let limit = query.limit()? as usize;
        let Some(writer) = &self.writer else { return self.find_in_memory(&filter, &query) };
        if let Some(newest) = self.ring.lines().last().map(|line| line.seq) {
            let mut written = writer.written.clone();
            // On a disk that does not keep up the newest lines are missing from the answer, not the answer.
            let _ = tokio::time::timeout(SETTLE, written.wait_for(|seq| *seq >= newest)).await;
        }
        let (folder, after) = (writer.folder.clone(), query.after()?);
        tokio::task::spawn_blocking(move || find_in_files(&folder, &filter, limit, after))
            .await
            .map_err(Failure::internal)?
            .map_err(|error| Failure::unavailable(format!("The log files cannot be read: {error}."), 5))
    }

    fn find_in_memory(&self, filter: &Filter, query: &ListQuery) -> Result<Page<LogLine>> {
        let before: u64 = query.after()?.unwrap_or(u64::MAX);
        let lines = self.ring.lines();
        let found = lines.iter().rev().filter(|line| line.seq < before && filter.matches(line));
        let limit = query.limit()?;
        let found = found.take(limit as usize + 1).map(|line| redact(line).into_owned()).collect();
        Ok(ListQuery::page(limit, found, |line| line.seq))
    }

    /// Lines as they are written, after line `after` of this process where it is still in memory. Ends when the
    /// process stops.
    pub(crate) fn tail(&self, filter: Filter, after: Option<u64>) -> impl Stream<Item = Told> + use<> {
        let news = self.ring.tail();
        let (missed, last) = match after {
            Some(after) => {
                let missed: Vec<_> = self.ring.lines().into_iter().filter(|line| line.seq > after).collect();
                let last = missed.last().map_or(after, |line| line.seq);
                (missed, last)
            }
            None => (vec![], 0),
        };
        let begin = Tail { missed: missed.into_iter(), last, news, filter, stopping: self.stopping.clone() };
        futures::stream::unfold(begin, |mut tail| async move { tail.next().await.map(|told| (told, tail)) })
    }
}

struct Tail {
    missed: std::vec::IntoIter<Arc<LogLine>>,
    /// Lines up to this one were told from memory.
    last: u64,
    news: Receiver<Arc<LogLine>>,
    filter: Filter,
    stopping: watch::Receiver<bool>,
}

impl Tail {
    async fn next(&mut self) -> Option<Told> {
        for line in self.missed.by_ref() {
            if self.filter.matches(&line) {
                return Some(Told::Line(redact(&line).into_owned()));
            }
        }
        loop {
            let received = tokio::select! {
                _ = self.stopping.wait_for(|stop| *stop) => return None,
                received = self.news.recv() => received,
            };
            match received {
                Ok(line) if line.seq > self.last && self.filter.matches(&line) => return Some(Told::Line(redact(&line).into_owned())),
                Ok(_) => {}
                Err(RecvError::Lagged(count)) => return Some(Told::Missed(count)),
                Err(RecvError::Closed) => return None,
            }
        }
    }
}

fn find_in_files(folder: &Path, filter: &Filter, limit: usize, after: Option<Place>) -> std::io::Result<Page<LogLine>> {
    let mut page = Page::default();
    let mut scanned = 0;
    for (day, name) in files::list(folder)? {
        let offset = match &after {
            Some((file, _)) if name > *file => continue,
            Some((file, offset)) if name == *file => *offset,
            _ => u64::MAX,
        };
        if !files::may_hold(day, filter.from, filter.to) {
            continue;
        }
        let file = match File::open(folder.join(&name)) {
            Ok(file) => file,
            // Removed for its age meanwhile.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        let mut lines = Backwards::new(file, offset)?;
        while let Some((place, text)) = lines.next()? {
            scanned += text.len() as u64 + 1;
            // A line cut off by a crash is no line.
            let Ok(line) = serde_json::from_slice::<LogLine>(&text) else { continue };
            if filter.from.is_some_and(|from| line.at < from - DISORDER) {
                return Ok(page);
            }
            if filter.matches(&line) {
                page.items.push(line);
            }
            if page.items.len() >= limit || scanned >= MAX_SCAN {
                page.next_cursor = Some(Cursor::encode(&(&name, place)));
                return Ok(page);
            }
        }
    }
    Ok(page)
}

#[cfg(test)]
mod tests {
    use super::*;
    use looma_kernel::types::now;

    #[test]
    fn pages_go_back_through_the_days_without_gap_or_repetition() {
        let folder = tempfile::tempdir().unwrap();
        let mut expected = vec![];
        let mut seq = 0;
        for day in ["2026-01-07", "2026-01-08"] {
            let mut text = String::new();
            for n in 0..7 {
                seq += 1;
                let at = format!("{day}T10:00:0{n}Z").parse().unwrap();
                let line = LogLine {
                    seq,
                    at,
                    level: "INFO".into(),
                    target: "t".into(),
                    message: format!("said {seq}"),
                    fields: serde_json::Map::new(),
                };
                text += &(serde_json::to_string(&line).unwrap() + "\n");
                expected.insert(0, seq);
            }
            std::fs::write(folder.path().join(format!("looma-{day}.log")), text + "{\"seq\":9").unwrap();
        }
        let filter = Filter::new(Some("said"), None, None).unwrap();
        let (mut seen, mut after) = (vec![], None);
        for _ in 0..10 {
            let page = find_in_files(folder.path(), &filter, 4, after.take()).unwrap();
            seen.extend(page.items.iter().map(|line| line.seq));
            let Some(cursor) = page.next_cursor else { break };
            after = Some(Cursor::decode(&cursor).unwrap());
        }
        assert_eq!(seen, expected);
        let mut since = filter;
        since.from = Some("2026-01-08T10:00:05Z".parse().unwrap());
        let page = find_in_files(folder.path(), &since, 100, None).unwrap();
        assert_eq!(page.items.iter().map(|line| line.seq).collect::<Vec<_>>(), [14, 13]);
        assert!(page.items.iter().all(|line| line.at < now() + TimeDelta::days(1)));
    }
}

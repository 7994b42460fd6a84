//! `looma logs`: what services that are processes of their own have said.

use super::Common;
use crate::launcher::journal;
use anyhow::bail;
use clap::Args;
use looma_types::ServiceName;
use std::collections::{BTreeMap, VecDeque};
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

/// How often a followed file is looked at.
const LOOK: Duration = Duration::from_millis(100);

#[derive(Debug, Args)]
pub(super) struct Logs {
    /// A service's name; all when none is said.
    #[arg(value_parser = super::service_names(), hide_possible_values = true)]
    name: Option<ServiceName>,
    /// Go on with what comes.
    #[arg(short, long)]
    follow: bool,
    /// How many of the last lines of each service.
    #[arg(short = 'n', long, value_name = "N", default_value_t = 100)]
    lines: usize,
}

/// A line and where it belongs among those of other services: by its time, or by that of the line before it.
struct Line {
    time: String,
    service: ServiceName,
    text: String,
}

pub(super) async fn logs(common: &Common, logs: &Logs) -> anyhow::Result<ExitCode> {
    let settings = common.settings()?;
    let services = logs.name.map_or_else(|| ServiceName::ALL.to_vec(), |name| vec![name]);
    let there = |service: &ServiceName| journal::file(&settings.data, *service).exists();
    if !logs.follow && !services.iter().any(there) {
        let folder = journal::folder(&settings.data);
        bail!("{} holds no log: `looma up --processes` writes them; one process writes to its standard error", folder.display());
    }
    let mut lines = Vec::new();
    let mut read: BTreeMap<ServiceName, u64> = BTreeMap::new();
    for service in &services {
        let (last, length) = last_lines(&journal::file(&settings.data, *service), logs.lines)?;
        read.insert(*service, length);
        let mut time = String::new();
        for text in last {
            if let Some(said) = time_of(&text) {
                time = said;
            }
            lines.push(Line { time: time.clone(), service: *service, text });
        }
    }
    lines.sort_by(|one, other| one.time.cmp(&other.time));
    let alone = logs.name.is_some();
    let mut out = std::io::stdout();
    for line in &lines {
        write_line(&mut out, alone, line.service, &line.text)?;
    }
    if !logs.follow {
        return Ok(ExitCode::SUCCESS);
    }
    loop {
        for (service, at) in &mut read {
            for text in further(&journal::file(&settings.data, *service), at)? {
                write_line(&mut out, alone, *service, &text)?;
            }
        }
        out.flush()?;
        tokio::time::sleep(LOOK).await;
    }
}

fn write_line(out: &mut impl Write, alone: bool, service: ServiceName, text: &str) -> std::io::Result<()> {
    if alone { writeln!(out, "{text}") } else { writeln!(out, "{:<13}| {text}", service.as_str()) }
}

/// When a line was written: at its beginning, or in JSON.
fn time_of(line: &str) -> Option<String> {
    let line = line.strip_prefix("{\"timestamp\":\"").unwrap_or(line);
    let end = line.find(|c: char| !(c.is_ascii_digit() || "-T:.".contains(c))).unwrap_or(line.len());
    let time = &line[..end];
    (time.len() >= 19 && time.starts_with("20") && time.as_bytes()[10] == b'T').then(|| time.to_owned())
}

/// The last lines of a file that may not be there, and how far it was read.
fn last_lines(file: &Path, most: usize) -> std::io::Result<(VecDeque<String>, u64)> {
    let mut last = VecDeque::new();
    let Ok(file) = File::open(file) else { return Ok((last, 0)) };
    let mut file = BufReader::new(file);
    let (mut line, mut length) = (Vec::new(), 0);
    loop {
        line.clear();
        let bytes = file.read_until(b'\n', &mut line)?;
        if !line.ends_with(b"\n") {
            return Ok((last, length));
        }
        length += bytes as u64;
        if last.len() == most {
            last.pop_front();
        }
        if most > 0 {
            last.push_back(String::from_utf8_lossy(&line).trim_end().to_owned());
        }
    }
}

/// The whole lines after `at`, which moves behind them; from the beginning where the file was put aside for a new one.
fn further(file: &Path, at: &mut u64) -> std::io::Result<Vec<String>> {
    let Ok(mut file) = File::open(file) else { return Ok(Vec::new()) };
    if file.metadata()?.len() < *at {
        *at = 0;
    }
    file.seek(SeekFrom::Start(*at))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    *at += whole as u64;
    Ok(String::from_utf8_lossy(&bytes[..whole]).lines().map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_from_its_end_and_on() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ai.log");
        assert_eq!(last_lines(&file, 2).unwrap().0.len(), 0);
        std::fs::write(&file, "one\ntwo\nthree\nhal").unwrap();
        let (last, mut at) = last_lines(&file, 2).unwrap();
        assert_eq!((last, at), (VecDeque::from(["two".to_owned(), "three".to_owned()]), 14));
        assert!(further(&file, &mut at).unwrap().is_empty(), "half a line is none yet");
        std::fs::write(&file, "one\ntwo\nthree\nhalf\nmore\n").unwrap();
        assert_eq!(further(&file, &mut at).unwrap(), ["half", "more"]);
        std::fs::write(&file, "new\n").unwrap();
        assert_eq!(further(&file, &mut at).unwrap(), ["new"]);
    }

    #[test]
    fn times_are_found_in_both_formats() {
        assert_eq!(time_of("2026-11-29T08:00:00.1Z  INFO x").as_deref(), Some("2026-11-29T08:00:00.1"));
        assert_eq!(time_of("{\"timestamp\":\"2026-11-29T08:00:00.1Z\",").as_deref(), Some("2026-11-29T08:00:00.1"));
        assert_eq!(time_of("  at somewhere, which is a line of a panic"), None);
    }
}

//! What the operator sees: a table that changes while the services start, where standard output is a terminal, and plain lines
//! elsewhere.

use super::board::{Entries, Entry, Phase};
use super::journal::Line;
use looma_types::ServiceName;
use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write as _;
use std::io::{IsTerminal, Write};
use tokio::sync::{mpsc, watch};

/// Lines of services that are held back while the table is drawn.
const HELD: usize = 1000;

/// Whether what goes to a stream may be coloured (<https://no-color.org>).
pub fn may_colour(terminal: bool) -> bool {
    terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

pub struct Screen {
    /// The table's height, as long as it is drawn.
    table: Option<usize>,
    colour: bool,
    /// Says nothing of its own: standard output belongs to a JSON document.
    quiet: bool,
    seen: BTreeMap<ServiceName, Phase>,
    held: VecDeque<Line>,
}

impl Screen {
    pub fn new(quiet: bool) -> Self {
        let terminal = std::io::stdout().is_terminal() && !quiet;
        let table = terminal.then_some(0);
        Self { table, colour: may_colour(terminal), quiet, seen: BTreeMap::new(), held: VecDeque::new() }
    }

    /// Shows what happens until all services are settled, then writes `report` of them, and goes on with their lines.
    pub async fn show(
        mut self,
        mut entries: watch::Receiver<Entries>,
        mut lines: mpsc::Receiver<Line>,
        report: impl Fn(&Entries) -> String,
    ) {
        let mut started = false;
        loop {
            tokio::select! {
                biased;
                changed = entries.changed() => {
                    if changed.is_err() {
                        return;
                    }
                    let now = entries.borrow_and_update().clone();
                    self.change(&now);
                    if !started && now.values().all(Entry::is_settled) {
                        started = true;
                        if let Some(height) = self.table.take() {
                            // The report has all of it.
                            print!("\x1b[{height}A\x1b[J");
                        }
                        println!("{}", report(&now).trim_end());
                        while let Some(line) = self.held.pop_front() {
                            self.line(line);
                        }
                    }
                }
                Some(line) = lines.recv() => self.line(line),
            }
        }
    }

    fn change(&mut self, entries: &Entries) {
        let changed: Vec<&Entry> =
            entries.values().filter(|entry| self.seen.insert(entry.service, entry.phase) != Some(entry.phase)).collect();
        if let Some(height) = self.table {
            self.table = Some(entries.len());
            self.draw(height, entries);
        } else if !self.quiet {
            for entry in changed.into_iter().filter(|entry| entry.phase != Phase::Waiting) {
                println!("{:<14}{}", entry.service.as_str(), self.words(entry));
            }
        }
    }

    /// Over the table that was drawn before, `height` lines up.
    fn draw(&self, height: usize, entries: &Entries) {
        // Rows that wrap would make the table higher than is counted.
        let mut text = String::from("\x1b[?7l");
        if height > 0 {
            let _ = write!(text, "\x1b[{height}A");
        }
        for entry in entries.values() {
            let _ = writeln!(text, "\x1b[2K  {:<14}{:>6}  {}", entry.service.as_str(), entry.port, self.words(entry));
        }
        text += "\x1b[?7h";
        let mut out = std::io::stdout().lock();
        // A terminal that is gone is no reason to end the services.
        let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    }

    fn words(&self, entry: &Entry) -> String {
        let phase = entry.phase.as_str();
        let phase = match (self.colour, entry.phase) {
            (true, Phase::Ready) => format!("\x1b[32m{phase}\x1b[0m"),
            (true, Phase::Failed | Phase::Restarting) => format!("\x1b[31m{phase}\x1b[0m"),
            (true, Phase::Starting | Phase::Stopping) => format!("\x1b[33m{phase}\x1b[0m"),
            _ => phase.to_owned(),
        };
        let detail = match entry.phase {
            Phase::Waiting => "for ".to_owned() + &entry.service.needs().iter().map(|need| need.as_str()).collect::<Vec<_>>().join(", "),
            Phase::Starting => entry.pid.map(|pid| format!("process {pid}")).unwrap_or_default(),
            Phase::Ready => entry.ready_ms.filter(|_| entry.restarts == 0).map(|ms| format!("{ms} ms")).unwrap_or_default(),
            Phase::Restarting | Phase::Failed => entry.problem.clone().unwrap_or_default(),
            Phase::Stopping | Phase::Stopped => String::new(),
        };
        format!("{phase} {detail}").trim_end().to_owned()
    }

    fn line(&mut self, line: Line) {
        if self.table.is_some() {
            if self.held.len() == HELD {
                self.held.pop_front();
            }
            self.held.push_back(line);
            return;
        }
        let _ = writeln!(std::io::stderr(), "{:<13}| {}", line.0.as_str(), line.1);
    }
}

//! What the start tells: when each service began and was ready, for whom it waited, and the way that took longest.

use super::board::{Entries, Phase};
use super::plan::Plan;
use crate::command::FirstAdmin;
use looma_types::ServiceName;
use serde::Serialize;
use std::fmt::Write;
use std::path::PathBuf;
use std::time::Duration;

/// Times are milliseconds since the launcher began.
#[derive(Debug, Serialize)]
pub struct Report {
    pub ready: bool,
    pub ready_in_ms: u64,
    pub pid: u32,
    pub data: PathBuf,
    pub services: Vec<Line>,
    /// The chain of dependencies that took longest.
    pub critical_path: Vec<ServiceName>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_admin: Option<FirstAdmin>,
}

#[derive(Debug, Serialize)]
pub struct Line {
    pub service: ServiceName,
    pub port: u16,
    pub pid: Option<u32>,
    pub phase: Phase,
    pub began_ms: Option<u64>,
    pub ready_ms: Option<u64>,
    pub waited_for: Option<ServiceName>,
    pub on_critical_path: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

impl Report {
    pub fn new(plan: &Plan<ServiceName>, entries: &Entries, data: PathBuf, first_admin: Option<FirstAdmin>) -> Self {
        let took = |service: ServiceName| {
            let entry = entries.get(&service);
            let took = entry.and_then(|entry| entry.ready_ms?.checked_sub(entry.began_ms?));
            Duration::from_millis(took.unwrap_or_default())
        };
        let critical_path = plan.critical_path(took);
        let lines = plan.order().iter().filter_map(|service| entries.get(service)).map(|entry| Line {
            service: entry.service,
            port: entry.port,
            pid: entry.pid,
            phase: entry.phase,
            began_ms: entry.began_ms,
            ready_ms: entry.ready_ms,
            waited_for: entry.waited_for,
            on_critical_path: critical_path.contains(&entry.service),
            problem: entry.problem.clone(),
        });
        let mut services: Vec<Line> = lines.collect();
        services.sort_by_key(|line| line.ready_ms.unwrap_or(u64::MAX));
        Self {
            ready: services.iter().all(|line| line.phase == Phase::Ready),
            ready_in_ms: services.iter().filter_map(|line| line.ready_ms).max().unwrap_or_default(),
            pid: std::process::id(),
            data,
            services,
            critical_path,
            first_admin,
        }
    }

    /// For people; addresses begin with `host`.
    pub fn text(&self, host: std::net::IpAddr) -> String {
        let ready = self.services.iter().filter(|line| line.phase == Phase::Ready).count();
        let mut text = format!(
            "LoomaCRM AI: {ready} of {} services ready in {} ms, each a process of its own, data in {}\n\n",
            self.services.len(),
            self.ready_in_ms,
            self.data.display()
        );
        let _ = writeln!(text, "  {:<14}{:<28}{:>8}{:>9}{:>9}  waited for", "service", "address", "pid", "began", "ready");
        for line in &self.services {
            let ms = |ms: Option<u64>| ms.map_or_else(|| "-".into(), |ms| format!("{ms} ms"));
            let mark = if line.on_critical_path { '*' } else { ' ' };
            let pid = line.pid.map_or_else(|| "-".into(), |pid| pid.to_string());
            let waited = line.waited_for.map_or("-", ServiceName::as_str);
            let (began, done) = (ms(line.began_ms), ms(line.ready_ms));
            let address = format!("http://{host}:{}", line.port);
            let _ = write!(text, "{mark} {:<14}{address:<28}{pid:>8}{began:>9}{done:>9}  {waited}", line.service.as_str());
            match &line.problem {
                Some(problem) if line.phase != Phase::Ready => drop(writeln!(text, "  {}: {problem}", line.phase.as_str())),
                _ => text.push('\n'),
            }
        }
        let path: Vec<&str> = self.critical_path.iter().map(|service| service.as_str()).collect();
        let _ = writeln!(text, "\n  * the way that took longest: {}", path.join(" > "));
        if let Some(admin) = &self.first_admin {
            let _ = writeln!(text, "\n  First administrator: {}\n  Password (shown once): {}", admin.email, admin.password);
        }
        let page = self.services.iter().find(|line| line.service == ServiceName::Web);
        if let Some(page) = page.or_else(|| self.services.iter().find(|line| line.service == ServiceName::Gateway)) {
            let _ = writeln!(text, "\n  Open http://{host}:{} · stop with Ctrl-C or `looma down`", page.port);
        }
        text
    }
}

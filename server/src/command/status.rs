//! `looma status` and `looma ready`.

use super::{Common, say};
use crate::instance::{self, Note};
use futures::future::join_all;
use looma_types::ServiceName;
use looma_types::service::{Health, HealthStatus};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::io::IsTerminal;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::process::ExitCode;
use std::time::{Duration, Instant};

#[derive(Serialize)]
struct Line {
    service: ServiceName,
    port: u16,
    status: &'static str,
    latency_ms: Option<f64>,
    uptime_seconds: Option<u64>,
    detail: Option<String>,
    /// Where it is a process of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    launched: Option<Launched>,
}

pub(super) async fn status(common: &Common, watch: bool) -> anyhow::Result<ExitCode> {
    let mut settings = common.settings()?;
    let http = reqwest::Client::builder().timeout(Duration::from_secs(2)).build()?;
    let screen = watch && !common.json && std::io::stdout().is_terminal();
    loop {
        let note = instance::find(&mut settings)?;
        let launched = launched(note.as_ref()).await;
        let mut lines = join_all(ServiceName::ALL.map(|service| ask(&http, service, settings.port(service), settings.url(service)))).await;
        for line in &mut lines {
            line.launched = launched.get(&line.service).cloned();
        }
        let up = lines.iter().filter(|line| line.status == "up").count();
        if screen {
            print!("\x1b[H\x1b[2J");
        }
        say(common, &lines, |lines| text(lines) + &format!("\n{up} of {} up", lines.len()))?;
        if !watch {
            return Ok(if up == lines.len() { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

fn text(lines: &[Line]) -> String {
    let mut text = format!("{:<14}{:>6}  {:<9}{:>9}  {:>9}", "service", "port", "status", "latency", "uptime");
    let launched = lines.iter().any(|line| line.launched.is_some());
    text += if launched { "  process  restarts\n" } else { "\n" };
    for line in lines {
        let latency = line.latency_ms.map_or_else(String::new, |ms| format!("{ms:.1} ms"));
        let uptime = line.uptime_seconds.map_or_else(String::new, |seconds| format!("{seconds} s"));
        let _ = write!(text, "{:<14}{:>6}  {:<9}{latency:>9}  {uptime:>9}", line.service.as_str(), line.port, line.status);
        if let Some(launched) = &line.launched {
            let pid = launched.pid.map_or_else(|| launched.phase.to_owned(), |pid| pid.to_string());
            let _ = write!(text, "  {pid:>7}  {:>8}", launched.restarts);
        }
        let problem = line.launched.as_ref().and_then(|launched| launched.problem.as_ref()).filter(|_| line.status == "down");
        for detail in problem.into_iter().chain(&line.detail) {
            let _ = write!(text, "  {detail}");
        }
        text.push('\n');
    }
    text
}

/// What the launcher knows of a service's process.
#[derive(Clone, Serialize)]
struct Launched {
    pid: Option<u32>,
    phase: &'static str,
    restarts: u32,
    problem: Option<String>,
}

#[cfg(unix)]
async fn launched(note: Option<&Note>) -> BTreeMap<ServiceName, Launched> {
    use crate::launcher::control::{self, Question};
    let Some(socket) = note.and_then(|note| note.socket.as_ref()) else { return BTreeMap::new() };
    let Ok(asked) = control::ask(socket, Question::Status).await else { return BTreeMap::new() };
    let entries = asked.all().await.unwrap_or_default();
    let known = |entry: crate::launcher::board::Entry| {
        let launched = Launched { pid: entry.pid, phase: entry.phase.as_str(), restarts: entry.restarts, problem: entry.problem };
        (entry.service, launched)
    };
    entries.into_iter().map(known).collect()
}

#[cfg(not(unix))]
async fn launched(_: Option<&Note>) -> BTreeMap<ServiceName, Launched> {
    BTreeMap::new()
}

async fn ask(http: &reqwest::Client, service: ServiceName, port: u16, url: String) -> Line {
    let began = Instant::now();
    let down = |detail: String| Line {
        service,
        port,
        status: "down",
        latency_ms: None,
        uptime_seconds: None,
        detail: Some(detail),
        launched: None,
    };
    let health: Health = match http.get(format!("{url}/health")).send().await {
        Err(error) if error.is_connect() => return down("nothing listens".into()),
        Err(error) if error.is_timeout() => return down("no answer in 2 s".into()),
        Err(error) => return down(error.to_string()),
        Ok(answer) => match answer.json().await {
            Ok(health) => health,
            Err(_) => return down("the port answers, but is not ours".into()),
        },
    };
    if health.service != service {
        return down(format!("the port is held by {}", health.service));
    }
    let status = match health.status {
        HealthStatus::Up => "up",
        HealthStatus::Degraded => "degraded",
        HealthStatus::Down => "down",
    };
    let detail: Vec<_> = health.checks.iter().filter_map(|check| Some(format!("{}: {}", check.name, check.detail.as_ref()?))).collect();
    Line {
        service,
        port,
        status,
        latency_ms: Some(began.elapsed().as_secs_f64() * 1000.0),
        uptime_seconds: Some(health.uptime_seconds),
        detail: (!detail.is_empty()).then(|| detail.join("; ")),
        launched: None,
    }
}

#[derive(Serialize)]
struct Ready {
    ready: bool,
    waiting_for: Vec<ServiceName>,
}

/// Asks the ports of this machine, wherever the settings say that others find the services. What is only degraded is ready.
pub(super) async fn ready(common: &Common, name: Option<ServiceName>) -> anyhow::Result<ExitCode> {
    let mut settings = common.settings()?;
    instance::find(&mut settings)?;
    let host = if settings.host.is_unspecified() { IpAddr::from(Ipv4Addr::LOCALHOST) } else { settings.host };
    let http = reqwest::Client::builder().timeout(Duration::from_secs(4)).build()?;
    let asked = name.map_or_else(|| ServiceName::ALL.to_vec(), |name| vec![name]);
    let answers = join_all(asked.into_iter().map(|service| {
        let request = http.get(format!("http://{}/health/ready", SocketAddr::new(host, settings.port(service))));
        async move { (service, request.send().await.is_ok_and(|answer| answer.status().is_success())) }
    }));
    let waiting_for: Vec<_> = answers.await.into_iter().filter(|(_, ready)| !ready).map(|(service, _)| service).collect();
    let outcome = Ready { ready: waiting_for.is_empty(), waiting_for };
    say(common, &outcome, |outcome| match outcome.waiting_for.as_slice() {
        [] => "ready".into(),
        waiting => format!("not ready: {}", waiting.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")),
    })?;
    Ok(if outcome.ready { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

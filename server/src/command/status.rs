//! `looma status`, `looma ready` and `looma check`.

use super::{Common, say};
use crate::instance;
use futures::future::join_all;
use looma_types::ServiceName;
use looma_types::service::{Health, HealthStatus};
use serde::Serialize;
use std::fmt::Write;
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
}

pub(super) async fn status(common: &Common) -> anyhow::Result<ExitCode> {
    let settings = common.settings()?;
    let http = reqwest::Client::builder().timeout(Duration::from_secs(2)).build()?;
    let lines = join_all(ServiceName::ALL.map(|service| ask(&http, service, settings.port(service), settings.url(service)))).await;
    let up = lines.iter().filter(|line| line.status == "up").count();
    say(common, &lines, |lines| {
        let mut text = format!("{:<14}{:>6}  {:<9}{:>9}  {:>9}\n", "service", "port", "status", "latency", "uptime");
        for line in lines {
            let latency = line.latency_ms.map_or_else(String::new, |ms| format!("{ms:.1} ms"));
            let uptime = line.uptime_seconds.map_or_else(String::new, |seconds| format!("{seconds} s"));
            let _ = write!(text, "{:<14}{:>6}  {:<9}{latency:>9}  {uptime:>9}", line.service.as_str(), line.port, line.status);
            if let Some(detail) = &line.detail {
                let _ = write!(text, "  {detail}");
            }
            text.push('\n');
        }
        let _ = write!(text, "\n{up} of {} up", lines.len());
        text
    })?;
    Ok(if up == lines.len() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn ask(http: &reqwest::Client, service: ServiceName, port: u16, url: String) -> Line {
    let began = Instant::now();
    let down = |detail: String| Line { service, port, status: "down", latency_ms: None, uptime_seconds: None, detail: Some(detail) };
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
    }
}

#[derive(Serialize)]
struct Ready {
    ready: bool,
    waiting_for: Vec<ServiceName>,
}

/// Asks the ports of this machine, wherever the settings say that others find the services. What is only degraded is ready.
pub(super) async fn ready(common: &Common, name: Option<ServiceName>) -> anyhow::Result<ExitCode> {
    let settings = common.settings()?;
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

#[derive(Serialize)]
struct Check {
    name: String,
    ok: bool,
    detail: String,
}

pub(super) async fn check(common: &Common) -> anyhow::Result<ExitCode> {
    let mut checks = Vec::new();
    let mut add = |name: &str, ok: bool, detail: String| checks.push(Check { name: name.into(), ok, detail });
    match common.settings() {
        Err(error) => add("settings", false, error.to_string()),
        Ok(settings) => {
            add("settings", true, format!("environment {}", settings.environment));
            for (key, answer) in looma_store::stores::check(&settings.stores).await {
                let detail = answer.as_ref().map_or_else(ToString::to_string, |()| "answers".into());
                add(&format!("stores.{key}"), answer.is_ok(), detail);
            }
            let running = instance::running(&settings.data)?;
            if let Some(note) = running {
                add("data folder", true, format!("{} is in use by process {}", settings.data.display(), note.pid));
            } else {
                let made = std::fs::create_dir_all(&settings.data).and_then(|()| {
                    let probe = settings.data.join(".write-probe");
                    std::fs::write(&probe, b"x").and_then(|()| std::fs::remove_file(&probe))
                });
                let detail = made.as_ref().map_or_else(ToString::to_string, |()| settings.data.display().to_string());
                add("data folder", made.is_ok(), detail);
                for service in ServiceName::ALL {
                    let address = SocketAddr::new(settings.host, settings.port(service));
                    let free = tokio::net::TcpListener::bind(address).await;
                    let detail = free.as_ref().map_or_else(ToString::to_string, |_| "free".into());
                    add(&format!("port {} ({service})", address.port()), free.is_ok(), detail);
                }
            }
        }
    }
    let ok = checks.iter().all(|check| check.ok);
    say(common, &checks, |checks| {
        let line = |check: &Check| format!("{}  {:<26}{}\n", if check.ok { "ok  " } else { "FAIL" }, check.name, check.detail);
        checks.iter().map(line).collect()
    })?;
    Ok(if ok { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

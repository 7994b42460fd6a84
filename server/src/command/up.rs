//! `looma up`, `serve` and `down`.

use super::{Common, say};
use crate::instance;
use crate::system::System;
use anyhow::{Context, bail};
use clap::Args;
use looma_kernel::{Settings, telemetry};
use looma_types::ServiceName;
use serde::Serialize;
use std::fmt::Write;
use std::process::ExitCode;
use std::time::{Duration, Instant};

#[derive(Debug, Args)]
pub(super) struct Up {
    /// Leave the two front ends out.
    #[arg(long)]
    services_only: bool,
    /// Leave the gateway out.
    #[arg(long)]
    skip_gateway: bool,
    /// Accepted for scripts; embedded stores need no check.
    #[arg(long)]
    skip_db_check: bool,
}

impl Up {
    fn services(&self) -> Vec<ServiceName> {
        ServiceName::ALL
            .into_iter()
            .filter(|name| !(self.services_only && matches!(name, ServiceName::Web | ServiceName::AdminWeb)))
            .filter(|name| !(self.skip_gateway && *name == ServiceName::Gateway))
            .collect()
    }
}

/// What the start tells.
#[derive(Serialize)]
struct Started {
    services: Vec<(ServiceName, u16)>,
    ready_in_ms: u128,
    data: String,
    pid: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_admin: Option<FirstAdmin>,
}

#[derive(Serialize)]
struct FirstAdmin {
    email: String,
    password: String,
}

pub(super) async fn up(common: &Common, up: &Up) -> anyhow::Result<ExitCode> {
    Box::pin(run(common, &up.services())).await
}

pub(super) async fn serve(common: &Common, name: ServiceName) -> anyhow::Result<ExitCode> {
    Box::pin(run(common, &[name])).await
}

async fn run(common: &Common, only: &[ServiceName]) -> anyhow::Result<ExitCode> {
    let began = Instant::now();
    let settings = common.settings()?;
    let _hold = instance::hold(&settings.data)?;
    let logs = telemetry::start(&settings.log);
    let system = System::build(settings.clone(), logs, only).await?;
    let serving = system.listen().await?;
    announce(common, &settings, &system, began)?;
    wait_for_signal().await?;
    tracing::info!("stopping");
    let took = serving.stop().await;
    if !common.json {
        println!("stopped in {} ms", took.as_millis());
    }
    Ok(ExitCode::SUCCESS)
}

fn announce(common: &Common, settings: &Settings, system: &System, began: Instant) -> anyhow::Result<()> {
    let first_admin = system.first_admin.as_ref().map(|admin| FirstAdmin { email: admin.email.clone(), password: admin.password.clone() });
    let started = Started {
        services: system.services().into_iter().map(|name| (name, settings.port(name))).collect(),
        ready_in_ms: began.elapsed().as_millis(),
        data: settings.data.display().to_string(),
        pid: std::process::id(),
        first_admin,
    };
    say(common, &started, |started| {
        let mut text =
            format!("LoomaCRM AI: {} services ready in {} ms, data in {}\n\n", started.services.len(), started.ready_in_ms, started.data);
        for (name, port) in &started.services {
            let _ = writeln!(text, "  {:<14}http://{}:{port}", name.as_str(), settings.host);
        }
        if let Some(admin) = &started.first_admin {
            let _ = writeln!(text, "\n  First administrator: {}\n  Password (shown once): {}", admin.email, admin.password);
        }
        let page = if system.services().contains(&ServiceName::Web) { ServiceName::Web } else { ServiceName::Gateway };
        let _ = writeln!(text, "\n  Open http://{}:{} · stop with Ctrl-C or `looma down`", settings.host, settings.port(page));
        text
    })
}

#[cfg(unix)]
async fn wait_for_signal() -> anyhow::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = terminate.recv() => {}
        interrupted = tokio::signal::ctrl_c() => interrupted?,
    }
    Ok(())
}

#[cfg(not(unix))]
async fn wait_for_signal() -> anyhow::Result<()> {
    Ok(tokio::signal::ctrl_c().await?)
}

pub(super) async fn down(common: &Common) -> anyhow::Result<ExitCode> {
    let settings = common.settings()?;
    let Some(note) = instance::running(&settings.data)? else {
        say(common, &serde_json::json!({ "stopped": false }), |_| format!("Nothing runs on {}.", settings.data.display()))?;
        return Ok(ExitCode::SUCCESS);
    };
    let pid = sysinfo::Pid::from_u32(note.pid);
    let mut processes = sysinfo::System::new().context("processes cannot be seen")?;
    processes.refresh_processes(sysinfo::ProcessesToUpdate::Some(&[pid]), true);
    let process = processes.process(pid).with_context(|| format!("process {} cannot be seen; stop it by hand", note.pid))?;
    if process.kill_with(sysinfo::Signal::Term) != Some(true) {
        bail!("process {} cannot be told to stop; stop it by hand", note.pid);
    }
    let limit = Duration::from_secs(2 * settings.limits.drain_seconds + 5);
    let began = Instant::now();
    while instance::running(&settings.data)?.is_some() {
        if began.elapsed() > limit {
            bail!("process {} did not stop within {} s", note.pid, limit.as_secs());
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let took = began.elapsed().as_millis();
    say(common, &serde_json::json!({ "stopped": true, "pid": note.pid, "ms": took }), |_| {
        format!("Stopped process {} in {took} ms.", note.pid)
    })?;
    Ok(ExitCode::SUCCESS)
}

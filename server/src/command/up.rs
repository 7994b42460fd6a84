//! `looma up` and `serve`.

use super::{Common, FirstAdmin, Signals, say};
use crate::instance::{self, Hold};
use crate::launcher::{self, ports};
use crate::system::System;
use anyhow::bail;
use clap::Args;
use looma_kernel::{Settings, telemetry};
use looma_types::ServiceName;
use serde::Serialize;
use std::fmt::Write;
use std::process::ExitCode;
use std::time::Instant;

#[derive(Debug, Args)]
pub(super) struct Up {
    /// Run each service as a process of its own: begun when what it needs is ready, begun again when it ends by itself.
    ///
    /// Embedded stores are shared, with one limit: the graph is in the process of `relationship` alone, the text index and the vectors are
    /// in that of `search`. `looma rebuild` and `looma verify` then need the system stopped, or an engine for each of the three.
    #[arg(long)]
    processes: bool,
    /// Leave the two front ends out.
    #[arg(long)]
    services_only: bool,
    /// Leave the gateway out.
    #[arg(long)]
    skip_gateway: bool,
    /// Start without asking first whether the engines of the settings can be reached; embedded stores need no check.
    #[arg(long)]
    skip_db_check: bool,
    /// Where a port is taken, move all of ours to the next free ones: for a second copy beside the first, with a folder of its own.
    #[arg(long)]
    take_next_free: bool,
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

pub(super) async fn up(common: &Common, up: &Up) -> anyhow::Result<ExitCode> {
    let began = Instant::now();
    let mut settings = common.settings()?;
    let hold = instance::hold(&settings.data)?;
    let services = up.services();
    find_ports(&mut settings, &services, up.take_next_free)?;
    if !up.skip_db_check {
        ask_engines(&settings).await?;
    }
    hold.note(&settings, None)?;
    if up.processes {
        launch(common, settings, services, &hold, began).await
    } else {
        Box::pin(run(common, settings, &services, began)).await
    }
}

#[cfg(unix)]
async fn launch(common: &Common, settings: Settings, services: Vec<ServiceName>, hold: &Hold, began: Instant) -> anyhow::Result<ExitCode> {
    let logs = telemetry::start(&settings.log);
    let launch = launcher::Launch { settings, config: common.config.clone(), services, json: common.json, logs, began };
    Box::pin(launcher::launch(launch, hold)).await
}

#[cfg(not(unix))]
async fn launch(_: &Common, _: Settings, _: Vec<ServiceName>, _: &Hold, _: Instant) -> anyhow::Result<ExitCode> {
    bail!("--processes needs signals and sockets of Unix; `looma up` runs everything in one process here")
}

/// Before anything starts: every port that is taken is named, or all of ours move.
fn find_ports(settings: &mut Settings, services: &[ServiceName], take_next_free: bool) -> anyhow::Result<()> {
    let taken = ports::taken(settings, services);
    if taken.is_empty() {
        return Ok(());
    }
    if !take_next_free {
        let lines: Vec<String> = taken.iter().map(ToString::to_string).collect();
        bail!("{}\nOr let --take-next-free move all of ours.", lines.join("\n"));
    }
    match ports::next_free(settings, services) {
        Some(moved) => ports::set(settings, &moved),
        None => bail!("no ports above ours are free for all services"),
    }
    Ok(())
}

/// Engines of the truth must be there; without the others it starts, and says what is missing.
async fn ask_engines(settings: &Settings) -> anyhow::Result<()> {
    let mut missing = Vec::new();
    for (key, answer) in looma_store::stores::check(&settings.stores).await {
        match answer {
            Err(error) if matches!(key, "postgres" | "mongodb" | "s3") => missing.push(format!("stores.{key}: {error}")),
            Err(error) => eprintln!("looma: stores.{key}: {error}; what needs it waits until it is back"),
            Ok(()) => {}
        }
    }
    if missing.is_empty() { Ok(()) } else { bail!("{}", missing.join("\n")) }
}

pub(super) async fn serve(common: &Common, name: ServiceName, launched: bool) -> anyhow::Result<ExitCode> {
    let began = Instant::now();
    let settings = common.settings()?;
    if launched {
        return Box::pin(serve_launched(settings, name)).await;
    }
    let hold = instance::hold(&settings.data)?;
    hold.note(&settings, None)?;
    Box::pin(run(common, settings, &[name], began)).await
}

async fn run(common: &Common, settings: Settings, only: &[ServiceName], began: Instant) -> anyhow::Result<ExitCode> {
    let logs = telemetry::start(&settings.log);
    let system = System::build(settings.clone(), logs, only).await?;
    let serving = system.listen().await?;
    announce(common, &settings, &system, began)?;
    Signals::new()?.next().await;
    tracing::info!("stopping");
    let took = serving.stop().await;
    if !common.json {
        println!("stopped in {} ms", took.as_millis());
    }
    Ok(ExitCode::SUCCESS)
}

/// A service of a launcher, which holds the data folder for all of them.
async fn serve_launched(mut settings: Settings, name: ServiceName) -> anyhow::Result<ExitCode> {
    let _member = instance::join(&settings.data)?;
    let mut launcher = lifeline();
    settings.stores.share = Some(launcher::share(&[name]));
    let logs = telemetry::start(&settings.log);
    let mut signals = Signals::new()?;
    let start = async {
        let system = System::build(settings, logs, &[name]).await?;
        anyhow::Ok(system.listen().await?)
    };
    let serving = tokio::select! {
        serving = Box::pin(start) => serving?,
        () = signals.next() => return Ok(ExitCode::SUCCESS),
        _ = &mut launcher => return Ok(ExitCode::SUCCESS),
    };
    tokio::select! {
        // The launcher tells of it.
        () = signals.next() => tracing::debug!("stopping"),
        _ = launcher => tracing::warn!("the launcher is gone: stopping"),
    }
    serving.stop().await;
    Ok(ExitCode::SUCCESS)
}

/// Ends when the launcher does: it holds the other end of our standard input and never writes.
fn lifeline() -> tokio::sync::oneshot::Receiver<()> {
    let (gone, launcher) = tokio::sync::oneshot::channel();
    // A thread that nobody waits for: one of the runtime's would keep the process from ending.
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink());
        let _ = gone.send(());
    });
    launcher
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

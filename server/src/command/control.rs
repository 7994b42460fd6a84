//! `looma down` and `restart`: what is said to the system that runs on the data folder.

use super::{Common, say};
use crate::instance::{self, Note};
#[cfg(unix)]
use crate::launcher::board::Phase;
#[cfg(unix)]
use crate::launcher::control::{Question, ask};
use crate::launcher::patience;
use anyhow::{Context, bail};
use looma_types::ServiceName;
use serde::Serialize;
use std::process::ExitCode;
use std::time::{Duration, Instant};

#[derive(Serialize)]
struct Down {
    stopped: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pid: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ms: Option<u128>,
    /// In the order in which they stopped, where each is a process of its own.
    services: Vec<ServiceName>,
}

pub(super) async fn down(common: &Common) -> anyhow::Result<ExitCode> {
    let settings = common.settings()?;
    let began = Instant::now();
    let Some(note) = instance::running(&settings.data)? else {
        let nothing = Down { stopped: false, pid: None, ms: None, services: Vec::new() };
        say(common, &nothing, |_| format!("Nothing runs on {}.", settings.data.display()))?;
        return Ok(ExitCode::SUCCESS);
    };
    let told = say_down(common, &note).await;
    if told.is_none() {
        signal(&note)?;
    }
    let services = told.unwrap_or_default();
    let limit = patience(&settings.limits) + Duration::from_secs(settings.limits.drain_seconds);
    while instance::running(&settings.data)?.is_some_and(|now| now.pid == note.pid) {
        if began.elapsed() > limit {
            bail!("process {} did not stop within {} s", note.pid, limit.as_secs());
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let down = Down { stopped: true, pid: Some(note.pid), ms: Some(began.elapsed().as_millis()), services };
    say(common, &down, |down| format!("Stopped process {} in {} ms.", note.pid, down.ms.unwrap_or_default()))?;
    Ok(ExitCode::SUCCESS)
}

/// Tells its launcher, where it has one that answers; the services as they stopped.
#[cfg(unix)]
async fn say_down(common: &Common, note: &Note) -> Option<Vec<ServiceName>> {
    let mut asked = ask(note.socket.as_ref()?, Question::Down).await.ok()?;
    let mut services = Vec::new();
    while let Ok(Some(entry)) = asked.next().await {
        if !common.json {
            println!("stopped {}", entry.service);
        }
        services.push(entry.service);
    }
    Some(services)
}

#[cfg(not(unix))]
async fn say_down(_: &Common, _: &Note) -> Option<Vec<ServiceName>> {
    None
}

fn signal(note: &Note) -> anyhow::Result<()> {
    let pid = sysinfo::Pid::from_u32(note.pid);
    let mut processes = sysinfo::System::new().context("processes cannot be seen")?;
    processes.refresh_processes(sysinfo::ProcessesToUpdate::Some(&[pid]), true);
    let process = processes.process(pid).with_context(|| format!("process {} cannot be seen; stop it by hand", note.pid))?;
    if process.kill_with(sysinfo::Signal::Term) != Some(true) {
        bail!("process {} cannot be told to stop; stop it by hand", note.pid);
    }
    Ok(())
}

#[cfg(unix)]
pub(super) async fn restart(common: &Common, service: ServiceName) -> anyhow::Result<ExitCode> {
    let settings = common.settings()?;
    let began = Instant::now();
    let Some(note) = instance::running(&settings.data)? else { bail!("nothing runs on {}", settings.data.display()) };
    let Some(socket) = note.socket else {
        bail!("process {} runs all services at once; `looma up --processes` runs them so that one can be restarted", note.pid)
    };
    let entry = ask(&socket, Question::Restart { service }).await?.all().await?.pop().context("the launcher went away")?;
    let took = began.elapsed().as_millis();
    say(common, &entry, |entry| match &entry.problem {
        Some(problem) if entry.phase != Phase::Ready => format!("{service} is {}: {problem}", entry.phase.as_str()),
        _ => format!("{service} is {} after {took} ms.", entry.phase.as_str()),
    })?;
    Ok(if entry.phase == Phase::Ready { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

#[cfg(not(unix))]
pub(super) async fn restart(_: &Common, _: ServiceName) -> anyhow::Result<ExitCode> {
    bail!("one process runs all services here; restart it as a whole")
}

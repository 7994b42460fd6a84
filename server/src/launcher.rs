//! Every service as a process of its own: started along what they need, kept running, and ended in reverse.
//!
//! `plan` is the order, `ports` what is in the way, `process` one process, `restart` when it comes back, `supervise` the tasks that
//! bring these together, `board` what they know, `journal`, `screen` and `report` what is told of it, `control` how other commands ask.

#[cfg(unix)]
pub mod board;
#[cfg(unix)]
pub mod control;
pub mod journal;
pub mod plan;
pub mod ports;
#[cfg(unix)]
mod process;
#[cfg(unix)]
mod report;
#[cfg(unix)]
mod restart;
#[cfg(unix)]
mod screen;
#[cfg(unix)]
mod supervise;

#[cfg(unix)]
pub use run::{Launch, launch};

/// What of the embedded stores a process has that runs these services, where others run on the same folder.
pub fn share(services: &[looma_types::ServiceName]) -> looma_store::Share {
    let runs = |service| services.contains(&service);
    looma_store::Share { graph: runs(looma_types::ServiceName::Relationship), search: runs(looma_types::ServiceName::Search) }
}

/// How long a process may take to end: requests under way and background work may each take as long as they may.
pub fn patience(limits: &looma_kernel::settings::Limits) -> std::time::Duration {
    std::time::Duration::from_secs(2 * limits.drain_seconds + 5)
}

/// What does not work with one process a service, for each projection that is embedded.
pub fn limits_of_sharing(settings: &looma_kernel::Settings) -> Option<String> {
    let stores = &settings.stores;
    let embedded: Vec<&str> =
        [("graph", stores.neo4j.is_none()), ("text", stores.elasticsearch.is_none()), ("vectors", stores.weaviate.is_none())]
            .into_iter()
            .filter_map(|(name, embedded)| embedded.then_some(name))
            .collect();
    (!embedded.is_empty()).then(|| {
        format!(
            "embedded in one service's process: {}. `looma rebuild`, `verify` and their like in the admin console need `looma down` first, or engines",
            embedded.join(", ")
        )
    })
}

#[cfg(unix)]
mod run {
    use super::board::Board;
    use super::control::{self, Desk};
    use super::journal::Journal;
    use super::plan::Plan;
    use super::process::Recipe;
    use super::report::Report;
    use super::screen::Screen;
    use super::supervise::{Stop, Supervision};
    use crate::command::FirstAdmin;
    use crate::instance::Hold;
    use anyhow::bail;
    use looma_kernel::logs::LogRing;
    use looma_kernel::{Kernel, Settings};
    use looma_types::ServiceName;
    use std::path::PathBuf;
    use std::process::ExitCode;
    use std::sync::Arc;
    use std::time::{Duration, Instant};
    use tokio::sync::mpsc;
    use tokio::task::JoinSet;

    /// What is to be started.
    pub struct Launch {
        pub settings: Settings,
        pub config: Option<PathBuf>,
        pub services: Vec<ServiceName>,
        pub json: bool,
        pub logs: LogRing,
        pub began: Instant,
    }

    /// Starts the services and keeps them running until told to stop.
    /// # Errors
    /// When the truth cannot be opened, or a service that nothing works without stays away.
    pub async fn launch(launch: Launch, hold: &Hold) -> anyhow::Result<ExitCode> {
        let Launch { settings, config, services, json, logs, began } = launch;
        let first_admin = Box::pin(prepare(&settings, logs)).await?;
        let plan = Plan::new(services.iter().map(|service| (*service, service.needs().to_vec())))?;
        let board = Board::new(began, services.iter().map(|service| (*service, settings.port(*service))));
        let (shown, lines) = mpsc::channel(1024);
        let journal = Journal::open(&settings.data, shown)?;
        let recipe = Recipe::new(config.as_deref(), &settings)?;
        let (supervision, tasks) = Supervision::begin(plan, board.clone(), journal, recipe, &settings)?;
        let address = control::address(&settings.data)?;
        let desk = Desk::open(address.clone(), supervision.clone())?;
        hold.note(&settings, Some(address))?;
        let screen = tokio::spawn(Screen::new(json).show(board.watch(), lines, {
            let (supervision, data, host, limits) =
                (supervision.clone(), settings.data.clone(), settings.host, super::limits_of_sharing(&settings));
            move |entries| {
                let report = Report::new(supervision.plan(), entries, data.clone(), first_admin.clone());
                if json {
                    return serde_json::to_string_pretty(&report).unwrap_or_default();
                }
                let limits = limits.as_ref().map_or_else(String::new, |limits| format!("  Note: {limits}.\n"));
                report.text(host) + &limits
            }
        }));
        let outcome = watch_over(&supervision, tasks).await;
        desk.close(Duration::from_secs(1)).await;
        screen.abort();
        let took = outcome?;
        if let Some(failure) = supervision.failure() {
            bail!("{failure}; all is stopped");
        }
        if !json {
            println!("stopped in {} ms", took.as_millis());
        }
        Ok(ExitCode::SUCCESS)
    }

    /// Opens the truth once alone, so that no two processes make its tables, its secrets or its first administrator.
    async fn prepare(settings: &Settings, logs: LogRing) -> anyhow::Result<Option<FirstAdmin>> {
        let mut settings = settings.clone();
        settings.stores.share = Some(super::share(&[]));
        let kernel = Kernel::open(settings, logs).await?;
        let first_admin = looma_user::bootstrap(&kernel).await?;
        kernel.stop().await;
        Ok(first_admin.map(|admin| FirstAdmin { email: admin.email, password: admin.password }))
    }

    /// Until all are stopped; how long stopping took. A second signal ends it at once.
    async fn watch_over(supervision: &Arc<Supervision>, mut tasks: JoinSet<()>) -> anyhow::Result<Duration> {
        let mut stopping: Option<Instant> = None;
        let mut signals = crate::command::Signals::new()?;
        while !tasks.is_empty() {
            tokio::select! {
                Some(_) = tasks.join_next() => {}
                () = signals.next() => supervision.stop(if stopping.is_none() { Stop::InOrder } else { Stop::Now }),
                () = supervision.stopping(), if stopping.is_none() => {
                    tracing::info!("stopping");
                    stopping = Some(Instant::now());
                }
            }
        }
        Ok(stopping.map(|began| began.elapsed()).unwrap_or_default())
    }
}

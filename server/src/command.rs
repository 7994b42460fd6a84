//! The command line: what can be said, and where it goes.

mod admin;
mod archive;
mod backup;
mod check;
mod control;
mod graph;
mod logs;
mod reach;
mod signals;
mod status;
mod up;
mod work;

pub use signals::Signals;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, CommandFactory, Parser, Subcommand};
use looma_kernel::logs::LogRing;
use looma_kernel::{Settings, telemetry};
use looma_types::ServiceName;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

/// A talent-relationship CRM: eighteen services, two front ends, one binary.
#[derive(Debug, Parser)]
#[command(name = "looma", version, propagate_version = true)]
pub struct Looma {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

/// What every command understands.
#[derive(Clone, Debug, Args)]
struct Common {
    /// The settings file; else config/$LOOMA_ENV.yaml (development by default) where there is one.
    #[arg(long, global = true, value_name = "FILE", env = "LOOMA_CONFIG")]
    config: Option<PathBuf>,
    /// The folder of everything that is kept; ./data unless the settings say otherwise.
    #[arg(long, global = true, value_name = "DIR", env = "LOOMA_DATA")]
    data: Option<PathBuf>,
    /// Answer in JSON, for machines.
    #[arg(long, global = true)]
    json: bool,
}

impl Common {
    fn settings(&self) -> anyhow::Result<Settings> {
        Ok(Settings::load(self.config.as_deref(), self.data.as_deref())?)
    }
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run every service, each on its own port, until told to stop.
    Up(up::Up),
    /// Run one service.
    Serve {
        /// Its name, such as `company`.
        #[arg(value_parser = service_names(), hide_possible_values = true)]
        name: ServiceName,
        /// By a launcher, which holds the data folder, and whose end is ours.
        #[arg(long, hide = true)]
        launched: bool,
    },
    /// Stop the system that runs on the data folder.
    Down,
    /// Begin a service anew that is a process of its own (`up --processes`).
    Restart {
        /// Its name, such as `company`.
        #[arg(value_parser = service_names(), hide_possible_values = true)]
        name: ServiceName,
    },
    /// Say how each service is.
    Status {
        /// Say it again every second.
        #[arg(long)]
        watch: bool,
    },
    /// Show what services that are processes of their own have said.
    Logs(logs::Logs),
    /// Succeed when a service on this machine can do its work: for health checks.
    Ready {
        /// Its name, such as `company`; all when none is said.
        #[arg(value_parser = service_names(), hide_possible_values = true)]
        name: Option<ServiceName>,
    },
    /// Draw what depends on what.
    Graph {
        #[arg(long, value_enum, default_value = "text")]
        format: graph::Format,
    },
    /// Check settings, engines, data folder and ports without starting anything.
    Check,
    /// Print what makes a shell complete our commands, such as `looma completions bash > /etc/bash_completion.d/looma`.
    Completions { shell: clap_complete::Shell },
    /// Administrators.
    Admin {
        #[command(subcommand)]
        command: admin::Admin,
    },
    /// Fill the first workspace with believable demo data.
    Demo,
    /// Back up the stores, also while the system runs.
    Backup,
    /// Bring a backup back into an empty folder.
    Restore {
        /// The backup's folder.
        backup: PathBuf,
        /// A folder that is empty or not there.
        into: PathBuf,
    },
    /// Write everything that is kept into one file, whichever stores keep it.
    Export(archive::Export),
    /// Bring an exported file into empty stores of any kind.
    Import(archive::Import),
    /// Make a projection anew from the truth: graph, text or vectors.
    Rebuild { projection: String },
    /// Compare every projection with the truth.
    Verify {
        /// Put right what is wrong.
        #[arg(long)]
        fix: bool,
    },
}

/// Names of services, which shells can complete.
fn service_names() -> impl TypedValueParser<Value = ServiceName> {
    PossibleValuesParser::new(ServiceName::ALL.map(ServiceName::as_str)).try_map(|name| name.parse())
}

/// Does what was said.
pub fn run(looma: Looma) -> anyhow::Result<ExitCode> {
    let common = looma.common;
    let runtime = |workers: usize| tokio::runtime::Builder::new_multi_thread().worker_threads(workers).enable_all().build();
    let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    match looma.command {
        Command::Up(up) => runtime(cores)?.block_on(up::up(&common, &up)),
        Command::Serve { name, launched } => runtime(cores)?.block_on(up::serve(&common, name, launched)),
        Command::Down => runtime(1)?.block_on(control::down(&common)),
        Command::Restart { name } => runtime(1)?.block_on(control::restart(&common, name)),
        Command::Status { watch } => runtime(1)?.block_on(status::status(&common, watch)),
        Command::Logs(logs) => runtime(1)?.block_on(logs::logs(&common, &logs)),
        Command::Ready { name } => runtime(1)?.block_on(status::ready(&common, name)),
        Command::Check => runtime(1)?.block_on(check::check(&common)),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Looma::command(), "looma", &mut script);
            std::io::stdout().write_all(&script)?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Graph { format } => graph::graph(&common, format),
        Command::Admin { command } => runtime(cores)?.block_on(admin::admin(&common, command)),
        Command::Demo => runtime(cores)?.block_on(work::demo(&common)),
        Command::Rebuild { projection } => runtime(cores)?.block_on(work::rebuild(&common, &projection)),
        Command::Export(export) => runtime(cores)?.block_on(archive::export(&common, &export)),
        Command::Import(import) => runtime(cores)?.block_on(archive::import(&common, &import)),
        Command::Verify { fix } => runtime(cores)?.block_on(work::verify(&common, fix)),
        Command::Backup => runtime(cores)?.block_on(backup::backup(&common)),
        Command::Restore { backup, into } => runtime(cores)?.block_on(backup::restore(&common, &backup, &into)),
    }
}

/// The administrator that the first start makes.
#[derive(Clone, Debug, serde::Serialize)]
pub struct FirstAdmin {
    pub email: String,
    pub password: String,
}

/// What a command prints should not drown in its own log.
fn quiet(settings: &mut Settings) -> LogRing {
    settings.log.level = "warn".into();
    telemetry::start(&settings.log)
}

/// Prints a value as JSON, or as text made from it.
fn say<T: serde::Serialize>(common: &Common, value: &T, text: impl FnOnce(&T) -> String) -> anyhow::Result<()> {
    if common.json {
        println!("{}", serde_json::to_string_pretty(value)?);
    } else {
        println!("{}", text(value).trim_end());
    }
    Ok(())
}

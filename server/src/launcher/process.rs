//! A service's process: how it is begun, told to end, and ended.

use super::journal::Journal;
use looma_kernel::Settings;
use looma_types::ServiceName;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tokio::process::{ChildStdin, Command};
use tokio::task::JoinSet;

const LAST_WORDS: Duration = Duration::from_millis(500);

/// How every service is begun.
#[derive(Debug)]
pub struct Recipe {
    program: PathBuf,
    arguments: Vec<OsString>,
    environment: Vec<(String, String)>,
}

impl Recipe {
    /// This program anew, with the same settings and the ports that were agreed upon.
    pub fn new(config: Option<&Path>, settings: &Settings) -> io::Result<Self> {
        let mut arguments: Vec<OsString> = vec!["--data".into(), settings.data.clone().into()];
        if let Some(config) = config {
            arguments.extend(["--config".into(), config.into()]);
        }
        let port = |service: ServiceName| (super::ports::key(service), settings.port(service).to_string());
        Ok(Self { program: std::env::current_exe()?, arguments, environment: ServiceName::ALL.map(port).to_vec() })
    }

    /// Begins a service. It ends when it is told to, and also when this process is gone: it holds the other end of a pipe, which closes
    /// then, however we end.
    pub fn begin(&self, service: ServiceName, journal: &Journal) -> io::Result<Process> {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).args(["serve", service.as_str(), "--launched"]);
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        // The administrator is made already.
        command.env_remove("LOOMA_ADMIN_PASSWORD");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        // Ctrl-C is for us alone, so that services end in order.
        command.process_group(0);
        let mut child = command.spawn()?;
        let lifeline = child.stdin.take();
        let heard = match (child.stdout.take(), child.stderr.take()) {
            (Some(out), Some(err)) => journal.keep(service, out, err),
            _ => JoinSet::new(),
        };
        Ok(Process { pid: child.id().unwrap_or_default(), child, heard, _lifeline: lifeline })
    }
}

/// A running one.
#[derive(Debug)]
pub struct Process {
    pub pid: u32,
    child: tokio::process::Child,
    /// What writes down what it says.
    heard: JoinSet<()>,
    _lifeline: Option<ChildStdin>,
}

impl Process {
    /// Waits for its end, and until its last words are written down.
    pub async fn ended(&mut self) -> io::Result<ExitStatus> {
        let status = self.child.wait().await;
        let last_words = async { while self.heard.join_next().await.is_some() {} };
        // Somebody else may hold its streams; that is not waited for.
        let _ = tokio::time::timeout(LAST_WORDS, last_words).await;
        status
    }

    /// Tells it to end: it takes no more requests, answers those under way, and goes.
    pub fn tell_to_end(&self) {
        // Only while it was not waited for: its number could be another's by then.
        let pid = self.child.id().and_then(|pid| rustix::process::Pid::from_raw(pid as i32));
        if let Some(pid) = pid
            && let Err(error) = rustix::process::kill_process(pid, rustix::process::Signal::TERM)
        {
            tracing::debug!(%error, pid = self.pid, "a process could not be told to end");
        }
    }

    /// Ends it now.
    pub async fn kill(&mut self) {
        if let Err(error) = self.child.kill().await {
            tracing::debug!(%error, pid = self.pid, "a process could not be ended");
        }
    }

    /// Tells it to end, and ends it when it takes longer than `limit`; whether it went by itself.
    pub async fn end(&mut self, limit: Duration) -> bool {
        self.tell_to_end();
        if tokio::time::timeout(limit, self.ended()).await.is_ok() {
            return true;
        }
        self.kill().await;
        false
    }
}

/// How a process ended, in words.
pub fn describe(status: io::Result<ExitStatus>) -> String {
    use std::os::unix::process::ExitStatusExt;
    match status {
        Ok(status) => match (status.code(), status.signal()) {
            (Some(code), _) => format!("it ended with exit code {code}"),
            (None, Some(signal)) => format!("it was ended by signal {signal}"),
            (None, None) => "it ended".into(),
        },
        Err(error) => format!("it could not be waited for: {error}"),
    }
}

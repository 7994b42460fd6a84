//! How commands speak to the launcher that runs on a data folder: a socket that its user alone can open, and a line of JSON for each
//! question and answer.

use super::board::{Entry, Phase};
use super::supervise::{Stop, Supervision};
use anyhow::{Context, bail};
use looma_types::ServiceName;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fs::{DirBuilder, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{UnixListener, UnixStream};
use tokio::task::JoinSet;

/// Addresses of sockets are shorter than paths may be (104 bytes on macOS, 108 on Linux).
const LONGEST_ADDRESS: usize = 100;
const LONGEST_QUESTION: u64 = 4096;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum Question {
    /// Answered with every service.
    Status,
    /// Answered with the service when it is ready again, or has failed.
    Restart { service: ServiceName },
    /// Answered with each service as it stops.
    Down,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    Service(Entry),
    Problem(String),
}

/// Where the socket of a data folder is to be: in its folder for such things, or for lack of room in a new one among temporary files.
/// Both are their user's alone.
pub fn address(data: &Path) -> io::Result<PathBuf> {
    let inside = crate::instance::run_folder(data).join("looma.sock");
    if inside.as_os_str().len() <= LONGEST_ADDRESS {
        return Ok(inside);
    }
    let folder = std::env::temp_dir().join(format!("looma-{}", uuid::Uuid::new_v4().simple()));
    DirBuilder::new().mode(0o700).create(&folder)?;
    Ok(folder.join("looma.sock"))
}

/// Opens the socket; one that is left from before is nobody's, as we hold the data folder.
pub fn open(address: &Path) -> io::Result<UnixListener> {
    match std::fs::remove_file(address) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(address)?;
    std::fs::set_permissions(address, Permissions::from_mode(0o600))?;
    Ok(listener)
}

/// Answers until dropped; answers under way are waited for by [`Desk::close`].
pub struct Desk {
    address: PathBuf,
    task: tokio::task::JoinHandle<JoinSet<()>>,
    close: Arc<tokio::sync::Notify>,
}

impl Desk {
    pub fn open(address: PathBuf, supervision: Arc<Supervision>) -> io::Result<Self> {
        let listener = open(&address)?;
        let close = Arc::new(tokio::sync::Notify::new());
        let closing = close.clone();
        let task = tokio::spawn(async move {
            let mut talks = JoinSet::new();
            loop {
                tokio::select! {
                    accepted = listener.accept() => match accepted {
                        Ok((stream, _)) => drop(talks.spawn(talk(stream, supervision.clone()))),
                        // Out of file descriptors, most likely: wait until some are free again.
                        Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
                    },
                    Some(_) = talks.join_next() => {}
                    () = closing.notified() => return talks,
                }
            }
        });
        Ok(Self { address, task, close })
    }

    /// Takes no more questions, and lets answers under way be read.
    pub async fn close(self, limit: Duration) {
        self.close.notify_one();
        let ended = async {
            if let Ok(mut talks) = self.task.await {
                while talks.join_next().await.is_some() {}
            }
        };
        let _ = tokio::time::timeout(limit, ended).await;
        let _ = std::fs::remove_file(&self.address);
        if let Some(folder) = self.address.parent().filter(|folder| folder.starts_with(std::env::temp_dir())) {
            // Where it was made for the socket, it is empty now; another folder is not.
            let _ = std::fs::remove_dir(folder);
        }
    }
}

async fn talk(stream: UnixStream, supervision: Arc<Supervision>) {
    let (read, mut write) = stream.into_split();
    let mut question = String::new();
    let mut read = BufReader::new(read.take(LONGEST_QUESTION));
    let heard = read.read_line(&mut question).await;
    let outcome = match (heard, serde_json::from_str(&question)) {
        (Ok(_), Ok(question)) => answer(question, &supervision, &mut write).await,
        (Ok(_), Err(error)) => say(&mut write, &Answer::Problem(format!("that was no question: {error}"))).await,
        (Err(error), _) => Err(error),
    };
    if let Err(error) = outcome {
        tracing::debug!(%error, "a command went away before its answer");
    }
}

async fn say(to: &mut OwnedWriteHalf, answer: &Answer) -> io::Result<()> {
    let mut line = serde_json::to_vec(answer)?;
    line.push(b'\n');
    to.write_all(&line).await
}

async fn answer(question: Question, supervision: &Supervision, to: &mut OwnedWriteHalf) -> io::Result<()> {
    match question {
        Question::Status => {
            for entry in supervision.board.entries().into_values() {
                say(to, &Answer::Service(entry)).await?;
            }
        }
        Question::Restart { service } => {
            if let Err(problem) = supervision.renew(service).await {
                return say(to, &Answer::Problem(problem)).await;
            }
            supervision.board.all(&[service], |entry| entry.is_settled() || entry.phase == Phase::Stopped).await;
            if let Some(entry) = supervision.board.entries().remove(&service) {
                say(to, &Answer::Service(entry)).await?;
            }
        }
        Question::Down => {
            supervision.stop(Stop::InOrder);
            let (mut entries, mut told) = (supervision.board.watch(), BTreeSet::new());
            loop {
                let now = entries.borrow_and_update().clone();
                let mut stopped: Vec<Entry> = now.values().filter(|entry| entry.phase == Phase::Stopped).cloned().collect();
                stopped.retain(|entry| told.insert(entry.service));
                // Several may have stopped since: those that need others come first, in the order of time and of the plan.
                let place = |entry: &Entry| supervision.plan().stop_order().position(|service| service == entry.service);
                stopped.sort_by_key(|entry| (entry.ended_ms, place(entry)));
                for entry in stopped {
                    say(to, &Answer::Service(entry)).await?;
                }
                if told.len() == now.len() || entries.changed().await.is_err() {
                    break;
                }
            }
        }
    }
    Ok(())
}

/// A question that was put, and its answers as they come.
pub struct Asked {
    answers: Lines<BufReader<OwnedReadHalf>>,
    /// Open as long as answers are awaited.
    _question: OwnedWriteHalf,
}

/// Puts a question to the launcher at an address.
pub async fn ask(address: &Path, question: Question) -> anyhow::Result<Asked> {
    let stream = UnixStream::connect(address).await.with_context(|| format!("the launcher does not listen at {}", address.display()))?;
    let (read, mut write) = stream.into_split();
    let mut line = serde_json::to_vec(&question)?;
    line.push(b'\n');
    write.write_all(&line).await?;
    Ok(Asked { answers: BufReader::new(read).lines(), _question: write })
}

impl Asked {
    /// The next service that is told of.
    /// # Errors
    /// What the launcher refuses.
    pub async fn next(&mut self) -> anyhow::Result<Option<Entry>> {
        let Some(line) = self.answers.next_line().await? else { return Ok(None) };
        match serde_json::from_str(&line)? {
            Answer::Service(entry) => Ok(Some(entry)),
            Answer::Problem(problem) => bail!("{problem}"),
        }
    }

    pub async fn all(mut self) -> anyhow::Result<Vec<Entry>> {
        let mut entries = Vec::new();
        while let Some(entry) = self.next().await? {
            entries.push(entry);
        }
        Ok(entries)
    }
}

//! One system a data folder: a lock that ends with its process, and a note that says who holds it.
//!
//! The processes that a launcher begins share a second lock. Who takes the folder after a launcher was killed waits for that one too, so
//! that it never meets them.

use anyhow::{Context, anyhow, bail};
use looma_kernel::Settings;
use looma_types::ServiceName;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long the processes of a launcher that is gone may take to end.
const ORPHANS_END: Duration = Duration::from_secs(30);
/// How long a hold may last that is only somebody's look at it.
const GLANCE: Duration = Duration::from_millis(250);

/// Who runs on a data folder.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Note {
    pub pid: u32,
    pub started_at: looma_types::Instant,
    /// The ports it listens on; the settings may say others.
    #[serde(default)]
    pub ports: BTreeMap<ServiceName, u16>,
    /// Where its launcher answers, when it has one.
    #[serde(default)]
    pub socket: Option<PathBuf>,
}

/// The hold on a data folder; released when dropped, also by `kill -9`.
pub struct Hold {
    _lock: File,
    data: PathBuf,
}

impl Hold {
    /// Says what else is to be known of us: our ports, and where the launcher answers.
    pub fn note(&self, settings: &Settings, socket: Option<PathBuf>) -> anyhow::Result<()> {
        let ports = ServiceName::ALL.map(|service| (service, settings.port(service))).into_iter().collect();
        write_note(&self.data, &Note { pid: std::process::id(), started_at: looma_types::now(), ports, socket })
    }
}

impl Drop for Hold {
    /// The lock is what counts; the note only goes with it.
    fn drop(&mut self) {
        let _ = std::fs::remove_file(self.data.join("looma.pid"));
    }
}

/// In one step, so that nobody reads a half.
fn write_note(data: &Path, note: &Note) -> anyhow::Result<()> {
    let new = data.join("looma.pid.new");
    std::fs::write(&new, serde_json::to_vec(note)?)?;
    Ok(std::fs::rename(new, data.join("looma.pid"))?)
}

/// The folder of what is only of use while the system runs; its user's alone.
pub fn run_folder(data: &Path) -> PathBuf {
    data.join("run")
}

fn make_run_folder(data: &Path) -> anyhow::Result<PathBuf> {
    let folder = run_folder(data);
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    #[cfg(unix)]
    std::fs::set_permissions(&folder, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
    Ok(folder)
}

fn services_lock(data: &Path) -> anyhow::Result<File> {
    let path = make_run_folder(data)?.join("services.lock");
    OpenOptions::new().create(true).truncate(false).write(true).open(&path).with_context(|| format!("cannot open {}", path.display()))
}

/// Works on a data folder beside others that the same launcher has begun; given back when dropped, also by `kill -9`.
pub struct Membership {
    _lock: File,
}

/// Joins the processes of the launcher that holds the folder.
pub fn join(data: &Path) -> anyhow::Result<Membership> {
    let file = services_lock(data)?;
    file.lock_shared().context("cannot join the processes of the data folder")?;
    Ok(Membership { _lock: file })
}

/// Waits for the end of what a launcher that was killed has left: it ends by itself.
fn wait_for_orphans(data: &Path) -> anyhow::Result<()> {
    let (file, began) = (services_lock(data)?, Instant::now());
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::WouldBlock) if began.elapsed() < ORPHANS_END => std::thread::sleep(Duration::from_millis(5)),
            Err(TryLockError::WouldBlock) => {
                bail!("services of a launcher that is gone still work on {}; end them first", data.display())
            }
            Err(TryLockError::Error(error)) => return Err(error).context("cannot lock the data folder's services"),
        }
    }
}

fn lock_file(data: &Path) -> anyhow::Result<File> {
    std::fs::create_dir_all(data).with_context(|| format!("cannot make the data folder {}", data.display()))?;
    let path = data.join("looma.lock");
    OpenOptions::new().create(true).truncate(false).write(true).open(&path).with_context(|| format!("cannot open {}", path.display()))
}

/// Takes the data folder.
/// # Errors
/// Says which process has it.
pub fn hold(data: &Path) -> anyhow::Result<Hold> {
    let (file, began) = (lock_file(data)?, Instant::now());
    loop {
        match file.try_lock() {
            Ok(()) => break,
            // Who only looks holds it too, for no time at all.
            Err(TryLockError::WouldBlock) if began.elapsed() < GLANCE => std::thread::sleep(Duration::from_millis(2)),
            Err(TryLockError::WouldBlock) => return Err(in_use(data)),
            Err(TryLockError::Error(error)) => return Err(error).context("cannot lock the data folder"),
        }
    }
    let hold = Hold { _lock: file, data: data.to_owned() };
    write_note(data, &Note { pid: std::process::id(), started_at: looma_types::now(), ports: BTreeMap::new(), socket: None })?;
    wait_for_orphans(data)?;
    Ok(hold)
}

fn in_use(data: &Path) -> anyhow::Error {
    let who = read_note(data).map_or_else(|| "another process".to_owned(), |note| format!("process {}", note.pid));
    anyhow!("{} is in use by {who}; stop it first (`looma down`) or choose another folder with --data", data.display())
}

fn read_note(data: &Path) -> Option<Note> {
    serde_json::from_slice(&std::fs::read(data.join("looma.pid")).ok()?).ok()
}

/// The process that runs on a data folder, if one does. Only a held lock counts: a note may be of a process that was killed.
pub fn running(data: &Path) -> anyhow::Result<Option<Note>> {
    let Ok(file) = File::open(data.join("looma.lock")) else { return Ok(None) };
    let began = Instant::now();
    loop {
        // Shared, so that those who look are not in each other's way.
        match file.try_lock_shared() {
            Ok(()) => return Ok(None),
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) => return Err(error).context("cannot look at the data folder's lock"),
        }
        // It may be at its first or last step, between the lock and the note.
        match read_note(data) {
            None if began.elapsed() < Duration::from_secs(1) => std::thread::sleep(Duration::from_millis(2)),
            note => return Ok(note),
        }
    }
}

/// Makes the settings say the ports of the system that runs on their data folder, if one does; its note.
pub fn find(settings: &mut Settings) -> anyhow::Result<Option<Note>> {
    let note = running(&settings.data)?;
    if let Some(note) = &note {
        crate::launcher::ports::set(settings, &note.ports);
    }
    Ok(note)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_one_holder_at_a_time() {
        let folder = std::env::temp_dir().join(format!("looma-hold-{}", uuid::Uuid::new_v4()));
        let first = hold(&folder).unwrap();
        assert!(hold(&folder).is_err());
        assert_eq!(running(&folder).unwrap().unwrap().pid, std::process::id());
        drop(first);
        assert!(running(&folder).unwrap().is_none());
        assert!(!folder.join("looma.pid").exists());
        // What was killed leaves its note, and nobody believes it.
        write_note(&folder, &Note { pid: 1, started_at: looma_types::now(), ports: BTreeMap::new(), socket: None }).unwrap();
        assert!(running(&folder).unwrap().is_none());
        let again = hold(&folder).unwrap();
        again.note(&Settings::default(), None).unwrap();
        assert_eq!(running(&folder).unwrap().unwrap().ports[&ServiceName::Gateway], 9000);
        drop(again);
        let member = join(&folder).unwrap();
        let waiting = std::thread::spawn({
            let folder = folder.clone();
            move || hold(&folder).is_ok()
        });
        assert!(join(&folder).is_ok(), "members do not wait for each other");
        drop(member);
        assert!(waiting.join().unwrap());
        std::fs::remove_dir_all(&folder).unwrap();
    }
}

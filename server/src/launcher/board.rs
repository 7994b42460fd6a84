//! How each service is: one table that the supervisors write and everyone else reads.

use looma_types::ServiceName;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Instant;
use tokio::sync::watch;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// For what it needs.
    Waiting,
    Starting,
    Ready,
    /// It ended by itself and is started again in a moment.
    Restarting,
    /// It ended too often, and is left alone until somebody says `restart`.
    Failed,
    Stopping,
    Stopped,
}

impl Phase {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Starting => "starting",
            Self::Ready => "ready",
            Self::Restarting => "restarting",
            Self::Failed => "failed",
            Self::Stopping => "stopping",
            Self::Stopped => "stopped",
        }
    }
}

/// One service. Times are milliseconds since the launcher began.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Entry {
    pub service: ServiceName,
    pub port: u16,
    pub phase: Phase,
    pub pid: Option<u32>,
    /// How often it was started again after it ended by itself.
    pub restarts: u32,
    /// When its process first began, and was first ready.
    pub began_ms: Option<u64>,
    pub ready_ms: Option<u64>,
    /// Of what it needs, the one that was ready last.
    pub waited_for: Option<ServiceName>,
    pub ended_ms: Option<u64>,
    /// Why it ended the last time.
    pub problem: Option<String>,
}

pub type Entries = BTreeMap<ServiceName, Entry>;

/// What happened to a service; the only way that an [`Entry`] changes.
#[derive(Clone, Debug)]
pub enum Event {
    Begun {
        pid: u32,
    },
    Ready,
    Crashed {
        problem: String,
    },
    GivenUp,
    /// Somebody wants it anew.
    Renewed,
    Stopping,
    Stopped,
}

impl Entry {
    fn new(service: ServiceName, port: u16) -> Self {
        let phase = Phase::Waiting;
        Self {
            service,
            port,
            phase,
            pid: None,
            restarts: 0,
            began_ms: None,
            ready_ms: None,
            waited_for: None,
            ended_ms: None,
            problem: None,
        }
    }

    fn apply(&mut self, event: Event, at: u64) {
        match event {
            Event::Begun { pid } => {
                if self.phase == Phase::Restarting {
                    self.restarts += 1;
                }
                (self.phase, self.pid) = (Phase::Starting, Some(pid));
                self.began_ms.get_or_insert(at);
            }
            Event::Ready => {
                self.phase = Phase::Ready;
                self.ready_ms.get_or_insert(at);
            }
            Event::Crashed { problem } => (self.phase, self.pid, self.problem) = (Phase::Restarting, None, Some(problem)),
            Event::GivenUp => self.phase = Phase::Failed,
            Event::Renewed => (self.phase, self.pid, self.problem) = (Phase::Waiting, None, None),
            Event::Stopping => self.phase = Phase::Stopping,
            Event::Stopped => (self.phase, self.pid, self.ended_ms) = (Phase::Stopped, None, Some(at)),
        }
    }

    /// Whether those that need it need wait no longer: where it has failed, they start without it and say what is missing.
    pub fn is_settled(&self) -> bool {
        matches!(self.phase, Phase::Ready | Phase::Failed)
    }
}

/// Clones show the same table.
#[derive(Clone, Debug)]
pub struct Board {
    began: Instant,
    entries: watch::Sender<Entries>,
}

impl Board {
    pub fn new(began: Instant, services: impl IntoIterator<Item = (ServiceName, u16)>) -> Self {
        let entries = services.into_iter().map(|(service, port)| (service, Entry::new(service, port))).collect();
        Self { began, entries: watch::channel(entries).0 }
    }

    pub fn tell(&self, service: ServiceName, event: Event) {
        let at = self.began.elapsed().as_millis() as u64;
        self.entries.send_modify(|entries| {
            if let Some(entry) = entries.get_mut(&service) {
                entry.apply(event, at);
            }
        });
    }

    pub fn waited_for(&self, service: ServiceName, need: ServiceName) {
        self.entries.send_modify(|entries| {
            if let Some(entry) = entries.get_mut(&service) {
                entry.waited_for = Some(need);
            }
        });
    }

    pub fn entries(&self) -> Entries {
        self.entries.borrow().clone()
    }

    pub fn watch(&self) -> watch::Receiver<Entries> {
        self.entries.subscribe()
    }

    /// Waits until all of these are so.
    pub async fn all(&self, services: &[ServiceName], so: impl Fn(&Entry) -> bool) {
        let mut entries = self.watch();
        let all = |entries: &Entries| services.iter().filter_map(|service| entries.get(service)).all(&so);
        // The sender is ours: it does not go away while we wait.
        drop(entries.wait_for(all).await);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_start_is_what_the_report_tells() {
        let mut ai = Entry::new(ServiceName::Ai, 9008);
        ai.apply(Event::Begun { pid: 7 }, 10);
        ai.apply(Event::Ready, 30);
        ai.apply(Event::Crashed { problem: "signal 9".into() }, 50);
        assert_eq!((ai.phase, ai.pid, ai.is_settled()), (Phase::Restarting, None, false));
        ai.apply(Event::Begun { pid: 8 }, 60);
        ai.apply(Event::Ready, 80);
        assert_eq!((ai.began_ms, ai.ready_ms, ai.restarts, ai.pid), (Some(10), Some(30), 1, Some(8)));
        ai.apply(Event::Renewed, 90);
        ai.apply(Event::Begun { pid: 9 }, 95);
        assert_eq!(ai.restarts, 1, "a restart that was asked for is none of its own");
    }
}

//! One task a service: it begins the process when what it needs is ready, begins it again when it ended by itself, and ends it after
//! those that need it.

use super::board::{Board, Event, Phase};
use super::journal::Journal;
use super::plan::Plan;
use super::process::{Process, Recipe, describe};
use super::restart::{Crashes, MOST, Verdict, WITHIN};
use looma_kernel::Settings;
use looma_types::ServiceName;
use looma_types::service::Health;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;

/// How often a starting service is asked whether it is ready.
const LOOK: Duration = Duration::from_millis(10);
/// Who is not ready by then is begun anew.
const SLOWEST: Duration = Duration::from_mins(1);

/// How the whole is to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stop {
    No,
    /// In order, each after its requests under way.
    InOrder,
    /// At once.
    Now,
}

/// A wish to have a service anew; answered when the old process is gone.
type Renewal = oneshot::Sender<()>;

/// What the supervisors share.
pub struct Supervision {
    plan: Plan<ServiceName>,
    pub board: Board,
    journal: Journal,
    recipe: Recipe,
    http: reqwest::Client,
    host: IpAddr,
    /// How long a process may take to end.
    patience: Duration,
    stop: watch::Sender<Stop>,
    renewals: BTreeMap<ServiceName, mpsc::Sender<Renewal>>,
    failure: OnceLock<String>,
}

/// Why a process is no more.
enum End {
    Stopped,
    Renewed,
    Crashed(String),
}

impl Supervision {
    /// Begins to supervise all of the plan; the tasks end when all are stopped.
    pub fn begin(
        plan: Plan<ServiceName>,
        board: Board,
        journal: Journal,
        recipe: Recipe,
        settings: &Settings,
    ) -> anyhow::Result<(Arc<Self>, JoinSet<()>)> {
        let (renewals, wishes): (BTreeMap<_, _>, Vec<_>) = plan
            .order()
            .iter()
            .map(|service| {
                let (send, receive) = mpsc::channel(1);
                ((*service, send), (*service, receive))
            })
            .unzip();
        let this = Arc::new(Self {
            plan,
            board,
            journal,
            recipe,
            http: reqwest::Client::builder().timeout(Duration::from_secs(4)).no_proxy().build()?,
            host: if settings.host.is_unspecified() { IpAddr::from(Ipv4Addr::LOCALHOST) } else { settings.host },
            patience: super::patience(&settings.limits),
            stop: watch::channel(Stop::No).0,
            renewals,
            failure: OnceLock::new(),
        });
        let mut tasks = JoinSet::new();
        for (service, wishes) in wishes {
            tasks.spawn(this.clone().supervise(service, wishes));
        }
        Ok((this, tasks))
    }

    pub fn plan(&self) -> &Plan<ServiceName> {
        &self.plan
    }

    /// Ends everything; what was said before is only ever made more urgent.
    pub fn stop(&self, how: Stop) {
        self.stop.send_if_modified(|stop| {
            let more = how > *stop;
            *stop = how.max(*stop);
            more
        });
    }

    /// Waits until it is to end.
    pub async fn stopping(&self) {
        at_least(&mut self.stop.subscribe(), Stop::InOrder).await;
    }

    /// Why it stopped by itself.
    pub fn failure(&self) -> Option<&str> {
        self.failure.get().map(String::as_str)
    }

    /// Ends a service's process and begins it anew; answered when the old one is gone.
    /// # Errors
    /// In words, when it is none of ours.
    pub async fn renew(&self, service: ServiceName) -> Result<(), String> {
        let wishes = self.renewals.get(&service).ok_or_else(|| format!("{service} was not started here"))?;
        let (done, gone) = oneshot::channel();
        let ends = || "the system is stopping".to_owned();
        wishes.send(done).await.map_err(|_| ends())?;
        gone.await.map_err(|_| ends())
    }

    async fn supervise(self: Arc<Self>, service: ServiceName, mut wishes: mpsc::Receiver<Renewal>) {
        let mut stop = self.stop.subscribe();
        tokio::select! {
            () = self.needs_are_settled(service) => self.keep_running(service, &mut wishes).await,
            () = at_least(&mut stop, Stop::InOrder) => {}
        }
        self.board.tell(service, Event::Stopped);
    }

    /// Until it is to end.
    async fn keep_running(&self, service: ServiceName, wishes: &mut mpsc::Receiver<Renewal>) {
        let mut crashes = Crashes::default();
        let mut stop = self.stop.subscribe();
        loop {
            let problem = match self.run(service, wishes, &mut stop).await {
                End::Stopped => break,
                End::Renewed => {
                    crashes.forget();
                    continue;
                }
                End::Crashed(problem) => problem,
            };
            self.board.tell(service, Event::Crashed { problem: problem.clone() });
            let verdict = crashes.add(Instant::now());
            let wait = match verdict {
                Verdict::Again(wait) => {
                    self.journal.note(service, &format!("{problem}; it is started again in {} ms", wait.as_millis()));
                    wait
                }
                Verdict::GiveUp => {
                    self.give_up(service, &problem);
                    Duration::MAX
                }
            };
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                Some(wish) = wishes.recv() => {
                    crashes.forget();
                    self.renewed(service, wish);
                }
                () = at_least(&mut stop, Stop::InOrder) => break,
            }
        }
    }

    async fn needs_are_settled(&self, service: ServiceName) {
        let needs: Vec<ServiceName> = self.plan.needs(service).collect();
        self.board.all(&needs, super::board::Entry::is_settled).await;
        let entries = self.board.entries();
        if let Some(last) = needs.into_iter().max_by_key(|need| entries.get(need).and_then(|entry| entry.ready_ms)) {
            self.board.waited_for(service, last);
        }
    }

    fn give_up(&self, service: ServiceName, problem: &str) {
        self.board.tell(service, Event::GivenUp);
        let so_often = format!("{MOST} times in {} s", WITHIN.as_secs());
        if service.is_critical() {
            let _ = self.failure.set(format!("{service} ended {so_often}, and nothing works without it: {problem}"));
            self.stop(Stop::InOrder);
        } else {
            let hint = format!("`looma logs {service}` says more, `looma restart {service}` tries again");
            self.journal.note(service, &format!("{problem}; that was {so_often}, so it stays away and the rest goes on; {hint}"));
        }
    }

    fn renewed(&self, service: ServiceName, wish: Renewal) {
        self.board.tell(service, Event::Renewed);
        // Whoever wished for it may be gone.
        let _ = wish.send(());
    }

    /// One process, from its beginning to its end.
    async fn run(&self, service: ServiceName, wishes: &mut mpsc::Receiver<Renewal>, stop: &mut watch::Receiver<Stop>) -> End {
        let mut process = match self.recipe.begin(service, &self.journal) {
            Ok(process) => process,
            Err(error) => return End::Crashed(format!("it could not be begun: {error}")),
        };
        self.board.tell(service, Event::Begun { pid: process.pid });
        let mut starting = true;
        loop {
            tokio::select! {
                status = process.ended() => return End::Crashed(describe(status)),
                ready = tokio::time::timeout(SLOWEST, self.is_ready(service)), if starting => {
                    if ready.is_err() {
                        process.kill().await;
                        return End::Crashed(format!("it was not ready within {} s", SLOWEST.as_secs()));
                    }
                    starting = false;
                    self.board.tell(service, Event::Ready);
                }
                Some(wish) = wishes.recv() => {
                    self.board.tell(service, Event::Stopping);
                    process.end(self.patience).await;
                    self.renewed(service, wish);
                    return End::Renewed;
                }
                () = at_least(stop, Stop::InOrder) => {
                    self.end(service, &mut process, stop).await;
                    return End::Stopped;
                }
            }
        }
    }

    /// Answers when the service says that it can do its work.
    async fn is_ready(&self, service: ServiceName) {
        let port = self.board.entries().get(&service).map_or_else(|| service.default_port(), |entry| entry.port);
        let address = format!("http://{}/health/ready", SocketAddr::new(self.host, port));
        loop {
            if let Ok(answer) = self.http.get(&address).send().await
                && answer.status().is_success()
                && answer.json::<Health>().await.is_ok_and(|health| health.service == service)
            {
                return;
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Ends a process when its turn has come.
    async fn end(&self, service: ServiceName, process: &mut Process, stop: &mut watch::Receiver<Stop>) {
        let dependents: Vec<ServiceName> = self.plan.dependents(service).collect();
        tokio::select! {
            () = self.board.all(&dependents, |entry| entry.phase == Phase::Stopped) => {}
            () = at_least(stop, Stop::Now) => {}
            _ = process.ended() => return,
        }
        self.board.tell(service, Event::Stopping);
        let in_order = tokio::select! {
            by_itself = process.end(self.patience) => by_itself,
            () = at_least(stop, Stop::Now) => false,
        };
        if !in_order {
            process.kill().await;
            self.journal.note(service, "it did not end in order and was ended by force");
        }
    }
}

async fn at_least(stop: &mut watch::Receiver<Stop>, how: Stop) {
    // The sender lives as long as the supervisors.
    drop(stop.wait_for(|stop| *stop >= how).await);
}

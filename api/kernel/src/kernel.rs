//! What the services of one process share: a parts list.

use crate::access::Actor;
use crate::client::{Checks, Client};
use crate::failure::{Failure, Result};
use crate::logs::LogRing;
use crate::settings::Settings;
use crate::token::Verifier;
use axum::http::Extensions;
use looma_store::{Projector, Stores};
use looma_types::config::LiveSettings;
use looma_types::{ServiceName, WorkspaceId};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio_util::task::TaskTracker;

/// A handle to the shared parts; clones are cheap.
#[derive(Clone)]
pub struct Kernel(Arc<Parts>);

struct Parts {
    settings: Settings,
    stores: Stores,
    client: Client,
    verifier: Verifier,
    logs: LogRing,
    live: watch::Sender<LiveSettings>,
    stop: watch::Sender<bool>,
    tasks: TaskTracker,
    projectors: Mutex<Vec<Projector>>,
    began: Instant,
}

impl Kernel {
    /// Opens the stores and gathers the parts.
    pub async fn open(settings: Settings, logs: LogRing) -> Result<Self> {
        let stores = Stores::open(&settings.stores).await?;
        let secret = if stores.sql.is_shared() {
            stores.sql.secret(crate::token::SERVICES).await?
        } else if settings.stores.in_memory {
            uuid::Uuid::new_v4().as_bytes().repeat(2)
        } else {
            crate::token::installation_secret(&settings.data).map_err(Failure::internal)?
        };
        let (stop, tasks) = (watch::channel(false).0, TaskTracker::new());
        let every = Duration::from_secs(settings.gateway.health_seconds);
        let checks = Checks { tasks: tasks.clone(), stop: stop.subscribe(), every };
        Ok(Self(Arc::new(Parts {
            client: Client::checking(&settings, checks),
            verifier: Verifier::new(&secret),
            live: watch::channel(settings.live()).0,
            stop,
            tasks,
            projectors: Mutex::default(),
            began: Instant::now(),
            settings,
            stores,
            logs,
        })))
    }

    /// The kernel of the service that handles a request.
    pub(crate) fn of(extensions: &Extensions) -> Result<&Self> {
        extensions.get::<Self>().ok_or_else(|| Failure::internal("the service was built without a kernel"))
    }

    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    pub fn stores(&self) -> &Stores {
        &self.0.stores
    }

    pub fn client(&self) -> &Client {
        &self.0.client
    }

    pub fn verifier(&self) -> &Verifier {
        &self.0.verifier
    }

    pub fn logs(&self) -> &LogRing {
        &self.0.logs
    }

    /// Settings that change while running: read, wait for changes, or (the config service alone) set.
    pub fn live(&self) -> &watch::Sender<LiveSettings> {
        &self.0.live
    }

    /// A service acting for itself in a workspace.
    pub fn service_actor(&self, service: ServiceName, workspace: WorkspaceId) -> Result<Actor> {
        self.verifier().service_actor(service, workspace)
    }

    /// Becomes true when the process is to end.
    pub fn stopping(&self) -> watch::Receiver<bool> {
        self.0.stop.subscribe()
    }

    /// Runs work beside the requests; `work` gets the stop signal and must end soon after it.
    pub fn spawn<F: Future<Output = ()> + Send + 'static>(&self, work: impl FnOnce(watch::Receiver<bool>) -> F) {
        self.0.tasks.spawn(work(self.stopping()));
    }

    /// Feeds a projection from now on; the one that serves its readers, found again by [`Kernel::projectors`].
    pub fn host(&self, projector: &Projector) {
        if let Ok(mut hosted) = self.0.projectors.lock() {
            hosted.push(projector.clone());
        }
        let projector = projector.clone();
        self.spawn(|stop| async move { projector.run(stop).await });
    }

    /// The projectors that run in this process.
    pub fn projectors(&self) -> Vec<Projector> {
        self.0.projectors.lock().map(|hosted| hosted.clone()).unwrap_or_default()
    }

    /// Tells everything to end: listeners take no more, streams close, background work finishes.
    pub fn begin_stop(&self) {
        self.0.stop.send_replace(true);
    }

    /// Tells everything to end, waits for the background work and closes the stores.
    pub async fn stop(&self) {
        self.begin_stop();
        self.0.tasks.close();
        let limit = Duration::from_secs(self.settings().limits.drain_seconds);
        if tokio::time::timeout(limit, self.0.tasks.wait()).await.is_err() {
            tracing::warn!("background work did not end in time");
        }
        self.stores().sql.close().await;
    }

    /// Since the process began.
    pub fn uptime(&self) -> Duration {
        self.0.began.elapsed()
    }
}

//! One service calls another: a router in this process, or HTTP. Same types, same authorisation either way.
//!
//! `forward` is a request's way there and back; `endpoints` says which copy is asked, by its `breaker`, its `latency` and its
//! `checks`; `budget` says whether another is tried, and `body` whether it can be.

mod body;
mod breaker;
mod budget;
mod call;
mod checks;
mod endpoints;
mod forward;
mod latency;

pub use breaker::Phase;
pub use call::{Answer, Call};
pub(crate) use checks::Checks;
pub use endpoints::CopyState;

use crate::access::Actor;
use crate::failure::Result;
use crate::settings::Settings;
use axum::Router;
use axum::http::{HeaderMap, Method};
use bytes::Bytes;
use endpoints::Endpoints;
use looma_types::ServiceName;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::HashMap;
use std::sync::{Arc, RwLock};
use std::time::{Duration, Instant};

/// Event streams say something every 15 seconds.
const LONGEST_SILENCE: Duration = Duration::from_secs(30);

/// Calls services by name.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    routers: RwLock<HashMap<ServiceName, Router>>,
    /// For each service, the copy in this process and those in others; which counts is said by `routers`.
    here: HashMap<ServiceName, Endpoints>,
    elsewhere: HashMap<ServiceName, Endpoints>,
    http: reqwest::Client,
    checks: Option<Checks>,
}

impl Client {
    /// A client that learns of copies by asking them only.
    pub fn new(settings: &Settings) -> Self {
        Self::with(settings, None)
    }

    /// A client that also checks the copies in other processes, from the first request to their service on.
    pub(crate) fn checking(settings: &Settings, checks: Checks) -> Self {
        Self::with(settings, Some(checks))
    }

    fn with(settings: &Settings, checks: Option<Checks>) -> Self {
        let http = reqwest::Client::builder()
            .connect_timeout(Duration::from_secs(2))
            // How long an answer may stand still. How long it takes as a whole is for the service to limit: an event
            // stream has no end.
            .read_timeout(settings.longest_time().max(LONGEST_SILENCE))
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap_or_default();
        let elsewhere = |service| {
            let copies = Endpoints::elsewhere(service, settings.urls(service), &settings.gateway);
            // Backups lie on the disk of whoever made them.
            if service == ServiceName::Backup { copies.one_at_a_time() } else { copies }
        };
        Self(Arc::new(Inner {
            routers: RwLock::default(),
            here: ServiceName::ALL.into_iter().map(|service| (service, Endpoints::here(service, &settings.gateway))).collect(),
            elsewhere: ServiceName::ALL.into_iter().map(|service| (service, elsewhere(service))).collect(),
            http,
            checks,
        }))
    }

    /// From now on `service` is answered in this process.
    pub fn register(&self, service: ServiceName, router: Router) {
        if let Ok(mut routers) = self.0.routers.write() {
            routers.insert(service, router);
        }
    }

    /// The router of a service in this process.
    pub fn local(&self, service: ServiceName) -> Option<Router> {
        self.0.routers.read().ok()?.get(&service).cloned()
    }

    /// The copies of a service that are asked.
    pub fn copies(&self, service: ServiceName) -> Vec<CopyState> {
        let asked = if self.local(service).is_some() { &self.0.here } else { &self.0.elsewhere };
        asked.get(&service).map(|copies| copies.states(Instant::now())).unwrap_or_default()
    }

    /// Begins a call; `path` has its query.
    pub fn call(&self, service: ServiceName, method: Method, path: impl Into<String>) -> Call<'_> {
        Call { client: self, service, method, path: path.into(), headers: HeaderMap::new(), body: Bytes::new() }
    }

    /// GET without an actor.
    pub async fn get(&self, service: ServiceName, path: impl Into<String>) -> Result<Answer> {
        self.call(service, Method::GET, path).send().await
    }

    /// GET as an actor, read as `T`.
    pub async fn get_as<T: DeserializeOwned>(&self, actor: &Actor, service: ServiceName, path: impl Into<String>) -> Result<T> {
        self.call(service, Method::GET, path).actor(actor).send().await?.json()
    }

    /// POST as an actor.
    pub async fn post_as<B: Serialize>(&self, actor: &Actor, service: ServiceName, path: impl Into<String>, body: &B) -> Result<Answer> {
        self.call(service, Method::POST, path).actor(actor).json(body)?.send().await
    }
}

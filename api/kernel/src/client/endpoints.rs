//! The copies of a service, and which of them is asked next: of two chosen by chance the one that is expected to answer
//! sooner, by how long it takes and how much it has to do ("power of two choices").

use super::breaker::{Breaker, Phase};
use super::budget::Budget;
use super::checks::Checks;
use super::latency::Latency;
use crate::settings::GatewaySettings;
use looma_types::ServiceName;
use rand::RngExt;
use serde::Serialize;
use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError};
use std::time::{Duration, Instant};
use utoipa::ToSchema;

/// Checks in a row after which a copy is not ready.
const FAILED_CHECKS: u32 = 2;
/// Milliseconds. Below this one copy is as fast as the other, and one that nobody asked yet gets no crowd.
const FASTEST: f64 = 1.0;

/// A copy of a service, as it looks from this process.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CopyState {
    /// Its breaker.
    pub state: Phase,
    /// Failures in a row.
    pub failures: u32,
    /// Where it answers; missing for the one in this process.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// How long it takes to answer: a moving average of milliseconds that follows peaks.
    pub ewma_ms: f64,
    /// Requests under way.
    pub under_way: u32,
    /// Whether it says that it is ready, as far as it was asked.
    pub healthy: bool,
    /// Whether it is left out while others can be asked.
    pub ejected: bool,
}

/// One copy.
#[derive(Debug)]
pub(super) struct Endpoint {
    service: ServiceName,
    /// None in this process.
    url: Option<String>,
    standing: Mutex<Standing>,
}

#[derive(Debug)]
struct Standing {
    breaker: Breaker,
    latency: Latency,
    under_way: u32,
    failed_checks: u32,
}

/// All copies of one service.
#[derive(Debug)]
pub(super) struct Endpoints {
    all: Vec<Arc<Endpoint>>,
    /// Whether the first that can be asked is, and the others stand by.
    in_order: bool,
    budget: Mutex<Budget>,
    checked: Once,
}

/// A request under way to a copy. Dropped without an answer, it was given up.
pub(super) struct Asked<'a> {
    endpoint: &'a Endpoint,
    generation: u64,
    began: Instant,
    good: Option<bool>,
}

/// A copy that can be asked, at one moment.
struct Candidate<'a> {
    endpoint: &'a Endpoint,
    /// Whether this request would show if it has recovered.
    is_probe: bool,
    healthy: bool,
    cost: f64,
}

impl Endpoints {
    /// The copies at these addresses.
    pub fn elsewhere(service: ServiceName, urls: Vec<String>, settings: &GatewaySettings) -> Self {
        Self::new(service, urls.into_iter().map(Some), settings)
    }

    /// The one in this process.
    pub fn here(service: ServiceName, settings: &GatewaySettings) -> Self {
        Self::new(service, [None], settings)
    }

    /// The same for a service whose copies each have something that the others have not: one of them is asked as long as it is there.
    pub fn one_at_a_time(self) -> Self {
        Self { in_order: true, ..self }
    }

    fn new(service: ServiceName, urls: impl IntoIterator<Item = Option<String>>, settings: &GatewaySettings) -> Self {
        let now = Instant::now();
        let rest = Duration::from_secs(settings.breaker_open_seconds);
        let endpoint = |url| {
            let breaker = Breaker::new(settings.breaker_failures, rest, now);
            let standing = Standing { breaker, latency: Latency::new(now), under_way: 0, failed_checks: 0 };
            Arc::new(Endpoint { service, url, standing: Mutex::new(standing) })
        };
        let all = urls.into_iter().map(endpoint).collect();
        Self { all, in_order: false, budget: Mutex::new(Budget::new(now)), checked: Once::new() }
    }

    /// Begins the checks of all copies, once.
    pub fn check(&self, checks: &Checks, http: &reqwest::Client) {
        self.checked.call_once(|| self.all.iter().for_each(|endpoint| checks.begin(http, endpoint.clone())));
    }

    /// The copy to ask, but not `except`. One that may have recovered is asked by a request that `can_move` on to another if
    /// it has not. Where no copy says that it is ready, their word does not count.
    /// # Errors
    /// How long until one may be asked; none where there is no other.
    pub fn pick(&self, except: Option<&Endpoint>, can_move: bool, now: Instant) -> Result<Asked<'_>, Option<Duration>> {
        let others = || self.all.iter().filter(|endpoint| except.is_none_or(|except| !std::ptr::eq(except, Arc::as_ptr(endpoint))));
        loop {
            let able = others().filter_map(|endpoint| endpoint.candidate(now)).collect();
            let Some(endpoint) = self.choose(able, can_move) else {
                return Err(others().filter_map(|endpoint| endpoint.standing().breaker.wait(now)).min());
            };
            // Another may have become the probe in the meantime; then there is one candidate less.
            if let Some(asked) = endpoint.ask(now) {
                return Ok(asked);
            }
        }
    }

    fn choose<'a>(&self, mut able: Vec<Candidate<'a>>, can_move: bool) -> Option<&'a Endpoint> {
        if able.iter().any(|one| one.healthy) {
            able.retain(|one| one.healthy);
        }
        if self.in_order {
            return able.first().map(|one| one.endpoint);
        }
        if able.iter().any(|one| one.is_probe) && able.iter().any(|one| !one.is_probe) {
            able.retain(|one| one.is_probe == can_move);
        }
        let mut draw = || (!able.is_empty()).then(|| able.swap_remove(rand::rng().random_range(0..able.len())));
        let one = draw()?;
        Some(draw().filter(|other| other.cost < one.cost).unwrap_or(one).endpoint)
    }

    /// Counts a request, whatever becomes of it.
    pub fn count(&self, now: Instant) {
        self.budget.lock().unwrap_or_else(PoisonError::into_inner).request(now);
    }

    /// Whether one more request may be tried again.
    pub fn may_retry(&self, now: Instant) -> bool {
        self.budget.lock().unwrap_or_else(PoisonError::into_inner).retry(now)
    }

    pub fn states(&self, now: Instant) -> Vec<CopyState> {
        self.all.iter().map(|endpoint| endpoint.state(now)).collect()
    }
}

impl Endpoint {
    /// Empty in this process.
    pub fn url(&self) -> &str {
        self.url.as_deref().unwrap_or_default()
    }

    /// Whether it said that it is ready.
    pub fn checked(&self, well: bool) {
        let mut standing = self.standing();
        let before = standing.is_healthy();
        standing.failed_checks = if well { 0 } else { standing.failed_checks.saturating_add(1) };
        let after = standing.is_healthy();
        drop(standing);
        if before != after {
            tracing::warn!(service = %self.service, copy = self.url(), ready = after, "what a copy says of itself changed");
        }
    }

    fn standing(&self) -> MutexGuard<'_, Standing> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn candidate(&self, now: Instant) -> Option<Candidate<'_>> {
        let standing = self.standing();
        let cost = standing.latency.at(now).max(FASTEST) * f64::from(standing.under_way + 1);
        let is_probe = standing.breaker.phase == Phase::Open;
        standing.breaker.wait(now).is_none().then_some(Candidate { endpoint: self, is_probe, healthy: standing.is_healthy(), cost })
    }

    fn ask(&self, now: Instant) -> Option<Asked<'_>> {
        let mut standing = self.standing();
        let generation = standing.breaker.admit(now).ok()?;
        standing.under_way += 1;
        Some(Asked { endpoint: self, generation, began: now, good: None })
    }

    fn state(&self, now: Instant) -> CopyState {
        let standing = self.standing();
        let (state, healthy) = (standing.breaker.phase, standing.is_healthy());
        CopyState {
            state,
            failures: standing.breaker.failures,
            address: self.url.clone(),
            ewma_ms: standing.latency.at(now),
            under_way: standing.under_way,
            healthy,
            ejected: !healthy || state != Phase::Closed,
        }
    }
}

impl Standing {
    fn is_healthy(&self) -> bool {
        self.failed_checks < FAILED_CHECKS
    }
}

impl<'a> Asked<'a> {
    pub fn endpoint(&self) -> &'a Endpoint {
        self.endpoint
    }

    /// What became of it, well or not.
    pub fn answered(mut self, good: bool) {
        self.good = Some(good);
    }
}

impl Drop for Asked<'_> {
    fn drop(&mut self) {
        let now = Instant::now();
        let mut standing = self.endpoint.standing();
        let before = standing.breaker.phase;
        standing.under_way -= 1;
        standing.breaker.done(self.generation, self.good, now);
        let after = standing.breaker.phase;
        if before != after && after == Phase::Closed {
            // It has recovered: how slow it was before says nothing.
            standing.latency = Latency::new(now);
        }
        if self.good.is_some() {
            standing.latency.took(now.saturating_duration_since(self.began), now);
        }
        drop(standing);
        if before != after {
            let service = self.endpoint.service;
            tracing::warn!(%service, copy = self.endpoint.url(), ?before, ?after, "a breaker changed");
            metrics::counter!("gateway_breaker_changes_total", "service" => "gateway", "upstream" => service.as_str()).increment(1);
        }
    }
}

#[cfg(test)]
mod tests;

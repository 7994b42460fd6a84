//! How the services are.

use crate::collect::{EVERY, LIMIT, Metric, State, Track, scrape};
use crate::process::Process;
use chrono::TimeDelta;
use futures::future::join_all;
use looma_kernel::types::monitor::{Alert, DependencyGraph, DependencyNode, MetricSeries, ServiceStatus};
use looma_kernel::types::service::{Health, HealthCheck, HealthStatus};
use looma_kernel::types::{Page, ServiceName, now};
use looma_kernel::{Client, Failure, Kernel, Result};
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};
use std::time::{Duration, Instant};
use tokio::time::MissedTickBehavior;

/// How long after the start the first round begins: the services start side by side.
const FIRST: Duration = Duration::from_secs(3);

/// What is known of all services.
#[derive(Clone)]
pub struct MonitorService {
    client: Client,
    ports: Arc<BTreeMap<ServiceName, u16>>,
    state: Arc<RwLock<State>>,
}

impl MonitorService {
    pub fn new(kernel: &Kernel) -> Self {
        let ports = ServiceName::ALL.into_iter().map(|service| (service, kernel.settings().port(service))).collect();
        Self { client: kernel.client().clone(), ports: Arc::new(ports), state: Arc::default() }
    }

    fn state(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Collects until the process stops.
    pub(crate) fn begin(&self, kernel: &Kernel) {
        let (this, sql) = (self.clone(), kernel.stores().sql.clone());
        kernel.spawn(|mut stop| async move {
            let mut process = Process::new();
            let mut ticks = tokio::time::interval_at(tokio::time::Instant::now() + FIRST, EVERY);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                tokio::select! {
                    _ = stop.wait_for(|stop| *stop) => return,
                    _ = ticks.tick() => {}
                }
                process.report();
                let client = &this.client;
                let all = join_all(ServiceName::ALL.map(|service| async move { (service, scrape(client, service).await) }));
                let answers = tokio::select! {
                    _ = stop.wait_for(|stop| *stop) => return,
                    answers = all => answers,
                };
                let newest = sql.last_position().await.ok();
                this.state.write().unwrap_or_else(PoisonError::into_inner).take(now(), answers, newest);
            }
        });
    }

    /// Every service's health, asked now, with its rates over the last minute.
    pub async fn services(&self) -> Page<ServiceStatus> {
        let mut items = join_all(ServiceName::ALL.map(|service| self.status(service))).await;
        let state = self.state();
        for item in &mut items {
            if let Some(rates) = state.tracks.get(&item.service).and_then(Track::rates) {
                item.requests_per_second = Some(rates.requests_per_second);
                item.error_share = rates.error_share;
                item.p99_ms = rates.p99_ms;
            }
        }
        Page { items, ..Page::default() }
    }

    async fn status(&self, service: ServiceName) -> ServiceStatus {
        let began = Instant::now();
        let health = self.health(service).await;
        let latency_ms = began.elapsed().as_secs_f64() * 1000.0;
        let mut status = ServiceStatus {
            service,
            port: self.port(service),
            status: HealthStatus::Down,
            version: None,
            uptime_seconds: None,
            latency_ms: None,
            checks: vec![],
            needs: service.needs().to_vec(),
            requests_per_second: None,
            error_share: None,
            p99_ms: None,
            seen_at: now(),
        };
        match health {
            Ok(health) => ServiceStatus {
                status: health.status,
                version: Some(health.version),
                uptime_seconds: Some(health.uptime_seconds),
                latency_ms: Some(latency_ms),
                checks: health.checks,
                ..status
            },
            Err(reason) => {
                status.checks.push(HealthCheck { name: "answers".into(), status: HealthStatus::Down, latency_ms, detail: Some(reason) });
                status
            }
        }
    }

    async fn health(&self, service: ServiceName) -> Result<Health, String> {
        let told = |failure: Failure| failure.problem.detail.unwrap_or(failure.problem.title);
        match tokio::time::timeout(LIMIT, self.client.get(service, "/health")).await {
            Ok(answer) => answer.map_err(told)?.json().map_err(|_| "its health cannot be read".to_owned()),
            Err(_) => Err(format!("no answer within {} s", LIMIT.as_secs())),
        }
    }

    fn port(&self, service: ServiceName) -> u16 {
        self.ports.get(&service).copied().unwrap_or_else(|| service.default_port())
    }

    /// Short histories: of one service or all, of one metric or all, over the last minutes (at most 60).
    /// # Errors
    /// `invalid-input` for a metric that does not exist.
    pub fn metrics(&self, service: Option<ServiceName>, metric: Option<&str>, minutes: i64) -> Result<Page<MetricSeries>> {
        if !(1..=60).contains(&minutes) {
            return Err(Failure::field("minutes", "range", "minutes must be 1 to 60"));
        }
        let metrics: Vec<Metric> = Metric::ALL.into_iter().filter(|known| metric.is_none_or(|name| known.name() == name)).collect();
        if metrics.is_empty() {
            let names: Vec<_> = Metric::ALL.into_iter().map(Metric::name).collect();
            return Err(Failure::field("metric", "unknown", format!("known are {}", names.join(", "))));
        }
        let since = now() - TimeDelta::minutes(minutes);
        let state = self.state();
        let mut items = Vec::new();
        for service in ServiceName::ALL.into_iter().filter(|known| service.is_none_or(|service| service == *known)) {
            for metric in &metrics {
                let points = state.tracks.get(&service).map(|track| track.points(*metric, since)).unwrap_or_default();
                items.push(MetricSeries { service, metric: metric.name().into(), unit: metric.unit().into(), points });
            }
        }
        Ok(Page { items, ..Page::default() })
    }

    /// What was wrong at the last round.
    pub fn alerts(&self) -> Page<Alert> {
        Page { items: self.state().alerts.clone(), ..Page::default() }
    }

    /// Who needs whom to start.
    pub fn graph(&self) -> DependencyGraph {
        let node = |service: ServiceName| DependencyNode { service, port: self.port(service), needs: service.needs().to_vec() };
        DependencyGraph { services: ServiceName::ALL.into_iter().map(node).collect() }
    }
}

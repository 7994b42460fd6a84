//! Health: alive, ready, and how the parts are.

use crate::kernel::Kernel;
use axum::Router;
use axum::extract::Extension;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use looma_types::ServiceName;
use looma_types::service::{Health, HealthCheck, HealthStatus};
use std::time::{Duration, Instant};

/// The longest a check may take.
const LIMIT: Duration = Duration::from_secs(2);

pub(crate) fn routes() -> Router {
    Router::new().route("/health", get(health)).route("/health/ready", get(ready)).route("/health/live", get(live))
}

/// Alive: the process answers.
async fn live() -> &'static str {
    "alive\n"
}

/// Ready: it can do its work now; 503 while it starts, drains, or its truth is away.
async fn ready(Extension(kernel): Extension<Kernel>, Extension(service): Extension<ServiceName>) -> Response {
    let health = check(&kernel, service).await;
    if health.status == HealthStatus::Down {
        return (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "1")], axum::Json(health)).into_response();
    }
    axum::Json(health).into_response()
}

/// How the service is, with each part; always 200 while it can answer.
async fn health(Extension(kernel): Extension<Kernel>, Extension(service): Extension<ServiceName>) -> axum::Json<Health> {
    axum::Json(check(&kernel, service).await)
}

async fn check(kernel: &Kernel, service: ServiceName) -> Health {
    let stores = kernel.stores();
    let (sql, documents, blobs, cache, graph, text, vectors) = tokio::join!(
        one("sql", stores.sql.ping()),
        one("documents", stores.documents.ping()),
        one("blobs", stores.blobs.ping()),
        one("cache", stores.cache.ping()),
        one("graph", stores.graph.ping()),
        one("text", stores.text.ping()),
        one("vectors", stores.vectors.ping()),
    );
    let checks = vec![sql, documents, blobs, cache, graph, text, vectors];
    let down = |name: &str| checks.iter().any(|check| check.name == name && check.status == HealthStatus::Down);
    let status = if *kernel.stopping().borrow() || down("sql") {
        HealthStatus::Down
    } else if checks.iter().any(|check| check.status != HealthStatus::Up) {
        HealthStatus::Degraded
    } else {
        HealthStatus::Up
    };
    Health { service, status, version: env!("CARGO_PKG_VERSION").into(), uptime_seconds: kernel.uptime().as_secs(), checks }
}

async fn one(name: &str, ping: impl Future<Output = looma_store::Result<()>>) -> HealthCheck {
    let began = Instant::now();
    let outcome = tokio::time::timeout(LIMIT, ping).await;
    let detail = match outcome {
        Ok(Ok(())) => None,
        Ok(Err(error)) => Some(error.to_string()),
        Err(_) => Some(format!("no answer within {} s", LIMIT.as_secs())),
    };
    let status = if detail.is_none() { HealthStatus::Up } else { HealthStatus::Down };
    HealthCheck { name: name.into(), status, latency_ms: began.elapsed().as_secs_f64() * 1000.0, detail }
}

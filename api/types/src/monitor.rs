//! Health and metrics of every service.

use crate::ServiceName;
use crate::service::{HealthCheck, HealthStatus};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ServiceStatus {
    pub service: ServiceName,
    pub port: u16,
    pub status: HealthStatus,
    pub version: Option<String>,
    pub uptime_seconds: Option<u64>,
    pub latency_ms: Option<f64>,
    pub checks: Vec<HealthCheck>,
    pub needs: Vec<ServiceName>,
    /// Requests per second, share of 5xx and p99 over the last minute, where it was scraped.
    pub requests_per_second: Option<f64>,
    pub error_share: Option<f64>,
    pub p99_ms: Option<f64>,
    pub seen_at: DateTime<Utc>,
}

/// A metric's short history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MetricSeries {
    pub service: ServiceName,
    pub metric: String,
    /// Such as `1/s`, `ms`, `bytes`.
    pub unit: String,
    pub points: Vec<MetricPoint>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MetricPoint {
    pub at: DateTime<Utc>,
    pub value: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Alert {
    pub rule: String,
    pub service: Option<ServiceName>,
    /// `warning` or `critical`.
    pub severity: String,
    pub detail: String,
    pub since: DateTime<Utc>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DependencyGraph {
    pub services: Vec<DependencyNode>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DependencyNode {
    pub service: ServiceName,
    pub port: u16,
    pub needs: Vec<ServiceName>,
}

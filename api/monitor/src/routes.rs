//! `/api/v1/monitor`.

use crate::service::MonitorService;
use axum::extract::State;
use looma_kernel::access::ReadMonitor;
use looma_kernel::types::monitor::{Alert, DependencyGraph, MetricSeries, ServiceStatus};
use looma_kernel::types::{Page, Problem};
use looma_kernel::{Allowed, Failure, Query, Reply, Result};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(crate) fn routes(service: MonitorService) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(services))
        .routes(routes!(metrics))
        .routes(routes!(alerts))
        .routes(routes!(graph))
        .with_state(service)
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Chart {
    /// A service's name; all when not said.
    service: Option<String>,
    /// `requests_per_second`, `error_share`, `p99_ms`, `memory_bytes` or `cpu_cores`; all when not said.
    metric: Option<String>,
    /// How far back, 1 to 60; 15 when not said.
    minutes: Option<i64>,
}

/// Every service's health, asked now; one that does not answer within 2 s is down.
#[utoipa::path(get, path = "/api/v1/monitor/services", tag = "monitor",
    responses((status = 200, body = Page<ServiceStatus>), (status = "4XX", body = Problem)))]
async fn services(State(service): State<MonitorService>, _: Allowed<ReadMonitor>) -> Reply<Page<ServiceStatus>> {
    Reply::ok(service.services().await)
}

/// Metrics of the last minutes, a point every ten seconds.
#[utoipa::path(get, path = "/api/v1/monitor/metrics", params(Chart), tag = "monitor",
    responses((status = 200, body = Page<MetricSeries>), (status = "4XX", body = Problem)))]
async fn metrics(
    State(service): State<MonitorService>,
    _: Allowed<ReadMonitor>,
    Query(chart): Query<Chart>,
) -> Result<Reply<Page<MetricSeries>>> {
    let name = chart.service.as_deref().map(str::parse).transpose();
    let name = name.map_err(|error: String| Failure::field("service", "unknown", error))?;
    Ok(Reply::ok(service.metrics(name, chart.metric.as_deref(), chart.minutes.unwrap_or(15))?))
}

/// What is wrong: services down, many errors, slowness, projections that lag.
#[utoipa::path(get, path = "/api/v1/monitor/alerts", tag = "monitor",
    responses((status = 200, body = Page<Alert>), (status = "4XX", body = Problem)))]
async fn alerts(State(service): State<MonitorService>, _: Allowed<ReadMonitor>) -> Reply<Page<Alert>> {
    Reply::ok(service.alerts())
}

/// Which service needs which.
#[utoipa::path(get, path = "/api/v1/monitor/graph", tag = "monitor",
    responses((status = 200, body = DependencyGraph), (status = "4XX", body = Problem)))]
async fn graph(State(service): State<MonitorService>, _: Allowed<ReadMonitor>) -> Reply<DependencyGraph> {
    Reply::ok(service.graph())
}

#[cfg(test)]
mod tests {
    use super::*;
    use looma_kernel::logs::LogRing;
    use looma_kernel::settings::ServiceSettings;
    use looma_kernel::types::service::HealthStatus;
    use looma_kernel::types::{ServiceName, WorkspaceId};
    use looma_kernel::{Kernel, Settings};

    #[tokio::test]
    async fn who_answers_is_up_and_who_does_not_is_down_with_the_reason() {
        let mut settings = Settings::in_memory();
        for service in ServiceName::ALL {
            // Port 1 answers nowhere.
            settings
                .services
                .insert(service.to_string(), ServiceSettings { url: Some("http://127.0.0.1:1".into()), ..ServiceSettings::default() });
        }
        let kernel = Kernel::open(settings, LogRing::new(100)).await.unwrap();
        let _served = crate::app(&kernel).await.unwrap().finish();
        let ann = kernel.service_actor(ServiceName::Monitor, WorkspaceId::new()).unwrap();
        let page: Page<ServiceStatus> = kernel.client().get_as(&ann, ServiceName::Monitor, "/api/v1/monitor/services").await.unwrap();
        assert_eq!(page.items.len(), 18);
        for status in page.items {
            if status.service == ServiceName::Monitor {
                assert_eq!((status.status, status.checks.len() > 1), (HealthStatus::Up, true));
            } else {
                assert_eq!(status.status, HealthStatus::Down);
                assert!(status.checks[0].detail.as_ref().is_some_and(|reason| reason.contains("cannot be reached")), "{status:?}");
            }
        }
        let failure = kernel
            .client()
            .get_as::<Page<MetricSeries>>(&ann, ServiceName::Monitor, "/api/v1/monitor/metrics?metric=mood")
            .await
            .unwrap_err();
        assert_eq!(failure.problem.status, 422);
        kernel.stop().await;
    }
}

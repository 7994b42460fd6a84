//! What the door knows: routes, services, breakers; and the contract of the whole system.

use crate::breaker::BreakerState;
use crate::contract;
use crate::proxy::Gateway;
use crate::table::TABLE;
use axum::extract::State;
use looma_kernel::access::ReadMonitor;
use looma_kernel::types::{Page, Problem, ServiceName};
use looma_kernel::{Allowed, Reply, Result};
use serde::Serialize;
use std::time::Instant;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(crate) fn routes(gateway: Gateway) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(table))
        .routes(routes!(services))
        .routes(routes!(breakers))
        .routes(routes!(contract_of_all))
        .with_state(gateway)
}

/// Which service answers below a prefix.
#[derive(Serialize, ToSchema)]
struct RouteView {
    /// Path segments; `*` stands for any one.
    prefix: &'static str,
    service: ServiceName,
}

/// Where a service is.
#[derive(Serialize, ToSchema)]
struct ServiceView {
    service: ServiceName,
    /// In this process, called without a socket.
    local: bool,
    url: String,
    breaker: BreakerState,
}

/// How a service's breaker stands.
#[derive(Serialize, ToSchema)]
struct BreakerView {
    service: ServiceName,
    state: BreakerState,
    /// In a row.
    failures: u32,
}

/// Which service answers where.
#[utoipa::path(get, path = "/gateway/routes", tag = "gateway",
    responses((status = 200, body = Page<RouteView>), (status = "4XX", body = Problem)))]
async fn table(_allowed: Allowed<ReadMonitor>) -> Result<Reply<Page<RouteView>>> {
    let items = TABLE.iter().map(|(prefix, service)| RouteView { prefix, service: *service }).collect();
    Ok(Reply::ok(Page { items, ..Page::default() }))
}

/// The services the gateway knows.
#[utoipa::path(get, path = "/gateway/services", tag = "gateway",
    responses((status = 200, body = Page<ServiceView>), (status = "4XX", body = Problem)))]
async fn services(State(gateway): State<Gateway>, _allowed: Allowed<ReadMonitor>) -> Result<Reply<Page<ServiceView>>> {
    let view = |service: ServiceName| ServiceView {
        service,
        local: gateway.kernel().client().local(service).is_some(),
        url: gateway.kernel().settings().url(service),
        breaker: gateway.breaker(service, |breaker| breaker.state(Instant::now())).unwrap_or(BreakerState::Closed),
    };
    Ok(Reply::ok(Page { items: ServiceName::ALL.into_iter().map(view).collect(), ..Page::default() }))
}

/// The breakers.
#[utoipa::path(get, path = "/gateway/breakers", tag = "gateway",
    responses((status = 200, body = Page<BreakerView>), (status = "4XX", body = Problem)))]
async fn breakers(State(gateway): State<Gateway>, _allowed: Allowed<ReadMonitor>) -> Result<Reply<Page<BreakerView>>> {
    let view = |service| {
        gateway.breaker(service, |breaker| BreakerView { service, state: breaker.state(Instant::now()), failures: breaker.failures() })
    };
    Ok(Reply::ok(Page { items: ServiceName::ALL.into_iter().filter_map(view).collect(), ..Page::default() }))
}

/// The contract of all services in one OpenAPI document.
#[utoipa::path(get, path = "/gateway/openapi.json", tag = "gateway", responses((status = 200, body = Object)))]
async fn contract_of_all(State(gateway): State<Gateway>) -> Result<Reply<serde_json::Value>> {
    Ok(Reply::ok(contract::of_all(gateway.kernel()).await))
}

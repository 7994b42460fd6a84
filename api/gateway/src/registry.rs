//! `/gateway/…`: what stands behind the door, for administrators.

use crate::policy::{Need, need};
use crate::proxy::Gateway;
use crate::table::{TABLE, services as behind};
use axum::Json;
use axum::extract::State;
use futures::future::join_all;
use looma_kernel::access::ReadMonitor;
use looma_kernel::client::CopyState;
use looma_kernel::types::{Page, Problem, ServiceName};
use looma_kernel::{Allowed, Reply};
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(crate) fn routes(gateway: Gateway) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(table))
        .routes(routes!(services))
        .routes(routes!(breakers))
        .routes(routes!(contract))
        .with_state(gateway)
}

#[derive(Serialize, ToSchema)]
struct RouteEntry {
    prefix: &'static str,
    service: ServiceName,
}

#[derive(Serialize, ToSchema)]
struct ServiceEntry {
    service: ServiceName,
    /// Whether it runs in the gateway's process.
    in_process: bool,
    copies: Vec<CopyState>,
}

#[derive(Serialize, ToSchema)]
struct BreakerEntry {
    service: ServiceName,
    #[serde(flatten)]
    copy: CopyState,
}

/// Where paths lead; the first entry that fits counts.
#[utoipa::path(get, path = "/gateway/routes", tag = "gateway", responses((status = 200, body = Page<RouteEntry>), (status = "4XX", body = Problem)))]
async fn table(_: Allowed<ReadMonitor>) -> Reply<Page<RouteEntry>> {
    page(TABLE.iter().map(|(prefix, service)| RouteEntry { prefix, service: *service }))
}

/// The services, their copies, and how those do.
#[utoipa::path(get, path = "/gateway/services", tag = "gateway", responses((status = 200, body = Page<ServiceEntry>), (status = "4XX", body = Problem)))]
async fn services(State(gateway): State<Gateway>, _: Allowed<ReadMonitor>) -> Reply<Page<ServiceEntry>> {
    let client = gateway.kernel().client();
    page(behind().into_iter().map(|service| ServiceEntry {
        service,
        in_process: client.local(service).is_some(),
        copies: client.copies(service),
    }))
}

/// Which copies of services are given a rest.
#[utoipa::path(get, path = "/gateway/breakers", tag = "gateway", responses((status = 200, body = Page<BreakerEntry>), (status = "4XX", body = Problem)))]
async fn breakers(State(gateway): State<Gateway>, _: Allowed<ReadMonitor>) -> Reply<Page<BreakerEntry>> {
    let client = gateway.kernel().client();
    page(behind().into_iter().flat_map(|service| client.copies(service).into_iter().map(move |copy| BreakerEntry { service, copy })))
}

/// The contract of all services in one, as far as they answer now.
#[utoipa::path(get, path = "/gateway/openapi.json", tag = "gateway", responses((status = 200, body = Object)))]
async fn contract(State(gateway): State<Gateway>) -> Json<Value> {
    let client = gateway.kernel().client();
    let asked = behind().into_iter().map(|service| async move { client.get(service, "/openapi.json").await?.json::<Value>() });
    let mut whole = json!({
        "openapi": "3.1.0",
        "info": { "title": "LoomaCRM AI", "version": env!("CARGO_PKG_VERSION") },
        "paths": {},
        "components": { "schemas": {}, "securitySchemes": {} },
        "security": [{ "bearer": [] }, { "api_key": [] }],
    });
    for part in join_all(asked).await.into_iter().flatten() {
        for place in ["/paths", "/components/schemas", "/components/securitySchemes"] {
            let from = part.pointer(place).and_then(Value::as_object).cloned().unwrap_or_else(Map::new);
            if let Some(into) = whole.pointer_mut(place).and_then(Value::as_object_mut) {
                into.extend(from);
            }
        }
    }
    if let Some(paths) = whole["paths"].as_object_mut() {
        tell_needs(paths);
    }
    Json(whole)
}

/// Says at each operation what it takes.
fn tell_needs(paths: &mut Map<String, Value>) {
    for (path, operations) in paths {
        for (method, operation) in operations.as_object_mut().into_iter().flatten() {
            let Ok(method) = method.to_uppercase().parse() else { continue };
            match need(&method, path) {
                Some(Need::Nothing) => operation["security"] = json!([]),
                Some(Need::Permission(permission)) => operation["x-permission"] = json!(permission),
                Some(Need::Somebody) | None => {}
            }
        }
    }
}

fn page<T: Serialize>(items: impl Iterator<Item = T>) -> Reply<Page<T>> {
    Reply::ok(Page { items: items.collect(), next_cursor: None, total: None })
}

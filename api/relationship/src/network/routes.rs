//! `/api/v1/relationships/paths`, `…/graph` and `…/analysis`.

use super::reference;
use super::service::NetworkService;
use axum::extract::State;
use looma_kernel::access::ReadPeople;
use looma_kernel::types::person::{NetworkAnalysis, Path, Subgraph};
use looma_kernel::types::{Page, Problem};
use looma_kernel::{Allowed, Failure, Query, Reply, Result};
use looma_store::graph::MAX_HOPS;
use serde::Deserialize;
use std::ops::RangeInclusive;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(crate) fn routes(service: NetworkService) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(paths)).routes(routes!(graph)).routes(routes!(analysis)).with_state(service)
}

fn within(name: &str, value: Option<u32>, otherwise: u32, range: RangeInclusive<u32>) -> Result<u32> {
    let value = value.unwrap_or(otherwise);
    if range.contains(&value) {
        return Ok(value);
    }
    Err(Failure::field(name, "range", format!("{name} must be {} to {}", range.start(), range.end())))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct PathsQuery {
    /// Where to begin, such as `person:{id}`.
    from: String,
    /// Where to arrive, such as `company:{id}`.
    to: String,
    /// How many relationships a path has at most, 1 to 6; 4 when not said.
    max_hops: Option<u32>,
    /// How many paths, 1 to 20; 5 when not said.
    limit: Option<u32>,
    /// A write's `Looma-Position` that the answer must know of.
    wait_for: Option<i64>,
}

/// Warm introductions: the best chains of relationships from one record to another.
#[utoipa::path(get, path = "/api/v1/relationships/paths", params(PathsQuery), tag = "network",
    responses((status = 200, body = Page<Path>), (status = "4XX", body = Problem)))]
async fn paths(
    State(service): State<NetworkService>,
    Allowed(actor, ..): Allowed<ReadPeople>,
    Query(query): Query<PathsQuery>,
) -> Result<Reply<Page<Path>>> {
    let (from, to) = (reference("from", &query.from)?, reference("to", &query.to)?);
    let max_hops = within("max_hops", query.max_hops, 4, 1..=MAX_HOPS)?;
    let limit = within("limit", query.limit, 5, 1..=20)? as usize;
    let items = service.paths(&actor, from, to, max_hops, limit, query.wait_for).await?;
    Ok(Reply::ok(Page { items, ..Page::default() }))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct GraphQuery {
    /// The record in the middle, such as `person:{id}`.
    center: String,
    /// How many relationships away, 1 to 3; 2 when not said.
    depth: Option<u32>,
    /// How many records, 1 to 500; 100 when not said.
    limit: Option<u32>,
    /// A write's `Looma-Position` that the answer must know of.
    wait_for: Option<i64>,
}

/// The network around a record.
#[utoipa::path(get, path = "/api/v1/relationships/graph", params(GraphQuery), tag = "network",
    responses((status = 200, body = Subgraph), (status = "4XX", body = Problem)))]
async fn graph(
    State(service): State<NetworkService>,
    Allowed(actor, ..): Allowed<ReadPeople>,
    Query(query): Query<GraphQuery>,
) -> Result<Reply<Subgraph>> {
    let center = reference("center", &query.center)?;
    let depth = within("depth", query.depth, 2, 1..=3)?;
    let limit = within("limit", query.limit, 100, 1..=500)? as usize;
    Ok(Reply::ok(service.graph(&actor, center, depth, limit, query.wait_for).await?))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct AnalysisQuery {
    /// How many of each, 1 to 100; 20 when not said.
    limit: Option<u32>,
    /// A write's `Looma-Position` that the answer must know of.
    wait_for: Option<i64>,
}

/// The network at a glance: brokers, communities, and people nobody has interacted with for 90 days.
#[utoipa::path(get, path = "/api/v1/relationships/analysis", params(AnalysisQuery), tag = "network",
    responses((status = 200, body = NetworkAnalysis), (status = "4XX", body = Problem)))]
async fn analysis(
    State(service): State<NetworkService>,
    Allowed(actor, ..): Allowed<ReadPeople>,
    Query(query): Query<AnalysisQuery>,
) -> Result<Reply<NetworkAnalysis>> {
    let limit = within("limit", query.limit, 20, 1..=100)? as usize;
    Ok(Reply::ok(service.analysis(&actor, limit, query.wait_for).await?))
}

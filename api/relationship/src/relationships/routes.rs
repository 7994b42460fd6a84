//! `/api/v1/relationships`.

use super::service::RelationshipService;
use super::store::List;
use axum::extract::State;
use looma_kernel::access::{ReadPeople, WritePeople};
use looma_kernel::patch::Patch;
use looma_kernel::types::person::{Relationship, RelationshipDraft};
use looma_kernel::types::{Page, Problem, RelationshipId};
use looma_kernel::{Allowed, IfMatch, ListQuery, Path, Query, Reply, Result, Valid};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(crate) fn routes(service: RelationshipService) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(get, replace, patch, delete)).with_state(service)
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Filter {
    /// How many records, 1 to 200; 50 when not said.
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// A record at either end, such as `person:{id}`.
    of: Option<String>,
    /// Exactly this kind, such as `worked_with`.
    kind: Option<String>,
}

/// Relationships, the last made first.
#[utoipa::path(get, path = "/api/v1/relationships", params(Filter), tag = "relationships",
    responses((status = 200, body = Page<Relationship>), (status = "4XX", body = Problem)))]
async fn list(
    State(service): State<RelationshipService>,
    Allowed(actor, ..): Allowed<ReadPeople>,
    Query(filter): Query<Filter>,
) -> Result<Reply<Page<Relationship>>> {
    let of = filter.of.map(|text| crate::network::reference("of", &text)).transpose()?;
    let list = List { query: ListQuery::new(filter.limit, filter.cursor), of, kind: filter.kind };
    Ok(Reply::ok(service.list(&actor, list).await?))
}

/// Relates two records.
#[utoipa::path(post, path = "/api/v1/relationships", request_body = RelationshipDraft, tag = "relationships",
    responses((status = 201, body = Relationship), (status = "4XX", body = Problem)))]
async fn create(
    State(service): State<RelationshipService>,
    Allowed(actor, ..): Allowed<WritePeople>,
    Valid(draft): Valid<RelationshipDraft>,
) -> Result<Reply<Relationship>> {
    let (relationship, position) = service.create(&actor, draft).await?;
    Ok(Reply::created(format!("/api/v1/relationships/{}", relationship.id), relationship.version, relationship).at(position))
}

/// One relationship.
#[utoipa::path(get, path = "/api/v1/relationships/{id}", params(("id" = RelationshipId, Path)), tag = "relationships",
    responses((status = 200, body = Relationship), (status = "4XX", body = Problem)))]
async fn get(
    State(service): State<RelationshipService>,
    Allowed(actor, ..): Allowed<ReadPeople>,
    Path(id): Path<RelationshipId>,
) -> Result<Reply<Relationship>> {
    let relationship = service.get(&actor, id).await?;
    Ok(Reply::record(relationship.version, relationship))
}

/// Replaces a relationship.
#[utoipa::path(put, path = "/api/v1/relationships/{id}", params(("id" = RelationshipId, Path)), request_body = RelationshipDraft, tag = "relationships",
    responses((status = 200, body = Relationship), (status = "4XX", body = Problem)))]
async fn replace(
    State(service): State<RelationshipService>,
    Allowed(actor, ..): Allowed<WritePeople>,
    Path(id): Path<RelationshipId>,
    expected: IfMatch,
    Valid(draft): Valid<RelationshipDraft>,
) -> Result<Reply<Relationship>> {
    let (relationship, position) = service.replace(&actor, id, expected, draft).await?;
    Ok(Reply::record(relationship.version, relationship).at(position))
}

/// Changes a relationship by JSON merge patch.
#[utoipa::path(patch, path = "/api/v1/relationships/{id}", params(("id" = RelationshipId, Path)), request_body = Object, tag = "relationships",
    responses((status = 200, body = Relationship), (status = "4XX", body = Problem)))]
async fn patch(
    State(service): State<RelationshipService>,
    Allowed(actor, ..): Allowed<WritePeople>,
    Path(id): Path<RelationshipId>,
    expected: IfMatch,
    patch: Patch,
) -> Result<Reply<Relationship>> {
    let current = service.get(&actor, id).await?;
    // Without If-Match the patch still applies to what was just read, so that two patches never mix.
    let expected = IfMatch(expected.0.or(Some(current.version)));
    let (relationship, position) = service.replace(&actor, id, expected, patch.apply(&current.fields)?).await?;
    Ok(Reply::record(relationship.version, relationship).at(position))
}

/// Deletes a relationship.
#[utoipa::path(delete, path = "/api/v1/relationships/{id}", params(("id" = RelationshipId, Path)), tag = "relationships",
    responses((status = 204), (status = "4XX", body = Problem)))]
async fn delete(
    State(service): State<RelationshipService>,
    Allowed(actor, ..): Allowed<WritePeople>,
    Path(id): Path<RelationshipId>,
    expected: IfMatch,
) -> Result<Reply<()>> {
    Ok(Reply::gone().at(service.delete(&actor, id, expected).await?))
}

//! `/api/v1/interactions`.

use super::service::InteractionService;
use super::store::List;
use axum::extract::State;
use looma_kernel::access::{ReadPeople, WritePeople};
use looma_kernel::patch::Patch;
use looma_kernel::types::person::{Interaction, InteractionDraft, InteractionKind};
use looma_kernel::types::{InteractionId, Page, Problem};
use looma_kernel::{Allowed, IfMatch, ListQuery, Path, Query, Reply, Result, Valid};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(crate) fn routes(service: InteractionService) -> OpenApiRouter {
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
    /// A record it was with, such as `person:{id}`.
    with: Option<String>,
    kind: Option<InteractionKind>,
    /// Only those whose next step is still to be done.
    #[serde(default)]
    open: bool,
}

/// Interactions, the newest first.
#[utoipa::path(get, path = "/api/v1/interactions", params(Filter), tag = "interactions",
    responses((status = 200, body = Page<Interaction>), (status = "4XX", body = Problem)))]
async fn list(
    State(service): State<InteractionService>,
    Allowed(actor, ..): Allowed<ReadPeople>,
    Query(filter): Query<Filter>,
) -> Result<Reply<Page<Interaction>>> {
    let with = filter.with.map(|text| crate::network::reference("with", &text)).transpose()?;
    let list = List { query: ListQuery::new(filter.limit, filter.cursor), with, kind: filter.kind, open: filter.open };
    Ok(Reply::ok(service.list(&actor, list).await?))
}

/// Records an interaction with at least one person.
#[utoipa::path(post, path = "/api/v1/interactions", request_body = InteractionDraft, tag = "interactions",
    responses((status = 201, body = Interaction), (status = "4XX", body = Problem)))]
async fn create(
    State(service): State<InteractionService>,
    Allowed(actor, ..): Allowed<WritePeople>,
    Valid(draft): Valid<InteractionDraft>,
) -> Result<Reply<Interaction>> {
    let (interaction, position) = service.create(&actor, draft).await?;
    Ok(Reply::created(format!("/api/v1/interactions/{}", interaction.id), interaction.version, interaction).at(position))
}

/// One interaction.
#[utoipa::path(get, path = "/api/v1/interactions/{id}", params(("id" = InteractionId, Path)), tag = "interactions",
    responses((status = 200, body = Interaction), (status = "4XX", body = Problem)))]
async fn get(
    State(service): State<InteractionService>,
    Allowed(actor, ..): Allowed<ReadPeople>,
    Path(id): Path<InteractionId>,
) -> Result<Reply<Interaction>> {
    let interaction = service.get(&actor, id).await?;
    Ok(Reply::record(interaction.version, interaction))
}

/// Replaces an interaction.
#[utoipa::path(put, path = "/api/v1/interactions/{id}", params(("id" = InteractionId, Path)), request_body = InteractionDraft, tag = "interactions",
    responses((status = 200, body = Interaction), (status = "4XX", body = Problem)))]
async fn replace(
    State(service): State<InteractionService>,
    Allowed(actor, ..): Allowed<WritePeople>,
    Path(id): Path<InteractionId>,
    expected: IfMatch,
    Valid(draft): Valid<InteractionDraft>,
) -> Result<Reply<Interaction>> {
    let (interaction, position) = service.replace(&actor, id, expected, draft).await?;
    Ok(Reply::record(interaction.version, interaction).at(position))
}

/// Changes an interaction by JSON merge patch.
#[utoipa::path(patch, path = "/api/v1/interactions/{id}", params(("id" = InteractionId, Path)), request_body = Object, tag = "interactions",
    responses((status = 200, body = Interaction), (status = "4XX", body = Problem)))]
async fn patch(
    State(service): State<InteractionService>,
    Allowed(actor, ..): Allowed<WritePeople>,
    Path(id): Path<InteractionId>,
    expected: IfMatch,
    patch: Patch,
) -> Result<Reply<Interaction>> {
    let current = service.get(&actor, id).await?;
    // Without If-Match the patch still applies to what was just read, so that two patches never mix.
    let expected = IfMatch(expected.0.or(Some(current.version)));
    let (interaction, position) = service.replace(&actor, id, expected, patch.apply(&current.fields)?).await?;
    Ok(Reply::record(interaction.version, interaction).at(position))
}

/// Deletes an interaction.
#[utoipa::path(delete, path = "/api/v1/interactions/{id}", params(("id" = InteractionId, Path)), tag = "interactions",
    responses((status = 204), (status = "4XX", body = Problem)))]
async fn delete(
    State(service): State<InteractionService>,
    Allowed(actor, ..): Allowed<WritePeople>,
    Path(id): Path<InteractionId>,
    expected: IfMatch,
) -> Result<Reply<()>> {
    Ok(Reply::gone().at(service.delete(&actor, id, expected).await?))
}

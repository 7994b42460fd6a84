//! `/api/v1/applications` and `/api/v1/pipelines`.

use super::ApplicationService;
use super::store::List;
use crate::pipeline;
use axum::extract::State;
use looma_kernel::access::{ReadPeople, WriteJobs};
use looma_kernel::types::job::{Application, ApplicationDraft, Move, Pipeline};
use looma_kernel::types::{ApplicationId, JobId, Page, PersonId, PipelineId, Problem};
use looma_kernel::{Allowed, Failure, IfMatch, ListQuery, Path, Query, Reply, Result, Valid};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(crate) fn routes(service: ApplicationService) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, delete))
        .routes(routes!(advance))
        .routes(routes!(pipelines))
        .routes(routes!(one_pipeline))
        .with_state(service)
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Filter {
    /// How many records, 1 to 200; 50 when not said.
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    job_id: Option<JobId>,
    person_id: Option<PersonId>,
    /// A stage's key.
    stage: Option<String>,
}

/// Applications, the newest first.
#[utoipa::path(get, path = "/api/v1/applications", params(Filter), tag = "applications",
    responses((status = 200, body = Page<Application>), (status = "4XX", body = Problem)))]
async fn list(
    State(service): State<ApplicationService>,
    Allowed(actor, ..): Allowed<ReadPeople>,
    Query(filter): Query<Filter>,
) -> Result<Reply<Page<Application>>> {
    let query = ListQuery::new(filter.limit, filter.cursor);
    let list = List { query, job: filter.job_id, person: filter.person_id, stage: filter.stage };
    Ok(Reply::ok(service.list(&actor, list).await?))
}

/// Puts a person into a job's pipeline.
#[utoipa::path(post, path = "/api/v1/applications", request_body = ApplicationDraft, tag = "applications",
    responses((status = 201, body = Application), (status = "4XX", body = Problem)))]
async fn create(
    State(service): State<ApplicationService>,
    Allowed(actor, ..): Allowed<WriteJobs>,
    Valid(draft): Valid<ApplicationDraft>,
) -> Result<Reply<Application>> {
    let (application, position) = service.create(&actor, draft).await?;
    Ok(Reply::created(format!("/api/v1/applications/{}", application.id), application.version, application).at(position))
}

/// One application with its history.
#[utoipa::path(get, path = "/api/v1/applications/{id}", params(("id" = ApplicationId, Path)), tag = "applications",
    responses((status = 200, body = Application), (status = "4XX", body = Problem)))]
async fn get(
    State(service): State<ApplicationService>,
    Allowed(actor, ..): Allowed<ReadPeople>,
    Path(id): Path<ApplicationId>,
) -> Result<Reply<Application>> {
    let application = service.get(&actor, id).await?;
    Ok(Reply::record(application.version, application))
}

/// Takes a person out of a job's pipeline.
#[utoipa::path(delete, path = "/api/v1/applications/{id}", params(("id" = ApplicationId, Path)), tag = "applications",
    responses((status = 204), (status = "4XX", body = Problem)))]
async fn delete(
    State(service): State<ApplicationService>,
    Allowed(actor, ..): Allowed<WriteJobs>,
    Path(id): Path<ApplicationId>,
    expected: IfMatch,
) -> Result<Reply<()>> {
    Ok(Reply::gone().at(service.delete(&actor, id, expected).await?))
}

/// Moves an application to another stage.
#[utoipa::path(post, path = "/api/v1/applications/{id}/move", params(("id" = ApplicationId, Path)), request_body = Move, tag = "applications",
    responses((status = 200, body = Application), (status = "4XX", body = Problem)))]
async fn advance(
    State(service): State<ApplicationService>,
    Allowed(actor, ..): Allowed<WriteJobs>,
    Path(id): Path<ApplicationId>,
    expected: IfMatch,
    Valid(step): Valid<Move>,
) -> Result<Reply<Application>> {
    let (application, position) = service.advance(&actor, id, expected, step).await?;
    Ok(Reply::record(application.version, application).at(position))
}

/// The hiring pipelines.
#[utoipa::path(get, path = "/api/v1/pipelines", tag = "applications", responses((status = 200, body = Page<Pipeline>), (status = "4XX", body = Problem)))]
async fn pipelines(_: Allowed<ReadPeople>) -> Result<Reply<Page<Pipeline>>> {
    Ok(Reply::ok(Page { items: vec![pipeline::default()], ..Page::default() }))
}

/// One pipeline with its stages in order.
#[utoipa::path(get, path = "/api/v1/pipelines/{id}", params(("id" = PipelineId, Path)), tag = "applications",
    responses((status = 200, body = Pipeline), (status = "4XX", body = Problem)))]
async fn one_pipeline(_: Allowed<ReadPeople>, Path(id): Path<PipelineId>) -> Result<Reply<Pipeline>> {
    let pipeline = pipeline::default();
    if pipeline.id == id { Ok(Reply::ok(pipeline)) } else { Err(Failure::not_found("pipeline")) }
}

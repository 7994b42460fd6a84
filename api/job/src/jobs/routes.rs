//! `/api/v1/jobs`.

use super::JobService;
use super::store::{List, Sort};
use crate::posting;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use looma_kernel::access::{ReadJobs, ReadResumes, WriteJobs};
use looma_kernel::patch::Patch;
use looma_kernel::types::job::{EmploymentType, Job, JobAction, JobDraft, JobStatus, Match, Remote};
use looma_kernel::types::{CompanyId, JobId, Page, Problem};
use looma_kernel::{Allowed, Failure, IfMatch, ListQuery, Path, Query, Reply, Result, Valid};
use looma_skill::taxonomy::Lang;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// How many matches are answered unless the client says otherwise, and at most.
const MATCHES: usize = 20;
const MAX_MATCHES: usize = 100;

pub(crate) fn routes(service: JobService) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, replace, patch, delete))
        .routes(routes!(publish))
        .routes(routes!(pause))
        .routes(routes!(close))
        .routes(routes!(fill))
        .routes(routes!(archive))
        .routes(routes!(reopen))
        .routes(routes!(matches))
        .routes(routes!(json_ld))
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
    /// Part of the title.
    q: Option<String>,
    status: Option<JobStatus>,
    company_id: Option<CompanyId>,
    remote: Option<Remote>,
    employment_type: Option<EmploymentType>,
    /// Part of the location.
    location: Option<String>,
    /// A skill's name as the job has it.
    skill: Option<String>,
    /// `-created_at` unless said otherwise: the newest first; `title`; or `-updated_at`: the last changed first.
    #[serde(default)]
    #[param(inline)]
    sort: Sort,
}

/// Jobs, the newest first unless sorted otherwise. Guests see those that are published.
#[utoipa::path(get, path = "/api/v1/jobs", params(Filter), tag = "jobs",
    responses((status = 200, body = Page<Job>), (status = "4XX", body = Problem)))]
async fn list(
    State(service): State<JobService>,
    Allowed(actor, ..): Allowed<ReadJobs>,
    Query(filter): Query<Filter>,
) -> Result<Reply<Page<Job>>> {
    let list = List {
        query: ListQuery::new(filter.limit, filter.cursor),
        q: filter.q,
        status: filter.status,
        company: filter.company_id,
        remote: filter.remote,
        employment_type: filter.employment_type,
        location: filter.location,
        skill: filter.skill,
        sort: filter.sort,
    };
    Ok(Reply::ok(service.list(&actor, list).await?))
}

/// Creates a draft of a job.
#[utoipa::path(post, path = "/api/v1/jobs", request_body = JobDraft, tag = "jobs",
    responses((status = 201, body = Job), (status = "4XX", body = Problem)))]
async fn create(
    State(service): State<JobService>,
    Allowed(actor, ..): Allowed<WriteJobs>,
    Valid(draft): Valid<JobDraft>,
) -> Result<Reply<Job>> {
    let (job, position) = service.create(&actor, draft).await?;
    Ok(Reply::created(format!("/api/v1/jobs/{}", job.id), job.version, job).at(position))
}

/// One job.
#[utoipa::path(get, path = "/api/v1/jobs/{id}", params(("id" = JobId, Path)), tag = "jobs",
    responses((status = 200, body = Job), (status = "4XX", body = Problem)))]
async fn get(State(service): State<JobService>, Allowed(actor, ..): Allowed<ReadJobs>, Path(id): Path<JobId>) -> Result<Reply<Job>> {
    let job = service.get(&actor, id).await?;
    Ok(Reply::record(job.version, job))
}

/// Replaces a job's fields; its state stays.
#[utoipa::path(put, path = "/api/v1/jobs/{id}", params(("id" = JobId, Path)), request_body = JobDraft, tag = "jobs",
    responses((status = 200, body = Job), (status = "4XX", body = Problem)))]
async fn replace(
    State(service): State<JobService>,
    Allowed(actor, ..): Allowed<WriteJobs>,
    Path(id): Path<JobId>,
    expected: IfMatch,
    Valid(draft): Valid<JobDraft>,
) -> Result<Reply<Job>> {
    let (job, position) = service.replace(&actor, id, expected, draft).await?;
    Ok(Reply::record(job.version, job).at(position))
}

/// Changes a job by JSON merge patch.
#[utoipa::path(patch, path = "/api/v1/jobs/{id}", params(("id" = JobId, Path)), request_body = Object, tag = "jobs",
    responses((status = 200, body = Job), (status = "4XX", body = Problem)))]
async fn patch(
    State(service): State<JobService>,
    Allowed(actor, ..): Allowed<WriteJobs>,
    Path(id): Path<JobId>,
    expected: IfMatch,
    patch: Patch,
) -> Result<Reply<Job>> {
    let current = service.get(&actor, id).await?;
    // Without If-Match the patch still applies to what was just read, so that two patches never mix.
    let expected = IfMatch(expected.0.or(Some(current.version)));
    let (job, position) = service.replace(&actor, id, expected, patch.apply(&current.fields)?).await?;
    Ok(Reply::record(job.version, job).at(position))
}

/// Deletes a job with its applications.
#[utoipa::path(delete, path = "/api/v1/jobs/{id}", params(("id" = JobId, Path)), tag = "jobs",
    responses((status = 204), (status = "4XX", body = Problem)))]
async fn delete(
    State(service): State<JobService>,
    Allowed(actor, ..): Allowed<WriteJobs>,
    Path(id): Path<JobId>,
    expected: IfMatch,
) -> Result<Reply<()>> {
    Ok(Reply::gone().at(service.delete(&actor, id, expected).await?))
}

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident $path:literal $action:ident;)+) => {$(
        $(#[$doc])*
        #[utoipa::path(post, path = $path, params(("id" = JobId, Path)), tag = "jobs",
            responses((status = 200, body = Job), (status = "4XX", body = Problem)))]
        async fn $name(State(service): State<JobService>, Allowed(actor, ..): Allowed<WriteJobs>, Path(id): Path<JobId>, expected: IfMatch) -> Result<Reply<Job>> {
            let (job, position) = service.act(&actor, id, expected, JobAction::$action).await?;
            Ok(Reply::record(job.version, job).at(position))
        }
    )+};
}

actions! {
    /// Publishes a draft or a paused job, so that guests can see it.
    publish "/api/v1/jobs/{id}/publish" Publish;
    /// Takes a published job out of sight for a while.
    pause "/api/v1/jobs/{id}/pause" Pause;
    /// Ends the search without a hire.
    close "/api/v1/jobs/{id}/close" Close;
    /// Ends the search with a hire.
    fill "/api/v1/jobs/{id}/fill" Fill;
    /// Puts a job away that is not worked on.
    archive "/api/v1/jobs/{id}/archive" Archive;
    /// Takes the search up again; an archived job becomes a draft.
    reopen "/api/v1/jobs/{id}/reopen" Reopen;
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Wish {
    /// How many people, 1 to 100; 20 when not said.
    limit: Option<usize>,
    /// A `Looma-Position` that must have been applied.
    wait_for: Option<i64>,
    /// `zh` or `en`: the language of the reasons; as `Accept-Language` says when not said.
    lang: Option<Lang>,
}

/// The people who fit, best first, with reasons that quote the resume. A match never rejects anyone.
#[utoipa::path(get, path = "/api/v1/jobs/{id}/matches", params(("id" = JobId, Path), Wish), tag = "jobs",
    responses((status = 200, body = Page<Match>), (status = "4XX", body = Problem)))]
async fn matches(
    State(service): State<JobService>,
    Allowed(actor, ..): Allowed<ReadResumes>,
    Path(id): Path<JobId>,
    Query(wish): Query<Wish>,
    headers: HeaderMap,
) -> Result<Reply<Page<Match>>> {
    let limit = wish.limit.unwrap_or(MATCHES);
    if !(1..=MAX_MATCHES).contains(&limit) {
        return Err(Failure::field("limit", "range", format!("limit must be 1 to {MAX_MATCHES}")));
    }
    let accepts_zh = headers.get(header::ACCEPT_LANGUAGE).is_some_and(|value| value.as_bytes().to_ascii_lowercase().starts_with(b"zh"));
    let lang = wish.lang.unwrap_or(if accepts_zh { Lang::Zh } else { Lang::En });
    Ok(Reply::ok(service.matches(&actor, id, limit, wish.wait_for, lang).await?))
}

/// The job as schema.org's JobPosting.
#[utoipa::path(get, path = "/api/v1/jobs/{id}/json-ld", params(("id" = JobId, Path)), tag = "jobs",
    responses((status = 200, body = Object, content_type = "application/ld+json"), (status = "4XX", body = Problem)))]
async fn json_ld(State(service): State<JobService>, Allowed(actor, ..): Allowed<ReadJobs>, Path(id): Path<JobId>) -> Result<Response> {
    let job = service.get(&actor, id).await?;
    let company = service.company_name(&actor, &job).await;
    let document = posting::json_ld(&job, company.as_deref());
    Ok(([(header::CONTENT_TYPE, "application/ld+json")], Json(document)).into_response())
}

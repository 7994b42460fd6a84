//! `/api/v1/resumes`.

pub(crate) mod imports;

use crate::service::ResumeService;
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use looma_kernel::access::{ReadResumes, WriteResumes};
use looma_kernel::patch::Patch;
use looma_kernel::types::json_resume::JsonResume;
use looma_kernel::types::resume::{FieldChange, Restore, Resume, ResumeDraft, ResumeSummary, ResumeVersion};
use looma_kernel::types::{Page, PersonId, Problem, ResumeId};
use looma_kernel::{Allowed, Failure, IfMatch, ListQuery, Path, Query, Reply, Result, Valid};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(crate) fn routes(service: ResumeService) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, replace, patch, delete))
        .routes(routes!(versions))
        .routes(routes!(version))
        .routes(routes!(diff))
        .routes(routes!(restore))
        .routes(routes!(export))
        .routes(routes!(original))
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
    /// Only this person's.
    person_id: Option<PersonId>,
}

/// Resumes without their content, newest first.
#[utoipa::path(get, path = "/api/v1/resumes", params(Filter), tag = "resumes",
    responses((status = 200, body = Page<ResumeSummary>), (status = "4XX", body = Problem)))]
async fn list(
    State(service): State<ResumeService>,
    Allowed(actor, ..): Allowed<ReadResumes>,
    Query(filter): Query<Filter>,
) -> Result<Reply<Page<ResumeSummary>>> {
    let page = service.list(&actor, filter.person_id, ListQuery::new(filter.limit, filter.cursor)).await?;
    Ok(Reply::ok(page))
}

/// Creates a resume by hand.
#[utoipa::path(post, path = "/api/v1/resumes", request_body = ResumeDraft, tag = "resumes",
    responses((status = 201, body = Resume), (status = "4XX", body = Problem)))]
async fn create(
    State(service): State<ResumeService>,
    Allowed(actor, ..): Allowed<WriteResumes>,
    Valid(draft): Valid<ResumeDraft>,
) -> Result<Reply<Resume>> {
    let (resume, position) = service.create(&actor, draft).await?;
    Ok(Reply::created(format!("/api/v1/resumes/{}", resume.id), resume.version, resume).at(position))
}

/// One resume with its content and where each field was found.
#[utoipa::path(get, path = "/api/v1/resumes/{id}", params(("id" = ResumeId, Path)), tag = "resumes",
    responses((status = 200, body = Resume), (status = "4XX", body = Problem)))]
async fn get(
    State(service): State<ResumeService>,
    Allowed(actor, ..): Allowed<ReadResumes>,
    Path(id): Path<ResumeId>,
) -> Result<Reply<Resume>> {
    let resume = service.get(&actor, id).await?;
    Ok(Reply::record(resume.version, resume))
}

/// Writes a new version.
#[utoipa::path(put, path = "/api/v1/resumes/{id}", params(("id" = ResumeId, Path)), request_body = ResumeDraft, tag = "resumes",
    responses((status = 200, body = Resume), (status = "4XX", body = Problem)))]
async fn replace(
    State(service): State<ResumeService>,
    Allowed(actor, ..): Allowed<WriteResumes>,
    Path(id): Path<ResumeId>,
    expected: IfMatch,
    Valid(draft): Valid<ResumeDraft>,
) -> Result<Reply<Resume>> {
    let (resume, position) = service.replace(&actor, id, expected, draft).await?;
    Ok(Reply::record(resume.version, resume).at(position))
}

/// Writes a new version by JSON merge patch.
#[utoipa::path(patch, path = "/api/v1/resumes/{id}", params(("id" = ResumeId, Path)), request_body = Object, tag = "resumes",
    responses((status = 200, body = Resume), (status = "4XX", body = Problem)))]
async fn patch(
    State(service): State<ResumeService>,
    Allowed(actor, ..): Allowed<WriteResumes>,
    Path(id): Path<ResumeId>,
    expected: IfMatch,
    patch: Patch,
) -> Result<Reply<Resume>> {
    let current = service.get(&actor, id).await?;
    let expected = IfMatch(expected.0.or(Some(current.version)));
    let draft = ResumeDraft { person_id: current.person_id, title: current.title, content: current.content };
    let (resume, position) = service.replace(&actor, id, expected, patch.apply(&draft)?).await?;
    Ok(Reply::record(resume.version, resume).at(position))
}

/// Deletes a resume with its versions; the person stays.
#[utoipa::path(delete, path = "/api/v1/resumes/{id}", params(("id" = ResumeId, Path)), tag = "resumes",
    responses((status = 204), (status = "4XX", body = Problem)))]
async fn delete(
    State(service): State<ResumeService>,
    Allowed(actor, ..): Allowed<WriteResumes>,
    Path(id): Path<ResumeId>,
    expected: IfMatch,
) -> Result<Reply<()>> {
    Ok(Reply::gone().at(service.delete(&actor, id, expected).await?))
}

/// Its versions, newest first.
#[utoipa::path(get, path = "/api/v1/resumes/{id}/versions", params(("id" = ResumeId, Path), ListQuery), tag = "resumes",
    responses((status = 200, body = Page<ResumeVersion>), (status = "4XX", body = Problem)))]
async fn versions(
    State(service): State<ResumeService>,
    Allowed(actor, ..): Allowed<ReadResumes>,
    Path(id): Path<ResumeId>,
    Query(query): Query<ListQuery>,
) -> Result<Reply<Page<ResumeVersion>>> {
    Ok(Reply::ok(service.versions(&actor, id, query).await?))
}

/// The resume as it was in one version.
#[utoipa::path(get, path = "/api/v1/resumes/{id}/versions/{version}", params(("id" = ResumeId, Path), ("version" = i64, Path)), tag = "resumes",
    responses((status = 200, body = Resume), (status = "4XX", body = Problem)))]
async fn version(
    State(service): State<ResumeService>,
    Allowed(actor, ..): Allowed<ReadResumes>,
    Path((id, version)): Path<(ResumeId, i64)>,
) -> Result<Reply<Resume>> {
    Ok(Reply::ok(service.version(&actor, id, version).await?))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Between {
    from: i64,
    to: i64,
}

/// What changed from one version to another, field by field.
#[utoipa::path(get, path = "/api/v1/resumes/{id}/diff", params(("id" = ResumeId, Path), Between), tag = "resumes",
    responses((status = 200, body = Page<FieldChange>), (status = "4XX", body = Problem)))]
async fn diff(
    State(service): State<ResumeService>,
    Allowed(actor, ..): Allowed<ReadResumes>,
    Path(id): Path<ResumeId>,
    Query(between): Query<Between>,
) -> Result<Reply<Page<FieldChange>>> {
    let items = service.diff(&actor, id, between.from, between.to).await?;
    Ok(Reply::ok(Page { items, ..Page::default() }))
}

/// Makes an old version's content the newest.
#[utoipa::path(post, path = "/api/v1/resumes/{id}/restore", params(("id" = ResumeId, Path)), request_body = Restore, tag = "resumes",
    responses((status = 200, body = Resume), (status = "4XX", body = Problem)))]
async fn restore(
    State(service): State<ResumeService>,
    Allowed(actor, ..): Allowed<WriteResumes>,
    Path(id): Path<ResumeId>,
    expected: IfMatch,
    Valid(restore): Valid<Restore>,
) -> Result<Reply<Resume>> {
    let (resume, position) = service.restore(&actor, id, expected, restore.version).await?;
    Ok(Reply::record(resume.version, resume).at(position))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct As {
    /// `json`: JSON Resume.
    format: Option<String>,
}

/// The content as a file.
#[utoipa::path(get, path = "/api/v1/resumes/{id}/export", params(("id" = ResumeId, Path), As), tag = "resumes",
    responses((status = 200, body = JsonResume), (status = "4XX", body = Problem)))]
async fn export(
    State(service): State<ResumeService>,
    Allowed(actor, ..): Allowed<ReadResumes>,
    Path(id): Path<ResumeId>,
    Query(how): Query<As>,
) -> Result<Response> {
    if how.format.as_deref().is_some_and(|format| format != "json") {
        return Err(Failure::field("format", "unsupported", "only `json` (JSON Resume) can be exported"));
    }
    let resume = service.get(&actor, id).await?;
    let body = serde_json::to_vec_pretty(&resume.content).map_err(Failure::internal)?;
    Ok(file("application/json", &format!("{}.json", resume.title), body.into()))
}

/// The uploaded file.
#[utoipa::path(get, path = "/api/v1/resumes/{id}/original", params(("id" = ResumeId, Path)), tag = "resumes",
    responses((status = 200, content_type = "application/octet-stream"), (status = "4XX", body = Problem)))]
async fn original(
    State(service): State<ResumeService>,
    Allowed(actor, ..): Allowed<ReadResumes>,
    Path(id): Path<ResumeId>,
) -> Result<Response> {
    let (name, bytes) = service.original(&actor, id).await?;
    // Uploaded content is never shown by the browser as a page of ours.
    Ok(file("application/octet-stream", &name, bytes))
}

/// A download; names outside ASCII by RFC 8187.
fn file(kind: &'static str, name: &str, bytes: bytes::Bytes) -> Response {
    let plain: String = name.chars().map(|c| if c.is_ascii_alphanumeric() || " .-_".contains(c) { c } else { '_' }).collect();
    let encoded: String = name
        .bytes()
        .map(|b| if b.is_ascii_alphanumeric() || b".-_".contains(&b) { (b as char).to_string() } else { format!("%{b:02X}") })
        .collect();
    let disposition = format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}");
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(HeaderName::from_static("x-content-type-options"), HeaderValue::from_static("nosniff"));
    if let Ok(value) = HeaderValue::from_str(&disposition) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}

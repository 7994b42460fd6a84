//! `/api/v1/projects`.

use crate::service::ProjectService;
use crate::store::List;
use axum::extract::State;
use looma_kernel::access::{ReadProjects, WriteProjects};
use looma_kernel::patch::Patch;
use looma_kernel::types::project::{Project, ProjectDraft, ProjectStatus};
use looma_kernel::types::{Page, Problem, ProjectId};
use looma_kernel::{Allowed, Failure, IfMatch, ListQuery, Path, Query, Reply, Result, Sort, Valid};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The longest text to filter by.
const MAX_FILTER: usize = 254;

pub(crate) fn routes(service: ProjectService) -> OpenApiRouter {
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
    /// Part of the name or the goal.
    q: Option<String>,
    status: Option<ProjectStatus>,
    /// `name` unless said otherwise, or `-updated_at`: the last changed first.
    #[serde(default)]
    #[param(inline)]
    sort: Sort,
}

/// Projects in order of name, or the last changed first.
#[utoipa::path(get, path = "/api/v1/projects", params(Filter), tag = "projects",
    responses((status = 200, body = Page<Project>), (status = "4XX", body = Problem)))]
async fn list(
    State(service): State<ProjectService>,
    Allowed(actor, ..): Allowed<ReadProjects>,
    Query(filter): Query<Filter>,
) -> Result<Reply<Page<Project>>> {
    if filter.q.as_ref().is_some_and(|q| q.chars().count() > MAX_FILTER) {
        return Err(Failure::field("q", "length", format!("must be at most {MAX_FILTER} characters")));
    }
    let list = List { query: ListQuery::new(filter.limit, filter.cursor), q: filter.q, status: filter.status, sort: filter.sort };
    Ok(Reply::ok(service.list(&actor, list).await?))
}

/// Creates a project.
#[utoipa::path(post, path = "/api/v1/projects", request_body = ProjectDraft, tag = "projects",
    responses((status = 201, body = Project), (status = "4XX", body = Problem)))]
async fn create(
    State(service): State<ProjectService>,
    Allowed(actor, ..): Allowed<WriteProjects>,
    Valid(draft): Valid<ProjectDraft>,
) -> Result<Reply<Project>> {
    let (project, position) = service.create(&actor, draft).await?;
    Ok(Reply::created(format!("/api/v1/projects/{}", project.id), project.version, project).at(position))
}

/// One project.
#[utoipa::path(get, path = "/api/v1/projects/{id}", params(("id" = ProjectId, Path)), tag = "projects",
    responses((status = 200, body = Project), (status = "4XX", body = Problem)))]
async fn get(
    State(service): State<ProjectService>,
    Allowed(actor, ..): Allowed<ReadProjects>,
    Path(id): Path<ProjectId>,
) -> Result<Reply<Project>> {
    let project = service.get(&actor, id).await?;
    Ok(Reply::record(project.version, project))
}

/// Replaces a project.
#[utoipa::path(put, path = "/api/v1/projects/{id}", params(("id" = ProjectId, Path)), request_body = ProjectDraft, tag = "projects",
    responses((status = 200, body = Project), (status = "4XX", body = Problem)))]
async fn replace(
    State(service): State<ProjectService>,
    Allowed(actor, ..): Allowed<WriteProjects>,
    Path(id): Path<ProjectId>,
    expected: IfMatch,
    Valid(draft): Valid<ProjectDraft>,
) -> Result<Reply<Project>> {
    let (project, position) = service.replace(&actor, id, expected, draft).await?;
    Ok(Reply::record(project.version, project).at(position))
}

/// Changes a project by JSON merge patch.
#[utoipa::path(patch, path = "/api/v1/projects/{id}", params(("id" = ProjectId, Path)), request_body = Object, tag = "projects",
    responses((status = 200, body = Project), (status = "4XX", body = Problem)))]
async fn patch(
    State(service): State<ProjectService>,
    Allowed(actor, ..): Allowed<WriteProjects>,
    Path(id): Path<ProjectId>,
    expected: IfMatch,
    patch: Patch,
) -> Result<Reply<Project>> {
    let current = service.get(&actor, id).await?;
    // Without If-Match the patch still applies to what was just read, so that two patches never mix.
    let expected = IfMatch(expected.0.or(Some(current.version)));
    let (project, position) = service.replace(&actor, id, expected, patch.apply(&current.fields)?).await?;
    Ok(Reply::record(project.version, project).at(position))
}

/// Deletes a project.
#[utoipa::path(delete, path = "/api/v1/projects/{id}", params(("id" = ProjectId, Path)), tag = "projects",
    responses((status = 204), (status = "4XX", body = Problem)))]
async fn delete(
    State(service): State<ProjectService>,
    Allowed(actor, ..): Allowed<WriteProjects>,
    Path(id): Path<ProjectId>,
    expected: IfMatch,
) -> Result<Reply<()>> {
    Ok(Reply::gone().at(service.delete(&actor, id, expected).await?))
}

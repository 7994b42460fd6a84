//! `/api/v1/companies`.

use crate::service::CompanyService;
use crate::store::List;
use axum::extract::State;
use looma_kernel::access::{ReadCompanies, ReadPeople, WriteCompanies};
use looma_kernel::patch::Patch;
use looma_kernel::types::company::{Company, CompanyDraft, Department, DepartmentDraft};
use looma_kernel::types::person::Relationship;
use looma_kernel::types::{CompanyId, DepartmentId, Page, Problem, RecordKind};
use looma_kernel::{Allowed, IfMatch, ListQuery, Path, Query, Reply, Result, Sort, Valid};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(crate) fn routes(service: CompanyService) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, replace, patch, delete))
        .routes(routes!(departments, add_department))
        .routes(routes!(delete_department))
        .routes(routes!(people))
        .routes(routes!(relations))
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
    /// Part of the name.
    q: Option<String>,
    industry: Option<String>,
    /// `name` unless said otherwise, or `-updated_at`: the last changed first.
    #[serde(default)]
    #[param(inline)]
    sort: Sort,
}

/// Companies in order of name, or the last changed first.
#[utoipa::path(get, path = "/api/v1/companies", params(Filter), tag = "companies",
    responses((status = 200, body = Page<Company>), (status = "4XX", body = Problem)))]
async fn list(
    State(service): State<CompanyService>,
    Allowed(actor, ..): Allowed<ReadCompanies>,
    Query(filter): Query<Filter>,
) -> Result<Reply<Page<Company>>> {
    let list = List { query: ListQuery::new(filter.limit, filter.cursor), name: filter.q, industry: filter.industry, sort: filter.sort };
    Ok(Reply::ok(service.list(&actor, list).await?))
}

/// Creates a company.
#[utoipa::path(post, path = "/api/v1/companies", request_body = CompanyDraft, tag = "companies",
    responses((status = 201, body = Company), (status = "4XX", body = Problem)))]
async fn create(
    State(service): State<CompanyService>,
    Allowed(actor, ..): Allowed<WriteCompanies>,
    Valid(draft): Valid<CompanyDraft>,
) -> Result<Reply<Company>> {
    let (company, position) = service.create(&actor, draft).await?;
    Ok(Reply::created(format!("/api/v1/companies/{}", company.id), company.version, company).at(position))
}

/// One company.
#[utoipa::path(get, path = "/api/v1/companies/{id}", params(("id" = CompanyId, Path)), tag = "companies",
    responses((status = 200, body = Company), (status = "4XX", body = Problem)))]
async fn get(
    State(service): State<CompanyService>,
    Allowed(actor, ..): Allowed<ReadCompanies>,
    Path(id): Path<CompanyId>,
) -> Result<Reply<Company>> {
    let company = service.get(&actor, id).await?;
    Ok(Reply::record(company.version, company))
}

/// Replaces a company.
#[utoipa::path(put, path = "/api/v1/companies/{id}", params(("id" = CompanyId, Path)), request_body = CompanyDraft, tag = "companies",
    responses((status = 200, body = Company), (status = "4XX", body = Problem)))]
async fn replace(
    State(service): State<CompanyService>,
    Allowed(actor, ..): Allowed<WriteCompanies>,
    Path(id): Path<CompanyId>,
    expected: IfMatch,
    Valid(draft): Valid<CompanyDraft>,
) -> Result<Reply<Company>> {
    let (company, position) = service.replace(&actor, id, expected, draft).await?;
    Ok(Reply::record(company.version, company).at(position))
}

/// Changes a company by JSON merge patch.
#[utoipa::path(patch, path = "/api/v1/companies/{id}", params(("id" = CompanyId, Path)), request_body = Object, tag = "companies",
    responses((status = 200, body = Company), (status = "4XX", body = Problem)))]
async fn patch(
    State(service): State<CompanyService>,
    Allowed(actor, ..): Allowed<WriteCompanies>,
    Path(id): Path<CompanyId>,
    expected: IfMatch,
    patch: Patch,
) -> Result<Reply<Company>> {
    let current = service.get(&actor, id).await?;
    // Without If-Match the patch still applies to what was just read, so that two patches never mix.
    let expected = IfMatch(expected.0.or(Some(current.version)));
    let (company, position) = service.replace(&actor, id, expected, patch.apply(&current.fields)?).await?;
    Ok(Reply::record(company.version, company).at(position))
}

/// Deletes a company with its departments.
#[utoipa::path(delete, path = "/api/v1/companies/{id}", params(("id" = CompanyId, Path)), tag = "companies",
    responses((status = 204), (status = "4XX", body = Problem)))]
async fn delete(
    State(service): State<CompanyService>,
    Allowed(actor, ..): Allowed<WriteCompanies>,
    Path(id): Path<CompanyId>,
    expected: IfMatch,
) -> Result<Reply<()>> {
    Ok(Reply::gone().at(service.delete(&actor, id, expected).await?))
}

/// The tree of departments, parents before children.
#[utoipa::path(get, path = "/api/v1/companies/{id}/departments", params(("id" = CompanyId, Path)), tag = "companies",
    responses((status = 200, body = Page<Department>), (status = "4XX", body = Problem)))]
async fn departments(
    State(service): State<CompanyService>,
    Allowed(actor, ..): Allowed<ReadCompanies>,
    Path(id): Path<CompanyId>,
) -> Result<Reply<Page<Department>>> {
    Ok(Reply::ok(Page { items: service.departments(&actor, id).await?, ..Page::default() }))
}

/// Adds a department.
#[utoipa::path(post, path = "/api/v1/companies/{id}/departments", params(("id" = CompanyId, Path)), request_body = DepartmentDraft, tag = "companies",
    responses((status = 201, body = Department), (status = "4XX", body = Problem)))]
async fn add_department(
    State(service): State<CompanyService>,
    Allowed(actor, ..): Allowed<WriteCompanies>,
    Path(id): Path<CompanyId>,
    Valid(draft): Valid<DepartmentDraft>,
) -> Result<Reply<Department>> {
    let department = service.add_department(&actor, id, draft).await?;
    Ok(Reply::created(format!("/api/v1/companies/{id}/departments/{}", department.id), 1, department))
}

/// Removes a department and those below it.
#[utoipa::path(delete, path = "/api/v1/companies/{id}/departments/{department}", params(("id" = CompanyId, Path), ("department" = DepartmentId, Path)), tag = "companies",
    responses((status = 204), (status = "4XX", body = Problem)))]
async fn delete_department(
    State(service): State<CompanyService>,
    Allowed(actor, ..): Allowed<WriteCompanies>,
    Path((id, department)): Path<(CompanyId, DepartmentId)>,
) -> Result<Reply<()>> {
    service.delete_department(&actor, id, department).await?;
    Ok(Reply::gone())
}

/// Relationships between the company and people.
#[utoipa::path(get, path = "/api/v1/companies/{id}/people", params(("id" = CompanyId, Path)), tag = "companies",
    responses((status = 200, body = Page<Relationship>), (status = "4XX", body = Problem)))]
async fn people(
    State(service): State<CompanyService>,
    Allowed(actor, ..): Allowed<ReadPeople>,
    Path(id): Path<CompanyId>,
) -> Result<Reply<Page<Relationship>>> {
    Ok(Reply::ok(service.relations(&actor, id, Some(RecordKind::Person)).await?))
}

/// Relationships between the company and anything.
#[utoipa::path(get, path = "/api/v1/companies/{id}/relations", params(("id" = CompanyId, Path)), tag = "companies",
    responses((status = 200, body = Page<Relationship>), (status = "4XX", body = Problem)))]
async fn relations(
    State(service): State<CompanyService>,
    Allowed(actor, ..): Allowed<ReadPeople>,
    Path(id): Path<CompanyId>,
) -> Result<Reply<Page<Relationship>>> {
    Ok(Reply::ok(service.relations(&actor, id, None).await?))
}

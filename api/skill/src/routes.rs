//! `/api/v1/skills` and `/api/v1/people/{id}/skills`.

use crate::service::{List, SkillService};
use axum::extract::State;
use looma_kernel::access::{ReadResumes, ReadSkills, WriteSkills};
use looma_kernel::patch::Patch;
use looma_kernel::types::skill::{PersonSkill, Skill, SkillDraft, SkillKind, SkillMatch, SkillMatchRequest};
use looma_kernel::types::{Page, PersonId, Problem, SkillId};
use looma_kernel::{Allowed, IfMatch, ListQuery, Path, Query, Reply, Result, Valid};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(crate) fn routes(service: SkillService) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(compare))
        .routes(routes!(get, replace, patch, delete))
        .routes(routes!(of_person))
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
    /// Part of the name or of an alias.
    q: Option<String>,
    kind: Option<SkillKind>,
    /// `true`: only skills of the taxonomy every workspace starts with; `false`: only the workspace's own.
    seeded: Option<bool>,
}

/// Skills in order of name.
#[utoipa::path(get, path = "/api/v1/skills", params(Filter), tag = "skills",
    responses((status = 200, body = Page<Skill>), (status = "4XX", body = Problem)))]
async fn list(
    State(service): State<SkillService>,
    Allowed(actor, ..): Allowed<ReadSkills>,
    Query(filter): Query<Filter>,
) -> Result<Reply<Page<Skill>>> {
    let list = List { query: ListQuery::new(filter.limit, filter.cursor), q: filter.q, kind: filter.kind, seeded: filter.seeded };
    Ok(Reply::ok(service.list(&actor, list).await?))
}

/// Adds a skill to the workspace.
#[utoipa::path(post, path = "/api/v1/skills", request_body = SkillDraft, tag = "skills",
    responses((status = 201, body = Skill), (status = "4XX", body = Problem)))]
async fn create(
    State(service): State<SkillService>,
    Allowed(actor, ..): Allowed<WriteSkills>,
    Valid(draft): Valid<SkillDraft>,
) -> Result<Reply<Skill>> {
    let (skill, position) = service.create(&actor, draft).await?;
    Ok(Reply::created(format!("/api/v1/skills/{}", skill.id), skill.version, skill).at(position))
}

/// One skill.
#[utoipa::path(get, path = "/api/v1/skills/{id}", params(("id" = SkillId, Path)), tag = "skills",
    responses((status = 200, body = Skill), (status = "4XX", body = Problem)))]
async fn get(
    State(service): State<SkillService>,
    Allowed(actor, ..): Allowed<ReadSkills>,
    Path(id): Path<SkillId>,
) -> Result<Reply<Skill>> {
    let skill = service.get(&actor, id).await?;
    Ok(Reply::record(skill.version, skill))
}

/// Replaces a skill; to a seeded one only aliases and links can be added.
#[utoipa::path(put, path = "/api/v1/skills/{id}", params(("id" = SkillId, Path)), request_body = SkillDraft, tag = "skills",
    responses((status = 200, body = Skill), (status = "4XX", body = Problem)))]
async fn replace(
    State(service): State<SkillService>,
    Allowed(actor, ..): Allowed<WriteSkills>,
    Path(id): Path<SkillId>,
    expected: IfMatch,
    Valid(draft): Valid<SkillDraft>,
) -> Result<Reply<Skill>> {
    let (skill, position) = service.replace(&actor, id, expected, draft).await?;
    Ok(Reply::record(skill.version, skill).at(position))
}

/// Changes a skill by JSON merge patch.
#[utoipa::path(patch, path = "/api/v1/skills/{id}", params(("id" = SkillId, Path)), request_body = Object, tag = "skills",
    responses((status = 200, body = Skill), (status = "4XX", body = Problem)))]
async fn patch(
    State(service): State<SkillService>,
    Allowed(actor, ..): Allowed<WriteSkills>,
    Path(id): Path<SkillId>,
    expected: IfMatch,
    patch: Patch,
) -> Result<Reply<Skill>> {
    let current = service.get(&actor, id).await?;
    // Without If-Match the patch still applies to what was just read, so that two patches never mix.
    let expected = IfMatch(expected.0.or(Some(current.version)));
    let (skill, position) = service.replace(&actor, id, expected, patch.apply(&current.fields)?).await?;
    Ok(Reply::record(skill.version, skill).at(position))
}

/// Deletes one of the workspace's own skills.
#[utoipa::path(delete, path = "/api/v1/skills/{id}", params(("id" = SkillId, Path)), tag = "skills",
    responses((status = 204), (status = "4XX", body = Problem)))]
async fn delete(
    State(service): State<SkillService>,
    Allowed(actor, ..): Allowed<WriteSkills>,
    Path(id): Path<SkillId>,
    expected: IfMatch,
) -> Result<Reply<()>> {
    Ok(Reply::gone().at(service.delete(&actor, id, expected).await?))
}

/// What is missing between two sets of skills, and what near ones could stand in.
#[utoipa::path(post, path = "/api/v1/skills/match", request_body = SkillMatchRequest, tag = "skills",
    responses((status = 200, body = SkillMatch), (status = "4XX", body = Problem)))]
async fn compare(
    State(service): State<SkillService>,
    Allowed(actor, ..): Allowed<ReadSkills>,
    Valid(request): Valid<SkillMatchRequest>,
) -> Result<Reply<SkillMatch>> {
    Ok(Reply::ok(service.compare(&actor, &request).await?))
}

/// The skills that a person's resumes show, with where they stand.
#[utoipa::path(get, path = "/api/v1/people/{id}/skills", params(("id" = PersonId, Path)), tag = "skills",
    responses((status = 200, body = Page<PersonSkill>), (status = "4XX", body = Problem)))]
async fn of_person(
    State(service): State<SkillService>,
    Allowed(actor, ..): Allowed<ReadResumes>,
    Path(id): Path<PersonId>,
) -> Result<Reply<Page<PersonSkill>>> {
    Ok(Reply::ok(Page { items: service.of_person(&actor, id).await?, ..Page::default() }))
}

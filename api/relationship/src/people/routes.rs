//! `/api/v1/people`.

use super::service::PeopleService;
use super::store::List;
use axum::extract::State;
use looma_kernel::access::{ReadPeople, WritePeople};
use looma_kernel::patch::Patch;
use looma_kernel::types::person::{PeopleCreated, PeopleDraft, Person, PersonDraft, TimelineEntry};
use looma_kernel::types::{Page, PersonId, Problem, UserId};
use looma_kernel::{Allowed, Failure, IfMatch, ListQuery, Path, Query, Reply, Result, Sort, Valid};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The longest text to filter by.
const MAX_FILTER: usize = 254;

pub(crate) fn routes(service: PeopleService) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(create_all))
        .routes(routes!(get, replace, patch, delete))
        .routes(routes!(timeline))
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
    /// Part of a name, an e-mail or the headline.
    q: Option<String>,
    /// Part of the location.
    location: Option<String>,
    /// Exactly this tag.
    tag: Option<String>,
    owner_id: Option<UserId>,
    /// Exactly this e-mail, in any case.
    email: Option<String>,
    /// Exactly this phone number; only its digits are compared.
    phone: Option<String>,
    /// `name` unless said otherwise, or `-updated_at`: the last changed first.
    #[serde(default)]
    #[param(inline)]
    sort: Sort,
}

impl Filter {
    fn into_list(self) -> Result<List> {
        let texts = [("q", &self.q), ("location", &self.location), ("tag", &self.tag), ("email", &self.email), ("phone", &self.phone)];
        for (name, text) in texts {
            if text.as_ref().is_some_and(|text| text.chars().count() > MAX_FILTER) {
                return Err(Failure::field(name, "length", format!("must be at most {MAX_FILTER} characters")));
            }
        }
        if self.phone.as_ref().is_some_and(|phone| !phone.contains(|c: char| c.is_ascii_digit())) {
            return Err(Failure::field("phone", "format", "a phone number has digits"));
        }
        Ok(List {
            query: ListQuery::new(self.limit, self.cursor),
            q: self.q,
            location: self.location,
            owner: self.owner_id,
            tag: self.tag,
            email: self.email,
            phone: self.phone,
            sort: self.sort,
        })
    }
}

/// People in order of name, or the last changed first.
#[utoipa::path(get, path = "/api/v1/people", params(Filter), tag = "people",
    responses((status = 200, body = Page<Person>), (status = "4XX", body = Problem)))]
async fn list(
    State(service): State<PeopleService>,
    Allowed(actor, ..): Allowed<ReadPeople>,
    Query(filter): Query<Filter>,
) -> Result<Reply<Page<Person>>> {
    Ok(Reply::ok(service.list(&actor, filter.into_list()?).await?))
}

/// Creates a person.
#[utoipa::path(post, path = "/api/v1/people", request_body = PersonDraft, tag = "people",
    responses((status = 201, body = Person), (status = "4XX", body = Problem)))]
async fn create(
    State(service): State<PeopleService>,
    Allowed(actor, ..): Allowed<WritePeople>,
    Valid(draft): Valid<PersonDraft>,
) -> Result<Reply<Person>> {
    let (person, position) = service.create(&actor, draft).await?;
    Ok(Reply::created(format!("/api/v1/people/{}", person.id), person.version, person).at(position))
}

/// Creates up to 500 people together: all of them, or none where any is wrong.
#[utoipa::path(post, path = "/api/v1/people/bulk", request_body = PeopleDraft, tag = "people",
    responses((status = 201, body = PeopleCreated), (status = "4XX", body = Problem)))]
async fn create_all(
    State(service): State<PeopleService>,
    Allowed(actor, ..): Allowed<WritePeople>,
    Valid(drafts): Valid<PeopleDraft>,
) -> Result<Reply<PeopleCreated>> {
    let (created, position) = service.create_all(&actor, drafts).await?;
    Ok(Reply::created_together("/api/v1/people", created).at(position))
}

/// One person.
#[utoipa::path(get, path = "/api/v1/people/{id}", params(("id" = PersonId, Path)), tag = "people",
    responses((status = 200, body = Person), (status = "4XX", body = Problem)))]
async fn get(
    State(service): State<PeopleService>,
    Allowed(actor, ..): Allowed<ReadPeople>,
    Path(id): Path<PersonId>,
) -> Result<Reply<Person>> {
    let person = service.get(&actor, id).await?;
    Ok(Reply::record(person.version, person))
}

/// Replaces a person.
#[utoipa::path(put, path = "/api/v1/people/{id}", params(("id" = PersonId, Path)), request_body = PersonDraft, tag = "people",
    responses((status = 200, body = Person), (status = "4XX", body = Problem)))]
async fn replace(
    State(service): State<PeopleService>,
    Allowed(actor, ..): Allowed<WritePeople>,
    Path(id): Path<PersonId>,
    expected: IfMatch,
    Valid(draft): Valid<PersonDraft>,
) -> Result<Reply<Person>> {
    let (person, position) = service.replace(&actor, id, expected, draft).await?;
    Ok(Reply::record(person.version, person).at(position))
}

/// Changes a person by JSON merge patch.
#[utoipa::path(patch, path = "/api/v1/people/{id}", params(("id" = PersonId, Path)), request_body = Object, tag = "people",
    responses((status = 200, body = Person), (status = "4XX", body = Problem)))]
async fn patch(
    State(service): State<PeopleService>,
    Allowed(actor, ..): Allowed<WritePeople>,
    Path(id): Path<PersonId>,
    expected: IfMatch,
    patch: Patch,
) -> Result<Reply<Person>> {
    let current = service.get(&actor, id).await?;
    // Without If-Match the patch still applies to what was just read, so that two patches never mix.
    let expected = IfMatch(expected.0.or(Some(current.version)));
    let (person, position) = service.replace(&actor, id, expected, patch.apply(&current.fields)?).await?;
    Ok(Reply::record(person.version, person).at(position))
}

/// Deletes a person with their relationships, and takes them out of interactions.
#[utoipa::path(delete, path = "/api/v1/people/{id}", params(("id" = PersonId, Path)), tag = "people",
    responses((status = 204), (status = "4XX", body = Problem)))]
async fn delete(
    State(service): State<PeopleService>,
    Allowed(actor, ..): Allowed<WritePeople>,
    Path(id): Path<PersonId>,
    expected: IfMatch,
) -> Result<Reply<()>> {
    Ok(Reply::gone().at(service.delete(&actor, id, expected).await?))
}

/// A person's history: interactions, relationships and their entry, the newest first.
#[utoipa::path(get, path = "/api/v1/people/{id}/timeline", params(("id" = PersonId, Path), ListQuery), tag = "people",
    responses((status = 200, body = Page<TimelineEntry>), (status = "4XX", body = Problem)))]
async fn timeline(
    State(service): State<PeopleService>,
    Allowed(actor, ..): Allowed<ReadPeople>,
    Path(id): Path<PersonId>,
    Query(query): Query<ListQuery>,
) -> Result<Reply<Page<TimelineEntry>>> {
    Ok(Reply::ok(service.timeline(&actor, id, &query).await?))
}

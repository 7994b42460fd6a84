//! What can be done with people.

use super::draft::tidy;
use super::store::{List, PeopleStore};
use super::timeline::Timeline;
use crate::interactions::store::InteractionStore;
use crate::relationships::store::RelationshipStore;
use chrono::{DateTime, Utc};
use looma_kernel::types::person::{PeopleCreated, PeopleDraft, Person, PersonDraft, Ranked, TimelineEntry};
use looma_kernel::types::problem::FieldError;
use looma_kernel::types::{Page, PersonId, RecordKind, Ref, UserId, WorkspaceId, now};
use looma_kernel::{Actor, Client, Failure, IfMatch, Kernel, ListQuery, Position, Result};

/// People of all workspaces.
#[derive(Clone)]
pub struct PeopleService {
    store: PeopleStore,
    timeline: Timeline,
    client: Client,
}

impl PeopleService {
    pub fn new(kernel: &Kernel) -> Self {
        let stores = kernel.stores();
        let timeline = Timeline {
            interactions: InteractionStore::new(stores.sql.clone()),
            relationships: RelationshipStore::new(stores.sql.clone()),
            graph: stores.graph.clone(),
        };
        Self { store: PeopleStore::new(stores.sql.clone()), timeline, client: kernel.client().clone() }
    }

    /// Creates a person, owned by the user who enters them unless said otherwise.
    pub async fn create(&self, actor: &Actor, fields: PersonDraft) -> Result<(Person, Position)> {
        let person = new(actor, fields)?;
        let position = self.store.insert(actor, std::slice::from_ref(&person)).await?;
        Ok((person, position))
    }

    /// Creates people together.
    /// # Errors
    /// `invalid-input` names what is wrong with any of them; then none is created.
    pub async fn create_all(&self, actor: &Actor, PeopleDraft { people: drafts }: PeopleDraft) -> Result<(PeopleCreated, Position)> {
        let (mut people, mut wrong) = (Vec::with_capacity(drafts.len()), Vec::new());
        for (place, fields) in drafts.into_iter().enumerate() {
            match new(actor, fields) {
                Ok(person) => people.push(person),
                Err(failure) => wrong.extend(
                    failure
                        .problem
                        .errors
                        .into_iter()
                        .map(|error| FieldError { pointer: format!("/people/{place}{}", error.pointer), ..error }),
                ),
            }
        }
        if !wrong.is_empty() {
            return Err(Failure::invalid(wrong));
        }
        let position = self.store.insert(actor, &people).await?;
        Ok((PeopleCreated { ids: people.iter().map(|person| person.id).collect() }, position))
    }

    /// # Errors
    /// `not-found` outside the actor's workspace.
    pub async fn get(&self, actor: &Actor, id: PersonId) -> Result<Person> {
        self.store.find(actor.workspace, id).await?.ok_or_else(|| Failure::not_found("person"))
    }

    pub async fn list(&self, actor: &Actor, list: List) -> Result<Page<Person>> {
        self.store.list(actor.workspace, list).await
    }

    /// Replaces what a client may write.
    /// # Errors
    /// `not-found`; `stale` when they changed since they were read.
    pub async fn replace(&self, actor: &Actor, id: PersonId, expected: IfMatch, fields: PersonDraft) -> Result<(Person, Position)> {
        let current = self.get(actor, id).await?;
        expected.check(current.version)?;
        let person = Person { fields: tidy(fields)?, version: current.version + 1, updated_at: now(), ..current };
        let position = self.store.update(actor, &person).await?;
        Ok((person, position))
    }

    pub async fn delete(&self, actor: &Actor, id: PersonId, expected: IfMatch) -> Result<Position> {
        let current = self.get(actor, id).await?;
        expected.check(current.version)?;
        self.store.delete(actor, id, current.version).await
    }

    /// What happened with a person, the newest first.
    pub async fn timeline(&self, actor: &Actor, id: PersonId, query: &ListQuery) -> Result<Page<TimelineEntry>> {
        let person = self.get(actor, id).await?;
        self.timeline.of(actor.workspace, &person, query).await
    }

    pub(crate) async fn out_of_touch(&self, workspace: WorkspaceId, since: DateTime<Utc>, limit: i64) -> Result<Vec<Ranked>> {
        self.store.out_of_touch(workspace, since, limit).await
    }

    /// Refuses references to records that do not exist: people are looked up here, others asked for at their service.
    /// # Errors
    /// 422 naming each pointer.
    pub(crate) async fn must_exist(&self, actor: &Actor, records: Vec<(String, Ref)>) -> Result<()> {
        let (people, others): (Vec<_>, Vec<_>) = records.into_iter().partition(|(_, record)| record.kind == RecordKind::Person);
        let mut unknown = Vec::new();
        for (pointer, record) in people {
            if !self.store.exists(actor.workspace, PersonId(record.id)).await? {
                unknown.push(FieldError::new(pointer, "unknown", "there is no such person in this workspace"));
            }
        }
        if !unknown.is_empty() {
            return Err(Failure::invalid(unknown));
        }
        self.client.must_exist(actor, others).await
    }
}

/// A person whom the actor enters.
fn new(actor: &Actor, fields: PersonDraft) -> Result<Person> {
    let mut fields = tidy(fields)?;
    if fields.owner_id.is_none() && !actor.is_service {
        fields.owner_id = Some(UserId(actor.id));
    }
    let at = now();
    Ok(Person { id: PersonId::new(), fields, version: 1, created_at: at, updated_at: at })
}

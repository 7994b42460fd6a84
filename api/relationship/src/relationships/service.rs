//! What can be done with relationships.

use super::store::{List, RelationshipStore};
use crate::people::service::PeopleService;
use looma_kernel::types::person::{Relationship, RelationshipDraft};
use looma_kernel::types::problem::FieldError;
use looma_kernel::types::{Page, RecordKind, Ref, RelationshipId, now};
use looma_kernel::{Actor, Failure, IfMatch, Kernel, Position, Result};

/// Relationships of all workspaces.
#[derive(Clone)]
pub struct RelationshipService {
    store: RelationshipStore,
    people: PeopleService,
}

impl RelationshipService {
    pub fn new(kernel: &Kernel, people: PeopleService) -> Self {
        Self { store: RelationshipStore::new(kernel.stores().sql.clone()), people }
    }

    /// # Errors
    /// `invalid-input` unless both ends exist and differ; `conflict` where the same is there already.
    pub async fn create(&self, actor: &Actor, fields: RelationshipDraft) -> Result<(Relationship, Position)> {
        check(&fields)?;
        self.people.must_exist(actor, vec![("/from".into(), fields.from), ("/to".into(), fields.to)]).await?;
        let at = now();
        let relationship = Relationship { id: RelationshipId::new(), fields, version: 1, created_at: at, updated_at: at };
        let position = self.store.insert(actor, &relationship).await?;
        Ok((relationship, position))
    }

    /// # Errors
    /// `not-found` outside the actor's workspace.
    pub async fn get(&self, actor: &Actor, id: RelationshipId) -> Result<Relationship> {
        self.store.find(actor.workspace, id).await?.ok_or_else(|| Failure::not_found("relationship"))
    }

    pub async fn list(&self, actor: &Actor, list: List) -> Result<Page<Relationship>> {
        self.store.list(actor.workspace, list).await
    }

    /// Replaces what a client may write.
    /// # Errors
    /// `not-found`; `stale` when it changed since it was read; as for [`Self::create`].
    pub async fn replace(
        &self,
        actor: &Actor,
        id: RelationshipId,
        expected: IfMatch,
        fields: RelationshipDraft,
    ) -> Result<(Relationship, Position)> {
        let current = self.get(actor, id).await?;
        expected.check(current.version)?;
        check(&fields)?;
        let ends = [("/from", fields.from, current.fields.from), ("/to", fields.to, current.fields.to)];
        let moved = ends.into_iter().filter(|(_, end, before)| end != before).map(|(pointer, end, _)| (pointer.to_owned(), end));
        self.people.must_exist(actor, moved.collect()).await?;
        let relationship = Relationship { fields, version: current.version + 1, updated_at: now(), ..current };
        let position = self.store.update(actor, &relationship).await?;
        Ok((relationship, position))
    }

    pub async fn delete(&self, actor: &Actor, id: RelationshipId, expected: IfMatch) -> Result<Position> {
        let current = self.get(actor, id).await?;
        expected.check(current.version)?;
        self.store.delete(actor, id, current.version).await
    }
}

/// Whether records of this kind can be related.
const fn relates(end: Ref) -> bool {
    matches!(end.kind, RecordKind::Person | RecordKind::Company | RecordKind::Job | RecordKind::Project | RecordKind::User)
}

fn check(fields: &RelationshipDraft) -> Result<()> {
    let mut errors = Vec::new();
    for (pointer, end) in [("/from/type", fields.from), ("/to/type", fields.to)] {
        if !relates(end) {
            errors.push(FieldError::new(pointer, "type", "only person, company, job, project and user can be related"));
        }
    }
    if fields.from == fields.to {
        errors.push(FieldError::new("/to", "same", "a record is not related to itself"));
    }
    if let (Some(since), Some(until)) = (fields.since, fields.until)
        && until < since
    {
        errors.push(FieldError::new("/until", "range", "must not be before since"));
    }
    if errors.is_empty() { Ok(()) } else { Err(Failure::invalid(errors)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(from: RecordKind, to: RecordKind) -> RelationshipDraft {
        RelationshipDraft {
            from: Ref::new(from, uuid::Uuid::nil()),
            to: Ref::new(to, uuid::Uuid::nil()),
            kind: "knows".into(),
            since: None,
            until: None,
            strength: None,
            source: None,
            note: None,
        }
    }

    fn pointers(draft: &RelationshipDraft) -> Vec<String> {
        check(draft).err().map(|failure| failure.problem.errors.into_iter().map(|error| error.pointer).collect()).unwrap_or_default()
    }

    #[test]
    fn relates_two_different_records_that_can_be_related() {
        assert!(pointers(&draft(RecordKind::Person, RecordKind::Company)).is_empty());
        assert_eq!(pointers(&draft(RecordKind::Person, RecordKind::Person)), ["/to"]);
        assert_eq!(pointers(&draft(RecordKind::Skill, RecordKind::Person)), ["/from/type"]);
    }

    #[test]
    fn ends_after_it_began() {
        let day = |text: &str| text.parse().ok();
        let mut draft = draft(RecordKind::Person, RecordKind::Company);
        (draft.since, draft.until) = (day("2024-05-01"), day("2024-04-30"));
        assert_eq!(pointers(&draft), ["/until"]);
        draft.until = draft.since;
        assert!(pointers(&draft).is_empty());
    }
}

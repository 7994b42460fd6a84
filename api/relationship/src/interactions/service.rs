//! What can be done with interactions.

use super::store::{InteractionStore, List};
use crate::people::service::PeopleService;
use chrono::{Datelike, SubsecRound};
use looma_kernel::types::person::{Interaction, InteractionDraft};
use looma_kernel::types::{InteractionId, Page, RecordKind, now};
use looma_kernel::{Actor, Failure, IfMatch, Kernel, Position, Result};
use std::collections::HashSet;

/// Years in which something can have happened or be planned.
const YEARS: std::ops::RangeInclusive<i32> = 1900..=2200;

/// Interactions of all workspaces.
#[derive(Clone)]
pub struct InteractionService {
    store: InteractionStore,
    people: PeopleService,
}

impl InteractionService {
    pub fn new(kernel: &Kernel, people: PeopleService) -> Self {
        Self { store: InteractionStore::new(kernel.stores().sql.clone()), people }
    }

    /// # Errors
    /// `invalid-input` unless it was with at least one person and all it was with exist.
    pub async fn create(&self, actor: &Actor, fields: InteractionDraft) -> Result<(Interaction, Position)> {
        let fields = self.checked(actor, fields, None).await?;
        let at = now();
        let interaction =
            Interaction { id: InteractionId::new(), fields, created_by: actor.id, version: 1, created_at: at, updated_at: at };
        let position = self.store.insert(actor, &interaction).await?;
        Ok((interaction, position))
    }

    /// # Errors
    /// `not-found` outside the actor's workspace.
    pub async fn get(&self, actor: &Actor, id: InteractionId) -> Result<Interaction> {
        self.store.find(actor.workspace, id).await?.ok_or_else(|| Failure::not_found("interaction"))
    }

    pub async fn list(&self, actor: &Actor, list: List) -> Result<Page<Interaction>> {
        self.store.list(actor.workspace, list).await
    }

    /// Replaces what a client may write.
    /// # Errors
    /// `not-found`; `stale` when it changed since it was read; as for [`Self::create`].
    pub async fn replace(
        &self,
        actor: &Actor,
        id: InteractionId,
        expected: IfMatch,
        fields: InteractionDraft,
    ) -> Result<(Interaction, Position)> {
        let current = self.get(actor, id).await?;
        expected.check(current.version)?;
        let fields = self.checked(actor, fields, Some(&current.fields)).await?;
        let interaction = Interaction { fields, version: current.version + 1, updated_at: now(), ..current };
        let position = self.store.update(actor, &interaction).await?;
        Ok((interaction, position))
    }

    pub async fn delete(&self, actor: &Actor, id: InteractionId, expected: IfMatch) -> Result<Position> {
        let current = self.get(actor, id).await?;
        expected.check(current.version)?;
        self.store.delete(actor, id, current.version).await
    }

    /// The fields in the form in which they are kept; whom it was with before need not be looked up again.
    async fn checked(&self, actor: &Actor, fields: InteractionDraft, before: Option<&InteractionDraft>) -> Result<InteractionDraft> {
        let fields = tidy(fields)?;
        let known = |record| before.is_some_and(|before| before.with.contains(record));
        let new = fields.with.iter().enumerate().filter(|(_, record)| !known(*record));
        let new = new.map(|(place, record)| (format!("/with/{place}"), *record)).collect();
        self.people.must_exist(actor, new).await?;
        Ok(fields)
    }
}

fn tidy(mut fields: InteractionDraft) -> Result<InteractionDraft> {
    for (pointer, instant) in
        [("/at", Some(&mut fields.at)), ("/next_step/due", fields.next_step.as_mut().and_then(|step| step.due.as_mut()))]
    {
        let Some(instant) = instant else { continue };
        if !YEARS.contains(&instant.year()) {
            return Err(Failure::field(pointer, "range", format!("the year must be {} to {}", YEARS.start(), YEARS.end())));
        }
        *instant = instant.trunc_subsecs(6);
    }
    let mut seen = HashSet::new();
    fields.with.retain(|record| seen.insert(*record));
    if !fields.with.iter().any(|record| record.kind == RecordKind::Person) {
        return Err(Failure::field("/with", "missing", "an interaction is with at least one person"));
    }
    Ok(fields)
}

#[cfg(test)]
mod tests {
    use super::*;
    use looma_kernel::types::Ref;
    use looma_kernel::types::person::InteractionKind;

    fn with(kinds: &[RecordKind]) -> InteractionDraft {
        let with = kinds.iter().map(|kind| Ref::new(*kind, uuid::Uuid::nil())).collect();
        InteractionDraft { kind: InteractionKind::Call, at: now(), with, subject: "Call".into(), body: String::new(), next_step: None }
    }

    #[test]
    fn it_is_with_a_person_and_each_once() {
        assert_eq!(tidy(with(&[RecordKind::Job])).unwrap_err().problem.errors[0].pointer, "/with");
        assert_eq!(tidy(with(&[RecordKind::Person, RecordKind::Person])).unwrap().with.len(), 1);
    }

    #[test]
    fn it_is_in_years_that_people_live_in() {
        let mut early = with(&[RecordKind::Person]);
        early.at = chrono::DateTime::UNIX_EPOCH.with_year(1500).unwrap();
        assert_eq!(tidy(early).unwrap_err().problem.errors[0].pointer, "/at");
    }
}

//! What can be done with projects.

use crate::store::{List, ProjectStore};
use looma_kernel::types::problem::FieldError;
use looma_kernel::types::project::{Project, ProjectDraft};
use looma_kernel::types::{Page, ProjectId, RecordKind, Ref, now};
use looma_kernel::{Actor, Client, Failure, IfMatch, Kernel, Position, Result};
use std::collections::HashSet;

/// Projects of all workspaces.
#[derive(Clone)]
pub struct ProjectService {
    store: ProjectStore,
    client: Client,
}

impl ProjectService {
    pub fn new(kernel: &Kernel) -> Self {
        Self { store: ProjectStore::new(kernel.stores().sql.clone()), client: kernel.client().clone() }
    }

    /// # Errors
    /// `invalid-input` unless members, assignees and links exist and are of kinds that can be such.
    pub async fn create(&self, actor: &Actor, fields: ProjectDraft) -> Result<(Project, Position)> {
        self.check(actor, &fields, None).await?;
        let at = now();
        let project = Project { id: ProjectId::new(), fields, version: 1, created_at: at, updated_at: at };
        let position = self.store.insert(actor, &project).await?;
        Ok((project, position))
    }

    /// # Errors
    /// `not-found` outside the actor's workspace.
    pub async fn get(&self, actor: &Actor, id: ProjectId) -> Result<Project> {
        self.store.find(actor.workspace, id).await?.ok_or_else(|| Failure::not_found("project"))
    }

    pub async fn list(&self, actor: &Actor, list: List) -> Result<Page<Project>> {
        self.store.list(actor.workspace, list).await
    }

    /// Replaces what a client may write.
    /// # Errors
    /// `not-found`; `stale` when it changed since it was read; as for [`Self::create`].
    pub async fn replace(&self, actor: &Actor, id: ProjectId, expected: IfMatch, fields: ProjectDraft) -> Result<(Project, Position)> {
        let current = self.get(actor, id).await?;
        expected.check(current.version)?;
        self.check(actor, &fields, Some(&current.fields)).await?;
        let project = Project { fields, version: current.version + 1, updated_at: now(), ..current };
        let position = self.store.update(actor, &project).await?;
        Ok((project, position))
    }

    pub async fn delete(&self, actor: &Actor, id: ProjectId, expected: IfMatch) -> Result<Position> {
        let current = self.get(actor, id).await?;
        expected.check(current.version)?;
        self.store.delete(actor, id, current.version).await
    }

    /// What was referred to before need not be looked up again.
    async fn check(&self, actor: &Actor, fields: &ProjectDraft, before: Option<&ProjectDraft>) -> Result<()> {
        check_kinds(fields)?;
        let known: HashSet<Ref> = before.into_iter().flat_map(references).map(|(_, record)| record).collect();
        let mut seen = HashSet::new();
        let new = references(fields).filter(|(_, record)| !known.contains(record) && seen.insert(*record));
        let new = new.collect();
        self.client.must_exist(actor, new).await
    }
}

/// Every record that a project refers to, with its JSON pointer.
fn references(fields: &ProjectDraft) -> impl Iterator<Item = (String, Ref)> + '_ {
    let members = fields.members.iter().enumerate().map(|(place, member)| (format!("/members/{place}/ref"), member.record));
    let assignees = fields.tasks.iter().enumerate().filter_map(|(place, task)| Some((format!("/tasks/{place}/assignee"), task.assignee?)));
    let links = fields.links.iter().enumerate().map(|(place, link)| (format!("/links/{place}"), *link));
    members.chain(assignees).chain(links)
}

fn check_kinds(fields: &ProjectDraft) -> Result<()> {
    let mut errors = Vec::new();
    let mut members = HashSet::new();
    let mut links = HashSet::new();
    for (pointer, record) in references(fields) {
        let (allowed, twice): (&[RecordKind], bool) = if pointer.starts_with("/links") {
            (&[RecordKind::Person, RecordKind::Company, RecordKind::Job, RecordKind::Project, RecordKind::Skill], !links.insert(record))
        } else if pointer.starts_with("/members") {
            (&[RecordKind::Person, RecordKind::User, RecordKind::Company], !members.insert(record))
        } else {
            (&[RecordKind::Person, RecordKind::User], false)
        };
        if !allowed.contains(&record.kind) {
            let allowed: Vec<_> = allowed.iter().map(|kind| kind.as_str()).collect();
            errors.push(FieldError::new(pointer, "type", format!("must be one of {}", allowed.join(", "))));
        } else if twice {
            errors.push(FieldError::new(pointer, "twice", "is there already"));
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(Failure::invalid(errors)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use looma_kernel::types::project::{Member, Task};
    use uuid::Uuid;

    #[test]
    fn what_cannot_be_member_assignee_or_link_is_named() {
        let record = |kind| Ref::new(kind, Uuid::nil());
        let member = |kind| Member { record: record(kind), role: "lead".into() };
        let task = |kind| Task { title: "Write".into(), assignee: Some(record(kind)), due: None, done: false };
        let draft = ProjectDraft {
            members: vec![member(RecordKind::Person), member(RecordKind::Job), member(RecordKind::Person)],
            tasks: vec![task(RecordKind::User), task(RecordKind::Company)],
            links: vec![record(RecordKind::Skill), record(RecordKind::Resume)],
            ..ProjectDraft::named("Move to Rust")
        };
        let errors = check_kinds(&draft).unwrap_err().problem.errors;
        let errors: Vec<_> = errors.iter().map(|error| (error.pointer.as_str(), error.code.as_str())).collect();
        assert_eq!(errors, [("/members/1/ref", "type"), ("/members/2/ref", "twice"), ("/tasks/1/assignee", "type"), ("/links/1", "type")]);
    }
}

//! What can be done with jobs.

pub(crate) mod routes;
pub(crate) mod store;

use crate::{candidates, matching};
use looma_kernel::types::company::Company;
use looma_kernel::types::job::{Job, JobAction, JobDraft, JobStatus, Match};
use looma_kernel::types::skill::Skill;
use looma_kernel::types::{JobId, Page, RecordKind, Ref, Role, ServiceName, SkillId, WorkspaceId, now};
use looma_kernel::{Actor, Change, Client, Failure, IfMatch, Kernel, Position, Result};
use looma_skill::taxonomy::{Lang, Taxonomy};
use looma_store::{Projected, ProjectedEdge};
use std::collections::HashSet;
use store::{JobStore, List};

/// Jobs of all workspaces.
#[derive(Clone)]
pub(crate) struct JobService {
    store: JobStore,
    client: Client,
}

impl JobService {
    pub fn new(kernel: &Kernel) -> Self {
        Self { store: JobStore::new(kernel.stores().sql.clone()), client: kernel.client().clone() }
    }

    /// Creates a draft.
    /// # Errors
    /// `invalid-input` when there is no such company or skill.
    pub async fn create(&self, actor: &Actor, fields: JobDraft) -> Result<(Job, Position)> {
        let fields = self.checked(actor, fields).await?;
        let at = now();
        let job =
            Job { id: JobId::new(), fields, status: JobStatus::Draft, version: 1, created_at: at, updated_at: at, published_at: None };
        let position = self.store.insert(actor, &job).await?;
        Ok((job, position))
    }

    /// # Errors
    /// `not-found` outside the actor's workspace; to guests, unless it is published.
    pub async fn get(&self, actor: &Actor, id: JobId) -> Result<Job> {
        let job = self.store.find(actor.workspace, id).await?;
        job.filter(|job| actor.role > Role::Guest || job.status == JobStatus::Published).ok_or_else(|| Failure::not_found("job"))
    }

    /// Guests see what is published.
    pub async fn list(&self, actor: &Actor, mut list: List) -> Result<Page<Job>> {
        if actor.role == Role::Guest {
            list.status = Some(JobStatus::Published);
        }
        self.store.list(actor.workspace, list).await
    }

    /// Replaces what a client may write; the state stays.
    /// # Errors
    /// `not-found`, `stale`, `invalid-input`; `conflict` when the job is archived.
    pub async fn replace(&self, actor: &Actor, id: JobId, expected: IfMatch, fields: JobDraft) -> Result<(Job, Position)> {
        let current = self.get(actor, id).await?;
        expected.check(current.version)?;
        if current.status == JobStatus::Archived {
            return Err(Failure::conflict("An archived job stays as it is; reopen it first."));
        }
        let fields = self.checked(actor, fields).await?;
        let job = Job { fields, version: current.version + 1, updated_at: now(), ..current };
        let position = self.store.update(actor, &job, "job.update").await?;
        Ok((job, position))
    }

    /// Publishes, pauses, closes, fills, archives or reopens.
    /// # Errors
    /// `not-found`, `stale`; `conflict` unless the job's state allows it.
    pub async fn act(&self, actor: &Actor, id: JobId, expected: IfMatch, action: JobAction) -> Result<(Job, Position)> {
        let current = self.get(actor, id).await?;
        expected.check(current.version)?;
        let status = current.status.transition(action).ok_or_else(|| {
            Failure::conflict(format!("A job that is {} cannot be changed by `{}`.", current.status.as_str(), action.as_str()))
        })?;
        let at = now();
        let published_at = if status == JobStatus::Published { current.published_at.or(Some(at)) } else { current.published_at };
        let job = Job { status, published_at, version: current.version + 1, updated_at: at, ..current };
        let position = self.store.update(actor, &job, event_of(action)).await?;
        Ok((job, position))
    }

    /// Deletes a job with its applications.
    /// # Errors
    /// `not-found`, `stale`.
    pub async fn delete(&self, actor: &Actor, id: JobId, expected: IfMatch) -> Result<Position> {
        let current = self.get(actor, id).await?;
        expected.check(current.version)?;
        self.store.delete(actor, id, current.version).await
    }

    /// The people who fit, best first.
    pub async fn matches(&self, actor: &Actor, id: JobId, limit: usize, wait_for: Option<i64>, lang: Lang) -> Result<Page<Match>> {
        let job = self.get(actor, id).await?;
        let posting = candidates::posting(&job.fields);
        let found = candidates::gather(&self.client, actor, &posting, limit, wait_for).await?;
        let frame = matching::Frame { taxonomy: Taxonomy::seed(), today: now().date_naive(), lang };
        let mut items = candidates::rank(posting, found, frame).await?;
        items.truncate(limit);
        Ok(Page { items, ..Page::default() })
    }

    /// The company's name, for a posting that others read; absent while the company cannot be read.
    pub async fn company_name(&self, actor: &Actor, job: &Job) -> Option<String> {
        let path = format!("/api/v1/companies/{}", job.fields.company_id);
        let company: Result<Company> = self.client.get_as(actor, ServiceName::Company, path).await;
        company.ok().map(|company| company.fields.name)
    }

    /// The draft with skills that have both name and, where known, id.
    async fn checked(&self, actor: &Actor, mut fields: JobDraft) -> Result<JobDraft> {
        let company = Ref::from(fields.company_id);
        if !self.client.exists(actor, company).await? {
            return Err(Failure::field("/company_id", "unknown", "there is no such company in this workspace"));
        }
        if let Some(salary) = &fields.salary
            && let (Some(min), Some(max)) = (salary.min, salary.max)
            && min > max
        {
            return Err(Failure::field("/salary/max", "range", "must not be less than `min`"));
        }
        let mut seen = HashSet::new();
        for (at, skill) in fields.skills.iter_mut().enumerate() {
            match (&skill.skill_id, &skill.name) {
                (Some(id), _) => skill.name = Some(self.skill_name(actor, *id, at).await?),
                (None, Some(name)) if !name.trim().is_empty() => {
                    skill.skill_id = Taxonomy::seed().canonical(name).map(|known| SkillId(known.id));
                    skill.name = Some(name.trim().to_owned());
                }
                (None, _) => return Err(Failure::field(&format!("/skills/{at}"), "missing", "a skill needs a name or an id")),
            }
            let key = skill.skill_id.map_or_else(|| skill.name.clone().unwrap_or_default().to_lowercase(), |id| id.to_string());
            if !seen.insert(key) {
                return Err(Failure::field(&format!("/skills/{at}"), "duplicate", "this skill is asked for twice"));
            }
        }
        Ok(fields)
    }

    async fn skill_name(&self, actor: &Actor, id: SkillId, at: usize) -> Result<String> {
        if let Some(known) = Taxonomy::seed().by_id(id.0) {
            return Ok(known.name.clone());
        }
        let skill: Result<Skill> = self.client.get_as(actor, ServiceName::Skill, format!("/api/v1/skills/{id}")).await;
        match skill {
            Ok(skill) => Ok(skill.fields.name),
            Err(failure) if failure.status().is_client_error() => {
                Err(Failure::field(&format!("/skills/{at}/skill_id"), "unknown", "there is no such skill"))
            }
            Err(failure) => Err(failure),
        }
    }
}

/// How the audit log calls an action.
const fn event_of(action: JobAction) -> &'static str {
    match action {
        JobAction::Publish => "job.publish",
        JobAction::Pause => "job.pause",
        JobAction::Close => "job.close",
        JobAction::Fill => "job.fill",
        JobAction::Archive => "job.archive",
        JobAction::Reopen => "job.reopen",
    }
}

/// A word on the wire of one of the contract's enums.
pub(crate) fn word<T: serde::Serialize>(value: T) -> Option<String> {
    serde_json::to_value(value).ok()?.as_str().map(str::to_owned)
}

/// The form in which search and the graph know a job.
pub(crate) fn projected(workspace: WorkspaceId, job: &Job) -> Projected {
    let fields = &job.fields;
    let skills: Vec<&str> = fields.skills.iter().filter_map(|skill| skill.name.as_deref()).collect();
    let mut projected = Projected::new(workspace, job.id.into(), job.version, &fields.title)
        .searchable()
        .node()
        .text("skills", skills.join(", "))
        .text("description", &fields.description)
        .text("location", fields.location.clone().unwrap_or_default())
        .facet("status", [job.status.as_str()])
        .facet("location", fields.location.clone())
        .facet("remote", word(fields.remote))
        .facet("employment_type", word(fields.employment_type))
        .facet("skill", skills.iter().map(|name| Taxonomy::seed().canonical(name).map_or(*name, |known| known.name.as_str())));
    projected.subtitle.clone_from(&fields.location);
    // A job has one edge, so its own id names it.
    projected.edges.push(ProjectedEdge {
        id: job.id.0,
        from: Ref::new(RecordKind::Job, job.id.0),
        to: fields.company_id.into(),
        kind: "offered_by".to_owned(),
        strength: 0.5,
    });
    projected
}

pub(crate) fn upsert(actor: &Actor, job: &Job) -> Change {
    Change::Upsert(Box::new(projected(actor.workspace, job)))
}

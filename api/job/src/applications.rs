//! What can be done with applications: a person in a job's pipeline, at one stage.

pub(crate) mod routes;
pub(crate) mod store;

use crate::jobs::JobService;
use crate::pipeline;
use looma_kernel::types::job::{Application, ApplicationDraft, JobStatus, Move, Stage, StageChange};
use looma_kernel::types::person::Person;
use looma_kernel::types::{ApplicationId, Page, ServiceName, WorkspaceId, now};
use looma_kernel::{Actor, Change, Client, Failure, IfMatch, Kernel, Position, Result};
use looma_store::Projected;
use store::{ApplicationStore, List};

/// A history keeps this many moves, the latest.
const MOVES: usize = 200;

/// Applications of all workspaces.
#[derive(Clone)]
pub(crate) struct ApplicationService {
    store: ApplicationStore,
    jobs: JobService,
    client: Client,
}

impl ApplicationService {
    pub fn new(kernel: &Kernel, jobs: JobService) -> Self {
        Self { store: ApplicationStore::new(kernel.stores().sql.clone()), jobs, client: kernel.client().clone() }
    }

    /// Puts a person into a job's pipeline.
    /// # Errors
    /// `invalid-input` when there is no such job, person or stage; `conflict` when the job takes nobody or has them already.
    pub async fn create(&self, actor: &Actor, draft: ApplicationDraft) -> Result<(Application, Position)> {
        let job = self.jobs.get(actor, draft.job_id).await.map_err(|failure| unknown(failure, "/job_id", "job"))?;
        if !matches!(job.status, JobStatus::Published | JobStatus::Paused) {
            return Err(Failure::conflict(format!("A job that is {} takes no applications.", job.status.as_str())));
        }
        let path = format!("/api/v1/people/{}", draft.person_id);
        let person: Result<Person> = self.client.get_as(actor, ServiceName::Relationship, path).await;
        let person = person.map_err(|failure| unknown(failure, "/person_id", "person"))?;
        let to = stage(draft.stage.as_deref())?.key;
        let at = now();
        let application = Application {
            id: ApplicationId::new(),
            job_id: draft.job_id,
            person_id: draft.person_id,
            person_name: person.fields.name,
            stage: to.clone(),
            history: vec![StageChange { from: None, to, at, by: actor.id, note: None }],
            version: 1,
            created_at: at,
            updated_at: at,
        };
        let position = self.store.insert(actor, &application).await?;
        Ok((application, position))
    }

    /// # Errors
    /// `not-found` outside the actor's workspace.
    pub async fn get(&self, actor: &Actor, id: ApplicationId) -> Result<Application> {
        self.store.find(actor.workspace, id).await?.ok_or_else(|| Failure::not_found("application"))
    }

    pub async fn list(&self, actor: &Actor, list: List) -> Result<Page<Application>> {
        self.store.list(actor.workspace, list).await
    }

    /// Moves an application to another stage.
    /// # Errors
    /// `not-found`, `stale`; `invalid-input` for an unknown stage; `conflict` when it is there already, or has ended and
    /// no note says why it goes on.
    pub async fn advance(&self, actor: &Actor, id: ApplicationId, expected: IfMatch, step: Move) -> Result<(Application, Position)> {
        let current = self.get(actor, id).await?;
        expected.check(current.version)?;
        let to = stage(Some(&step.stage))?.key;
        let note = step.note.filter(|note| !note.trim().is_empty());
        if to == current.stage {
            return Err(Failure::conflict("The application is at this stage already."));
        }
        let ended = stage(Some(&current.stage)).is_ok_and(|stage| stage.terminal);
        if ended && note.is_none() {
            return Err(Failure::conflict("This application has ended; a note must say why it goes on."));
        }
        let at = now();
        let mut history = current.history;
        history.push(StageChange { from: Some(current.stage), to: to.clone(), at, by: actor.id, note });
        history.drain(..history.len().saturating_sub(MOVES));
        let application = Application { stage: to, history, version: current.version + 1, updated_at: at, ..current };
        let position = self.store.update(actor, &application).await?;
        Ok((application, position))
    }

    /// # Errors
    /// `not-found`, `stale`.
    pub async fn delete(&self, actor: &Actor, id: ApplicationId, expected: IfMatch) -> Result<Position> {
        let current = self.get(actor, id).await?;
        expected.check(current.version)?;
        self.store.delete(actor, id, current.version).await
    }
}

/// The stage of a key, the first one where none is said.
fn stage(key: Option<&str>) -> Result<Stage> {
    let stages = pipeline::default().stages;
    let known: Vec<String> = stages.iter().map(|stage| stage.key.clone()).collect();
    stages
        .into_iter()
        .find(|stage| key.is_none_or(|key| stage.key == key))
        .ok_or_else(|| Failure::field("/stage", "unknown", format!("the pipeline's stages are {}", known.join(", "))))
}

/// A record that a body names and that is not there is the body's fault.
fn unknown(failure: Failure, pointer: &str, what: &str) -> Failure {
    if failure.status().as_u16() == 404 {
        return Failure::field(pointer, "unknown", format!("there is no such {what} in this workspace"));
    }
    failure
}

/// Applications are in no projection, but in the outbox, for sync and the audit log.
pub(crate) fn projected(workspace: WorkspaceId, application: &Application) -> Projected {
    Projected::new(workspace, application.id.into(), application.version, &application.person_name)
}

pub(crate) fn upsert(actor: &Actor, application: &Application) -> Change {
    Change::Upsert(Box::new(projected(actor.workspace, application)))
}

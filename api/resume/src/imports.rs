//! From an uploaded file to a person with a resume, in the background.
//!
//! The file is kept first, then the import waits in a queue that survives the process. A worker reads the file, finds or
//! makes the person, keeps the content, and writes resume and outcome in one transaction: nothing is ever half-written,
//! and work repeated after a crash makes the same records.

mod person;

use crate::queue::{ImportRow, Outcome, Queue};
use crate::service::ResumeService;
use crate::store::{Document, ResumeRow};
use bytes::Bytes;
use chrono::TimeDelta;
use looma_kernel::types::resume::{Import, ImportState};
use looma_kernel::types::{ImportId, Page, PersonId, Problem, Ref, ResumeId, ServiceName, WorkspaceId, now};
use looma_kernel::{Actor, Failure, Kernel, ListQuery, Result};
use looma_resume_parser::{MAX_BYTES, ParseProblem, Parsed};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, broadcast};

/// Files read at the same time.
const WORKERS: usize = 2;
/// The longest a file may be read.
const READING: Duration = Duration::from_secs(30);
/// How often a worker looks for what another process queued.
const LOOK: Duration = Duration::from_secs(2);
/// An import that its process has said nothing of for so long was left by it; it says something at least every half minute.
const SILENCE: TimeDelta = TimeDelta::minutes(2);
/// How often such are looked for, where others share the queue.
const LOOK_FOR_LEFT: Duration = Duration::from_secs(30);
/// How long to wait while the truth is away.
const PAUSE: Duration = Duration::from_secs(1);

/// Imports of all workspaces.
#[derive(Clone)]
pub(crate) struct Imports {
    kernel: Kernel,
    resumes: ResumeService,
    queue: Queue,
    waiting: Arc<Notify>,
    changed: broadcast::Sender<ImportId>,
}

impl Imports {
    pub fn new(kernel: &Kernel, resumes: ResumeService) -> Self {
        Self {
            kernel: kernel.clone(),
            resumes,
            queue: Queue { sql: kernel.stores().sql.clone() },
            waiting: Arc::default(),
            changed: broadcast::channel(256).0,
        }
    }

    /// Begins to work, with what was left undone first.
    pub async fn start(&self, kernel: &Kernel) -> Result<()> {
        // Of an embedded database this is the only process: whatever is half done was left so. Else others may be at it.
        let shared = self.queue.sql.is_shared();
        self.requeue(if shared { SILENCE } else { TimeDelta::zero() }).await?;
        if shared {
            let this = self.clone();
            kernel.spawn(|mut stop| async move {
                while !*stop.borrow() {
                    tokio::select! { () = tokio::time::sleep(LOOK_FOR_LEFT) => {} _ = stop.changed() => {} }
                    if let Err(failure) = this.requeue(SILENCE).await {
                        tracing::debug!(%failure, "imports of ended processes were not looked for");
                    }
                }
            });
        }
        for _ in 0..WORKERS {
            let this = self.clone();
            kernel.spawn(|mut stop| async move {
                while !*stop.borrow() {
                    match this.queue.claim().await {
                        Ok(Some(row)) => this.work(row).await,
                        Ok(None) => tokio::select! {
                            () = this.waiting.notified() => {}
                            () = tokio::time::sleep(LOOK) => {}
                            _ = stop.changed() => {}
                        },
                        Err(failure) => {
                            tracing::warn!(%failure, "the import queue does not answer");
                            tokio::select! { () = tokio::time::sleep(PAUSE) => {} _ = stop.changed() => {} }
                        }
                    }
                }
            });
        }
        Ok(())
    }

    async fn requeue(&self, silence: TimeDelta) -> Result<()> {
        let left = self.queue.requeue_running(silence).await?;
        if left > 0 {
            tracing::info!(left, "imports that were cut off are read again");
            self.waiting.notify_waiters();
        }
        Ok(())
    }

    /// Keeps a file and queues it.
    /// # Errors
    /// `too-large` above 20 MiB; `invalid-input` when the person is unknown.
    pub async fn queue(&self, actor: &Actor, file_name: &str, bytes: Bytes, person: Option<PersonId>) -> Result<Import> {
        if bytes.len() > MAX_BYTES {
            return Err(Failure::too_large("A resume file has at most 20 MiB."));
        }
        if let Some(person) = person {
            self.kernel.client().must_exist(actor, vec![("/person_id".into(), Ref::from(person))]).await?;
        }
        let at = now();
        let row = ImportRow {
            id: ImportId::new().0,
            workspace_id: actor.workspace.0,
            actor_id: actor.id,
            actor_name: actor.name.clone(),
            file_name: base_name(file_name),
            size: bytes.len() as i64,
            original: self.resumes.blobs.put(actor.workspace, bytes).await?,
            wanted_person_id: person.map(|id| id.0),
            state: ImportState::Queued.as_str().into(),
            progress: 0.0,
            resume_id: None,
            person_id: None,
            duplicate_of: None,
            problem: None,
            created_at: at,
            updated_at: at,
        };
        self.queue.insert(&row).await?;
        self.waiting.notify_one();
        row.import()
    }

    /// # Errors
    /// `not-found` outside the actor's workspace.
    pub async fn get(&self, actor: &Actor, id: ImportId) -> Result<Import> {
        self.queue.find(actor.workspace, id).await?.ok_or_else(|| Failure::not_found("import"))?.import()
    }

    /// Newest first.
    pub async fn list(&self, actor: &Actor, state: Option<ImportState>, query: ListQuery) -> Result<Page<Import>> {
        self.queue.list(actor.workspace, state, &query).await
    }

    /// Tells which imports of this process have changed.
    pub fn changes(&self) -> broadcast::Receiver<ImportId> {
        self.changed.subscribe()
    }

    pub fn stopping(&self) -> tokio::sync::watch::Receiver<bool> {
        self.kernel.stopping()
    }

    async fn work(&self, row: ImportRow) {
        let (id, file) = (row.id, row.file_name.clone());
        if let Err(failure) = self.run(row).await {
            tracing::info!(import = %id, file, %failure, "an import failed");
            if let Err(error) = self.queue.failed(id, &failure.problem).await {
                tracing::warn!(import = %id, %error, "a failed import could not be marked; it is read again at the next start");
            }
        }
        self.tell(id);
    }

    fn tell(&self, id: uuid::Uuid) {
        // Nobody watching is no failure.
        let _ = self.changed.send(id.into());
    }

    async fn step(&self, row: &ImportRow, progress: f64) -> Result<()> {
        self.queue.progress(row.id, progress).await?;
        self.tell(row.id);
        Ok(())
    }

    async fn run(&self, row: ImportRow) -> Result<()> {
        let workspace = WorkspaceId(row.workspace_id);
        let store = &self.resumes.store;
        if let Some(same) = store.find_by_original(workspace, &row.original).await? {
            let outcome = Outcome { resume: same.resume_id(), person: PersonId(same.person_id), duplicate_of: Some(same.resume_id()) };
            return self.finish(&row, outcome, None).await;
        }
        let bytes = self.resumes.blobs.get(workspace, &row.original).await?;
        let bytes = bytes.ok_or_else(|| Failure::internal(format!("blob {} is missing", row.original)))?;
        self.step(&row, 0.1).await?;
        let parsed = read(row.file_name.clone(), bytes).await?;
        self.step(&row, 0.6).await?;

        let actor = self.kernel.service_actor(ServiceName::Resume, workspace)?;
        let (person, known) = person::find_or_create(self.kernel.client(), &actor, &row, &parsed).await?;
        self.step(&row, 0.8).await?;

        let duplicate_of = if known {
            let newest = store.list(workspace, Some(person), &ListQuery::new(Some(1), None)).await?;
            newest.items.first().map(|resume| resume.id)
        } else {
            None
        };
        let document = Document { content: parsed.content, provenance: parsed.provenance };
        let at = now();
        let resume = ResumeRow {
            // The import's id names the resume too: repeated work meets its own record instead of making a second.
            id: row.id,
            workspace_id: row.workspace_id,
            person_id: person.0,
            title: person::title(&document.content, &row.file_name),
            version: 1,
            document: store.keep(workspace, &document).await?,
            original: Some(row.original.clone()),
            original_name: Some(row.file_name.clone()),
            created_at: at,
            updated_at: at,
        };
        let outcome = Outcome { resume: ResumeId(row.id), person, duplicate_of };
        self.finish(&row, outcome, Some((resume, document))).await
    }

    /// Writes resume and outcome together.
    async fn finish(&self, row: &ImportRow, outcome: Outcome, resume: Option<(ResumeRow, Document)>) -> Result<()> {
        let mut tx = self.queue.sql.begin().await?;
        if let Some((resume, document)) = &resume {
            let actor = self.kernel.service_actor(ServiceName::Resume, WorkspaceId(row.workspace_id))?;
            let actor = actor.for_somebody(row.actor_id, &row.actor_name);
            self.resumes.store.insert_with(&mut tx, &actor, resume, &document.content).await?;
        }
        Queue::done(&mut tx, row.id, outcome).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// Reads a file aside from the requests. The reader guards itself against panics and endless work; this guards against the reader.
async fn read(name: String, bytes: Bytes) -> Result<Parsed> {
    let reading = tokio::task::spawn_blocking(move || looma_resume_parser::parse(&name, &bytes));
    match tokio::time::timeout(READING, reading).await {
        Ok(Ok(Ok(parsed))) => Ok(parsed),
        Ok(Ok(Err(problem))) => Err(unreadable(&problem)),
        Ok(Err(_)) => {
            Err(reason("broken", "This file made its reader fail; open it in the program that made it, save it again and try once more."))
        }
        Err(_) => Err(reason("too_slow", "This file took too long to read; save it again with fewer pages or pictures.")),
    }
}

fn unreadable(problem: &ParseProblem) -> Failure {
    let code = serde_json::to_value(problem.code).ok().and_then(|code| code.as_str().map(str::to_owned)).unwrap_or_default();
    reason(&code, &problem.detail)
}

fn reason(code: &str, detail: &str) -> Failure {
    let mut failure = Failure::field("/file", code, detail);
    failure.problem = Box::new(Problem { title: "The file could not be imported".into(), detail: Some(detail.into()), ..*failure.problem });
    failure
}

/// The file's own name without folders, at most 200 characters, never empty.
fn base_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String = last.chars().filter(|c| !c.is_control()).take(200).collect();
    if clean.trim().is_empty() { "resume".into() } else { clean }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_is_only_a_name() {
        assert_eq!(base_name("../../etc/passwd"), "passwd");
        assert_eq!(base_name("C:\\Users\\ann\\cv.pdf"), "cv.pdf");
        assert_eq!(base_name("\u{0}\n"), "resume");
        assert_eq!(base_name("简历.docx"), "简历.docx");
    }

    #[tokio::test]
    async fn a_broken_file_has_a_reason_that_helps() {
        let failure = read("x.pdf".into(), Bytes::from_static(b"%PDF-1.7 not a pdf")).await.unwrap_err();
        assert!(failure.problem.detail.is_some_and(|detail| detail.len() > 20));
    }
}

//! What can be done with resumes.

use crate::diff;
use crate::store::{Document, ResumeRow, ResumeStore};
use bytes::Bytes;
use looma_kernel::types::json_resume::JsonResume;
use looma_kernel::types::resume::{FieldChange, Resume, ResumeDraft, ResumeSummary, ResumeVersion};
use looma_kernel::types::{Page, PersonId, Ref, ResumeId, now};
use looma_kernel::{Actor, Client, Failure, IfMatch, Kernel, ListQuery, Position, Result};
use looma_store::Blobs;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The largest content, in bytes of JSON.
const MAX_CONTENT: usize = 1 << 20;

/// Resumes of all workspaces.
#[derive(Clone)]
pub struct ResumeService {
    pub(crate) store: ResumeStore,
    pub(crate) blobs: Arc<dyn Blobs>,
    client: Client,
}

impl ResumeService {
    pub fn new(kernel: &Kernel) -> Self {
        Self { store: ResumeStore::new(kernel.stores()), blobs: kernel.stores().blobs.clone(), client: kernel.client().clone() }
    }

    /// Creates a resume by hand.
    /// # Errors
    /// `invalid-input` when the person is unknown or the content too large.
    pub async fn create(&self, actor: &Actor, draft: ResumeDraft) -> Result<(Resume, Position)> {
        check_size(&draft.content)?;
        self.client.must_exist(actor, vec![("/person_id".into(), Ref::from(draft.person_id))]).await?;
        let document = Document { content: draft.content, provenance: BTreeMap::new() };
        let at = now();
        let row = ResumeRow {
            id: ResumeId::new().0,
            workspace_id: actor.workspace.0,
            person_id: draft.person_id.0,
            title: draft.title,
            version: 1,
            document: self.store.keep(actor.workspace, &document).await?,
            original: None,
            original_name: None,
            created_at: at,
            updated_at: at,
        };
        let position = self.store.insert(actor, &row, &document.content, "edit").await?;
        Ok((whole(row, document), position))
    }

    /// # Errors
    /// `not-found` outside the actor's workspace.
    pub async fn get(&self, actor: &Actor, id: ResumeId) -> Result<Resume> {
        let row = self.row(actor, id).await?;
        let document = self.store.document(actor.workspace, &row.document).await?;
        Ok(whole(row, document))
    }

    pub(crate) async fn row(&self, actor: &Actor, id: ResumeId) -> Result<ResumeRow> {
        self.store.find(actor.workspace, id).await?.ok_or_else(|| Failure::not_found("resume"))
    }

    /// Newest first.
    pub async fn list(&self, actor: &Actor, person: Option<PersonId>, query: ListQuery) -> Result<Page<ResumeSummary>> {
        self.store.list(actor.workspace, person, &query).await
    }

    /// A new version. The provenance of fields that stayed as they were is kept.
    /// # Errors
    /// `not-found`; `stale`; `invalid-input` when the person is unknown or the content too large.
    pub async fn replace(&self, actor: &Actor, id: ResumeId, expected: IfMatch, draft: ResumeDraft) -> Result<(Resume, Position)> {
        check_size(&draft.content)?;
        let row = self.row(actor, id).await?;
        expected.check(row.version)?;
        if row.person_id != draft.person_id.0 {
            self.client.must_exist(actor, vec![("/person_id".into(), Ref::from(draft.person_id))]).await?;
        }
        let old = self.store.document(actor.workspace, &row.document).await?;
        let document = carry_over(old, draft.content)?;
        let row = ResumeRow { person_id: draft.person_id.0, title: draft.title, ..row };
        self.next_version(actor, row, document, "edit").await
    }

    async fn next_version(&self, actor: &Actor, row: ResumeRow, document: Document, cause: &str) -> Result<(Resume, Position)> {
        let name = self.store.keep(actor.workspace, &document).await?;
        let row = ResumeRow { version: row.version + 1, document: name, updated_at: now(), ..row };
        let position = self.store.update(actor, &row, &document.content, cause).await?;
        Ok((whole(row, document), position))
    }

    pub async fn delete(&self, actor: &Actor, id: ResumeId, expected: IfMatch) -> Result<Position> {
        let row = self.row(actor, id).await?;
        expected.check(row.version)?;
        self.store.delete(actor, &row).await
    }

    /// Newest first.
    pub async fn versions(&self, actor: &Actor, id: ResumeId, query: ListQuery) -> Result<Page<ResumeVersion>> {
        self.row(actor, id).await?;
        self.store.versions(id, &query).await
    }

    /// The resume as it was in one version.
    pub async fn version(&self, actor: &Actor, id: ResumeId, version: i64) -> Result<Resume> {
        let row = self.row(actor, id).await?;
        let (title, document) = self.store.version(id, version).await?.ok_or_else(|| Failure::not_found("version"))?;
        let document = self.store.document(actor.workspace, &document).await?;
        Ok(whole(ResumeRow { title, version, ..row }, document))
    }

    /// What changed from one version to another.
    pub async fn diff(&self, actor: &Actor, id: ResumeId, from: i64, to: i64) -> Result<Vec<FieldChange>> {
        let (before, after) = (self.version(actor, id, from).await?, self.version(actor, id, to).await?);
        let value = |resume: &Resume| serde_json::to_value(&resume.content).map_err(Failure::internal);
        Ok(diff::changes(&value(&before)?, &value(&after)?))
    }

    /// Makes an old version's content the newest.
    pub async fn restore(&self, actor: &Actor, id: ResumeId, expected: IfMatch, version: i64) -> Result<(Resume, Position)> {
        let row = self.row(actor, id).await?;
        expected.check(row.version)?;
        let found = self.store.version(id, version).await?;
        let (title, document) = found.ok_or_else(|| Failure::field("/version", "unknown", "there is no such version of this resume"))?;
        let document = self.store.document(actor.workspace, &document).await?;
        self.next_version(actor, ResumeRow { title, ..row }, document, "restore").await
    }

    /// The uploaded file and its name.
    pub async fn original(&self, actor: &Actor, id: ResumeId) -> Result<(String, Bytes)> {
        let row = self.row(actor, id).await?;
        let Some(hash) = &row.original else { return Err(Failure::not_found("original: this resume was written by hand, and")) };
        let bytes = self.blobs.get(actor.workspace, hash).await?.ok_or_else(|| Failure::internal(format!("blob {hash} is missing")))?;
        Ok((row.original_name.unwrap_or_else(|| "resume".into()), bytes))
    }
}

fn check_size(content: &JsonResume) -> Result<()> {
    let bytes = serde_json::to_vec(content).map_err(Failure::internal)?;
    if bytes.len() <= MAX_CONTENT { Ok(()) } else { Err(Failure::field("/content", "length", "the content is larger than 1 MiB")) }
}

/// The new content with the provenance of those fields that still say the same.
fn carry_over(old: Document, content: JsonResume) -> Result<Document> {
    let before = serde_json::to_value(&old.content).map_err(Failure::internal)?;
    let after = serde_json::to_value(&content).map_err(Failure::internal)?;
    let mut provenance = old.provenance;
    provenance.retain(|pointer, _| before.pointer(pointer).is_some_and(|value| after.pointer(pointer) == Some(value)));
    Ok(Document { content, provenance })
}

fn whole(row: ResumeRow, document: Document) -> Resume {
    Resume {
        id: row.id.into(),
        person_id: row.person_id.into(),
        title: row.title,
        version: row.version,
        content: document.content,
        provenance: document.provenance,
        original: row.original_name,
        created_at: row.created_at,
        updated_at: row.updated_at,
    }
}

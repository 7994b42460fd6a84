//! Workspaces: tenants that see nothing of each other.

use crate::service::UserService;
use looma_kernel::types::admin::{Workspace, WorkspaceDraft};
use looma_kernel::types::{Page, WorkspaceId, now};
use looma_kernel::{Actor, Failure, IfMatch, ListQuery, Result};

impl UserService {
    pub(crate) async fn create_workspace(&self, actor: &Actor, fields: WorkspaceDraft) -> Result<Workspace> {
        let at = now();
        let workspace = Workspace { id: WorkspaceId::new(), fields, version: 1, created_at: at, updated_at: at };
        self.store.insert_workspace(actor, &workspace).await?;
        Ok(workspace)
    }

    pub(crate) async fn workspaces(&self, query: &ListQuery) -> Result<Page<Workspace>> {
        self.store.workspaces(query).await
    }

    pub(crate) async fn workspace(&self, id: WorkspaceId) -> Result<Workspace> {
        self.store.workspace(id).await?.ok_or_else(|| Failure::not_found("workspace"))
    }

    /// # Errors
    /// `stale` when it changed since it was read.
    pub(crate) async fn change_workspace(
        &self,
        actor: &Actor,
        current: &Workspace,
        expected: IfMatch,
        fields: WorkspaceDraft,
    ) -> Result<Workspace> {
        expected.check(current.version)?;
        let workspace = Workspace { fields, version: current.version + 1, updated_at: now(), ..*current };
        self.store.update_workspace(actor, &current.fields, &workspace).await?;
        Ok(workspace)
    }
}

//! What the user service is made of.

use crate::attempts::Attempts;
use crate::password::Passwords;
use crate::signer::Signer;
use crate::store::UserStore;
use chrono::{DateTime, Utc};
use looma_kernel::token::ended_session;
use looma_kernel::types::user::User;
use looma_kernel::types::{Permission, SessionId, UserId, WorkspaceId};
use looma_kernel::{Actor, Failure, Kernel, Result};
use looma_store::Cache;
use std::sync::Arc;
use std::time::Duration;

/// Users, sign-in, sessions, API keys and workspaces.
#[derive(Clone)]
pub struct UserService {
    pub(crate) store: UserStore,
    pub(crate) passwords: Passwords,
    pub(crate) attempts: Attempts,
    pub(crate) signer: Arc<Signer>,
    pub(crate) kernel: Kernel,
    cache: Arc<dyn Cache>,
}

/// A user who has signed in, and when.
pub(crate) struct SignedIn {
    pub user: User,
    pub at: DateTime<Utc>,
}

impl UserService {
    /// Gathers the parts; makes the first signing key.
    pub async fn open(kernel: &Kernel) -> Result<Self> {
        let auth = &kernel.settings().auth;
        let store = UserStore::new(kernel.stores().sql.clone());
        let signer = Signer::open(&store, auth).await?;
        Ok(Self {
            passwords: Passwords::new(auth.hashing_threads),
            attempts: Attempts::new(kernel.stores().cache.clone()),
            cache: kernel.stores().cache.clone(),
            signer: Arc::new(signer),
            kernel: kernel.clone(),
            store,
        })
    }

    /// The workspace to work in: the actor's own, or for a super administrator the one they name.
    pub(crate) fn workspace_of(actor: &Actor, named: Option<WorkspaceId>) -> Result<WorkspaceId> {
        match named {
            Some(workspace) if workspace != actor.workspace => {
                actor.must(Permission::ManageWorkspaces)?;
                Ok(workspace)
            }
            _ => Ok(actor.workspace),
        }
    }

    /// The user an actor is.
    /// # Errors
    /// `not-found` for an API key or a service.
    pub(crate) async fn self_of(&self, actor: &Actor) -> Result<User> {
        let account = self.store.account(actor.workspace, UserId(actor.id)).await?;
        account.map(|account| account.user).ok_or_else(|| Failure::not_found("user"))
    }

    /// The user an actor is, who has signed in: nobody who has a key or an app of theirs alone.
    /// # Errors
    /// `forbidden` for everybody else.
    pub(crate) async fn signed_in(&self, actor: &Actor) -> Result<SignedIn> {
        let refused = || Failure::forbidden("Only a user who has signed in does this, no API key and no app.");
        let session = actor.session.ok_or_else(refused)?;
        let at = self.store.sign_in(session).await?.ok_or_else(refused)?;
        Ok(SignedIn { user: self.self_of(actor).await?, at })
    }

    /// From now on the sessions' access tokens are good no longer.
    pub(crate) async fn forget(&self, sessions: &[SessionId]) -> Result<()> {
        // Longer than any token given out, with the verifier's leeway.
        let ttl = Duration::from_secs(self.signer.good_for + 10);
        for session in sessions {
            self.cache.set(&ended_session(*session), bytes::Bytes::from_static(b"1"), ttl).await?;
        }
        Ok(())
    }
}

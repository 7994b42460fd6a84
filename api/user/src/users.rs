//! Users: who there is, and how they change.

use crate::password::Checked;
use crate::rules::{ends_sessions, is_self, may_change, may_give, may_manage, tidy};
use crate::service::UserService;
use crate::store::{Account, List};
use looma_kernel::types::user::{ChangePassword, NewUser, User, UserDraft};
use looma_kernel::types::{Page, Permission, UserId, WorkspaceId, now};
use looma_kernel::{Actor, Failure, IfMatch, Position, Result};

impl UserService {
    /// Creates a user with a password.
    /// # Errors
    /// `forbidden` for a role above the actor's; `conflict` where the e-mail address is taken; `invalid-input`.
    pub(crate) async fn create(&self, actor: &Actor, workspace: WorkspaceId, new: NewUser) -> Result<(User, Position)> {
        may_give(actor, new.fields.role, &[])?;
        let fields = tidy(new.fields)?;
        if self.store.workspace(workspace).await?.is_none() {
            return Err(Failure::field("workspace_id", "unknown", "there is no such workspace"));
        }
        let hash = self.passwords.choose("/password", &new.password, &fields.email).await?;
        let account = Account::new(workspace, fields, hash);
        let position = self.store.insert_account(actor, &account).await?;
        Ok((account.user, position))
    }

    /// Oneself, or anybody for those who may read users.
    pub(crate) async fn get(&self, actor: &Actor, workspace: WorkspaceId, id: UserId) -> Result<User> {
        if actor.id != id.0 {
            actor.must(Permission::ReadUsers)?;
        }
        Ok(self.account(workspace, id).await?.user)
    }

    pub(crate) async fn list(&self, workspace: WorkspaceId, list: List) -> Result<Page<User>> {
        self.store.accounts(workspace, list).await
    }

    /// Replaces what can be written. Another role or status ends the user's sessions.
    /// # Errors
    /// `forbidden`; `stale`; `conflict` for the last super administrator or where the e-mail address is taken.
    pub(crate) async fn replace(&self, actor: &Actor, current: &User, expected: IfMatch, fields: UserDraft) -> Result<(User, Position)> {
        let fields = tidy(fields)?;
        may_change(actor, current, &fields)?;
        expected.check(current.version)?;
        let ends = ends_sessions(&current.fields, &fields);
        let user = User { fields, version: current.version + 1, updated_at: now(), ..*current };
        let position = self.store.update_account(actor, &current.fields, &user).await?;
        if ends {
            self.forget(&self.store.end_sessions(actor, &user, None).await?).await?;
        }
        Ok((user, position))
    }

    /// Deletes a user with their sessions and API keys.
    pub(crate) async fn delete(&self, actor: &Actor, workspace: WorkspaceId, id: UserId, expected: IfMatch) -> Result<Position> {
        let user = self.account(workspace, id).await?.user;
        may_manage(actor, &user)?;
        expected.check(user.version)?;
        let sessions = self.store.session_ids(id).await?;
        let position = self.store.delete_account(actor, &user).await?;
        self.forget(&sessions).await?;
        Ok(position)
    }

    /// Sets a new password and ends the user's other sessions. Oneself tells the current one; managers set others'.
    pub(crate) async fn change_password(
        &self,
        actor: &Actor,
        workspace: WorkspaceId,
        id: UserId,
        change: ChangePassword,
    ) -> Result<Position> {
        if actor.id != id.0 {
            actor.must(Permission::ManageUsers)?;
        }
        let account = self.account(workspace, id).await?;
        let user = &account.user;
        if is_self(actor, user) {
            self.check_current(user, change.current_password, account.password_hash).await?;
        } else {
            may_manage(actor, user)?;
            // Whoever knows the password can become this user.
            may_give(actor, user.fields.role, &[])?;
        }
        let hash = self.passwords.choose("/new_password", &change.new_password, &user.fields.email).await?;
        let position = self.store.change_password(actor, user, &hash).await?;
        let keep = actor.session.filter(|_| is_self(actor, user));
        self.forget(&self.store.end_sessions(actor, user, keep).await?).await?;
        Ok(position)
    }

    /// The user an actor is, who shows that they know the password.
    /// # Errors
    /// `invalid-input` for a wrong one; `not-found` for an API key or a service.
    pub(crate) async fn proven_self(&self, actor: &Actor, password: String) -> Result<User> {
        let account = self.account(actor.workspace, UserId(actor.id)).await?;
        self.check_current(&account.user, Some(password), account.password_hash).await?;
        Ok(account.user)
    }

    async fn check_current(&self, user: &User, current: Option<String>, hash: String) -> Result<()> {
        let current = current.ok_or_else(|| Failure::field("/current_password", "missing", "your current password is needed"))?;
        // A stolen token is no way to guess the password.
        let attempt = self.attempts.begin(&user.id.to_string(), None).await?;
        if self.passwords.check(&current, Some(hash)).await? == Checked::Wrong {
            self.attempts.failed(attempt).await?;
            return Err(Failure::field("/current_password", "wrong", "this is not your current password"));
        }
        self.attempts.succeeded(attempt).await
    }

    pub(crate) async fn account(&self, workspace: WorkspaceId, id: UserId) -> Result<Account> {
        self.store.account(workspace, id).await?.ok_or_else(|| Failure::not_found("user"))
    }
}

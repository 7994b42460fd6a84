//! Whether somebody may do something, and why: the same rules that requests are held to, asked about in words.

use crate::rules::manages;
use crate::service::UserService;
use looma_kernel::types::user::{User, UserStatus};
use looma_kernel::types::{Decision, Permission, RecordKind, Ref, Rights, Rule, UserId};
use looma_kernel::{Actor, Result};

impl UserService {
    /// Whether a user of the actor's workspace has a permission, and for this record where one is named.
    /// # Errors
    /// `forbidden` for others than oneself without `users:manage`; `not-found` for the user; what the service that owns
    /// the record answers.
    pub(crate) async fn may(&self, actor: &Actor, id: UserId, permission: Permission, record: Option<Ref>) -> Result<Decision> {
        if actor.id != id.0 {
            actor.must(Permission::ManageUsers)?;
        }
        let user = self.account(actor.workspace, id).await?.user;
        let decision = is_active(&user).and(|| Rights::from(user.fields.role).decide(permission));
        match record {
            Some(record) if decision.allowed => self.on_record(actor, &user, permission, record).await,
            _ => Ok(decision),
        }
    }

    async fn on_record(&self, actor: &Actor, user: &User, permission: Permission, record: Ref) -> Result<Decision> {
        if !self.kernel.client().exists(actor, record).await? {
            return Ok(Decision::no(Rule::Workspace, format!("There is no such {} in the workspace.", record.kind)));
        }
        if permission == Permission::ManageUsers && record.kind == RecordKind::User {
            let other = self.account(actor.workspace, record.id.into()).await?.user;
            return Ok(manages(&user.fields.role.into(), &other));
        }
        let (role, kind) = (user.fields.role, record.kind);
        Ok(Decision::yes(
            Rule::Workspace,
            format!("The role `{role}` has the permission `{permission}`, and this {kind} lies in the workspace."),
        ))
    }
}

fn is_active(user: &User) -> Decision {
    let status = user.fields.status;
    if status == UserStatus::Active {
        Decision::yes(Rule::Status, "The account is active.")
    } else {
        Decision::no(Rule::Status, format!("The account is {}; it cannot sign in.", status.as_str()))
    }
}

//! Who may do what to whom.

use looma_kernel::types::user::{User, UserDraft, UserStatus};
use looma_kernel::types::{Decision, Permission, Rights, Role, Rule};
use looma_kernel::{Actor, Failure, Result};

/// The most bytes of a user's free metadata, as JSON.
const MAX_METADATA: usize = 16 << 10;

/// Whether the actor is this very user, signed in as themselves.
pub(crate) fn is_self(actor: &Actor, user: &User) -> bool {
    actor.id == user.id.0
}

/// Nobody gives more than they have: no higher role, and where they act within a scope, nothing outside it. `scopes` are what
/// is given of the role, everything where there are none.
pub(crate) fn may_give(actor: &Actor, role: Role, scopes: &[Permission]) -> Result<()> {
    if role > actor.role {
        return actor.obey(Decision::no(Rule::Rank, format!("The role `{role}` is above your own, `{}`.", actor.role)));
    }
    let scopes = if scopes.is_empty() { Permission::ALL } else { scopes };
    match scopes.iter().find(|permission| role.allows(**permission) && !actor.can(**permission)) {
        None => Ok(()),
        Some(missing) => actor.obey(Decision::no(
            Rule::Scope,
            format!("This gives the permission `{missing}`, which is not in the scope of your own key or token."),
        )),
    }
}

/// Managing others takes the permission and no lower role than theirs.
pub(crate) fn manages(rights: &Rights, user: &User) -> Decision {
    let (role, own) = (user.fields.role, rights.role);
    rights.decide(Permission::ManageUsers).and(|| {
        if role <= own {
            Decision::yes(Rule::Rank, format!("This user's role, `{role}`, is not above `{own}`."))
        } else {
            Decision::no(Rule::Rank, format!("This user's role, `{role}`, is above `{own}`."))
        }
    })
}

pub(crate) fn may_manage(actor: &Actor, user: &User) -> Result<()> {
    actor.obey(manages(actor.rights(), user))
}

/// Managers change everything up to their own role; others their own name, contact, locale and metadata.
pub(crate) fn may_change(actor: &Actor, user: &User, fields: &UserDraft) -> Result<()> {
    if actor.can(Permission::ManageUsers) {
        may_manage(actor, user)?;
        return if fields.role == user.fields.role { Ok(()) } else { may_give(actor, fields.role, &[]) };
    }
    if !is_self(actor, user) {
        actor.must(Permission::ManageUsers)?;
    }
    let before = &user.fields;
    if (fields.role, fields.status) != (before.role, before.status) || fields.email != before.email {
        return Err(Failure::forbidden("Your role, status and e-mail address are changed by an administrator."));
    }
    Ok(())
}

/// Whether a change shuts the user out or gives them another role, so that tokens given out before must end.
pub(crate) fn ends_sessions(before: &UserDraft, after: &UserDraft) -> bool {
    before.role != after.role || (before.status == UserStatus::Active && after.status != UserStatus::Active)
}

/// Cleans what was typed and checks what the type cannot.
pub(crate) fn tidy(mut fields: UserDraft) -> Result<UserDraft> {
    fields.email = fields.email.trim().to_owned();
    fields.name = fields.name.trim().to_owned();
    if fields.name.is_empty() {
        return Err(Failure::field("/name", "invalid", "must not be blank"));
    }
    let size = serde_json::to_vec(&fields.metadata).map_err(Failure::internal)?.len();
    if size > MAX_METADATA {
        return Err(Failure::field("/metadata", "length", format!("is {size} bytes as JSON, at most {MAX_METADATA} are kept")));
    }
    Ok(fields)
}

/// The e-mail address as accounts are found by it.
pub(crate) fn email_key(email: &str) -> String {
    email.trim().to_lowercase()
}

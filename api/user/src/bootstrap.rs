//! The first start: a workspace and somebody who runs the installation.

use crate::password::refuse_weak;
use crate::rules::tidy;
use crate::service::UserService;
use crate::store::Account;
use garde::Validate;
use looma_kernel::types::admin::WorkspaceDraft;
use looma_kernel::types::user::{Contact, User, UserDraft, UserStatus};
use looma_kernel::types::{Role, ServiceName, WorkspaceId};
use looma_kernel::{Failure, Kernel, Result};
use looma_store::Lease;
use std::time::Duration;

/// Whom to be unless the environment says so.
const DEFAULT_EMAIL: &str = "admin@looma.local";

/// How often to look whether another process has made the administrator.
const LOOK: Duration = Duration::from_millis(50);

/// The administrator that the first start made with a password of its own, to be printed once.
#[derive(Debug)]
pub struct FirstAdmin {
    pub email: String,
    pub password: String,
}

/// Makes the default workspace and the first super administrator where there are none: from `LOOMA_ADMIN_EMAIL` and
/// `LOOMA_ADMIN_PASSWORD`, else with a random password, which is answered. Later starts change nothing.
/// # Errors
/// When the environment's address is none, or the store fails.
pub async fn bootstrap(kernel: &Kernel) -> Result<Option<FirstAdmin>> {
    let service = UserService::open(kernel).await?;
    // Of several processes that start at once, one makes the administrator.
    let lease = Lease::new(&kernel.stores().sql, "bootstrap");
    while !service.store.has_super_admin().await? {
        if lease.hold().await? {
            let made = first_admin(&service).await;
            lease.give_back().await;
            return made;
        }
        tokio::time::sleep(LOOK).await;
    }
    Ok(None)
}

async fn first_admin(service: &UserService) -> Result<Option<FirstAdmin>> {
    // Another may have made one between the look and the lease.
    if service.store.has_super_admin().await? {
        return Ok(None);
    }
    let said = |name: &str| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
    let email = said("LOOMA_ADMIN_EMAIL").unwrap_or_else(|| DEFAULT_EMAIL.into());
    let given = said("LOOMA_ADMIN_PASSWORD");
    let password = given.clone().unwrap_or_else(random_password);
    service.make_admin(&email, &password).await?;
    tracing::info!(email, "made the first administrator");
    Ok(if given.is_some() { None } else { Some(FirstAdmin { email, password }) })
}

/// Makes a super administrator in the first workspace.
/// # Errors
/// `conflict` where the e-mail address is taken; `invalid-input` for a weak password.
pub async fn create_admin(kernel: &Kernel, email: &str, password: &str) -> Result<User> {
    refuse_weak("/password", password, email)?;
    if password.chars().count() < 10 {
        return Err(Failure::field("/password", "length", "needs at least 10 characters"));
    }
    UserService::open(kernel).await?.make_admin(email, password).await
}

impl UserService {
    async fn make_admin(&self, email: &str, password: &str) -> Result<User> {
        let fields = UserDraft {
            email: email.to_owned(),
            name: "Administrator".into(),
            role: Role::SuperAdmin,
            status: UserStatus::Active,
            contact: Contact::default(),
            locale: "en".into(),
            metadata: serde_json::Map::new(),
        };
        fields
            .validate()
            .map_err(|report| Failure::bad_request(format!("The administrator cannot be made: {}", report.to_string().trim())))?;
        let actor = |workspace| self.kernel.service_actor(ServiceName::User, workspace);
        let workspace = match self.store.first_workspace().await? {
            Some(workspace) => workspace,
            None => self.create_workspace(&actor(WorkspaceId::new())?, WorkspaceDraft { name: "My workspace".into() }).await?,
        };
        let account = Account::new(workspace.id, tidy(fields)?, self.passwords.hash(password).await?);
        self.store.insert_account(&actor(workspace.id)?, &account).await?;
        Ok(account.user)
    }
}

/// Twenty letters and digits that nobody confuses: 100 bits.
fn random_password() -> String {
    const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz23456789!";
    let groups: Vec<String> =
        (0..4).map(|_| rand::random::<[u8; 5]>().iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect()).collect();
    groups.join("-")
}

//! Who makes a request, and what it takes to be allowed.

use crate::failure::Failure;
use crate::kernel::Kernel;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use looma_store::outbox::{Change, NewEvent};
use looma_types::user::Claims;
use looma_types::{Decision, Permission, Ref, Rights, Role, SessionId, WorkspaceId};
use std::marker::PhantomData;
use std::sync::Arc;
use uuid::Uuid;

/// A user, an API key or a service, with its workspace and role.
#[derive(Clone, Debug)]
pub struct Actor {
    pub id: Uuid,
    pub workspace: WorkspaceId,
    pub role: Role,
    pub name: String,
    pub session: Option<SessionId>,
    /// One of our own services, acting without a user.
    pub is_service: bool,
    rights: Rights,
    token: Arc<str>,
}

impl Actor {
    pub(crate) fn new(claims: Claims, is_service: bool, token: &str) -> Self {
        Self {
            id: claims.sub,
            workspace: claims.wid,
            role: claims.role,
            name: claims.name,
            session: claims.sid,
            is_service,
            rights: Rights::new(claims.role, claims.scope.as_deref()),
            token: token.into(),
        }
    }

    /// What the role and the scope leave.
    pub fn rights(&self) -> &Rights {
        &self.rights
    }

    pub fn can(&self, permission: Permission) -> bool {
        self.rights.can(permission)
    }

    /// Refuses unless the role has the permission, and the scope too where there is one.
    pub fn must(&self, permission: Permission) -> Result<(), Failure> {
        self.obey(self.rights.decide(permission))
    }

    /// A refusal becomes a failure, and is logged with its reason.
    pub fn obey(&self, decision: Decision) -> Result<(), Failure> {
        if decision.allowed {
            return Ok(());
        }
        tracing::info!(actor = %self.id, rule = ?decision.rule, why = decision.why, "refused");
        Err(Failure::forbidden(decision.why))
    }

    /// The access token, to pass on to another service.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// The same rights in the name of somebody, for work done later for them.
    #[must_use]
    pub fn for_somebody(self, id: Uuid, name: &str) -> Self {
        Self { id, name: name.to_owned(), ..self }
    }

    /// An outbox event by this actor; `action` such as `company.create`.
    pub fn event(&self, record: impl Into<Ref>, version: i64, action: &'static str, change: Change) -> NewEvent {
        let context = crate::context::current();
        NewEvent {
            workspace: self.workspace,
            record: record.into(),
            version,
            change,
            action,
            actor_id: Some(self.id),
            actor_name: self.name.clone(),
            address: context.as_ref().and_then(|context| context.client),
            request_id: context.map(|context| context.request_id),
            detail: serde_json::Value::Null,
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Actor {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        if let Some(actor) = parts.extensions.get::<Self>() {
            return Ok(actor.clone());
        }
        let kernel = Kernel::of(&parts.extensions)?;
        let actor = kernel.verifier().actor(&parts.headers, kernel).await?;
        parts.extensions.insert(actor.clone());
        Ok(actor)
    }
}

/// Names a permission in a type.
pub trait Grant: Send + Sync {
    const PERMISSION: Permission;
}

/// An actor that has the permission `P`: a handler that takes it cannot forget to ask.
pub struct Allowed<P: Grant>(pub Actor, pub PhantomData<P>);

impl<S: Send + Sync, P: Grant> FromRequestParts<S> for Allowed<P> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let actor = Actor::from_request_parts(parts, state).await?;
        actor.must(P::PERMISSION)?;
        Ok(Self(actor, PhantomData))
    }
}

macro_rules! grants {
    ($($name:ident),+ $(,)?) => {$(
        #[doc = concat!("[`Permission::", stringify!($name), "`] as a type.")]
        #[derive(Clone, Copy, Debug)]
        pub struct $name;
        impl Grant for $name {
            const PERMISSION: Permission = Permission::$name;
        }
    )+};
}

grants!(
    ReadJobs,
    ReadCompanies,
    ReadSkills,
    ReadOwnUser,
    WriteJobs,
    ReadPeople,
    WritePeople,
    ReadResumes,
    WriteResumes,
    WriteCompanies,
    ReadProjects,
    WriteProjects,
    Search,
    UseAi,
    ReadUsers,
    UseSync,
    WriteSkills,
    ManageDuplicates,
    ManageUsers,
    ReadAudit,
    ReadMonitor,
    ReadLogs,
    ManageConfig,
    ManageAi,
    ManageWorkspaces,
    ManageBackups,
    Operate,
);

//! Ids are types: a `JobId` never stands where a `PersonId` belongs. All are UUIDs, version 7 when made here.

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
        #[serde(transparent)]
        pub struct $name(pub uuid::Uuid);

        impl $name {
            /// A new id; ids made later sort later.
            #[cfg(not(target_arch = "wasm32"))]
            #[allow(clippy::new_without_default)]
            pub fn new() -> Self {
                Self(uuid::Uuid::now_v7())
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }

        impl From<uuid::Uuid> for $name {
            fn from(id: uuid::Uuid) -> Self {
                Self(id)
            }
        }
    )+};
}

id!(
    /// A tenant.
    WorkspaceId, UserId, SessionId, ApiKeyId, PersonId, InteractionId, RelationshipId, ResumeId, ImportId, CompanyId,
    DepartmentId, JobId, ApplicationId, PipelineId, InterviewId, OfferId, ProjectId, SkillId, ModelId, AuditId, BackupId,
    BackupJobId, SavedSearchId, ClientId,
);

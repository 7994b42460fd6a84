//! Who may do what: the five roles as one readable matrix.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A user's role in the workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Reads what is published.
    Guest,
    /// Works with people, jobs and projects.
    User,
    /// Curates companies, skills and duplicates too.
    DataAdmin,
    /// Runs a workspace.
    Admin,
    /// Runs the installation.
    SuperAdmin,
}

impl Role {
    pub const ALL: [Self; 5] = [Self::Guest, Self::User, Self::DataAdmin, Self::Admin, Self::SuperAdmin];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Guest => "guest",
            Self::User => "user",
            Self::DataAdmin => "data_admin",
            Self::Admin => "admin",
            Self::SuperAdmin => "super_admin",
        }
    }

    /// Whether the matrix grants `permission` to this role.
    pub fn allows(self, permission: Permission) -> bool {
        self >= permission.least_role()
    }
}

impl std::fmt::Display for Role {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for Role {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|role| role.as_str() == text).ok_or_else(|| format!("`{text}` is no role"))
    }
}

macro_rules! permissions {
    ($($least:ident => $($permission:ident $word:literal),+;)+) => {
        /// One thing an actor may be allowed to do. Roles are ordered: what a role may do, every higher role may.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
        pub enum Permission {
            $($(#[serde(rename = $word)] $permission,)+)+
        }

        impl Permission {
            pub const ALL: &'static [Self] = &[$($(Self::$permission,)+)+];

            /// The word on the wire, such as `jobs:write`.
            pub const fn as_str(self) -> &'static str {
                match self { $($(Self::$permission => $word,)+)+ }
            }

            /// The lowest role that has it.
            pub const fn least_role(self) -> Role {
                match self { $($(Self::$permission => Role::$least,)+)+ }
            }
        }
    };
}

permissions! {
    Guest => ReadJobs "jobs:read", ReadCompanies "companies:read", ReadSkills "skills:read", ReadOwnUser "me:read";
    User => WriteJobs "jobs:write", ReadPeople "people:read", WritePeople "people:write", ReadResumes "resumes:read",
        WriteResumes "resumes:write", WriteCompanies "companies:write", ReadProjects "projects:read",
        WriteProjects "projects:write", Search "search:read", UseAi "ai:use", ReadUsers "users:read", UseSync "sync:use";
    DataAdmin => WriteSkills "skills:write", ManageDuplicates "duplicates:manage";
    Admin => ManageUsers "users:manage", ReadAudit "audit:read", ReadMonitor "monitor:read", ReadLogs "logs:read",
        ManageConfig "config:manage", ManageAi "ai:manage";
    SuperAdmin => ManageWorkspaces "workspaces:manage", ManageBackups "backups:manage", Operate "operate";
}

impl std::fmt::Display for Permission {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

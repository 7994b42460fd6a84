//! Who may do what: the five roles as one readable matrix, and the one function that decides by it.

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

impl std::str::FromStr for Permission {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.iter().copied().find(|permission| permission.as_str() == text).ok_or_else(|| format!("`{text}` is no permission"))
    }
}

impl std::fmt::Display for Permission {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The rule that a decision rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// The matrix of roles and permissions.
    Role,
    /// What an API key or a program was allowed of its role.
    Scope,
    /// Nobody manages who has a higher role.
    Rank,
    /// Whether the account may sign in at all.
    Status,
    /// Nothing crosses workspaces.
    Workspace,
}

/// Whether something is allowed, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Decision {
    pub allowed: bool,
    pub rule: Rule,
    /// The rule in words.
    pub why: String,
}

impl Decision {
    pub fn yes(rule: Rule, why: impl Into<String>) -> Self {
        Self { allowed: true, rule, why: why.into() }
    }

    pub fn no(rule: Rule, why: impl Into<String>) -> Self {
        Self { allowed: false, rule, why: why.into() }
    }

    /// This one where it refuses, else the next.
    #[must_use]
    pub fn and(self, next: impl FnOnce() -> Self) -> Self {
        if self.allowed { next() } else { self }
    }
}

/// What a role may do, or what is left of it within a scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rights {
    pub role: Role,
    scope: Option<Vec<Permission>>,
}

impl Rights {
    /// `scope` is a token's claim: words with spaces between (RFC 8693, section 4.2). Words that name no permission grant none.
    pub fn new(role: Role, scope: Option<&str>) -> Self {
        Self { role, scope: scope.map(|words| words.split_whitespace().filter_map(|word| word.parse().ok()).collect()) }
    }

    /// The one place where it is decided whether a permission is there.
    pub fn decide(&self, permission: Permission) -> Decision {
        let (role, least) = (self.role, permission.least_role());
        if !role.allows(permission) {
            let why = format!(
                "This needs the permission `{permission}`, which the role `{role}` does not have; the lowest that has is `{least}`."
            );
            return Decision::no(Rule::Role, why);
        }
        match &self.scope {
            None => {
                Decision::yes(Rule::Role, format!("The role `{role}` has the permission `{permission}`, as every role from `{least}` on."))
            }
            Some(scope) if scope.contains(&permission) => {
                Decision::yes(Rule::Scope, format!("The role `{role}` has the permission `{permission}`, and it lies in the scope."))
            }
            Some(_) => Decision::no(
                Rule::Scope,
                format!(
                    "This needs the permission `{permission}`, which the role `{role}` has, but which is not in the scope of this key or token."
                ),
            ),
        }
    }

    pub fn can(&self, permission: Permission) -> bool {
        self.decide(permission).allowed
    }
}

impl From<Role> for Rights {
    /// All that the role may.
    fn from(role: Role) -> Self {
        Self { role, scope: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_decided_is_what_the_matrix_shows() {
        for role in Role::ALL {
            for permission in Permission::ALL.iter().copied() {
                let decision = Rights::from(role).decide(permission);
                assert_eq!(decision.allowed, role.allows(permission));
                assert!(decision.rule == Rule::Role && decision.why.contains(permission.as_str()) && decision.why.contains(role.as_str()));
            }
        }
    }

    #[test]
    fn a_scope_takes_away_and_never_adds() {
        let rights = Rights::new(Role::User, Some("jobs:read users:manage openid"));
        let decided = |permission| (rights.decide(permission).allowed, rights.decide(permission).rule);
        assert_eq!(decided(Permission::ReadJobs), (true, Rule::Scope));
        assert_eq!(decided(Permission::WriteJobs), (false, Rule::Scope));
        assert_eq!(decided(Permission::ManageUsers), (false, Rule::Role), "the role does not have it");
        assert!(!Rights::new(Role::SuperAdmin, Some("")).can(Permission::ReadJobs), "an empty scope is nothing");
        assert!(Rights::new(Role::SuperAdmin, None).can(Permission::Operate), "no scope is everything");
    }
}

//! Workspaces, the permission matrix, the audit log, duplicates and background jobs.

use crate::{AuditId, Permission, Ref, Role, WorkspaceId};
use chrono::{DateTime, Utc};
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
#[serde(deny_unknown_fields)]
pub struct WorkspaceDraft {
    #[garde(length(chars, min = 1, max = 100), custom(crate::person::not_blank))]
    pub name: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Workspace {
    pub id: WorkspaceId,
    #[serde(flatten)]
    pub fields: WorkspaceDraft,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// One row of the permission matrix.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PermissionRow {
    pub permission: Permission,
    pub roles: Vec<Role>,
}

/// One thing that somebody did. Append only.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AuditEntry {
    pub id: AuditId,
    pub at: DateTime<Utc>,
    pub actor_id: Option<uuid::Uuid>,
    pub actor_name: String,
    /// Such as `user.login`, `job.publish`.
    pub action: String,
    #[serde(default)]
    pub record: Option<Ref>,
    #[serde(default)]
    pub request_id: Option<String>,
    /// From where the client asked, where one did.
    #[serde(default)]
    pub address: Option<String>,
    /// Its place in the workspace's chain, without a gap.
    #[serde(default)]
    pub sequence: Option<i64>,
    /// Of a change the fields that differ, in `before` and `after`; never a secret.
    #[schema(value_type = Object)]
    #[serde(default)]
    pub detail: serde_json::Value,
}

/// Records that look like the same person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DuplicateGroup {
    /// What they share, such as an e-mail address.
    pub reason: String,
    pub records: Vec<crate::person::Node>,
}

/// A long task, seen across services.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BackgroundJob {
    pub id: uuid::Uuid,
    pub kind: String,
    pub state: String,
    pub progress: f64,
    pub title: String,
    pub updated_at: DateTime<Utc>,
}

//! Resumes, their versions and imports.

use crate::json_resume::{JsonResume, Provenance};
use crate::{ImportId, PersonId, Problem, ResumeId};
use chrono::{DateTime, Utc};
use garde::Validate;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
#[serde(deny_unknown_fields)]
pub struct ResumeDraft {
    pub person_id: PersonId,
    #[garde(length(chars, min = 1, max = 200))]
    pub title: String,
    /// JSON Resume; unknown keys are kept. At most 1 MiB.
    pub content: JsonResume,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Resume {
    pub id: ResumeId,
    pub person_id: PersonId,
    pub title: String,
    pub version: i64,
    pub content: JsonResume,
    /// JSON pointer into `content` → where it was found.
    pub provenance: BTreeMap<String, Provenance>,
    /// The uploaded file's name, when there is one; `GET …/original` answers it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original: Option<String>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// A resume in lists, without its content.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ResumeSummary {
    pub id: ResumeId,
    pub person_id: PersonId,
    pub title: String,
    pub version: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original: Option<String>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ResumeVersion {
    pub version: i64,
    /// `import`, `edit` or `restore`.
    pub cause: String,
    pub created_by: uuid::Uuid,
    pub created_at: DateTime<Utc>,
}

/// One difference between two versions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FieldChange {
    pub pointer: String,
    #[schema(value_type = Object)]
    pub before: Option<serde_json::Value>,
    #[schema(value_type = Object)]
    pub after: Option<serde_json::Value>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
#[serde(deny_unknown_fields)]
pub struct Restore {
    pub version: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImportState {
    Queued,
    Running,
    Done,
    Failed,
}

impl ImportState {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Import {
    pub id: ImportId,
    pub file_name: String,
    pub size: i64,
    pub state: ImportState,
    /// 0 to 1.
    pub progress: f64,
    #[serde(default)]
    pub resume_id: Option<ResumeId>,
    #[serde(default)]
    pub person_id: Option<PersonId>,
    /// The same file, or the same person by e-mail or phone, was already here.
    #[serde(default)]
    pub duplicate_of: Option<ResumeId>,
    /// Why it failed and what to do.
    #[serde(default)]
    pub problem: Option<Problem>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

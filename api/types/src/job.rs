//! Jobs, pipelines, applications and matches.

use crate::{ApplicationId, CompanyId, DepartmentId, JobId, PersonId, PipelineId, ResumeId, SkillId};
use chrono::{DateTime, Utc};
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum JobStatus {
    #[default]
    Draft,
    Published,
    Paused,
    Closed,
    Filled,
    Archived,
}

impl JobStatus {
    pub const ALL: [Self; 6] = [Self::Draft, Self::Published, Self::Paused, Self::Closed, Self::Filled, Self::Archived];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Published => "published",
            Self::Paused => "paused",
            Self::Closed => "closed",
            Self::Filled => "filled",
            Self::Archived => "archived",
        }
    }
}

/// What can be done to a job's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum JobAction {
    Publish,
    Pause,
    Close,
    Fill,
    Archive,
    Reopen,
}

impl JobAction {
    pub const ALL: [Self; 6] = [Self::Publish, Self::Pause, Self::Close, Self::Fill, Self::Archive, Self::Reopen];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Publish => "publish",
            Self::Pause => "pause",
            Self::Close => "close",
            Self::Fill => "fill",
            Self::Archive => "archive",
            Self::Reopen => "reopen",
        }
    }
}

impl JobStatus {
    /// The one place that owns every legal move; `None` where the action is not allowed.
    pub const fn transition(self, action: JobAction) -> Option<Self> {
        use JobAction as A;
        match (self, action) {
            (Self::Draft | Self::Paused, A::Publish) | (Self::Closed | Self::Filled, A::Reopen) => Some(Self::Published),
            (Self::Published, A::Pause) => Some(Self::Paused),
            (Self::Published | Self::Paused, A::Close) => Some(Self::Closed),
            (Self::Published | Self::Paused, A::Fill) => Some(Self::Filled),
            (Self::Draft | Self::Closed | Self::Filled, A::Archive) => Some(Self::Archived),
            (Self::Archived, A::Reopen) => Some(Self::Draft),
            _ => None,
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Remote {
    #[default]
    OnSite,
    Hybrid,
    Remote,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EmploymentType {
    #[default]
    FullTime,
    PartTime,
    Contract,
    Temporary,
    Internship,
    Volunteer,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PayPeriod {
    Hour,
    Day,
    Month,
    Year,
}

/// Money in minor units of an ISO 4217 currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
#[serde(deny_unknown_fields)]
pub struct Salary {
    #[garde(inner(range(min = 0, max = 100_000_000_000)))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<i64>,
    #[garde(inner(range(min = 0, max = 100_000_000_000)))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<i64>,
    #[garde(length(chars, min = 3, max = 3), ascii)]
    pub currency: String,
    pub per: PayPeriod,
}

/// A skill a job asks for: by id or by name (one of the two).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
#[serde(deny_unknown_fields)]
pub struct JobSkill {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skill_id: Option<SkillId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(length(chars, min = 1, max = 100)))]
    pub name: Option<String>,
    /// 1 (basic) to 5 (expert).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(range(min = 1, max = 5)))]
    pub level: Option<u8>,
    #[serde(default)]
    pub required: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
#[serde(deny_unknown_fields)]
pub struct JobDraft {
    #[garde(length(chars, min = 1, max = 200), custom(crate::person::not_blank))]
    pub title: String,
    pub company_id: CompanyId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub department_id: Option<DepartmentId>,
    #[serde(default)]
    #[garde(length(chars, max = 20_000))]
    pub description: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(length(chars, max = 200)))]
    pub location: Option<String>,
    #[serde(default)]
    pub remote: Remote,
    #[serde(default)]
    pub employment_type: EmploymentType,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(dive)]
    pub salary: Option<Salary>,
    #[serde(default)]
    #[garde(length(max = 50), dive)]
    pub skills: Vec<JobSkill>,
    #[serde(default = "one")]
    #[garde(range(min = 1, max = 10_000))]
    pub openings: u32,
}

fn one() -> u32 {
    1
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Job {
    pub id: JobId,
    #[serde(flatten)]
    pub fields: JobDraft,
    pub status: JobStatus,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published_at: Option<DateTime<Utc>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Stage {
    /// Stable word, such as `new`, `interview`, `hired`, `rejected`.
    pub key: String,
    pub name: Vec<crate::record::LocalText>,
    /// No way on from here.
    pub terminal: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Pipeline {
    pub id: PipelineId,
    pub name: String,
    pub stages: Vec<Stage>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
#[serde(deny_unknown_fields)]
pub struct ApplicationDraft {
    pub job_id: JobId,
    pub person_id: PersonId,
    /// The pipeline's first when not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(length(chars, max = 60)))]
    pub stage: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Application {
    pub id: ApplicationId,
    pub job_id: JobId,
    pub person_id: PersonId,
    /// The person's name when the application was read, for boards.
    #[serde(default)]
    pub person_name: String,
    pub stage: String,
    pub history: Vec<StageChange>,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct StageChange {
    pub from: Option<String>,
    pub to: String,
    pub at: DateTime<Utc>,
    pub by: uuid::Uuid,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
#[serde(deny_unknown_fields)]
pub struct Move {
    #[garde(length(chars, min = 1, max = 60))]
    pub stage: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(length(chars, max = 2_000)))]
    pub note: Option<String>,
}

/// A person ranked for a job. A match never rejects anyone by itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Match {
    pub person_id: PersonId,
    pub resume_id: ResumeId,
    pub name: String,
    /// 0 to 1.
    pub score: f64,
    pub reasons: Vec<Reason>,
    /// Names of the skills asked for that the resume does not show.
    pub missing: Vec<String>,
}

/// One named feature's part in a score.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Reason {
    pub feature: String,
    /// Its share of the score; all weights add up to 1.
    pub weight: f64,
    /// 0 to 1.
    pub value: f64,
    pub text: String,
    pub evidence: Vec<Evidence>,
}

/// Where in the resume it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Evidence {
    /// JSON pointer into the resume's content.
    pub pointer: String,
    pub quote: String,
}

//! Projects: members, milestones, tasks and links.

use crate::{ProjectId, Ref};
use chrono::{DateTime, Utc};
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProjectStatus {
    #[default]
    Planned,
    Active,
    OnHold,
    Done,
    Cancelled,
}

impl ProjectStatus {
    pub const ALL: [Self; 5] = [Self::Planned, Self::Active, Self::OnHold, Self::Done, Self::Cancelled];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Active => "active",
            Self::OnHold => "on_hold",
            Self::Done => "done",
            Self::Cancelled => "cancelled",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
#[serde(deny_unknown_fields)]
pub struct Member {
    #[serde(rename = "ref")]
    pub record: Ref,
    #[garde(length(chars, min = 1, max = 100))]
    pub role: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
#[serde(deny_unknown_fields)]
pub struct Milestone {
    #[garde(length(chars, min = 1, max = 200))]
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<chrono::NaiveDate>,
    #[serde(default)]
    pub done: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
#[serde(deny_unknown_fields)]
pub struct Task {
    #[garde(length(chars, min = 1, max = 300))]
    pub title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignee: Option<Ref>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<chrono::NaiveDate>,
    #[serde(default)]
    pub done: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
#[serde(deny_unknown_fields)]
pub struct ProjectDraft {
    #[garde(length(chars, min = 1, max = 200), custom(crate::person::not_blank))]
    pub name: String,
    #[serde(default)]
    #[garde(length(chars, max = 5_000))]
    pub goal: String,
    #[serde(default)]
    pub status: ProjectStatus,
    #[serde(default)]
    #[garde(length(max = 200), dive)]
    pub members: Vec<Member>,
    #[serde(default)]
    #[garde(length(max = 100), dive)]
    pub milestones: Vec<Milestone>,
    #[serde(default)]
    #[garde(length(max = 500), dive)]
    pub tasks: Vec<Task>,
    /// Companies, jobs and skills it is about.
    #[serde(default)]
    #[garde(length(max = 100))]
    pub links: Vec<Ref>,
}

impl ProjectDraft {
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            goal: String::new(),
            status: ProjectStatus::Planned,
            members: vec![],
            milestones: vec![],
            tasks: vec![],
            links: vec![],
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Project {
    pub id: ProjectId,
    #[serde(flatten)]
    pub fields: ProjectDraft,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

//! Skills, a person's skills, and what is missing between two sets.

use crate::record::LocalText;
use crate::{PersonId, SkillId};
use chrono::{DateTime, Utc};
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SkillKind {
    #[default]
    Technology,
    Method,
    Domain,
    Language,
    Soft,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
#[serde(deny_unknown_fields)]
pub struct SkillDraft {
    #[garde(length(chars, min = 1, max = 100), custom(crate::person::not_blank))]
    pub name: String,
    #[serde(default)]
    #[garde(length(max = 50), dive)]
    pub aliases: Vec<LocalText>,
    #[serde(default)]
    pub kind: SkillKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub broader: Option<SkillId>,
    #[serde(default)]
    #[garde(length(max = 50))]
    pub related: Vec<SkillId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(url, length(chars, max = 300)))]
    pub esco_uri: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Skill {
    pub id: SkillId,
    #[serde(flatten)]
    pub fields: SkillDraft,
    /// Part of the taxonomy every workspace starts with; such a skill is not changed, but can be added to.
    pub seeded: bool,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// A skill a person's resumes show.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PersonSkill {
    pub person_id: PersonId,
    /// `None` when the taxonomy does not know it.
    pub skill_id: Option<SkillId>,
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<String>,
    /// Where it stands in the resume.
    pub evidence: Vec<crate::job::Evidence>,
}

/// Body of `POST /api/v1/skills/match`: names, aliases or ids.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
#[serde(deny_unknown_fields)]
pub struct SkillMatchRequest {
    #[garde(length(max = 200), inner(length(chars, min = 1, max = 100)))]
    pub have: Vec<String>,
    #[garde(length(max = 200), inner(length(chars, min = 1, max = 100)))]
    pub want: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SkillMatch {
    /// Wanted and there, directly or by an alias.
    pub matched: Vec<String>,
    /// Wanted and not there, but something near is.
    pub near: Vec<NearSkill>,
    /// Wanted and not there.
    pub missing: Vec<String>,
    /// 0 to 1: matched count whole, near count half.
    pub score: f64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NearSkill {
    pub want: String,
    pub have: String,
    /// `broader`, `narrower` or `related`.
    pub how: String,
}

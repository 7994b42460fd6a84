//! People, interactions, relationships and paths between records.

use crate::record::LocalText;
use crate::{InteractionId, PersonId, Ref, RelationshipId, UserId};
use chrono::{DateTime, Utc};
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Consent {
    #[default]
    Unknown,
    Given,
    Withdrawn,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
#[serde(deny_unknown_fields)]
pub struct PersonDraft {
    #[garde(length(chars, min = 1, max = 200), custom(not_blank))]
    pub name: String,
    /// The name in other languages and scripts.
    #[serde(default)]
    #[garde(length(max = 10), dive)]
    pub names: Vec<LocalText>,
    #[serde(default)]
    #[garde(length(max = 20), inner(email, length(chars, max = 254)))]
    pub emails: Vec<String>,
    #[serde(default)]
    #[garde(length(max = 20), inner(length(chars, min = 3, max = 40)))]
    pub phones: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(length(chars, max = 300)))]
    pub headline: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(length(chars, max = 200)))]
    pub location: Option<String>,
    #[serde(default)]
    #[garde(length(max = 20), inner(length(chars, min = 1, max = 500)))]
    pub links: Vec<String>,
    #[serde(default)]
    #[garde(length(max = 50), inner(length(chars, min = 1, max = 50)))]
    pub tags: Vec<String>,
    /// Whose contact this is; the maker's unless said otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner_id: Option<UserId>,
    /// Where the record came from, such as `import` or `referral`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(length(chars, max = 100)))]
    pub source: Option<String>,
    #[serde(default)]
    pub consent: Consent,
}

/// A text that must hold more than white space.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "what garde calls")]
pub(crate) fn not_blank(text: &str, _: &()) -> garde::Result {
    if text.trim().is_empty() { Err(garde::Error::new("must not be blank")) } else { Ok(()) }
}

impl PersonDraft {
    /// A person of whom only the name is known.
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            names: vec![],
            emails: vec![],
            phones: vec![],
            headline: None,
            location: None,
            links: vec![],
            tags: vec![],
            owner_id: None,
            source: None,
            consent: Consent::Unknown,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Person {
    pub id: PersonId,
    #[serde(flatten)]
    pub fields: PersonDraft,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// People to be created together, or not at all.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct PeopleDraft {
    #[garde(length(min = 1, max = 500), dive)]
    pub people: Vec<PersonDraft>,
}

/// Who was created, in the order of the request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PeopleCreated {
    pub ids: Vec<PersonId>,
}

/// One entry of a person's history, newest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TimelineEntry {
    pub at: DateTime<Utc>,
    /// Such as `interaction`, `relationship`, `created`.
    pub kind: String,
    pub title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The record behind it.
    pub record: Ref,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum InteractionKind {
    Call,
    Mail,
    Meeting,
    Message,
    Note,
    Reminder,
}

impl InteractionKind {
    pub const ALL: [Self; 6] = [Self::Call, Self::Mail, Self::Meeting, Self::Message, Self::Note, Self::Reminder];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Call => "call",
            Self::Mail => "mail",
            Self::Meeting => "meeting",
            Self::Message => "message",
            Self::Note => "note",
            Self::Reminder => "reminder",
        }
    }
}

/// What is to be done after an interaction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NextStep {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<DateTime<Utc>>,
    #[serde(default)]
    pub done: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
#[serde(deny_unknown_fields)]
pub struct InteractionDraft {
    pub kind: InteractionKind,
    pub at: DateTime<Utc>,
    /// Whom or what it was with; at least one person.
    #[garde(length(min = 1, max = 50))]
    pub with: Vec<Ref>,
    #[garde(length(chars, min = 1, max = 300), custom(not_blank))]
    pub subject: String,
    #[serde(default)]
    #[garde(length(chars, max = 20_000))]
    pub body: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_step: Option<NextStep>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Interaction {
    pub id: InteractionId,
    #[serde(flatten)]
    pub fields: InteractionDraft,
    pub created_by: uuid::Uuid,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
#[serde(deny_unknown_fields)]
pub struct RelationshipDraft {
    pub from: Ref,
    pub to: Ref,
    /// Such as `worked_with`, `employed_by`, `studied_with`, `referred_by`, `knows`: lower-case words joined by `_`.
    #[garde(length(chars, min = 1, max = 60), custom(word))]
    pub kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<chrono::NaiveDate>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<chrono::NaiveDate>,
    /// 0 to 1; 0.5 when not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(range(min = 0.0, max = 1.0)))]
    pub strength: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(length(chars, max = 100)))]
    pub source: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(length(chars, max = 2_000)))]
    pub note: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "what garde calls")]
fn word(text: &str, _: &()) -> garde::Result {
    if text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_') {
        Ok(())
    } else {
        Err(garde::Error::new("only a-z, 0-9 and _ are allowed"))
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Relationship {
    pub id: RelationshipId,
    #[serde(flatten)]
    pub fields: RelationshipDraft,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// One step of a path: the record, and the relationship that led to it (none at the start).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Hop {
    #[serde(rename = "ref")]
    pub record: Ref,
    pub label: String,
    pub via: Option<Edge>,
}

/// A relationship as the graph knows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Edge {
    pub id: uuid::Uuid,
    pub from: Ref,
    pub to: Ref,
    pub kind: String,
    pub strength: f64,
}

/// A chain of relationships; `strength` is the product of its edges' strengths.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Path {
    pub hops: Vec<Hop>,
    pub strength: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Node {
    #[serde(rename = "ref")]
    pub record: Ref,
    pub label: String,
}

/// A part of the graph around a record. `truncated` when limits cut it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Subgraph {
    pub nodes: Vec<Node>,
    pub edges: Vec<Edge>,
    pub truncated: bool,
}

/// The network at a glance.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NetworkAnalysis {
    /// People through whom most others are reached (degree-weighted betweenness).
    pub brokers: Vec<Ranked>,
    /// Groups that know each other, largest first.
    pub communities: Vec<Community>,
    /// People nobody has interacted with for 90 days.
    pub out_of_touch: Vec<Ranked>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Ranked {
    #[serde(rename = "ref")]
    pub record: Ref,
    pub label: String,
    pub value: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Community {
    pub size: usize,
    /// Its best-connected members, at most ten.
    pub members: Vec<Node>,
}

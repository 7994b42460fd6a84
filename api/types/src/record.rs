//! References between records, and pages of them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// The kinds of record that can be referred to, searched and related.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RecordKind {
    Person,
    Company,
    Job,
    Project,
    Resume,
    Skill,
    User,
    Interaction,
    Relationship,
    Application,
}

impl RecordKind {
    pub const ALL: [Self; 10] = [
        Self::Person,
        Self::Company,
        Self::Job,
        Self::Project,
        Self::Resume,
        Self::Skill,
        Self::User,
        Self::Interaction,
        Self::Relationship,
        Self::Application,
    ];

    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Company => "company",
            Self::Job => "job",
            Self::Project => "project",
            Self::Resume => "resume",
            Self::Skill => "skill",
            Self::User => "user",
            Self::Interaction => "interaction",
            Self::Relationship => "relationship",
            Self::Application => "application",
        }
    }
}

impl std::fmt::Display for RecordKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for RecordKind {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or_else(|| {
            let known: Vec<_> = Self::ALL.iter().map(|kind| kind.as_str()).collect();
            format!("`{text}` is no record type; known are {}", known.join(", "))
        })
    }
}

/// A reference to a record: `{"type": "person", "id": "…"}`; in a query string `person:…`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Ref {
    #[serde(rename = "type")]
    pub kind: RecordKind,
    pub id: Uuid,
}

impl Ref {
    pub fn new(kind: RecordKind, id: impl Into<Uuid>) -> Self {
        Self { kind, id: id.into() }
    }
}

macro_rules! refs {
    ($($id:ident => $kind:ident),+ $(,)?) => {$(
        impl From<crate::$id> for Uuid {
            fn from(id: crate::$id) -> Self { id.0 }
        }
        impl From<crate::$id> for Ref {
            fn from(id: crate::$id) -> Self { Ref::new(RecordKind::$kind, id.0) }
        }
    )+};
}

refs!(PersonId => Person, CompanyId => Company, JobId => Job, ProjectId => Project, ResumeId => Resume, SkillId => Skill,
    UserId => User, InteractionId => Interaction, RelationshipId => Relationship, ApplicationId => Application);

impl std::fmt::Display for Ref {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.kind, self.id)
    }
}

impl std::str::FromStr for Ref {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (kind, id) = text.split_once(':').ok_or_else(|| format!("`{text}` is not of the form type:id"))?;
        Ok(Self { kind: kind.parse()?, id: id.parse().map_err(|_| format!("`{id}` is not a UUID"))? })
    }
}

/// One page of a list. `next_cursor` is opaque; null on the last page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Page<T> {
    pub items: Vec<T>,
    pub next_cursor: Option<String>,
    /// How many records the filter selects in all, where the list counts them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<i64>,
}

impl<T> Default for Page<T> {
    fn default() -> Self {
        Self { items: Vec::new(), next_cursor: None, total: None }
    }
}

/// A text in one language, such as an alias or a name in another script.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, garde::Validate)]
#[garde(allow_unvalidated)]
#[serde(deny_unknown_fields)]
pub struct LocalText {
    /// BCP 47, such as `zh` or `en`.
    #[garde(length(chars, min = 2, max = 12))]
    pub lang: String,
    #[garde(length(chars, min = 1, max = 200))]
    pub value: String,
}

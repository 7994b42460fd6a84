//! Search over everything.

use crate::{RecordKind, Ref};
use garde::Validate;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SearchMode {
    Text,
    Vector,
    #[default]
    Hybrid,
}

/// One hit. `snippet` is escaped HTML with `<mark>` around what matched.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Hit {
    #[serde(rename = "ref")]
    pub record: Ref,
    pub title: String,
    pub snippet: String,
    pub score: f64,
    /// Its place in the text ranking, from 1, where it is in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text_rank: Option<u32>,
    /// Its place in the vector ranking, from 1, where it is in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vector_rank: Option<u32>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SearchAnswer {
    pub items: Vec<Hit>,
    pub next_cursor: Option<String>,
    /// Facet → value → how many. `type` counts the kinds of record, such as `person`.
    pub facets: BTreeMap<String, Vec<FacetCount>>,
    /// How many records have the words; with vectors, also those of the nearest that do not.
    pub total: u64,
    /// What could not take part in the answer, such as `vectors` while the model is away.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub degraded: Vec<String>,
}

/// Body of `POST /api/v1/search/rank`: ranks records by how well they fit a longer text, such as a job's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
#[serde(deny_unknown_fields)]
pub struct RankQuery {
    #[garde(length(chars, min = 1, max = 20_000), custom(crate::person::not_blank))]
    pub text: String,
    #[garde(length(min = 1, max = 10))]
    pub kinds: Vec<RecordKind>,
    /// Only these records, where given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(length(max = 5_000)))]
    pub only: Option<Vec<Ref>>,
    /// How many places each of the two rankings has, 1 to 500; 100 when not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(range(min = 1, max = 500)))]
    pub limit: Option<u32>,
    /// An outbox position that must have been applied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait_for: Option<i64>,
}

/// Every record that is in one of the two rankings, best first; its places tell which.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RankAnswer {
    pub items: Vec<Hit>,
    /// What could not take part in the answer, such as `vectors` while the model is away.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub degraded: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FacetCount {
    pub value: String,
    pub count: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Suggestion {
    #[serde(rename = "ref")]
    pub record: Ref,
    pub title: String,
}

//! Search over everything.

use crate::Ref;
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
    /// Facet → value → how many.
    pub facets: BTreeMap<String, Vec<FacetCount>>,
    pub total: u64,
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

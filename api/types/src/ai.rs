//! Models behind the OpenAI shapes, and their registry.

use crate::ModelId;
use chrono::{DateTime, Utc};
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Body of `POST /api/v1/ai/embeddings`; fields of the OpenAI API that do not apply are accepted and ignored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
pub struct EmbeddingRequest {
    #[serde(default)]
    pub model: Option<String>,
    pub input: EmbeddingInput,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum EmbeddingInput {
    One(String),
    Many(Vec<String>),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct EmbeddingAnswer {
    /// Always `list`.
    pub object: String,
    pub model: String,
    pub data: Vec<Embedding>,
    pub usage: Usage,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Embedding {
    /// Always `embedding`.
    pub object: String,
    pub index: usize,
    pub embedding: Vec<f32>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Usage {
    pub prompt_tokens: u64,
    pub total_tokens: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
#[serde(deny_unknown_fields)]
pub struct ModelDraft {
    /// What requests call it.
    #[garde(length(chars, min = 1, max = 100))]
    pub name: String,
    /// `local` or `openai` (any server that speaks its API).
    #[garde(length(chars, min = 1, max = 40))]
    pub provider: String,
    /// `embeddings` or `chat`.
    #[garde(length(chars, min = 1, max = 40))]
    pub purpose: String,
    #[garde(length(chars, min = 1, max = 100))]
    pub model_version: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(url, length(chars, max = 500)))]
    pub base_url: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Model {
    pub id: ModelId,
    #[serde(flatten)]
    pub fields: ModelDraft,
    /// The one in use for its purpose.
    pub active: bool,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

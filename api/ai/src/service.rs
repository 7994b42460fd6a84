//! Which model serves a request, and the registry of models.

use crate::embedding;
use crate::store::ModelStore;
use axum::http::StatusCode;
use chrono::DateTime;
use looma_kernel::types::ai::{Embedding, EmbeddingAnswer, EmbeddingInput, EmbeddingRequest, Model, ModelDraft, Usage};
use looma_kernel::types::{ModelId, Page, now};
use looma_kernel::{Actor, Failure, IfMatch, Kernel, Result};
use uuid::Uuid;

/// Most texts in one request: as many as the `OpenAI` API takes.
const MAX_TEXTS: usize = 2_048;
/// Longest text, in bytes: some forty pages.
const MAX_TEXT: usize = 200_000;
/// A workspace registers at most this many models.
const MAX_MODELS: usize = 100;
/// The built-in model's id, the same everywhere.
const BUILT_IN: ModelId = ModelId(Uuid::from_u128(0x6c6f_6f6d_6100_8000_8000_0000_0000_0001));

/// Models of all workspaces.
#[derive(Clone)]
pub struct AiService {
    store: ModelStore,
}

impl AiService {
    pub fn new(kernel: &Kernel) -> Self {
        Self { store: ModelStore::new(kernel.stores().sql.clone()) }
    }

    /// Embeds texts by the model named, or the active one.
    /// # Errors
    /// `invalid-input` when there are too many texts, one is too long, or the model is unknown or none for embeddings.
    pub async fn embed(&self, actor: &Actor, request: EmbeddingRequest) -> Result<EmbeddingAnswer> {
        let model = self.for_embedding(actor, request.model.as_deref()).await?;
        let texts = match request.input {
            EmbeddingInput::One(text) => vec![text],
            EmbeddingInput::Many(texts) => texts,
        };
        if texts.is_empty() || texts.len() > MAX_TEXTS {
            return Err(Failure::field("/input", "length", format!("1 to {MAX_TEXTS} texts can be embedded at once")));
        }
        if let Some(at) = texts.iter().position(|text| text.len() > MAX_TEXT) {
            return Err(Failure::field(&format!("/input/{at}"), "length", format!("a text may have at most {MAX_TEXT} bytes")));
        }
        // Pure computation: it belongs beside the threads that answer requests, not on them.
        let (data, tokens) = tokio::task::spawn_blocking(move || {
            let tokens = texts.iter().map(|text| embedding::tokens(text)).sum();
            (texts.iter().map(|text| embedding::embed(text)).collect::<Vec<_>>(), tokens)
        })
        .await
        .map_err(Failure::internal)?;
        let data =
            data.into_iter().enumerate().map(|(index, embedding)| Embedding { object: "embedding".to_owned(), index, embedding }).collect();
        let usage = Usage { prompt_tokens: tokens, total_tokens: tokens };
        Ok(EmbeddingAnswer { object: "list".to_owned(), model, data, usage })
    }

    /// The name to answer with for a request that names this model.
    async fn for_embedding(&self, actor: &Actor, name: Option<&str>) -> Result<String> {
        let Some(name) = name.filter(|name| *name != embedding::MODEL) else { return Ok(embedding::MODEL.to_owned()) };
        let known = self.all(actor).await?.into_iter().find(|model| model.fields.name == name);
        let model = known.ok_or_else(|| {
            let detail = format!("there is no model of this name; `{}` always works", embedding::MODEL);
            Failure::field("/model", "unknown", detail)
        })?;
        usable(&model.fields).map_err(|why| Failure::field("/model", "unusable", why))?;
        if model.fields.purpose != "embeddings" {
            return Err(Failure::field("/model", "purpose", "this model does not make embeddings"));
        }
        Ok(model.fields.name)
    }

    /// Says plainly that nobody is there to chat: the local model only makes embeddings.
    pub fn chat(&self) -> Failure {
        Failure::new(
            StatusCode::CONFLICT,
            "no-provider",
            "No provider for chat",
            "No chat provider is configured in this installation: the built-in model only makes embeddings.".to_owned(),
        )
    }

    /// All models, the built-in one first.
    pub async fn list(&self, actor: &Actor) -> Result<Page<Model>> {
        Ok(Page { items: self.all(actor).await?, ..Page::default() })
    }

    async fn all(&self, actor: &Actor) -> Result<Vec<Model>> {
        let rows = self.store.all(actor.workspace).await?;
        let active = rows.iter().all(|model| !model.active || model.fields.purpose != "embeddings");
        Ok(std::iter::once(built_in(active)).chain(rows).collect())
    }

    /// # Errors
    /// `not-found` outside the actor's workspace.
    pub async fn get(&self, actor: &Actor, id: ModelId) -> Result<Model> {
        self.all(actor).await?.into_iter().find(|model| model.id == id).ok_or_else(|| Failure::not_found("model"))
    }

    /// Registers a model; it serves only once it is activated.
    /// # Errors
    /// `conflict` when the name is taken; `invalid-input` when the provider or purpose is unknown.
    pub async fn register(&self, actor: &Actor, fields: ModelDraft) -> Result<Model> {
        for (pointer, value, known) in
            [("/provider", &fields.provider, ["local", "openai"]), ("/purpose", &fields.purpose, ["embeddings", "chat"])]
        {
            if !known.contains(&value.as_str()) {
                return Err(Failure::field(pointer, "unknown", format!("must be `{}` or `{}`", known[0], known[1])));
            }
        }
        if fields.provider == "openai" && fields.base_url.is_none() {
            return Err(Failure::field("/base_url", "missing", "a provider that speaks the OpenAI API needs its address"));
        }
        let all = self.all(actor).await?;
        if all.iter().any(|model| model.fields.name == fields.name) {
            return Err(Failure::conflict("Another model has this name."));
        }
        if all.len() > MAX_MODELS {
            return Err(Failure::conflict(format!("A workspace has at most {MAX_MODELS} models.")));
        }
        let at = now();
        let model = Model { id: ModelId::new(), fields, active: false, version: 1, created_at: at, updated_at: at };
        self.store.insert(actor.workspace, &model).await?;
        Ok(model)
    }

    /// Makes a model the one in use for its purpose.
    /// # Errors
    /// `conflict` when this installation cannot run it.
    pub async fn activate(&self, actor: &Actor, id: ModelId) -> Result<Model> {
        let model = self.get(actor, id).await?;
        usable(&model.fields).map_err(Failure::conflict)?;
        self.store.activate(actor.workspace, &model.fields.purpose, (id != BUILT_IN).then_some(id)).await?;
        self.get(actor, id).await
    }

    /// Puts back the model that was in use before this one; answers that model.
    /// # Errors
    /// `conflict` when this model is not the one in use, or none was before it.
    pub async fn roll_back(&self, actor: &Actor, id: ModelId) -> Result<Model> {
        let model = self.get(actor, id).await?;
        if !model.active {
            return Err(Failure::conflict("Only the model in use can be rolled back."));
        }
        let before = self.store.previous(actor.workspace, &model.fields.purpose).await?;
        let before = before.ok_or_else(|| Failure::conflict("No other model was in use before this one."))?;
        self.activate(actor, before.unwrap_or(BUILT_IN)).await
    }

    /// # Errors
    /// `conflict` for the built-in model and for one in use.
    pub async fn remove(&self, actor: &Actor, id: ModelId, expected: IfMatch) -> Result<()> {
        let model = self.get(actor, id).await?;
        expected.check(model.version)?;
        if id == BUILT_IN || model.active {
            return Err(Failure::conflict("The built-in model and a model in use stay."));
        }
        self.store.delete(actor.workspace, id).await
    }
}

/// Whether this installation can run a model.
fn usable(fields: &ModelDraft) -> Result<(), String> {
    if fields.provider != "local" {
        return Err("This installation runs local models only; the entry is kept for when it can reach others.".to_owned());
    }
    if fields.purpose != "embeddings" || fields.model_version != embedding::MODEL {
        return Err(format!("The only local model is `{}`, for embeddings.", embedding::MODEL));
    }
    Ok(())
}

fn built_in(active: bool) -> Model {
    Model {
        id: BUILT_IN,
        fields: ModelDraft {
            name: embedding::MODEL.to_owned(),
            provider: "local".to_owned(),
            purpose: "embeddings".to_owned(),
            model_version: embedding::MODEL.to_owned(),
            base_url: None,
        },
        active,
        version: 1,
        created_at: DateTime::UNIX_EPOCH,
        updated_at: DateTime::UNIX_EPOCH,
    }
}

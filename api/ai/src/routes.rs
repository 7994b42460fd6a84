//! `/api/v1/ai`.

use crate::service::AiService;
use axum::extract::State;
use garde::Validate;
use looma_kernel::access::{ManageAi, UseAi};
use looma_kernel::types::ai::{EmbeddingAnswer, EmbeddingRequest, Model, ModelDraft};
use looma_kernel::types::{ModelId, Page, Problem};
use looma_kernel::{Allowed, IfMatch, Path, Reply, Result, Valid};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(crate) fn routes(service: AiService) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(embeddings))
        .routes(routes!(chat))
        .routes(routes!(list, register))
        .routes(routes!(get, remove))
        .routes(routes!(activate))
        .routes(routes!(roll_back))
        .with_state(service)
}

/// Embeds one text or several, as the `OpenAI` API does.
#[utoipa::path(post, path = "/api/v1/ai/embeddings", request_body = EmbeddingRequest, tag = "ai",
    responses((status = 200, body = EmbeddingAnswer), (status = "4XX", body = Problem)))]
async fn embeddings(
    State(service): State<AiService>,
    Allowed(actor, ..): Allowed<UseAi>,
    Valid(request): Valid<EmbeddingRequest>,
) -> Result<Reply<EmbeddingAnswer>> {
    Ok(Reply::ok(service.embed(&actor, request).await?))
}

/// A conversation as the `OpenAI` API takes it; further fields are accepted.
#[derive(Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
struct ChatRequest {
    #[garde(length(min = 1, max = 1_000))]
    #[schema(value_type = Vec<Object>)]
    messages: Vec<serde_json::Value>,
}

/// Answers a conversation. No provider for it is configured yet, and that is what it says.
#[utoipa::path(post, path = "/api/v1/ai/chat/completions", request_body = ChatRequest, tag = "ai", responses((status = "4XX", body = Problem)))]
async fn chat(State(service): State<AiService>, _: Allowed<UseAi>, Valid(_request): Valid<ChatRequest>) -> Result<Reply<()>> {
    Err(service.chat())
}

/// The models, the built-in one first.
#[utoipa::path(get, path = "/api/v1/ai/models", tag = "ai", responses((status = 200, body = Page<Model>), (status = "4XX", body = Problem)))]
async fn list(State(service): State<AiService>, Allowed(actor, ..): Allowed<UseAi>) -> Result<Reply<Page<Model>>> {
    Ok(Reply::ok(service.list(&actor).await?))
}

/// Registers a model.
#[utoipa::path(post, path = "/api/v1/ai/models", request_body = ModelDraft, tag = "ai",
    responses((status = 201, body = Model), (status = "4XX", body = Problem)))]
async fn register(
    State(service): State<AiService>,
    Allowed(actor, ..): Allowed<ManageAi>,
    Valid(draft): Valid<ModelDraft>,
) -> Result<Reply<Model>> {
    let model = service.register(&actor, draft).await?;
    Ok(Reply::created(format!("/api/v1/ai/models/{}", model.id), model.version, model))
}

/// One model.
#[utoipa::path(get, path = "/api/v1/ai/models/{id}", params(("id" = ModelId, Path)), tag = "ai",
    responses((status = 200, body = Model), (status = "4XX", body = Problem)))]
async fn get(State(service): State<AiService>, Allowed(actor, ..): Allowed<UseAi>, Path(id): Path<ModelId>) -> Result<Reply<Model>> {
    let model = service.get(&actor, id).await?;
    Ok(Reply::record(model.version, model))
}

/// Forgets a model that is not in use.
#[utoipa::path(delete, path = "/api/v1/ai/models/{id}", params(("id" = ModelId, Path)), tag = "ai",
    responses((status = 204), (status = "4XX", body = Problem)))]
async fn remove(
    State(service): State<AiService>,
    Allowed(actor, ..): Allowed<ManageAi>,
    Path(id): Path<ModelId>,
    expected: IfMatch,
) -> Result<Reply<()>> {
    service.remove(&actor, id, expected).await?;
    Ok(Reply::gone())
}

/// Puts a model into use for its purpose.
#[utoipa::path(post, path = "/api/v1/ai/models/{id}/activate", params(("id" = ModelId, Path)), tag = "ai",
    responses((status = 200, body = Model), (status = "4XX", body = Problem)))]
async fn activate(
    State(service): State<AiService>,
    Allowed(actor, ..): Allowed<ManageAi>,
    Path(id): Path<ModelId>,
) -> Result<Reply<Model>> {
    let model = service.activate(&actor, id).await?;
    Ok(Reply::record(model.version, model))
}

/// Puts back the model that was in use before this one.
#[utoipa::path(post, path = "/api/v1/ai/models/{id}/rollback", params(("id" = ModelId, Path)), tag = "ai",
    responses((status = 200, body = Model), (status = "4XX", body = Problem)))]
async fn roll_back(
    State(service): State<AiService>,
    Allowed(actor, ..): Allowed<ManageAi>,
    Path(id): Path<ModelId>,
) -> Result<Reply<Model>> {
    let model = service.roll_back(&actor, id).await?;
    Ok(Reply::record(model.version, model))
}

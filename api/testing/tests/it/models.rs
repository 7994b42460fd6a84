use looma_testing::TestApp;
use looma_types::Page;
use looma_types::ai::{EmbeddingAnswer, Model};
use serde_json::json;

#[tokio::test]
async fn embeddings_speak_the_openai_shape() {
    let app = TestApp::start().await;
    let ann = app.user("ann").await;
    let one = ann.post("/api/v1/ai/embeddings", &json!({"input": "Rust", "encoding_format": "float"})).await.ok::<EmbeddingAnswer>();
    let two =
        ann.post("/api/v1/ai/embeddings", &json!({"model": "looma-local-1", "input": ["容器编排", "Rust"]})).await.ok::<EmbeddingAnswer>();
    assert_eq!((one.object.as_str(), one.model.as_str(), one.data[0].embedding.len()), ("list", "looma-local-1", 256));
    assert_eq!(two.data[1].embedding, one.data[0].embedding);
    ann.post("/api/v1/ai/embeddings", &json!({"input": []})).await.problem(422);
    ann.post("/api/v1/ai/embeddings", &json!({"input": "x", "model": "nobody"})).await.problem(422);
    ann.post("/api/v1/ai/embeddings", &json!({"input": {"a": 1}})).await.problem(422);
    let plain = ann.post("/api/v1/ai/chat/completions", &json!({"messages": [{"role": "user", "content": "Hi"}]})).await.problem(409);
    assert!(plain.detail.is_some_and(|detail| detail.contains("No chat provider is configured")));
}

#[tokio::test]
async fn models_are_registered_activated_and_rolled_back() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let body = json!({"name": "default", "provider": "local", "purpose": "embeddings", "model_version": "looma-local-1"});
    app.user("ann").await.post("/api/v1/ai/models", &body).await.problem(403);
    let alias = admin.post("/api/v1/ai/models", &body).await.created::<Model>();
    admin.post("/api/v1/ai/models", &body).await.problem(409);
    assert!(admin.post(&format!("/api/v1/ai/models/{}/activate", alias.id), &json!({})).await.ok::<Model>().active);
    admin.delete(&format!("/api/v1/ai/models/{}", alias.id)).await.problem(409);
    let before = admin.post(&format!("/api/v1/ai/models/{}/rollback", alias.id), &json!({})).await.ok::<Model>();
    assert_eq!((before.fields.name.as_str(), before.active), ("looma-local-1", true));
    let models = admin.get("/api/v1/ai/models").await.ok::<Page<Model>>().items;
    assert_eq!(models.iter().filter(|model| model.active).count(), 1);

    let away =
        json!({"name": "gpt", "provider": "openai", "purpose": "chat", "model_version": "1", "base_url": "https://models.example.com/v1"});
    let away = admin.post("/api/v1/ai/models", &away).await.created::<Model>();
    admin.post(&format!("/api/v1/ai/models/{}/activate", away.id), &json!({})).await.problem(409);
    admin.delete(&format!("/api/v1/ai/models/{}", away.id)).await.gone();
}

use looma_testing::{TestApp, draft};
use looma_types::company::Company;
use looma_types::user::{ApiKey, Session};
use looma_types::{Role, ServiceName};
use serde_json::json;

#[tokio::test]
async fn nobody_is_let_in_anywhere() {
    let app = TestApp::start().await;
    for path in ["/api/v1/people", "/api/v1/companies", "/api/v1/jobs", "/api/v1/users", "/api/v1/admin/audit", "/api/v1/logs"] {
        app.nobody().get(path).await.problem(401);
    }
    app.nobody().at(ServiceName::Company).get("/api/v1/companies").await.problem(401);
    app.nobody().at(ServiceName::Mobile).get("/m/v1/sync").await.problem(401);
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_are_answered_alike() {
    let app = TestApp::start().await;
    let wrong = app.nobody().login("admin@looma.local", "not the password").await.problem(401);
    let unknown = app.nobody().login("nobody@example.com", "not the password").await.problem(401);
    assert_eq!((wrong.kind, wrong.title, wrong.detail), (unknown.kind, unknown.title, unknown.detail));
}

#[tokio::test]
async fn a_refresh_token_works_once_and_its_reuse_ends_the_session() {
    let app = TestApp::start().await;
    let ann = app.user("ann").await;
    let first = ann.session().refresh_token.clone();
    let second = app.nobody().post("/api/v1/users/refresh", &json!({ "refresh_token": first })).await.ok::<Session>();
    app.nobody().post("/api/v1/users/refresh", &json!({ "refresh_token": first })).await.problem(401);
    app.nobody().post("/api/v1/users/refresh", &json!({ "refresh_token": second.refresh_token })).await.problem(401);
}

#[tokio::test]
async fn roles_are_held_to_their_permissions() {
    let app = TestApp::start().await;
    let guest = app.with_role("gus", Role::Guest).await;
    guest.get("/api/v1/people").await.problem(403);
    guest.post("/api/v1/companies", &draft::company("Acme")).await.problem(403);
    let user = app.user("ann").await;
    user.get("/api/v1/admin/audit").await.problem(403);
    user.post("/api/v1/users", &json!({ "email": "x@example.com", "name": "x", "role": "user", "password": "a long password" }))
        .await
        .problem(403);
}

#[tokio::test]
async fn nothing_crosses_workspaces() {
    let app = TestApp::start().await;
    let company = app.admin().post("/api/v1/companies", &draft::company("Acme")).await.created::<Company>();
    let path = format!("/api/v1/companies/{}", company.id);
    let stranger = app.stranger();
    stranger.get(&path).await.problem(404);
    stranger.put(&path, &draft::company("Mine")).await.problem(404);
    stranger.delete(&path).await.problem(404);
    assert_eq!(stranger.get("/api/v1/companies").await.value()["items"].as_array().map(Vec::len), Some(0));
    app.settled().await;
    assert_eq!(stranger.get("/api/v1/search?q=Acme&mode=text").await.value()["items"].as_array().map(Vec::len), Some(0));
}

#[tokio::test]
async fn an_api_key_acts_with_its_role_and_shows_its_secret_once() {
    let app = TestApp::start().await;
    let key = app.admin().post("/api/v1/api-keys", &json!({ "name": "ci", "role": "user" })).await.created::<ApiKey>();
    let secret = key.secret.expect("a new key's secret");
    let with_key = |path: &'static str| {
        let (nobody, secret) = (app.nobody(), secret.clone());
        async move { nobody.send(axum::http::Method::GET, path, &[("x-api-key", &secret)], None).await }
    };
    with_key("/api/v1/companies").await.value();
    with_key("/api/v1/admin/audit").await.problem(403);
    let listed = app.admin().get("/api/v1/api-keys").await.text();
    assert!(!listed.contains(&secret));
    app.admin().delete(&format!("/api/v1/api-keys/{}", key.id)).await.gone();
}

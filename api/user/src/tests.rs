//! The service as its clients see it: requests through its router, over stores in memory.

mod audit;
mod oauth;
mod second_factor;

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use http_body_util::BodyExt;
use looma_kernel::types::ServiceName;
use looma_kernel::{Kernel, Settings, telemetry};
use serde_json::{Value, json};
use tower::ServiceExt;

const ROOT: &str = "root@example.com";
const PASSWORD: &str = "four unrelated words";

struct Fixture {
    kernel: Kernel,
    router: Router,
}

struct Answer {
    status: StatusCode,
    etag: String,
    body: Value,
}

impl Fixture {
    async fn start() -> Self {
        let settings = Settings::in_memory();
        let logs = telemetry::start(&settings.log);
        let kernel = Kernel::open(settings, logs).await.unwrap();
        crate::create_admin(&kernel, ROOT, PASSWORD).await.unwrap();
        let (_, router) = crate::app(&kernel).await.unwrap().finish();
        Self { kernel, router }
    }

    async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Value) -> Answer {
        let mut request = Request::builder().method(method).uri(path).header(header::CONTENT_TYPE, "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
        let response = self.router.clone().oneshot(request.body(body).unwrap()).await.unwrap();
        let status = response.status();
        let etag = response.headers().get(header::ETAG).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        Answer { status, etag, body: serde_json::from_slice(&bytes).unwrap_or_default() }
    }

    async fn call(&self, token: &str, method: Method, path: &str, body: Value) -> Answer {
        self.send(method, path, &[("authorization", &format!("Bearer {token}"))], body).await
    }

    async fn login(&self, email: &str, password: &str) -> Answer {
        self.send(Method::POST, "/api/v1/users/login", &[], json!({ "email": email, "password": password })).await
    }

    async fn token(&self, email: &str) -> String {
        let answer = self.login(email, PASSWORD).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body["access_token"].as_str().unwrap().to_owned()
    }

    async fn create(&self, token: &str, email: &str, role: &str) -> Answer {
        let body = json!({ "email": email, "name": email, "role": role, "password": PASSWORD });
        self.call(token, Method::POST, "/api/v1/users", body).await
    }

    async fn actions(&self) -> Vec<String> {
        let events = self.kernel.stores().sql.events_after(0, 1000).await.unwrap();
        assert!(!format!("{events:?}").contains(PASSWORD));
        events.into_iter().map(|event| event.action).collect()
    }
}

#[tokio::test]
async fn a_login_answers_the_same_for_an_unknown_address_and_a_wrong_password() {
    let app = Fixture::start().await;
    let known = app.login(ROOT, "wrong password").await;
    let unknown = app.login("nobody@example.com", "wrong password").await;
    assert_eq!((known.status, unknown.status), (StatusCode::UNAUTHORIZED, StatusCode::UNAUTHORIZED));
    assert_eq!(known.body["detail"], unknown.body["detail"]);

    let answer = app.login(" ROOT@Example.com ", PASSWORD).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.body["token_type"], "Bearer");
    assert_eq!(answer.body["user"]["email"], ROOT);
    assert!(!answer.body.to_string().contains("argon2"));
    let me = app.call(answer.body["access_token"].as_str().unwrap(), Method::GET, "/api/v1/users/me", Value::Null).await;
    assert_eq!((me.status, &me.body["id"]), (StatusCode::OK, &answer.body["user"]["id"]));

    app.kernel.stop().await;
}

#[tokio::test]
async fn logins_stand_in_the_audit_log() {
    let app = Fixture::start().await;
    app.login(ROOT, "wrong password").await;
    let token = app.token(ROOT).await;
    app.call(&token, Method::POST, "/api/v1/users/logout", Value::Null).await;
    for _ in 0..100 {
        if app.actions().await.len() == 5 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    let mut actions = app.actions().await;
    actions.sort();
    assert_eq!(actions, ["user.create", "user.login", "user.login_failed", "user.logout", "workspace.create"]);
}

#[tokio::test]
async fn a_refresh_token_works_once_and_its_reuse_ends_the_session() {
    let app = Fixture::start().await;
    let first = app.login(ROOT, PASSWORD).await.body;
    let refresh = |token: Value| app.send(Method::POST, "/api/v1/users/refresh", &[], json!({ "refresh_token": token }));
    let second = refresh(first["refresh_token"].clone()).await;
    assert_eq!(second.status, 200, "{}", second.body);
    let access = second.body["access_token"].as_str().unwrap();
    assert_eq!(app.call(access, Method::GET, "/api/v1/users/me", Value::Null).await.status, 200);

    assert_eq!(refresh(first["refresh_token"].clone()).await.status, 401);
    assert_eq!(refresh(second.body["refresh_token"].clone()).await.status, 401, "the whole family is gone");
    assert_eq!(app.call(access, Method::GET, "/api/v1/users/me", Value::Null).await.status, 401);
    assert!(app.actions().await.contains(&"user.refresh_reused".to_owned()));
    assert_eq!(refresh(json!("nonsense")).await.status, 401);
}

#[tokio::test]
async fn a_session_ends_at_logout_and_from_another_place() {
    let app = Fixture::start().await;
    let (here, there) = (app.token(ROOT).await, app.token(ROOT).await);
    let sessions = app.call(&here, Method::GET, "/api/v1/users/me/sessions", Value::Null).await.body;
    assert_eq!(sessions["items"].as_array().unwrap().len(), 2);
    let other = sessions["items"].as_array().unwrap().iter().find(|session| session["current"] == false).unwrap();
    let path = format!("/api/v1/users/me/sessions/{}", other["id"].as_str().unwrap());
    assert_eq!(app.call(&here, Method::DELETE, &path, Value::Null).await.status, 204);
    assert_eq!(app.call(&here, Method::DELETE, &path, Value::Null).await.status, 404);
    assert_eq!(app.call(&there, Method::GET, "/api/v1/users/me", Value::Null).await.status, 401);
    assert_eq!(app.call(&here, Method::POST, "/api/v1/users/logout", Value::Null).await.status, 204);
    assert_eq!(app.call(&here, Method::GET, "/api/v1/users/me", Value::Null).await.status, 401);
}

#[tokio::test]
async fn nobody_rises_above_themselves() {
    let app = Fixture::start().await;
    let root = app.token(ROOT).await;
    assert_eq!(app.create(&root, "admin@example.com", "admin").await.status, 201);
    let user = app.create(&root, "ann@example.com", "user").await;
    let taken = app.create(&root, "Ann@Example.com", "user").await;
    assert_eq!((taken.status, &taken.body["errors"][0]["pointer"]), (StatusCode::CONFLICT, &json!("/email")));

    let admin = app.token("admin@example.com").await;
    assert_eq!(app.create(&admin, "evil@example.com", "super_admin").await.status, 403);
    assert_eq!(app.create(&admin, "bob@example.com", "admin").await.status, 201);
    let me = app.call(&root, Method::GET, "/api/v1/users/me", Value::Null).await;
    let boss = format!("/api/v1/users/{}", me.body["id"].as_str().unwrap());
    for (method, body) in [(Method::PATCH, json!({ "name": "X" })), (Method::DELETE, Value::Null)] {
        assert_eq!(app.call(&admin, method, &boss, body).await.status, 403);
    }
    let change = json!({ "new_password": "another four words" });
    assert_eq!(app.call(&admin, Method::POST, &format!("{boss}/change-password"), change).await.status, 403);

    let ann = app.token("ann@example.com").await;
    let own = format!("/api/v1/users/{}", user.body["id"].as_str().unwrap());
    assert_eq!(app.create(&ann, "eve@example.com", "guest").await.status, 403);
    assert_eq!(app.call(&ann, Method::PATCH, &own, json!({ "role": "admin" })).await.status, 403);
    let renamed = app.call(&ann, Method::PATCH, &own, json!({ "name": "Ann" })).await;
    assert_eq!((renamed.status, renamed.etag.as_str()), (StatusCode::OK, "\"2\""));
    let key = app.call(&ann, Method::POST, "/api/v1/api-keys", json!({ "name": "k", "role": "admin" })).await;
    assert_eq!(key.status, 403);
}

#[tokio::test]
async fn the_last_super_administrator_stays() {
    let app = Fixture::start().await;
    let root = app.token(ROOT).await;
    let me = app.call(&root, Method::GET, "/api/v1/users/me", Value::Null).await.body;
    let path = format!("/api/v1/users/{}", me["id"].as_str().unwrap());
    for (method, body) in
        [(Method::DELETE, Value::Null), (Method::PATCH, json!({ "role": "admin" })), (Method::PATCH, json!({ "status": "suspended" }))]
    {
        assert_eq!(app.call(&root, method, &path, body).await.status, 409);
    }
    assert_eq!(app.create(&root, "second@example.com", "super_admin").await.status, 201);
    assert_eq!(app.call(&root, Method::DELETE, &path, Value::Null).await.status, 204);
    assert_eq!(app.call(&root, Method::GET, "/api/v1/users/me", Value::Null).await.status, 401, "a deleted user's token is good no longer");
}

#[tokio::test]
async fn who_is_suspended_is_told_so_only_with_the_right_password() {
    let app = Fixture::start().await;
    let root = app.token(ROOT).await;
    let ann = app.create(&root, "ann@example.com", "user").await;
    let token = app.token("ann@example.com").await;
    let path = format!("/api/v1/users/{}", ann.body["id"].as_str().unwrap());
    assert_eq!(app.call(&root, Method::PATCH, &path, json!({ "status": "suspended" })).await.status, 200);
    assert_eq!(app.call(&token, Method::GET, "/api/v1/users/me", Value::Null).await.status, 401);
    assert_eq!(app.login("ann@example.com", "wrong password").await.status, 401);
    let refused = app.login("ann@example.com", PASSWORD).await;
    assert_eq!(refused.status, 403);
    assert!(refused.body["detail"].as_str().unwrap().contains("suspended"));
}

#[tokio::test]
async fn a_new_password_needs_the_old_one_and_ends_other_sessions() {
    let app = Fixture::start().await;
    let (here, there) = (app.token(ROOT).await, app.token(ROOT).await);
    let me = app.call(&here, Method::GET, "/api/v1/users/me", Value::Null).await.body;
    let path = format!("/api/v1/users/{}/change-password", me["id"].as_str().unwrap());
    let change =
        |current: Value, new: &str| app.call(&here, Method::POST, &path, json!({ "current_password": current, "new_password": new }));
    let new = "some other four words";
    assert_eq!(change(Value::Null, new).await.status, 422);
    assert_eq!(change(json!("wrong password"), new).await.status, 422);
    assert_eq!(change(json!(PASSWORD), "password123").await.status, 422);
    let done = change(json!(PASSWORD), new).await;
    assert_eq!(done.status, 204, "{}", done.body);
    assert_eq!(app.call(&here, Method::GET, "/api/v1/users/me", Value::Null).await.status, 200);
    assert_eq!(app.call(&there, Method::GET, "/api/v1/users/me", Value::Null).await.status, 401);
    assert_eq!(app.login(ROOT, PASSWORD).await.status, 401);
    assert_eq!(app.login(ROOT, new).await.status, 200);
}

#[tokio::test]
async fn an_api_key_acts_with_its_role_until_it_is_deleted() {
    let app = Fixture::start().await;
    let root = app.token(ROOT).await;
    let made = app.call(&root, Method::POST, "/api/v1/api-keys", json!({ "name": "sync", "role": "user" })).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let secret = made.body["secret"].as_str().unwrap();
    assert!(secret.starts_with("looma_"));
    let list = app.send(Method::GET, "/api/v1/users", &[("x-api-key", secret)], Value::Null).await;
    assert_eq!(list.status, 200, "{}", list.body);
    let create = json!({ "email": "x@example.com", "name": "x", "role": "guest", "password": PASSWORD });
    assert_eq!(app.send(Method::POST, "/api/v1/users", &[("x-api-key", secret)], create).await.status, 403);
    assert_eq!(app.send(Method::GET, "/api/v1/users", &[("x-api-key", "looma_wrong")], Value::Null).await.status, 401);

    let path = format!("/api/v1/api-keys/{}", made.body["id"].as_str().unwrap());
    let read = app.call(&root, Method::GET, &path, Value::Null).await;
    assert_eq!((read.status, read.body.get("secret")), (StatusCode::OK, None));
    assert!(read.body["last_used_at"].is_string());
    assert_eq!(app.call(&root, Method::DELETE, &path, Value::Null).await.status, 204);
    assert_eq!(app.call(&root, Method::POST, "/api/v1/api-keys/verify", json!({ "secret": secret })).await.status, 403);
    let asker = app.kernel.service_actor(ServiceName::Gateway, looma_kernel::types::WorkspaceId::new()).unwrap();
    assert_eq!(app.call(asker.token(), Method::POST, "/api/v1/api-keys/verify", json!({ "secret": secret })).await.status, 401);
}

#[tokio::test]
async fn an_api_key_can_be_narrowed_to_permissions_and_addresses() {
    let app = Fixture::start().await;
    let root = app.token(ROOT).await;
    let make = async |fields: Value| app.call(&root, Method::POST, "/api/v1/api-keys", fields).await;
    let above = make(json!({ "name": "k", "role": "user", "scopes": ["jobs:read", "users:manage"] })).await;
    assert_eq!((above.status.as_u16(), above.body["errors"][0]["pointer"].as_str()), (422, Some("/scopes/1")), "{}", above.body);
    assert_eq!(make(json!({ "name": "k", "role": "user", "scopes": ["jobs:fly"] })).await.status, 422);
    let nowhere = make(json!({ "name": "k", "role": "user", "addresses": ["192.0.2.0/24", "office"] })).await;
    assert_eq!((nowhere.status.as_u16(), nowhere.body["errors"][0]["pointer"].as_str()), (422, Some("/addresses/1")), "{}", nowhere.body);
    assert_eq!(make(json!({ "name": "k", "role": "user", "addresses": vec!["192.0.2.1"; 51] })).await.status, 422);

    let made = make(json!({ "name": "k", "role": "admin", "scopes": ["users:read"], "addresses": ["192.0.2.7/24", "2001:db8::1"] })).await;
    assert_eq!(made.status, 201, "{}", made.body);
    assert_eq!(made.body["addresses"], json!(["192.0.2.0/24", "2001:db8::1"]));
    let secret = made.body["secret"].as_str().unwrap();
    let from = async |address: &str, method: Method, path: &str, body: Value| {
        app.send(method, path, &[("x-api-key", secret), ("x-forwarded-for", address)], body).await
    };
    for (address, expected) in
        [("192.0.2.99", 200), ("2001:db8::1", 200), ("::ffff:192.0.2.1", 200), ("192.0.3.1", 403), ("2001:db8::2", 403)]
    {
        let list = from(address, Method::GET, "/api/v1/users", Value::Null).await;
        assert_eq!(list.status, expected, "{address}: {}", list.body);
    }
    let create = json!({ "email": "x@example.com", "name": "x", "role": "guest", "password": PASSWORD });
    let beyond = from("192.0.2.99", Method::POST, "/api/v1/users", create).await;
    assert_eq!(beyond.status, 403);
    assert!(beyond.body["detail"].as_str().unwrap().contains("scope"), "{}", beyond.body);
    let without = app.send(Method::GET, "/api/v1/users", &[("x-api-key", secret)], Value::Null).await;
    assert_eq!(without.status, 403, "from nobody knows where is not from there");
}

#[tokio::test]
async fn wrong_input_is_named_and_lists_filter() {
    let app = Fixture::start().await;
    let root = app.token(ROOT).await;
    let big =
        json!({ "email": "a@example.com", "name": "a", "role": "user", "password": PASSWORD, "metadata": { "x": "y".repeat(20_000) } });
    assert_eq!(app.call(&root, Method::POST, "/api/v1/users", big).await.body["errors"][0]["pointer"], "/metadata");
    let unknown = json!({ "email": "a@example.com", "name": "a", "role": "user", "password": PASSWORD, "rank": 1 });
    assert_eq!(app.call(&root, Method::POST, "/api/v1/users", unknown).await.status, 422);
    let short = json!({ "email": "a@example.com", "name": "a", "role": "user", "password": "short" });
    assert_eq!(app.call(&root, Method::POST, "/api/v1/users", short).await.body["errors"][0]["pointer"], "/password");

    app.create(&root, "ann@example.com", "user").await;
    app.create(&root, "bob@example.com", "guest").await;
    for (query, count) in [("?q=ANN", 1), ("?role=guest", 1), ("?status=active", 3), ("?limit=2", 2), ("?q=nobody", 0)] {
        let list = app.call(&root, Method::GET, &format!("/api/v1/users{query}"), Value::Null).await;
        assert_eq!(list.body["items"].as_array().map(Vec::len), Some(count), "{query}: {}", list.body);
    }
    let page = app.call(&root, Method::GET, "/api/v1/users?limit=2", Value::Null).await.body;
    let rest = format!("/api/v1/users?limit=2&cursor={}", page["next_cursor"].as_str().unwrap());
    assert_eq!(app.call(&root, Method::GET, &rest, Value::Null).await.body["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(app.call(&root, Method::GET, "/api/v1/users?limit=0", Value::Null).await.status, 422);
    let stale = app.call(&root, Method::GET, "/api/v1/users/me", Value::Null).await.body["id"].as_str().unwrap().to_owned();
    let headers = [("authorization", &*format!("Bearer {root}")), ("if-match", "\"7\"")];
    assert_eq!(app.send(Method::PATCH, &format!("/api/v1/users/{stale}"), &headers, json!({ "name": "x" })).await.status, 412);
}

#[tokio::test]
async fn workspaces_see_nothing_of_each_other() {
    let app = Fixture::start().await;
    let root = app.token(ROOT).await;
    let other = app.call(&root, Method::POST, "/api/v1/workspaces", json!({ "name": "Other" })).await;
    assert_eq!(other.status, 201);
    let id = other.body["id"].as_str().unwrap();
    let admin = json!({ "email": "other@example.com", "name": "other", "role": "admin", "password": PASSWORD });
    assert_eq!(app.call(&root, Method::POST, &format!("/api/v1/users?workspace_id={id}"), admin).await.status, 201);
    let token = app.token("other@example.com").await;
    assert_eq!(app.call(&token, Method::GET, "/api/v1/workspaces", Value::Null).await.status, 403);
    let me = app.call(&root, Method::GET, "/api/v1/users/me", Value::Null).await.body;
    assert_eq!(app.call(&token, Method::GET, &format!("/api/v1/users/{}", me["id"].as_str().unwrap()), Value::Null).await.status, 404);
    let first = me["workspace_id"].as_str().unwrap();
    assert_eq!(app.call(&token, Method::GET, &format!("/api/v1/users?workspace_id={first}"), Value::Null).await.status, 403);
    assert_eq!(app.call(&token, Method::GET, "/api/v1/users", Value::Null).await.body["items"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn whether_somebody_may_is_answered_with_the_rule() {
    let app = Fixture::start().await;
    let root = app.token(ROOT).await;
    let id = |answer: Answer| answer.body["id"].as_str().unwrap().to_owned();
    let me = id(app.call(&root, Method::GET, "/api/v1/users/me", Value::Null).await);
    let guest = id(app.create(&root, "guest@example.com", "guest").await);
    let boss = id(app.create(&root, "boss@example.com", "admin").await);
    let ask = async |token: &str, user: &str, query: &str| {
        app.call(token, Method::GET, &format!("/api/v1/users/{user}/may?{query}"), Value::Null).await
    };
    let nowhere = uuid::Uuid::new_v4();
    for (user, query, allowed, rule) in [
        (&guest, "permission=jobs:read".to_owned(), true, "role"),
        (&guest, "permission=people:write".to_owned(), false, "role"),
        (&boss, format!("permission=users:manage&record=user:{boss}"), true, "rank"),
        (&boss, format!("permission=users:manage&record=user:{me}"), false, "rank"),
        (&boss, format!("permission=users:read&record=user:{guest}"), true, "workspace"),
        (&boss, format!("permission=users:read&record=user:{nowhere}"), false, "workspace"),
    ] {
        let answer = ask(&root, user, &query).await;
        assert_eq!((&answer.body["allowed"], &answer.body["rule"]), (&json!(allowed), &json!(rule)), "{query}: {}", answer.body);
    }
    let own = app.token("guest@example.com").await;
    assert_eq!(ask(&own, &guest, "permission=jobs:read").await.status, 200, "everybody may ask about themselves");
    assert_eq!(ask(&own, &boss, "permission=jobs:read").await.status, 403);
    for wrong in ["permission=everything", "permission=jobs:read&record=x", "permission=jobs:read&record=thing:1", ""] {
        assert!(ask(&root, &guest, wrong).await.status.is_client_error(), "{wrong}");
    }
    let token = format!("Bearer {root}");
    let suspend = json!({ "status": "suspended" });
    app.send(Method::PATCH, &format!("/api/v1/users/{guest}"), &[("authorization", &token), ("if-match", "\"1\"")], suspend).await;
    assert_eq!(ask(&root, &guest, "permission=jobs:read").await.body["rule"], "status");
}

//! Apps, from their registration to the end of their tokens: one file, because every test walks a part of the same way.

use super::*;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use looma_store::on;
use sha2::{Digest, Sha256};
use url::{Url, form_urlencoded};

const BACK: &str = "https://app.example/back?from=looma";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

type Pairs<'a> = Vec<(&'a str, &'a str)>;

fn draft() -> Value {
    json!({
        "name": "Calendar", "kind": "confidential", "grants": ["authorization_code", "refresh_token"], "redirect_uris": [BACK],
        "scopes": ["openid", "profile", "email", "offline_access", "jobs:read", "people:read", "users:manage"]
    })
}

fn itself() -> Value {
    json!({ "name": "Sync", "kind": "confidential", "grants": ["client_credentials"], "scopes": ["openid", "people:read"], "role": "user" })
}

fn challenge() -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER))
}

/// `pairs` with those of `change` in their place, without those that are empty.
fn query(pairs: &[(&str, &str)], change: &[(&str, &str)]) -> String {
    let kept = pairs.iter().filter(|(name, _)| change.iter().all(|(other, _)| other != name));
    form_urlencoded::Serializer::new(String::new()).extend_pairs(kept.chain(change).filter(|(_, value)| !value.is_empty())).finish()
}

fn param(to: &str, name: &str) -> Option<String> {
    Url::parse(to).unwrap().query_pairs().find(|(other, _)| other == name).map(|(_, value)| value.into_owned())
}

struct Registered {
    id: String,
    secret: String,
}

impl Registered {
    fn ask(&self, change: &[(&str, &str)]) -> String {
        let challenge = challenge();
        let pairs: Pairs = vec![
            ("response_type", "code"),
            ("client_id", &self.id),
            ("redirect_uri", BACK),
            ("scope", "openid profile offline_access jobs:read"),
            ("state", "a&b"),
            ("nonce", "n-1"),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        query(&pairs, change)
    }
}

impl Fixture {
    async fn register(&self, token: &str, draft: Value) -> Registered {
        let made = self.call(token, Method::POST, "/api/v1/oauth-clients", draft).await;
        assert_eq!(made.status, 201, "{}", made.body);
        let text = |name: &str| made.body[name].as_str().unwrap_or_default().to_owned();
        Registered { id: text("id"), secret: text("secret") }
    }

    async fn authorize(&self, token: Option<&str>, query: &str, decision: Value) -> Answer {
        let bearer = token.map(|token| format!("Bearer {token}"));
        let headers: Vec<_> = bearer.iter().map(|bearer| ("authorization", bearer.as_str())).collect();
        let mut body = json!({ "query": query });
        if !decision.is_null() {
            body["decision"] = decision;
        }
        self.send(Method::POST, "/oauth/authorize", &headers, body).await
    }

    /// The address that the browser goes back to.
    async fn back(&self, token: &str, query: &str, decision: Value) -> String {
        let answer = self.authorize(Some(token), query, decision).await;
        assert_eq!((answer.status, &answer.body["next"]), (StatusCode::OK, &json!("redirect")), "{}", answer.body);
        answer.body["to"].as_str().unwrap().to_owned()
    }

    async fn code(&self, token: &str, app: &Registered) -> String {
        param(&self.back(token, &app.ask(&[]), json!("allow")).await, "code").unwrap()
    }

    async fn form(&self, path: &str, pairs: &[(&str, &str)]) -> Answer {
        let body = query(pairs, &[]);
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(Body::from(body)).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store", "{path}");
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        Answer { status, etag: String::new(), body: serde_json::from_slice(&bytes).unwrap_or_default() }
    }

    async fn exchange(&self, app: &Registered, code: &str, change: &[(&str, &str)]) -> Answer {
        let pairs: Pairs = vec![
            ("grant_type", "authorization_code"),
            ("client_id", &app.id),
            ("client_secret", &app.secret),
            ("code", code),
            ("code_verifier", VERIFIER),
            ("redirect_uri", BACK),
        ];
        let kept = pairs.into_iter().filter(|(name, _)| change.iter().all(|(other, _)| other != name));
        let all: Pairs = kept.chain(change.iter().copied()).collect();
        self.form("/oauth/token", &all).await
    }

    async fn renew(&self, app: &Registered, token: &str) -> Answer {
        let id = [("client_id", &*app.id), ("client_secret", &*app.secret)];
        self.form("/oauth/token", &[&id[..], &[("grant_type", "refresh_token"), ("refresh_token", token)]].concat()).await
    }

    async fn about(&self, path: &str, app: &Registered, token: &str) -> Answer {
        self.form(path, &[("client_id", &app.id), ("client_secret", &app.secret), ("token", token)]).await
    }

    async fn user_info(&self, token: &str) -> Answer {
        self.call(token, Method::GET, "/oauth/userinfo", Value::Null).await
    }
}

fn text(answer: &Answer, name: &str) -> String {
    answer.body[name].as_str().unwrap_or_else(|| panic!("{name}: {}", answer.body)).to_owned()
}

fn payload(token: &str) -> Value {
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap()).unwrap()
}

#[tokio::test]
async fn an_app_is_let_in_once_and_acts_until_it_is_put_out() {
    let app = Fixture::start().await;
    let root = app.token(ROOT).await;
    let calendar = app.register(&root, draft()).await;
    assert_eq!(app.authorize(None, &calendar.ask(&[]), Value::Null).await.body["next"], "sign_in");
    let asked = app.authorize(Some(&root), &calendar.ask(&[]), Value::Null).await;
    let expected = json!({ "next": "consent", "client": "Calendar", "origin": "https://app.example",
        "scopes": ["openid", "profile", "offline_access", "jobs:read"] });
    assert_eq!(asked.body, expected);

    let to = app.back(&root, &calendar.ask(&[]), json!("allow")).await;
    assert!(to.starts_with("https://app.example/back?from=looma&code="), "{to}");
    assert_eq!(param(&to, "state").as_deref(), Some("a&b"));
    assert_eq!(param(&to, "iss").as_deref(), Some("http://127.0.0.1:9000"));
    let first = app.exchange(&calendar, &param(&to, "code").unwrap(), &[]).await;
    assert_eq!(first.status, 200, "{}", first.body);
    assert_eq!((&first.body["token_type"], &first.body["scope"]), (&json!("Bearer"), &json!("openid profile offline_access jobs:read")));
    let (access, identity) = (text(&first, "access_token"), payload(&text(&first, "id_token")));
    assert_eq!(
        (&identity["iss"], &identity["aud"], &identity["nonce"]),
        (&json!("http://127.0.0.1:9000"), &json!(calendar.id), &json!("n-1"))
    );
    assert_eq!((&payload(&access)["client_id"], &payload(&access)["scope"]), (&json!(calendar.id), &first.body["scope"]));
    assert_eq!(app.user_info(&text(&first, "id_token")).await.status, 401, "an identity is no access token");
    let who = app.user_info(&access).await;
    assert_eq!((who.status, &who.body["sub"], who.body.get("email")), (StatusCode::OK, &identity["sub"], None), "{}", who.body);
    assert!(who.body["name"].is_string());

    assert!(param(&app.back(&root, &calendar.ask(&[("prompt", "none")]), Value::Null).await, "code").is_some(), "remembered");
    assert_eq!(app.authorize(Some(&root), &calendar.ask(&[("prompt", "consent")]), Value::Null).await.body["next"], "consent");
    let more = calendar.ask(&[("scope", "openid email"), ("prompt", "none")]);
    assert_eq!(param(&app.back(&root, &more, Value::Null).await, "error").as_deref(), Some("consent_required"));

    let apps = app.call(&root, Method::GET, "/api/v1/users/me/apps", Value::Null).await;
    assert_eq!((&apps.body["items"][0]["name"], apps.body["items"][0]["last_used_at"].is_string()), (&json!("Calendar"), true));
    let sessions = app.call(&root, Method::GET, "/api/v1/users/me/sessions", Value::Null).await;
    assert_eq!(sessions.body["items"].as_array().map(Vec::len), Some(1), "an app's session is no sign-in");
    let own = format!("/api/v1/users/me/apps/{}", calendar.id);
    assert_eq!(app.call(&access, Method::DELETE, &own, Value::Null).await.status, 403);
    assert_eq!(app.call(&root, Method::DELETE, &own, Value::Null).await.status, 204);
    assert_eq!(app.user_info(&access).await.status, 401);
    assert_eq!(app.renew(&calendar, &text(&first, "refresh_token")).await.body["error"], "invalid_grant");
    assert_eq!(app.authorize(Some(&root), &calendar.ask(&[]), Value::Null).await.body["next"], "consent");
}

#[tokio::test]
async fn nobody_is_sent_to_an_address_that_is_not_the_apps() {
    let app = Fixture::start().await;
    let root = app.token(ROOT).await;
    let calendar = app.register(&root, draft()).await;
    let unknown = looma_kernel::types::ClientId::new().to_string();
    for (change, pointer) in [
        (("redirect_uri", "https://app.example/back"), "redirect_uri"),
        (("redirect_uri", "https://app.example/back?from=looma&x"), "redirect_uri"),
        (("redirect_uri", "https://evil.example/"), "redirect_uri"),
        (("redirect_uri", ""), "redirect_uri"),
        (("client_id", unknown.as_str()), "client_id"),
        (("client_id", "me"), "client_id"),
    ] {
        for decision in [Value::Null, json!("allow"), json!("deny")] {
            let answer = app.authorize(Some(&root), &calendar.ask(&[change]), decision).await;
            assert_eq!((answer.status.as_u16(), &answer.body["errors"][0]["pointer"]), (422, &json!(pointer)), "{change:?}");
        }
    }
    let twice = format!("{}&redirect_uri=https%3A%2F%2Fevil.example", calendar.ask(&[]));
    assert_eq!(app.authorize(Some(&root), &twice, json!("allow")).await.status, 422);
}

#[tokio::test]
async fn what_an_app_asks_wrongly_is_told_where_it_is_known_to_be() {
    let app = Fixture::start().await;
    let root = app.token(ROOT).await;
    let calendar = app.register(&root, draft()).await;
    for (change, error) in [
        (("code_challenge", ""), "invalid_request"),
        (("code_challenge", "short"), "invalid_request"),
        (("code_challenge_method", ""), "invalid_request"),
        (("code_challenge_method", "plain"), "invalid_request"),
        (("response_type", "token"), "unsupported_response_type"),
        (("response_mode", "fragment"), "invalid_request"),
        (("request", "x"), "request_not_supported"),
        (("scope", ""), "invalid_scope"),
        (("scope", "openid jobs:fly"), "invalid_scope"),
        (("scope", "openid jobs:write"), "invalid_scope"),
        (("prompt", "none login"), "invalid_request"),
        (("prompt", "select_account"), "invalid_request"),
        (("max_age", "soon"), "invalid_request"),
    ] {
        let to = app.back(&root, &calendar.ask(&[change]), json!("allow")).await;
        assert!(to.starts_with("https://app.example/back?from=looma&error="), "{to}");
        assert_eq!((param(&to, "error").as_deref(), param(&to, "state").as_deref()), (Some(error), Some("a&b")), "{change:?}");
        assert!(param(&to, "iss").is_some() && param(&to, "code").is_none());
    }
    let twice = format!("{}&nonce=other", calendar.ask(&[]));
    assert_eq!(param(&app.back(&root, &twice, json!("allow")).await, "error").as_deref(), Some("invalid_request"));
    let denied = app.back(&root, &calendar.ask(&[]), json!("deny")).await;
    assert_eq!((param(&denied, "error").as_deref(), param(&denied, "code")), (Some("access_denied"), None));
    let nobody = app.authorize(None, &calendar.ask(&[("prompt", "none")]), Value::Null).await;
    assert_eq!(param(nobody.body["to"].as_str().unwrap(), "error").as_deref(), Some("login_required"));
}

#[tokio::test]
async fn a_sign_in_that_is_too_old_is_asked_for_anew() {
    let app = Fixture::start().await;
    let root = app.token(ROOT).await;
    let calendar = app.register(&root, draft()).await;
    assert_eq!(app.authorize(Some(&root), &calendar.ask(&[("prompt", "login")]), Value::Null).await.body["next"], "consent");
    let before = looma_kernel::types::now() - chrono::TimeDelta::hours(1);
    on!(app.kernel.stores().sql.write(), db => sqlx::query("UPDATE session SET created_at = $1").bind(before).execute(db).await.map(|_| ())).unwrap();
    for change in [("prompt", "login"), ("max_age", "600")] {
        for decision in [Value::Null, json!("allow")] {
            assert_eq!(app.authorize(Some(&root), &calendar.ask(&[change]), decision).await.body["next"], "sign_in", "{change:?}");
        }
    }
    assert_eq!(app.authorize(Some(&root), &calendar.ask(&[("max_age", "7200")]), Value::Null).await.body["next"], "consent");
}

#[tokio::test]
async fn a_code_is_exchanged_by_its_app_with_its_verifier_in_its_time() {
    let app = Fixture::start().await;
    let root = app.token(ROOT).await;
    let calendar = app.register(&root, draft()).await;
    let other = app.register(&root, draft()).await;
    let code = app.code(&root, &calendar).await;
    for (change, status, error) in [
        (("code_verifier", ""), 400, "invalid_request"),
        (("code_verifier", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXx"), 400, "invalid_grant"),
        (("redirect_uri", "https://app.example/back"), 400, "invalid_grant"),
        (("client_secret", "wrong"), 401, "invalid_client"),
        (("client_secret", ""), 401, "invalid_client"),
        (("grant_type", "password"), 400, "unsupported_grant_type"),
        (("grant_type", "client_credentials"), 400, "unauthorized_client"),
        (("code", "nonsense"), 400, "invalid_grant"),
    ] {
        let refused = app.exchange(&calendar, &code, &[change]).await;
        assert_eq!((refused.status.as_u16(), &refused.body["error"]), (status, &json!(error)), "{change:?}: {}", refused.body);
    }
    assert_eq!(app.exchange(&other, &code, &[]).await.body["error"], "invalid_grant", "another app's");
    assert_eq!(app.exchange(&calendar, &code, &[]).await.status, 200, "what was wrong did not use it up");

    let late = app.code(&root, &calendar).await;
    let before = looma_kernel::types::now() - chrono::TimeDelta::seconds(1);
    on!(app.kernel.stores().sql.write(), db => sqlx::query("UPDATE oauth_code SET expires_at = $1 WHERE session_id IS NULL").bind(before).execute(db).await.map(|_| ())).unwrap();
    assert_eq!(app.exchange(&calendar, &late, &[]).await.body["error"], "invalid_grant");
    let json = app.send(Method::POST, "/oauth/token", &[], json!({ "grant_type": "authorization_code" })).await;
    assert_eq!((json.status.as_u16(), &json.body["error"]), (400, &json!("invalid_request")));
}

#[tokio::test]
async fn a_code_or_refresh_token_that_is_used_again_ends_what_came_of_it() {
    let app = Fixture::start().await;
    let root = app.token(ROOT).await;
    let calendar = app.register(&root, draft()).await;
    let code = app.code(&root, &calendar).await;
    let first = app.exchange(&calendar, &code, &[]).await;
    assert_eq!(app.exchange(&calendar, &code, &[]).await.body["error"], "invalid_grant");
    assert_eq!(app.user_info(&text(&first, "access_token")).await.status, 401);
    assert_eq!(app.renew(&calendar, &text(&first, "refresh_token")).await.status, 400);

    let first = app.exchange(&calendar, &app.code(&root, &calendar).await, &[]).await;
    let refresh = text(&first, "refresh_token");
    let full = app.send(Method::POST, "/api/v1/users/refresh", &[], json!({ "refresh_token": refresh })).await;
    assert_eq!(full.status, 401, "an app gets no session of its user");
    let own = app.login(ROOT, PASSWORD).await;
    assert_eq!(app.renew(&calendar, &text(&own, "refresh_token")).await.body["error"], "invalid_grant");
    let second = app.renew(&calendar, &refresh).await;
    assert_eq!(second.status, 200, "{}", second.body);
    assert_eq!(app.user_info(&text(&second, "access_token")).await.status, 200);
    assert_eq!(app.renew(&calendar, &refresh).await.body["error"], "invalid_grant");
    assert_eq!(app.renew(&calendar, &text(&second, "refresh_token")).await.body["error"], "invalid_grant", "the whole family is gone");
    assert_eq!(app.user_info(&text(&second, "access_token")).await.status, 401);
    assert_eq!(app.call(&root, Method::GET, "/api/v1/users/me", Value::Null).await.status, 200, "the user stays signed in");
    let actions = app.actions().await;
    for action in ["oauth_client.create", "oauth.allowed", "oauth.began", "oauth.code_reused", "oauth.refresh_reused"] {
        assert!(actions.iter().any(|done| done == action), "{action}: {actions:?}");
    }
    let events = format!("{:?}", app.kernel.stores().sql.events_after(0, 1000).await.unwrap());
    assert!(!events.contains(&calendar.secret) && !events.contains(&code));
}

#[tokio::test]
async fn tokens_are_explained_to_and_ended_by_their_own_app_alone() {
    let app = Fixture::start().await;
    let root = app.token(ROOT).await;
    let (calendar, other) = (app.register(&root, draft()).await, app.register(&root, draft()).await);
    let tokens = app.exchange(&calendar, &app.code(&root, &calendar).await, &[]).await;
    let (access, refresh) = (text(&tokens, "access_token"), text(&tokens, "refresh_token"));
    let seen = app.about("/oauth/introspect", &calendar, &access).await;
    assert_eq!(
        (&seen.body["active"], &seen.body["client_id"], &seen.body["token_type"]),
        (&json!(true), &json!(calendar.id), &json!("Bearer"))
    );
    assert_eq!(app.about("/oauth/introspect", &calendar, &refresh).await.body["token_type"], "refresh_token");
    for token in [&access, &refresh, &root, "nonsense"] {
        assert_eq!(app.about("/oauth/introspect", &other, token).await.body, json!({ "active": false }));
        assert_eq!(app.about("/oauth/revoke", &other, token).await.status, 200);
    }
    assert_eq!(app.user_info(&access).await.status, 200, "another app ends nothing");
    assert_eq!(app.user_info(&root).await.status, 403, "a session's own token is not for this");
    assert_eq!(app.about("/oauth/revoke", &calendar, &refresh).await.status, 200);
    assert_eq!(app.about("/oauth/introspect", &calendar, &access).await.body, json!({ "active": false }));
    assert_eq!(app.user_info(&access).await.status, 401);

    let mut public = draft();
    public["kind"] = json!("public");
    let phone = app.register(&root, public).await;
    assert_eq!(phone.secret, "");
    assert_eq!(app.exchange(&phone, &app.code(&root, &phone).await, &[]).await.status, 200);
    assert_eq!(app.about("/oauth/introspect", &phone, &access).await.body["error"], "unauthorized_client");
}

#[tokio::test]
async fn an_app_acts_for_itself_within_its_scopes_until_they_change() {
    let app = Fixture::start().await;
    let root = app.token(ROOT).await;
    let sync = app.register(&root, itself()).await;
    let own = async |secret: &str, scope: &str| {
        let pairs = [("grant_type", "client_credentials"), ("client_id", &*sync.id), ("client_secret", secret), ("scope", scope)];
        app.form("/oauth/token", &pairs).await
    };
    let tokens = own(&sync.secret, "").await;
    assert_eq!((tokens.status, &tokens.body["scope"]), (StatusCode::OK, &json!("people:read")), "{}", tokens.body);
    assert!(tokens.body.get("refresh_token").is_none() && tokens.body.get("id_token").is_none());
    let access = text(&tokens, "access_token");
    assert_eq!((&payload(&access)["role"], &payload(&access)["sub"]), (&json!("user"), &json!(sync.id)));
    for scope in ["openid", "jobs:read", "people:read users:manage", "fly"] {
        assert_eq!(own(&sync.secret, scope).await.body["error"], "invalid_scope", "{scope}");
    }
    assert_eq!(app.about("/oauth/introspect", &sync, &access).await.body["active"], true);
    assert_eq!(app.about("/oauth/revoke", &sync, &access).await.status, 200);
    assert_eq!(app.about("/oauth/introspect", &sync, &access).await.body, json!({ "active": false }));

    let access = text(&own(&sync.secret, "").await, "access_token");
    let path = format!("/api/v1/oauth-clients/{}", sync.id);
    let rotated = app.call(&root, Method::POST, &format!("{path}/secret"), Value::Null).await;
    assert_eq!(own(&sync.secret, "").await.body["error"], "invalid_client");
    let secret = text(&rotated, "secret");
    assert_eq!(app.call(&access, Method::GET, "/api/v1/users", Value::Null).await.status, 401, "gotten with the secret before");
    let access = text(&own(&secret, "").await, "access_token");
    assert_eq!(app.call(&root, Method::DELETE, &path, Value::Null).await.status, 204);
    assert_eq!(app.call(&access, Method::GET, "/api/v1/users", Value::Null).await.status, 401);
    assert_eq!(own(&secret, "").await.body["error"], "invalid_client");
}

#[tokio::test]
async fn apps_are_registered_by_administrators_within_their_rights() {
    let app = Fixture::start().await;
    let root = app.token(ROOT).await;
    let path = "/api/v1/oauth-clients";
    for (change, pointer) in [
        (json!({ "name": " " }), "/name"),
        (json!({ "redirect_uris": [] }), "/redirect_uris"),
        (json!({ "redirect_uris": ["http://app.example/"] }), "/redirect_uris/0"),
        (json!({ "redirect_uris": vec![BACK; 11] }), "/redirect_uris"),
        (json!({ "grants": ["refresh_token"] }), "/grants"),
        (json!({ "grants": ["password"] }), "/grants/0"),
        (json!({ "scopes": ["jobs:fly"] }), "/scopes/0"),
        (json!({ "role": "user" }), "/role"),
        (json!({ "kind": "public", "grants": ["client_credentials"], "role": "user", "redirect_uris": [] }), "/grants"),
        (json!({ "surprise": 1 }), "/surprise"),
    ] {
        let mut wrong = draft();
        wrong.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let refused = app.call(&root, Method::POST, path, wrong).await;
        assert_eq!((refused.status.as_u16(), &refused.body["errors"][0]["pointer"]), (422, &json!(pointer)), "{change}: {}", refused.body);
    }
    app.create(&root, "admin@example.com", "admin").await;
    app.create(&root, "ann@example.com", "user").await;
    let (admin, ann) = (app.token("admin@example.com").await, app.token("ann@example.com").await);
    assert_eq!(app.call(&ann, Method::POST, path, draft()).await.status, 403);
    let mut high = itself();
    high["role"] = json!("super_admin");
    assert_eq!(app.call(&admin, Method::POST, path, high.clone()).await.status, 403);
    let above = app.register(&root, high.clone()).await;
    let one = format!("{path}/{}", above.id);
    high["role"] = json!("user");
    assert_eq!(app.call(&admin, Method::PUT, &one, high.clone()).await.status, 403);
    assert_eq!(app.call(&admin, Method::POST, &format!("{one}/secret"), Value::Null).await.status, 403);
    assert_eq!(app.call(&admin, Method::DELETE, &one, Value::Null).await.status, 403);
    let changed = app.call(&root, Method::PUT, &one, high.clone()).await;
    assert_eq!((changed.status, changed.etag.as_str(), changed.body.get("secret")), (StatusCode::OK, "\"2\"", None));
    high["kind"] = json!("public");
    assert_eq!(app.call(&root, Method::PUT, &one, high).await.status, 422);
    let list = app.call(&admin, Method::GET, path, Value::Null).await;
    assert_eq!(list.body["items"].as_array().map(Vec::len), Some(1), "{}", list.body);

    // Who may less gives less, and an app makes nothing that would outgrow it.
    let calendar = app.register(&root, draft()).await;
    let asked = app.authorize(Some(&ann), &calendar.ask(&[("scope", "openid users:manage")]), Value::Null).await;
    assert_eq!(asked.body["scopes"], json!(["openid"]));
    let tokens = app.exchange(&calendar, &app.code(&ann, &calendar).await, &[]).await;
    let access = text(&tokens, "access_token");
    for (method, path, body) in [
        (Method::POST, "/api/v1/api-keys", json!({ "name": "k", "role": "user" })),
        (Method::DELETE, "/api/v1/users/me/sessions", Value::Null),
        (Method::POST, "/oauth/authorize", json!({ "query": calendar.ask(&[]), "decision": "allow" })),
    ] {
        assert_eq!(app.call(&access, method, path, body).await.status, 403, "{path}");
    }
    let me = app.call(&ann, Method::GET, "/api/v1/users/me", Value::Null).await.body;
    let suspended =
        app.call(&root, Method::PATCH, &format!("/api/v1/users/{}", me["id"].as_str().unwrap()), json!({ "status": "suspended" })).await;
    assert_eq!(suspended.status, 200);
    assert_eq!(app.user_info(&access).await.status, 401);
    assert_eq!(app.renew(&calendar, &text(&tokens, "refresh_token")).await.status, 400);
}

#[tokio::test]
async fn discovery_names_what_answers() {
    let app = Fixture::start().await;
    let known = app.send(Method::GET, "/.well-known/openid-configuration", &[], Value::Null).await.body;
    assert_eq!(
        (&known["issuer"], &known["authorization_endpoint"]),
        (&json!("http://127.0.0.1:9000"), &json!("http://127.0.0.1:9203/oauth/authorize"))
    );
    for name in ["token_endpoint", "revocation_endpoint", "introspection_endpoint", "userinfo_endpoint", "jwks_uri"] {
        let path = known[name].as_str().unwrap().strip_prefix("http://127.0.0.1:9000").unwrap().to_owned();
        let status = app.send(Method::GET, &path, &[], Value::Null).await.status.as_u16();
        assert!(matches!(status, 200 | 401 | 405), "{path}: {status}");
    }
    let keys = app.send(Method::GET, "/.well-known/jwks.json", &[], Value::Null).await.body;
    assert_eq!(known["id_token_signing_alg_values_supported"], json!([keys["keys"][0]["alg"]]));
    assert_eq!(app.send(Method::GET, "/.well-known/oauth-authorization-server", &[], Value::Null).await.body, known);
}

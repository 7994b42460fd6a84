//! The gateway as its clients see it, with services of the tests' own behind it.

mod resilience;
mod upstream;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use looma_kernel::types::user::Claims;
use looma_kernel::types::{Role, ServiceName, WorkspaceId};
use looma_kernel::{Actor, App, Kernel, Settings, telemetry};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tower::ServiceExt;

/// The user service of these tests: a key is a role's name.
async fn key_of_a_role(Json(body): Json<serde_json::Value>) -> Json<Claims> {
    let role: Role = body["secret"].as_str().unwrap().parse().unwrap();
    let (sub, wid) = (uuid::Uuid::new_v4(), WorkspaceId::new());
    Json(Claims { iss: String::new(), aud: String::new(), sub, wid, sid: None, role, name: "a key".into(), iat: 0, exp: 0, scope: None })
}

struct Fixture {
    kernel: Kernel,
    router: Router,
    token: String,
}

impl Fixture {
    async fn start(change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = Settings::in_memory();
        change(&mut settings);
        let logs = telemetry::start(&settings.log);
        let kernel = Kernel::open(settings, logs).await.unwrap();
        let token = kernel.service_actor(ServiceName::Web, WorkspaceId::new()).unwrap().token().to_owned();
        let (_, router) = crate::app(&kernel).await.unwrap().finish();
        let app = Self { kernel, router, token };
        app.service(ServiceName::User, Router::new().route("/api/v1/api-keys/verify", post(key_of_a_role)));
        app
    }

    /// Puts a service behind the door.
    fn service(&self, name: ServiceName, routes: Router) {
        let _ = App::new(&self.kernel, name, "of a test").plain_routes(routes).finish();
    }

    async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Response {
        let mut request = Request::builder().uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
    }

    /// With an API key of this role.
    async fn get_as(&self, path: &str, role: Role) -> Response {
        self.get(path, &[("x-api-key", role.as_str())]).await
    }

    async fn get_signed_in(&self, path: &str) -> Response {
        self.get(path, &[("authorization", &format!("Bearer {}", self.token))]).await
    }
}

#[tokio::test]
async fn nobody_passes_without_a_token_and_nothing_leads_nowhere() {
    let app = Fixture::start(|_| ()).await;
    app.service(ServiceName::Job, Router::new().route("/api/v1/jobs", get(|actor: Actor| async move { actor.name })));
    let refused = app.get("/api/v1/jobs", &[]).await;
    assert_eq!(refused.status(), 401);
    assert_eq!(refused.headers()["content-type"], "application/problem+json");
    assert_eq!(app.get("/api/v1/jobs", &[("authorization", "Bearer nonsense")]).await.status(), 401);
    assert_eq!(app.get_signed_in("/api/v1/nowhere").await.status(), 404);
    let passed = app.get_signed_in("/api/v1/jobs/").await;
    assert_eq!(passed.status(), 200);
    assert_eq!(passed.headers()["x-content-type-options"], "nosniff");
    assert!(passed.headers().contains_key("ratelimit") && passed.headers().contains_key("ratelimit-policy"));
    assert_eq!(app.get("/health/live", &[]).await.status(), 200);
}

#[tokio::test]
async fn the_service_learns_who_asks_and_from_where() {
    let app = Fixture::start(|_| ()).await;
    let seen = get(|headers: HeaderMap, request: Request| async move {
        let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
        format!("{}|{}|{}", request.extensions().get::<Actor>().is_some(), text("x-forwarded-host"), text("x-request-id"))
    });
    app.service(ServiceName::Job, Router::new().route("/api/v1/jobs", seen));
    let token = format!("Bearer {}", app.token);
    let answer =
        app.get("/api/v1/jobs", &[("authorization", &token), ("x-forwarded-host", "evil.example"), ("x-request-id", "abc-12345")]).await;
    let bytes = axum::body::to_bytes(answer.into_body(), 1000).await.unwrap();
    assert_eq!(bytes, "true||abc-12345");
}

#[tokio::test]
async fn too_many_requests_are_told_when_to_come_back() {
    let app = Fixture::start(|settings| (settings.gateway.rate_limit_per_second, settings.gateway.rate_limit_burst) = (1, 2)).await;
    app.service(ServiceName::Job, Router::new().route("/api/v1/jobs", get(|| async { "ok" })));
    for expected in [200, 200, 429] {
        let answer = app.get_signed_in("/api/v1/jobs").await;
        assert_eq!(answer.status(), expected);
        assert_eq!(answer.headers().contains_key("retry-after"), expected == 429);
    }
    app.kernel.live().send_modify(|live| live.rate_limit_burst = 100);
    for _ in 0..200 {
        if app.get_signed_in("/api/v1/jobs").await.status() == 200 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    panic!("the new rate never came into force");
}

#[tokio::test]
async fn a_failing_service_is_given_a_rest_and_a_refusal_is_no_failure() {
    let app = Fixture::start(|settings| (settings.gateway.breaker_failures, settings.gateway.breaker_open_seconds) = (3, 60)).await;
    let routes = Router::new()
        .route("/api/v1/jobs/broken", get(|| async { StatusCode::INTERNAL_SERVER_ERROR }))
        .route("/api/v1/jobs/refused", get(|| async { StatusCode::UNPROCESSABLE_ENTITY }));
    app.service(ServiceName::Job, routes);
    for _ in 0..5 {
        assert_eq!(app.get_signed_in("/api/v1/jobs/refused").await.status(), 422);
    }
    for _ in 0..3 {
        assert_eq!(app.get_signed_in("/api/v1/jobs/broken").await.status(), 500);
    }
    let rests = app.get_signed_in("/api/v1/jobs/refused").await;
    assert_eq!(rests.status(), 503);
    assert_eq!(rests.headers()["retry-after"], "60");
    let shown = app.get_signed_in("/gateway/breakers").await;
    let body = String::from_utf8(axum::body::to_bytes(shown.into_body(), 10_000).await.unwrap().to_vec()).unwrap();
    assert!(body.contains(r#"{"service":"job","state":"open""#), "{body}");
    assert_eq!(app.get("/gateway/breakers", &[]).await.status(), 401);
}

#[tokio::test]
async fn only_the_import_takes_large_bodies() {
    let app = Fixture::start(|_| ()).await;
    let length = || post(|body: axum::body::Bytes| async move { body.len().to_string() });
    let uploads = Router::new().route("/api/v1/resumes/import", length()).layer(axum::extract::DefaultBodyLimit::disable());
    let _ = App::new(&app.kernel, ServiceName::Resume, "of a test").takes_uploads().plain_routes(uploads).finish();
    app.service(ServiceName::Job, Router::new().route("/api/v1/jobs", length()));
    for (path, expected) in [("/api/v1/resumes/import", 200), ("/api/v1/jobs", 413)] {
        let body = vec![b'x'; 5 << 20];
        let request = Request::post(path).header("authorization", format!("Bearer {}", app.token)).header("content-length", body.len());
        let answer = app.router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        assert_eq!(answer.status(), expected, "{path}");
    }
}

#[tokio::test]
async fn a_service_in_maintenance_answers_those_alone_who_operate_it() {
    let app = Fixture::start(|_| ()).await;
    app.service(ServiceName::Job, Router::new().route("/api/v1/jobs", get(|| async { "ok" })));
    app.service(ServiceName::Skill, Router::new().route("/api/v1/skills", get(|| async { "ok" })));
    app.kernel.live().send_modify(|live| live.maintenance = vec![ServiceName::Job]);
    let ask = |path: &'static str, role| app.get_as(path, role);
    let resting = ask("/api/v1/jobs", Role::Admin).await;
    assert_eq!((resting.status().as_u16(), resting.headers()["retry-after"].as_bytes()), (503, b"60".as_slice()));
    assert_eq!(ask("/api/v1/skills", Role::Admin).await.status(), 200);
    assert_eq!(ask("/api/v1/jobs", Role::SuperAdmin).await.status(), 200);
    app.kernel.live().send_modify(|live| live.maintenance.clear());
    assert_eq!(ask("/api/v1/jobs", Role::Admin).await.status(), 200);
}

#[tokio::test]
async fn what_a_role_may_not_do_never_reaches_the_service() {
    let app = Fixture::start(|_| ()).await;
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = asked.clone();
    let answer = get(move || async move { counted.fetch_add(1, Ordering::Relaxed).to_string() });
    let routes = Router::new().route("/api/v1/people", answer.clone()).route("/api/v1/people/{*rest}", answer);
    app.service(ServiceName::Relationship, routes);
    assert_eq!(app.get_as("/api/v1/people", Role::Guest).await.status(), 403);
    assert_eq!(asked.load(Ordering::Relaxed), 0);
    assert_eq!(app.get_as("/api/v1/people", Role::User).await.status(), 200);
    // A route that is in no contract is for the service to refuse.
    assert_eq!(app.get_as("/api/v1/people/x/y/z", Role::Guest).await.status(), 200);
    assert_eq!(asked.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn only_named_origins_may_use_the_api_from_their_pages() {
    let app = Fixture::start(|settings| settings.gateway.cors_origins = vec!["https://careers.example".into()]).await;
    app.service(ServiceName::Job, Router::new().route("/api/v1/jobs", get(|| async { "ok" })));
    let allowed = |answer: &Response| answer.headers().get("access-control-allow-origin").map(|value| value.to_str().unwrap().to_owned());
    for (origin, expected) in [("https://careers.example", Some("https://careers.example")), ("https://evil.example", None), ("null", None)]
    {
        let token = format!("Bearer {}", app.token);
        let answer = app.get("/api/v1/jobs", &[("authorization", &token), ("origin", origin)]).await;
        assert_eq!((answer.status().as_u16(), allowed(&answer).as_deref()), (200, expected), "{origin}");
        assert!(!answer.headers().contains_key("access-control-allow-credentials"));
        let request = Request::builder()
            .method("OPTIONS")
            .uri("/api/v1/jobs")
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "authorization,content-type");
        let asked_first = app.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(allowed(&asked_first).as_deref(), expected, "{origin}");
    }
}

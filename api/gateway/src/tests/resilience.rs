//! What clients of the gateway see when copies of a service fail, hang or are gone.

use super::Fixture;
use super::upstream::{Manner, Upstream};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, Method};
use axum::response::Response;
use axum::routing::{get, post};
use futures::{StreamExt, stream};
use looma_kernel::Settings;
use looma_kernel::settings::ServiceSettings;
use looma_kernel::types::ServiceName;
use serde_json::Value;
use std::convert::Infallible;
use std::time::{Duration, Instant};
use tower::ServiceExt;

/// For what should happen soon.
const SOON: Duration = Duration::from_secs(10);
/// Nothing listens there.
const NOWHERE: &str = "http://127.0.0.1:1";

impl Fixture {
    /// A gateway whose job service has copies elsewhere.
    async fn with_copies(urls: &[&str], change: impl FnOnce(&mut Settings)) -> Self {
        let urls = urls.iter().map(|url| (*url).to_owned()).collect();
        Self::start(|settings| {
            settings.services.insert("job".into(), ServiceSettings { urls, ..ServiceSettings::default() });
            (settings.gateway.breaker_failures, settings.gateway.breaker_open_seconds) = (3, 60);
            settings.gateway.health_seconds = 60;
            change(settings);
        })
        .await
    }

    async fn send(&self, method: Method, body: Body) -> Response {
        let request = Request::builder().method(method).uri("/api/v1/jobs").header("authorization", format!("Bearer {}", self.token));
        self.router.clone().oneshot(request.body(body).unwrap()).await.unwrap()
    }

    async fn job(&self) -> u16 {
        self.send(Method::GET, Body::empty()).await.status().as_u16()
    }

    /// How the copies of the job service are.
    async fn copies(&self) -> Vec<Value> {
        let answer = self.get_signed_in("/gateway/breakers").await;
        let page: Value = serde_json::from_slice(&axum::body::to_bytes(answer.into_body(), 100_000).await.unwrap()).unwrap();
        page["items"].as_array().unwrap().iter().filter(|item| item["service"] == "job").cloned().collect()
    }
}

/// Asks again until it is so.
async fn until(mut is_so: impl AsyncFnMut() -> bool) {
    let asked = async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(SOON, asked).await.expect("it never came to this");
}

fn one_second_for_jobs(settings: &mut Settings) {
    settings.gateway.timeouts.insert("/api/v1/jobs".into(), 1);
}

#[tokio::test]
async fn a_copy_that_fails_is_given_a_rest_and_heals() {
    let copy = Upstream::start(Manner::Fails).await;
    let app = Fixture::with_copies(&[&copy.url], |settings| settings.gateway.breaker_open_seconds = 1).await;
    for _ in 0..3 {
        assert_eq!(app.job().await, 500);
    }
    assert_eq!(app.job().await, 503);
    assert_eq!(copy.hits(), 3, "while it rests it is not asked");
    let state = &app.copies().await[0];
    assert_eq!((&state["state"], &state["address"], &state["ejected"]), (&"open".into(), &copy.url.as_str().into(), &true.into()));
    copy.turn(Manner::Well);
    until(async || app.job().await == 200).await;
    assert_eq!(app.copies().await[0]["state"], "closed");
}

#[tokio::test]
async fn of_two_copies_the_one_that_drops_connections_is_left_out_and_nobody_notices() {
    let (good, bad) = (Upstream::start(Manner::Well).await, Upstream::start(Manner::Drops).await);
    let app = Fixture::with_copies(&[&good.url, &bad.url], |settings| settings.gateway.breaker_failures = 1).await;
    until(async || {
        assert_eq!(app.job().await, 200);
        bad.hits() > 0
    })
    .await;
    let copies = app.copies().await;
    assert_eq!((&copies[0]["ejected"], &copies[1]["ejected"]), (&false.into(), &true.into()), "{copies:?}");
    for _ in 0..40 {
        assert_eq!(app.job().await, 200);
    }
    assert_eq!(bad.hits(), 1);
}

#[tokio::test]
async fn when_all_copies_fail_no_storm_of_retries_comes_over_them() {
    let (one, two) = (Upstream::start(Manner::Fails).await, Upstream::start(Manner::Fails).await);
    let app = Fixture::with_copies(&[&one.url, &two.url], |settings| settings.gateway.breaker_failures = u32::MAX).await;
    for _ in 0..100 {
        assert_eq!(app.job().await, 500);
    }
    let hits = one.hits() + two.hits();
    assert!((110..=120).contains(&hits), "{hits}: ten, and a tenth of the requests");
}

#[tokio::test]
async fn what_may_have_been_done_is_not_done_again() {
    let (one, two) = (Upstream::start(Manner::Drops).await, Upstream::start(Manner::Fails).await);
    let app = Fixture::with_copies(&[&one.url, &two.url], |settings| settings.gateway.breaker_failures = u32::MAX).await;
    for sent in 1..=10 {
        assert!(app.send(Method::POST, Body::empty()).await.status().is_server_error());
        assert_eq!(one.hits() + two.hits(), sent);
    }
}

#[tokio::test]
async fn what_was_surely_not_sent_is_sent_to_another_copy() {
    let copy = Upstream::start(Manner::Well).await;
    let app = Fixture::with_copies(&[NOWHERE, &copy.url], |_| ()).await;
    for sent in 1..=20 {
        assert_eq!(app.send(Method::POST, Body::empty()).await.status(), 200);
        assert_eq!(copy.hits(), sent);
    }
}

#[tokio::test]
async fn a_deadline_travels_on_and_is_504_when_it_is_over() {
    let copy = Upstream::start(Manner::Hangs).await;
    let app = Fixture::with_copies(&[&copy.url], one_second_for_jobs).await;
    let began = Instant::now();
    let headers = [("authorization", &*format!("Bearer {}", app.token)), ("looma-timeout-ms", "600000")];
    let answer = app.get("/api/v1/jobs", &headers).await;
    assert_eq!((answer.status().as_u16(), &answer.headers()["content-type"]), (504, &"application/problem+json".parse().unwrap()));
    assert!((Duration::from_secs(1)..Duration::from_secs(5)).contains(&began.elapsed()), "{:?}", began.elapsed());
    assert!(copy.timeout().is_some_and(|left| (1..=1000).contains(&left)), "{:?}", copy.timeout());
    assert_eq!(app.copies().await[0]["failures"], 1, "who takes all the time has failed");
}

#[tokio::test]
async fn a_deadline_holds_within_the_process_too() {
    let app = Fixture::start(one_second_for_jobs).await;
    let said = get(|headers: HeaderMap| async move { headers["looma-timeout-ms"].to_str().unwrap().to_owned() });
    let routes = Router::new().route("/api/v1/jobs", said).route("/api/v1/jobs/slow", get(std::future::pending::<()>));
    app.service(ServiceName::Job, routes);
    let answer = app.get_signed_in("/api/v1/jobs").await;
    let left = String::from_utf8(axum::body::to_bytes(answer.into_body(), 100).await.unwrap().to_vec()).unwrap();
    assert!((1..=1000).contains(&left.parse::<u64>().unwrap()), "{left}");
    assert_eq!(app.get_signed_in("/api/v1/jobs/slow").await.status(), 504);
    assert_eq!(app.copies().await[0]["failures"], 1);
}

#[tokio::test]
async fn a_client_that_sends_slowly_opens_no_breaker() {
    let app = Fixture::start(one_second_for_jobs).await;
    app.service(ServiceName::Job, Router::new().route("/api/v1/jobs", post(|body: Bytes| async move { body.len().to_string() })));
    let body = Body::from_stream(stream::pending::<Result<Bytes, Infallible>>());
    assert_eq!(app.send(Method::POST, body).await.status(), 504);
    assert_eq!(app.copies().await[0]["failures"], 0);
}

#[tokio::test]
async fn events_stream_on_when_the_time_for_the_answers_head_is_over() {
    let copy = Upstream::start(Manner::Streams).await;
    let app = Fixture::with_copies(&[&copy.url], one_second_for_jobs).await;
    let over = tokio::time::Instant::now() + Duration::from_millis(1500);
    let answer = app.get_signed_in("/api/v1/jobs").await;
    let mut events = answer.into_body().into_data_stream();
    assert_eq!(events.next().await.unwrap().unwrap(), "data: 1\n\n", "nothing is held back");
    tokio::time::sleep_until(over).await;
    copy.say_event();
    assert_eq!(events.next().await.unwrap().unwrap(), "data: 2\n\n");
}

#[tokio::test]
async fn a_copy_that_is_not_ready_is_left_out_until_it_is_and_checks_end_with_the_process() {
    let (good, bad) = (Upstream::start(Manner::Well).await, Upstream::start(Manner::Well).await);
    bad.say_ready(false);
    let app = Fixture::with_copies(&[&good.url, &bad.url], |settings| settings.gateway.health_seconds = 1).await;
    assert_eq!(app.job().await, 200);
    until(async || app.copies().await[1]["healthy"] == false).await;
    let before = bad.hits();
    for _ in 0..40 {
        assert_eq!(app.job().await, 200);
    }
    assert_eq!(bad.hits(), before);
    bad.say_ready(true);
    until(async || app.copies().await[1]["healthy"] == true).await;
    let limit = Duration::from_secs(app.kernel.settings().limits.drain_seconds / 2);
    tokio::time::timeout(limit, app.kernel.stop()).await.expect("nothing holds the process up");
}

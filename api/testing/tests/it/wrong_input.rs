//! Wrong input over every route of every contract is never the server's fault.

use axum::http::Method;
use looma_testing::{TestApp, TestClient};
use looma_types::{RecordKind, ServiceName};
use serde_json::Value;
use std::str::FromStr;

/// (method, path with its parameters filled) of everything a service documents.
async fn routes(who: &TestClient, service: ServiceName) -> Vec<(Method, String)> {
    let contract = who.at(service).get("/openapi.json").await.value();
    let mut all = Vec::new();
    for (path, item) in contract["paths"].as_object().into_iter().flatten() {
        for method in item.as_object().into_iter().flat_map(|item| item.keys()) {
            if let Ok(method) = Method::from_str(&method.to_uppercase()) {
                all.push((method, fill(path)));
            }
        }
    }
    all
}

/// A route's path with records that nobody has.
pub(crate) fn fill(path: &str) -> String {
    let mut filled = String::new();
    for part in path.split('/').skip(1) {
        filled.push('/');
        if part.starts_with('{') { filled.push_str(&uuid::Uuid::new_v4().to_string()) } else { filled.push_str(part) }
    }
    filled
}

/// Where RFC 6749 says how errors look.
fn speaks_oauth(path: &str) -> bool {
    ["/oauth/token", "/oauth/revoke", "/oauth/introspect", "/oauth/userinfo"].contains(&path)
}

fn bodies() -> Vec<(&'static str, Vec<u8>)> {
    let deep = "[".repeat(10_000);
    let nested = format!("{}1{}", r#"{"a":"#.repeat(200), "}".repeat(200));
    vec![
        ("application/json", b"{".to_vec()),
        ("application/json", b"[]".to_vec()),
        ("application/json", b"null".to_vec()),
        ("application/json", br#"{"unknown": 1}"#.to_vec()),
        ("application/json", br#"{"name": 5, "email": [], "title": {}, "content": "x"}"#.to_vec()),
        ("application/json", b"\xff\xfe".to_vec()),
        ("application/json", deep.into_bytes()),
        ("application/json", nested.into_bytes()),
        ("text/plain", b"hello".to_vec()),
        ("multipart/form-data; boundary=x", b"--x\r\nnonsense".to_vec()),
    ]
}

#[tokio::test]
async fn nothing_sent_makes_a_server_error() {
    let app = TestApp::start().await;
    let mut tried = 0;
    for service in ServiceName::ALL {
        for (method, path) in routes(app.admin(), service).await {
            // These two truly do work on the whole system.
            if path.contains("/operations/") && method == Method::POST || path.ends_with("/tail") || path.ends_with("/events") {
                continue;
            }
            for (kind, body) in bodies() {
                let seen = app.admin().at(service).send(method.clone(), &path, &[], Some((kind, body))).await;
                assert!(seen.status() < 500, "{service}: {method} {path}: {}", seen.text());
                if speaks_oauth(&path) && seen.status() >= 400 {
                    assert!(seen.body::<Value>()["error"].is_string(), "{method} {path}: {}", seen.text());
                } else if seen.status() >= 400 {
                    seen.problem(seen.status());
                }
                tried += 1;
            }
        }
    }
    assert!(tried > 1_000, "only {tried} requests were tried");
}

#[tokio::test]
async fn odd_queries_make_no_server_error() {
    let app = TestApp::start().await;
    let odd = [
        "limit=-1",
        "limit=x",
        "cursor=%00",
        "limit=99999999999999999999",
        "unknown=1",
        "q=%FF",
        "from=x&to=y",
        "type=&mode=",
        "wait_for=x",
        "since=%22",
    ];
    for service in ServiceName::ALL {
        for (method, path) in routes(app.admin(), service).await {
            if method != Method::GET || path.ends_with("/tail") || path.ends_with("/events") {
                continue;
            }
            for query in odd {
                let seen = app.admin().at(service).get(&format!("{path}?{query}")).await;
                assert!(seen.status() < 500, "{service}: {path}?{query}: {}", seen.text());
            }
        }
    }
}

#[tokio::test]
async fn a_wrong_method_is_named() {
    let app = TestApp::start().await;
    app.admin().at(ServiceName::Company).send(Method::PATCH, "/api/v1/companies", &[], None).await.problem(405);
    app.admin().at(ServiceName::Company).get("/api/v1/nothing").await.problem(404);
    app.admin().get("/api/v1/nothing").await.problem(404);
}

#[tokio::test]
async fn fifty_megabytes_are_refused() {
    let app = TestApp::start().await;
    let big = vec![b' '; 50 << 20];
    app.admin().send(Method::POST, "/api/v1/companies", &[], Some(("application/json", big))).await.problem(413);
}

#[test]
fn every_kind_of_record_has_a_word() {
    for kind in RecordKind::ALL {
        assert_eq!(kind.as_str().parse::<RecordKind>().unwrap(), kind);
        assert_eq!(serde_json::to_value(kind).unwrap(), Value::from(kind.as_str()));
    }
}

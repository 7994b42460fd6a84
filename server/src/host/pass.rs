//! Requests passed on to the gateway as they are, in the name of the session: uploads, downloads and event streams,
//! which server functions would hold in memory.

use super::{Host, pages, refusal};
use axum::body::{Body, to_bytes};
use axum::extract::{Extension, Path, State};
use axum::http::request::Parts;
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderName, HeaderValue, Method, Request, Uri, header};
use axum::response::{IntoResponse, Redirect, Response};
use looma_app_ui::preferences::of_parts;
use looma_app_ui::session::Services;
use looma_app_ui::words::Locale;
use looma_kernel::Failure;
use looma_types::ServiceName;

/// What else may be written this way, and the page of its outcome for a form sent without scripts; everything may be read.
const WRITES: &[(&str, &str)] = &[("resumes/import", "/imports")];

/// A longer answer is no problem document.
const LONGEST_PROBLEM: usize = 64 << 10;

/// The request headers that go on.
static PASSED: [HeaderName; 7] = [
    header::ACCEPT,
    header::CONTENT_TYPE,
    header::CONTENT_LENGTH,
    header::RANGE,
    header::IF_NONE_MATCH,
    HeaderName::from_static("idempotency-key"),
    HeaderName::from_static("last-event-id"),
];

/// `/api/web/pass/resumes/import` is `/api/v1/resumes/import`.
pub(super) async fn pass(
    State(host): State<Host>,
    Extension(services): Extension<Services>,
    Path(path): Path<String>,
    request: Request<Body>,
) -> Response {
    let (parts, body) = request.into_parts();
    let page = WRITES.iter().find(|(write, _)| parts.method == Method::POST && *write == path).map(|(_, page)| *page);
    if parts.method != Method::GET && page.is_none() {
        return Failure::forbidden("This is not passed on.").into_response();
    }
    let answer = forward(&host, &services, &parts, body).await;
    match page.filter(|_| pages::wants_page(&parts.headers)) {
        Some(page) => after_form(answer, page, of_parts(&parts).locale).await,
        None => answer,
    }
}

async fn forward(host: &Host, services: &Services, parts: &Parts, body: Body) -> Response {
    // The decoded path is not used: the gateway sees the address as it was sent.
    let target = parts.uri.path_and_query().map(PathAndQuery::as_str).and_then(|whole| whole.split_once("/pass/"));
    let Some((_, target)) = target else {
        return Failure::bad_request("The address cannot be read.").into_response();
    };
    let Ok(uri) = format!("/api/v1/{target}").parse::<Uri>() else {
        return Failure::bad_request("The address cannot be read.").into_response();
    };
    let mut onward = Request::new(body);
    *onward.method_mut() = parts.method.clone();
    *onward.uri_mut() = uri;
    for name in &PASSED {
        if let Some(value) = parts.headers.get(name) {
            onward.headers_mut().insert(name.clone(), value.clone());
        }
    }
    let token = services.tokens.as_ref().and_then(|tokens| HeaderValue::from_str(&format!("Bearer {}", tokens.access)).ok());
    let Some(token) = token else {
        return Failure::unauthorized("Sign in first.").into_response();
    };
    onward.headers_mut().insert(header::AUTHORIZATION, token);
    match host.client.forward(ServiceName::Gateway, onward).await {
        Ok(mut response) => {
            // A document somebody uploaded must not act as a page of ours.
            let policy = HeaderValue::from_static("default-src 'none'; sandbox");
            response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
            response
        }
        Err(failure) => failure.into_response(),
    }
}

/// What a browser without scripts gets after a form: the page of the outcome, or one that says what is wrong.
async fn after_form(answer: Response, page: &str, locale: Locale) -> Response {
    if answer.status().is_success() {
        return Redirect::to(page).into_response();
    }
    let (parts, body) = answer.into_parts();
    let problem = to_bytes(body, LONGEST_PROBLEM).await.ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
    refusal::page(parts.status, problem, page, locale)
}

//! `/oauth/authorize`: where apps send browsers. The page asks the user; what must not ask anybody is answered here.

use super::{Host, pages};
use axum::Router;
use axum::body::Body;
use axum::extract::{Extension, State};
use axum::http::{Method, Request, StatusCode, Uri};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use looma_app_ui::frame::App;
use looma_app_ui::session::Services;
use looma_kernel::{Failure, Result};
use looma_types::ServiceName;
use looma_types::oauth::{Authorization, Authorize};
use url::{Url, form_urlencoded};

const PATH: &str = "/oauth/authorize";

pub(super) fn routes(app: App) -> Router<Host> {
    match app {
        App::Web => Router::new().route(PATH, get(authorize)),
        App::Admin => Router::new(),
    }
}

async fn authorize(host: State<Host>, services: Extension<Services>, request: Request<Body>) -> Response {
    let query = request.uri().query().unwrap_or_default();
    if !is_silent(query) {
        return pages::page(host, services, request).await;
    }
    match ask(&services, query).await {
        Ok(Authorization::Redirect { to }) => Redirect::to(&to).into_response(),
        Ok(_) => Failure::bad_request("The app asks for no page, and this needs one.").into_response(),
        Err(failure) => failure.into_response(),
    }
}

/// `prompt=none` shows no page, not even that of sign-in.
fn is_silent(query: &str) -> bool {
    form_urlencoded::parse(query.as_bytes()).any(|(name, value)| name == "prompt" && value.split(' ').any(|word| word == "none"))
}

async fn ask(services: &Services, query: &str) -> Result<Authorization> {
    let body = Authorize { query: query.to_owned(), decision: None };
    let call = || services.client.call(ServiceName::Gateway, Method::POST, PATH).json(&body);
    if let Some(tokens) = &services.tokens {
        let answer = call()?.token(&tokens.access).send_any().await?;
        // Who was signed out elsewhere is nobody here.
        if answer.status != StatusCode::UNAUTHORIZED {
            return if answer.status.is_success() { answer.json() } else { Err(answer.into_failure()) };
        }
    }
    call()?.send().await?.json()
}

/// Where the answer of the page's form leads in the end, for the page's policy: browsers follow a form nowhere else.
pub(super) fn origin_of_return(uri: &Uri) -> Option<String> {
    let query = uri.query().filter(|_| uri.path() == PATH)?;
    let (_, back) = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "redirect_uri")?;
    let url = Url::parse(&back).ok().filter(|url| matches!(url.scheme(), "https" | "http"))?;
    let origin = url.origin().ascii_serialization();
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '/' | '[' | ']');
    origin.chars().all(plain).then_some(origin)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_origin_gets_into_the_policy() {
        let of = |uri: &str| origin_of_return(&uri.parse().unwrap());
        let at = |back: &str| of(&format!("{PATH}?redirect_uri={back}"));
        assert_eq!(at("https%3A%2F%2Fapp.example%2Fback").as_deref(), Some("https://app.example"));
        assert_eq!(at("http%3A%2F%2F127.0.0.1%3A8000%2F").as_deref(), Some("http://127.0.0.1:8000"));
        for odd in ["https%3A%2F%2Fa%3Bsandbox%2F", "javascript%3Aalert(1)", "data%3Atext", "x", ""] {
            assert_eq!(at(odd), None, "{odd}");
        }
        assert_eq!(of("/people?redirect_uri=https%3A%2F%2Fapp.example"), None);
    }

    #[test]
    fn prompt_none_is_silent() {
        assert!(is_silent("a=b&prompt=none") && is_silent("prompt=none+login"));
        assert!(!is_silent("prompt=login") && !is_silent("") && !is_silent("nonce=none"));
    }
}

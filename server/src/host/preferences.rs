//! Keeps the choice of language and colours in a cookie and goes back; a plain link, so that it needs no scripts.

use axum::extract::Query;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use looma_app_ui::preferences::{LOCALE_COOKIE, THEME_COOKIE};
use serde::Deserialize;

#[derive(Deserialize)]
pub(super) struct Choice {
    lang: Option<String>,
    theme: Option<String>,
    #[serde(default)]
    to: String,
}

const YEAR: u32 = 365 * 24 * 3600;

pub(super) async fn choose(Query(choice): Query<Choice>) -> Response {
    let lang = choice.lang.filter(|word| matches!(word.as_str(), "zh" | "en")).map(|word| (LOCALE_COOKIE, word));
    let theme = choice.theme.filter(|word| matches!(word.as_str(), "light" | "dark" | "system")).map(|word| (THEME_COOKIE, word));
    // Only a path of ours: `//host` and `/\host` lead elsewhere.
    let inside = choice.to.starts_with('/') && !choice.to[1..].starts_with(['/', '\\']);
    let to = inside.then(|| HeaderValue::from_str(&choice.to).ok()).flatten().unwrap_or(HeaderValue::from_static("/"));
    let mut response = (StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response();
    for (cookie, word) in lang.into_iter().chain(theme) {
        if let Ok(value) = HeaderValue::from_str(&format!("{cookie}={word}; Path=/; SameSite=Lax; Max-Age={YEAR}")) {
            response.headers_mut().append(header::SET_COOKIE, value);
        }
    }
    response
}

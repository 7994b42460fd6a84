//! What Trunk built, embedded: hashed names, so that browsers keep them for ever; compressed when it was built.

use super::Host;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use looma_app_ui::frame::App;
use looma_app_ui::shell::Scripts;
use rust_embed::{EmbeddedFile, RustEmbed};

#[derive(RustEmbed)]
#[folder = "../dist/web"]
struct Web;

#[derive(RustEmbed)]
#[folder = "../dist/admin"]
struct Admin;

fn file(app: App, name: &str) -> Option<EmbeddedFile> {
    match app {
        App::Web => Web::get(name),
        App::Admin => Admin::get(name),
    }
}

/// The addresses of the built script, module and style sheet; none unless all three are there.
pub(super) fn scripts(app: App) -> Option<Scripts> {
    let names: Vec<String> = match app {
        App::Web => Web::iter().map(Into::into).collect(),
        App::Admin => Admin::iter().map(Into::into).collect(),
    };
    let find = |end: &str| names.iter().find(|name| name.ends_with(end)).map(|name| format!("/assets/{name}"));
    Some(Scripts { script: find(".js")?, module: find("_bg.wasm")?, style: find(".css")? })
}

pub(super) async fn serve(State(host): State<Host>, Path(name): Path<String>, headers: HeaderMap) -> Response {
    let kind = match name.rsplit_once('.').map(|(_, end)| end) {
        Some("js") => "text/javascript; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("css") => "text/css; charset=utf-8",
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    let takes_brotli = headers
        .get(header::ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.split(',').any(|coding| coding.split(';').next().is_some_and(|name| name.trim() == "br")));
    let forever =
        [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "public, max-age=31536000, immutable"), (header::VARY, "accept-encoding")];
    if let Some(packed) = takes_brotli.then(|| file(host.app, &format!("{name}.br"))).flatten() {
        return (forever, [(header::CONTENT_ENCODING, "br")], packed.data.into_owned()).into_response();
    }
    match file(host.app, &name) {
        Some(plain) => (forever, plain.data.into_owned()).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// The mark in the browser's tab, in the front end's accent.
pub(super) async fn icon(State(host): State<Host>) -> impl IntoResponse {
    let colour = match host.app {
        App::Web => "#4f46c8",
        App::Admin => "#0f6b78",
    };
    let svg = format!(
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24'><rect width='24' height='24' rx='6' fill='{colour}'/>\
         <g fill='none' stroke='#fff' stroke-width='2.4' stroke-linecap='round'><path d='M5 7c5 0 9 10 14 10'/>\
         <path d='M5 17c2 0 3.7-1.6 5.2-3.5M13.8 10.5C15.3 8.600 17 7 19 7'/></g></svg>"
    );
    ([(header::CONTENT_TYPE, "image/svg+xml"), (header::CACHE_CONTROL, "public, max-age=86400")], svg)
}

//! The hosts of the two front ends: pages rendered on the server, their server functions, and the built files.
//!
//! A host keeps the session in an HttpOnly cookie, gets new access tokens when they end, and calls the services
//! through the gateway like any other client.

mod assets;
mod oauth;
mod pages;
mod pass;
mod preferences;
mod refusal;
mod security;
mod session;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{any, get, post};
use looma_app_ui::frame::App;
use looma_app_ui::shell::Scripts;
use looma_kernel::Client;
use std::sync::Arc;

/// What a host needs to answer.
#[derive(Clone)]
struct Host {
    app: App,
    client: Client,
    scripts: Option<Scripts>,
    refresher: Arc<session::Refresher>,
}

impl Host {
    /// The session's cookie: cookies do not tell ports apart, so the two front ends use two names.
    const fn cookie(&self) -> &'static str {
        match self.app {
            App::Web => "looma_web_session",
            App::Admin => "looma_admin_session",
        }
    }
}

/// Everything a front end answers: pages at every address, `/api/web/…` or `/api/admin/…` but not the other's,
/// `/assets/…`, and the choice of language and colours.
pub fn router(app: App, client: Client) -> Router {
    let _ = any_spawner::Executor::init_tokio();
    let host = Host { app, client, scripts: assets::scripts(app), refresher: Arc::default() };
    let functions = format!("/api/{}/{{*function}}", app.as_str());
    let pass = format!("/api/{}/pass/{{*path}}", app.as_str());
    let signed = Router::new()
        .route(&pass, any(pass::pass))
        .route(&functions, post(pages::function).get(pages::function))
        .merge(oauth::routes(app))
        .route("/api/{*other}", any(security::no_such_function))
        .fallback(get(pages::page))
        .layer(from_fn_with_state(host.clone(), session::layer));
    Router::new()
        .route("/assets/{file}", get(assets::serve))
        .route("/icon.svg", get(assets::icon))
        .route("/preferences", get(preferences::choose))
        .merge(signed)
        .layer(from_fn(security::same_origin))
        .layer(from_fn(security::headers))
        .with_state(host)
}

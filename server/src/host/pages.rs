//! Pages and server functions, rendered and answered by Leptos.

use super::{Host, oauth, security};
use axum::body::Body;
use axum::extract::{Extension, State};
use axum::http::{HeaderMap, HeaderValue, Request, header};
use axum::response::{IntoResponse, Response};
use leptos::prelude::{IntoAny, provide_context, use_context};
use leptos_axum::ResponseOptions;
use looma_app_ui::frame::App;
use looma_app_ui::session::Services;
use looma_app_ui::shell::document;

/// A page. It is sent whole, when its data is there: useful before any script runs.
pub(super) async fn page(State(host): State<Host>, Extension(services): Extension<Services>, request: Request<Body>) -> Response {
    let context = move || provide_context(services.clone());
    let back = oauth::origin_of_return(request.uri());
    let view = move || {
        if let (Some(response), Some(nonce)) = (use_context::<ResponseOptions>(), leptos::nonce::use_nonce()) {
            if let Ok(policy) = HeaderValue::from_str(&security::page_policy(&nonce, back.as_deref())) {
                response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
            }
            response.insert_header(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
        let scripts = host.scripts.clone();
        match host.app {
            App::Web => document(host.app, scripts, || leptos::view! { <looma_app_web::App/> }).into_any(),
            App::Admin => document(host.app, scripts, || leptos::view! { <looma_app_admin::App/> }).into_any(),
        }
    };
    leptos_axum::render_app_async_with_context(context, view)(request).await
}

/// A server function of this front end.
pub(super) async fn function(Extension(services): Extension<Services>, request: Request<Body>) -> Response {
    // A form sent without scripts is answered with a redirect, which the failure's status would replace.
    let services = Services { is_function: !wants_page(request.headers()), ..services };
    leptos_axum::handle_server_fns_with_context(move || provide_context(services.clone()), request).await.into_response()
}

/// Whether a browser asks by itself, not one of our scripts.
pub(super) fn wants_page(headers: &HeaderMap) -> bool {
    headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).is_some_and(|value| value.contains("text/html"))
}

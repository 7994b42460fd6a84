//! A service as the launcher runs it: its router with everything around.

use crate::failure::Failure;
use crate::kernel::Kernel;
use crate::{deadline, health, idempotency, observe, telemetry};
use axum::extract::{DefaultBodyLimit, Extension, Request};
use axum::http::{StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use axum::{Json, Router};
use looma_types::ServiceName;
use std::sync::Arc;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::normalize_path::NormalizePath;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{InfoBuilder, OpenApi, OpenApiBuilder};
use utoipa_axum::router::OpenApiRouter;
use utoipa_swagger_ui::{Config, SwaggerUi};

/// A service being put together, and once finished, ready to be served.
#[derive(Clone)]
pub struct App {
    pub name: ServiceName,
    kernel: Kernel,
    router: Router,
    openapi: OpenApi,
    upload: bool,
}

impl App {
    /// `purpose` heads the OpenAPI page.
    pub fn new(kernel: &Kernel, name: ServiceName, purpose: &str) -> Self {
        let info =
            InfoBuilder::new().title(format!("LoomaCRM AI: {name}")).version(env!("CARGO_PKG_VERSION")).description(Some(purpose)).build();
        Self { name, kernel: kernel.clone(), router: Router::new(), openapi: OpenApiBuilder::new().info(info).build(), upload: false }
    }

    /// Adds documented routes whose state is filled in.
    #[must_use]
    pub fn routes(mut self, routes: OpenApiRouter) -> Self {
        let (router, openapi) = routes.split_for_parts();
        self.router = self.router.merge(router);
        self.openapi.merge(openapi);
        self
    }

    /// Adds routes that are no part of the contract (pages, proxies).
    #[must_use]
    pub fn plain_routes(mut self, routes: Router) -> Self {
        self.router = self.router.merge(routes);
        self
    }

    /// Takes bodies up to `limits.upload_bytes` instead of `limits.body_bytes`.
    #[must_use]
    pub fn takes_uploads(mut self) -> Self {
        self.upload = true;
        self
    }

    /// The service's contract.
    pub fn openapi(&self) -> &OpenApi {
        &self.openapi
    }

    /// Puts health, metrics, documentation, limits, ids, log, idempotency and problems around, and makes it callable
    /// by the other services of this process.
    pub fn finish(mut self) -> (ServiceName, Router) {
        let limits = &self.kernel.settings().limits;
        let body = if self.upload { limits.upload_bytes } else { limits.body_bytes };
        add_security(&mut self.openapi);
        let contract = Arc::new(self.openapi.clone());
        let name = self.name;
        let router = self
            .router
            .merge(health::routes())
            .route("/metrics", get(move || async move { telemetry::render(name) }))
            .route("/openapi.json", get(move || async move { Json(contract.as_ref().clone()) }))
            .merge(SwaggerUi::new("/docs").config(Config::from("/openapi.json")))
            .method_not_allowed_fallback(method_not_allowed);
        // A service with a fallback of its own (a proxy, a page host) keeps it.
        let router = if router.has_routes() && !matches!(name, ServiceName::Gateway | ServiceName::Web | ServiceName::AdminWeb) {
            router.fallback(no_such_route)
        } else {
            router
        };
        let router = router
            .layer(from_fn(idempotency::layer))
            .layer(DefaultBodyLimit::max(body))
            .layer(from_fn(move |request, next| limit_body(body, request, next)))
            .layer(from_fn(deadline::layer))
            .layer(CatchPanicLayer::custom(panicked))
            .layer(from_fn(observe::layer))
            .layer(Extension(name))
            .layer(Extension(self.kernel.clone()));
        // A trailing slash makes no difference; this must happen before routing, hence around the router.
        let trimmed = NormalizePath::trim_trailing_slash(router);
        // The page of the contract is a folder: its address with the slash must not lead back to the one without.
        let page = || get(|| async { Redirect::to("/docs/index.html") });
        let router = Router::new().route("/docs", page()).route("/docs/", page()).fallback_service(trimmed);
        self.kernel.client().register(name, router.clone());
        (name, router)
    }
}

fn add_security(openapi: &mut OpenApi) {
    let components = openapi.components.get_or_insert_with(Default::default);
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    components.add_security_scheme("api_key", SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::new("X-API-Key"))));
}

/// The answer to an address that leads nowhere.
pub async fn no_such_route(request: Request) -> Failure {
    Failure::new(StatusCode::NOT_FOUND, "no-such-route", "No such address", format!("Nothing answers at {}.", request.uri().path()))
}

async fn method_not_allowed(request: Request) -> Failure {
    let detail = format!("{} is not possible at {}.", request.method(), request.uri().path());
    Failure::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", "Not this method", detail)
}

/// Refuses by the declared length before anything is read; what lies about it is cut off while reading.
async fn limit_body(limit: usize, request: Request, next: Next) -> Response {
    let declared = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if declared.is_some_and(|length| length > limit) {
        return Failure::too_large(format!("The body is larger than {limit} bytes, the most this route takes.")).into_response();
    }
    next.run(request).await
}

fn panicked(cause: Box<dyn std::any::Any + Send>) -> Response {
    let text = cause.downcast_ref::<String>().map(String::as_str).or_else(|| cause.downcast_ref::<&str>().copied());
    Failure::internal(format!("a handler panicked: {}", text.unwrap_or("without a message"))).into_response()
}

//! Search over everything, by words and by meaning (9009).
//!
//! `routes` turns HTTP into a call, `service` asks the two indexes, `scope` says what an actor may find, `fusion` makes
//! one ranking of two. This service feeds both indexes; `embed` asks the ai service for vectors.

mod embed;
mod fusion;
mod routes;
mod scope;
mod service;

pub use service::SearchService;

use embed::AiEmbed;
use looma_kernel::types::ServiceName;
use looma_kernel::{App, Kernel, Result};
use looma_store::Projector;
use looma_store::projector::Target;
use std::sync::Arc;

/// The search service, ready to be served; from now on it feeds the text index and the vectors.
pub async fn app(kernel: &Kernel) -> Result<App> {
    let (text, vectors) = (text_projector(kernel), vectors_projector(kernel));
    kernel.host(&text);
    kernel.host(&vectors);
    let service = SearchService::new(kernel, text, vectors);
    Ok(App::new(kernel, ServiceName::Search, "Search over everything, by words and by meaning.").routes(routes::routes(service)))
}

/// What makes the text index and the vectors from the outbox.
pub fn projectors(kernel: &Kernel) -> Vec<Projector> {
    vec![text_projector(kernel), vectors_projector(kernel)]
}

fn text_projector(kernel: &Kernel) -> Projector {
    let stores = kernel.stores();
    Projector::new(stores.sql.clone(), Target::Text(stores.text.clone())).seeded(looma_skill::seed)
}

fn vectors_projector(kernel: &Kernel) -> Projector {
    let stores = kernel.stores();
    Projector::new(stores.sql.clone(), Target::Vectors(stores.vectors.clone(), Arc::new(AiEmbed::new(kernel)))).seeded(looma_skill::seed)
}

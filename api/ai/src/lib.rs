//! One interface to models (9008): embeddings in the OpenAI shape, and a registry that says which model serves what.
//!
//! `embedding` is the local model: pure, no network, the same vectors on every machine. `routes` turns HTTP into a call,
//! `service` decides, `store` keeps.

pub mod embedding;
mod routes;
mod service;
mod store;

pub use service::AiService;

use looma_kernel::types::ServiceName;
use looma_kernel::{App, Kernel, Result};

/// The model service, ready to be served.
pub async fn app(kernel: &Kernel) -> Result<App> {
    let purpose = "Models behind the OpenAI shapes, and which of them serves what.";
    Ok(App::new(kernel, ServiceName::Ai, purpose).routes(routes::routes(AiService::new(kernel))))
}

//! Projects: members, milestones, tasks, and what they are about (9005).
//!
//! `routes` turns HTTP into a call, `service` decides, `store` keeps; `record` is what search and the graph know.

mod record;
mod routes;
mod service;
mod store;

pub use service::ProjectService;
pub use store::ProjectSource;

use looma_kernel::types::ServiceName;
use looma_kernel::{App, Kernel, Result};

/// The project service, ready to be served.
pub async fn app(kernel: &Kernel) -> Result<App> {
    Ok(App::new(kernel, ServiceName::Project, "Projects: members, milestones, tasks, and what they are about.")
        .routes(routes::routes(ProjectService::new(kernel))))
}

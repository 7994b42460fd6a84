//! Companies and their departments (9003).
//!
//! `routes` turns HTTP into a call, `service` decides, `store` keeps.

mod routes;
mod service;
mod store;

pub use service::CompanyService;
pub use store::CompanySource;

use looma_kernel::types::ServiceName;
use looma_kernel::{App, Kernel, Result};

/// The company service, ready to be served.
pub async fn app(kernel: &Kernel) -> Result<App> {
    Ok(App::new(kernel, ServiceName::Company, "Companies and their departments.").routes(routes::routes(CompanyService::new(kernel))))
}

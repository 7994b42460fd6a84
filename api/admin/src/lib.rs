//! What administrators see of the installation: workspaces, users, permissions, the audit log, duplicates and
//! background jobs (9100). It keeps nothing itself: it asks the services that do.

mod audit;
mod duplicates;
mod jobs;
mod routes;
mod workspaces;

use looma_kernel::types::ServiceName;
use looma_kernel::{App, Kernel, Result};

/// The admin service, ready to be served.
pub async fn app(kernel: &Kernel) -> Result<App> {
    let purpose = "Workspaces, users, permissions, the audit log, duplicates and background jobs.";
    Ok(App::new(kernel, ServiceName::Admin, purpose).routes(routes::routes(kernel.clone())))
}

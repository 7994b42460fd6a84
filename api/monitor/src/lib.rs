//! How all services are: health, metrics over the last hour, alerts, and who depends on whom (9101).
//!
//! `collect` asks every service for its metrics every ten seconds, `history` keeps an hour of them in memory,
//! `alerts` watches them.

mod alerts;
mod collect;
mod history;
mod process;
mod prometheus;
mod routes;
mod service;

pub use process::report;
pub use service::MonitorService;

use looma_kernel::types::ServiceName;
use looma_kernel::{App, Kernel, Result};

/// The monitor, ready to be served; it begins to collect.
pub async fn app(kernel: &Kernel) -> Result<App> {
    let service = MonitorService::new(kernel);
    service.begin(kernel);
    Ok(App::new(kernel, ServiceName::Monitor, "Health, metrics and alerts of all services.").routes(routes::routes(service)))
}

//! The log of all services (9104): lines in memory, a file a day on the disk, search and tail.
//!
//! `files` keeps what the kernel's ring gets; `read` goes through a file from its end; `redact` is the last guard
//! against secrets.

mod files;
mod filter;
mod read;
mod redact;
mod routes;
mod service;

pub use files::{Writer, keep};
pub use service::LogService;

use looma_kernel::types::ServiceName;
use looma_kernel::{App, Kernel, Result};

/// The log service, ready to be served; from now on this process's lines are kept on the disk.
pub async fn app(kernel: &Kernel) -> Result<App> {
    let writer = keep(kernel);
    Ok(App::new(kernel, ServiceName::Log, "The log of all services: search and tail.")
        .routes(routes::routes(LogService::new(kernel, writer))))
}

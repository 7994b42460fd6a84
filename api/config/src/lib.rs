//! Settings that change while the system runs, with versions (9103).
//!
//! Version 0 is what the settings file says; the newest stored version is in force everywhere: at once in this
//! process, within two seconds in the others that [`follow`] it.

mod diff;
mod routes;
mod service;
mod store;

pub use service::{ConfigService, follow};

use looma_kernel::types::ServiceName;
use looma_kernel::{App, Kernel, Result};

/// The config service, ready to be served; the newest settings are in force when it answers.
pub async fn app(kernel: &Kernel) -> Result<App> {
    follow(kernel).await?;
    Ok(App::new(kernel, ServiceName::Config, "Settings that change while the system runs, with versions.")
        .routes(routes::routes(ConfigService::new(kernel))))
}

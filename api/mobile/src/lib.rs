//! What mobile apps need: sync of what changed, a few writes, and a signal that there is something new (9205).

mod routes;
mod service;
mod sync;

pub use service::MobileService;

use looma_kernel::types::ServiceName;
use looma_kernel::{App, Kernel, Result};

/// The mobile service, ready to be served.
pub async fn app(kernel: &Kernel) -> Result<App> {
    Ok(App::new(kernel, ServiceName::Mobile, "Sync for mobile apps.").routes(routes::routes(MobileService::new(kernel))))
}

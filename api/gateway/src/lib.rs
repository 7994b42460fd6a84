//! The one door (9000): who it is, how often, where to, and whether that service is well.
//!
//! `proxy` is a request's way through; `table` says where paths lead, `policy` what they take, `limiter` how often, `headers` and `cors`
//! what may pass; which copy of a service is asked is for the kernel's client. `registry` shows all of it to administrators.

mod cors;
mod headers;
mod limiter;
mod policy;
mod proxy;
mod registry;
mod table;
#[cfg(test)]
mod tests;

use looma_kernel::types::ServiceName;
use looma_kernel::{App, Kernel, Result};

/// The gateway, ready to be served.
pub async fn app(kernel: &Kernel) -> Result<App> {
    let gateway = proxy::Gateway::new(kernel);
    gateway.follow_settings(kernel);
    Ok(App::new(kernel, ServiceName::Gateway, "The door to all services; its own routes show what stands behind it.")
        .takes_uploads()
        .routes(registry::routes(gateway.clone()))
        .plain_routes(proxy::routes(gateway)))
}

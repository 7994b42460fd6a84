//! The one door (9000): who asks → may they ask so often → which service → is it well → pass it on.
//!
//! `proxy` tells that story; `table` routes, `rate` limits, `breaker` keeps away from sick services, `view` shows all three.

mod breaker;
mod contract;
mod proxy;
mod rate;
mod table;
mod view;

use looma_kernel::types::ServiceName;
use looma_kernel::{App, Kernel, Result};
use proxy::Gateway;

/// The gateway, ready to be served.
pub async fn app(kernel: &Kernel) -> Result<App> {
    let gateway = Gateway::new(kernel);
    gateway.rates().follow(kernel);
    Ok(App::new(kernel, ServiceName::Gateway, "The one door to all services.")
        .routes(view::routes(gateway.clone()))
        .plain_routes(proxy::routes(gateway))
        .takes_uploads())
}

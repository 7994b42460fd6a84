//! Users, sign-in, sessions, API keys and workspaces (9001).
//!
//! `routes` turns HTTP into a call; `service` holds the parts, and `users`, `sessions`, `api_keys`, `oauth` and `workspaces`
//! decide; `store` keeps. Passwords are in `password`, brakes against guessing in `attempts`, the keys that sign access
//! tokens in `signer`, refresh tokens in `refresh`, authenticator apps in `second_factor`, apps that act for users in `oauth`.

mod api_keys;
mod attempts;
mod bootstrap;
mod may;
mod oauth;
mod password;
mod refresh;
mod rotation;
mod routes;
mod rules;
mod second_factor;
mod secrets;
mod service;
mod sessions;
mod signer;
mod store;
#[cfg(test)]
mod tests;
mod users;
mod workspaces;

pub use bootstrap::{FirstAdmin, bootstrap, create_admin};
pub use service::UserService;
pub use store::UserSource;

use looma_kernel::types::ServiceName;
use looma_kernel::{App, Kernel, Result};

/// The user service, ready to be served.
pub async fn app(kernel: &Kernel) -> Result<App> {
    let service = UserService::open(kernel).await?;
    service.sweep_sessions(kernel);
    service.signer.follow(kernel);
    Ok(App::new(kernel, ServiceName::User, "Users, sign-in, sessions, API keys, apps and workspaces.").routes(routes::routes(service)))
}

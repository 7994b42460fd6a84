//! What every service is made of. A service is built like this:
//!
//! ```ignore
//! pub async fn app(kernel: &Kernel) -> Result<App> {
//!     let service = CompanyService::new(kernel);          // its AppState: stores and client it needs
//!     Ok(App::new(kernel, ServiceName::Company, "Companies and their departments")
//!         .routes(routes::routes(service))                // an `OpenApiRouter` whose state is filled in
//!         .finish())
//! }
//!
//! #[utoipa::path(post, path = "/api/v1/companies", request_body = CompanyDraft, tag = "companies",
//!     responses((status = 201, body = Company), (status = "4XX", body = Problem)))]
//! async fn create(State(service): State<CompanyService>, Allowed(actor, ..): Allowed<WriteCompanies>,
//!     Valid(draft): Valid<CompanyDraft>) -> Result<Reply<Company>, Failure> {
//!     let (company, position) = service.create(&actor, draft).await?;
//!     Ok(Reply::created(format!("/api/v1/companies/{}", company.id), company.version, company).at(position))
//! }
//! ```
//!
//! [`App`] adds health, metrics, OpenAPI with its page, limits, timeouts, ids, access log, idempotency and problems.

pub mod access;
pub mod app;
pub mod client;
pub mod context;
pub mod cursor;
mod deadline;
pub mod extract;
pub mod failure;
pub mod health;
mod idempotency;
pub mod kernel;
pub mod listener;
pub mod logs;
mod observe;
pub mod patch;
pub mod prefix;
mod records;
pub mod reply;
pub mod settings;
pub mod telemetry;
pub mod token;

pub use access::{Actor, Allowed};
pub use app::App;
pub use client::Client;
pub use cursor::{Cursor, ListQuery, Sort};
pub use extract::{IfMatch, Path, Query, Valid};
pub use failure::{Failure, Result};
pub use kernel::Kernel;
pub use reply::Reply;
pub use settings::Settings;

pub use looma_store::outbox::{Change, NewEvent, Position};
pub use looma_types as types;

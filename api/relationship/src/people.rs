//! People: `/api/v1/people`.

mod draft;
mod record;
pub(crate) mod routes;
pub(crate) mod service;
pub(crate) mod store;
mod timeline;

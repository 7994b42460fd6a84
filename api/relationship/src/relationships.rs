//! Typed, dated edges between records: `/api/v1/relationships`.

pub(crate) mod routes;
pub(crate) mod service;
pub(crate) mod store;

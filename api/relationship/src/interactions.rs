//! Calls, mails, meetings, notes and reminders: `/api/v1/interactions`.

pub(crate) mod routes;
pub(crate) mod service;
pub(crate) mod store;

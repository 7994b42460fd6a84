//! Where everything is kept: seven roles, each a small trait (a *port*) with its adapters.
//!
//! Truth: [`Sql`] (rows), [`Documents`] (immutable values named by their hash), [`Blobs`] (uploaded files).
//! Derived: [`Cache`], and the projections [`Graph`], [`TextIndex`] and [`Vectors`], which are made from the outbox:
//!
//! ```text
//! service ── one SQL transaction ──► its rows + an outbox event with the record's Projected form
//!                                         │ in order of position
//!                             projector ──► graph · text · vectors (apply + remember position, exactly once in effect)
//! ```
//!
//! A write answers its outbox [`Position`]; a reader of a projection may wait for it ([`Projector::wait_for`]).

pub mod archive;
pub mod blobs;
pub mod cache;
pub mod chain;
pub mod detail;
pub mod documents;
mod elsewhere;
mod engine;
pub mod error;
pub mod graph;
mod http;
pub mod idempotency;
pub mod lease;
mod ledger;
mod mirror;
pub mod outbox;
pub mod parked;
mod postgres;
pub mod projection;
pub mod projector;
pub mod settings;
pub mod sql;
mod sqlite;
pub mod stores;
pub mod text;
#[cfg(any(test, feature = "conformance"))]
pub mod trial;
pub mod vectors;
mod version;

pub use blobs::Blobs;
pub use cache::Cache;
pub use documents::Documents;
pub use error::{Error, Result};
pub use graph::Graph;
pub use lease::Lease;
pub use outbox::{Change, Event, NewEvent, Position};
pub use projection::{Inventory, Projected, ProjectedEdge, Projection, Source};
pub use projector::Projector;
pub use settings::{Engine, Share, StoreSettings};
pub use sql::{Pool, Sql, Tx, like};
pub use stores::{Stores, Truth};
pub use text::TextIndex;
pub use vectors::Vectors;

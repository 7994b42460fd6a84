//! Backups of the embedded stores while they are written to (9102).
//!
//! `snapshot` makes one, `verify` checks one, `restore` unpacks one into an empty folder: public functions that the
//! command line uses too. Only truth is saved (rows, documents, blobs); the projections are made anew from the outbox.

mod error;
mod manifest;
mod references;
mod restore;
mod routes;
mod service;
mod shelf;
mod snapshot;
mod verify;

pub use error::BackupError;
pub use manifest::Manifest;
pub use restore::restore;
pub use service::BackupService;
pub use snapshot::create;
pub use verify::verify;

use looma_kernel::types::ServiceName;
use looma_kernel::{App, Kernel, Result};

/// The backup service, ready to be served; scheduled backups begin.
pub async fn app(kernel: &Kernel) -> Result<App> {
    let service = BackupService::new(kernel);
    service.begin_schedule();
    Ok(App::new(kernel, ServiceName::Backup, "Backups of the stores: create, verify, restore.").routes(routes::routes(service)))
}

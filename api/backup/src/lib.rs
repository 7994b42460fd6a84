//! Backups of the stores, whichever engines keep them, while they are written to (9102).
//!
//! A backup is a folder with an archive of the truth (rows, documents, blobs; see [`looma_store::archive`]) and a manifest;
//! the projections are made anew from the outbox. `create`, `verify` and `restore` are public functions that the command
//! line uses too. Folders that earlier versions made, with copies of the embedded stores, are still checked and restored.
//!
//! Backups lie on the disk of the process that makes them, and what is under way is known to it alone: of several copies of
//! this service the first that can be reached is asked, and the others stand by.

mod error;
mod folder;
mod jobs;
mod manifest;
mod metered;
mod restore;
mod routes;
mod service;
mod shelf;
mod snapshot;
mod verify;

pub use error::BackupError;
pub use manifest::Manifest;
pub use metered::Meter;
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

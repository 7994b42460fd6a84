//! Resumes: import, versions, export (9002).
//!
//! `routes` turns HTTP into a call; `service` decides about resumes and `imports` about imports; `store` and `queue` keep.
//! `projected` is the form in which search and matching know a resume.

mod diff;
mod imports;
mod projected;
mod queue;
mod routes;
mod service;
mod store;

pub use projected::ResumeSource;
pub use service::ResumeService;

use imports::Imports;
use looma_kernel::types::ServiceName;
use looma_kernel::{App, Kernel, Result};

/// The resume service, ready to be served, with the workers that read imported files.
pub async fn app(kernel: &Kernel) -> Result<App> {
    let resumes = ResumeService::new(kernel);
    let imports = Imports::new(kernel, resumes.clone());
    imports.start(kernel).await?;
    Ok(App::new(kernel, ServiceName::Resume, "Resumes: import, versions, export.")
        .routes(routes::routes(resumes))
        .routes(routes::imports::routes(imports))
        .takes_uploads())
}

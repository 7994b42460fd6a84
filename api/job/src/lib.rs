//! Jobs (9004): their life cycle, applications through a pipeline, and the people who fit, with reasons.
//!
//! `matching` is pure: it scores. `candidates` gathers what it scores from search and resumes. For jobs and applications
//! alike, `routes` turns HTTP into a call, the service decides, the store keeps.

mod applications;
mod candidates;
mod jobs;
pub mod matching;
pub mod pipeline;
mod posting;

pub use applications::store::ApplicationSource;
pub use jobs::store::JobSource;

use applications::ApplicationService;
use jobs::JobService;
use looma_kernel::types::ServiceName;
use looma_kernel::{App, Kernel, Result};

/// The job service, ready to be served.
pub async fn app(kernel: &Kernel) -> Result<App> {
    let jobs = JobService::new(kernel);
    let applications = ApplicationService::new(kernel, jobs.clone());
    let purpose = "Jobs and their life cycle, applications through a pipeline, and the people who fit, with reasons.";
    Ok(App::new(kernel, ServiceName::Job, purpose).routes(jobs::routes::routes(jobs)).routes(applications::routes::routes(applications)))
}

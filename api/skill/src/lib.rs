//! Skills (9006): a bilingual taxonomy with aliases, a workspace's own skills beside it, and where texts and resumes name them.
//!
//! `taxonomy`, `mentions` and `reading` are pure and serve matching and embeddings too; `routes` turns HTTP into a call,
//! `service` decides, `store` keeps.

mod gap;
pub mod mentions;
pub mod reading;
mod routes;
mod service;
mod store;
pub mod taxonomy;
mod vocabulary;

pub use service::{SkillService, seed};
pub use store::SkillSource;

use looma_kernel::types::ServiceName;
use looma_kernel::{App, Kernel, Result};

/// The skill service, ready to be served.
pub async fn app(kernel: &Kernel) -> Result<App> {
    let purpose = "Skills with their names in Chinese and English, who shows them, and what is missing between two sets.";
    Ok(App::new(kernel, ServiceName::Skill, purpose).routes(routes::routes(SkillService::new(kernel))))
}

//! All services of one process, put together and served.

use crate::{host, operations};
use looma_app_ui::frame::App as Front;
use looma_kernel::listener::{Door, Tls};
use looma_kernel::logs::LogRing;
use looma_kernel::{App, Failure, Kernel, Result, Settings};
use looma_store::{Projector, Source};
use looma_types::ServiceName;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// Services that can be called in this process, not yet on their ports.
pub struct System {
    pub kernel: Kernel,
    apps: Vec<(ServiceName, axum::Router)>,
    /// Made at the first start; its password is to be shown once.
    pub first_admin: Option<looma_user::FirstAdmin>,
}

impl System {
    /// Opens the stores and builds the services named by `only` (all when empty).
    pub async fn build(settings: Settings, logs: LogRing, only: &[ServiceName]) -> Result<Self> {
        let kernel = Kernel::open(settings, logs).await?;
        let launched = kernel.settings().stores.share.is_some();
        if !only.is_empty() && !only.contains(&ServiceName::Monitor) {
            looma_monitor::report(&kernel);
        }
        // A launcher makes it before it begins any of us.
        let first_admin = if launched { None } else { looma_user::bootstrap(&kernel).await? };
        if launched && !only.contains(&ServiceName::Log) {
            // Into the same files, which the log service searches.
            looma_log::keep(&kernel);
        }
        if !only.is_empty() && !only.contains(&ServiceName::Config) {
            looma_config::follow(&kernel).await?;
        }
        let mut apps = Vec::new();
        for name in ServiceName::ALL {
            if only.is_empty() || only.contains(&name) {
                apps.push(app(&kernel, name).await?.finish());
            }
        }
        Ok(Self { kernel, apps, first_admin })
    }

    /// Takes every port, then serves until the kernel stops; answers once all listen.
    /// # Errors
    /// Names the port that is taken, and by which setting it is changed, before anything is served.
    pub async fn listen(&self) -> Result<Serving> {
        let settings = self.kernel.settings();
        let mut listeners = Vec::new();
        let mut taken = Vec::new();
        for (name, router) in &self.apps {
            let address = SocketAddr::new(settings.host, settings.port(*name));
            match TcpListener::bind(address).await {
                Ok(listener) => listeners.push((*name, listener, router.clone())),
                Err(error) => taken.push(format!(
                    "{name}: cannot listen on {address}: {error}. Free the port or set LOOMA__SERVICES__{}__PORT.",
                    name.as_str().to_uppercase()
                )),
            }
        }
        if !taken.is_empty() {
            return Err(Failure::conflict(taken.join("\n")));
        }
        let tls = settings.tls.as_ref().map(Tls::load).transpose().map_err(Failure::conflict)?;
        if let Some(tls) = tls.clone() {
            self.kernel.spawn(|stop| tls.follow(stop));
        }
        let mut tasks = JoinSet::new();
        for (name, listener, router) in listeners {
            let door = Door::new(router, settings, tls.clone().filter(|_| name.is_door()));
            tasks.spawn(door.serve(listener, self.kernel.stopping()));
        }
        Ok(Serving { kernel: self.kernel.clone(), tasks })
    }

    /// The services in this process.
    pub fn services(&self) -> Vec<ServiceName> {
        self.apps.iter().map(|(name, _)| *name).collect()
    }

    /// What feeds the projections: those that run in this process, else others that share the work with theirs.
    pub fn projectors(kernel: &Kernel) -> Vec<Projector> {
        let hosted = kernel.projectors();
        let missing = std::iter::once(looma_relationship::projector(kernel)).chain(looma_search::projectors(kernel));
        let missing: Vec<Projector> = missing.filter(|one| hosted.iter().all(|other| other.name() != one.name())).collect();
        hosted.into_iter().chain(missing).collect()
    }

    /// The truth of every kind of record, for rebuilds and checks.
    pub fn sources(kernel: &Kernel) -> Vec<Arc<dyn Source>> {
        let sql = &kernel.stores().sql;
        vec![
            Arc::new(looma_company::CompanySource(sql.clone())),
            Arc::new(looma_user::UserSource(sql.clone())),
            Arc::new(looma_job::JobSource(sql.clone())),
            Arc::new(looma_job::ApplicationSource(sql.clone())),
            Arc::new(looma_project::ProjectSource(sql.clone())),
            Arc::new(looma_skill::SkillSource(sql.clone())),
            Arc::new(looma_relationship::PersonSource(sql.clone())),
            Arc::new(looma_relationship::InteractionSource(sql.clone())),
            Arc::new(looma_relationship::RelationshipSource(sql.clone())),
            Arc::new(looma_resume::ResumeSource::new(kernel)),
        ]
    }
}

async fn app(kernel: &Kernel, name: ServiceName) -> Result<App> {
    match name {
        ServiceName::Gateway => looma_gateway::app(kernel).await,
        ServiceName::User => looma_user::app(kernel).await,
        ServiceName::Resume => looma_resume::app(kernel).await,
        ServiceName::Company => looma_company::app(kernel).await,
        ServiceName::Job => looma_job::app(kernel).await,
        ServiceName::Project => looma_project::app(kernel).await,
        ServiceName::Skill => looma_skill::app(kernel).await,
        ServiceName::Relationship => looma_relationship::app(kernel).await,
        ServiceName::Ai => looma_ai::app(kernel).await,
        ServiceName::Search => looma_search::app(kernel).await,
        ServiceName::Admin => Ok(looma_admin::app(kernel).await?.routes(operations::routes(kernel))),
        ServiceName::Monitor => looma_monitor::app(kernel).await,
        ServiceName::Backup => looma_backup::app(kernel).await,
        ServiceName::Config => looma_config::app(kernel).await,
        ServiceName::Log => looma_log::app(kernel).await,
        ServiceName::Web => Ok(front(kernel, name, Front::Web)),
        ServiceName::AdminWeb => Ok(front(kernel, name, Front::Admin)),
        ServiceName::Mobile => looma_mobile::app(kernel).await,
    }
}

fn front(kernel: &Kernel, name: ServiceName, front: Front) -> App {
    App::new(kernel, name, "Pages for browsers.").plain_routes(host::router(front, kernel.client().clone())).takes_uploads()
}

/// A system on its ports.
pub struct Serving {
    kernel: Kernel,
    tasks: JoinSet<()>,
}

impl Serving {
    /// Ends requests under way and background work, then closes the stores; how long that took.
    pub async fn stop(mut self) -> Duration {
        let began = Instant::now();
        self.kernel.begin_stop();
        while self.tasks.join_next().await.is_some() {}
        self.kernel.stop().await;
        began.elapsed()
    }
}

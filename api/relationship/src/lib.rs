//! People, what happened with them, and how everything is related (9007).
//!
//! One folder a subject: `people`, `interactions`, `relationships`, each with `routes` → `service` → `store`, and
//! `network`, which asks the graph made from their events. This service feeds that graph.

mod interactions;
mod network;
mod people;
mod relationships;

pub use interactions::store::InteractionSource;
pub use people::store::PersonSource;
pub use relationships::store::RelationshipSource;

use interactions::service::InteractionService;
use looma_kernel::types::ServiceName;
use looma_kernel::{App, Kernel, Result};
use looma_store::Projector;
use looma_store::projector::Target;
use network::service::NetworkService;
use people::service::PeopleService;
use relationships::service::RelationshipService;

/// The relationship service, ready to be served; from now on it feeds the graph.
pub async fn app(kernel: &Kernel) -> Result<App> {
    let projector = projector(kernel);
    kernel.host(&projector);
    let people = PeopleService::new(kernel);
    Ok(App::new(kernel, ServiceName::Relationship, "People, interactions, relationships, and the paths between records.")
        .routes(people::routes::routes(people.clone()))
        .routes(interactions::routes::routes(InteractionService::new(kernel, people.clone())))
        .routes(network::routes::routes(NetworkService::new(kernel, people.clone(), projector)))
        .routes(relationships::routes::routes(RelationshipService::new(kernel, people))))
}

/// What makes the graph from the outbox.
pub fn projector(kernel: &Kernel) -> Projector {
    let stores = kernel.stores();
    Projector::new(stores.sql.clone(), Target::Graph(stores.graph.clone()))
}

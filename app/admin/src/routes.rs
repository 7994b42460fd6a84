//! Every address of the console, in one place.

use crate::pages;
use leptos_router::components::{FlatRoutes, Route};
use leptos_router::path;
use looma_app_ui::prelude::*;
use looma_app_ui::root::SignedIn;
use looma_app_ui::states::NotFound;

/// The page for the current address.
pub fn routes() -> AnyView {
    view! {
        <FlatRoutes fallback=NotFound>
            <Route path=path!("/sign-in") view=SignedIn/>
            <Route path=path!("/") view=pages::overview::OverviewPage/>
            <Route path=path!("/services") view=pages::services::ServicesPage/>
            <Route path=path!("/users") view=pages::users::UsersPage/>
            <Route path=path!("/users/roles") view=pages::users::roles::RolesPage/>
            <Route path=path!("/audit") view=pages::audit::AuditPage/>
            <Route path=path!("/config") view=pages::config::ConfigPage/>
            <Route path=path!("/backups") view=pages::backups::BackupsPage/>
            <Route path=path!("/logs") view=pages::logs::LogsPage/>
            <Route path=path!("/projections") view=pages::projections::ProjectionsPage/>
        </FlatRoutes>
    }
    .into_any()
}

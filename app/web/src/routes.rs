//! Every address of the application, in one place.

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
            <Route path=path!("/") view=pages::dashboard::DashboardPage/>
            <Route path=path!("/people") view=pages::people::PeoplePage/>
            <Route path=path!("/people/:id") view=pages::person::PersonPage/>
            <Route path=path!("/jobs") view=pages::jobs::JobsPage/>
            <Route path=path!("/jobs/new") view=pages::job::form::NewJobPage/>
            <Route path=path!("/jobs/:id") view=pages::job::JobPage/>
            <Route path=path!("/jobs/:id/edit") view=pages::job::form::EditJobPage/>
            <Route path=path!("/jobs/:id/board") view=pages::job::board::BoardPage/>
            <Route path=path!("/jobs/:id/matches") view=pages::job::matches::MatchesPage/>
            <Route path=path!("/companies") view=pages::companies::CompaniesPage/>
            <Route path=path!("/companies/new") view=pages::companies::NewCompanyPage/>
            <Route path=path!("/companies/:id") view=pages::company::CompanyPage/>
            <Route path=path!("/settings") view=pages::settings::SettingsPage/>
            <Route path=path!("/projects") view=pages::projects::ProjectsPage/>
            <Route path=path!("/projects/:id") view=pages::project::ProjectPage/>
            <Route path=path!("/skills") view=pages::skills::SkillsPage/>
            <Route path=path!("/skills/:id") view=pages::skills::SkillPage/>
            <Route path=path!("/imports") view=pages::imports::ImportsPage/>
            <Route path=path!("/search") view=pages::search::SearchPage/>
            <Route path=path!("/oauth/authorize") view=pages::oauth::AuthorizePage/>
            <Route path=path!("/paths") view=pages::paths::PathsPage/>
        </FlatRoutes>
    }
    .into_any()
}

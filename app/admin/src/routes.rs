//! Every address of the console, in one place.

use crate::pages;
use leptos_router::components::{FlatRoutes, Route};
use leptos_router::path;
use looma_app_ui::prelude::*;
use looma_app_ui::states::NotFound;

/// The page for the current address.
pub fn routes() -> AnyView {
    view! {
        <FlatRoutes fallback=NotFound>
            <Route path=path!("/") view=pages::services::ServicesPage/>
        </FlatRoutes>
    }
    .into_any()
}

//! The admin console: who is signed in, the frame, and the pages in it.

#![recursion_limit = "512"]

mod entry;
mod measures;
mod moment;
mod pager;
mod pages;
mod roles;
mod routes;
mod session;

use leptos_meta::provide_meta_context;
use leptos_router::components::Router;
use looma_app_ui::frame::{App as Which, Frame, NavItem, mark_hydrated};
use looma_app_ui::preferences::provide_preferences;
use looma_app_ui::prelude::*;
use looma_app_ui::sign_in::{Gate, SignInFields};
use looma_app_ui::states::ErrorState;

/// The rail, in order; the first four stand in the bottom bar of small screens.
const NAV: &[NavItem] = &[
    NavItem::new("/", OVERVIEW, Icon::House),
    NavItem::new("/services", SERVICES, Icon::Activity),
    NavItem::new("/users", USERS, Icon::Users),
    NavItem::new("/logs", LOGS, Icon::ScrollText),
    NavItem::new("/audit", AUDIT, Icon::ShieldCheck),
    NavItem::new("/config", CONFIGURATION, Icon::SlidersHorizontal),
    NavItem::new("/backups", BACKUPS, Icon::Archive),
    NavItem::new("/projections", PROJECTIONS, Icon::Database),
];

/// The console.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    provide_preferences();
    mark_hydrated();
    let sign_in = ServerAction::<session::SignIn>::new();
    // Asked again only when signing in worked: a refused form keeps what was typed.
    let signed_in = Memo::new(move |_| matches!(*sign_in.value().read(), Some(Ok(()))));
    let viewer = Resource::new(move || signed_in.get(), |_| session::who());
    view! {
        <Title formatter=|title| format!("{title} · LoomaCRM Admin")/>
        <Router>
            <Suspense>
                {move || Suspend::new(async move {
                    match viewer.await {
                        Ok(Some(viewer)) => view! {
                            <Frame app=Which::Admin nav=NAV viewer sign_out="/api/admin/session/sign-out">{routes::routes()}</Frame>
                        }.into_any(),
                        Ok(None) => view! { <SignInPage action=sign_in/> }.into_any(),
                        Err(failure) => view! { <main><ErrorState failure/></main> }.into_any(),
                    }
                })}
            </Suspense>
        </Router>
    }
}

#[component]
fn SignInPage(action: ServerAction<session::SignIn>) -> impl IntoView {
    let failure = Signal::derive(move || action.value().get().and_then(Result::err));
    view! {
        <Gate app=Which::Admin>
            <ActionForm action><SignInFields failure pending=action.pending()/></ActionForm>
        </Gate>
    }
}

messages! {
    OVERVIEW: "Overview", "概览";
    PROJECTIONS: "Projections", "投影";
    SERVICES: "Services", "服务";
    USERS: "Users", "用户";
    LOGS: "Logs", "日志";
    BACKUPS: "Backups", "备份";
    AUDIT: "Audit log", "审计日志";
    CONFIGURATION: "Configuration", "配置";
}

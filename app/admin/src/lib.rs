//! The admin console: who is signed in, the frame, and the pages in it.

#![recursion_limit = "512"]

mod measures;
mod pages;
mod roles;
mod routes;
mod session;

use looma_app_ui::frame::{App as Which, NavItem};
use looma_app_ui::prelude::*;
use looma_app_ui::root::Root;
use session::SignIn;

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
    let sign_in = ServerAction::<SignIn>::new();
    view! {
        <Root app=Which::Admin name="LoomaCRM Admin" nav=NAV sign_in who=session::who sign_out="/api/admin/session/sign-out"
            form=sign_in_form routes=routes::routes/>
    }
}

fn sign_in_form(action: ServerAction<SignIn>, fields: AnyView) -> AnyView {
    view! { <ActionForm action>{fields}</ActionForm> }.into_any()
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

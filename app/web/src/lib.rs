//! The browser application: who is signed in, the frame, and the pages in it.

#![recursion_limit = "512"]

mod pages;
mod palette;
mod picker;
mod records;
mod routes;
mod session;

use looma_app_ui::frame::{App as Which, NavItem};
use looma_app_ui::prelude::*;
use looma_app_ui::root::Root;
use session::SignIn;

/// The rail, in order; the first four stand in the bottom bar of small screens.
const NAV: &[NavItem] = &[
    NavItem::new("/", OVERVIEW, Icon::House),
    NavItem::new("/people", PEOPLE, Icon::Users),
    NavItem::new("/jobs", JOBS, Icon::Briefcase),
    NavItem::new("/search", SEARCH, Icon::Search),
    NavItem::new("/companies", COMPANIES, Icon::Building2),
    NavItem::new("/projects", PROJECTS, Icon::FolderKanban),
    NavItem::new("/skills", SKILLS, Icon::Sparkles),
    NavItem::new("/paths", PATHS, Icon::Waypoints),
    NavItem::new("/imports", IMPORTS, Icon::FileUp),
    NavItem::new("/settings", SETTINGS, Icon::Settings),
];

/// The application.
#[component]
pub fn App() -> impl IntoView {
    let sign_in = ServerAction::<SignIn>::new();
    view! {
        <Root app=Which::Web name="LoomaCRM" nav=NAV sign_in who=session::who sign_out="/api/web/session/sign-out" suggest=palette::records
            form=sign_in_form routes=routes::routes/>
    }
}

fn sign_in_form(action: ServerAction<SignIn>, fields: AnyView) -> AnyView {
    view! { <ActionForm action>{fields}</ActionForm> }.into_any()
}

messages! {
    OVERVIEW: "Overview", "概览";
    PEOPLE: "People", "人才";
    JOBS: "Jobs", "职位";
    SEARCH: "Search", "搜索";
    COMPANIES: "Companies", "公司";
    PROJECTS: "Projects", "项目";
    SKILLS: "Skills", "技能";
    PATHS: "Paths", "引荐路径";
    IMPORTS: "Imports", "导入";
    SETTINGS: "Settings", "设置";
}

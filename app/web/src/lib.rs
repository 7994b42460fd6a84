//! The browser application: who is signed in, the frame, and the pages in it.

#![recursion_limit = "512"]

mod done;
mod pager;
mod pages;
mod picker;
mod records;
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
    provide_meta_context();
    provide_preferences();
    mark_hydrated();
    let sign_in = ServerAction::<session::SignIn>::new();
    // Asked again only when signing in worked: a refused form keeps what was typed.
    let signed_in = Memo::new(move |_| matches!(*sign_in.value().read(), Some(Ok(()))));
    let viewer = Resource::new(move || signed_in.get(), |_| session::who());
    view! {
        <Title formatter=|title| format!("{title} · LoomaCRM")/>
        <Router>
            <Suspense>
                {move || Suspend::new(async move {
                    match viewer.await {
                        Ok(Some(viewer)) => view! {
                            <Frame app=Which::Web nav=NAV viewer sign_out="/api/web/session/sign-out">{routes::routes()}</Frame>
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
        <Gate app=Which::Web>
            <ActionForm action><SignInFields failure pending=action.pending()/></ActionForm>
        </Gate>
    }
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

//! The frame around every page: rail, top bar, bottom bar; and the page head that each page starts with.

use crate::class;
use crate::floating::{ToastRegion, provide_toasts};
use crate::icon::{Glyph, Icon};
use crate::keys::{KEYS, Keys};
use crate::palette::{Palette, Suggest};
use crate::preferences::{Preferences, Theme, choice_href};
use crate::record::Avatar;
use crate::viewer::Viewer;
use crate::words::{Locale, MORE, Msg, SEARCH, locale, t};
use leptos::prelude::*;
use leptos_router::hooks::use_location;

/// The two front ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum App {
    Web,
    Admin,
}

impl App {
    /// The value of `data-app`, which chooses the accent.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Admin => "admin",
        }
    }

    /// The line under the product's name.
    const fn subtitle(self) -> Msg {
        match self {
            Self::Web => WEB_SUBTITLE,
            Self::Admin => ADMIN_SUBTITLE,
        }
    }
}

/// One entry of the rail. The first four stand in the bottom bar of small screens.
#[derive(Clone, Copy, Debug)]
pub struct NavItem {
    pub href: &'static str,
    pub label: Msg,
    pub icon: Icon,
}

impl NavItem {
    pub const fn new(href: &'static str, label: Msg, icon: Icon) -> Self {
        Self { href, label, icon }
    }
}

/// Sets a marker once the page is alive, for tests and for styles.
pub fn mark_hydrated() {
    #[cfg(feature = "hydrate")]
    Effect::new(|_| {
        if let Some(root) = document().document_element() {
            let _ = root.set_attribute("data-hydrated", "");
        }
    });
}

/// Rail, content and what floats. `sign_out` is the address of the application's sign-out server function.
#[component]
pub fn Frame(
    app: App,
    nav: &'static [NavItem],
    viewer: Viewer,
    sign_out: &'static str,
    #[prop(optional_no_strip)] suggest: Option<Suggest>,
    children: Children,
) -> impl IntoView {
    provide_context(viewer.clone());
    let toasts = provide_toasts();
    let (palette, keys) = (RwSignal::new(false), RwSignal::new(false));
    let open = move |_| palette.set(true);
    let bottom = nav.iter().take(4).map(|item| view! { <NavLink item=*item class=class!("bottom-link")/> }).collect_view();
    view! {
        <a class="skip" href="#main">{t(SKIP)}</a>
        <div class="frame">
            <nav class="rail" aria-label=t(MAIN_NAVIGATION)>
                <a class="brand" href="/"><Mark/> <span><span class="brand-name">"LoomaCRM"</span> <span class="brand-sub">{t(app.subtitle())}</span></span></a>
                <button type="button" class="rail-search" on:click=open><Glyph icon=Icon::Search size=15/> {t(SEARCH)} <kbd>"Ctrl K"</kbd></button>
                {nav.iter().map(|item| view! { <NavLink item=*item class=class!("rail-link")/> }).collect_view()}
                <div class="rail-foot">
                    <button type="button" class="rail-user" popovertarget="user-menu">
                        <Avatar name=viewer.name.clone()/>
                        <span class="rail-user-text"><span class="brand-name">{viewer.name.clone()}</span> <span class="brand-sub">{viewer.email.clone()}</span></span>
                    </button>
                </div>
            </nav>
            <main class="main" id="main" tabindex="-1">{children()}</main>
            <nav class="bottom-bar" aria-label=t(BOTTOM_NAVIGATION)>
                {bottom}
                <button type="button" class="bottom-link" popovertarget="user-menu"><Glyph icon=Icon::Menu size=18/> {t(MORE)}</button>
            </nav>
        </div>
        <div class="menu" id="user-menu" popover="auto">
            <div class="md:hidden">
                {nav.iter().skip(4).map(|item| view! { <NavLink item=*item class=class!("rail-link")/> }).collect_view()}
                <div class="menu-line"></div>
            </div>
            <Choices/>
            <div class="menu-line"></div>
            <button type="button" class="rail-link wide-only" popovertarget="user-menu" popovertargetaction="hide" on:click=move |_| keys.set(true)>
                <Glyph icon=Icon::Keyboard/> {t(KEYS)} <kbd class="ml-auto">"?"</kbd>
            </button>
            <form method="post" action=sign_out>
                <button type="submit" class="rail-link"><Glyph icon=Icon::LogOut/> {t(SIGN_OUT)}</button>
            </form>
        </div>
        <Palette nav open=palette suggest/>
        <Keys open=keys/>
        <ToastRegion toasts/>
    }
}

/// A link of the rail or the bottom bar; current on its page and below it.
#[component]
fn NavLink(item: NavItem, class: &'static str) -> impl IntoView {
    let location = use_location();
    let current = move || {
        let path = location.pathname.get();
        let below = path.strip_prefix(item.href).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        (if item.href == "/" { path == "/" } else { below }).then_some("page")
    };
    view! { <a class=class href=item.href aria-current=current><Glyph icon=item.icon/> {t(item.label)}</a> }
}

/// The switches of language and colour scheme: links, so that they work without scripts.
#[component]
pub fn Choices() -> impl IntoView {
    let location = use_location();
    let here =
        move || format!("{}{}{}", location.pathname.get(), if location.search.read().is_empty() { "" } else { "?" }, location.search.get());
    let now = use_context::<Preferences>().unwrap_or_default();
    let language = move |choice: Locale, word: &'static str, label: &'static str| {
        view! { <a class="segment" rel="external" lang=choice.tag() href=move || choice_href("lang", word, &here()) aria-current=(now.locale == choice).then_some("true")>{label}</a> }
    };
    let theme = move |choice: Theme, icon: Icon, label: Msg| {
        view! {
            <a class="segment" rel="external" href=move || choice_href("theme", choice.as_str(), &here()) aria-current=(now.theme == choice).then_some("true") aria-label=t(label) title=t(label)>
                <Glyph icon=icon size=14/>
            </a>
        }
    };
    view! {
        <div class="menu-row">
            <span>{t(LANGUAGE)}</span>
            <span class="segments">{language(Locale::Zh, "zh", "中文")} {language(Locale::En, "en", "English")}</span>
        </div>
        <div class="menu-row">
            <span>{t(COLOURS)}</span>
            <span class="segments">
                {theme(Theme::Light, Icon::Sun, LIGHT)} {theme(Theme::Dark, Icon::Moon, DARK)} {theme(Theme::System, Icon::Monitor, SYSTEM)}
            </span>
        </div>
    }
}

/// The product's mark: two threads crossing.
#[component]
pub fn Mark(#[prop(default = 22)] size: u32) -> impl IntoView {
    view! {
        <svg class="brand-mark" width=size height=size viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2.6" stroke-linecap="round" aria-hidden="true">
            <path d="M4 5.5c6 0 10 13 16 13"></path>
            <path d="M4 18.5c2.4 0 4.4-2.1 6.2-4.6M13.8 10.1C15.6 7.6 17.6 5.5 20 5.5"></path>
        </svg>
    }
}

/// One step of the way to a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crumb {
    pub href: String,
    pub label: String,
}

impl Crumb {
    pub fn new(href: impl Into<String>, label: impl Into<String>) -> Self {
        Self { href: href.into(), label: label.into() }
    }
}

/// The top bar of a page: the way here, its title (the page's `<h1>` and document title), and its actions as children.
#[component]
pub fn PageHead(
    #[prop(into)] title: Signal<String>,
    #[prop(optional)] crumbs: Vec<Crumb>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <leptos_meta::Title text=move || title.get()/>
        <header class="top-bar">
            <div class="crumbs">
                {crumbs
                    .into_iter()
                    .map(|crumb| view! { <a href=crumb.href>{crumb.label}</a> <Glyph icon=Icon::ChevronRight size=13/> })
                    .collect_view()}
                <h1>{move || title.get()}</h1>
            </div>
            {children.map(|children| view! { <div class="top-actions">{children()}</div> })}
        </header>
    }
}

/// The language of this page as a word for services that answer in it.
pub fn language_word() -> &'static str {
    match locale() {
        Locale::En => "en",
        Locale::Zh => "zh",
    }
}

crate::messages! {
    WEB_SUBTITLE: "Talent relationships", "人才关系";
    ADMIN_SUBTITLE: "Admin console", "管理控制台";
    SKIP: "Skip to content", "跳到正文";
    MAIN_NAVIGATION: "Main", "主导航";
    BOTTOM_NAVIGATION: "Quick", "快捷导航";
    SIGN_OUT: "Sign out", "退出登录";
    LANGUAGE: "Language", "语言";
    COLOURS: "Colours", "配色";
    LIGHT: "Light", "浅色";
    DARK: "Dark", "深色";
    SYSTEM: "Like the system", "跟随系统";
}

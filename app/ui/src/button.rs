//! Buttons and links that look like buttons.

use crate::icon::{Glyph, Icon};
use leptos::prelude::*;

/// How much a button asks for attention. One primary a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Emphasis {
    Primary,
    #[default]
    Plain,
    Quiet,
    Danger,
}

impl Emphasis {
    fn class(self, small: bool, bare: bool) -> String {
        let mut class = String::from(match self {
            Self::Primary => class!("button button-primary"),
            Self::Plain => class!("button"),
            Self::Quiet => class!("button button-quiet"),
            Self::Danger => class!("button button-danger"),
        });
        if small {
            class.push_str(class!(" button-small"));
        }
        if bare {
            class.push_str(class!(" button-icon"));
        }
        class
    }
}

/// Marks a string as class names, so that the style generator finds them outside `class="…"`.
#[macro_export]
macro_rules! class {
    ($names:literal) => {
        $names
    };
}
use class;

/// A button. Give `icon` alone and a `label` for an icon button; the label is then its accessible name.
#[component]
pub fn Button(
    #[prop(into)] label: String,
    #[prop(optional)] emphasis: Emphasis,
    #[prop(optional)] icon: Option<Icon>,
    /// Shows the icon alone.
    #[prop(optional)]
    bare: bool,
    #[prop(optional)] small: bool,
    #[prop(optional, into)] disabled: Signal<bool>,
    on_click: impl FnMut(leptos::ev::MouseEvent) + 'static,
) -> impl IntoView {
    let name = bare.then(|| label.clone());
    view! {
        <button type="button" class=emphasis.class(small, bare) disabled=disabled aria-label=name.clone() title=name on:click=on_click>
            {icon.map(|icon| view! { <Glyph icon=icon size=15/> })}
            {(!bare).then_some(label)}
        </button>
    }
}

/// A link that looks like a button.
#[component]
pub fn ButtonLink(
    #[prop(into)] label: String,
    #[prop(into)] href: Signal<String>,
    #[prop(optional)] emphasis: Emphasis,
    #[prop(optional)] icon: Option<Icon>,
    #[prop(optional)] bare: bool,
    #[prop(optional)] small: bool,
) -> impl IntoView {
    let name = bare.then(|| label.clone());
    view! {
        <a class=emphasis.class(small, bare) href=move || href.get() aria-label=name.clone() title=name>
            {icon.map(|icon| view! { <Glyph icon=icon size=15/> })}
            {(!bare).then_some(label)}
        </a>
    }
}

/// Sends the form it stands in; shows that it is being sent.
#[component]
pub fn SubmitButton(
    #[prop(into)] label: String,
    #[prop(default = Emphasis::Primary)] emphasis: Emphasis,
    #[prop(optional)] icon: Option<Icon>,
    #[prop(optional, into)] pending: Signal<bool>,
    #[prop(optional)] wide: bool,
) -> impl IntoView {
    let class = format!("{}{}", emphasis.class(false, false), if wide { class!(" button-wide") } else { "" });
    view! {
        <button type="submit" class=class aria-busy=move || pending.get().to_string() disabled=pending>
            {icon.map(|icon| view! { <Glyph icon=icon size=15/> })}
            {label}
        </button>
    }
}

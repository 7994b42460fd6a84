//! Parts of a record's page: avatar, state, facts, timeline, tiles, sections.

use crate::field::Tone;
use crate::icon::{Glyph, Icon};
use crate::time::When;
use leptos::prelude::*;
use looma_types::Instant;

/// Initials on a colour that the name decides. Decorative: the name stands beside it.
#[component]
pub fn Avatar(
    #[prop(into)] name: String,
    #[prop(optional)] large: bool,
    /// For companies.
    #[prop(optional)]
    square: bool,
) -> impl IntoView {
    let hue = name.bytes().fold(7_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte))) % 8;
    let class = format!(
        "{} hue-{hue}{}{}",
        crate::class!("avatar"),
        if large { crate::class!(" avatar-large") } else { "" },
        if square { crate::class!(" avatar-square") } else { "" }
    );
    view! { <span class=class aria-hidden="true">{initials(&name)}</span> }
}

/// Two letters of a Western name; the family name of a Chinese one.
fn initials(name: &str) -> String {
    let mut words = name.split_whitespace().filter_map(|word| word.chars().next());
    match (words.next(), words.next_back()) {
        (Some(first), _) if !first.is_ascii() && !first.is_lowercase() && ('\u{3400}'..='\u{9fff}').contains(&first) => first.to_string(),
        (Some(first), Some(last)) => first.to_uppercase().chain(last.to_uppercase()).collect(),
        (Some(first), None) => first.to_uppercase().collect(),
        (None, _) => "?".to_owned(),
    }
}

/// A person or company with its avatar, linked when there is an address.
#[component]
pub fn PersonLabel(
    #[prop(into)] name: String,
    #[prop(optional, into)] href: Option<String>,
    #[prop(optional)] square: bool,
) -> impl IntoView {
    let inside = view! { <Avatar name=name.clone() square/> <span>{name}</span> };
    match href {
        Some(href) => view! { <a class="cell-link" href=href>{inside}</a> }.into_any(),
        None => view! { <span class="cell-link">{inside}</span> }.into_any(),
    }
}

/// A state in a word; the colour repeats what the word says.
#[component]
pub fn Badge(#[prop(optional)] tone: Tone, #[prop(into)] label: String) -> impl IntoView {
    let class = match tone {
        Tone::Neutral => crate::class!("badge"),
        Tone::Good => crate::class!("badge badge-good"),
        Tone::Warn => crate::class!("badge badge-warn"),
        Tone::Bad => crate::class!("badge badge-bad"),
        Tone::Accent => crate::class!("badge badge-accent"),
    };
    view! { <span class=class>{label}</span> }
}

/// Properties of a record. Children are [`Fact`]s.
#[component]
pub fn Facts(children: Children) -> impl IntoView {
    view! { <dl class="facts">{children()}</dl> }
}

/// One property: what it is, and its value as children.
#[component]
pub fn Fact(#[prop(into)] label: String, children: Children) -> impl IntoView {
    view! { <dt>{label}</dt> <dd>{children()}</dd> }
}

/// A titled part of a page; `actions` stands at the right of the title.
#[component]
pub fn Section(#[prop(into)] title: String, #[prop(optional, into)] actions: Option<ViewFn>, children: Children) -> impl IntoView {
    view! {
        <section class="section">
            <div class="section-head"><h2>{title}</h2> {actions.map(|actions| view! { <div>{actions.run()}</div> })}</div>
            {children()}
        </section>
    }
}

/// Something that happened. Several stand in a `<ol class="timeline">`.
#[component]
pub fn TimelineItem(icon: Icon, #[prop(into)] title: String, at: Instant, #[prop(optional)] children: Option<Children>) -> impl IntoView {
    view! {
        <li class="timeline-item">
            <span class="timeline-mark"><Glyph icon=icon size=13/></span>
            <div>
                <div class="timeline-head"><span>{title}</span> <When at/></div>
                {children.map(|children| view! { <div class="timeline-body">{children()}</div> })}
            </div>
        </li>
    }
}

/// Key numbers in a row. Children are [`StatTile`]s.
#[component]
pub fn Tiles(children: Children) -> impl IntoView {
    view! { <div class="tiles">{children()}</div> }
}

/// One key number, linked to what it counts when there is an address.
#[component]
pub fn StatTile(
    #[prop(into)] label: String,
    #[prop(into)] value: Signal<String>,
    #[prop(optional)] icon: Option<Icon>,
    #[prop(optional, into)] note: Option<String>,
    #[prop(optional, into)] href: Option<String>,
) -> impl IntoView {
    let inside = view! {
        <span class="tile-label">{icon.map(|icon| view! { <Glyph icon=icon size=14/> })} {label}</span>
        <span class="tile-value">{move || value.get()}</span>
        {note.map(|note| view! { <span class="tile-note">{note}</span> })}
    };
    match href {
        Some(href) => view! { <a class="tile" href=href>{inside}</a> }.into_any(),
        None => view! { <div class="tile">{inside}</div> }.into_any(),
    }
}

#[cfg(test)]
mod tests {
    use super::initials;

    #[test]
    fn initials_follow_the_culture() {
        assert_eq!(initials("Ann Mary Smith"), "AS");
        assert_eq!(initials("王小明"), "王");
        assert_eq!(initials("cher"), "C");
        assert_eq!(initials("  "), "?");
    }
}

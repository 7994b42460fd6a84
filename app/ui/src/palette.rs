//! The command palette: `Ctrl K` or `⌘K` goes anywhere, to a record, or searches for what was typed.

use crate::frame::NavItem;
use crate::icon::{Glyph, Icon};
use crate::navigation::go;
use crate::words::{SEARCH, t, tf};
use leptos::prelude::*;
use std::pin::Pin;
use std::time::Duration;

/// How long after the last key the records are asked for.
const AFTER: Duration = Duration::from_millis(120);

/// An entry that matches what was typed.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry {
    pub href: String,
    pub label: String,
    pub icon: Icon,
    /// What kind of entry it is.
    pub note: &'static str,
}

/// Finds the records that fit what was typed.
pub type Suggest = fn(String) -> Pin<Box<dyn Future<Output = Vec<Entry>>>>;

/// Pages first, then the records that were found, then the search for the words as they are.
fn entries(nav: &'static [NavItem], typed: &str, records: Vec<Entry>) -> Vec<Entry> {
    let wanted = typed.trim().to_lowercase();
    let mut found: Vec<Entry> = nav
        .iter()
        .filter(|item| wanted.is_empty() || [item.label.en, item.label.zh].iter().any(|label| label.to_lowercase().contains(&wanted)))
        .map(|item| Entry { href: item.href.to_owned(), label: t(item.label).to_owned(), icon: item.icon, note: t(GO_TO) })
        .collect();
    found.extend(records);
    // The application searches records; the console has no such page.
    if !wanted.is_empty() && nav.iter().any(|item| item.href == "/search") {
        let query = crate::navigation::escape(typed.trim());
        found.push(Entry {
            href: format!("/search?q={query}"),
            label: tf(SEARCH_FOR, &[&typed.trim()]),
            icon: Icon::Search,
            note: t(SEARCH),
        });
    }
    found
}

/// Asks for the records once the reader pauses; forgotten when they type on.
fn ask_later(suggest: Suggest, wanted: String, records: RwSignal<(String, Vec<Entry>)>) {
    if wanted.trim().is_empty() {
        return;
    }
    let ask = move || {
        leptos::task::spawn_local(async move {
            let found = suggest(wanted.clone()).await;
            records.try_set((wanted, found));
        });
    };
    if let Ok(handle) = set_timeout_with_handle(ask, AFTER) {
        on_cleanup(move || handle.clear());
    }
}

/// The palette. Opens by `open` and by the keyboard.
#[component]
pub(crate) fn Palette(nav: &'static [NavItem], open: RwSignal<bool>, #[prop(optional_no_strip)] suggest: Option<Suggest>) -> impl IntoView {
    let dialog = NodeRef::<leptos::html::Dialog>::new();
    let input = NodeRef::<leptos::html::Input>::new();
    let typed = RwSignal::new(String::new());
    let chosen = RwSignal::new(0_usize);
    // The records for a text that is no longer there are nobody's choice.
    let records = RwSignal::new((String::new(), Vec::new()));
    let found = Memo::new(move |_| {
        let typed = typed.read();
        let (wanted, found) = records.get();
        entries(nav, &typed, if wanted == *typed { found } else { Vec::new() })
    });
    if let Some(suggest) = suggest {
        Effect::new(move |_| ask_later(suggest, typed.get(), records));
    }
    Effect::new(move |_| {
        let (Some(dialog), open) = (dialog.get(), open.get()) else { return };
        if open && !dialog.open() {
            typed.set(String::new());
            chosen.set(0);
            let _ = dialog.show_modal();
            if let Some(input) = input.get_untracked() {
                let _ = input.focus();
            }
        } else if !open && dialog.open() {
            dialog.close();
        }
    });
    let handle = window_event_listener(leptos::ev::keydown, move |event| {
        if (event.ctrl_key() || event.meta_key()) && event.key().eq_ignore_ascii_case("k") {
            event.prevent_default();
            open.update(|open| *open = !*open);
        }
    });
    on_cleanup(move || handle.remove());
    let go = go();
    let visit = Callback::new(move |href: String| {
        open.set(false);
        go(&href);
    });
    let on_key = move |event: leptos::ev::KeyboardEvent| {
        let count = found.read_untracked().len();
        match event.key().as_str() {
            "ArrowDown" => chosen.update(|at| *at = (*at + 1).min(count.saturating_sub(1))),
            "ArrowUp" => chosen.update(|at| *at = at.saturating_sub(1)),
            "Enter" => {
                if let Some(entry) = found.read_untracked().get(chosen.get_untracked()) {
                    visit.run(entry.href.clone());
                }
            }
            _ => return,
        }
        event.prevent_default();
    };
    view! {
        <dialog class="palette" node_ref=dialog aria-label=t(COMMANDS) on:close=move |_| open.set(false)>
            <div class="palette-input">
                <Glyph icon=Icon::Search/>
                <input node_ref=input type="text" maxlength="200" role="combobox" aria-expanded="true" aria-controls="palette-list" aria-autocomplete="list"
                    aria-activedescendant=move || format!("palette-{}", chosen.get())
                    aria-label=t(COMMANDS) placeholder=t(WHERE_TO) prop:value=typed
                    on:input:target=move |event| { typed.set(event.target().value()); chosen.set(0); } on:keydown=on_key/>
                <kbd>"Esc"</kbd>
            </div>
            <div class="palette-list" id="palette-list" role="listbox" aria-label=t(COMMANDS)>
                {move || found.get().into_iter().enumerate().map(|(index, entry)| {
                    let href = entry.href.clone();
                    view! {
                        <button type="button" class="palette-item" tabindex="-1" role="option" id=format!("palette-{index}")
                            aria-selected=move || (chosen.get() == index).to_string()
                            on:click=move |_| visit.run(href.clone())>
                            <Glyph icon=entry.icon/> {entry.label} <span class="palette-note">{entry.note}</span>
                        </button>
                    }
                }).collect_view()}
            </div>
        </dialog>
    }
}

crate::messages! {
    COMMANDS: "Commands", "命令面板";
    WHERE_TO: "Where to? Or type to search…", "要去哪里？或输入以搜索…";
    GO_TO: "Go to", "前往";
    SEARCH_FOR: "Search for “{0}”", "搜索“{0}”";
}

//! What the keyboard does everywhere: `/` goes to the filter, `?` shows all keys.

use crate::floating::Dialog;
use crate::words::{CLOSE, Msg, t};
use leptos::prelude::*;

/// Whether a key belongs to what the reader writes, or is a command of the browser's.
#[cfg_attr(not(feature = "hydrate"), allow(dead_code, reason = "keys are pressed in the browser"))]
pub(crate) fn is_writing(event: &leptos::ev::KeyboardEvent) -> bool {
    let active = document().active_element();
    let field = active.is_some_and(|element| matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT"));
    field || event.ctrl_key() || event.meta_key() || event.alt_key()
}

/// The overview of keys. Opens by `open` and by `?`.
#[component]
pub(crate) fn Keys(open: RwSignal<bool>) -> impl IntoView {
    let handle = window_event_listener(leptos::ev::keydown, move |event| {
        let key = event.key();
        if !matches!(key.as_str(), "?" | "/") || is_writing(&event) {
            return;
        }
        event.prevent_default();
        if key == "?" {
            open.update(|open| *open = !*open);
        } else {
            focus_filter();
        }
    });
    on_cleanup(move || handle.remove());
    let line = |keys: &'static [&'static str], does: Msg| {
        view! { <dt>{keys.iter().map(|key| view! { <kbd>{*key}</kbd> " " }).collect_view()}</dt> <dd>{t(does)}</dd> }
    };
    view! {
        <Dialog title=t(KEYS) open>
            <dl class="facts">
                {line(&["Ctrl K", "⌘ K"], ANYWHERE)}
                {line(&["/"], FILTER)}
                {line(&["j", "k"], ROWS)}
                {line(&["Enter"], OPEN)}
                {line(&["Alt ←", "Alt →"], CARDS)}
                {line(&["Esc"], CLOSE)}
                {line(&["?"], KEYS)}
            </dl>
        </Dialog>
    }
}

/// Goes to the first filter or search of the page.
fn focus_filter() {
    #[cfg(feature = "hydrate")]
    {
        use wasm_bindgen::JsCast;
        let field = document().query_selector("main input[type=search]").ok().flatten();
        if let Some(field) = field.and_then(|field| field.dyn_into::<web_sys::HtmlElement>().ok()) {
            let _ = field.focus();
        }
    }
}

crate::messages! {
    KEYS: "Keyboard shortcuts", "键盘快捷键";
    ANYWHERE: "Go anywhere, find any record", "前往任意页面，查找任意记录";
    FILTER: "Filter the list", "筛选列表";
    ROWS: "Next and previous row", "下一行、上一行";
    OPEN: "Open the row", "打开所选行";
    CARDS: "Move a card on the board", "在看板上移动卡片";
}

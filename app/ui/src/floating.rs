//! What floats above a page: dialogs, side panels, toasts.

use crate::icon::{Glyph, Icon};
use crate::navigation::go;
use crate::words::{CLOSE, t};
use leptos::prelude::*;

/// A modal question. Open while `open` is true; `Esc` closes it.
#[component]
pub fn Dialog(#[prop(into)] title: String, open: RwSignal<bool>, children: Children) -> impl IntoView {
    let dialog = NodeRef::<leptos::html::Dialog>::new();
    Effect::new(move |_| {
        let (Some(dialog), open) = (dialog.get(), open.get()) else { return };
        if open && !dialog.open() {
            let _ = dialog.show_modal();
        } else if !open && dialog.open() {
            dialog.close();
        }
    });
    view! {
        <dialog class="dialog" node_ref=dialog aria-label=title.clone() on:close=move |_| open.set(false)>
            <div class="dialog-head">
                <h2>{title.clone()}</h2>
                <button type="button" class="button button-quiet button-icon button-small" aria-label=t(CLOSE) on:click=move |_| open.set(false)>
                    <Glyph icon=Icon::X/>
                </button>
            </div>
            {children()}
        </dialog>
    }
}

/// A record beside its list. Stands in `<div class="split">` after the list; `Esc` or the cross go to `close`.
#[component]
pub fn SidePanel(#[prop(into)] title: String, #[prop(into)] close: Signal<String>, children: Children) -> impl IntoView {
    let go = go();
    let handle = window_event_listener(leptos::ev::keydown, move |event| {
        if event.key() == "Escape" && !event.default_prevented() {
            go(&close.get_untracked());
        }
    });
    on_cleanup(move || handle.remove());
    view! {
        <aside class="panel" aria-label=title.clone()>
            <div class="panel-head">
                <h2>{title.clone()}</h2>
                <a class="button button-quiet button-icon button-small" href=move || close.get() aria-label=t(CLOSE)><Glyph icon=Icon::X/></a>
            </div>
            <div class="panel-body">{children()}</div>
        </aside>
    }
}

/// A short message, perhaps with a way back.
#[derive(Clone)]
struct Toast {
    id: u32,
    text: String,
    action: Option<(String, Callback<()>)>,
}

/// The toasts on the page. From [`use_toasts`].
#[derive(Clone, Copy)]
pub struct Toasts {
    shown: RwSignal<Vec<Toast>>,
    next: StoredValue<u32>,
}

impl Toasts {
    /// Says that something is done.
    pub fn say(self, text: impl Into<String>) {
        self.push(text.into(), None);
    }

    /// Says that something is done and how to undo it.
    pub fn say_with(self, text: impl Into<String>, action: impl Into<String>, run: impl Fn() + Send + Sync + 'static) {
        self.push(text.into(), Some((action.into(), Callback::new(move |()| run()))));
    }

    fn push(self, text: String, action: Option<(String, Callback<()>)>) {
        let id = self.next.get_value();
        self.next.set_value(id + 1);
        self.shown.update(|shown| {
            shown.push(Toast { id, text, action });
            // More than three cover the page.
            let surplus = shown.len().saturating_sub(3);
            shown.drain(..surplus);
        });
        set_timeout(move || self.dismiss(id), std::time::Duration::from_secs(8));
    }

    fn dismiss(self, id: u32) {
        self.shown.try_update(|shown| shown.retain(|toast| toast.id != id));
    }
}

/// The toasts, inside the frame.
/// # Panics
/// Outside the frame.
pub fn use_toasts() -> Toasts {
    expect_context::<Toasts>()
}

/// Where toasts appear. The frame has one; it provides [`use_toasts`].
pub(crate) fn provide_toasts() -> Toasts {
    let toasts = Toasts { shown: RwSignal::new(Vec::new()), next: StoredValue::new(0) };
    provide_context(toasts);
    toasts
}

#[component]
pub(crate) fn ToastRegion(toasts: Toasts) -> impl IntoView {
    view! {
        <div class="toasts" role="status" aria-live="polite">
            <For each=move || toasts.shown.get() key=|toast| toast.id let:toast>
                <div class="toast">
                    <span class="toast-text">{toast.text}</span>
                    {toast.action.map(|(label, run)| {
                        let id = toast.id;
                        view! { <button type="button" class="toast-action" on:click=move |_| { run.run(()); toasts.dismiss(id); }>{label}</button> }
                    })}
                    <button type="button" class="toast-action" aria-label=t(CLOSE) on:click=move |_| toasts.dismiss(toast.id)><Glyph icon=Icon::X size=14/></button>
                </div>
            </For>
        </div>
    }
}

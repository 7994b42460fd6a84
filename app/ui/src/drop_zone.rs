//! Where files are dropped or chosen.

use crate::icon::{Glyph, Icon};
use leptos::prelude::*;

/// A zone for files. In the browser `on_files` gets what was dropped or chosen; inside a `<form>` with
/// `enctype="multipart/form-data"` it sends the field `name` without scripts too.
#[component]
pub fn DropZone(
    #[prop(default = "file")] name: &'static str,
    #[prop(into)] title: String,
    #[prop(into)] hint: String,
    /// Such as `.pdf,.docx`.
    accept: &'static str,
    #[prop(into)] on_files: Callback<Vec<web_sys::File>>,
) -> impl IntoView {
    let over = RwSignal::new(false);
    let input = NodeRef::<leptos::html::Input>::new();
    let give = move |list: Option<web_sys::FileList>| {
        let files: Vec<_> = list.map(|list| (0..list.length()).filter_map(|index| list.get(index)).collect()).unwrap_or_default();
        if !files.is_empty() {
            on_files.run(files);
        }
    };
    let dropped = move |event: leptos::ev::DragEvent| {
        event.prevent_default();
        over.set(false);
        give(event.data_transfer().and_then(|data| data.files()));
    };
    let chosen = move |_| {
        if let Some(input) = input.get_untracked() {
            give(input.files());
            // The same file can be chosen again.
            input.set_value("");
        }
    };
    view! {
        <label
            class="drop-zone"
            class:drop-zone-over=over
            on:dragover=move |event| { event.prevent_default(); over.set(true); }
            on:dragleave=move |_| over.set(false)
            on:drop=dropped
        >
            <Glyph icon=Icon::CloudUpload size=26/>
            <strong>{title}</strong>
            <span class="text-12 muted">{hint}</span>
            <input class="visually-hidden" node_ref=input type="file" name=name accept=accept multiple on:change=chosen/>
        </label>
    }
}

//! The foot of a list: how much is shown, and the way on. The cursor stands in the address.

use crate::button::ButtonLink;
use crate::navigation::query_with;
use crate::words::t;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// `shown` says how many there are; `next` is the cursor of the page after this one.
#[component]
pub fn Pager(#[prop(into)] shown: String, next: Option<String>) -> impl IntoView {
    let later = use_query_map().read_untracked().get("cursor").is_some();
    view! {
        <div class="list-foot">
            <span>{shown}</span>
            <span class="ml-auto flex gap-2">
                {later.then(|| view! { <ButtonLink label=t(START) href=Signal::derive(|| query_with(&[])) small=true/> })}
                {next.map(|cursor| view! { <ButtonLink label=t(NEXT) href=Signal::derive(move || query_with(&[("cursor", Some(&cursor))])) small=true/> })}
            </span>
        </div>
    }
}

crate::messages! {
    START: "To the start", "回到开头";
    NEXT: "Next page", "下一页";
}

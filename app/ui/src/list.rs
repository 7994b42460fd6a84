//! Lists: a table with a sticky head and keyboard travel, filter chips that read as a sentence, a search box.

use crate::icon::{Glyph, Icon};
use crate::navigation::query_with;
use crate::words::{Msg, SEARCH, t};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use leptos_router::params::ParamsMap;

/// A column: its heading, and the field it sorts by when it can.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    label: String,
    sort: Option<&'static str>,
    number: bool,
}

impl Column {
    pub fn new(label: impl Into<String>) -> Self {
        Self { label: label.into(), sort: None, number: false }
    }

    /// Sorts by `?sort=field`, and `?sort=-field` when pressed again.
    #[must_use]
    pub const fn sorts(mut self, field: &'static str) -> Self {
        self.sort = Some(field);
        self
    }

    /// Aligns right, for numbers.
    #[must_use]
    pub const fn number(mut self) -> Self {
        self.number = true;
        self
    }
}

/// A table. Children are [`Row`]s. `j` and `k` travel along the rows' first links.
#[component]
pub fn Table(
    /// What the table lists, for screen readers.
    #[prop(into)]
    caption: String,
    columns: Vec<Column>,
    children: Children,
) -> impl IntoView {
    let table = NodeRef::<leptos::html::Table>::new();
    travel(table);
    view! {
        <div class="table-box" tabindex="0" role="group" aria-label=caption.clone()>
            <table class="table" node_ref=table>
                <caption class="visually-hidden">{caption.clone()}</caption>
                <thead>
                    <tr>{columns.into_iter().map(head).collect_view()}</tr>
                </thead>
                <tbody>{children()}</tbody>
            </table>
        </div>
    }
}

fn head(column: Column) -> AnyView {
    let class = column.number.then_some("cell-number");
    let Some(field) = column.sort else {
        return view! { <th scope="col" class=class>{column.label}</th> }.into_any();
    };
    let query = use_query_map();
    let now = Memo::new(move |_| query.read().get("sort"));
    let down = format!("-{field}");
    let other = down.clone();
    let direction = Memo::new(move |_| match now.get().as_deref() {
        Some(sort) if sort == field => "ascending",
        Some(sort) if sort == other => "descending",
        _ => "none",
    });
    let href = move || query_with(&[("sort", Some(if direction.get() == "ascending" { down.as_str() } else { field }))]);
    view! {
        <th scope="col" class=class aria-sort=direction>
            <a href=href>
                {column.label}
                {move || match direction.get() {
                    "ascending" => Some(view! { <Glyph icon=Icon::ArrowUp size=12/> }),
                    "descending" => Some(view! { <Glyph icon=Icon::ArrowDown size=12/> }),
                    _ => None,
                }}
            </a>
        </th>
    }
    .into_any()
}

/// A row. Children are `<td>`s; the first link in it is where the keyboard lands.
#[component]
pub fn Row(#[prop(optional, into)] selected: Signal<bool>, children: Children) -> impl IntoView {
    view! { <tr aria-selected=move || selected.get().then_some("true")>{children()}</tr> }
}

/// `j` and `k` move the focus between the rows' first links, unless the reader is typing.
fn travel(table: NodeRef<leptos::html::Table>) {
    #[cfg(feature = "hydrate")]
    Effect::new(move |_| {
        use wasm_bindgen::JsCast;
        let handle = window_event_listener(leptos::ev::keydown, move |event| {
            let step = match event.key().as_str() {
                "j" => 1,
                "k" => -1,
                _ => return,
            };
            if crate::keys::is_writing(&event) {
                return;
            }
            let active = document().active_element();
            let Some(links) = table.get_untracked().and_then(|table| table.query_selector_all("tbody tr td:first-child a").ok()) else {
                return;
            };
            let at = |index: u32| links.item(index).and_then(|node| node.dyn_into::<web_sys::HtmlElement>().ok());
            let here = (0..links.length()).find(|index| at(*index).map(web_sys::Element::from) == active);
            let next = match here {
                Some(index) => (i64::from(index) + step).clamp(0, i64::from(links.length().max(1)) - 1) as u32,
                None => 0,
            };
            if let Some(link) = at(next) {
                let _ = link.focus();
            }
        });
        on_cleanup(move || handle.remove());
    });
    #[cfg(not(feature = "hydrate"))]
    let _ = table;
}

/// Orders of a list: the value of `?sort=` and its name. The first has no value; it is the service's own.
pub type Orders = &'static [(Option<&'static str>, Msg)];

/// By name, or the last changed first: the orders of most lists.
pub const BY_NAME_OR_CHANGE: Orders = &[(None, BY_NAME), (Some("-updated_at"), BY_CHANGE)];

/// The order that the address asks for, when it is one of these.
pub fn order_of(query: &ParamsMap, orders: Orders) -> Option<&'static str> {
    let asked = query.get("sort")?;
    orders.iter().find_map(|(value, _)| value.filter(|value| *value == asked))
}

/// One of these orders, as links.
#[component]
pub fn OrderBy(#[prop(default = BY_NAME_OR_CHANGE)] orders: Orders) -> impl IntoView {
    let query = use_query_map();
    let now = Memo::new(move |_| order_of(&query.read(), orders));
    let links = orders.iter().map(|(value, name)| {
        view! { <a class="segment" href=|| query_with(&[("sort", *value)]) aria-current=move || (now.get() == *value).then_some("true")>{t(*name)}</a> }
    });
    view! { <span class="segments ml-auto" role="group" aria-label=t(ORDER)>{links.collect_view()}</span> }
}

/// A plain chip: a tag, a skill, a word.
#[component]
pub fn Chip(#[prop(into)] label: String, #[prop(optional, into)] href: Option<String>) -> impl IntoView {
    match href {
        Some(href) => view! { <a class="chip" href=href>{label}</a> }.into_any(),
        None => view! { <span class="chip">{label}</span> }.into_any(),
    }
}

/// A filter that is on, as a sentence ("location is Berlin"), with a link that takes it off.
#[component]
pub fn FilterChip(
    #[prop(into)] field: String,
    #[prop(into)] value: String,
    /// The query parameter it stands for.
    param: &'static str,
) -> impl IntoView {
    let remove = crate::words::tf(REMOVE, &[&field, &value]);
    view! {
        <span class="chip chip-on">
            {field} " " {t(IS)} " " <b>{value}</b>
            <a class="chip-remove" href=move || query_with(&[(param, None)]) aria-label=remove><Glyph icon=Icon::X size=13/></a>
        </span>
    }
}

/// A search box that sends `?q=`; it works without scripts and keeps the other parameters given in `keep`.
#[component]
pub fn SearchBox(
    #[prop(into)] label: String,
    #[prop(default = &[])] keep: &'static [&'static str],
    #[prop(default = "q")] param: &'static str,
) -> impl IntoView {
    let query = use_query_map();
    let kept = move || {
        keep.iter()
            .filter_map(|key| query.read().get(key).map(|value| view! { <input type="hidden" name=*key value=value/> }))
            .collect_view()
    };
    let name = label.clone();
    view! {
        <leptos_router::components::Form method="GET" action="" attr:class="input-search" attr:role="search" attr:aria-label=name>
            <Glyph icon=Icon::Search size=15/>
            <input class="input input-small" type="search" name=param maxlength="200" aria-label=label.clone() placeholder=label.clone()
                prop:value=move || query.read().get(param).unwrap_or_default() value=query.read_untracked().get(param)/>
            {kept}
            <button type="submit" class="visually-hidden">{t(SEARCH)}</button>
        </leptos_router::components::Form>
    }
}

crate::messages! {
    IS: "is", "是";
    ORDER: "Order", "排序";
    BY_NAME: "Name", "按名称";
    BY_CHANGE: "Last changed", "最近更新";
    REMOVE: "Remove filter: {0} is {1}", "移除筛选：{0}是{1}";
}

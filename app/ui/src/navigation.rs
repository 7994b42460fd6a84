//! Addresses: what a page shows is named by its URL, so that it can be shared and survives a reload.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate};

/// A function that goes to an address inside the application.
pub fn go() -> impl Fn(&str) + Clone {
    let navigate = use_navigate();
    move |href| navigate(href, NavigateOptions::default())
}

/// The current address with some query parameters set (`Some`) or taken out (`None`). The cursor of the old
/// list goes too, unless it is what is set. Reactive.
pub fn query_with(changes: &[(&str, Option<&str>)]) -> String {
    let location = use_location();
    let mut query = location.query.get();
    query.remove("cursor");
    for (key, value) in changes {
        match value {
            Some(value) if !value.is_empty() => query.replace((*key).to_owned(), (*value).to_owned()),
            _ => drop(query.remove(key)),
        }
    }
    format!("{}{}", location.pathname.get(), query.to_query_string())
}

/// The address to go on to after signing in, as `?next=` names it: only one of this application's own.
pub fn own_path(next: Option<&str>) -> &str {
    next.filter(|path| {
        let second = path.chars().nth(1);
        path.starts_with('/') && !matches!(second, Some('/' | '\\')) && !path.chars().any(char::is_control)
    })
    .filter(|path| !path.starts_with("/sign-in"))
    .unwrap_or("/")
}

/// Text as a part of a query string. The server's half escapes more than the browser's; both must ask for the same.
pub fn escape(text: &str) -> String {
    let escaped = leptos_router::location::Url::escape(text);
    [("%2D", "-"), ("%5F", "_"), ("%2E", "."), ("%7E", "~")].into_iter().fold(escaped, |text, (code, plain)| text.replace(code, plain))
}

/// Adds `&key=value` to a query string.
pub fn add_param(query: &mut String, key: &str, value: &str) {
    for part in ["&", key, "=", &escape(value)] {
        query.push_str(part);
    }
}

/// One tab: an address and its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tab {
    pub href: String,
    pub label: String,
    pub count: Option<i64>,
}

impl Tab {
    pub fn new(href: impl Into<String>, label: impl Into<String>) -> Self {
        Self { href: href.into(), label: label.into(), count: None }
    }

    #[must_use]
    pub const fn count(mut self, count: i64) -> Self {
        self.count = Some(count);
        self
    }
}

/// Tabs as links: each has an address (a path, or a path with `?tab=…`).
#[component]
pub fn Tabs(#[prop(into)] label: String, tabs: Vec<Tab>) -> impl IntoView {
    let location = use_location();
    let here = Memo::new(move |_| (location.pathname.get(), location.query.read().get("tab")));
    view! {
        <nav class="tabs" aria-label=label>
            {tabs
                .into_iter()
                .map(|tab| {
                    let target = tab.href.clone();
                    let current = move || {
                        let (path, chosen) = here.get();
                        let (target_path, query) = target.split_once('?').unwrap_or((&target, ""));
                        let wanted = query.split('&').find_map(|pair| pair.strip_prefix("tab="));
                        (path == target_path && chosen.as_deref() == wanted).then_some("page")
                    };
                    view! {
                        <a class="tab" href=tab.href aria-current=current>
                            {tab.label}
                            {tab.count.map(|count| view! { <span class="muted numbers">{crate::time::number(count)}</span> })}
                        </a>
                    }
                })
                .collect_view()}
        </nav>
    }
}

#[cfg(test)]
mod tests {
    use super::own_path;

    #[test]
    fn only_own_addresses_are_gone_on_to() {
        assert_eq!(own_path(Some("/people?q=a")), "/people?q=a");
        for odd in
            [None, Some(""), Some("people"), Some("//evil.example"), Some("/\\evil.example"), Some("https://evil.example"), Some("/\n/x")]
        {
            assert_eq!(own_path(odd), "/", "{odd:?}");
        }
        assert_eq!(own_path(Some("/sign-in?next=/sign-in")), "/");
    }
}

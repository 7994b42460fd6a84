//! Log lines: searched, or as they are written.

mod live;
mod span;

use leptos_router::components::Form;
use leptos_router::hooks::use_query_map;
use leptos_router::params::ParamsMap;
use live::Live;
use looma_app_ui::prelude::*;
use looma_types::ServiceName;
use looma_types::log::LogLine;
use span::Span;

const LEVELS: [&str; 5] = ["trace", "debug", "info", "warn", "error"];

/// Lines as `query` selects them, newest first.
#[server(prefix = "/api/admin", endpoint = "logs/list", output = JsonText)]
pub async fn find_lines(query: String) -> Result<Page<LogLine>, Failure> {
    looma_app_ui::session::services()?.get(&format!("/api/v1/logs?{query}")).await
}

/// The address's filters as the service's query. Values it would refuse are left out.
fn filter(query: &ParamsMap) -> String {
    let mut parts = Vec::new();
    let given = |key: &str| query.get(key).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
    if let Some(text) = given("q") {
        parts.push(format!("query={}", escape(&text)));
    }
    if let Some(level) = given("level").filter(|level| LEVELS.contains(&level.as_str())) {
        parts.push(format!("level={level}"));
    }
    if let Some(service) = given("service").and_then(|service| service.parse::<ServiceName>().ok()) {
        parts.push(format!("service={service}"));
    }
    parts.join("&")
}

/// The instants between which lines are searched; what the stream of new lines does not know.
fn between(query: &ParamsMap) -> String {
    let zone = query.get("zone").unwrap_or_default();
    ["from", "to"].into_iter().filter_map(|key| Some(format!("&{key}={}", escape(&span::instant(&query.get(key)?, &zone)?)))).collect()
}

/// `/logs`, and `/logs?tab=live` for lines as they are written.
#[component]
pub fn LogsPage() -> impl IntoView {
    let query = use_query_map();
    let filtered = Memo::new(move |_| filter(&query.read()));
    let live = Memo::new(move |_| query.read().get("tab").as_deref() == Some("live"));
    view! {
        <PageHead title=t(crate::LOGS)/>
        <div class="content">
            <div class="mb-4"><Tabs label=t(crate::LOGS) tabs=vec![Tab::new("/logs", t(FOUND)), Tab::new("/logs?tab=live", t(LIVE))]/></div>
            <Filters live/>
            {move || if live.get() {
                view! { <Live query=filtered.get()/> }.into_any()
            } else {
                view! { <Found filtered/> }.into_any()
            }}
        </div>
    }
}

/// One form for all filters, so that it works without scripts.
#[component]
fn Filters(live: Memo<bool>) -> impl IntoView {
    let query = use_query_map();
    let now = move |key: &'static str| query.read().get(key).unwrap_or_default();
    let option = move |key: &'static str, value: &'static str, label: &'static str| {
        view! { <option value=value selected=move || now(key) == value>{label}</option> }
    };
    view! {
        <Form method="GET" action="/logs" attr:class="flex flex-wrap items-center gap-2 mb-4" attr:role="search">
            <div class="input-search">
                <Glyph icon=Icon::Search size=15/>
                <input class="input input-small" type="search" name="q" maxlength="200" aria-label=t(TEXT) placeholder=t(TEXT)
                    value=query.read_untracked().get("q") prop:value=move || now("q")/>
            </div>
            <div><select class="input input-small" name="level" aria-label=t(LEVEL)>
                {option("level", "", t(ANY_LEVEL))}
                {[("debug", DEBUG), ("info", INFO), ("warn", WARN), ("error", ERROR)].into_iter().map(|(level, word)| option("level", level, t(word))).collect_view()}
            </select></div>
            <div><select class="input input-small" name="service" aria-label=t(SERVICE)>
                {option("service", "", t(ANY_SERVICE))}
                {ServiceName::ALL.into_iter().map(|service| option("service", service.as_str(), service.as_str())).collect_view()}
            </select></div>
            {move || if live.get() {
                view! { <input type="hidden" name="tab" value="live"/> }.into_any()
            } else {
                view! { <Span/> }.into_any()
            }}
            <button type="submit" class="button button-small">{t(SEARCH)}</button>
        </Form>
    }
}

#[component]
fn Found(filtered: Memo<String>) -> impl IntoView {
    let query = use_query_map();
    let cursor = Memo::new(move |_| query.read().get("cursor").map(|cursor| format!("&cursor={}", escape(&cursor))).unwrap_or_default());
    let span = Memo::new(move |_| between(&query.read()));
    let wanted = move || {
        let filtered = Some(filtered.get()).filter(|filter| !filter.is_empty()).map(|filter| format!("&{filter}"));
        format!("limit=100{}{}{}", filtered.unwrap_or_default(), span.get(), cursor.get())
    };
    let lines = Data::new(wanted, find_lines);
    view! {
        <Loaded resource=lines rows=14 view={|page: Page<LogLine>| {
            if page.items.is_empty() && page.next_cursor.is_none() {
                return view! {
                    <EmptyState icon=Icon::ScrollText title=t(EMPTY) text=t(EMPTY_TEXT)><ButtonLink label=t(SHOW_ALL) href="/logs"/></EmptyState>
                }.into_any();
            }
            let shown = plural(page.items.len() as i64, ONE, MANY);
            let lines = page.items.into_iter().map(|line| view! { <Line line/> }).collect_view();
            view! { <ul class="rows" aria-label=t(crate::LOGS)>{lines}</ul> <Pager shown next=page.next_cursor/> }.into_any()
        }}/>
    }
}

/// One line: when, how bad, where, what, and its fields.
#[component]
fn Line(line: LogLine) -> impl IntoView {
    let (tone, word) = match line.level.as_str() {
        "ERROR" => (Tone::Bad, ERROR),
        "WARN" => (Tone::Warn, WARN),
        "INFO" => (Tone::Neutral, INFO),
        "DEBUG" => (Tone::Neutral, DEBUG),
        _ => (Tone::Neutral, TRACE),
    };
    let plain = |value: &serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let service = line.fields.get("service").map_or_else(|| line.target.clone(), plain);
    let fields = line
        .fields
        .iter()
        .filter(|(key, _)| key.as_str() != "service")
        .map(|(key, value)| format!("{key}={}", plain(value)))
        .collect::<Vec<_>>()
        .join("  ");
    view! {
        <li class="row flex-wrap">
            <span class="muted text-12"><Exact at=line.at/></span>
            <Badge tone label=t(word)/>
            <span class="font-medium" title=line.target>{service}</span>
            <span class="min-w-0 break-words">{line.message}</span>
            {(!fields.is_empty()).then(|| view! { <span class="mono muted min-w-0 break-all">{fields}</span> })}
        </li>
    }
}

messages! {
    FOUND: "Search", "搜索";
    LIVE: "Live", "实时";
    TEXT: "Text in the line", "日志内容";
    LEVEL: "Level", "级别";
    ANY_LEVEL: "Any level", "全部级别";
    TRACE: "Trace", "跟踪";
    DEBUG: "Debug", "调试";
    INFO: "Info", "信息";
    WARN: "Warning", "警告";
    ERROR: "Error", "错误";
    SERVICE: "Service", "服务";
    ANY_SERVICE: "Any service", "全部服务";
    SEARCH: "Search", "搜索";
    EMPTY: "No lines", "没有日志";
    EMPTY_TEXT: "Nothing of this kind was logged. Search for less, or choose a lower level.", "没有符合条件的日志。请放宽搜索条件，或选择更低的级别。";
    SHOW_ALL: "Show all lines", "显示全部日志";
    ONE: "{0} line on this page", "本页 {0} 行";
    MANY: "{0} lines on this page", "本页 {0} 行";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_service_understands_is_asked() {
        let mut query = ParamsMap::new();
        for (key, value) in [("q", "a b"), ("level", "loud"), ("service", "job"), ("tab", "live")] {
            query.insert(key, value.to_owned());
        }
        assert_eq!(filter(&query), "query=a%20b&service=job");
        query.insert("from", "2026-11-22T10:00".to_owned());
        query.insert("to", "soon".to_owned());
        assert_eq!(between(&query), "&from=2026-11-22T10%3A00%3A00Z");
    }
}

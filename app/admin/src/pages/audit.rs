//! Who did what, newest first.

use leptos_router::hooks::use_query_map;
use leptos_router::params::ParamsMap;
use looma_app_ui::prelude::*;
use looma_types::admin::AuditEntry;

/// Entries as `query` selects them.
#[server(prefix = "/api/admin", endpoint = "audit/list", output = JsonText)]
pub async fn entries(query: String) -> Result<Page<AuditEntry>, Failure> {
    looma_app_ui::session::services()?.get(&format!("/api/v1/admin/audit?{query}")).await
}

fn service_query(query: &ParamsMap) -> String {
    let mut out = String::from("limit=50");
    for key in ["action", "actor", "cursor"] {
        if let Some(value) = query.get(key).filter(|value| !value.trim().is_empty()) {
            out.extend(["&", key, "=", &escape(value.trim())]);
        }
    }
    out
}

/// `/audit`
#[component]
pub fn AuditPage() -> impl IntoView {
    let query = use_query_map();
    let wanted = Memo::new(move |_| service_query(&query.read()));
    let found = Data::new(move || wanted.get(), entries);
    view! {
        <PageHead title=t(crate::AUDIT)>
            <a class="button button-small" rel="external" download="audit.ndjson" href="/api/admin/pass/admin/audit/export">
                <Glyph icon=Icon::Download size=15/> {t(EXPORT)}
            </a>
        </PageHead>
        <div class="content">
            <div class="flex flex-wrap items-center gap-2 mb-4">
                <SearchBox label=t(FIND) param="action" keep=&["actor"]/>
                {move || query.read().get("action").filter(|action| !action.is_empty()).map(|value| view! {
                    <FilterChip field=t(ACTION) value param="action"/>
                })}
            </div>
            <Loaded resource=found rows=12 view={move |page: Page<AuditEntry>| view! { <List page/> }}/>
        </div>
    }
}

#[component]
fn List(page: Page<AuditEntry>) -> impl IntoView {
    let query = use_query_map().get_untracked();
    let actor = query.get("actor").filter(|actor| !actor.is_empty());
    // The address knows the id; the entries know the name.
    let chip = actor.map(|id| {
        let name = page.items.first().map_or(id, |entry| entry.actor_name.clone());
        view! { <div class="chips mb-4"><FilterChip field=t(WHO) value=name param="actor"/></div> }
    });
    if page.items.is_empty() {
        return view! {
            {chip}
            <EmptyState icon=Icon::ShieldCheck title=t(EMPTY) text=t(EMPTY_TEXT)><ButtonLink label=t(SHOW_ALL) href="/audit"/></EmptyState>
        }
        .into_any();
    }
    let shown = plural(page.items.len() as i64, ONE, MANY);
    let rows = page.items.into_iter().map(entry_row).collect_view();
    view! {
        {chip}
        <Table caption=t(crate::AUDIT) columns=columns()>{rows}</Table>
        <Pager shown next=page.next_cursor/>
    }
    .into_any()
}

pub fn columns() -> Vec<Column> {
    vec![
        Column::new(t(WHEN)),
        Column::new(t(WHO)),
        Column::new(t(ACTION)),
        Column::new(t(RECORD)),
        Column::new(t(DETAIL)),
        Column::new(t(ADDRESS)),
        Column::new(t(REQUEST)),
    ]
}

/// One entry; who and what lead to their other entries, the request to its log lines.
pub fn entry_row(entry: AuditEntry) -> AnyView {
    let who = match entry.actor_id {
        Some(id) => view! { <a class="cell-link" href=format!("/audit?actor={id}")>{entry.actor_name}</a> }.into_any(),
        None => view! { <span>{entry.actor_name}</span> }.into_any(),
    };
    let record = entry.record.map(|record| {
        let id = record.id.to_string();
        let short = id[id.len() - 8..].to_owned();
        view! { <span title=id>{record.kind.as_str()} " …" <span class="mono">{short}</span></span> }
    });
    let detail = match &entry.detail {
        serde_json::Value::Null => String::new(),
        serde_json::Value::Object(fields) if fields.is_empty() => String::new(),
        other => other.to_string(),
    };
    let request = entry.request_id.map(|id| {
        let short: String = id.chars().take(8).collect();
        view! { <a class="cell-link mono" href=format!("/logs?q={}", escape(&id)) title=id.clone()>{short}"…"</a> }
    });
    view! {
        <Row>
            <td><Exact at=entry.at/></td>
            <td class="cell-main">{who}</td>
            <td><a class="cell-link mono" href=format!("/audit?action={}", escape(&entry.action))>{entry.action.clone()}</a></td>
            <td>{record}</td>
            <td class="mono" title=detail.clone()>{detail.clone()}</td>
            <td class="mono">{entry.address.clone()}</td>
            <td>{request}</td>
        </Row>
    }
    .into_any()
}

messages! {
    FIND: "Action, such as user.login", "操作，例如 user.login";
    WHEN: "When", "时间";
    WHO: "Who", "操作者";
    ACTION: "Action", "操作";
    RECORD: "Record", "记录";
    DETAIL: "Details", "详情";
    ADDRESS: "Address", "地址";
    REQUEST: "Request", "请求";
    EXPORT: "Export", "导出";
    EMPTY: "No entries", "没有记录";
    EMPTY_TEXT: "Nothing of this kind was done. Actions are whole words, such as user.login or job.publish.", "没有此类操作。请输入完整的操作名，例如 user.login 或 job.publish。";
    SHOW_ALL: "Show all entries", "显示全部记录";
    ONE: "{0} entry on this page", "本页 {0} 条记录";
    MANY: "{0} entries on this page", "本页 {0} 条记录";
}

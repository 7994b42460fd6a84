//! Earlier versions of the settings: what changed, and the way back.

use super::key_word;
use leptos_router::hooks::use_query_map;
use looma_app_ui::prelude::*;
use looma_types::config::{ConfigChange, ConfigVersion};

/// Versions, the newest first.
#[server(prefix = "/api/admin", endpoint = "config/versions", output = JsonText)]
pub async fn list_versions(cursor: Option<String>) -> Result<Page<ConfigVersion>, Failure> {
    let cursor = cursor.map(|cursor| format!("&cursor={}", escape(&cursor))).unwrap_or_default();
    looma_app_ui::session::services()?.get(&format!("/api/v1/config/versions?limit=20{cursor}")).await
}

/// What differs between two versions.
#[server(prefix = "/api/admin", endpoint = "config/diff", output = JsonText)]
pub async fn config_diff(from: i64, to: i64) -> Result<Vec<ConfigChange>, Failure> {
    let page: Page<ConfigChange> = looma_app_ui::session::services()?.get(&format!("/api/v1/config/diff?from={from}&to={to}")).await?;
    Ok(page.items)
}

/// Puts the settings of an earlier version in force again.
#[server(prefix = "/api/admin", endpoint = "config/rollback", output = JsonText)]
pub async fn roll_back(version: i64) -> Result<(), Failure> {
    let body = looma_types::config::ConfigRollback { version };
    looma_app_ui::session::services()?.act("/api/v1/config/rollback", &body).await
}

#[component]
pub fn Versions(newest: i64, back: ServerAction<RollBack>) -> impl IntoView {
    let query = use_query_map();
    let cursor = Memo::new(move |_| query.read().get("cursor"));
    let versions = Data::new(move || (cursor.get(), newest), |(cursor, _)| list_versions(cursor));
    view! {
        <Loaded resource=versions rows=4 view={move |page: Page<ConfigVersion>| view! { <List page newest back/> }}/>
    }
}

#[component]
fn List(page: Page<ConfigVersion>, newest: i64, back: ServerAction<RollBack>) -> impl IntoView {
    let columns = vec![Column::new(t(VERSION)), Column::new(t(WHEN)), Column::new(t(BY)), Column::new(t(NOTE)), Column::new(t(ACTIONS))];
    let shown = plural(page.items.len() as i64, ONE, MANY);
    let rows = page
        .items
        .into_iter()
        .map(|version| {
            let number = version.version;
            let changes = (number > 0).then(|| {
                let (from, to) = ((number - 1).to_string(), number.to_string());
                let href = move || query_with(&[("from", Some(&from)), ("to", Some(&to))]);
                view! { <a class="button button-small" href=href aria-label=tf(CHANGES_OF, &[&number])>{t(CHANGES)}</a> }
            });
            let since = (number != newest).then(|| {
                let (from, to) = (number.to_string(), newest.to_string());
                let href = move || query_with(&[("from", Some(&from)), ("to", Some(&to))]);
                view! { <a class="button button-small" href=href aria-label=tf(COMPARE_OF, &[&number])>{t(COMPARE)}</a> }
            });
            let restore = (number != newest).then(|| view! {
                <ActionForm action=back>
                    <input type="hidden" name="version" value=number/>
                    <button type="submit" class="button button-small" aria-label=tf(BACK_TO, &[&number]) disabled=back.pending()>{t(BACK)}</button>
                </ActionForm>
            });
            view! {
                <Row>
                    <td class="cell-main">
                        <span class="flex items-center gap-2"><span>{number}</span> {(number == newest).then(|| view! { <Badge tone=Tone::Good label=t(super::IN_FORCE)/> })}</span>
                    </td>
                    <td><Exact at=version.created_at/></td>
                    <td>{if number == 0 { t(SETTINGS_FILE).to_owned() } else { version.created_by }}</td>
                    <td title=version.note.clone()>{version.note.clone()}</td>
                    <td><span class="flex gap-2">{changes} {since} {restore}</span></td>
                </Row>
            }
        })
        .collect_view();
    view! {
        <Table caption=t(super::VERSIONS) columns>{rows}</Table>
        <Pager shown next=page.next_cursor/>
    }
}

/// What differs, setting by setting.
#[component]
pub fn Difference(from: i64, to: i64) -> impl IntoView {
    let changes = Data::new(|| (), move |()| config_diff(from, to));
    view! {
        <Loaded resource=changes rows=3 view={|changes: Vec<ConfigChange>| {
            if changes.is_empty() {
                return view! { <p class="text-13">{t(SAME)}</p> }.into_any();
            }
            changes
                .into_iter()
                .map(|change| view! {
                    <Section title=key_word(&change.key)>
                        <Facts>
                            <Fact label=t(BEFORE)><del class="mono">{plain(&change.before)}</del></Fact>
                            <Fact label=t(AFTER)><ins class="mono">{plain(&change.after)}</ins></Fact>
                        </Facts>
                    </Section>
                })
                .collect_view()
                .into_any()
        }}/>
    }
}

fn plain(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

messages! {
    VERSION: "Version", "版本";
    WHEN: "When", "时间";
    BY: "By", "修改者";
    NOTE: "Why", "原因";
    ACTIONS: "Actions", "操作";
    CHANGES: "Changes", "变更";
    CHANGES_OF: "What version {0} changed", "版本 {0} 的变更";
    COMPARE: "Compare", "对比";
    COMPARE_OF: "Compare version {0} with the one in force", "将版本 {0} 与当前版本对比";
    BACK: "Go back", "回退";
    BACK_TO: "Go back to version {0}", "回退到版本 {0}";
    SETTINGS_FILE: "settings file", "配置文件";
    SAME: "The two versions are the same.", "两个版本相同。";
    BEFORE: "Before", "之前";
    AFTER: "After", "之后";
    ONE: "{0} version on this page", "本页 {0} 个版本";
    MANY: "{0} versions on this page", "本页 {0} 个版本";
}

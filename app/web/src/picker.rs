//! Choosing a record: type a part of its name, follow the link of the one meant. The choice stands in the address,
//! so it works without scripts, by keyboard, and survives a reload.

use crate::records;
use leptos_router::hooks::use_query_map;
use looma_app_ui::prelude::*;
use looma_types::search::Suggestion;
use looma_types::{RecordKind, Ref};

/// Records whose name begins with or holds what was typed.
#[server(prefix = "/api/web", endpoint = "records/suggest", output = JsonText)]
pub async fn suggest_records(q: String) -> Result<Vec<Suggestion>, Failure> {
    if q.trim().is_empty() {
        return Ok(Vec::new());
    }
    let page: Page<Suggestion> = looma_app_ui::session::services()?.get(&format!("/api/v1/search/suggest?q={}", escape(q.trim()))).await?;
    Ok(page.items)
}

/// What a record is called; none when it is not there or may not be seen.
#[server(prefix = "/api/web", endpoint = "records/label", output = JsonText)]
pub async fn record_label(record: Ref) -> Result<Option<String>, Failure> {
    label_of(record).await
}

/// The label of one record, asked of the service that owns it.
#[cfg(feature = "ssr")]
pub async fn label_of(record: Ref) -> Answer<Option<String>> {
    let folder = match record.kind {
        RecordKind::Person => "people",
        RecordKind::Company => "companies",
        RecordKind::Job => "jobs",
        RecordKind::Project => "projects",
        RecordKind::Skill => "skills",
        RecordKind::Resume => "resumes",
        RecordKind::User => "users",
        _ => return Ok(None),
    };
    let services = looma_app_ui::session::services()?;
    // One label that cannot be had does not fail what it stands on.
    let quiet = looma_app_ui::session::Services { is_function: false, ..services };
    match quiet.get::<serde_json::Value>(&format!("/api/v1/{folder}/{}", record.id)).await {
        Ok(value) => Ok(["name", "title"].iter().find_map(|key| value.get(key)?.as_str().map(str::to_owned))),
        Err(_) => Ok(None),
    }
}

/// A search that puts the chosen record into the query parameter `param`, as `type:id`.
#[component]
pub fn RecordPicker(
    #[prop(into)] label: String,
    #[prop(into)] hint: String,
    /// Where the choice goes, such as `from`.
    param: &'static str,
    /// Where the typed text goes without scripts, such as `from_q`.
    typed_param: &'static str,
    /// The kinds that may be chosen.
    kinds: &'static [RecordKind],
    /// The other query parameters that the search keeps.
    #[prop(default = &[])]
    keep: &'static [&'static str],
) -> impl IntoView {
    let query = use_query_map();
    let typed = RwSignal::new(query.read_untracked().get(typed_param).unwrap_or_default());
    let found = Data::new(move || typed.get(), suggest_records);
    let kept = move || {
        keep.iter()
            .filter_map(|key| query.read().get(key).map(|value| view! { <input type="hidden" name=*key value=value/> }))
            .collect_view()
    };
    let options = move |suggestions: Vec<Suggestion>| {
        let fitting: Vec<_> = suggestions.into_iter().filter(|one| kinds.contains(&one.record.kind)).take(8).collect();
        if fitting.is_empty() {
            let nothing = (!typed.read_untracked().trim().is_empty()).then(|| view! { <p class="text-13 muted pt-2">{t(NOBODY)}</p> });
            return nothing.into_any();
        }
        let rows = fitting
            .into_iter()
            .map(|one| {
                let chosen = one.record.to_string();
                view! {
                    <li>
                        <a class="row" href=move || query_with(&[(param, Some(&chosen)), (typed_param, None)])>
                            <Glyph icon=records::icon(one.record.kind) size=15/> <span>{one.title}</span>
                            <span class="muted text-12 ml-auto">{records::kind_word(one.record.kind)}</span>
                        </a>
                    </li>
                }
            })
            .collect_view();
        view! { <ul class="rows mt-2" aria-label=t(FOUND)>{rows}</ul> }.into_any()
    };
    view! {
        <div class="field">
            <leptos_router::components::Form method="GET" action="">
                <label class="field-label" for=typed_param>{label}</label>
                <div class="input-search mt-1">
                    <Glyph icon=Icon::Search size=15/>
                    <input class="input" id=typed_param name=typed_param type="search" maxlength="200" autocomplete="off" placeholder=hint
                        value=typed.get_untracked() prop:value=typed on:input:target=move |event| typed.set(event.target().value())/>
                </div>
                {kept}
                <button type="submit" class="visually-hidden">{t(SEARCH)}</button>
            </leptos_router::components::Form>
            <div aria-live="polite">
                <Transition>
                    {move || Suspend::new(async move {
                        match found.await {
                            Ok(suggestions) => options(suggestions).into_any(),
                            Err(failure) => view! { <Alert text=failure.message()/> }.into_any(),
                        }
                    })}
                </Transition>
            </div>
        </div>
    }
}

/// The record that was chosen, with a way to choose another.
#[component]
pub fn Picked(
    #[prop(into)] label: String,
    record: Ref,
    /// The query parameter the choice stands in.
    param: &'static str,
) -> impl IntoView {
    let name = Data::new(|| (), move |()| record_label(record));
    view! {
        <div class="field">
            <span class="field-label">{label}</span>
            <div class="flex items-center gap-2 min-h-8">
                <Glyph icon=records::icon(record.kind) size=15/>
                <Suspense>
                    {move || Suspend::new(async move {
                        name.await.ok().flatten().unwrap_or_else(|| t(NOT_THERE).to_owned())
                    })}
                </Suspense>
                <a class="button button-quiet button-small ml-auto" href=move || query_with(&[(param, None)])>{t(CHANGE)}</a>
            </div>
        </div>
    }
}

messages! {
    SEARCH: "Search", "搜索";
    FOUND: "Found", "搜索结果";
    NOBODY: "Nothing has this name.", "没有找到匹配的记录。";
    CHANGE: "Choose another", "重新选择";
    NOT_THERE: "This record is not there", "该记录不存在";
}

//! A person's properties, each edited where it stands. Which one is being edited stands in the address
//! (`?edit=headline`), so that it works without scripts.

use super::PersonView;
use leptos_router::hooks::use_query_map;
use looma_app_ui::prelude::*;
use looma_app_ui::words::{CANCEL, EDIT, SAVE};
use looma_types::PersonId;
use looma_types::person::{Person, PersonDraft};

/// What can be edited in place: the field's key, its name, and whether it holds several values.
const FIELDS: [(&str, Msg, bool); 7] = [
    ("name", NAME, false),
    ("headline", HEADLINE, false),
    ("emails", EMAILS, true),
    ("phones", PHONES, true),
    ("location", LOCATION, false),
    ("links", LINKS, true),
    ("tags", TAGS, true),
];

/// Changes one property of the version that was read.
#[server(prefix = "/api/web", endpoint = "people/edit", output = JsonText)]
pub async fn edit_person(
    id: PersonId,
    version: i64,
    field: String,
    #[server(default)] value: String,
    #[server(default)] tab: String,
) -> Result<(), Failure> {
    let Some((key, _, many)) = FIELDS.iter().find(|(key, ..)| *key == field) else {
        return Err(Failure::new(400, "invalid-input", "The input was not understood", "There is no such field."));
    };
    let given = if *many {
        serde_json::json!(
            value.lines().flat_map(|line| line.split([',', '，', '、'])).map(str::trim).filter(|one| !one.is_empty()).collect::<Vec<_>>()
        )
    } else if value.trim().is_empty() && *key != "name" {
        serde_json::Value::Null
    } else {
        serde_json::json!(value.trim())
    };
    let patch = serde_json::json!({ *key: given });
    let _: Person = looma_app_ui::session::services()?.patch(&format!("/api/v1/people/{id}"), Some(version), &patch).await?;
    let tab = if tab.is_empty() { tab } else { format!("?tab={}", escape(&tab)) };
    leptos_axum::redirect(&format!("/people/{id}{tab}"));
    Ok(())
}

/// The value as the editor shows it, one a line.
fn text_of(person: &PersonDraft, key: &str) -> String {
    match key {
        "name" => person.name.clone(),
        "headline" => person.headline.clone().unwrap_or_default(),
        "location" => person.location.clone().unwrap_or_default(),
        "emails" => person.emails.join("\n"),
        "phones" => person.phones.join("\n"),
        "links" => person.links.join("\n"),
        "tags" => person.tags.join("\n"),
        _ => String::new(),
    }
}

#[component]
pub fn Properties(found: PersonView, edit: ServerAction<EditPerson>, may_write: bool) -> impl IntoView {
    let query = use_query_map();
    let editing = Memo::new(move |_| query.read().get("edit").filter(|_| may_write));
    let PersonView { person, owner } = found;
    let owner = match person.fields.owner_id {
        Some(id) if id == use_viewer().id => t(YOU).to_owned(),
        Some(_) => owner.unwrap_or_else(|| t(COLLEAGUE).to_owned()),
        None => t(NOBODY).to_owned(),
    };
    let others: Vec<String> =
        person.fields.names.iter().filter(|name| name.value != person.fields.name).map(|name| name.value.clone()).collect();
    let (source, created, updated) = (person.fields.source.clone(), person.created_at, person.updated_at);
    let person = StoredValue::new(person);
    let fields = FIELDS
        .iter()
        .map(|&(key, label, many)| {
            let shown = move || {
                if editing.get().as_deref() == Some(key) {
                    view! { <Editor person=person.get_value() edit key label many/> }.into_any()
                } else {
                    view! { <Value person=person.get_value() key label may_write/> }.into_any()
                }
            };
            view! { <Fact label=t(label)>{shown}</Fact> }
        })
        .collect_view();
    view! {
        <Section title=t(PROPERTIES)>
            <Facts>
                {fields}
                {(!others.is_empty()).then(|| view! { <Fact label=t(OTHER_NAMES)>{others.join(" · ")}</Fact> })}
                <Fact label=t(OWNER)>{owner}</Fact>
                {source.map(|source| view! { <Fact label=t(SOURCE)>{source}</Fact> })}
                <Fact label=t(ADDED)><When at=created/></Fact>
                <Fact label=t(CHANGED)><When at=updated/></Fact>
            </Facts>
        </Section>
    }
}

#[component]
fn Value(person: Person, key: &'static str, label: Msg, may_write: bool) -> impl IntoView {
    let text = text_of(&person.fields, key);
    let lines = text
        .lines()
        .map(|line| match link_of(key, line) {
            Some(href) => {
                view! { <div class="truncate"><a class="link" href=href rel="external noopener noreferrer">{line.to_owned()}</a></div> }
                    .into_any()
            }
            None => view! { <div>{line.to_owned()}</div> }.into_any(),
        })
        .collect_view();
    let change = format!("{}: {}", t(EDIT), t(label));
    view! {
        <div class="flex items-start gap-1">
            <div class="min-w-0 flex-1">{if text.is_empty() { view! { <span class="muted">"—"</span> }.into_any() } else { lines.into_any() }}</div>
            {may_write.then(|| view! {
                <ButtonLink label=change href=Signal::derive(move || query_with(&[("edit", Some(key))])) emphasis=Emphasis::Quiet icon=Icon::Pencil bare=true small=true/>
            })}
        </div>
    }
}

/// Where a value leads. Only addresses that open a page, a mail or a call: what people enter is not trusted.
fn link_of(key: &str, value: &str) -> Option<String> {
    match key {
        "emails" => Some(format!("mailto:{value}")),
        "phones" => Some(format!("tel:{}", value.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect::<String>())),
        "links" if value.starts_with("https://") || value.starts_with("http://") => Some(value.to_owned()),
        _ => None,
    }
}

#[component]
fn Editor(person: Person, edit: ServerAction<EditPerson>, key: &'static str, label: Msg, many: bool) -> impl IntoView {
    let text = text_of(&person.fields, key);
    let tab = use_query_map().read_untracked().get("tab").unwrap_or_default();
    let (conflict, first) =
        (t(CONFLICT), move |failure: Failure| failure.0.errors.first().map_or_else(|| failure.message(), |error| error.detail.clone()));
    let failure = move || {
        let failure = edit.failure()?;
        Some(if failure.0.status == 412 { conflict.to_owned() } else { first(failure) })
    };
    let input = NodeRef::<leptos::html::Input>::new();
    let area = NodeRef::<leptos::html::Textarea>::new();
    // What was wrong with another field is of no use here.
    Effect::new(move |_| edit.clear());
    Effect::new(move |_| {
        if let Some(input) = input.get() {
            let _ = input.focus();
        } else if let Some(area) = area.get() {
            let _ = area.focus();
        }
    });
    let go = go();
    let cancel = move || query_with(&[("edit", None)]);
    let on_key = move |event: leptos::ev::KeyboardEvent| {
        if event.key() == "Escape" {
            event.prevent_default();
            go(&untrack(cancel));
        }
    };
    let rows = text.lines().count().clamp(2, 6);
    let control = if many {
        view! { <textarea class="input" node_ref=area name="value" rows=rows maxlength="4000" aria-label=t(label)>{text}</textarea> <p class="field-hint">{t(ONE_A_LINE)}</p> }.into_any()
    } else {
        view! { <input class="input input-small" node_ref=input name="value" maxlength="300" required=key == "name" aria-label=t(label) value=text/> }.into_any()
    };
    view! {
        <ActionForm action=edit attr:class="flex flex-col gap-2" on:keydown=on_key>
            <input type="hidden" name="id" value=person.id.to_string()/>
            <input type="hidden" name="version" value=person.version/>
            <input type="hidden" name="field" value=key/>
            <input type="hidden" name="tab" value=tab/>
            {control}
            {move || failure().map(|text| view! { <Alert text/> })}
            <div class="flex gap-2">
                <button type="submit" class="button button-primary button-small" disabled=edit.pending()>{t(SAVE)}</button>
                <a class="button button-quiet button-small" href=cancel>{t(CANCEL)}</a>
            </div>
        </ActionForm>
    }
}

messages! {
    PROPERTIES: "Properties", "基本信息";
    NAME: "Name", "姓名";
    HEADLINE: "Headline", "职衔";
    EMAILS: "E-mail", "邮箱";
    PHONES: "Phone", "电话";
    LOCATION: "Location", "所在地";
    LINKS: "Links", "链接";
    TAGS: "Tags", "标签";
    OTHER_NAMES: "Other names", "其他姓名";
    OWNER: "Owner", "负责人";
    SOURCE: "Source", "来源";
    ADDED: "Added", "添加时间";
    CHANGED: "Changed", "更新时间";
    YOU: "You", "您";
    COLLEAGUE: "A colleague", "同事";
    NOBODY: "Nobody", "无";
    ONE_A_LINE: "One a line.", "每行一项。";
    CONFLICT: "Somebody changed this person in the meantime. Reload the page and try again.", "此人才已被他人修改。请刷新页面后重试。";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_harmless_addresses_become_links() {
        assert_eq!(link_of("links", "javascript:alert(1)"), None);
        assert_eq!(link_of("links", "https://example.org").as_deref(), Some("https://example.org"));
        assert_eq!(link_of("phones", "+49 (30) 12-34").as_deref(), Some("tel:+49301234"));
        assert_eq!(link_of("headline", "https://example.org"), None);
    }

    #[test]
    fn every_field_shows_its_value_one_a_line() {
        let mut person = PersonDraft::named("Ann");
        person.emails = vec!["a@b.example".into(), "c@d.example".into()];
        assert_eq!(text_of(&person, "emails"), "a@b.example\nc@d.example");
        assert!(FIELDS.iter().all(|(key, ..)| *key == "name" || *key == "emails" || text_of(&person, key).is_empty()));
    }
}

//! The people we know: a list to filter, and a panel to add one.

use crate::records::name_of;
use leptos_router::hooks::use_query_map;
use leptos_router::params::ParamsMap;
use looma_app_ui::prelude::*;
use looma_types::Permission;
use looma_types::person::Person;

/// People as `query` selects them.
#[server(prefix = "/api/web", endpoint = "people/list", output = JsonText)]
pub async fn list_people(query: String) -> Result<Page<Person>, Failure> {
    looma_app_ui::session::services()?.get(&format!("/api/v1/people?{query}")).await
}

/// Adds a person and goes to them.
#[server(prefix = "/api/web", endpoint = "people/create", output = JsonText)]
pub async fn create_person(
    name: String,
    #[server(default)] email: String,
    #[server(default)] phone: String,
    #[server(default)] headline: String,
    #[server(default)] location: String,
    #[server(default)] tags: String,
) -> Result<(), Failure> {
    use looma_types::person::PersonDraft;
    let given = |text: String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let draft = PersonDraft {
        emails: given(email).into_iter().collect(),
        phones: given(phone).into_iter().collect(),
        headline: given(headline),
        location: given(location),
        tags: tags.split([',', '，', '、']).filter_map(|tag| given(tag.to_owned())).collect(),
        ..PersonDraft::named(name.trim())
    };
    let person: Person = looma_app_ui::session::services()?.post("/api/v1/people", &draft).await?;
    leptos_axum::redirect(&format!("/people/{}", person.id));
    Ok(())
}

/// The address's filters as the service's query. Values it would refuse are left out.
fn service_query(query: &ParamsMap) -> String {
    let mut out = String::from("limit=50");
    for key in ["q", "tag", "location", "cursor"] {
        if let Some(value) = query.get(key).filter(|value| !value.trim().is_empty()) {
            add_param(&mut out, key, value.trim());
        }
    }
    if let Some(order) = order_of(query, BY_NAME_OR_CHANGE) {
        add_param(&mut out, "sort", order);
    }
    out
}

/// `/people`
#[component]
pub fn PeoplePage() -> impl IntoView {
    let query = use_query_map();
    let wanted = Memo::new(move |_| service_query(&query.read()));
    let people = Data::new(move || wanted.get(), list_people);
    let adding = Memo::new(move |_| query.read().get("panel").as_deref() == Some("new"));
    let may_write = use_viewer().may(Permission::WritePeople);
    view! {
        <PageHead title=t(crate::PEOPLE)>
            <ButtonLink label=t(IMPORT) href="/imports" icon=Icon::Upload/>
            {may_write.then(|| view! {
                <ButtonLink label=t(NEW) href=Signal::derive(|| query_with(&[("panel", Some("new"))])) emphasis=Emphasis::Primary icon=Icon::Plus/>
            })}
        </PageHead>
        <div class:split=adding>
            <div class="content">
                <Filters/>
                <Loaded resource=people rows=12 view={move |page: Page<Person>| view! { <List page may_write/> }}/>
            </div>
            {move || adding.get().then(|| view! {
                <SidePanel title=t(NEW) close=Signal::derive(|| query_with(&[("panel", None)]))><NewPerson/></SidePanel>
            })}
        </div>
    }
}

/// The search, the filters that are on, and the order.
#[component]
fn Filters() -> impl IntoView {
    let query = use_query_map();
    let on = move |param: &'static str, field: Msg| {
        move || {
            let value = query.read().get(param).filter(|value| !value.is_empty());
            value.map(|value| view! { <FilterChip field=t(field) value param/> })
        }
    };
    view! {
        <div class="flex flex-wrap items-center gap-2 mb-4">
            <SearchBox label=t(FIND) keep=&["tag", "location", "sort"]/>
            <SearchBox label=t(IN_PLACE) param="location" keep=&["q", "tag", "sort"]/>
            <div class="chips">{on("q", TEXT)} {on("location", LOCATION)} {on("tag", TAG)}</div>
            <OrderBy/>
        </div>
    }
}

#[component]
fn List(page: Page<Person>, may_write: bool) -> impl IntoView {
    let query = use_query_map().get_untracked();
    let filtered = ["q", "tag", "location"].iter().any(|key| query.get(key).is_some_and(|value| !value.is_empty()));
    let later = query.get("cursor").is_some();
    if page.items.is_empty() {
        return if filtered || later {
            view! {
                <EmptyState icon=Icon::Search title=t(NO_MATCH) text=t(NO_MATCH_TEXT)>
                    <ButtonLink label=t(SHOW_ALL) href="/people"/>
                </EmptyState>
            }
            .into_any()
        } else {
            view! {
                <EmptyState icon=Icon::Users title=t(EMPTY) text=t(EMPTY_TEXT)>
                    {may_write.then(|| view! { <ButtonLink label=t(IMPORT) href="/imports" emphasis=Emphasis::Primary icon=Icon::Upload/> })}
                </EmptyState>
            }
            .into_any()
        };
    }
    let columns =
        vec![Column::new(t(NAME)), Column::new(t(HEADLINE)), Column::new(t(LOCATION)), Column::new(t(TAGS)), Column::new(t(CHANGED))];
    let here = page.items.len() as i64;
    let all = page.total.or_else(|| (page.next_cursor.is_none() && !later).then_some(here));
    let shown = all.map_or_else(|| plural(here, SHOWN_ONE, SHOWN_MANY), |all| plural(all, ONE, MANY));
    let rows = page.items.into_iter().map(row).collect_view();
    view! {
        <Table caption=t(crate::PEOPLE) columns>{rows}</Table>
        <Pager shown next=page.next_cursor/>
    }
    .into_any()
}

fn row(person: Person) -> AnyView {
    let name = name_of(&person.fields);
    let surplus = person.fields.tags.len().saturating_sub(3);
    let tags = person
        .fields
        .tags
        .into_iter()
        .take(3)
        .map(|tag| {
            let href = format!("/people?tag={}", escape(&tag));
            view! { <Chip label=tag href/> }
        })
        .collect_view();
    view! {
        <Row>
            <td class="cell-main"><PersonLabel name href=format!("/people/{}", person.id)/></td>
            <td>{person.fields.headline}</td>
            <td>{person.fields.location}</td>
            <td><span class="flex gap-1">{tags} {(surplus > 0).then(|| view! { <span class="muted text-12 self-center">{format!("+{surplus}")}</span> })}</span></td>
            <td><When at=person.updated_at/></td>
        </Row>
    }
    .into_any()
}

#[component]
fn NewPerson() -> impl IntoView {
    let create = ServerAction::<CreatePerson>::new();
    let failure = failure_of(create);
    let wrong = move |field: &'static str| Signal::derive(move || failure.read().as_ref().and_then(|failure| failure.field(field)));
    let general =
        move || failure.get().filter(|failure| failure.0.errors.is_empty()).map(|failure| view! { <Alert text=failure.message()/> });
    view! {
        <ActionForm action=create attr:class="form">
            {general}
            <TextField name="name" label=t(NAME) error=wrong("name")/>
            <TextField name="headline" label=t(HEADLINE) hint=t(HEADLINE_HINT) optional=true max=300 error=wrong("headline")/>
            <TextField name="email" label=t(EMAIL) kind="email" optional=true max=254 error=wrong("emails/0")/>
            <TextField name="phone" label=t(PHONE) kind="tel" optional=true max=40 error=wrong("phones/0")/>
            <TextField name="location" label=t(LOCATION) optional=true error=wrong("location")/>
            <TextField name="tags" label=t(TAGS) hint=t(TAGS_HINT) optional=true max=500 error=wrong("tags/0")/>
            <div class="form-actions"><SubmitButton label=t(ADD) pending=create.pending()/></div>
        </ActionForm>
    }
}

messages! {
    IMPORT: "Import resumes", "导入简历";
    NEW: "New person", "新建人才";
    FIND: "Name, e-mail or headline", "姓名、邮箱或职衔";
    IN_PLACE: "Location", "所在地";
    TEXT: "text", "关键词";
    TAG: "tag", "标签";
    LOCATION: "Location", "所在地";
    NAME: "Name", "姓名";
    HEADLINE: "Headline", "职衔";
    HEADLINE_HINT: "What they do, in a few words.", "用几个词说明其职业。";
    EMAIL: "E-mail", "邮箱";
    PHONE: "Phone", "电话";
    TAGS: "Tags", "标签";
    TAGS_HINT: "Separate several with commas.", "多个标签用逗号分隔。";
    CHANGED: "Changed", "更新时间";
    ADD: "Add person", "添加";
    NO_MATCH: "Nobody matches", "没有符合条件的人才";
    NO_MATCH_TEXT: "Take a filter off, or search the resumes too.", "请移除部分筛选，或改用全文搜索。";
    SHOW_ALL: "Show everyone", "显示全部";
    EMPTY: "Nobody here yet", "还没有人才";
    EMPTY_TEXT: "Drop in a few resumes: each becomes a person with skills and a timeline.", "拖入几份简历：每份都会成为一位人才，附带技能与时间线。";
    ONE: "{0} person", "{0} 位人才";
    MANY: "{0} people", "共 {0} 位人才";
    SHOWN_ONE: "{0} person on this page", "本页 {0} 位人才";
    SHOWN_MANY: "{0} people on this page", "本页 {0} 位人才";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_service_understands_is_asked() {
        let mut query = ParamsMap::new();
        for (key, value) in [("q", " a&b "), ("sort", "-name"), ("panel", "new"), ("tag", "")] {
            query.insert(key, value.to_owned());
        }
        assert_eq!(service_query(&query), "limit=50&q=a%26b");
        query.replace("sort", "-updated_at".to_owned());
        assert!(service_query(&query).ends_with("&sort=-updated_at"));
    }
}

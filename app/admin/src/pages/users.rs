//! The users of the workspace: who is here, with which role, and a panel to add or change one.

mod edit;
mod may;
mod new;
pub mod roles;

use crate::roles::{STATUSES, role_word, status_tone, status_word};
use edit::EditUser;
use leptos_router::components::Form;
use leptos_router::hooks::use_query_map;
use leptos_router::params::ParamsMap;
use looma_app_ui::prelude::*;
use looma_types::user::{User, UserStatus};
use looma_types::{Role, UserId};
use new::{CreateUser, NewUserForm};

/// Users as `query` selects them.
#[server(prefix = "/api/admin", endpoint = "users/list", output = JsonText)]
pub async fn list_users(query: String) -> Result<Page<User>, Failure> {
    looma_app_ui::session::services()?.get(&format!("/api/v1/users?{query}")).await
}

/// The address's filters as the service's query. Values it would refuse are left out.
fn service_query(query: &ParamsMap) -> String {
    let mut out = String::from("limit=50");
    let given = |key: &str| query.get(key).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
    for key in ["q", "cursor"] {
        if let Some(value) = given(key) {
            out.extend(["&", key, "=", &escape(&value)]);
        }
    }
    if let Some(role) = given("role").and_then(|role| role.parse::<Role>().ok()) {
        out.extend(["&role=", role.as_str()]);
    }
    if let Some(status) = given("status").and_then(|status| status_of(&status)) {
        out.extend(["&status=", status.as_str()]);
    }
    out
}

fn status_of(word: &str) -> Option<UserStatus> {
    STATUSES.into_iter().find(|status| status.as_str() == word)
}

pub fn tabs() -> impl IntoView {
    view! { <div class="mb-4"><Tabs label=t(crate::USERS) tabs=vec![Tab::new("/users", t(crate::USERS)), Tab::new("/users/roles", t(ROLES))]/></div> }
}

/// What stands beside the list.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Beside {
    New,
    User(UserId),
}

/// `/users`
#[component]
pub fn UsersPage() -> impl IntoView {
    let query = use_query_map();
    let wanted = Memo::new(move |_| service_query(&query.read()));
    let beside = Memo::new(move |_| {
        let query = query.read();
        let user = query.get("user").and_then(|id| id.parse().ok()).map(Beside::User);
        user.or_else(|| (query.get("panel").as_deref() == Some("new")).then_some(Beside::New))
    });
    let changed = RwSignal::new(0_u32);
    // Here, not in the panel: the panel is gone when the answer comes.
    let create = ServerAction::<CreateUser>::new();
    let created = done(create);
    let changes = move || (created.get(), changed.get());
    let users = Data::new(move || (wanted.get(), changes()), |(wanted, _)| list_users(wanted));
    let close = Signal::derive(|| query_with(&[("panel", None), ("user", None)]));
    view! {
        <PageHead title=t(crate::USERS)>
            <ButtonLink label=t(NEW) href=Signal::derive(|| query_with(&[("panel", Some("new")), ("user", None)])) emphasis=Emphasis::Primary icon=Icon::UserPlus/>
        </PageHead>
        <div class:split=move || beside.get().is_some()>
            <div class="content">
                {tabs()}
                <Filters/>
                <Loaded resource=users rows=10 view={move |page: Page<User>| view! { <List page beside/> }}/>
            </div>
            {move || beside.get().map(|beside| match beside {
                Beside::New => view! { <SidePanel title=t(NEW) close><NewUserForm create/></SidePanel> }.into_any(),
                Beside::User(id) => view! { <SidePanel title=t(CHANGE) close><EditUser id changed/></SidePanel> }.into_any(),
            })}
        </div>
    }
}

/// One form for all filters, so that it works without scripts.
#[component]
fn Filters() -> impl IntoView {
    let query = use_query_map();
    let now = move |key: &'static str| query.read().get(key).unwrap_or_default();
    let option = move |key: &'static str, value: &'static str, label: &'static str| {
        view! { <option value=value selected=move || now(key) == value>{label}</option> }
    };
    view! {
        <Form method="GET" action="/users" attr:class="flex flex-wrap items-center gap-2 mb-4" attr:role="search">
            <div class="input-search">
                <Glyph icon=Icon::Search size=15/>
                <input class="input input-small" type="search" name="q" maxlength="200" aria-label=t(FIND) placeholder=t(FIND)
                    value=query.read_untracked().get("q") prop:value=move || now("q")/>
            </div>
            <div><select class="input input-small" name="role" aria-label=t(ROLE)>
                {option("role", "", t(ANY_ROLE))}
                {Role::ALL.into_iter().map(|role| option("role", role.as_str(), role_word(role))).collect_view()}
            </select></div>
            <div><select class="input input-small" name="status" aria-label=t(STATUS)>
                {option("status", "", t(ANY_STATUS))}
                {STATUSES.into_iter().map(|status| option("status", status.as_str(), status_word(status))).collect_view()}
            </select></div>
            <button type="submit" class="button button-small">{t(FILTER)}</button>
        </Form>
    }
}

#[component]
fn List(page: Page<User>, beside: Memo<Option<Beside>>) -> impl IntoView {
    if page.items.is_empty() {
        return view! {
            <EmptyState icon=Icon::Users title=t(NO_MATCH) text=t(NO_MATCH_TEXT)><ButtonLink label=t(SHOW_ALL) href="/users"/></EmptyState>
        }
        .into_any();
    }
    let columns = vec![Column::new(t(NAME)), Column::new(t(EMAIL)), Column::new(t(ROLE)), Column::new(t(STATUS)), Column::new(t(CHANGED))];
    let here = page.items.len() as i64;
    let shown = plural(page.total.unwrap_or(here), ONE, MANY);
    let rows = page
        .items
        .into_iter()
        .map(|user| {
            let (id, address) = (user.id, user.id.to_string());
            let User { fields, updated_at, .. } = user;
            view! {
                <Row selected=Signal::derive(move || beside.get() == Some(Beside::User(id)))>
                    <td class="cell-main">
                        <a class="cell-link" href=move || query_with(&[("user", Some(&address)), ("panel", None)])>
                            <Avatar name=fields.name.clone()/> <span>{fields.name}</span>
                        </a>
                    </td>
                    <td>{fields.email}</td>
                    <td>{role_word(fields.role)}</td>
                    <td><Badge tone=status_tone(fields.status) label=status_word(fields.status)/></td>
                    <td><When at=updated_at/></td>
                </Row>
            }
        })
        .collect_view();
    view! {
        <Table caption=t(crate::USERS) columns>{rows}</Table>
        <Pager shown next=page.next_cursor/>
    }
    .into_any()
}

messages! {
    ROLES: "Roles and permissions", "角色与权限";
    NEW: "New user", "新建用户";
    CHANGE: "User", "用户";
    FIND: "Name or e-mail", "姓名或邮箱";
    NAME: "Name", "姓名";
    EMAIL: "E-mail", "邮箱";
    ROLE: "Role", "角色";
    STATUS: "Status", "状态";
    ANY_ROLE: "Any role", "全部角色";
    ANY_STATUS: "Any status", "全部状态";
    FILTER: "Filter", "筛选";
    CHANGED: "Changed", "更新时间";
    NO_MATCH: "Nobody matches", "没有符合条件的用户";
    NO_MATCH_TEXT: "Take a filter off to see more.", "请移除部分筛选条件。";
    SHOW_ALL: "Show everyone", "显示全部";
    ONE: "{0} user", "{0} 位用户";
    MANY: "{0} users", "{0} 位用户";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_service_understands_is_asked() {
        let mut query = ParamsMap::new();
        for (key, value) in [("q", " a&b "), ("role", "pope"), ("status", "suspended"), ("panel", "new")] {
            query.insert(key, value.to_owned());
        }
        assert_eq!(service_query(&query), "limit=50&q=a%26b&status=suspended");
        query.replace("role", "data_admin".to_owned());
        assert!(service_query(&query).contains("&role=data_admin"));
    }
}

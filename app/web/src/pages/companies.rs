//! The companies we know: a list to filter, and the form for a new one.

use crate::pages::company::form::CompanyForm;
use leptos_router::hooks::use_query_map;
use leptos_router::params::ParamsMap;
use looma_app_ui::prelude::*;
use looma_types::Permission;
use looma_types::company::Company;

/// Companies as `query` selects them, in order of name.
#[server(prefix = "/api/web", endpoint = "companies/list", output = JsonText)]
pub async fn list_companies(query: String) -> Result<Page<Company>, Failure> {
    looma_app_ui::session::services()?.get(&format!("/api/v1/companies?{query}")).await
}

fn service_query(query: &ParamsMap) -> String {
    let mut out = String::from("limit=50");
    for key in ["q", "industry", "cursor"] {
        if let Some(value) = query.get(key).filter(|value| !value.trim().is_empty()) {
            add_param(&mut out, key, value.trim());
        }
    }
    if let Some(order) = order_of(query, BY_NAME_OR_CHANGE) {
        add_param(&mut out, "sort", order);
    }
    out
}

/// `/companies`
#[component]
pub fn CompaniesPage() -> impl IntoView {
    let query = use_query_map();
    let wanted = Memo::new(move |_| service_query(&query.read()));
    let companies = Data::new(move || wanted.get(), list_companies);
    let may_write = use_viewer().may(Permission::WriteCompanies);
    let on = move |param: &'static str, field: Msg| {
        move || {
            let value = query.read().get(param).filter(|value| !value.is_empty());
            value.map(|value| view! { <FilterChip field=t(field) value param/> })
        }
    };
    view! {
        <PageHead title=t(crate::COMPANIES)>
            {may_write.then(|| view! { <ButtonLink label=t(NEW) href="/companies/new" emphasis=Emphasis::Primary icon=Icon::Plus/> })}
        </PageHead>
        <div class="content">
            <div class="flex flex-wrap items-center gap-2 mb-4">
                <SearchBox label=t(FIND) keep=&["industry", "sort"]/>
                <SearchBox label=t(INDUSTRY) param="industry" keep=&["q", "sort"]/>
                <div class="chips">{on("q", NAME)} {on("industry", INDUSTRY)}</div>
                <OrderBy/>
            </div>
            <Loaded resource=companies rows=12 view={move |page: Page<Company>| view! { <List page may_write/> }}/>
        </div>
    }
}

#[component]
fn List(page: Page<Company>, may_write: bool) -> impl IntoView {
    let query = use_query_map().get_untracked();
    let filtered = ["q", "industry", "cursor"].iter().any(|key| query.get(key).is_some_and(|value| !value.is_empty()));
    if page.items.is_empty() {
        return if filtered {
            view! {
                <EmptyState icon=Icon::Search title=t(NO_MATCH) text=t(NO_MATCH_TEXT)>
                    <ButtonLink label=t(SHOW_ALL) href="/companies"/>
                </EmptyState>
            }
            .into_any()
        } else {
            view! {
                <EmptyState icon=Icon::Building2 title=t(EMPTY) text=t(EMPTY_TEXT)>
                    {may_write.then(|| view! { <ButtonLink label=t(NEW) href="/companies/new" emphasis=Emphasis::Primary icon=Icon::Plus/> })}
                </EmptyState>
            }
            .into_any()
        };
    }
    let columns = vec![Column::new(t(NAME)), Column::new(t(INDUSTRY)), Column::new(t(SIZE)), Column::new(t(CITY)), Column::new(t(CHANGED))];
    let here = page.items.len() as i64;
    let all = page.total.or_else(|| (page.next_cursor.is_none() && query.get("cursor").is_none()).then_some(here));
    let shown = all.map_or_else(|| plural(here, SHOWN_ONE, SHOWN_MANY), |all| plural(all, ONE, MANY));
    let rows = page
        .items
        .into_iter()
        .map(|company| {
            let industry = company.fields.industry.map(|industry| {
                let href = format!("/companies?industry={}", escape(&industry));
                view! { <a class="cell-link" href=href>{industry}</a> }
            });
            let city = company.fields.addresses.into_iter().find_map(|address| address.city);
            view! {
                <Row>
                    <td class="cell-main"><PersonLabel name=company.fields.name href=format!("/companies/{}", company.id) square=true/></td>
                    <td>{industry}</td>
                    <td>{company.fields.size}</td>
                    <td>{city}</td>
                    <td><When at=company.updated_at/></td>
                </Row>
            }
        })
        .collect_view();
    view! {
        <Table caption=t(crate::COMPANIES) columns>{rows}</Table>
        <Pager shown next=page.next_cursor/>
    }
    .into_any()
}

/// `/companies/new`
#[component]
pub fn NewCompanyPage() -> impl IntoView {
    view! {
        <PageHead title=t(NEW) crumbs=vec![Crumb::new("/companies", t(crate::COMPANIES))]/>
        <div class="content content-narrow"><CompanyForm company=None/></div>
    }
}

messages! {
    NEW: "New company", "新建公司";
    FIND: "Name", "公司名称";
    NAME: "Name", "名称";
    INDUSTRY: "Industry", "行业";
    SIZE: "Size", "规模";
    CITY: "City", "城市";
    CHANGED: "Changed", "更新时间";
    NO_MATCH: "No company matches", "没有符合条件的公司";
    NO_MATCH_TEXT: "Take a filter off to see more.", "请移除部分筛选条件。";
    SHOW_ALL: "Show all companies", "显示全部公司";
    EMPTY: "No companies yet", "还没有公司";
    EMPTY_TEXT: "Clients, employers and the places people come from stand here.", "客户、雇主以及人才的来源公司都会显示在这里。";
    ONE: "{0} company", "{0} 家公司";
    MANY: "{0} companies", "共 {0} 家公司";
    SHOWN_ONE: "{0} company on this page", "本页 {0} 家公司";
    SHOWN_MANY: "{0} companies on this page", "本页 {0} 家公司";
}

//! The jobs there are: filtered by state, company and words.

use crate::pages::job::{StatusBadge, status_word};
use leptos_router::hooks::use_query_map;
use leptos_router::params::ParamsMap;
use looma_app_ui::prelude::*;
use looma_types::job::{Job, JobStatus};
use looma_types::{CompanyId, Permission};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A page of jobs with what their companies are called.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JobList {
    pub page: Page<Job>,
    pub companies: BTreeMap<CompanyId, String>,
}

/// Jobs as `query` selects them, the newest first.
#[server(prefix = "/api/web", endpoint = "jobs/list", output = JsonText)]
pub async fn list_jobs(query: String) -> Result<JobList, Failure> {
    use std::collections::btree_map::Entry;
    let page: Page<Job> = looma_app_ui::session::services()?.get(&format!("/api/v1/jobs?{query}")).await?;
    let mut companies = BTreeMap::new();
    for job in &page.items {
        if let Entry::Vacant(unknown) = companies.entry(job.fields.company_id) {
            let id = *unknown.key();
            unknown.insert(crate::picker::label_of(id.into()).await?.unwrap_or_default());
        }
    }
    Ok(JobList { page, companies })
}

/// The newest first, unless the address says otherwise.
const ORDERS: Orders = &[(None, NEWEST), (Some("title"), TITLE_ORDER), (Some("-updated_at"), CHANGED_ORDER)];

/// The address's filters as the service's query. Values it would refuse are left out.
fn service_query(query: &ParamsMap) -> String {
    let mut out = String::from("limit=50");
    for key in ["q", "location", "skill", "cursor"] {
        if let Some(value) = query.get(key).filter(|value| !value.trim().is_empty()) {
            add_param(&mut out, key, value.trim());
        }
    }
    if let Some(status) = status_of(query) {
        add_param(&mut out, "status", status.as_str());
    }
    if let Some(company) = company_of(query) {
        add_param(&mut out, "company_id", &company.to_string());
    }
    if let Some(order) = order_of(query, ORDERS) {
        add_param(&mut out, "sort", order);
    }
    out
}

fn status_of(query: &ParamsMap) -> Option<JobStatus> {
    let word = query.get("status")?;
    JobStatus::ALL.into_iter().find(|status| status.as_str() == word)
}

fn company_of(query: &ParamsMap) -> Option<CompanyId> {
    query.get("company")?.parse().ok()
}

/// `/jobs`
#[component]
pub fn JobsPage() -> impl IntoView {
    let query = use_query_map();
    let wanted = Memo::new(move |_| service_query(&query.read()));
    let jobs = Data::new(move || wanted.get(), list_jobs);
    let may_write = use_viewer().may(Permission::WriteJobs);
    view! {
        <PageHead title=t(crate::JOBS)>
            {may_write.then(|| view! { <ButtonLink label=t(NEW) href="/jobs/new" emphasis=Emphasis::Primary icon=Icon::Plus/> })}
        </PageHead>
        <div class="content">
            <Filters/>
            <Loaded resource=jobs rows=12 view={move |found: JobList| view! { <List found may_write/> }}/>
        </div>
    }
}

/// The search, the states, and the filters that are on.
#[component]
fn Filters() -> impl IntoView {
    let query = use_query_map();
    let status = Memo::new(move |_| status_of(&query.read()));
    let state = move |value: Option<JobStatus>, label: &'static str| {
        view! {
            <a class="chip" href=move || query_with(&[("status", value.map(JobStatus::as_str))]) aria-current=move || (status.get() == value).then_some("true")>{label}</a>
        }
    };
    let company = Memo::new(move |_| company_of(&query.read()));
    let company_name = Data::new(
        move || company.get(),
        |company| async move {
            match company {
                Some(company) => crate::picker::record_label(company.into()).await,
                None => Ok(None),
            }
        },
    );
    let on = move |param: &'static str, field: Msg| {
        move || {
            let value = query.read().get(param).filter(|value| !value.is_empty());
            value.map(|value| view! { <FilterChip field=t(field) value param/> })
        }
    };
    view! {
        <div class="flex flex-wrap items-center gap-2 mb-4">
            <SearchBox label=t(FIND) keep=&["status", "company", "skill", "sort"]/>
            <nav class="chips" aria-label=t(STATUS)>
                {state(None, t(looma_app_ui::words::ALL))}
                {JobStatus::ALL.into_iter().map(|one| state(Some(one), status_word(one))).collect_view()}
            </nav>
            <div class="chips">
                {on("q", TEXT)} {on("location", LOCATION)} {on("skill", SKILL)}
                <Transition>
                    {move || Suspend::new(async move {
                        let name = company_name.await.ok().flatten();
                        name.map(|value| view! { <FilterChip field=t(COMPANY) value param="company"/> })
                    })}
                </Transition>
            </div>
            <OrderBy orders=ORDERS/>
        </div>
    }
}

#[component]
fn List(found: JobList, may_write: bool) -> impl IntoView {
    let JobList { page, companies } = found;
    let query = use_query_map().get_untracked();
    let filtered =
        ["q", "status", "company", "location", "skill", "cursor"].iter().any(|key| query.get(key).is_some_and(|value| !value.is_empty()));
    if page.items.is_empty() {
        return if filtered {
            view! {
                <EmptyState icon=Icon::Search title=t(NO_MATCH) text=t(NO_MATCH_TEXT)>
                    <ButtonLink label=t(SHOW_ALL) href="/jobs"/>
                </EmptyState>
            }
            .into_any()
        } else {
            view! {
                <EmptyState icon=Icon::Briefcase title=t(EMPTY) text=t(EMPTY_TEXT)>
                    {may_write.then(|| view! { <ButtonLink label=t(NEW) href="/jobs/new" emphasis=Emphasis::Primary icon=Icon::Plus/> })}
                </EmptyState>
            }
            .into_any()
        };
    }
    let columns = vec![
        Column::new(t(TITLE)),
        Column::new(t(COMPANY)),
        Column::new(t(STATUS)),
        Column::new(t(LOCATION)),
        Column::new(t(OPENINGS)).number(),
        Column::new(t(CHANGED)),
    ];
    let here = page.items.len() as i64;
    let all = page.total.or_else(|| (page.next_cursor.is_none() && query.get("cursor").is_none()).then_some(here));
    let shown = all.map_or_else(|| plural(here, SHOWN_ONE, SHOWN_MANY), |all| plural(all, ONE, MANY));
    let rows = page
        .items
        .into_iter()
        .map(|job| {
            let company = companies.get(&job.fields.company_id).cloned().unwrap_or_default();
            view! {
                <Row>
                    <td class="cell-main"><a class="cell-link" href=format!("/jobs/{}", job.id)>{job.fields.title}</a></td>
                    <td><a class="cell-link" href=format!("/companies/{}", job.fields.company_id)>{company}</a></td>
                    <td><StatusBadge status=job.status/></td>
                    <td>{job.fields.location}</td>
                    <td class="cell-number">{job.fields.openings}</td>
                    <td><When at=job.updated_at/></td>
                </Row>
            }
        })
        .collect_view();
    view! {
        <Table caption=t(crate::JOBS) columns>{rows}</Table>
        <Pager shown next=page.next_cursor/>
    }
    .into_any()
}

messages! {
    NEWEST: "Newest", "最新";
    TITLE_ORDER: "Title", "按名称";
    CHANGED_ORDER: "Last changed", "最近更新";
    NEW: "New job", "新建职位";
    FIND: "Title", "职位名称";
    TEXT: "title", "名称";
    TITLE: "Title", "职位";
    COMPANY: "Company", "公司";
    STATUS: "Status", "状态";
    LOCATION: "Location", "地点";
    SKILL: "skill", "技能";
    OPENINGS: "Openings", "招聘人数";
    CHANGED: "Changed", "更新时间";
    NO_MATCH: "No job matches", "没有符合条件的职位";
    NO_MATCH_TEXT: "Take a filter off to see more.", "请移除部分筛选条件。";
    SHOW_ALL: "Show all jobs", "显示全部职位";
    EMPTY: "No jobs yet", "还没有职位";
    EMPTY_TEXT: "Write what you look for; the people who fit are found at once.", "写下您的招聘需求，系统会立即找出合适的人选。";
    ONE: "{0} job", "{0} 个职位";
    MANY: "{0} jobs", "共 {0} 个职位";
    SHOWN_ONE: "{0} job on this page", "本页 {0} 个职位";
    SHOWN_MANY: "{0} jobs on this page", "本页 {0} 个职位";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_service_understands_is_asked() {
        let mut query = ParamsMap::new();
        for (key, value) in [("q", " a&b "), ("status", "lost"), ("company", "7"), ("panel", "x")] {
            query.insert(key, value.to_owned());
        }
        assert_eq!(service_query(&query), "limit=50&q=a%26b");
        query.replace("status", "paused".to_owned());
        assert!(service_query(&query).ends_with("&status=paused"));
    }
}

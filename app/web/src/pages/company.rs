//! One company: its facts, its departments, its people and its jobs.

mod departments;
pub mod form;

use crate::pages::job::StatusBadge;
use crate::records::relation_word;
use leptos_router::hooks::{use_params_map, use_query_map};
use looma_app_ui::prelude::*;
use looma_app_ui::states::NotFound;
use looma_types::company::{Company, Department};
use looma_types::job::Job;
use looma_types::person::Relationship;
use looma_types::{CompanyId, Permission, Ref};
use serde::{Deserialize, Serialize};

/// How many people are named on a company's page.
#[cfg(feature = "ssr")]
const PEOPLE: usize = 50;

/// Somebody related to the company.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Contact {
    pub relationship: Relationship,
    pub person: Ref,
    pub name: Option<String>,
}

/// A company with what belongs to it. What cannot be had now is none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CompanyView {
    pub company: Company,
    pub departments: Vec<Department>,
    pub people: Option<Vec<Contact>>,
    pub jobs: Option<Page<Job>>,
}

/// One company.
#[server(prefix = "/api/web", endpoint = "companies/get", output = JsonText)]
pub async fn get_company(id: CompanyId) -> Result<CompanyView, Failure> {
    let services = looma_app_ui::session::services()?;
    let company: Company = services.get(&format!("/api/v1/companies/{id}")).await?;
    let departments: Page<Department> = services.get(&format!("/api/v1/companies/{id}/departments")).await?;
    let quiet = looma_app_ui::session::Services { is_function: false, ..services };
    let jobs = quiet.get(&format!("/api/v1/jobs?company_id={id}&limit=50")).await.ok();
    let edges: Option<Page<Relationship>> = quiet.get(&format!("/api/v1/companies/{id}/people")).await.ok();
    let people = match edges {
        Some(edges) => {
            let own = Ref::from(id);
            let mut people = Vec::new();
            for relationship in edges.items.into_iter().take(PEOPLE) {
                let person = if relationship.fields.from == own { relationship.fields.to } else { relationship.fields.from };
                people.push(Contact { relationship, person, name: crate::picker::label_of(person).await? });
            }
            Some(people)
        }
        None => None,
    };
    Ok(CompanyView { company, departments: departments.items, people, jobs })
}

/// `/companies/:id`
#[component]
pub fn CompanyPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.read().get("id").and_then(|id| id.parse::<CompanyId>().ok()));
    move || match id.get() {
        Some(id) => view! { <Profile id/> }.into_any(),
        None => view! { <NotFound/> }.into_any(),
    }
}

#[component]
fn Profile(id: CompanyId) -> impl IntoView {
    let add = ServerAction::<departments::AddDepartment>::new();
    let remove = ServerAction::<departments::RemoveDepartment>::new();
    let (added, removed) = (done(add), done(remove));
    let query = use_query_map();
    let editing = Memo::new(move |_| query.read().get("edit").is_some());
    // Read again when the form is left: it may have changed the company.
    let company = Data::new(move || (added.get(), removed.get(), editing.get()), move |_| get_company(id));
    let show = move |found: CompanyView| {
        if editing.get_untracked() && use_viewer().may(Permission::WriteCompanies) {
            view! { <Editing company=found.company/> }.into_any()
        } else {
            view! { <Record found add remove/> }.into_any()
        }
    };
    view! { <Loaded resource=company rows=10 view=show/> }
}

#[component]
fn Editing(company: Company) -> impl IntoView {
    let crumbs =
        vec![Crumb::new("/companies", t(crate::COMPANIES)), Crumb::new(format!("/companies/{}", company.id), company.fields.name.clone())];
    view! {
        <PageHead title=t(EDIT_COMPANY) crumbs/>
        <div class="content content-narrow"><form::CompanyForm company=Some(company)/></div>
    }
}

#[component]
fn Record(
    found: CompanyView,
    add: ServerAction<departments::AddDepartment>,
    remove: ServerAction<departments::RemoveDepartment>,
) -> impl IntoView {
    let CompanyView { company, departments, people, jobs } = found;
    let id = company.id;
    let viewer = use_viewer();
    let may_write = viewer.may(Permission::WriteCompanies);
    let may_post = viewer.may(Permission::WriteJobs);
    let fields = company.fields;
    let or_dash = |value: Option<String>| value.filter(|value| !value.is_empty()).unwrap_or_else(|| "—".to_owned());
    let website = fields.website.clone().filter(|site| site.starts_with("https://") || site.starts_with("http://"));
    let addresses = fields
        .addresses
        .iter()
        .map(|one| {
            let parts = [&one.street, &one.postal_code, &one.city, &one.region, &one.country];
            let line = parts.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(", ");
            view! { <div>{line}</div> }
        })
        .collect_view();
    let new_job = format!("/jobs/new?company={}", escape(&fields.name));
    view! {
        <PageHead title=fields.name.clone() crumbs=vec![Crumb::new("/companies", t(crate::COMPANIES))]>
            {may_write.then(|| view! { <ButtonLink label=t(looma_app_ui::words::EDIT) href=format!("/companies/{id}?edit=1") icon=Icon::Pencil/> })}
            {may_post.then(|| view! { <ButtonLink label=t(NEW_JOB) href=new_job.clone() emphasis=Emphasis::Primary icon=Icon::Plus/> })}
        </PageHead>
        <div class="content content-wide">
            <div class="record-head">
                <Avatar name=fields.name.clone() large=true square=true/>
                <div class="min-w-0">
                    <p class="record-title">{fields.name.clone()}</p>
                    <p class="text-13 muted">{fields.industry.clone()}</p>
                </div>
            </div>
            <div class="columns">
                <div>
                    <Section title=t(FACTS)>
                        <Facts>
                            <Fact label=t(form::LEGAL)>{or_dash(fields.legal_name)}</Fact>
                            <Fact label=t(form::INDUSTRY)>{or_dash(fields.industry)}</Fact>
                            <Fact label=t(form::SIZE)>{or_dash(fields.size)}</Fact>
                            <Fact label=t(form::WEBSITE)>
                                {match website {
                                    Some(site) => view! { <a class="link" href=site.clone() rel="external noopener noreferrer">{site.clone()}</a> }.into_any(),
                                    None => view! { "—" }.into_any(),
                                }}
                            </Fact>
                            <Fact label=t(ADDRESSES)>{if fields.addresses.is_empty() { view! { "—" }.into_any() } else { addresses.into_any() }}</Fact>
                            <Fact label=t(CHANGED)><When at=company.updated_at/></Fact>
                        </Facts>
                        {fields.description.map(|text| view! { <p class="text-13 whitespace-pre-line">{text}</p> })}
                    </Section>
                    <departments::Departments company=id list=departments add remove may_write/>
                </div>
                <div class="min-w-0">
                    <Section title=t(crate::JOBS)>{jobs_view(jobs, id)}</Section>
                    <Section title=t(crate::PEOPLE)>{people_view(people, id)}</Section>
                </div>
            </div>
        </div>
    }
}

fn jobs_view(jobs: Option<Page<Job>>, company: CompanyId) -> AnyView {
    let Some(page) = jobs else { return view! { <Alert tone=Tone::Warn text=t(AWAY)/> }.into_any() };
    if page.items.is_empty() {
        return view! { <p class="text-13 muted">{t(NO_JOBS)}</p> }.into_any();
    }
    let more = page.next_cursor.is_some();
    let rows = page
        .items
        .into_iter()
        .map(|job| {
            view! {
                <li><a class="row" href=format!("/jobs/{}", job.id)>
                    <Glyph icon=Icon::Briefcase size=15/> <span class="min-w-0 truncate font-medium">{job.fields.title}</span>
                    <span class="ml-auto"><StatusBadge status=job.status/></span>
                </a></li>
            }
        })
        .collect_view();
    view! {
        <ul class="rows">{rows}</ul>
        {more.then(|| view! { <div><ButtonLink label=t(ALL_JOBS) href=format!("/jobs?company={company}") small=true/></div> })}
    }
    .into_any()
}

fn people_view(people: Option<Vec<Contact>>, company: CompanyId) -> AnyView {
    let Some(people) = people else { return view! { <Alert tone=Tone::Warn text=t(AWAY)/> }.into_any() };
    let way = view! { <div><ButtonLink label=t(INTRODUCTION) href=format!("/paths?to=company:{company}") icon=Icon::Waypoints small=true/></div> };
    if people.is_empty() {
        return view! { <p class="text-13 muted">{t(NO_PEOPLE)}</p> {way} }.into_any();
    }
    let rows = people
        .into_iter()
        .map(|contact| {
            let name = contact.name.unwrap_or_else(|| t(HIDDEN).to_owned());
            view! {
                <li class="row">
                    <PersonLabel name href=format!("/people/{}", contact.person.id)/>
                    <span class="muted text-12 ml-auto">{relation_word(&contact.relationship.fields.kind)}</span>
                </li>
            }
        })
        .collect_view();
    view! { <ul class="rows">{rows}</ul> {way} }.into_any()
}

messages! {
    EDIT_COMPANY: "Edit company", "编辑公司";
    NEW_JOB: "New job", "新建职位";
    FACTS: "Facts", "基本信息";
    ADDRESSES: "Addresses", "地址";
    CHANGED: "Changed", "更新时间";
    AWAY: "This part is not available right now.", "这部分暂时不可用。";
    NO_JOBS: "No jobs at this company yet.", "该公司暂无职位。";
    ALL_JOBS: "All jobs", "全部职位";
    NO_PEOPLE: "We know nobody there yet.", "暂无该公司的联系人。";
    INTRODUCTION: "Find an introduction", "寻找引荐";
    HIDDEN: "A person you may not see", "无权查看的人才";
}

//! What is going on: the first page after signing in.

mod empty;

use crate::pages::job::StatusBadge;
use looma_app_ui::prelude::*;
use looma_types::job::{Job, Stage};
use looma_types::person::Interaction;
use looma_types::resume::{Import, ImportState};
use looma_types::{Permission, RecordKind, Ref};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How many jobs show their funnel.
#[cfg(feature = "ssr")]
const JOBS: usize = 5;

/// A job people are looked for, and how many of its applications stand at each stage.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OpenJob {
    pub job: Job,
    pub company: Option<String>,
    pub at: BTreeMap<String, i64>,
}

/// Something that happened, and with whom.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Happened {
    pub interaction: Interaction,
    pub with: Option<(Ref, String)>,
}

/// What the page shows. What cannot be had, or may not be seen, is none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Overview {
    /// Nothing is in the workspace.
    pub empty: bool,
    /// Kind of record → how many.
    pub counts: Option<BTreeMap<String, u64>>,
    pub stages: Vec<Stage>,
    pub jobs: Option<Vec<OpenJob>>,
    pub due: Option<Vec<Happened>>,
    pub recent: Option<Vec<Happened>>,
    pub imports: Option<Vec<Import>>,
}

/// The workspace at a glance.
#[server(prefix = "/api/web", endpoint = "overview", output = JsonText)]
pub async fn look_around() -> Result<Overview, Failure> {
    use looma_types::company::Company;
    use looma_types::job::Pipeline;
    use looma_types::person::Person;
    use looma_types::search::SearchAnswer;
    let services = looma_app_ui::session::services()?;
    let services = looma_app_ui::session::Services { is_function: false, ..services };
    let people = services.get::<Page<Person>>("/api/v1/people?limit=1").await;
    let all_jobs = services.get::<Page<Job>>("/api/v1/jobs?limit=1").await;
    let companies = services.get::<Page<Company>>("/api/v1/companies?limit=1").await;
    // What a service does not tell is not taken for empty.
    let empty =
        matches!((&people, &all_jobs, &companies), (Ok(p), Ok(j), Ok(c)) if p.items.is_empty() && j.items.is_empty() && c.items.is_empty());
    let found = services.get::<SearchAnswer>("/api/v1/search?mode=text&limit=1").await.ok();
    let counts =
        found.map(|mut found| found.facets.remove("type").unwrap_or_default().into_iter().map(|kind| (kind.value, kind.count)).collect());
    let pipelines: Option<Page<Pipeline>> = services.get("/api/v1/pipelines").await.ok();
    let stages = pipelines.and_then(|page| page.items.into_iter().next()).map(|pipeline| pipeline.stages).unwrap_or_default();
    let jobs = match services.get::<Page<Job>>(&format!("/api/v1/jobs?status=published&limit={JOBS}")).await {
        Ok(page) => {
            let mut open = Vec::with_capacity(page.items.len());
            for job in page.items {
                let company = crate::picker::label_of(job.fields.company_id.into()).await?;
                let applications =
                    services.get::<Page<looma_types::job::Application>>(&format!("/api/v1/applications?job_id={}&limit=200", job.id)).await;
                let mut at = BTreeMap::new();
                for application in applications.map(|page| page.items).unwrap_or_default() {
                    *at.entry(application.stage).or_default() += 1;
                }
                open.push(OpenJob { job, company, at });
            }
            Some(open)
        }
        Err(_) => None,
    };
    let due = happened(&services, "/api/v1/interactions?open=true&limit=8").await;
    let recent = happened(&services, "/api/v1/interactions?limit=8").await;
    let imports = services.get::<Page<Import>>("/api/v1/resumes/imports?limit=6").await.ok().map(|page| page.items);
    Ok(Overview { empty, counts, stages, jobs, due, recent, imports })
}

#[cfg(feature = "ssr")]
async fn happened(services: &looma_app_ui::session::Services, path: &str) -> Option<Vec<Happened>> {
    let page: Page<Interaction> = services.get(path).await.ok()?;
    let mut out = Vec::with_capacity(page.items.len());
    for interaction in page.items {
        let with = match interaction.fields.with.iter().find(|one| one.kind == RecordKind::Person).copied() {
            Some(person) => crate::picker::label_of(person).await.ok().flatten().map(|name| (person, name)),
            None => None,
        };
        out.push(Happened { interaction, with });
    }
    Some(out)
}

/// `/`
#[component]
pub fn DashboardPage() -> impl IntoView {
    // Counts what asks for a fresh look, such as demo data that has come in.
    let fresh = RwSignal::new(0_u32);
    let found = Data::new(move || fresh.get(), |_| look_around());
    let may_import = use_viewer().may(Permission::WriteResumes);
    view! {
        <PageHead title=t(crate::OVERVIEW)>
            {may_import.then(|| view! { <ButtonLink label=t(IMPORT) href="/imports" emphasis=Emphasis::Primary icon=Icon::Upload/> })}
        </PageHead>
        <div class="content content-wide">
            <Loaded resource=found rows=8 view={move |found: Overview| {
                if found.empty { view! { <empty::Empty fresh/> }.into_any() } else { view! { <Everything found/> }.into_any() }
            }}/>
        </div>
    }
}

#[component]
fn Everything(found: Overview) -> impl IntoView {
    let Overview { counts, stages, jobs, due, recent, imports, .. } = found;
    let reads_people = use_viewer().may(Permission::ReadPeople);
    let tile = |counts: &BTreeMap<String, u64>, kind: RecordKind, label: Msg, href: &'static str| {
        let count = counts.get(kind.as_str()).copied().unwrap_or(0);
        view! { <StatTile label=t(label) value=number(i64::try_from(count).unwrap_or(i64::MAX)) icon=crate::records::icon(kind) href=href/> }
    };
    let tiles = counts.map(|counts| {
        view! {
            <Tiles>
                {tile(&counts, RecordKind::Person, crate::PEOPLE, "/people")}
                {tile(&counts, RecordKind::Resume, RESUMES, "/imports")}
                {tile(&counts, RecordKind::Job, crate::JOBS, "/jobs")}
                {tile(&counts, RecordKind::Company, crate::COMPANIES, "/companies")}
                {tile(&counts, RecordKind::Project, crate::PROJECTS, "/projects")}
            </Tiles>
        }
    });
    view! {
        {tiles}
        <Section title=t(OPEN_JOBS) actions=|| view! { <ButtonLink label=t(ALL_JOBS) href="/jobs" small=true/> }>{jobs_view(jobs, &stages)}</Section>
        {reads_people.then(|| view! {
            <div class="section-pair">
                <Section title=t(DUE)>{happened_view(due, t(NOTHING_DUE), true)}</Section>
                <Section title=t(RECENT)>{happened_view(recent, t(NOTHING_RECENT), false)}</Section>
            </div>
            <Section title=t(IMPORTS) actions=|| view! { <ButtonLink label=t(ALL_IMPORTS) href="/imports" small=true/> }>{imports_view(imports)}</Section>
        })}
    }
}

fn away() -> AnyView {
    view! { <Alert tone=Tone::Warn text=t(AWAY)/> }.into_any()
}

fn quiet(text: &'static str) -> AnyView {
    view! { <p class="text-13 muted">{text}</p> }.into_any()
}

fn jobs_view(jobs: Option<Vec<OpenJob>>, stages: &[Stage]) -> AnyView {
    let Some(jobs) = jobs else { return away() };
    if jobs.is_empty() {
        return quiet(t(NO_JOBS));
    }
    let cards = jobs
        .into_iter()
        .map(|OpenJob { job, company, at }| {
            let bars = stages
                .iter()
                .map(|stage| Bar::count(crate::pages::job::board::stage_name(stage), at.get(&stage.key).copied().unwrap_or(0)))
                .collect();
            view! {
                <div class="card flex flex-col gap-3">
                    <div class="flex items-center gap-2">
                        <div class="min-w-0">
                            <a class="link font-medium" href=format!("/jobs/{}/board", job.id)>{job.fields.title}</a>
                            <p class="text-12 muted">{company}</p>
                        </div>
                        <span class="ml-auto self-start"><StatusBadge status=job.status/></span>
                    </div>
                    <BarChart bars/>
                </div>
            }
        })
        .collect_view();
    view! { <div class="grid-cards">{cards}</div> }.into_any()
}

fn happened_view(list: Option<Vec<Happened>>, nothing: &'static str, due: bool) -> AnyView {
    let Some(list) = list else { return away() };
    if list.is_empty() {
        return quiet(nothing);
    }
    let rows = list
        .into_iter()
        .map(|Happened { interaction, with }| {
            let fields = interaction.fields;
            let at = if due { fields.next_step.and_then(|step| step.due).unwrap_or(fields.at) } else { fields.at };
            let inside = view! {
                <Glyph icon=if due { Icon::Bell } else { Icon::MessageSquare } size=15/>
                <span class="min-w-0 flex-1">
                    <span class="block truncate font-medium">{fields.subject}</span>
                    {with.as_ref().map(|(_, name)| view! { <span class="block truncate text-12 muted">{name.clone()}</span> })}
                </span>
                <span class="muted text-12 whitespace-nowrap"><When at/></span>
            };
            match with.and_then(|(person, _)| crate::records::href(person)) {
                Some(href) => view! { <li><a class="row" href=href>{inside}</a></li> }.into_any(),
                None => view! { <li class="row">{inside}</li> }.into_any(),
            }
        })
        .collect_view();
    view! { <ul class="rows">{rows}</ul> }.into_any()
}

fn imports_view(imports: Option<Vec<Import>>) -> AnyView {
    let Some(imports) = imports else { return away() };
    if imports.is_empty() {
        return quiet(t(NO_IMPORTS));
    }
    let rows = imports
        .into_iter()
        .map(|import| {
            let (tone, word) = match import.state {
                ImportState::Queued => (Tone::Neutral, QUEUED),
                ImportState::Running => (Tone::Accent, RUNNING),
                ImportState::Done => (Tone::Good, DONE),
                ImportState::Failed => (Tone::Bad, FAILED),
            };
            let href = import.person_id.map_or_else(|| "/imports".to_owned(), |person| format!("/people/{person}?tab=resumes"));
            view! {
                <li><a class="row" href=href>
                    <Glyph icon=Icon::FileText size=15/> <span class="min-w-0 flex-1 truncate">{import.file_name}</span>
                    <Badge tone label=t(word)/> <span class="muted text-12 whitespace-nowrap wide-only"><When at=import.created_at/></span>
                </a></li>
            }
        })
        .collect_view();
    view! { <ul class="rows">{rows}</ul> }.into_any()
}

messages! {
    IMPORT: "Import resumes", "导入简历";
    RESUMES: "Resumes", "简历";
    OPEN_JOBS: "Open jobs", "招聘中的职位";
    ALL_JOBS: "All jobs", "全部职位";
    NO_JOBS: "No job is published right now.", "目前没有已发布的职位。";
    DUE: "To do next", "待跟进";
    NOTHING_DUE: "Nothing is waiting for you.", "没有待跟进事项。";
    RECENT: "Lately", "最近互动";
    NOTHING_RECENT: "No calls, mails or meetings yet.", "暂无电话、邮件或会面记录。";
    IMPORTS: "Recent imports", "最近导入";
    ALL_IMPORTS: "All imports", "全部导入";
    NO_IMPORTS: "No resume has been imported yet.", "尚未导入简历。";
    AWAY: "This part is not available right now.", "这部分暂时不可用。";
    QUEUED: "Waiting", "等待中";
    RUNNING: "Reading", "解析中";
    DONE: "Done", "已完成";
    FAILED: "Failed", "失败";
}

//! The people who fit a job, best first, with the reasons and what is missing.

use super::{JobTabs, StatusBadge, use_job_id};
use leptos_router::hooks::use_query_map;
use looma_app_ui::prelude::*;
use looma_app_ui::states::NotFound;
use looma_types::job::{Job, JobStatus, Match, Reason};
use looma_types::{JobId, Permission, PersonId};
use serde::{Deserialize, Serialize};

/// A job, the people who fit it, and those of them who are in its pipeline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Matches {
    pub job: Job,
    pub items: Vec<Match>,
    pub applied: Vec<PersonId>,
}

/// The people who fit, with reasons in the language `lang`.
#[server(prefix = "/api/web", endpoint = "jobs/matches", output = JsonText)]
pub async fn matches_of(id: JobId, limit: u8, lang: String) -> Result<Matches, Failure> {
    let services = looma_app_ui::session::services()?;
    let job: Job = services.get(&format!("/api/v1/jobs/{id}")).await?;
    let page: Page<Match> = services.get(&format!("/api/v1/jobs/{id}/matches?limit={limit}&lang={}", escape(&lang))).await?;
    let applications: Page<looma_types::job::Application> = services.get(&format!("/api/v1/applications?job_id={id}&limit=200")).await?;
    let applied = applications.items.into_iter().map(|one| one.person_id).collect();
    Ok(Matches { job, items: page.items, applied })
}

/// Puts a person into a job's pipeline.
#[server(prefix = "/api/web", endpoint = "jobs/apply", output = JsonText)]
pub async fn add_applicant(job: JobId, person: PersonId) -> Result<(), Failure> {
    use looma_types::job::{Application, ApplicationDraft};
    let draft = ApplicationDraft { job_id: job, person_id: person, stage: None };
    let _: Application = looma_app_ui::session::services()?.post("/api/v1/applications", &draft).await?;
    Ok(())
}

/// `/jobs/:id/matches`
#[component]
pub fn MatchesPage() -> impl IntoView {
    let id = use_job_id();
    move || match id.get() {
        Some(id) => view! { <Found id/> }.into_any(),
        None => view! { <NotFound/> }.into_any(),
    }
}

#[component]
fn Found(id: JobId) -> impl IntoView {
    let query = use_query_map();
    let limit = Memo::new(move |_| if query.read().get("show").as_deref() == Some("all") { 100 } else { 20 });
    let lang = match locale() {
        Locale::En => "en",
        Locale::Zh => "zh",
    };
    let matches = Data::new(move || limit.get(), move |limit| matches_of(id, limit, lang.to_owned()));
    view! { <Loaded resource=matches rows=8 view={move |found: Matches| view! { <Ranked found limit=limit.get_untracked()/> }}/> }
}

#[component]
fn Ranked(found: Matches, limit: u8) -> impl IntoView {
    let Matches { job, items, applied } = found;
    let open = matches!(job.status, JobStatus::Published | JobStatus::Paused);
    let may_add = open && use_viewer().may(Permission::WriteJobs);
    let id = job.id;
    let more = items.len() >= usize::from(limit) && limit < 100;
    let list = if items.is_empty() {
        view! {
            <EmptyState icon=Icon::Users title=t(EMPTY) text=t(EMPTY_TEXT)>
                <ButtonLink label=t(IMPORT) href="/imports" icon=Icon::Upload/>
            </EmptyState>
        }
        .into_any()
    } else {
        let rows = items
            .into_iter()
            .map(|one| {
                let already = applied.contains(&one.person_id);
                view! { <Person one job=id may_add already/> }
            })
            .collect_view();
        view! {
            <p class="text-13 muted py-3">{t(EXPLAIN)}</p>
            <ol class="rows" aria-label=t(super::MATCHES)>{rows}</ol>
            {more.then(|| view! { <div class="list-foot"><ButtonLink label=t(looma_app_ui::words::LOAD_MORE) href=Signal::derive(|| query_with(&[("show", Some("all"))])) small=true/></div> })}
        }
        .into_any()
    };
    view! {
        <PageHead title=job.fields.title.clone() crumbs=vec![Crumb::new("/jobs", t(crate::JOBS))]>
            <ButtonLink label=t(super::BOARD) href=format!("/jobs/{id}/board") icon=Icon::SquareKanban/>
        </PageHead>
        <div class="content content-wide">
            <div class="flex flex-wrap items-center gap-3 pb-3">
                <p class="record-title min-w-0">{job.fields.title}</p>
                <StatusBadge status=job.status/>
            </div>
            <JobTabs id/>
            {(!open).then(|| view! { <div class="pt-3"><Alert tone=Tone::Warn text=t(NOT_OPEN)/></div> })}
            {list}
        </div>
    }
}

#[component]
fn Person(one: Match, job: JobId, may_add: bool, already: bool) -> impl IntoView {
    let percent = (one.score.clamp(0.0, 1.0) * 100.0).round();
    let person = one.person_id;
    let score = tf(SCORE, &[&one.name, &percent]);
    let missing = one.missing.into_iter().map(|skill| view! { <Chip label=skill/> }).collect_view();
    let lacks = !missing.is_empty();
    let reasons = one.reasons.into_iter().filter(|reason| reason.weight > 0.0).map(reason_view).collect_view();
    view! {
        <li class="row">
            <div class="min-w-0 flex-1 flex flex-col gap-2 py-2">
                <div class="flex flex-wrap items-center gap-3">
                    <PersonLabel name=one.name.clone() href=format!("/people/{person}")/>
                    <span class="score">{percent} "%"</span>
                    <span class="w-32"><progress class="progress" max="100" value=percent aria-label=score></progress></span>
                    <span class="ml-auto"><Add job person name=one.name may_add already/></span>
                </div>
                {lacks.then(|| view! { <div class="chips"><span class="text-12 muted">{t(MISSING)}</span> {missing}</div> })}
                <ul class="flex flex-col gap-2">{reasons}</ul>
                <a class="link text-13" href=format!("/people/{person}?tab=resumes&resume={}", one.resume_id)>{t(RESUME)}</a>
            </div>
        </li>
    }
}

fn reason_view(reason: Reason) -> AnyView {
    let value = (reason.value.clamp(0.0, 1.0) * 100.0).round();
    let quotes =
        reason.evidence.into_iter().take(2).map(|one| view! { <blockquote class="quote mt-1">{one.quote}</blockquote> }).collect_view();
    view! {
        <li class="text-13">
            <span>{reason.text}</span> " " <span class="muted text-12">{tf(SHARE, &[&value, &(reason.weight * 100.0).round()])}</span>
            {quotes}
        </li>
    }
    .into_any()
}

/// Puts the person into the pipeline; says when they are there.
#[component]
fn Add(job: JobId, person: PersonId, name: String, may_add: bool, already: bool) -> impl IntoView {
    let add = ServerAction::<AddApplicant>::new();
    let inside = Signal::derive(move || already || add.succeeded());
    let (toasts, said) = (use_toasts(), tf(ADDED, &[&name]));
    Effect::new(move |_| {
        if add.succeeded() {
            toasts.say(said.clone());
        }
    });
    let failure = move || add.failure().map(|failure| view! { <span class="text-12"><Alert text=failure.message()/></span> });
    let label = StoredValue::new(tf(ADD_ONE, &[&name]));
    move || {
        if inside.get() {
            return view! { <a href=format!("/jobs/{job}/board")><Badge tone=Tone::Good label=t(INSIDE)/></a> }.into_any();
        }
        if !may_add {
            return ().into_any();
        }
        view! {
            <ActionForm action=add attr:class="flex flex-wrap items-center gap-2">
                <input type="hidden" name="job" value=job.to_string()/>
                <input type="hidden" name="person" value=person.to_string()/>
                <button type="submit" class="button button-small" disabled=add.pending() aria-label=label.get_value()>{t(ADD)}</button>
                {failure}
            </ActionForm>
        }
        .into_any()
    }
}

messages! {
    EMPTY: "Nobody to rank yet", "暂无可匹配的人选";
    EMPTY_TEXT: "Matches are read from resumes. Import some, and they are ranked at once.", "匹配基于简历。导入简历后会立即排序。";
    IMPORT: "Import resumes", "导入简历";
    EXPLAIN: "Ranked by what the resumes show. A low score rejects nobody; you decide.", "根据简历内容排序。低分不代表淘汰，由您决定。";
    NOT_OPEN: "This job takes no applications in its present state.", "该职位当前状态不接受申请。";
    SCORE: "{0} fits {1}%", "{0} 匹配度 {1}%";
    SHARE: "{0}%, weighs {1}%", "{0}%，权重 {1}%";
    MISSING: "Not shown", "未体现";
    RESUME: "Open the resume", "查看简历";
    ADD: "Add to pipeline", "加入流程";
    ADD_ONE: "Add to pipeline: {0}", "加入流程：{0}";
    ADDED: "{0} is in the pipeline", "{0} 已加入招聘流程";
    INSIDE: "In the pipeline", "已在流程中";
}

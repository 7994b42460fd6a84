//! One job: what it asks for, the state it is in, and the ways to its board and its matches.

pub mod board;
pub mod form;
pub mod matches;

use leptos_router::hooks::use_params_map;
use looma_app_ui::prelude::*;
use looma_app_ui::states::NotFound;
use looma_types::job::{EmploymentType, Job, JobAction, JobStatus, PayPeriod, Remote, Salary};
use looma_types::{JobId, Permission};
use serde::{Deserialize, Serialize};

/// A job and what its company is called.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JobView {
    pub job: Job,
    pub company: Option<String>,
}

/// One job.
#[server(prefix = "/api/web", endpoint = "jobs/get", output = JsonText)]
pub async fn get_job(id: JobId) -> Result<JobView, Failure> {
    let job: Job = looma_app_ui::session::services()?.get(&format!("/api/v1/jobs/{id}")).await?;
    let company = crate::picker::label_of(job.fields.company_id.into()).await?;
    Ok(JobView { job, company })
}

/// Moves a job along its life.
#[server(prefix = "/api/web", endpoint = "jobs/act", output = JsonText)]
pub async fn act_on_job(id: JobId, action: JobAction) -> Result<(), Failure> {
    let services = looma_app_ui::session::services()?;
    services.act(&format!("/api/v1/jobs/{id}/{}", action.as_str()), &serde_json::json!({})).await
}

/// Deletes a job with its applications and goes to the list.
#[server(prefix = "/api/web", endpoint = "jobs/delete", output = JsonText)]
pub async fn delete_job(id: JobId, version: i64) -> Result<(), Failure> {
    looma_app_ui::session::services()?.delete(&format!("/api/v1/jobs/{id}"), Some(version)).await?;
    leptos_axum::redirect("/jobs");
    Ok(())
}

/// The id in the address, for the pages of one job.
fn use_job_id() -> Memo<Option<JobId>> {
    let params = use_params_map();
    Memo::new(move |_| params.read().get("id").and_then(|id| id.parse().ok()))
}

/// `/jobs/:id`
#[component]
pub fn JobPage() -> impl IntoView {
    let id = use_job_id();
    move || match id.get() {
        Some(id) => view! { <Profile id/> }.into_any(),
        None => view! { <NotFound/> }.into_any(),
    }
}

#[component]
fn Profile(id: JobId) -> impl IntoView {
    let act = ServerAction::<ActOnJob>::new();
    let changed = done(act);
    let job = Data::new(move || changed.get(), move |_| get_job(id));
    view! { <Loaded resource=job rows=10 view={move |found: JobView| view! { <Record found act/> }}/> }
}

/// The tabs that every page of a job has.
#[component]
pub fn JobTabs(id: JobId) -> impl IntoView {
    let tabs = vec![
        Tab::new(format!("/jobs/{id}"), t(ABOUT)),
        Tab::new(format!("/jobs/{id}/board"), t(BOARD)),
        Tab::new(format!("/jobs/{id}/matches"), t(MATCHES)),
    ];
    view! { <Tabs label=t(PARTS) tabs/> }
}

#[component]
fn Record(found: JobView, act: ServerAction<ActOnJob>) -> impl IntoView {
    let JobView { job, company } = found;
    let (id, version, status) = (job.id, job.version, job.status);
    let fields = job.fields;
    let may_write = use_viewer().may(Permission::WriteJobs);
    let description = if fields.description.trim().is_empty() {
        view! { <p class="text-13 muted">{t(NO_DESCRIPTION)}</p> }.into_any()
    } else {
        view! { <p class="text-14 whitespace-pre-line">{fields.description}</p> }.into_any()
    };
    let skills = fields
        .skills
        .into_iter()
        .map(|skill| {
            let level = skill.level.map(|level| view! { <span class="muted text-12">{tf(LEVEL, &[&level])}</span> });
            let tone = if skill.required { Tone::Accent } else { Tone::Neutral };
            view! {
                <li class="row">
                    <span class="font-medium">{skill.name}</span> {level}
                    <span class="ml-auto"><Badge tone label=t(if skill.required { REQUIRED } else { WELCOME })/></span>
                </li>
            }
        })
        .collect_view();
    let has_skills = !skills.is_empty();
    view! {
        <PageHead title=fields.title.clone() crumbs=vec![Crumb::new("/jobs", t(crate::JOBS))]>
            {may_write.then(|| view! { <ButtonLink label=t(looma_app_ui::words::EDIT) href=format!("/jobs/{id}/edit") icon=Icon::Pencil/> })}
            <ButtonLink label=t(BOARD) href=format!("/jobs/{id}/board") emphasis=Emphasis::Primary icon=Icon::SquareKanban/>
        </PageHead>
        <div class="content content-wide">
            <div class="flex flex-wrap items-center gap-3 pb-3">
                <p class="record-title min-w-0">{fields.title}</p>
                <StatusBadge status/>
                {may_write.then(|| view! { <Actions id status act/> })}
            </div>
            <JobTabs id/>
            <div class="columns pt-2">
                <Section title=t(FACTS)>
                    <Facts>
                        <Fact label=t(COMPANY)><a class="link" href=format!("/companies/{}", fields.company_id)>{company.unwrap_or_else(|| t(UNKNOWN).to_owned())}</a></Fact>
                        <Fact label=t(LOCATION)>{fields.location.unwrap_or_else(|| "—".to_owned())}</Fact>
                        <Fact label=t(PLACE)>{remote_word(fields.remote)}</Fact>
                        <Fact label=t(TYPE)>{employment_word(fields.employment_type)}</Fact>
                        <Fact label=t(SALARY)>{fields.salary.as_ref().map_or_else(|| "—".to_owned(), salary_words)}</Fact>
                        <Fact label=t(OPENINGS)>{fields.openings}</Fact>
                        {job.published_at.map(|at| view! { <Fact label=t(PUBLISHED)><When at/></Fact> })}
                        <Fact label=t(CHANGED)><When at=job.updated_at/></Fact>
                    </Facts>
                    {(may_write && matches!(status, JobStatus::Draft | JobStatus::Archived)).then(|| view! { <Remove id version/> })}
                </Section>
                <div class="min-w-0">
                    <Section title=t(DESCRIPTION)>{description}</Section>
                    <Section title=t(SKILLS)>
                        {if has_skills { view! { <ul class="rows">{skills}</ul> }.into_any() } else { view! { <p class="text-13 muted">{t(NO_SKILLS)}</p> }.into_any() }}
                    </Section>
                </div>
            </div>
        </div>
    }
}

/// What may be done to the job's state now, as one form with a button for each.
#[component]
fn Actions(id: JobId, status: JobStatus, act: ServerAction<ActOnJob>) -> impl IntoView {
    let pending = act.pending();
    let buttons = JobAction::ALL
        .into_iter()
        .filter(|action| status.transition(*action).is_some())
        .map(|action| view! { <button type="submit" class="button button-small" name="action" value=action.as_str() disabled=pending>{t(action_word(action))}</button> })
        .collect_view();
    let failure = move || act.failure().map(|failure| view! { <Alert text=failure.message()/> });
    view! {
        <ActionForm action=act attr:class="flex flex-wrap items-center gap-2">
            <input type="hidden" name="id" value=id.to_string()/>
            {buttons} {failure}
        </ActionForm>
    }
}

#[component]
fn Remove(id: JobId, version: i64) -> impl IntoView {
    let delete = ServerAction::<DeleteJob>::new();
    let failure = move || delete.failure().map(|failure| view! { <Alert text=failure.message()/> });
    view! {
        <details class="pt-3">
            <summary class="text-13 muted cursor-pointer">{t(REMOVE)}</summary>
            <ActionForm action=delete attr:class="flex flex-col gap-2 pt-2">
                <p class="text-13">{t(REMOVE_TEXT)}</p>
                <input type="hidden" name="id" value=id.to_string()/>
                <input type="hidden" name="version" value=version/>
                {failure}
                <div><SubmitButton label=t(REMOVE) emphasis=Emphasis::Danger icon=Icon::Trash2 pending=delete.pending()/></div>
            </ActionForm>
        </details>
    }
}

/// A job's state in a word, coloured by whether people are looked for.
#[component]
pub fn StatusBadge(status: JobStatus) -> impl IntoView {
    let tone = match status {
        JobStatus::Published => Tone::Good,
        JobStatus::Paused => Tone::Warn,
        JobStatus::Filled => Tone::Accent,
        JobStatus::Draft | JobStatus::Closed | JobStatus::Archived => Tone::Neutral,
    };
    view! { <Badge tone label=status_word(status)/> }
}

pub fn status_word(status: JobStatus) -> &'static str {
    t(match status {
        JobStatus::Draft => DRAFT,
        JobStatus::Published => OPEN,
        JobStatus::Paused => PAUSED,
        JobStatus::Closed => CLOSED,
        JobStatus::Filled => FILLED,
        JobStatus::Archived => ARCHIVED,
    })
}

const fn action_word(action: JobAction) -> Msg {
    match action {
        JobAction::Publish => PUBLISH,
        JobAction::Pause => PAUSE,
        JobAction::Close => CLOSE,
        JobAction::Fill => FILL,
        JobAction::Archive => ARCHIVE,
        JobAction::Reopen => REOPEN,
    }
}

fn remote_word(remote: Remote) -> &'static str {
    t(match remote {
        Remote::OnSite => ON_SITE,
        Remote::Hybrid => HYBRID,
        Remote::Remote => REMOTE,
    })
}

fn employment_word(kind: EmploymentType) -> &'static str {
    t(match kind {
        EmploymentType::FullTime => FULL_TIME,
        EmploymentType::PartTime => PART_TIME,
        EmploymentType::Contract => CONTRACT,
        EmploymentType::Temporary => TEMPORARY,
        EmploymentType::Internship => INTERNSHIP,
        EmploymentType::Volunteer => VOLUNTEER,
    })
}

const fn period_word(per: PayPeriod) -> Msg {
    match per {
        PayPeriod::Hour => HOUR,
        PayPeriod::Day => DAY,
        PayPeriod::Month => MONTH,
        PayPeriod::Year => YEAR,
    }
}

/// "€60,000 – €75,000 a year".
fn salary_words(salary: &Salary) -> String {
    let amount = |minor: i64| money(minor, &salary.currency);
    let span = match (salary.min, salary.max) {
        (Some(min), Some(max)) if min == max => amount(min),
        (Some(min), Some(max)) => format!("{} – {}", amount(min), amount(max)),
        (Some(min), None) => tf(FROM, &[&amount(min)]),
        (None, Some(max)) => tf(UP_TO, &[&amount(max)]),
        (None, None) => return "—".to_owned(),
    };
    tf(PER, &[&span, &t(period_word(salary.per))])
}

messages! {
    ABOUT: "About", "职位信息";
    BOARD: "Board", "招聘看板";
    MATCHES: "Matches", "匹配人选";
    PARTS: "Parts of this job", "职位的各部分";
    FACTS: "Facts", "基本信息";
    COMPANY: "Company", "公司";
    UNKNOWN: "Unknown", "未知";
    LOCATION: "Location", "地点";
    PLACE: "Workplace", "办公方式";
    TYPE: "Employment", "雇佣类型";
    SALARY: "Salary", "薪资";
    OPENINGS: "Openings", "招聘人数";
    PUBLISHED: "Published", "发布时间";
    CHANGED: "Changed", "更新时间";
    DESCRIPTION: "Description", "职位描述";
    NO_DESCRIPTION: "Nothing written yet.", "暂无描述。";
    SKILLS: "Skills", "技能要求";
    NO_SKILLS: "No skills asked for yet; matches compare the description.", "尚未填写技能要求，将按职位描述进行匹配。";
    REQUIRED: "Required", "必备";
    WELCOME: "Nice to have", "加分";
    LEVEL: "level {0} of 5", "{0}/5 级";
    REMOVE: "Delete this job", "删除职位";
    REMOVE_TEXT: "The job and its applications are deleted for good.", "职位及其申请将被永久删除。";
    DRAFT: "Draft", "草稿";
    OPEN: "Published", "已发布";
    PAUSED: "Paused", "已暂停";
    CLOSED: "Closed", "已关闭";
    FILLED: "Filled", "已招满";
    ARCHIVED: "Archived", "已归档";
    PUBLISH: "Publish", "发布";
    PAUSE: "Pause", "暂停";
    CLOSE: "Close", "关闭职位";
    FILL: "Mark as filled", "标记为招满";
    ARCHIVE: "Archive", "归档";
    REOPEN: "Reopen", "重新开放";
    ON_SITE: "On site", "现场办公";
    HYBRID: "Hybrid", "混合办公";
    REMOTE: "Remote", "远程办公";
    FULL_TIME: "Full time", "全职";
    PART_TIME: "Part time", "兼职";
    CONTRACT: "Contract", "合同工";
    TEMPORARY: "Temporary", "临时";
    INTERNSHIP: "Internship", "实习";
    VOLUNTEER: "Volunteer", "志愿者";
    HOUR: "hour", "小时";
    DAY: "day", "天";
    MONTH: "month", "月";
    YEAR: "year", "年";
    FROM: "from {0}", "{0} 起";
    UP_TO: "up to {0}", "最高 {0}";
    PER: "{0} per {1}", "{0}/{1}";
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn a_salary_reads_as_a_sentence() {
        let salary = |min, max| Salary { min, max, currency: "EUR".into(), per: PayPeriod::Year };
        Owner::new().with(|| {
            assert_eq!(salary_words(&salary(Some(6_000_000), Some(7_500_000))), "€60,000 – €75,000 per year");
            assert_eq!(salary_words(&salary(None, Some(7_500_000))), "up to €75,000 per year");
            assert_eq!(salary_words(&salary(None, None)), "—");
        });
    }
}

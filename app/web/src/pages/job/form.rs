//! Writing a job: the form for a new one and for one that is there.

mod company;
mod draft;
mod skills;

use super::{JobView, employment_word, get_job, period_word, remote_word, use_job_id};
use company::CompanyField;
use draft::{JobForm, SkillRow, row_of, unit};
use leptos_router::hooks::use_query_map;
use looma_app_ui::prelude::*;
use looma_app_ui::states::NotFound;
use looma_app_ui::words::{CANCEL, SAVE};
use looma_types::JobId;
use looma_types::job::{EmploymentType, JobDraft, PayPeriod, Remote};
use serde::Serialize;
use skills::Skills;

/// Makes or replaces a job and goes to it. Without an id it is made.
#[server(prefix = "/api/web", endpoint = "jobs/save", output = JsonText)]
pub async fn save_job(#[server(default)] id: Option<JobId>, #[server(default)] version: Option<i64>, job: JobForm) -> Result<(), Failure> {
    use looma_types::job::Job;
    let services = looma_app_ui::session::services()?;
    let company_id = company::company_named(&services, job.company.trim()).await?;
    let current = match id {
        Some(id) => Some(services.get::<Job>(&format!("/api/v1/jobs/{id}")).await?),
        None => None,
    };
    let draft = draft::draft_of(job, company_id, current.map(|job| job.fields)).map_err(|(field, text)| wrong(field, said(text)))?;
    let saved: Job = match id {
        Some(id) => services.put(&format!("/api/v1/jobs/{id}"), version, &draft).await?,
        None => services.post("/api/v1/jobs", &draft).await?,
    };
    leptos_axum::redirect(&format!("/jobs/{}", saved.id));
    Ok(())
}

#[cfg(feature = "ssr")]
fn wrong(field: &str, text: &str) -> Failure {
    let mut failure = Failure::new(422, "invalid-input", "The input was not understood", text);
    failure.0.errors.push(looma_types::problem::FieldError::new(format!("/{field}"), "invalid", text));
    failure
}

/// A message in the language of the request, for server functions, which stand on no page.
#[cfg(feature = "ssr")]
fn said(message: Msg) -> &'static str {
    use_context().map(|parts| looma_app_ui::preferences::of_parts(&parts)).unwrap_or_default().locale.text(message)
}

/// `/jobs/new`
#[component]
pub fn NewJobPage() -> impl IntoView {
    view! {
        <PageHead title=t(super::super::jobs::NEW) crumbs=vec![Crumb::new("/jobs", t(crate::JOBS))]/>
        <div class="content content-narrow"><Form found=None/></div>
    }
}

/// `/jobs/:id/edit`
#[component]
pub fn EditJobPage() -> impl IntoView {
    let id = use_job_id();
    move || match id.get() {
        Some(id) => view! { <Editing id/> }.into_any(),
        None => view! { <NotFound/> }.into_any(),
    }
}

#[component]
fn Editing(id: JobId) -> impl IntoView {
    let job = Data::new(|| (), move |()| get_job(id));
    let form = move |found: JobView| {
        let crumbs = vec![Crumb::new("/jobs", t(crate::JOBS)), Crumb::new(format!("/jobs/{id}"), found.job.fields.title.clone())];
        view! {
            <PageHead title=t(EDIT_JOB) crumbs/>
            <div class="content content-narrow"><Form found=Some(found)/></div>
        }
    };
    view! { <Loaded resource=job view=form/> }
}

#[component]
fn Form(found: Option<JobView>) -> impl IntoView {
    let save = ServerAction::<SaveJob>::new();
    let failure = failure_of(save);
    let wrong = move |field: &'static str| Signal::derive(move || failure.read().as_ref().and_then(|failure| failure.field(field)));
    let conflict = t(CONFLICT);
    let general = move || {
        let failure = failure.get()?;
        let text = if failure.0.status == 412 { conflict.to_owned() } else { failure.message() };
        Some(view! { <Alert text/> })
    };
    let back = found.as_ref().map_or_else(|| "/jobs".to_owned(), |found| format!("/jobs/{}", found.job.id));
    let (id, version) = found.as_ref().map(|found| (found.job.id, found.job.version)).unzip();
    let company = found
        .as_ref()
        .and_then(|found| found.company.clone())
        .or_else(|| use_query_map().read_untracked().get("company"))
        .unwrap_or_default();
    let fields = found.map(|found| found.job.fields);
    let of = |read: fn(&JobDraft) -> String| fields.as_ref().map(read).unwrap_or_default();
    let (title, description) = (of(|job| job.title.clone()), of(|job| job.description.clone()));
    let location = of(|job| job.location.clone().unwrap_or_default());
    let openings = fields.as_ref().map_or(1, |job| job.openings).to_string();
    let remote = fields.as_ref().map(|job| job.remote).unwrap_or_default();
    let employment = fields.as_ref().map(|job| job.employment_type).unwrap_or_default();
    let salary = fields.as_ref().and_then(|job| job.salary.clone());
    let currency = salary.as_ref().map_or_else(|| t(CURRENCY_DEFAULT).to_owned(), |salary| salary.currency.clone());
    let amount = |minor: Option<i64>| minor.map(|minor| (minor / unit(&currency)).to_string()).unwrap_or_default();
    let (low, high) = (amount(salary.as_ref().and_then(|one| one.min)), amount(salary.as_ref().and_then(|one| one.max)));
    let per = salary.as_ref().map_or(PayPeriod::Year, |salary| salary.per);
    let rows: Vec<SkillRow> = fields.iter().flat_map(|job| &job.skills).map(row_of).collect();
    view! {
        <ActionForm action=save attr:class="form">
            {id.map(|id| view! { <input type="hidden" name="id" value=id.to_string()/> })}
            {version.map(|version| view! { <input type="hidden" name="version" value=version/> })}
            {general}
            <TextField name="job[title]" label=t(TITLE) value=title error=wrong("title")/>
            <CompanyField value=company error=wrong("company_id")/>
            <div class="form-row">
                <TextField name="job[location]" label=t(super::LOCATION) optional=true value=location error=wrong("location")/>
                <SelectField name="job[remote]" label=t(super::PLACE) value=word(&remote)
                    choices=[Remote::OnSite, Remote::Hybrid, Remote::Remote].map(|one| Choice::new(word(&one), remote_word(one))).to_vec()/>
            </div>
            <div class="form-row">
                <SelectField name="job[employment_type]" label=t(super::TYPE) value=word(&employment)
                    choices=EMPLOYMENTS.map(|one| Choice::new(word(&one), employment_word(one))).to_vec()/>
                <TextField name="job[openings]" label=t(super::OPENINGS) kind="number" max=5 value=openings error=wrong("openings")/>
            </div>
            <fieldset class="form">
                <legend class="field-label pb-2">{t(super::SALARY)}</legend>
                <div class="form-row">
                    <TextField name="job[salary_min]" label=t(LOWEST) optional=true max=15 value=low error=wrong("salary")/>
                    <TextField name="job[salary_max]" label=t(HIGHEST) optional=true max=15 value=high/>
                    <TextField name="job[currency]" label=t(CURRENCY) optional=true max=3 value=currency error=wrong("salary/currency")/>
                    <SelectField name="job[per]" label=t(EVERY) value=word(&per)
                        choices=[PayPeriod::Hour, PayPeriod::Day, PayPeriod::Month, PayPeriod::Year].map(|one| Choice::new(word(&one), t(period_word(one)))).to_vec()/>
                </div>
            </fieldset>
            <TextArea name="job[description]" label=t(super::DESCRIPTION) optional=true rows=10 value=description error=wrong("description")/>
            <Skills rows/>
            <div class="form-actions">
                <SubmitButton label=t(SAVE) pending=save.pending()/>
                <ButtonLink label=t(CANCEL) href=back emphasis=Emphasis::Quiet/>
            </div>
        </ActionForm>
    }
}

const EMPLOYMENTS: [EmploymentType; 6] = [
    EmploymentType::FullTime,
    EmploymentType::PartTime,
    EmploymentType::Contract,
    EmploymentType::Temporary,
    EmploymentType::Internship,
    EmploymentType::Volunteer,
];

/// A plain enum's word on the wire.
fn word(value: &impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

messages! {
    EDIT_JOB: "Edit job", "编辑职位";
    TITLE: "Title", "职位名称";
    LOWEST: "From", "最低";
    HIGHEST: "To", "最高";
    CURRENCY: "Currency", "币种";
    CURRENCY_DEFAULT: "EUR", "CNY";
    EVERY: "Per", "周期";
    CONFLICT: "Somebody changed this job in the meantime. Reload the page and try again.", "此职位已被他人修改。请刷新页面后重试。";
}

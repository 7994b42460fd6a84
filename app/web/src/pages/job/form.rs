//! Writing a job: the form for a new one and for one that is there.

use super::{JobView, employment_word, get_job, period_word, remote_word, use_job_id};
use leptos_router::hooks::use_query_map;
use looma_app_ui::prelude::*;
use looma_app_ui::states::NotFound;
use looma_app_ui::words::{CANCEL, SAVE};
use looma_types::job::{EmploymentType, JobDraft, PayPeriod, Remote};
use looma_types::{CompanyId, JobId};
use serde::{Deserialize, Serialize};

/// How many empty rows for skills a form begins with, for readers without scripts too.
const EMPTY_ROWS: usize = 3;
/// How many skills the service takes.
const MAX_SKILLS: usize = 50;

/// A row of the form: what it asks for, how well, and whether it must be there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkillRow {
    #[serde(default)]
    pub name: String,
    /// 1 to 5, or empty.
    #[serde(default)]
    pub level: String,
    /// `required`, or `welcome`.
    #[serde(default)]
    pub need: String,
}

/// What the form sends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JobForm {
    pub title: String,
    pub company: String,
    #[serde(default)]
    pub location: String,
    pub remote: Remote,
    pub employment_type: EmploymentType,
    pub openings: u32,
    #[serde(default)]
    pub salary_min: String,
    #[serde(default)]
    pub salary_max: String,
    #[serde(default)]
    pub currency: String,
    pub per: PayPeriod,
    #[serde(default)]
    pub description: String,
    #[serde(default)]
    pub skills: Vec<SkillRow>,
}

/// Makes or replaces a job and goes to it. Without an id it is made.
#[server(prefix = "/api/web", endpoint = "jobs/save", output = JsonText)]
pub async fn save_job(#[server(default)] id: Option<JobId>, #[server(default)] version: Option<i64>, job: JobForm) -> Result<(), Failure> {
    use looma_types::job::Job;
    let services = looma_app_ui::session::services()?;
    let company_id = company_named(&services, job.company.trim()).await?;
    let current = match id {
        Some(id) => Some(services.get::<Job>(&format!("/api/v1/jobs/{id}")).await?),
        None => None,
    };
    let draft = draft_of(job, company_id, current.map(|job| job.fields)).map_err(|(field, text)| wrong(field, said(text)))?;
    let saved: Job = match id {
        Some(id) => services.put(&format!("/api/v1/jobs/{id}"), version, &draft).await?,
        None => services.post("/api/v1/jobs", &draft).await?,
    };
    leptos_axum::redirect(&format!("/jobs/{}", saved.id));
    Ok(())
}

/// Names of companies that hold what was typed.
#[server(prefix = "/api/web", endpoint = "jobs/companies", output = JsonText)]
pub async fn company_names(q: String) -> Result<Vec<String>, Failure> {
    use looma_types::company::Company;
    let q = if q.trim().is_empty() { String::new() } else { format!("&q={}", escape(q.trim())) };
    let page: Page<Company> = looma_app_ui::session::services()?.get(&format!("/api/v1/companies?limit=20{q}")).await?;
    Ok(page.items.into_iter().map(|company| company.fields.name).collect())
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

/// The company with this name.
#[cfg(feature = "ssr")]
async fn company_named(services: &looma_app_ui::session::Services, name: &str) -> Answer<CompanyId> {
    use looma_types::company::Company;
    let page: Page<Company> = services.get(&format!("/api/v1/companies?limit=200&q={}", escape(name))).await?;
    let found = page.items.into_iter().find(|company| company.fields.name.to_lowercase() == name.to_lowercase());
    found.map(|company| company.id).ok_or_else(|| wrong("company_id", said(NO_COMPANY)))
}

/// The form as a draft over what is there: what the form does not show stays.
#[cfg_attr(not(feature = "ssr"), allow(dead_code, reason = "the server reads the form"))]
fn draft_of(form: JobForm, company_id: CompanyId, current: Option<JobDraft>) -> Result<JobDraft, (&'static str, Msg)> {
    use looma_types::job::{JobSkill, Salary};
    let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let currency = given(&form.currency).unwrap_or_else(|| "EUR".to_owned()).to_uppercase();
    let min = minor(&form.salary_min, &currency).ok_or(("salary", NO_AMOUNT))?;
    let max = minor(&form.salary_max, &currency).ok_or(("salary", NO_AMOUNT))?;
    if let (Some(min), Some(max)) = (min, max)
        && min > max
    {
        return Err(("salary", NO_RANGE));
    }
    let before = current.as_ref().map(|job| job.skills.clone()).unwrap_or_default();
    let skills = form
        .skills
        .into_iter()
        .take(MAX_SKILLS)
        .filter_map(|row| {
            let name = given(&row.name)?;
            let known = before.iter().find(|skill| skill.name.as_ref().is_some_and(|own| own.to_lowercase() == name.to_lowercase()));
            let skill_id = known.and_then(|skill| skill.skill_id);
            let level = row.level.parse().ok().filter(|level| (1..=5).contains(level));
            Some(JobSkill { skill_id, name: Some(name), level, required: row.need == "required" })
        })
        .collect();
    // A department belongs to its company.
    let department_id = current.filter(|job| job.company_id == company_id).and_then(|job| job.department_id);
    Ok(JobDraft {
        title: form.title.trim().to_owned(),
        company_id,
        department_id,
        description: form.description,
        location: given(&form.location),
        remote: form.remote,
        employment_type: form.employment_type,
        salary: (min.is_some() || max.is_some()).then_some(Salary { min, max, currency, per: form.per }),
        skills,
        openings: form.openings,
    })
}

/// How many minor units a currency's unit has.
fn unit(currency: &str) -> i64 {
    if matches!(currency, "JPY" | "KRW" | "VND") { 1 } else { 100 }
}

/// An amount as people write it, in minor units: nothing when empty, `None` when it is no amount.
fn minor(text: &str, currency: &str) -> Option<Option<i64>> {
    let text: String = text.chars().filter(|c| !c.is_whitespace() && *c != ',').collect();
    if text.is_empty() {
        return Some(None);
    }
    let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
    let whole: i64 = whole.parse().ok().filter(|whole| (0..=1_000_000_000).contains(whole))?;
    let rest: i64 = if rest.is_empty() { 0 } else { format!("{rest:0<2}").get(..2)?.parse().ok().filter(|rest| *rest >= 0)? };
    Some(Some(whole * unit(currency) + if unit(currency) == 100 { rest } else { 0 }))
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
    let job = Resource::new(|| (), move |()| get_job(id));
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
    let failure = Signal::derive(move || save.value().get().and_then(Result::err));
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

fn row_of(skill: &looma_types::job::JobSkill) -> SkillRow {
    SkillRow {
        name: skill.name.clone().unwrap_or_default(),
        level: skill.level.map(|level| level.to_string()).unwrap_or_default(),
        need: if skill.required { "required" } else { "welcome" }.to_owned(),
    }
}

/// The company by name, with those that fit offered while typing.
#[component]
fn CompanyField(value: String, error: Signal<Option<String>>) -> impl IntoView {
    let typed = RwSignal::new(value.clone());
    let names = Resource::new(move || typed.get(), company_names);
    view! {
        <div class="field">
            <label class="field-label" for="company">{t(super::COMPANY)}</label>
            <input class="input" id="company" name="job[company]" list="companies" autocomplete="off" maxlength="200" required value=value
                aria-describedby="company-hint company-error" aria-invalid=move || error.get().is_some().then_some("true")
                on:input:target=move |event| typed.set(event.target().value())/>
            <datalist id="companies">
                <Transition>
                    {move || Suspend::new(async move {
                        names.await.unwrap_or_default().into_iter().map(|name| view! { <option value=name></option> }).collect_view()
                    })}
                </Transition>
            </datalist>
            <p class="field-hint" id="company-hint">{t(COMPANY_HINT)} " " <a class="link" href="/companies/new">{t(COMPANY_NEW)}</a></p>
            <div id="company-error" aria-live="polite">{move || error.get().map(|error| view! { <p class="field-error"><Glyph icon=Icon::CircleAlert size=13/> {error}</p> })}</div>
        </div>
    }
}

/// The skills asked for, a row each; more rows on demand.
#[component]
fn Skills(rows: Vec<SkillRow>) -> impl IntoView {
    let first = rows.len();
    let count = RwSignal::new((first + EMPTY_ROWS).min(MAX_SKILLS));
    let rows = StoredValue::new(rows);
    let line = move |at: usize| {
        let row = rows.with_value(|rows| rows.get(at).cloned().unwrap_or_default());
        let required = row.need != "welcome";
        let level = row.level;
        let levels = (1..=5)
            .map(|step| view! { <option value=step selected=level == step.to_string()>{tf(super::LEVEL, &[&step])}</option> })
            .collect_view();
        let nth = at + 1;
        view! {
            <li class="flex flex-wrap items-center gap-2">
                <span class="flex-1 min-w-40"><input class="input input-small" name=format!("job[skills][{at}][name]") maxlength="100" value=row.name aria-label=tf(SKILL_NAME, &[&nth])/></span>
                <select class="input input-small w-auto" name=format!("job[skills][{at}][need]") aria-label=tf(SKILL_NEED, &[&nth])>
                    <option value="required" selected=required>{t(super::REQUIRED)}</option>
                    <option value="welcome" selected=!required>{t(super::WELCOME)}</option>
                </select>
                <select class="input input-small w-auto" name=format!("job[skills][{at}][level]") aria-label=tf(SKILL_LEVEL, &[&nth])>
                    <option value="">{t(ANY_LEVEL)}</option>
                    {levels}
                </select>
            </li>
        }
    };
    view! {
        <fieldset class="flex flex-col gap-2">
            <legend class="field-label pb-2">{t(super::SKILLS)}</legend>
            <ol class="flex flex-col gap-2"><For each=move || 0..count.get() key=|at| *at let:at>{line(at)}</For></ol>
            <p class="field-hint">{t(SKILLS_HINT)}</p>
            <div><Button label=t(MORE_SKILLS) icon=Icon::Plus small=true on_click=move |_| count.update(|count| *count = (*count + 1).min(MAX_SKILLS))/></div>
        </fieldset>
    }
}

messages! {
    EDIT_JOB: "Edit job", "编辑职位";
    TITLE: "Title", "职位名称";
    COMPANY_HINT: "Type a part of its name and choose.", "输入名称并从列表中选择。";
    COMPANY_NEW: "Add a company", "添加公司";
    LOWEST: "From", "最低";
    HIGHEST: "To", "最高";
    CURRENCY: "Currency", "币种";
    CURRENCY_DEFAULT: "EUR", "CNY";
    EVERY: "Per", "周期";
    SKILL_NAME: "Skill {0}", "技能 {0}";
    SKILL_NEED: "How much skill {0} is needed", "技能 {0} 的要求";
    SKILL_LEVEL: "Level of skill {0}", "技能 {0} 的等级";
    ANY_LEVEL: "Any level", "不限等级";
    SKILLS_HINT: "Leave a row empty to take it out.", "清空一行即可移除。";
    MORE_SKILLS: "Another skill", "添加一项";
    NO_COMPANY: "No company has this name. Choose one of the list, or add it first.", "没有该名称的公司。请从列表中选择，或先添加公司。";
    NO_AMOUNT: "This is not an amount.", "这不是有效的金额。";
    NO_RANGE: "The lowest salary is above the highest.", "最低薪资高于最高薪资。";
    CONFLICT: "Somebody changed this job in the meantime. Reload the page and try again.", "此职位已被他人修改。请刷新页面后重试。";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_people_write_them() {
        assert_eq!(minor(" 60,000 ", "EUR"), Some(Some(6_000_000)));
        assert_eq!(minor("12.5", "EUR"), Some(Some(1_250)));
        assert_eq!(minor("300000", "JPY"), Some(Some(300_000)));
        assert_eq!(minor("", "EUR"), Some(None));
        assert!(["-1", "a lot", "1.x", "9999999999999999999"].iter().all(|text| minor(text, "EUR").is_none()));
    }

    #[test]
    fn empty_rows_are_left_out_and_the_range_must_be_one() {
        let row = |name: &str, level: &str| SkillRow { name: name.into(), level: level.into(), need: "required".into() };
        let form = JobForm {
            title: " Engineer ".into(),
            company: "Acme".into(),
            location: String::new(),
            remote: Remote::Hybrid,
            employment_type: EmploymentType::FullTime,
            openings: 1,
            salary_min: "5".into(),
            salary_max: "4".into(),
            currency: "eur".into(),
            per: PayPeriod::Hour,
            description: String::new(),
            skills: vec![row("Rust", "9"), row("  ", "3")],
        };
        let company: CompanyId = "019ab000-0000-7000-8000-000000000001".parse().unwrap();
        assert!(draft_of(form.clone(), company, None).is_err());
        let draft = draft_of(JobForm { salary_max: "6".into(), ..form }, company, None).unwrap();
        assert_eq!((draft.title.as_str(), draft.skills.len(), draft.skills[0].level), ("Engineer", 1, None));
        assert_eq!(draft.salary.map(|salary| (salary.min, salary.currency)), Some((Some(500), "EUR".to_owned())));
    }
}

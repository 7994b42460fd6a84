//! The jobs a person applied for, and how far each application is.

use looma_app_ui::prelude::*;
use looma_types::PersonId;
use looma_types::job::Application;
use serde::{Deserialize, Serialize};

/// An application and what its job is called.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ApplicationView {
    pub application: Application,
    pub job: Option<String>,
}

/// A person's applications.
#[server(prefix = "/api/web", endpoint = "people/applications", output = JsonText)]
pub async fn applications_of(person: PersonId) -> Result<Vec<ApplicationView>, Failure> {
    let services = looma_app_ui::session::services()?;
    let page: Page<Application> = services.get(&format!("/api/v1/applications?person_id={person}&limit=50")).await?;
    let mut titles = std::collections::BTreeMap::new();
    let mut out = Vec::with_capacity(page.items.len());
    for application in page.items {
        let id = application.job_id;
        if let std::collections::btree_map::Entry::Vacant(place) = titles.entry(id) {
            place.insert(crate::picker::label_of(id.into()).await?);
        }
        out.push(ApplicationView { job: titles.get(&id).cloned().flatten(), application });
    }
    Ok(out)
}

#[component]
pub fn Applications(person: PersonId) -> impl IntoView {
    let applications = Data::new(|| (), move |()| applications_of(person));
    view! { <div class="pt-4"><Loaded resource=applications view=list rows=4/></div> }
}

fn list(applications: Vec<ApplicationView>) -> AnyView {
    if applications.is_empty() {
        return view! {
            <EmptyState icon=Icon::Briefcase title=t(EMPTY) text=t(EMPTY_TEXT)>
                <ButtonLink label=t(JOBS) href="/jobs" icon=Icon::Briefcase/>
            </EmptyState>
        }
        .into_any();
    }
    let rows = applications
        .into_iter()
        .map(|ApplicationView { application, job }| {
            let title = job.unwrap_or_else(|| t(HIDDEN).to_owned());
            view! {
                <li>
                    <a class="row" href=format!("/jobs/{}/board", application.job_id)>
                        <Glyph icon=Icon::Briefcase size=15/>
                        <span class="min-w-0 truncate font-medium">{title}</span>
                        <Badge tone=Tone::Accent label=stage_word(&application.stage)/>
                        <span class="muted text-12 ml-auto whitespace-nowrap"><When at=application.updated_at/></span>
                    </a>
                </li>
            }
        })
        .collect_view();
    view! { <ul class="rows">{rows}</ul> }.into_any()
}

/// A stage's key in words; a workspace's own stages as they are.
fn stage_word(key: &str) -> String {
    let word = match key {
        "new" | "applied" => APPLIED,
        "screen" | "screening" => SCREENING,
        "interview" => INTERVIEW,
        "offer" => OFFER,
        "hired" => HIRED,
        "rejected" => REJECTED,
        "withdrawn" => WITHDRAWN,
        _ => return key.replace('_', " "),
    };
    t(word).to_owned()
}

messages! {
    EMPTY: "No applications", "暂无申请";
    EMPTY_TEXT: "Put this person into a job's pipeline from the job's matches.", "可在职位的匹配结果中将其加入招聘流程。";
    JOBS: "To the jobs", "查看职位";
    HIDDEN: "A job you may not see", "无权查看的职位";
    APPLIED: "Applied", "已申请";
    SCREENING: "Screening", "筛选";
    INTERVIEW: "Interview", "面试";
    OFFER: "Offer", "录用意向";
    HIRED: "Hired", "已录用";
    REJECTED: "Rejected", "未通过";
    WITHDRAWN: "Withdrawn", "已放弃";
}

//! A person's resumes: the list, and the one that is open.

use super::resume::{Typeset, work};
use leptos_router::hooks::use_query_map;
use looma_app_ui::prelude::*;
use looma_types::resume::{Resume, ResumeSummary};
use looma_types::{PersonId, ResumeId};
use serde::{Deserialize, Serialize};

/// A person's resumes, the newest first, and one of them whole.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ResumesView {
    pub all: Vec<ResumeSummary>,
    pub open: Option<Resume>,
}

/// A person's resumes, with the one asked for open, else the newest.
#[server(prefix = "/api/web", endpoint = "people/resumes", output = JsonText)]
pub async fn resumes_of(person: PersonId, open: Option<ResumeId>) -> Result<ResumesView, Failure> {
    let services = looma_app_ui::session::services()?;
    let page: Page<ResumeSummary> = services.get(&format!("/api/v1/resumes?person_id={person}&limit=100")).await?;
    let mut all = page.items;
    all.sort_by_key(|resume| std::cmp::Reverse(resume.updated_at));
    let wanted = all.iter().find(|resume| Some(resume.id) == open).or(all.first()).map(|resume| resume.id);
    let open = match wanted {
        Some(id) => Some(services.get(&format!("/api/v1/resumes/{id}")).await?),
        None => None,
    };
    Ok(ResumesView { all, open })
}

/// Where the person works and worked, from the newest resume. Says nothing when there is none.
#[component]
pub fn Experience(person: PersonId) -> impl IntoView {
    let resumes = Data::new(|| (), move |()| resumes_of(person, None));
    let short = move |view: ResumesView| {
        let entries = view.open.map(|resume| work(&resume.content)).unwrap_or_default();
        (!entries.is_empty()).then(|| {
            let surplus = entries.len().saturating_sub(4) as i64;
            let entries = entries
                .into_iter()
                .take(4)
                .map(|entry| {
                    view! {
                        <li>
                            <p class="font-medium">{entry.title}</p>
                            <p class="muted">{entry.place}</p>
                            <p class="muted text-12 numbers">{entry.dates}</p>
                        </li>
                    }
                })
                .collect_view();
            view! {
                <Section title=t(EXPERIENCE)>
                    <ol class="flex flex-col gap-3 text-13">{entries}</ol>
                    {(surplus > 0).then(|| view! { <p class="text-13"><a href=format!("/people/{person}?tab=resumes")>{plural(surplus, MORE_ONE, MORE_MANY)}</a></p> })}
                </Section>
            }
        })
    };
    // The rest of the page is useful without it: a service that is away leaves this part out.
    view! {
        <Transition>
            {move || Suspend::new(async move { resumes.await.ok().and_then(short) })}
        </Transition>
    }
}

#[component]
pub fn Resumes(person: PersonId) -> impl IntoView {
    let query = use_query_map();
    let open = Memo::new(move |_| query.read().get("resume").and_then(|id| id.parse::<ResumeId>().ok()));
    let resumes = Data::new(move || open.get(), move |open| resumes_of(person, open));
    view! { <div class="pt-4"><Loaded resource=resumes rows=6 view={move |found: ResumesView| view! { <Opened found person/> }}/></div> }
}

#[component]
fn Opened(found: ResumesView, person: PersonId) -> impl IntoView {
    let add = format!("/imports?person={person}");
    let Some(open) = found.open else {
        return view! {
            <EmptyState icon=Icon::FileText title=t(EMPTY) text=t(EMPTY_TEXT)>
                <ButtonLink label=t(IMPORT) href=add icon=Icon::Upload/>
            </EmptyState>
        }
        .into_any();
    };
    let id = open.id;
    let list = found
        .all
        .into_iter()
        .map(|resume| {
            let href = format!("/people/{person}?tab=resumes&resume={}", resume.id);
            view! {
                <li>
                    <a class="row" href=href aria-current=(resume.id == id).then_some("true")>
                        <Glyph icon=Icon::FileText size=15/>
                        <span class="min-w-0 truncate font-medium">{resume.title}</span>
                        {(resume.id == id).then(|| view! { <Badge tone=Tone::Accent label=t(OPEN)/> })}
                        <span class="muted text-12 ml-auto whitespace-nowrap"><When at=resume.updated_at/></span>
                    </a>
                </li>
            }
        })
        .collect_view();
    let original = open.original.clone();
    view! {
        <ul class="rows" aria-label=t(RESUMES)>{list}</ul>
        <div class="flex flex-wrap items-center gap-2 pt-4">
            <span class="text-13 muted">{tf(VERSION, &[&open.version])}</span>
            <span class="ml-auto flex flex-wrap gap-2">
                {original.map(|name| view! {
                    <a class="button button-small" rel="external" download=name href=format!("/api/web/pass/resumes/{id}/original")>
                        <Glyph icon=Icon::Paperclip size=15/> {t(ORIGINAL)}
                    </a>
                })}
                <a class="button button-small" rel="external" download href=format!("/api/web/pass/resumes/{id}/export?format=json")><Glyph icon=Icon::Download size=15/> "JSON Resume"</a>
                <ButtonLink label=t(IMPORT) href=add small=true icon=Icon::Upload/>
            </span>
        </div>
        <Typeset resume=open/>
    }
    .into_any()
}

messages! {
    RESUMES: "Resumes", "简历";
    EXPERIENCE: "Experience", "工作经历";
    MORE_ONE: "{0} more in the resume", "简历中还有 {0} 项";
    MORE_MANY: "{0} more in the resume", "简历中还有 {0} 项";
    EMPTY: "No resume yet", "还没有简历";
    EMPTY_TEXT: "Import one and its skills and experience are read from it.", "导入简历后，会自动读取技能与工作经历。";
    IMPORT: "Import a resume", "导入简历";
    OPEN: "open", "当前";
    VERSION: "Version {0}", "版本 {0}";
    ORIGINAL: "Original file", "原始文件";
}

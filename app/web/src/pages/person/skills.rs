//! What a person can do, with the lines of the resumes that say so.

use looma_app_ui::prelude::*;
use looma_types::PersonId;
use looma_types::skill::PersonSkill;

/// The skills that a person's resumes show.
#[server(prefix = "/api/web", endpoint = "people/skills", output = JsonText)]
pub async fn skills_of(person: PersonId) -> Result<Page<PersonSkill>, Failure> {
    looma_app_ui::session::services()?.get(&format!("/api/v1/people/{person}/skills")).await
}

#[component]
pub fn Skills(person: PersonId) -> impl IntoView {
    let skills = Data::new(|| (), move |()| skills_of(person));
    view! { <div class="pt-4"><Loaded resource=skills rows=6 view={move |page: Page<PersonSkill>| view! { <List skills=page.items person/> }}/></div> }
}

#[component]
fn List(skills: Vec<PersonSkill>, person: PersonId) -> impl IntoView {
    if skills.is_empty() {
        return view! {
            <EmptyState icon=Icon::Sparkles title=t(EMPTY) text=t(EMPTY_TEXT)>
                <ButtonLink label=t(IMPORT) href=format!("/imports?person={person}") icon=Icon::Upload/>
            </EmptyState>
        }
        .into_any();
    }
    let count = plural(skills.len() as i64, ONE, MANY);
    let rows = skills
        .into_iter()
        .map(|skill| {
            let search = format!("/search?q={}&type=person", escape(&skill.name));
            let name = match skill.skill_id {
                Some(id) => view! { <a class="cell-link font-medium" href=format!("/skills/{id}")>{skill.name}</a> }.into_any(),
                None => view! { <span class="font-medium">{skill.name}</span> }.into_any(),
            };
            let quotes = skill.evidence.into_iter().take(3).map(|evidence| view! { <blockquote class="quote mt-1">{evidence.quote}</blockquote> }).collect_view();
            view! {
                <li class="row">
                    <div class="min-w-0 flex-1">
                        <div class="flex items-center gap-2">{name} {skill.level.map(|level| view! { <span class="muted text-12">{level}</span> })}</div>
                        {quotes}
                    </div>
                    <a class="button button-quiet button-small self-start" href=search>{t(OTHERS)}</a>
                </li>
            }
        })
        .collect_view();
    view! { <ul class="rows">{rows}</ul> <div class="list-foot">{count}</div> }.into_any()
}

messages! {
    EMPTY: "No skills known yet", "暂无技能信息";
    EMPTY_TEXT: "Skills are read from resumes, with the line that says so.", "技能从简历中读取，并附上原文依据。";
    IMPORT: "Import a resume", "导入简历";
    OTHERS: "Who else?", "还有谁会？";
    ONE: "{0} skill", "{0} 项技能";
    MANY: "{0} skills", "{0} 项技能";
}

//! The skills that a job asks for, a row each.

use super::draft::{MAX_SKILLS, SkillRow};
use crate::pages::job;
use looma_app_ui::prelude::*;

/// How many empty rows for skills a form begins with, for readers without scripts too.
const EMPTY_ROWS: usize = 3;
/// The skills asked for, a row each; more rows on demand.
#[component]
pub fn Skills(rows: Vec<SkillRow>) -> impl IntoView {
    let first = rows.len();
    let count = RwSignal::new((first + EMPTY_ROWS).min(MAX_SKILLS));
    let rows = StoredValue::new(rows);
    let line = move |at: usize| {
        let row = rows.with_value(|rows| rows.get(at).cloned().unwrap_or_default());
        let required = row.need != "welcome";
        let level = row.level;
        let levels = (1..=5)
            .map(|step| view! { <option value=step selected=level == step.to_string()>{tf(job::LEVEL, &[&step])}</option> })
            .collect_view();
        let nth = at + 1;
        view! {
            <li class="flex flex-wrap items-center gap-2">
                <span class="flex-1 min-w-40"><input class="input input-small" name=format!("job[skills][{at}][name]") maxlength="100" value=row.name aria-label=tf(SKILL_NAME, &[&nth])/></span>
                <select class="input input-small w-auto" name=format!("job[skills][{at}][need]") aria-label=tf(SKILL_NEED, &[&nth])>
                    <option value="required" selected=required>{t(job::REQUIRED)}</option>
                    <option value="welcome" selected=!required>{t(job::WELCOME)}</option>
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
            <legend class="field-label pb-2">{t(job::SKILLS)}</legend>
            <ol class="flex flex-col gap-2"><For each=move || 0..count.get() key=|at| *at let:at>{line(at)}</For></ol>
            <p class="field-hint">{t(SKILLS_HINT)}</p>
            <div><Button label=t(MORE_SKILLS) icon=Icon::Plus small=true on_click=move |_| count.update(|count| *count = (*count + 1).min(MAX_SKILLS))/></div>
        </fieldset>
    }
}

messages! {
    SKILL_NAME: "Skill {0}", "技能 {0}";
    SKILL_NEED: "How much skill {0} is needed", "技能 {0} 的要求";
    SKILL_LEVEL: "Level of skill {0}", "技能 {0} 的等级";
    ANY_LEVEL: "Any level", "不限等级";
    SKILLS_HINT: "Leave a row empty to take it out.", "清空一行即可移除。";
    MORE_SKILLS: "Another skill", "添加一项";
}

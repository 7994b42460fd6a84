//! The skills the taxonomy knows: a list to filter, and one skill with its other names and relatives.

use leptos_router::hooks::{use_params_map, use_query_map};
use leptos_router::params::ParamsMap;
use looma_app_ui::prelude::*;
use looma_app_ui::states::NotFound;
use looma_types::SkillId;
use looma_types::skill::{Skill, SkillKind};
use serde::{Deserialize, Serialize};

const KINDS: [(SkillKind, &str); 5] = [
    (SkillKind::Technology, "technology"),
    (SkillKind::Method, "method"),
    (SkillKind::Domain, "domain"),
    (SkillKind::Language, "language"),
    (SkillKind::Soft, "soft"),
];

/// Skills as `query` selects them, in order of name.
#[server(prefix = "/api/web", endpoint = "skills/list", output = JsonText)]
pub async fn list_skills(query: String) -> Result<Page<Skill>, Failure> {
    looma_app_ui::session::services()?.get(&format!("/api/v1/skills?{query}")).await
}

/// A skill with what it belongs to and what is near it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SkillView {
    pub skill: Skill,
    pub broader: Option<(SkillId, String)>,
    pub related: Vec<(SkillId, String)>,
}

/// One skill.
#[server(prefix = "/api/web", endpoint = "skills/get", output = JsonText)]
pub async fn get_skill(id: SkillId) -> Result<SkillView, Failure> {
    let skill: Skill = looma_app_ui::session::services()?.get(&format!("/api/v1/skills/{id}")).await?;
    let mut broader = None;
    if let Some(id) = skill.fields.broader {
        broader = crate::picker::label_of(id.into()).await?.map(|name| (id, name));
    }
    let mut related = Vec::new();
    for id in skill.fields.related.iter().take(50).copied() {
        related.extend(crate::picker::label_of(id.into()).await?.map(|name| (id, name)));
    }
    Ok(SkillView { skill, broader, related })
}

fn service_query(query: &ParamsMap) -> String {
    let mut out = String::from("limit=50");
    for key in ["q", "cursor"] {
        if let Some(value) = query.get(key).filter(|value| !value.trim().is_empty()) {
            add_param(&mut out, key, value.trim());
        }
    }
    if let Some(word) = kind_of(query) {
        add_param(&mut out, "kind", word);
    }
    out
}

fn kind_of(query: &ParamsMap) -> Option<&'static str> {
    let word = query.get("kind")?;
    KINDS.into_iter().map(|(_, known)| known).find(|known| *known == word)
}

/// `/skills`
#[component]
pub fn SkillsPage() -> impl IntoView {
    let query = use_query_map();
    let wanted = Memo::new(move |_| service_query(&query.read()));
    let skills = Data::new(move || wanted.get(), list_skills);
    let kind = Memo::new(move |_| kind_of(&query.read()));
    let chip = move |value: Option<&'static str>, label: &'static str| {
        view! { <a class="chip" href=move || query_with(&[("kind", value)]) aria-current=move || (kind.get() == value).then_some("true")>{label}</a> }
    };
    view! {
        <PageHead title=t(crate::SKILLS)/>
        <div class="content">
            <div class="flex flex-wrap items-center gap-2 mb-4">
                <SearchBox label=t(FIND) keep=&["kind"]/>
                <nav class="chips" aria-label=t(KIND)>
                    {chip(None, t(looma_app_ui::words::ALL))}
                    {KINDS.into_iter().map(|(kind, word)| chip(Some(word), kind_word(kind))).collect_view()}
                </nav>
            </div>
            <Loaded resource=skills rows=12 view={|page: Page<Skill>| view! { <List page/> }}/>
        </div>
    }
}

#[component]
fn List(page: Page<Skill>) -> impl IntoView {
    if page.items.is_empty() {
        return view! {
            <EmptyState icon=Icon::Sparkles title=t(NO_MATCH) text=t(NO_MATCH_TEXT)>
                <ButtonLink label=t(SHOW_ALL) href="/skills"/>
            </EmptyState>
        }
        .into_any();
    }
    let shown = plural(page.total.unwrap_or(page.items.len() as i64), ONE, MANY);
    let columns = vec![Column::new(t(NAME)), Column::new(t(KIND)), Column::new(t(ALIASES_ZH)), Column::new(t(ALIASES_EN))];
    let rows = page
        .items
        .into_iter()
        .map(|skill| {
            let (zh, en) = (aliases(&skill, true), aliases(&skill, false));
            view! {
                <Row>
                    <td class="cell-main"><a class="cell-link" href=format!("/skills/{}", skill.id)>{skill.fields.name}</a></td>
                    <td>{kind_word(skill.fields.kind)}</td>
                    <td>{zh}</td>
                    <td>{en}</td>
                </Row>
            }
        })
        .collect_view();
    view! {
        <Table caption=t(crate::SKILLS) columns>{rows}</Table>
        <Pager shown next=page.next_cursor/>
    }
    .into_any()
}

/// The other names, in Chinese or in any other language.
fn aliases(skill: &Skill, zh: bool) -> String {
    let chosen = skill.fields.aliases.iter().filter(|alias| alias.lang.starts_with("zh") == zh).map(|alias| alias.value.as_str());
    chosen.collect::<Vec<_>>().join(if zh { "、" } else { ", " })
}

/// `/skills/:id`
#[component]
pub fn SkillPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.read().get("id").and_then(|id| id.parse::<SkillId>().ok()));
    move || match id.get() {
        Some(id) => {
            let skill = Data::new(|| (), move |()| get_skill(id));
            view! { <Loaded resource=skill rows=4 view={|found: SkillView| view! { <Record found/> }}/> }.into_any()
        }
        None => view! { <NotFound/> }.into_any(),
    }
}

#[component]
fn Record(found: SkillView) -> impl IntoView {
    let SkillView { skill, broader, related } = found;
    let dash = |text: String| if text.is_empty() { "—".to_owned() } else { text };
    let (zh, en) = (dash(aliases(&skill, true)), dash(aliases(&skill, false)));
    let name = skill.fields.name;
    let link = |(id, name): (SkillId, String)| view! { <Chip label=name href=format!("/skills/{id}")/> };
    view! {
        <PageHead title=name.clone() crumbs=vec![Crumb::new("/skills", t(crate::SKILLS))]>
            <ButtonLink label=t(WHO) href=format!("/search?q={}&type=person,resume", escape(&name)) emphasis=Emphasis::Primary icon=Icon::Search/>
        </PageHead>
        <div class="content content-narrow">
            <Facts>
                <Fact label=t(KIND)>{kind_word(skill.fields.kind)}</Fact>
                <Fact label=t(ALIASES_ZH)>{zh}</Fact>
                <Fact label=t(ALIASES_EN)>{en}</Fact>
                {broader.map(|one| view! { <Fact label=t(BROADER)><span class="chips">{link(one)}</span></Fact> })}
                {(!related.is_empty()).then(|| view! { <Fact label=t(RELATED)><span class="chips">{related.into_iter().map(link).collect_view()}</span></Fact> })}
            </Facts>
        </div>
    }
}

fn kind_word(kind: SkillKind) -> &'static str {
    t(match kind {
        SkillKind::Technology => TECHNOLOGY,
        SkillKind::Method => METHOD,
        SkillKind::Domain => DOMAIN,
        SkillKind::Language => LANGUAGE,
        SkillKind::Soft => SOFT,
    })
}

messages! {
    FIND: "Name or alias", "名称或别名";
    NAME: "Name", "名称";
    KIND: "Kind", "类型";
    ALIASES_ZH: "In Chinese", "中文名称";
    ALIASES_EN: "Other names", "其他名称";
    BROADER: "Part of", "所属领域";
    RELATED: "Near to", "相关技能";
    WHO: "Who can do this?", "谁会这项技能？";
    NO_MATCH: "No skill matches", "没有符合条件的技能";
    NO_MATCH_TEXT: "Try another name, or take a filter off.", "请尝试其他名称，或移除筛选条件。";
    SHOW_ALL: "Show all skills", "显示全部技能";
    ONE: "{0} skill", "{0} 项技能";
    MANY: "{0} skills", "共 {0} 项技能";
    TECHNOLOGY: "Technology", "技术";
    METHOD: "Method", "方法";
    DOMAIN: "Domain", "领域";
    LANGUAGE: "Language", "语言";
    SOFT: "Working with people", "软技能";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_have_the_words_of_the_wire() {
        for (kind, word) in KINDS {
            assert_eq!(serde_json::to_value(kind).unwrap(), word);
        }
    }
}

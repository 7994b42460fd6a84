//! Search over everything: by words, by meaning or both, narrowed by kind and facets.

use crate::records;
use leptos_router::hooks::use_query_map;
use leptos_router::params::ParamsMap;
use looma_app_ui::prelude::*;
use looma_types::RecordKind;
use looma_types::job::JobStatus;
use looma_types::project::ProjectStatus;
use looma_types::search::{FacetCount, Hit, SearchAnswer};
use serde::{Deserialize, Serialize};

/// The facets the service filters by, besides `type` and the owner's ids, which say nothing to a reader.
const FACETS: [(&str, Msg); 5] = [("location", LOCATION), ("skill", SKILL), ("industry", INDUSTRY), ("tag", TAG), ("status", STATUS)];
/// The kinds offered as filters.
const KINDS: [RecordKind; 6] =
    [RecordKind::Person, RecordKind::Resume, RecordKind::Job, RecordKind::Company, RecordKind::Project, RecordKind::Skill];
const KEPT: &[&str] = &["type", "mode", "location", "skill", "industry", "tag", "status"];

/// Hits with the pages they lead to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Found {
    pub answer: SearchAnswer,
    /// One for each hit, none where it has no page.
    pub hrefs: Vec<Option<String>>,
}

/// What `query` finds.
#[server(prefix = "/api/web", endpoint = "search/all", output = JsonText)]
pub async fn search_all(query: String) -> Result<Found, Failure> {
    let services = looma_app_ui::session::services()?;
    let answer: SearchAnswer = services.get(&format!("/api/v1/search?{query}")).await?;
    let quiet = looma_app_ui::session::Services { is_function: false, ..services };
    let mut hrefs = Vec::with_capacity(answer.items.len());
    for hit in &answer.items {
        hrefs.push(href_of(&quiet, hit.record).await);
    }
    Ok(Found { answer, hrefs })
}

/// Where a hit leads. Resumes and what happened are shown on the person's page.
#[cfg(feature = "ssr")]
async fn href_of(services: &looma_app_ui::session::Services, record: looma_types::Ref) -> Option<String> {
    use looma_types::{job::Application, person::Interaction, resume::Resume};
    let id = record.id;
    match record.kind {
        RecordKind::Resume => {
            let resume: Resume = services.get(&format!("/api/v1/resumes/{id}")).await.ok()?;
            Some(format!("/people/{}?tab=resumes&resume={id}", resume.person_id))
        }
        RecordKind::Interaction => {
            let interaction: Interaction = services.get(&format!("/api/v1/interactions/{id}")).await.ok()?;
            interaction.fields.with.into_iter().find(|one| one.kind == RecordKind::Person).and_then(records::href)
        }
        RecordKind::Application => {
            let application: Application = services.get(&format!("/api/v1/applications/{id}")).await.ok()?;
            Some(format!("/people/{}?tab=applications", application.person_id))
        }
        _ => records::href(record),
    }
}

/// The address as the service's query; none when there is nothing to look for.
fn service_query(query: &ParamsMap) -> Option<String> {
    let given =
        |key: &str| query.get(key).map(|value| value.trim().chars().take(400).collect::<String>()).filter(|value| !value.is_empty());
    given("q").or_else(|| KEPT.iter().filter(|key| **key != "mode").find_map(|key| given(key)))?;
    let pairs = ["q", "cursor"].iter().chain(KEPT).filter_map(|key| Some(format!("&{key}={}", escape(&given(key)?))));
    Some(pairs.fold("limit=20".to_owned(), |all, pair| all + &pair))
}

/// `/search`
#[component]
pub fn SearchPage() -> impl IntoView {
    let query = use_query_map();
    let wanted = Memo::new(move |_| service_query(&query.read()));
    let found = Data::new(
        move || wanted.get(),
        |wanted| async move {
            match wanted {
                Some(query) => search_all(query).await.map(Some),
                None => Ok(None),
            }
        },
    );
    let results = move |found: Option<Found>| match found {
        Some(found) => view! { <Results found/> }.into_any(),
        None => view! { <EmptyState icon=Icon::Search title=t(BEGIN) text=t(BEGIN_TEXT)/> }.into_any(),
    };
    view! {
        <PageHead title=t(crate::SEARCH)/>
        <div class="content content-wide">
            <div class="flex flex-wrap items-center gap-3 pb-4">
                <div class="flex-1 min-w-0"><SearchBox label=t(WHAT) keep=KEPT/></div>
                <Modes/>
            </div>
            <Loaded resource=found view=results rows=8/>
        </div>
    }
}

/// By words and meaning, by words alone, by meaning alone.
#[component]
fn Modes() -> impl IntoView {
    let query = use_query_map();
    let now = Memo::new(move |_| query.read().get("mode").unwrap_or_default());
    let mode = move |value: Option<&'static str>, label: Msg, hint: Msg| {
        let current = move || {
            let now = now.get();
            let on = value.map_or(now != "text" && now != "vector", |value| now == value);
            on.then_some("true")
        };
        view! { <a class="segment" title=t(hint) href=move || query_with(&[("mode", value)]) aria-current=current>{t(label)}</a> }
    };
    view! {
        <span class="segments" role="group" aria-label=t(MODE)>
            {mode(None, BOTH, BOTH_HINT)} {mode(Some("text"), WORDS, WORDS_HINT)} {mode(Some("vector"), MEANING, MEANING_HINT)}
        </span>
    }
}

#[component]
fn Results(found: Found) -> impl IntoView {
    let Found { answer, hrefs } = found;
    let SearchAnswer { items, next_cursor, mut facets, total, degraded } = answer;
    let kinds = facets.remove("type").unwrap_or_default();
    let degraded = (!degraded.is_empty()).then(|| view! { <div class="pb-3"><Alert tone=Tone::Warn text=t(DEGRADED)/></div> });
    let groups: Vec<_> = FACETS.iter().filter_map(|&(param, label)| Some((param, label, facets.remove(param)?))).collect();
    let list = if items.is_empty() {
        view! {
            <EmptyState icon=Icon::Search title=t(NOTHING) text=t(NOTHING_TEXT)>
                <ButtonLink label=t(CLEAR) href="/search"/>
            </EmptyState>
        }
        .into_any()
    } else {
        let shown = plural(i64::try_from(total).unwrap_or(i64::MAX), ONE, MANY);
        let rows = items.into_iter().zip(hrefs).map(|(hit, href)| hit_view(hit, href)).collect_view();
        view! { <ol class="rows" aria-label=t(RESULTS)>{rows}</ol> <Pager shown next=next_cursor/> }.into_any()
    };
    view! {
        {degraded}
        <div class="flex flex-col gap-2 pb-4">
            <Kinds counts=kinds/>
            {groups.into_iter().map(|(param, label, counts)| view! { <Facet param label counts/> }).collect_view()}
        </div>
        {list}
    }
}

/// The kinds of record as chips: one at a time, or all.
#[component]
fn Kinds(counts: Vec<FacetCount>) -> impl IntoView {
    let query = use_query_map();
    let now = Memo::new(move |_| query.read().get("type").unwrap_or_default());
    let chips = KINDS
        .into_iter()
        .map(|kind| {
            let word = kind.as_str();
            let count = counts.iter().find(|count| count.value == word).map(|count| count.count);
            view! {
                <a class="chip" href=move || query_with(&[("type", Some(word))]) aria-current=move || (now.get() == word).then_some("true")>
                    <Glyph icon=records::icon(kind) size=13/> {records::kind_word(kind)}
                    {count.map(|count| view! { <span class="numbers">{count}</span> })}
                </a>
            }
        })
        .collect_view();
    view! {
        <nav class="chips" aria-label=t(KIND)>
            <a class="chip" href=|| query_with(&[("type", None)]) aria-current=move || now.get().is_empty().then_some("true")>{t(EVERYTHING)}</a>
            {chips}
        </nav>
    }
}

/// One facet: the value that is on, else those with the most hits.
#[component]
fn Facet(param: &'static str, label: Msg, counts: Vec<FacetCount>) -> impl IntoView {
    let on = use_query_map().read_untracked().get(param).filter(|value| !value.is_empty());
    if let Some(value) = on {
        let value = value.trim_matches('"');
        let value = if param == "status" { status_word(value).unwrap_or(value) } else { value }.to_owned();
        return view! { <div class="chips"><FilterChip field=t(label) value param/></div> }.into_any();
    }
    if counts.is_empty() {
        return ().into_any();
    }
    let chips = counts
        .into_iter()
        .take(6)
        .map(|FacetCount { value, count }| {
            // A comma separates values unless quotes hold it.
            let wanted = if value.contains(',') { format!("\"{value}\"") } else { value.clone() };
            let word = if param == "status" { status_word(&value).map_or(value, str::to_owned) } else { value };
            view! { <a class="chip" href=move || query_with(&[(param, Some(&wanted))])>{word} <span class="muted numbers">{count}</span></a> }
        })
        .collect_view();
    view! { <div class="chips" role="group" aria-label=t(label)><span class="text-12 muted">{t(label)}</span> {chips}</div> }.into_any()
}

/// A job's or a project's state in words.
fn status_word(value: &str) -> Option<&'static str> {
    let of_job = JobStatus::ALL.into_iter().find(|status| status.as_str() == value).map(crate::pages::job::status_word);
    of_job.or_else(|| ProjectStatus::ALL.into_iter().find(|status| status.as_str() == value).map(crate::pages::projects::status_word))
}

fn hit_view(hit: Hit, href: Option<String>) -> AnyView {
    let title = match href {
        Some(href) => view! { <a class="cell-link font-medium" href=href>{hit.title}</a> }.into_any(),
        None => view! { <span class="font-medium">{hit.title}</span> }.into_any(),
    };
    let why = match (hit.text_rank, hit.vector_rank) {
        (Some(_), Some(_)) => Some(BY_BOTH),
        (Some(_), None) => Some(BY_WORDS),
        (None, Some(_)) => Some(BY_MEANING),
        (None, None) => None,
    };
    view! {
        <li class="row">
            <span class="self-start pt-2 muted"><Glyph icon=records::icon(hit.record.kind) size=15/></span>
            <div class="min-w-0 flex-1">
                <div class="flex flex-wrap items-center gap-2">
                    {title} <span class="muted text-12">{records::kind_word(hit.record.kind)}</span>
                    {why.map(|why| view! { <span class="muted text-12 ml-auto">{t(why)}</span> })}
                </div>
                // Escaped by the service; only its own `<mark>` is markup.
                <p class="text-13 muted" inner_html=hit.snippet></p>
            </div>
        </li>
    }
    .into_any()
}

messages! {
    WHAT: "Search people, resumes, jobs, companies…", "搜索人才、简历、职位、公司…";
    BEGIN: "Search everything", "搜索全部内容";
    BEGIN_TEXT: "A name, a skill, a place, or what someone should be able to do. “Quotes” keep words together, -word leaves them out.", "输入姓名、技能、地点或能力描述。用引号搜索完整词组，用 -词 排除。";
    MODE: "How to search", "搜索方式";
    BOTH: "Best", "综合";
    BOTH_HINT: "By words and by meaning", "同时按关键词与语义搜索";
    WORDS: "Words", "关键词";
    WORDS_HINT: "Only what has these words", "仅匹配关键词";
    MEANING: "Meaning", "语义";
    MEANING_HINT: "What means the same, in other words too", "匹配含义相近的内容";
    KIND: "Kind of record", "记录类型";
    EVERYTHING: "Everything", "全部";
    LOCATION: "Location", "所在地";
    SKILL: "Skill", "技能";
    INDUSTRY: "Industry", "行业";
    TAG: "Tag", "标签";
    STATUS: "Status", "状态";
    RESULTS: "Results", "搜索结果";
    ONE: "{0} result", "{0} 条结果";
    MANY: "{0} results", "共 {0} 条结果";
    NOTHING: "Nothing found", "没有找到结果";
    NOTHING_TEXT: "Try fewer words, take a filter off, or search by meaning.", "请减少关键词、移除筛选，或改用语义搜索。";
    CLEAR: "Start again", "重新搜索";
    DEGRADED: "A part of the search is not available right now; what follows may be incomplete.", "部分搜索功能暂时不可用，以下结果可能不完整。";
    BY_BOTH: "words and meaning", "关键词与语义";
    BY_WORDS: "words", "关键词";
    BY_MEANING: "meaning", "语义";
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_asked_before_something_is_wanted() {
        let mut query = ParamsMap::new();
        assert_eq!(service_query(&query), None);
        query.insert("mode", "text".to_owned());
        assert_eq!(service_query(&query), None);
        query.insert("q", " rust ".to_owned());
        assert_eq!(service_query(&query).as_deref(), Some("limit=20&q=rust&mode=text"));
        query.replace("q", String::new());
        query.insert("type", "job".to_owned());
        assert_eq!(service_query(&query).as_deref(), Some("limit=20&type=job&mode=text"));
    }
}

//! Who can introduce us: the best chains of relationships between two records, as a list and as a picture.

use crate::picker::{Picked, RecordPicker};
use crate::records::{self, StrengthBadge, relation_word};
use leptos_router::hooks::use_query_map;
use looma_app_ui::prelude::*;
use looma_types::person::{Hop, Path as Chain};
use looma_types::{RecordKind, Ref};

const FROM: &[RecordKind] = &[RecordKind::Person];
const TO: &[RecordKind] = &[RecordKind::Person, RecordKind::Company, RecordKind::Project, RecordKind::Job];
/// From this strength on a tie is drawn as a strong one.
const STRONG: f64 = 0.6;

/// The best paths between two records.
#[server(prefix = "/api/web", endpoint = "paths/find", output = JsonText)]
pub async fn find_paths(from: Ref, to: Ref) -> Result<Vec<Chain>, Failure> {
    let page: Page<Chain> =
        looma_app_ui::session::services()?.get(&format!("/api/v1/relationships/paths?from={from}&to={to}&max_hops=4&limit=5")).await?;
    Ok(page.items)
}

/// `/paths`
#[component]
pub fn PathsPage() -> impl IntoView {
    let query = use_query_map();
    let end = move |param: &'static str| Memo::new(move |_| query.read().get(param).and_then(|text| text.parse::<Ref>().ok()));
    let (from, to) = (end("from"), end("to"));
    let paths = Data::new(
        move || (from.get(), to.get()),
        |ends| async move {
            match ends {
                (Some(from), Some(to)) => find_paths(from, to).await.map(Some),
                _ => Ok(None),
            }
        },
    );
    let results = move |paths: Option<Vec<Chain>>| match paths {
        None => view! { <EmptyState icon=Icon::Waypoints title=t(BEGIN) text=t(BEGIN_TEXT)/> }.into_any(),
        Some(paths) if paths.is_empty() => view! {
            <EmptyState icon=Icon::Waypoints title=t(NONE) text=t(NONE_TEXT)>
                {from.get_untracked().filter(|from| from.kind == RecordKind::Person).map(|from| view! {
                    <ButtonLink label=t(ADD) href=format!("/people/{}?tab=relationships", from.id) icon=Icon::Plus/>
                })}
            </EmptyState>
        }
        .into_any(),
        Some(paths) => view! { <Paths paths/> }.into_any(),
    };
    view! {
        <PageHead title=t(crate::PATHS)/>
        <div class="content content-wide">
            <div class="form-row pb-4">
                {move || match from.get() {
                    Some(record) => view! { <Picked label=t(FROM_LABEL) record param="from"/> }.into_any(),
                    None => view! { <RecordPicker label=t(FROM_LABEL) hint=t(FROM_HINT) param="from" typed_param="from_q" kinds=FROM keep=&["to"]/> }.into_any(),
                }}
                {move || match to.get() {
                    Some(record) => view! { <Picked label=t(TO_LABEL) record param="to"/> }.into_any(),
                    None => view! { <RecordPicker label=t(TO_LABEL) hint=t(TO_HINT) param="to" typed_param="to_q" kinds=TO keep=&["from"]/> }.into_any(),
                }}
            </div>
            <Loaded resource=paths view=results rows=4/>
        </div>
    }
}

/// The list, and the picture of the chosen path; the best one unless another is chosen.
#[component]
fn Paths(paths: Vec<Chain>) -> impl IntoView {
    let query = use_query_map();
    let last = paths.len().saturating_sub(1);
    let chosen =
        Memo::new(move |_| query.read().get("path").and_then(|text| text.parse::<usize>().ok()).unwrap_or(1).saturating_sub(1).min(last));
    let count = plural(paths.len() as i64, ONE, MANY);
    let rows = paths.iter().cloned().enumerate().map(|(index, path)| chain_view(index, path, chosen)).collect_view();
    let paths = StoredValue::new(paths);
    view! {
        {move || paths.with_value(|paths| paths.get(chosen.get()).map(picture))}
        <div class="section-head pt-4"><h2>{count}</h2> <span class="muted text-12">{t(BEST_FIRST)}</span></div>
        <ol class="rows mt-2">{rows}</ol>
    }
}

fn chain_view(index: usize, path: Chain, chosen: Memo<usize>) -> AnyView {
    let number = (index + 1).to_string();
    let show = tf(SHOW, &[&number]);
    let hops = path.hops.into_iter().map(hop_view).collect_view();
    view! {
        <li class="row" aria-current=move || (chosen.get() == index).then_some("true")>
            <a class="score" href=move || query_with(&[("path", Some(&number))]) aria-label=show.clone() title=show>{index + 1}</a>
            <div class="min-w-0 flex-1 flex flex-wrap items-center gap-2">{hops}</div>
            <StrengthBadge strength=path.strength/>
        </li>
    }
    .into_any()
}

fn hop_view(hop: Hop) -> AnyView {
    let how = hop.via.map(|edge| {
        // Read along the path: an edge that points back towards its start is said from its other end.
        let word = relation_word(&edge.kind);
        let arrow = if edge.to == hop.record { format!("{word} →") } else { format!("← {word}") };
        view! { <span class="muted text-12">{arrow}</span> }
    });
    let name = match records::href(hop.record) {
        Some(href) => view! { <a class="cell-link font-medium" href=href>{hop.label}</a> }.into_any(),
        None => view! { <span class="font-medium">{hop.label}</span> }.into_any(),
    };
    view! { {how} {name} }.into_any()
}

fn picture(path: &Chain) -> AnyView {
    let ends = [path.hops.first(), path.hops.last()].map(|hop| hop.map(|hop| hop.record));
    let nodes = path
        .hops
        .iter()
        .map(|hop| GraphNode {
            id: hop.record.to_string(),
            label: hop.label.clone(),
            href: records::href(hop.record).unwrap_or_else(|| "#".to_owned()),
            square: hop.record.kind != RecordKind::Person,
            main: ends.contains(&Some(hop.record)),
        })
        .collect();
    let edges = path
        .hops
        .iter()
        .filter_map(|hop| hop.via.as_ref())
        .map(|edge| GraphEdge {
            from: edge.from.to_string(),
            to: edge.to.to_string(),
            label: relation_word(&edge.kind),
            strong: edge.strength >= STRONG,
        })
        .collect();
    view! { <GraphView nodes edges line=true label=t(PICTURE)/> }.into_any()
}

messages! {
    FROM_LABEL: "Who begins", "起点";
    FROM_HINT: "Name of a person you know", "输入您认识的人的姓名";
    TO_LABEL: "Who is to be reached", "目标";
    TO_HINT: "Name of a person, company, project or job", "输入人才、公司、项目或职位名称";
    BEGIN: "Find a warm introduction", "寻找引荐路径";
    BEGIN_TEXT: "Choose where to begin and who is to be reached: the best chains of people who know each other stand here.", "选择起点与目标，这里会显示由相识的人组成的最佳引荐路径。";
    NONE: "No path leads there", "没有找到引荐路径";
    NONE_TEXT: "Nobody we know connects the two within four steps. Add a relationship, or try another start.", "四步之内没有相识的人可以连接两者。请添加关系，或更换起点。";
    ADD: "Add a relationship", "添加关系";
    ONE: "{0} path", "{0} 条路径";
    MANY: "{0} paths", "{0} 条路径";
    BEST_FIRST: "best first", "由强到弱";
    SHOW: "Draw path {0}", "绘制路径 {0}";
    PICTURE: "The chosen path", "所选路径";
}

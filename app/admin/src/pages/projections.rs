//! Projections: what is made from the truth, checked against it, and made anew.

use leptos_router::hooks::use_query_map;
use looma_app_ui::prelude::*;
use looma_types::{Instant, Permission, Problem, Ref};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How often a running operation is asked about.
const PERIOD: Duration = Duration::from_secs(1);

const PROJECTIONS: [(&str, Msg, Msg); 3] = [("graph", GRAPH, GRAPH_TEXT), ("text", TEXT, TEXT_TEXT), ("vectors", VECTORS, VECTORS_TEXT)];

/// A long task on the whole system, as `/api/v1/admin/operations` tells of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Operation {
    pub id: String,
    pub kind: String,
    /// `running`, `done` or `failed`.
    pub state: String,
    #[serde(default)]
    pub result: serde_json::Value,
    #[serde(default)]
    pub problem: Option<Problem>,
}

/// What a check found.
#[derive(Clone, Debug, PartialEq, Deserialize)]
struct Report {
    ok: bool,
    records: i64,
    projections: Vec<Found>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
struct Found {
    name: String,
    position: i64,
    held: i64,
    expected: i64,
    missing: i64,
    extra: i64,
    stale: i64,
    #[serde(default)]
    parked: i64,
    #[serde(default)]
    fixed: i64,
    examples: Vec<String>,
}

/// An event that a projection could not take.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Parked {
    pub projection: String,
    pub position: i64,
    pub record: Ref,
    pub version: i64,
    pub reason: String,
    pub at: Instant,
}

/// What became of parked events.
#[derive(Clone, Debug, PartialEq, Deserialize)]
struct Retried {
    projection: String,
    applied: i64,
    parked: i64,
}

/// What a rebuild made.
#[derive(Clone, Debug, PartialEq, Deserialize)]
struct Rebuilt {
    projection: String,
    records: i64,
}

/// Begins comparing every projection with the truth, putting right what is wrong where asked to, and goes to its result.
#[server(prefix = "/api/admin", endpoint = "projections/verify", output = JsonText)]
pub async fn verify_projections(#[server(default)] fix: bool) -> Result<(), Failure> {
    let path = if fix { "/api/v1/admin/operations/verify?fix=true" } else { "/api/v1/admin/operations/verify" };
    let operation: Operation = looma_app_ui::session::services()?.post(path, &()).await?;
    leptos_axum::redirect(&format!("/projections?operation={}", operation.id));
    Ok(())
}

/// Begins making a projection anew, and goes to its result.
#[server(prefix = "/api/admin", endpoint = "projections/rebuild", output = JsonText)]
pub async fn rebuild_projection(name: String) -> Result<(), Failure> {
    let path = format!("/api/v1/admin/operations/rebuild/{}", escape(&name));
    let operation: Operation = looma_app_ui::session::services()?.post(&path, &()).await?;
    leptos_axum::redirect(&format!("/projections?operation={}", operation.id));
    Ok(())
}

/// Tries the parked events of a projection again, and goes to the result.
#[server(prefix = "/api/admin", endpoint = "projections/retry", output = JsonText)]
pub async fn retry_parked(name: String) -> Result<(), Failure> {
    let path = format!("/api/v1/admin/operations/retry/{}", escape(&name));
    let operation: Operation = looma_app_ui::session::services()?.post(&path, &()).await?;
    leptos_axum::redirect(&format!("/projections?operation={}", operation.id));
    Ok(())
}

/// The first events that projections could not take; none for those who may not operate.
#[server(prefix = "/api/admin", endpoint = "projections/parked", output = JsonText)]
pub async fn parked_events() -> Result<Vec<Parked>, Failure> {
    let page: Page<Parked> = looma_app_ui::session::services()?.get("/api/v1/admin/projections/parked?limit=50").await?;
    Ok(page.items)
}

/// How an operation is.
#[server(prefix = "/api/admin", endpoint = "projections/operation", output = JsonText)]
pub async fn find_operation(id: String) -> Result<Operation, Failure> {
    looma_app_ui::session::services()?.get(&format!("/api/v1/admin/operations/{}", escape(&id))).await
}

/// `/projections`, and `/projections?operation=…` with its result.
#[component]
pub fn ProjectionsPage() -> impl IntoView {
    let query = use_query_map();
    let operation = Memo::new(move |_| query.read().get("operation").filter(|id| !id.is_empty()));
    let verify = ServerAction::<VerifyProjections>::new();
    let rebuild = ServerAction::<RebuildProjection>::new();
    let repair = ServerAction::<VerifyProjections>::new();
    let may = use_viewer().may(Permission::Operate);
    let rows = PROJECTIONS
        .into_iter()
        .map(|(name, title, text)| view! {
            <li class="row flex-wrap">
                <div class="flex-1 min-w-0">
                    <p class="font-medium">{t(title)} " " <span class="mono muted">{name}</span></p>
                    <p class="muted">{t(text)}</p>
                </div>
                {may.then(|| view! {
                    <ActionForm action=rebuild>
                        <input type="hidden" name="name" value=name/>
                        <button type="submit" class="button button-small" aria-label=tf(REBUILD_ONE, &[&t(title)]) disabled=rebuild.pending()>
                            <Glyph icon=Icon::RefreshCw size=14/> {t(REBUILD)}
                        </button>
                    </ActionForm>
                })}
            </li>
        })
        .collect_view();
    view! {
        <PageHead title=t(crate::PROJECTIONS)>
            {may.then(|| view! {
                <ActionForm action=repair>
                    <input type="hidden" name="fix" value="true"/>
                    <button type="submit" class="button" disabled=repair.pending()><Glyph icon=Icon::RefreshCw size=14/> {t(REPAIR)}</button>
                </ActionForm>
                <ActionForm action=verify><SubmitButton label=t(VERIFY) icon=Icon::ShieldCheck pending=verify.pending()/></ActionForm>
            })}
        </PageHead>
        <div class="content content-wide">
            <p class="text-13 muted mb-4">{t(EXPLAINED)}</p>
            {(!may).then(|| view! { <div class="mb-4"><Alert tone=Tone::Neutral text=t(NOT_ALLOWED)/></div> })}
            <Refusal failure=failure_of(verify)/>
            <Refusal failure=failure_of(repair)/>
            <Refusal failure=failure_of(rebuild)/>
            <ul class="rows">{rows}</ul>
            {may.then(|| view! { <ParkedEvents/> })}
            <div class="mt-6">{move || operation.get().map(|id| view! { <Outcome id/> })}</div>
        </div>
    }
}

/// What could not be taken, with the reason; nothing where all was.
#[component]
fn ParkedEvents() -> impl IntoView {
    let parked = Data::new(|| (), |()| parked_events());
    let retry = ServerAction::<RetryParked>::new();
    view! {
        <Loaded resource=parked rows=1 view={move |parked: Vec<Parked>| {
            if parked.is_empty() {
                return ().into_any();
            }
            let names = PROJECTIONS.iter().filter(|(name, ..)| parked.iter().any(|event| event.projection == *name));
            let buttons = names.map(|(name, title, _)| view! {
                <ActionForm action=retry>
                    <input type="hidden" name="name" value=*name/>
                    <button type="submit" class="button button-small" disabled=retry.pending()>{tf(RETRY_ONE, &[&t(*title)])}</button>
                </ActionForm>
            }).collect_view();
            let columns = vec![Column::new(t(PROJECTION)), Column::new(t(POSITION)).number(), Column::new(t(RECORD)), Column::new(t(REASON)), Column::new(t(SINCE))];
            let rows = parked.into_iter().map(|event| view! {
                <Row>
                    <td class="cell-main">{event.projection}</td>
                    <td class="cell-number">{number(event.position)}</td>
                    <td class="mono">{event.record.to_string()}</td>
                    <td class="break-words">{event.reason}</td>
                    <td><When at=event.at/></td>
                </Row>
            }).collect_view();
            view! {
                <div class="mt-6">
                    <Section title=t(PARKED)>
                        <p class="text-13 muted mb-4">{t(PARKED_TEXT)}</p>
                        <Refusal failure=failure_of(retry)/>
                        <div class="flex flex-wrap gap-2 mb-4">{buttons}</div>
                        <Table caption=t(PARKED) columns>{rows}</Table>
                    </Section>
                </div>
            }.into_any()
        }}/>
    }
}

#[component]
fn Outcome(id: String) -> impl IntoView {
    let operation = Data::new(|| (), move |()| find_operation(id.clone()));
    let running = RwSignal::new(false);
    every(PERIOD, move || {
        if running.get_untracked() {
            operation.refetch();
        }
    });
    view! {
        <Section title=t(RESULT)>
            <Loaded resource=operation rows=3 view={move |operation: Operation| {
                running.set(operation.state == "running");
                view! { <div aria-live="polite">{shown(operation)}</div> }
            }}/>
        </Section>
    }
}

fn shown(operation: Operation) -> AnyView {
    if operation.state == "running" {
        return view! { <p class="flex items-center gap-2 text-13"><span class="spin"><Glyph icon=Icon::RefreshCw size=14/></span> {t(RUNNING)}</p> }.into_any();
    }
    if let Some(problem) = operation.problem {
        return view! { <Alert text=problem.detail.unwrap_or(problem.title)/> }.into_any();
    }
    if operation.kind == "rebuild"
        && let Ok(rebuilt) = serde_json::from_value::<Rebuilt>(operation.result.clone())
    {
        return view! { <Alert tone=Tone::Good text=tf(REBUILT, &[&rebuilt.projection, &number(rebuilt.records)])/> }.into_any();
    }
    if operation.kind == "retry"
        && let Ok(retried) = serde_json::from_value::<Retried>(operation.result.clone())
    {
        let tone = if retried.parked == 0 { Tone::Good } else { Tone::Warn };
        let text = tf(RETRIED, &[&retried.projection, &number(retried.applied), &number(retried.parked)]);
        return view! { <Alert tone text/> }.into_any();
    }
    match serde_json::from_value::<Report>(operation.result.clone()) {
        Ok(report) => view! { <Compared report/> }.into_any(),
        Err(_) => view! { <pre class="mono">{operation.result.to_string()}</pre> }.into_any(),
    }
}

#[component]
fn Compared(report: Report) -> impl IntoView {
    let verdict = if report.ok {
        view! { <Alert tone=Tone::Good text=tf(SAME, &[&number(report.records)])/> }
    } else {
        view! { <Alert text=t(DIFFERENT).to_owned()/> }
    };
    let columns = vec![
        Column::new(t(PROJECTION)),
        Column::new(t(POSITION)).number(),
        Column::new(t(HELD)).number(),
        Column::new(t(EXPECTED)).number(),
        Column::new(t(MISSING)).number(),
        Column::new(t(EXTRA)).number(),
        Column::new(t(STALE)).number(),
        Column::new(t(PARKED)).number(),
        Column::new(t(FIXED)).number(),
    ];
    let examples = report.projections.iter().flat_map(|found| found.examples.clone()).collect::<Vec<_>>();
    let rows = report
        .projections
        .into_iter()
        .map(|found| {
            view! {
                <Row>
                    <td class="cell-main">{found.name}</td>
                    <td class="cell-number">{number(found.position)}</td>
                    <td class="cell-number">{number(found.held)}</td>
                    <td class="cell-number">{number(found.expected)}</td>
                    <td class="cell-number">{number(found.missing)}</td>
                    <td class="cell-number">{number(found.extra)}</td>
                    <td class="cell-number">{number(found.stale)}</td>
                    <td class="cell-number">{number(found.parked)}</td>
                    <td class="cell-number">{number(found.fixed)}</td>
                </Row>
            }
        })
        .collect_view();
    view! {
        <div class="mb-4">{verdict}</div>
        <Table caption=t(RESULT) columns>{rows}</Table>
        {(!examples.is_empty()).then(|| view! {
            <ul class="rows mt-4">{examples.into_iter().map(|example| view! { <li class="row mono break-all">{example}</li> }).collect_view()}</ul>
        })}
    }
}

messages! {
    EXPLAINED: "Search and paths do not read the records themselves but projections made from them. They follow every change within a second; here you check that they hold what the records say, or make one anew.", "搜索和人脉路径读取的不是原始记录，而是由记录生成的投影。投影会在一秒内跟上每次变更；您可以在此校验其内容是否与记录一致，或重新生成。";
    NOT_ALLOWED: "Checking and rebuilding takes the role of a super admin.", "校验与重建需要超级管理员角色。";
    GRAPH: "Relationships", "关系图";
    GRAPH_TEXT: "Who knows whom and who worked where: paths and introductions.", "人脉与任职关系：用于查找路径和引荐。";
    TEXT: "Full text", "全文索引";
    TEXT_TEXT: "Words of people, resumes, jobs and companies: search and filters.", "人才、简历、职位和公司的文字内容：用于搜索与筛选。";
    VECTORS: "Meaning", "语义向量";
    VECTORS_TEXT: "The meaning of texts: similar people and jobs.", "文字的语义：用于查找相似的人才和职位。";
    VERIFY: "Verify all", "全部校验";
    REPAIR: "Verify and repair", "校验并修复";
    PARKED: "Parked", "已搁置";
    PARKED_TEXT: "These changes were refused by the store of a projection and passed over, so that they hold up no other. The next change of such a record takes it back by itself.", "这些变更被投影的存储拒绝，已先搁置，以免阻塞其他变更。该记录下次变更时会自动恢复。";
    RETRY_ONE: "Try again: {0}", "重试：{0}";
    RETRIED: "{0}: {1} parked changes were applied, {2} are still parked.", "{0}：已应用 {1} 条搁置的变更，仍有 {2} 条搁置。";
    RECORD: "Record", "记录";
    REASON: "Reason", "原因";
    SINCE: "Since", "开始时间";
    FIXED: "Repaired", "已修复";
    REBUILD: "Rebuild", "重建";
    REBUILD_ONE: "Rebuild: {0}", "重建：{0}";
    RESULT: "Result", "结果";
    RUNNING: "At work. You may leave this page; the address keeps the result.", "正在进行。您可以离开此页面，结果会保留在当前地址。";
    REBUILT: "{0} was made anew from {1} records.", "{0} 已由 {1} 条记录重建。";
    SAME: "Every projection holds what the {0} records say.", "所有投影均与 {0} 条记录一致。";
    DIFFERENT: "A projection differs from the records, or could not take all of them. Repair it.", "有投影与记录不一致，或未能应用全部变更，请修复。";
    PROJECTION: "Projection", "投影";
    POSITION: "Event", "事件位置";
    HELD: "Held", "已有";
    EXPECTED: "Expected", "应有";
    MISSING: "Missing", "缺失";
    EXTRA: "Extra", "多余";
    STALE: "Stale", "过期";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_understood() {
        let report = serde_json::json!({ "ok": true, "records": 3, "projections": [
            { "name": "text", "position": 7, "held": 3, "expected": 3, "missing": 0, "extra": 0, "stale": 0, "examples": [] }] });
        assert_eq!(serde_json::from_value::<Report>(report).unwrap().projections[0].held, 3);
        let rebuilt = serde_json::json!({ "projection": "graph", "records": 12 });
        assert_eq!(serde_json::from_value::<Rebuilt>(rebuilt).unwrap().records, 12);
    }
}

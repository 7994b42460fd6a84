//! The services: their health, how busy they are, and who needs whom.

mod panel;

use crate::measures::{millis, share};
use leptos_router::hooks::use_query_map;
use looma_app_ui::prelude::*;
use looma_types::ServiceName;
use looma_types::monitor::ServiceStatus;
use looma_types::service::HealthStatus;
use panel::ServicePanel;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How often the page asks again; metrics have a point every ten seconds.
pub const PERIOD: Duration = Duration::from_secs(10);

/// A service as it is, and its requests per second over the last minutes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Seen {
    pub status: ServiceStatus,
    pub rates: Vec<f64>,
}

/// All services as they are now.
#[server(prefix = "/api/admin", endpoint = "services/all", output = JsonText)]
pub async fn all_services() -> Result<Vec<Seen>, Failure> {
    use looma_types::monitor::MetricSeries;
    let services = looma_app_ui::session::services()?;
    let page: Page<ServiceStatus> = services.get("/api/v1/monitor/services").await?;
    // A history that is not there yet takes nothing from what is known now.
    let asked = services.get::<Page<MetricSeries>>("/api/v1/monitor/metrics?metric=requests_per_second").await;
    let histories = asked.unwrap_or_default().items;
    let rates = |name: ServiceName| {
        histories.iter().find(|series| series.service == name).map(|series| series.points.iter().map(|point| point.value).collect())
    };
    Ok(page.items.into_iter().map(|status| Seen { rates: rates(status.service).unwrap_or_default(), status }).collect())
}

pub fn health_word(status: HealthStatus) -> &'static str {
    t(match status {
        HealthStatus::Up => UP,
        HealthStatus::Degraded => DEGRADED,
        HealthStatus::Down => DOWN,
    })
}

pub const fn health_tone(status: HealthStatus) -> Tone {
    match status {
        HealthStatus::Up => Tone::Good,
        HealthStatus::Degraded => Tone::Warn,
        HealthStatus::Down => Tone::Bad,
    }
}

/// `/services`, and `/services?service=job` with one of them beside.
#[component]
pub fn ServicesPage() -> impl IntoView {
    let query = use_query_map();
    let chosen = Memo::new(move |_| query.read().get("service").and_then(|name| name.parse::<ServiceName>().ok()));
    let services = Data::new(|| (), |()| all_services());
    every(PERIOD, move || services.refetch());
    view! {
        <PageHead title=t(crate::SERVICES)/>
        <div class:split=move || chosen.get().is_some()>
            <div class="content">
                <Loaded resource=services rows=18 view={move |all: Vec<Seen>| view! { <List all chosen/> }}/>
            </div>
            {move || chosen.get().map(|service| view! {
                <SidePanel title=service.as_str() close=Signal::derive(|| query_with(&[("service", None)]))><ServicePanel service services/></SidePanel>
            })}
        </div>
    }
}

#[component]
fn List(all: Vec<Seen>, chosen: Memo<Option<ServiceName>>) -> impl IntoView {
    if all.is_empty() {
        return view! { <EmptyState icon=Icon::Activity title=t(EMPTY) text=t(EMPTY_TEXT)/> }.into_any();
    }
    let columns = vec![
        Column::new(t(SERVICE)),
        Column::new(t(HEALTH)),
        Column::new(t(CHECKS)),
        Column::new(t(LATENCY)).number(),
        Column::new(t(RATE)).number(),
        Column::new(t(TREND)),
        Column::new(t(ERRORS)).number(),
        Column::new(t(P99)).number(),
        Column::new(t(NEEDS)),
    ];
    let needs: Vec<(ServiceName, Vec<ServiceName>)> = all.iter().map(|seen| (seen.status.service, seen.status.needs.clone())).collect();
    let up = all.iter().filter(|seen| seen.status.status == HealthStatus::Up).count();
    let count = tf(COUNT, &[&up, &all.len()]);
    let rows = all.into_iter().map(|seen| row(seen, chosen)).collect_view();
    view! {
        <Table caption=t(crate::SERVICES) columns>{rows}</Table>
        <div class="list-foot"><span>{count}</span></div>
        <Section title=t(DEPENDENCIES)><Dependencies needs/></Section>
    }
    .into_any()
}

fn row(seen: Seen, chosen: Memo<Option<ServiceName>>) -> AnyView {
    let Seen { status, rates } = seen;
    let service = status.service;
    let good = status.checks.iter().filter(|check| check.status == HealthStatus::Up).count();
    let worst = status.checks.iter().find(|check| check.status != HealthStatus::Up);
    let checks = match worst {
        Some(check) => format!("{good}/{} · {}", status.checks.len(), check.name),
        None => format!("{good}/{}", status.checks.len()),
    };
    let names = names_of(&status.needs);
    let trend = (rates.len() > 1).then(|| view! { <div class="w-24"><Sparkline values=rates label=tf(TREND_OF, &[&service])/></div> });
    view! {
        <Row selected=Signal::derive(move || chosen.get() == Some(service))>
            <td class="cell-main"><a href=move || query_with(&[("service", Some(service.as_str()))])>{service.as_str()}</a></td>
            <td><Badge tone=health_tone(status.status) label=health_word(status.status)/></td>
            <td>{checks}</td>
            <td class="cell-number">{status.latency_ms.map_or_else(|| "–".to_owned(), millis)}</td>
            <td class="cell-number">{status.requests_per_second.map_or_else(|| "–".to_owned(), |rate| format!("{rate:.1}"))}</td>
            <td>{trend}</td>
            <td class="cell-number">{status.error_share.map_or_else(|| "–".to_owned(), share)}</td>
            <td class="cell-number">{status.p99_ms.map_or_else(|| "–".to_owned(), millis)}</td>
            <td>{names}</td>
        </Row>
    }
    .into_any()
}

fn names_of(services: &[ServiceName]) -> String {
    if services.is_empty() {
        return "–".to_owned();
    }
    services.iter().map(|service| service.as_str()).collect::<Vec<_>>().join(", ")
}

/// Who needs whom, in both directions.
#[component]
fn Dependencies(needs: Vec<(ServiceName, Vec<ServiceName>)>) -> impl IntoView {
    let rows = needs
        .iter()
        .map(|(service, own)| {
            let needed_by: Vec<ServiceName> = needs.iter().filter(|(_, needs)| needs.contains(service)).map(|(other, _)| *other).collect();
            let (own, needed_by) = (names_of(own), names_of(&needed_by));
            let critical = service.is_critical().then(|| view! { <Badge tone=Tone::Accent label=t(CRITICAL)/> });
            view! {
                <li class="row flex-wrap">
                    <span class="w-28 font-medium">{service.as_str()}</span>
                    <span class="muted">{t(NEEDS)}</span>
                    <span>{own}</span>
                    <span class="muted">{t(NEEDED_BY)}</span>
                    <span>{needed_by}</span>
                    {critical}
                </li>
            }
        })
        .collect_view();
    view! { <ul class="rows">{rows}</ul> }
}

messages! {
    UP: "Up", "正常";
    DEGRADED: "Degraded", "降级";
    DOWN: "Down", "故障";
    SERVICE: "Service", "服务";
    HEALTH: "Health", "状态";
    CHECKS: "Checks", "检查项";
    LATENCY: "Answers in", "响应时间";
    RATE: "Requests/s", "请求/秒";
    TREND: "15 minutes", "15 分钟趋势";
    TREND_OF: "Requests per second of {0} over 15 minutes", "{0} 近 15 分钟每秒请求数";
    ERRORS: "Errors", "错误率";
    P99: "p99", "p99";
    NEEDS: "Needs", "依赖";
    NEEDED_BY: "Needed by", "被依赖";
    CRITICAL: "Critical", "关键服务";
    COUNT: "{0} of {1} services are up", "{1} 个服务中 {0} 个正常";
    DEPENDENCIES: "Dependencies", "依赖关系";
    EMPTY: "No measurements yet", "暂无监测数据";
    EMPTY_TEXT: "The monitor reports on every service a few seconds after the system has started.", "系统启动数秒后，监控服务会报告各服务的状态。";
}

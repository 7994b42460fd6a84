//! One service: its checks, and its metrics as time series.

use super::{PERIOD, Seen, health_tone, health_word};
use crate::measures::{bytes, millis, share, span};
use looma_app_ui::prelude::*;
use looma_types::ServiceName;
use looma_types::monitor::{MetricSeries, ServiceStatus};

/// The metrics of one service over the last 15 minutes.
#[server(prefix = "/api/admin", endpoint = "services/metrics", output = JsonText)]
pub async fn metrics_of(service: ServiceName) -> Result<Vec<MetricSeries>, Failure> {
    let page: Page<MetricSeries> = looma_app_ui::session::services()?.get(&format!("/api/v1/monitor/metrics?service={service}")).await?;
    Ok(page.items)
}

#[component]
pub fn ServicePanel(service: ServiceName, services: Data<Vec<Seen>>) -> impl IntoView {
    let metrics = Data::new(|| (), move |()| metrics_of(service));
    every(PERIOD, move || metrics.refetch());
    view! {
        <Loaded resource=services rows=4 view={move |all: Vec<Seen>| {
            all.into_iter().find(|seen| seen.status.service == service).map(|seen| view! { <State status=seen.status/> })
        }}/>
        <Section title=t(METRICS)>
            <Loaded resource=metrics rows=5 view={|all: Vec<MetricSeries>| view! { <Metrics all/> }}/>
        </Section>
        <p><a class="link text-13" href=format!("/logs?service={service}")>{t(LOGS)}</a></p>
    }
}

#[component]
fn State(status: ServiceStatus) -> impl IntoView {
    let checks = status
        .checks
        .into_iter()
        .map(|check| {
            view! {
                <li class="row flex-wrap">
                    <span>{check.name}</span>
                    <Badge tone=health_tone(check.status) label=health_word(check.status)/>
                    <span class="ml-auto muted numbers">{millis(check.latency_ms)}</span>
                    {check.detail.map(|detail| view! { <p class="w-full text-12 muted">{detail}</p> })}
                </li>
            }
        })
        .collect_view();
    view! {
        <Facts>
            <Fact label=t(super::HEALTH)><Badge tone=health_tone(status.status) label=health_word(status.status)/></Fact>
            <Fact label=t(VERSION)>{status.version.unwrap_or_else(|| "–".to_owned())}</Fact>
            <Fact label=t(PORT)><span class="numbers">{status.port}</span></Fact>
            <Fact label=t(RUNNING)>{status.uptime_seconds.map_or_else(|| "–".to_owned(), span)}</Fact>
            <Fact label=t(SEEN)><Exact at=status.seen_at/></Fact>
        </Facts>
        <div class="mt-6"><Section title=t(super::CHECKS)><ul class="rows">{checks}</ul></Section></div>
    }
}

#[component]
fn Metrics(all: Vec<MetricSeries>) -> impl IntoView {
    if all.iter().all(|series| series.points.is_empty()) {
        return view! { <p class="muted text-13">{t(NO_METRICS)}</p> }.into_any();
    }
    all.into_iter()
        .filter(|series| !series.points.is_empty())
        .map(|series| {
            let values: Vec<f64> = series.points.iter().map(|point| point.value).collect();
            let last = values.last().copied().unwrap_or_default();
            let most = values.iter().copied().fold(f64::MIN, f64::max);
            let name = metric_word(&series.metric);
            let (now, peak) = (shown(&series.metric, last), shown(&series.metric, most));
            let label = format!("{name}: {now}");
            view! {
                <div class="mb-4">
                    <div class="flex gap-2 text-13">
                        <span>{name}</span>
                        <span class="ml-auto numbers">{now}</span>
                        <span class="muted numbers">{tf(PEAK, &[&peak])}</span>
                    </div>
                    <Sparkline values label/>
                </div>
            }
        })
        .collect_view()
        .into_any()
}

fn metric_word(metric: &str) -> String {
    match metric {
        "requests_per_second" => t(super::RATE).to_owned(),
        "error_share" => t(super::ERRORS).to_owned(),
        "p99_ms" => t(P99).to_owned(),
        "memory_bytes" => t(MEMORY).to_owned(),
        "cpu_cores" => t(CPU).to_owned(),
        other => other.to_owned(),
    }
}

fn shown(metric: &str, value: f64) -> String {
    match metric {
        "error_share" => share(value),
        "p99_ms" => millis(value),
        "memory_bytes" => bytes(value),
        _ => format!("{value:.2}"),
    }
}

messages! {
    METRICS: "Last 15 minutes", "最近 15 分钟";
    NO_METRICS: "No measurements yet. There is a point every ten seconds.", "暂无监测数据。每十秒采样一次。";
    LOGS: "Its log lines", "查看该服务日志";
    VERSION: "Version", "版本";
    PORT: "Port", "端口";
    RUNNING: "Running for", "已运行";
    SEEN: "Seen", "检查时间";
    P99: "99 of 100 requests within", "99% 的请求耗时低于";
    MEMORY: "Memory", "内存";
    CPU: "Processor cores", "处理器核数";
    PEAK: "peak {0}", "峰值 {0}";
}

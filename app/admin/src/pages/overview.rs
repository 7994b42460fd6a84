//! The state of the system at a glance.

use super::audit::{columns, entries, entry_row};
use super::backups::{list_backups, state_tone, state_word};
use super::services::{PERIOD, Seen, all_services, health_tone, health_word};
use crate::measures::bytes;
use looma_app_ui::prelude::*;
use looma_types::Permission;
use looma_types::admin::AuditEntry;
use looma_types::backup::Backup;
use looma_types::monitor;
use looma_types::service::HealthStatus;

/// What is wrong now.
#[server(prefix = "/api/admin", endpoint = "overview/alerts", output = JsonText)]
pub async fn all_alerts() -> Result<Vec<monitor::Alert>, Failure> {
    let page: Page<monitor::Alert> = looma_app_ui::session::services()?.get("/api/v1/monitor/alerts").await?;
    Ok(page.items)
}

/// `/`
#[component]
pub fn OverviewPage() -> impl IntoView {
    let viewer = use_viewer();
    let services = Data::new(|| (), |()| all_services());
    let alerts = Data::new(|| (), |()| all_alerts());
    let newest = Data::new(|| (), |()| entries("limit=8".to_owned()));
    every(PERIOD, move || {
        services.refetch();
        alerts.refetch();
    });
    view! {
        <PageHead title=t(crate::OVERVIEW)/>
        <div class="content content-wide">
            <Section title=t(HEALTH)>
                <Loaded resource=services rows=2 view={|all: Vec<Seen>| view! { <Health all/> }}/>
            </Section>
            <Section title=t(ALERTS)>
                <Loaded resource=alerts rows=2 view={|all: Vec<monitor::Alert>| view! { <Alerts all/> }}/>
            </Section>
            {viewer.may(Permission::ManageBackups).then(|| view! { <LastBackup/> })}
            <Section title=t(NEWEST) actions=ViewFn::from(|| view! { <a class="link text-13" href="/audit">{t(ALL_ENTRIES)}</a> })>
                <Loaded resource=newest rows=8 view={|page: Page<AuditEntry>| {
                    let rows = page.items.into_iter().map(entry_row).collect_view();
                    view! { <Table caption=t(NEWEST) columns=columns()>{rows}</Table> }
                }}/>
            </Section>
        </div>
    }
}

#[component]
fn Health(all: Vec<Seen>) -> impl IntoView {
    let count = |wanted: HealthStatus| all.iter().filter(|seen| seen.status.status == wanted).count();
    let (up, degraded, down) = (count(HealthStatus::Up), count(HealthStatus::Degraded), count(HealthStatus::Down));
    let rate: f64 = all.iter().filter_map(|seen| seen.status.requests_per_second).sum();
    let total = all.len();
    let troubled = all
        .into_iter()
        .filter(|seen| seen.status.status != HealthStatus::Up)
        .map(|seen| {
            view! {
                <a class="row" href=format!("/services?service={}", seen.status.service)>
                    <span>{seen.status.service.as_str()}</span>
                    <Badge tone=health_tone(seen.status.status) label=health_word(seen.status.status)/>
                    <span class="muted">{seen.status.checks.into_iter().find_map(|check| check.detail)}</span>
                </a>
            }
        })
        .collect::<Vec<_>>();
    view! {
        <Tiles>
            <StatTile label=t(UP) value=format!("{up}/{total}") icon=Icon::CircleCheck href="/services"/>
            <StatTile label=t(DEGRADED) value=degraded.to_string() icon=Icon::TriangleAlert href="/services"/>
            <StatTile label=t(DOWN) value=down.to_string() icon=Icon::CircleX href="/services"/>
            <StatTile label=t(RATE) value=format!("{rate:.1}") icon=Icon::Gauge href="/services"/>
        </Tiles>
        {(!troubled.is_empty()).then(|| view! { <div class="rows mt-4">{troubled}</div> })}
    }
}

#[component]
fn Alerts(all: Vec<monitor::Alert>) -> impl IntoView {
    if all.is_empty() {
        return view! { <p class="flex items-center gap-2 text-13"><Glyph icon=Icon::CircleCheck/> {t(NO_ALERTS)}</p> }.into_any();
    }
    let rows = all
        .into_iter()
        .map(|alert| {
            let (tone, word) = if alert.severity == "critical" { (Tone::Bad, CRITICAL) } else { (Tone::Warn, WARNING) };
            view! {
                <li class="row flex-wrap">
                    <Badge tone label=t(word)/>
                    {alert.service.map(|service| view! { <a class="link" href=format!("/services?service={service}")>{service.as_str()}</a> })}
                    <span>{alert.detail}</span>
                    <span class="ml-auto muted"><When at=alert.since/></span>
                </li>
            }
        })
        .collect_view();
    view! { <ul class="rows">{rows}</ul> }.into_any()
}

#[component]
fn LastBackup() -> impl IntoView {
    let backups = Data::new(|| (), |()| list_backups(None));
    view! {
        <Section title=t(BACKUP) actions=ViewFn::from(|| view! { <a class="link text-13" href="/backups">{t(ALL_BACKUPS)}</a> })>
            <Loaded resource=backups rows=1 view={|page: Page<Backup>| match page.items.into_iter().next() {
                None => view! { <Alert tone=Tone::Warn text=t(NO_BACKUP)/> }.into_any(),
                Some(backup) => view! {
                    <div class="rows">
                        <a class="row" href=format!("/backups?backup={}", backup.id)>
                            <When at=backup.created_at/>
                            <Badge tone=state_tone(backup.state) label=state_word(backup.state)/>
                            <span class="muted">{if backup.verified_at.is_some() { t(CHECKED) } else { t(UNCHECKED) }}</span>
                            <span class="ml-auto muted numbers">{bytes(backup.size as f64)}</span>
                        </a>
                    </div>
                }.into_any(),
            }}/>
        </Section>
    }
}

messages! {
    HEALTH: "Services", "服务";
    UP: "Up", "正常";
    DEGRADED: "Degraded", "降级";
    DOWN: "Down", "故障";
    RATE: "Requests/s", "请求/秒";
    ALERTS: "Alerts", "告警";
    NO_ALERTS: "Nothing is wrong.", "一切正常。";
    CRITICAL: "Critical", "严重";
    WARNING: "Warning", "警告";
    BACKUP: "Last backup", "最近备份";
    ALL_BACKUPS: "All backups", "全部备份";
    NO_BACKUP: "There is no backup yet. Make one before the first real data comes in.", "尚无备份。请在录入正式数据之前创建一份。";
    CHECKED: "verified", "已校验";
    UNCHECKED: "not verified yet", "尚未校验";
    NEWEST: "Newest audit entries", "最新审计记录";
    ALL_ENTRIES: "Whole audit log", "完整审计日志";
}

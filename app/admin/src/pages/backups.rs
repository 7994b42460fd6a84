//! Backups: made while the system runs, checked, and restored into a new folder.

mod panel;

use crate::measures::bytes;
use leptos_router::hooks::use_query_map;
use looma_app_ui::prelude::*;
use looma_types::backup::{Backup, BackupState};
use looma_types::{BackupId, Permission};
use panel::{BackupPanel, DeleteBackup};
use std::time::Duration;

/// How often something is asked about while it is at work.
const PERIOD: Duration = Duration::from_secs(1);

/// Backups, the newest first.
#[server(prefix = "/api/admin", endpoint = "backups/list", output = JsonText)]
pub async fn list_backups(cursor: Option<String>) -> Result<Page<Backup>, Failure> {
    let cursor = cursor.map(|cursor| format!("&cursor={}", escape(&cursor))).unwrap_or_default();
    looma_app_ui::session::services()?.get(&format!("/api/v1/backups?limit=50{cursor}")).await
}

/// Begins a backup.
#[server(prefix = "/api/admin", endpoint = "backups/create", output = JsonText)]
pub async fn create_backup() -> Result<(), Failure> {
    looma_app_ui::session::services()?.act("/api/v1/backups", &()).await
}

pub fn state_word(state: BackupState) -> &'static str {
    t(match state {
        BackupState::Running => RUNNING,
        BackupState::Done => DONE,
        BackupState::Failed => FAILED,
    })
}

pub const fn state_tone(state: BackupState) -> Tone {
    match state {
        BackupState::Running => Tone::Accent,
        BackupState::Done => Tone::Good,
        BackupState::Failed => Tone::Bad,
    }
}

/// `/backups`, `/backups?backup=…` with one of them beside, and `&job=…` with what came of a check or restore.
#[component]
pub fn BackupsPage() -> impl IntoView {
    let query = use_query_map();
    let cursor = Memo::new(move |_| query.read().get("cursor"));
    let chosen = Memo::new(move |_| query.read().get("backup").and_then(|id| id.parse::<BackupId>().ok()));
    let create = ServerAction::<CreateBackup>::new();
    let may = use_viewer().may(Permission::ManageBackups);
    // Here, not in the panel: the panel is gone when the answer comes.
    let delete = ServerAction::<DeleteBackup>::new();
    let changed = RwSignal::new(0_u32);
    let changes = move || (create.version().get(), delete.version().get(), changed.get());
    let backups = Data::new(move || (cursor.get(), changes()), |(cursor, _)| list_backups(cursor));
    let running = RwSignal::new(false);
    every(PERIOD, move || {
        if running.get_untracked() {
            backups.refetch();
        }
    });
    view! {
        <PageHead title=t(crate::BACKUPS)>
            {may.then(|| view! {
                <ActionForm action=create>
                    <SubmitButton label=t(CREATE) icon=Icon::Archive pending=create.pending()/>
                </ActionForm>
            })}
        </PageHead>
        <div class:split=move || chosen.get().is_some()>
            <div class="content">
                <Refusal failure=failure_of(create)/>
                <p class="text-13 muted mb-4">{t(EXPLAINED)}</p>
                <Loaded resource=backups rows=6 view={move |page: Page<Backup>| {
                    running.set(page.items.iter().any(|backup| backup.state == BackupState::Running));
                    view! { <List page chosen/> }
                }}/>
            </div>
            {move || chosen.get().map(|id| view! {
                <SidePanel title=t(BACKUP) close=Signal::derive(|| query_with(&[("backup", None), ("job", None)]))><BackupPanel id changed delete/></SidePanel>
            })}
        </div>
    }
}

#[component]
fn List(page: Page<Backup>, chosen: Memo<Option<BackupId>>) -> impl IntoView {
    if page.items.is_empty() {
        return view! { <EmptyState icon=Icon::Archive title=t(EMPTY) text=t(EMPTY_TEXT)/> }.into_any();
    }
    let columns = vec![Column::new(t(MADE)), Column::new(t(STATE)), Column::new(t(SIZE)).number(), Column::new(t(VERIFIED))];
    let shown = plural(page.items.len() as i64, ONE, MANY);
    let rows = page
        .items
        .into_iter()
        .map(|backup| {
            let (id, address) = (backup.id, backup.id.to_string());
            let verified = match (backup.state, backup.verified_at) {
                (_, Some(at)) => view! { <When at/> }.into_any(),
                (BackupState::Done, None) => view! { <span class="muted">{t(NOT_YET)}</span> }.into_any(),
                _ => backup.problem.into_any(),
            };
            view! {
                <Row selected=Signal::derive(move || chosen.get() == Some(id))>
                    <td class="cell-main"><a href=move || query_with(&[("backup", Some(&address)), ("job", None)])><Exact at=backup.created_at/></a></td>
                    <td><Badge tone=state_tone(backup.state) label=state_word(backup.state)/></td>
                    <td class="cell-number">{bytes(backup.size as f64)}</td>
                    <td>{verified}</td>
                </Row>
            }
        })
        .collect_view();
    view! {
        <Table caption=t(crate::BACKUPS) columns>{rows}</Table>
        <Pager shown next=page.next_cursor/>
    }
    .into_any()
}

messages! {
    RUNNING: "Being made", "进行中";
    DONE: "Complete", "已完成";
    FAILED: "Failed", "失败";
    CREATE: "Back up now", "立即备份";
    EXPLAINED: "A backup holds every record, file and setting. People go on working while it is made.", "备份包含全部记录、文件和设置。备份期间可正常使用系统。";
    BACKUP: "Backup", "备份";
    MADE: "Made", "创建时间";
    STATE: "State", "状态";
    SIZE: "Size", "大小";
    VERIFIED: "Verified", "校验";
    NOT_YET: "not yet", "尚未校验";
    EMPTY: "No backups yet", "还没有备份";
    EMPTY_TEXT: "Press “Back up now”. It takes seconds for a small workspace.", "点击“立即备份”。小型工作区只需数秒。";
    ONE: "{0} backup on this page", "本页 {0} 份备份";
    MANY: "{0} backups on this page", "本页 {0} 份备份";
}

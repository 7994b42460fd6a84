//! One backup: check it, restore it, delete it. Checks and restores are jobs: the address says which, and keeps their result.

use super::{MADE, PERIOD, SIZE, STATE, VERIFIED, state_tone, state_word};
use crate::measures::bytes;
use leptos_router::hooks::use_query_map;
use looma_app_ui::prelude::*;
use looma_types::backup::{Backup, BackupJob, BackupJobKind, BackupState, Restored, Verification};
use looma_types::{BackupId, BackupJobId};

/// One backup with its files.
#[server(prefix = "/api/admin", endpoint = "backups/get", output = JsonText)]
pub async fn find_backup(id: BackupId) -> Result<Backup, Failure> {
    looma_app_ui::session::services()?.get(&format!("/api/v1/backups/{id}")).await
}

/// Begins to check that a backup is whole, and goes to the result.
#[server(prefix = "/api/admin", endpoint = "backups/verify", output = JsonText)]
pub async fn verify_backup(id: BackupId) -> Result<(), Failure> {
    let job: BackupJob = looma_app_ui::session::services()?.post(&format!("/api/v1/backups/{id}/verify"), &()).await?;
    leptos_axum::redirect(&address(&job));
    Ok(())
}

/// Begins to restore a backup into a new folder, and goes to the result.
#[server(prefix = "/api/admin", endpoint = "backups/restore", output = JsonText)]
pub async fn restore_backup(id: BackupId, target: String) -> Result<(), Failure> {
    let body = looma_types::backup::RestoreRequest { target: target.trim().to_owned() };
    let job: BackupJob = looma_app_ui::session::services()?.post(&format!("/api/v1/backups/{id}/restore"), &body).await?;
    leptos_axum::redirect(&address(&job));
    Ok(())
}

#[cfg(feature = "ssr")]
fn address(job: &BackupJob) -> String {
    format!("/backups?backup={}&job={}", job.backup_id, job.id)
}

/// How a check or a restore is.
#[server(prefix = "/api/admin", endpoint = "backups/job", output = JsonText)]
pub async fn find_job(id: BackupId, job: BackupJobId) -> Result<BackupJob, Failure> {
    looma_app_ui::session::services()?.get(&format!("/api/v1/backups/{id}/jobs/{job}")).await
}

/// Deletes a backup and goes back to the list.
#[server(prefix = "/api/admin", endpoint = "backups/delete", output = JsonText)]
pub async fn delete_backup(id: BackupId) -> Result<(), Failure> {
    looma_app_ui::session::services()?.delete(&format!("/api/v1/backups/{id}"), None).await?;
    leptos_axum::redirect("/backups");
    Ok(())
}

#[component]
pub fn BackupPanel(id: BackupId, changed: RwSignal<u32>, delete: ServerAction<DeleteBackup>) -> impl IntoView {
    let backup = Data::new(|| (), move |()| find_backup(id));
    view! { <Loaded resource=backup rows=5 view={move |backup: Backup| view! { <Known backup changed delete/> }}/> }
}

/// The facts are read again where they may have changed; the forms stay, with what was typed into them.
#[component]
fn Known(backup: Backup, changed: RwSignal<u32>, delete: ServerAction<DeleteBackup>) -> impl IntoView {
    let id = backup.id;
    let query = use_query_map();
    let job = Memo::new(move |_| query.read().get("job").and_then(|id| id.parse::<BackupJobId>().ok()));
    let backup = RwSignal::new(backup);
    let again = Action::new(move |()| find_backup(id));
    Effect::new(move |_| {
        if let Some(Ok(found)) = again.value().get() {
            backup.set(found);
        }
    });
    let ended = RwSignal::new(None::<BackupJobId>);
    let ended_once = Memo::new(move |_| ended.get());
    Effect::new(move |_| {
        if ended_once.get().is_some() {
            again.dispatch(());
            changed.update(|count| *count += 1);
        }
    });
    let state = Memo::new(move |_| backup.read().state);
    every(PERIOD, move || {
        if state.get_untracked() == BackupState::Running {
            again.dispatch(());
        }
    });
    let (verify, restore) = (ServerAction::<VerifyBackup>::new(), ServerAction::<RestoreBackup>::new());
    view! {
        {move || view! { <State backup=backup.get()/> }}
        {move || job.get().map(|job| view! { <Outcome id job ended/> })}
        {move || (state.get() == BackupState::Done).then(|| view! { <Verify id verify/> <Restore id restore/> })}
        {move || (state.get() != BackupState::Running).then(|| view! { <Delete id delete/> })}
    }
}

/// What came of the job in the address, or how far it is.
#[component]
fn Outcome(id: BackupId, job: BackupJobId, ended: RwSignal<Option<BackupJobId>>) -> impl IntoView {
    let found = Data::new(|| (), move |()| find_job(id, job));
    let running = RwSignal::new(false);
    every(PERIOD, move || {
        if running.get_untracked() {
            found.refetch();
        }
    });
    view! {
        <Section title=t(RESULT)>
            <div aria-live="polite">
                <Loaded resource=found rows=1 view={move |job: BackupJob| {
                    running.set(job.state == BackupState::Running);
                    if job.state != BackupState::Running {
                        ended.set(Some(job.id));
                    }
                    told(job)
                }}/>
            </div>
        </Section>
    }
}

fn told(job: BackupJob) -> AnyView {
    if job.state == BackupState::Running {
        let progress = Signal::stored(job.progress);
        let label = t(match job.kind {
            BackupJobKind::Verify => VERIFYING,
            BackupJobKind::Restore => RESTORING,
        });
        return view! { <Progress value=progress label/> }.into_any();
    }
    match (job.verification, job.restored) {
        (Some(found), _) => verified(found),
        (_, Some(restored)) => restored_to(&restored),
        _ => view! { <Alert text=job.problem.unwrap_or_default()/> }.into_any(),
    }
}

fn verified(found: Verification) -> AnyView {
    if found.ok {
        return view! { <Alert tone=Tone::Good text=t(WHOLE)/> }.into_any();
    }
    let problems = found.problems.into_iter().take(50).map(|problem| view! { <li class="row">{problem}</li> }).collect_view();
    view! { <Alert text=t(BROKEN)/> <ul class="rows mt-2">{problems}</ul> }.into_any()
}

fn restored_to(restored: &Restored) -> AnyView {
    view! {
        <Alert tone=Tone::Good text=tf(RESTORED, &[&bytes(restored.size as f64)])/>
        <p class="text-13 mt-2">{t(START_IT)}</p>
        <p class="mono break-all">{format!("looma up --data {}", restored.folder)}</p>
    }
    .into_any()
}

#[component]
fn State(backup: Backup) -> impl IntoView {
    view! {
        <div class="mb-4"><Facts>
            <Fact label=t(STATE)><Badge tone=state_tone(backup.state) label=state_word(backup.state)/></Fact>
            <Fact label=t(MADE)><Exact at=backup.created_at/></Fact>
            {backup.finished_at.map(|at| view! { <Fact label=t(FINISHED)><Exact at/></Fact> })}
            <Fact label=t(SIZE)><span class="numbers">{bytes(backup.size as f64)}</span></Fact>
            <Fact label=t(VERIFIED)>{match backup.verified_at {
                Some(at) => view! { <Exact at/> }.into_any(),
                None => t(super::NOT_YET).into_any(),
            }}</Fact>
            <Fact label=t(NUMBER)><span class="mono">{backup.id.to_string()}</span></Fact>
        </Facts></div>
        {backup.problem.map(|text| view! { <Alert text/> })}
    }
}

#[component]
fn Verify(id: BackupId, verify: ServerAction<VerifyBackup>) -> impl IntoView {
    view! {
        <Section title=t(VERIFY)>
            <p class="text-13 muted mb-2">{t(VERIFY_TEXT)}</p>
            <Refusal failure=failure_of(verify)/>
            <ActionForm action=verify attr:class="mt-2">
                <input type="hidden" name="id" value=id.to_string()/>
                <SubmitButton label=t(VERIFY) emphasis=Emphasis::Plain icon=Icon::ShieldCheck pending=verify.pending()/>
            </ActionForm>
        </Section>
    }
}

#[component]
fn Restore(id: BackupId, restore: ServerAction<RestoreBackup>) -> impl IntoView {
    let failure = failure_of(restore);
    view! {
        <Section title=t(RESTORE)>
            <p class="text-13 muted mb-2">{t(RESTORE_TEXT)}</p>
            <ActionForm action=restore attr:class="form">
                <Refusal failure/>
                <input type="hidden" name="id" value=id.to_string()/>
                <TextField name="target" label=t(TARGET) hint=t(TARGET_HINT) max=100 autocomplete="off" error=wrong(failure, "target")/>
                <div class="form-actions"><SubmitButton label=t(RESTORE) emphasis=Emphasis::Plain icon=Icon::RotateCcw pending=restore.pending()/></div>
            </ActionForm>
        </Section>
    }
}

#[component]
fn Delete(id: BackupId, delete: ServerAction<DeleteBackup>) -> impl IntoView {
    view! {
        <Section title=t(DELETE)>
            <Refusal failure=failure_of(delete)/>
            <ActionForm action=delete attr:class="form">
                <input type="hidden" name="id" value=id.to_string()/>
                <label class="check"><input type="checkbox" required/> {t(SURE)}</label>
                <div class="form-actions"><SubmitButton label=t(DELETE) emphasis=Emphasis::Danger icon=Icon::Trash2 pending=delete.pending()/></div>
            </ActionForm>
        </Section>
    }
}

messages! {
    FINISHED: "Finished", "完成时间";
    NUMBER: "Number", "编号";
    VERIFY: "Verify", "校验";
    VERIFY_TEXT: "Reads the whole backup again and compares everything in it with its checksums. You may leave this page meanwhile.", "重新读取整个备份，并将其中所有内容与校验和比对。期间您可以离开此页面。";
    RESULT: "Result", "结果";
    VERIFYING: "Being verified", "正在校验";
    RESTORING: "Being restored", "正在恢复";
    WHOLE: "The backup is whole.", "备份完整。";
    BROKEN: "The backup is damaged. Make a new one.", "备份已损坏，请重新创建。";
    RESTORE: "Restore", "恢复";
    RESTORE_TEXT: "A backup is restored into a new folder beside the backups, never over the running system. Look at it there, then start the system with that folder as its data.", "备份会恢复到备份目录旁的新文件夹，绝不会覆盖正在运行的系统。请先在那里检查，再以该文件夹作为数据目录启动系统。";
    TARGET: "Name of the new folder", "新文件夹名称";
    TARGET_HINT: "Letters, digits, dots, dashes and underscores.", "可使用字母、数字、点、短横线和下划线。";
    RESTORED: "Restored: everything of a backup of {0}.", "已恢复备份的全部内容（备份大小 {0}）。";
    START_IT: "Stop the running system, then start it with the restored data:", "请停止当前系统，然后使用恢复的数据启动：";
    DELETE: "Delete", "删除";
    SURE: "Yes, delete this backup for good.", "确认永久删除此备份。";
}

//! One backup: check it, restore it, delete it.

use super::{MADE, SIZE, STATE, VERIFIED, state_tone, state_word};
use crate::measures::bytes;
use looma_app_ui::prelude::*;
use looma_types::BackupId;
use looma_types::backup::{Backup, BackupState, Restored, Verification};

/// One backup with its files.
#[server(prefix = "/api/admin", endpoint = "backups/get", output = JsonText)]
pub async fn find_backup(id: BackupId) -> Result<Backup, Failure> {
    looma_app_ui::session::services()?.get(&format!("/api/v1/backups/{id}")).await
}

/// Checks that a backup is whole.
#[server(prefix = "/api/admin", endpoint = "backups/verify", output = JsonText)]
pub async fn verify_backup(id: BackupId) -> Result<Verification, Failure> {
    looma_app_ui::session::services()?.post(&format!("/api/v1/backups/{id}/verify"), &()).await
}

/// Restores a backup into a new folder.
#[server(prefix = "/api/admin", endpoint = "backups/restore", output = JsonText)]
pub async fn restore_backup(id: BackupId, target: String) -> Result<Restored, Failure> {
    let body = looma_types::backup::RestoreRequest { target: target.trim().to_owned() };
    looma_app_ui::session::services()?.post(&format!("/api/v1/backups/{id}/restore"), &body).await
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
    let verify = ServerAction::<VerifyBackup>::new();
    let restore = ServerAction::<RestoreBackup>::new();
    let backup = Resource::new(move || verify.version().get(), move |_| find_backup(id));
    Effect::new(move |_| {
        if matches!(verify.value().get(), Some(Ok(_))) {
            changed.update(|count| *count += 1);
        }
    });
    view! {
        <Loaded resource=backup rows=5 view={move |backup: Backup| {
            let done = backup.state == BackupState::Done;
            let running = backup.state == BackupState::Running;
            view! {
                <State backup/>
                {done.then(|| view! { <Verify id verify/> <Restore id restore/> })}
                {(!running).then(|| view! { <Delete id delete/> })}
            }
        }}/>
    }
}

#[component]
fn State(backup: Backup) -> impl IntoView {
    view! {
        <div class="mb-4"><Facts>
            <Fact label=t(STATE)><Badge tone=state_tone(backup.state) label=state_word(backup.state)/></Fact>
            <Fact label=t(MADE)><Exact at=backup.created_at/></Fact>
            {backup.finished_at.map(|at| view! { <Fact label=t(FINISHED)><Exact at/></Fact> })}
            <Fact label=t(SIZE)><span class="numbers">{bytes(backup.size as f64)}</span></Fact>
            <Fact label=t(FILES)><span class="numbers">{number(backup.files.len() as i64)}</span></Fact>
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
    let found = move || {
        verify.value().get().and_then(Result::ok).map(|found| {
            if found.ok {
                view! { <Alert tone=Tone::Good text=tf(WHOLE, &[&number(found.checked_files as i64)])/> }.into_any()
            } else {
                let problems = found.problems.into_iter().take(50).map(|problem| view! { <li class="row">{problem}</li> }).collect_view();
                view! { <Alert text=t(BROKEN)/> <ul class="rows mt-2">{problems}</ul> }.into_any()
            }
        })
    };
    view! {
        <Section title=t(VERIFY)>
            <p class="text-13 muted mb-2">{t(VERIFY_TEXT)}</p>
            <Refusal failure=failure_of(verify)/>
            <div aria-live="polite">{found}</div>
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
    let done = move || {
        restore.value().get().and_then(Result::ok).map(|restored| {
            view! {
                <Alert tone=Tone::Good text=tf(RESTORED, &[&number(restored.files as i64), &bytes(restored.size as f64)])/>
                <p class="text-13 mt-2">{t(START_IT)}</p>
                <p class="mono break-all">{format!("looma up --data {}", restored.folder)}</p>
            }
        })
    };
    view! {
        <Section title=t(RESTORE)>
            <p class="text-13 muted mb-2">{t(RESTORE_TEXT)}</p>
            <ActionForm action=restore attr:class="form">
                <Refusal failure/>
                <input type="hidden" name="id" value=id.to_string()/>
                <TextField name="target" label=t(TARGET) hint=t(TARGET_HINT) max=100 autocomplete="off" error=wrong(failure, "target")/>
                <div aria-live="polite">{done}</div>
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
    FILES: "Files", "文件数";
    NUMBER: "Number", "编号";
    VERIFY: "Verify", "校验";
    VERIFY_TEXT: "Reads every file again, opens the databases, and looks whether everything they name is there.", "重新读取所有文件、打开数据库，并检查其引用的内容是否完整。";
    WHOLE: "The backup is whole: {0} files checked.", "备份完整：已检查 {0} 个文件。";
    BROKEN: "The backup is damaged. Make a new one.", "备份已损坏，请重新创建。";
    RESTORE: "Restore", "恢复";
    RESTORE_TEXT: "A backup is restored into a new folder beside the backups, never over the running system. Look at it there, then start the system with that folder as its data.", "备份会恢复到备份目录旁的新文件夹，绝不会覆盖正在运行的系统。请先在那里检查，再以该文件夹作为数据目录启动系统。";
    TARGET: "Name of the new folder", "新文件夹名称";
    TARGET_HINT: "Letters, digits, dots, dashes and underscores.", "可使用字母、数字、点、短横线和下划线。";
    RESTORED: "Restored: {0} files, {1}.", "已恢复：{0} 个文件，{1}。";
    START_IT: "Stop the running system, then start it with the restored data:", "请停止当前系统，然后使用恢复的数据启动：";
    DELETE: "Delete", "删除";
    SURE: "Yes, delete this backup for good.", "确认永久删除此备份。";
}

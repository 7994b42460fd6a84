//! The first minute in an empty workspace: import resumes, or look at demo data.

use looma_app_ui::prelude::*;
use looma_types::Permission;
use std::time::Duration;

/// How long to wait between two looks at the demo data's progress.
const BETWEEN: Duration = Duration::from_millis(1_500);

/// Begins to fill the workspace with demo data; the answer is the operation's id.
#[server(prefix = "/api/web", endpoint = "demo/fill", output = JsonText)]
pub async fn fill_demo() -> Result<String, Failure> {
    let services = looma_app_ui::session::services()?;
    let operation: serde_json::Value = services.post("/api/v1/admin/operations/demo", &serde_json::json!({})).await?;
    let id = operation.get("id").and_then(|id| id.as_str()).map(str::to_owned);
    id.ok_or_else(|| Failure::new(502, "internal", "Something went wrong", "The operation has no id."))
}

/// Whether the demo data is all there. Fails when filling failed.
#[server(prefix = "/api/web", endpoint = "demo/done", output = JsonText)]
pub async fn demo_done(id: String) -> Result<bool, Failure> {
    let services = looma_app_ui::session::services()?;
    let operation: serde_json::Value = services.get(&format!("/api/v1/admin/operations/{}", escape(&id))).await?;
    match operation.get("state").and_then(|state| state.as_str()) {
        Some("done") => Ok(true),
        Some("failed") => {
            let problem =
                operation.get("problem").cloned().and_then(|problem| serde_json::from_value::<looma_types::Problem>(problem).ok());
            Err(problem.map_or_else(
                || Failure::new(500, "internal", "Something went wrong", "The demo data could not be written."),
                Failure::from,
            ))
        }
        _ => Ok(false),
    }
}

/// `fresh` is counted up when the demo data is there.
#[component]
pub fn Empty(fresh: RwSignal<u32>) -> impl IntoView {
    let viewer = use_viewer();
    let (may_import, may_fill) = (viewer.may(Permission::WriteResumes), viewer.may(Permission::ManageUsers));
    let fill = ServerAction::<FillDemo>::new();
    let looked = RwSignal::new(None::<Answer<bool>>);
    let operation = RwSignal::new(None::<String>);
    let timer = StoredValue::new(None::<TimeoutHandle>);
    on_cleanup(move || {
        if let Some(timer) = timer.try_get_value().flatten() {
            timer.clear();
        }
    });
    let look_later = move || {
        let look = move || {
            if let Some(id) = operation.get_untracked() {
                leptos::task::spawn_local(async move {
                    let answer = demo_done(id).await;
                    looked.try_set(Some(answer));
                });
            }
        };
        timer.set_value(set_timeout_with_handle(look, BETWEEN).ok());
    };
    Effect::new(move |_| {
        if let Some(Ok(id)) = fill.answer() {
            operation.set(Some(id));
            look_later();
        }
    });
    Effect::new(move |_| match looked.get() {
        Some(Ok(false)) => look_later(),
        Some(Ok(true)) => fresh.update(|fresh| *fresh += 1),
        _ => {}
    });
    let failure = Signal::derive(move || fill.failure().or_else(|| looked.get().and_then(Result::err)));
    let busy = Signal::derive(move || failure.read().is_none() && (fill.pending().get() || operation.read().is_some()));
    let (filling, filling_text) = (t(FILLING), t(FILLING_TEXT));
    view! {
        <EmptyState icon=Icon::Inbox title=t(EMPTY) text=t(EMPTY_TEXT)>
            {may_import.then(|| view! { <ButtonLink label=t(super::IMPORT) href="/imports" emphasis=Emphasis::Primary icon=Icon::Upload/> })}
            {may_fill.then(|| view! {
                <ActionForm action=fill>
                    <SubmitButton label=t(FILL) emphasis=Emphasis::Plain icon=Icon::Sparkles pending=busy/>
                </ActionForm>
            })}
        </EmptyState>
        <div class="content-narrow mx-auto" role="status" aria-live="polite">
            {move || busy.get().then(|| view! {
                <p class="text-13 pb-2">{filling_text}</p>
                <progress class="progress" aria-label=filling></progress>
            })}
            {move || failure.get().map(|failure| view! { <Alert text=failure.message()/> })}
        </div>
    }
}

messages! {
    EMPTY: "Nobody here yet", "还没有人才";
    EMPTY_TEXT: "Import a few resumes: each becomes a person with skills, a timeline, and matches for your jobs.", "导入几份简历：每份都会成为一位人才，附带技能、时间线以及与职位的匹配。";
    FILL: "Fill with demo data", "填充演示数据";
    FILLING: "Writing demo data", "正在写入演示数据";
    FILLING_TEXT: "Writing people, companies, jobs and resumes. This page shows them when they are there.", "正在写入人才、公司、职位与简历，完成后将自动显示。";
}

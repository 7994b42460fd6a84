//! A user's password, and the places where they are signed in.

use looma_app_ui::prelude::*;
use looma_types::SessionId;
use looma_types::user::SessionInfo;

/// Sets a new password; the other sessions end.
#[server(prefix = "/api/web", endpoint = "settings/password", output = JsonText)]
pub async fn change_password(current: String, new: String) -> Result<(), Failure> {
    use looma_types::user::{ChangePassword as Body, User};
    let services = looma_app_ui::session::services()?;
    let me: User = services.get("/api/v1/users/me").await?;
    let body = Body { current_password: Some(current), new_password: new };
    services.act(&format!("/api/v1/users/{}/change-password", me.id), &body).await
}

/// Where one is signed in.
#[server(prefix = "/api/web", endpoint = "settings/sessions", output = JsonText)]
pub async fn own_sessions() -> Result<Page<SessionInfo>, Failure> {
    looma_app_ui::session::services()?.get("/api/v1/users/me/sessions").await
}

/// Ends one session; without an id all others.
#[server(prefix = "/api/web", endpoint = "settings/sessions/end", output = JsonText)]
pub async fn end_session(#[server(default)] id: Option<SessionId>) -> Result<(), Failure> {
    let one = id.map(|id| format!("/{id}")).unwrap_or_default();
    looma_app_ui::session::services()?.delete(&format!("/api/v1/users/me/sessions{one}"), None).await
}

#[component]
pub fn Password() -> impl IntoView {
    let change = ServerAction::<ChangePassword>::new();
    let changed = done(change);
    let failure = failure_of(change);
    let wrong = move |field: &'static str| Signal::derive(move || failure.read().as_ref().and_then(|failure| failure.field(field)));
    let general =
        move || failure.get().filter(|failure| failure.0.errors.is_empty()).map(|failure| view! { <Alert text=failure.message()/> });
    let done = t(CHANGED);
    // Emptied after success, kept after a failure.
    let form = move || {
        let after = changed.get() > 0;
        view! {
            <ActionForm action=change attr:class="form">
                {after.then(|| view! { <Alert tone=Tone::Good text=done/> })}
                {general}
                <div class="form-row">
                    <TextField name="current" label=t(CURRENT) kind="password" autocomplete="current-password" error=wrong("current_password")/>
                    <TextField name="new" label=t(NEW) kind="password" autocomplete="new-password" hint=t(NEW_HINT) error=wrong("new_password")/>
                </div>
                <div class="form-actions"><SubmitButton label=t(CHANGE) emphasis=Emphasis::Plain pending=change.pending()/></div>
            </ActionForm>
        }
    };
    view! { <Section title=t(PASSWORD)>{form}</Section> }
}

#[component]
pub fn Sessions() -> impl IntoView {
    let end = ServerAction::<EndSession>::new();
    let ended = done(end);
    let sessions = Data::new(move || ended.get(), |_| own_sessions());
    let failure = move || end.failure().map(|failure| view! { <Alert text=failure.message()/> });
    let list = move |page: Page<SessionInfo>| {
        let several = page.items.len() > 1;
        let rows = page.items.into_iter().map(|one| row(one, end)).collect_view();
        view! {
            <ul class="rows">{rows}</ul>
            {several.then(|| view! {
                <ActionForm action=end><SubmitButton label=t(END_OTHERS) emphasis=Emphasis::Plain pending=end.pending()/></ActionForm>
            })}
        }
    };
    view! { <Section title=t(SESSIONS)>{failure} <Loaded resource=sessions view=list rows=2/></Section> }
}

fn row(one: SessionInfo, end: ServerAction<EndSession>) -> AnyView {
    let device = if one.user_agent.trim().is_empty() { t(UNKNOWN).to_owned() } else { one.user_agent };
    let label = tf(END_ONE, &[&device]);
    let side = if one.current {
        view! { <Badge tone=Tone::Good label=t(THIS)/> }.into_any()
    } else {
        view! {
            <ActionForm action=end>
                <input type="hidden" name="id" value=one.id.to_string()/>
                <button type="submit" class="button button-small" aria-label=label>{t(END)}</button>
            </ActionForm>
        }
        .into_any()
    };
    view! {
        <li class="row">
            <Glyph icon=Icon::Monitor size=15/>
            <div class="min-w-0 flex-1">
                <p class="truncate">{device}</p>
                <p class="text-12 muted">{t(USED)} " " <When at=one.last_used_at/></p>
            </div>
            {side}
        </li>
    }
    .into_any()
}

messages! {
    PASSWORD: "Password", "密码";
    CURRENT: "Current password", "当前密码";
    NEW: "New password", "新密码";
    NEW_HINT: "At least 10 characters.", "至少 10 个字符。";
    CHANGE: "Change password", "修改密码";
    CHANGED: "The password was changed; your other sessions have ended.", "密码已修改，其他会话已结束。";
    SESSIONS: "Where you are signed in", "登录会话";
    UNKNOWN: "Unknown device", "未知设备";
    THIS: "This one", "当前会话";
    USED: "Last used", "最近使用：";
    END: "End", "结束";
    END_ONE: "End the session of {0}", "结束会话：{0}";
    END_OTHERS: "End all others", "结束其他所有会话";
}

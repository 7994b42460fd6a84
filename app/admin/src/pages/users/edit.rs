//! One user: role, status, and a new password.

use super::may::MayThey;
use super::new::role_choices;
use super::{CHANGED, EMAIL, ROLE, STATUS};
use crate::roles::{STATUSES, role_word, status_tone, status_word};
use looma_app_ui::prelude::*;
use looma_types::user::{User, UserStatus};
use looma_types::{Role, UserId};

/// One user as they are now.
#[server(prefix = "/api/admin", endpoint = "users/get", output = JsonText)]
pub async fn find_user(id: UserId) -> Result<User, Failure> {
    looma_app_ui::session::services()?.get(&format!("/api/v1/users/{id}")).await
}

/// Gives a user another role or status; their sessions end.
#[server(prefix = "/api/admin", endpoint = "users/change", output = JsonText)]
pub async fn change_user(id: UserId, version: i64, role: Role, status: UserStatus) -> Result<(), Failure> {
    let patch = serde_json::json!({ "role": role, "status": status });
    let _: User = looma_app_ui::session::services()?.patch(&format!("/api/v1/users/{id}"), Some(version), &patch).await?;
    Ok(())
}

/// Gives a user a new password; their sessions end.
#[server(prefix = "/api/admin", endpoint = "users/password", output = JsonText)]
pub async fn set_password(id: UserId, new_password: String) -> Result<(), Failure> {
    let body = looma_types::user::ChangePassword { current_password: None, new_password };
    looma_app_ui::session::services()?.act(&format!("/api/v1/users/{id}/change-password"), &body).await
}

/// Turns off the second factor of a user who has lost it.
#[server(prefix = "/api/admin", endpoint = "users/second-factor/remove", output = JsonText)]
pub async fn reset_second_factor(id: UserId) -> Result<(), Failure> {
    looma_app_ui::session::services()?.delete(&format!("/api/v1/users/{id}/totp"), None).await
}

#[component]
pub fn EditUser(id: UserId, changed: RwSignal<u32>) -> impl IntoView {
    let change = ServerAction::<ChangeUser>::new();
    let password = ServerAction::<SetPassword>::new();
    let factor = ServerAction::<ResetSecondFactor>::new();
    let changed_here = done(change);
    let user = Data::new(move || changed_here.get(), move |_| find_user(id));
    say_when_done(change, SAVED);
    say_when_done(password, PASSWORD_SET);
    say_when_done(factor, FACTOR_OFF);
    Effect::new(move |_| {
        if change.succeeded() {
            changed.update(|count| *count += 1);
        }
    });
    view! {
        <Loaded resource=user rows=5 view={move |user: User| view! { <One user change password factor/> }}/>
    }
}

#[component]
fn One(
    user: User,
    change: ServerAction<ChangeUser>,
    password: ServerAction<SetPassword>,
    factor: ServerAction<ResetSecondFactor>,
) -> impl IntoView {
    let (id, version) = (user.id, user.version);
    let User { fields, created_at, updated_at, .. } = user;
    let role = fields.role;
    let own = use_viewer();
    let is_self = own.id == id;
    let statuses: Vec<Choice> = STATUSES.into_iter().map(|status| Choice::new(status.as_str(), status_word(status))).collect();
    let (failure, refused, kept) = (failure_of(change), failure_of(password), failure_of(factor));
    let none = move || kept.get().filter(Failure::is_not_found).map(|_| view! { <Alert tone=Tone::Neutral text=t(NO_FACTOR)/> });
    let kept = Signal::derive(move || kept.get().filter(|failure| !failure.is_not_found()));
    let form = if is_self {
        view! { <Alert tone=Tone::Neutral text=t(YOURSELF)/> }.into_any()
    } else if fields.role > own.role {
        view! { <Alert tone=Tone::Neutral text=t(ABOVE)/> }.into_any()
    } else {
        view! {
            <Section title=t(ACCESS)>
                <ActionForm action=change attr:class="form">
                    <Refusal failure/>
                    <input type="hidden" name="id" value=id.to_string()/>
                    <input type="hidden" name="version" value=version/>
                    <SelectField name="role" label=t(ROLE) choices=role_choices() value=fields.role.as_str().to_owned() error=wrong(failure, "role")/>
                    <SelectField name="status" label=t(STATUS) choices=statuses value=fields.status.as_str().to_owned() hint=t(ENDS_SESSIONS) error=wrong(failure, "status")/>
                    <div class="form-actions"><SubmitButton label=t(SAVE) pending=change.pending()/></div>
                </ActionForm>
            </Section>
            <Section title=t(RESET)>
                <ActionForm action=password attr:class="form">
                    <Refusal failure=refused/>
                    <input type="hidden" name="id" value=id.to_string()/>
                    <TextField name="new_password" label=t(NEW_PASSWORD) kind="password" hint=t(PASSWORD_HINT) autocomplete="new-password" error=wrong(refused, "new_password")/>
                    <div class="form-actions"><SubmitButton label=t(RESET) emphasis=Emphasis::Plain icon=Icon::KeyRound pending=password.pending()/></div>
                </ActionForm>
            </Section>
            <Section title=t(FACTOR)>
                <p class="text-13 muted">{t(FACTOR_TEXT)}</p>
                <ActionForm action=factor attr:class="form">
                    {none}
                    <Refusal failure=kept/>
                    <input type="hidden" name="id" value=id.to_string()/>
                    <div class="form-actions"><SubmitButton label=t(FACTOR_RESET) emphasis=Emphasis::Plain pending=factor.pending()/></div>
                </ActionForm>
            </Section>
        }
        .into_any()
    };
    view! {
        <div class="record-head">
            <Avatar name=fields.name.clone() large=true/>
            <div><p class="record-title">{fields.name.clone()}</p> <Badge tone=status_tone(fields.status) label=status_word(fields.status)/></div>
        </div>
        <Facts>
            <Fact label=t(EMAIL)>{fields.email}</Fact>
            <Fact label=t(ROLE)>{role_word(fields.role)}</Fact>
            <Fact label=t(CREATED)><Exact at=created_at/></Fact>
            <Fact label=t(CHANGED)><Exact at=updated_at/></Fact>
        </Facts>
        <p class="mt-4 mb-4"><a class="link text-13" href=format!("/audit?actor={id}")>{t(DEEDS)}</a></p>
        {form}
        <MayThey id role/>
    }
}

messages! {
    ACCESS: "Role and status", "角色与状态";
    ENDS_SESSIONS: "Another role, or a status other than active, ends their sessions at once.", "更改角色或停用账号会立即结束其所有会话。";
    SAVE: "Save", "保存";
    SAVED: "Saved", "已保存";
    RESET: "Reset password", "重置密码";
    NEW_PASSWORD: "New password", "新密码";
    PASSWORD_HINT: "10 to 200 characters. Their sessions end.", "10 至 200 个字符。其所有会话将结束。";
    PASSWORD_SET: "The new password is set", "新密码已设置";
    FACTOR: "Second factor", "双重验证";
    FACTOR_TEXT: "For somebody who has lost both their authenticator app and their recovery codes. Make sure that it is them who ask.", "适用于同时丢失验证器应用和恢复码的用户。请先核实其身份。";
    FACTOR_RESET: "Turn off second factor", "关闭双重验证";
    FACTOR_OFF: "The second factor is off", "双重验证已关闭";
    NO_FACTOR: "This user has no second factor.", "该用户未启用双重验证。";
    CREATED: "Created", "创建时间";
    DEEDS: "What this user did", "该用户的操作记录";
    YOURSELF: "This is you. Another administrator changes your role, status and password here.", "这是您自己的账号，角色、状态和密码须由其他管理员在此修改。";
    ABOVE: "This user's role is above your own, so you cannot change it.", "该用户的角色高于您，您无法修改。";
}

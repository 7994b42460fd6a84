//! The second factor: an authenticator app, and the codes that stand in for it.

use looma_app_ui::prelude::*;
use looma_types::user::{RecoveryCodes, SecondFactor, SecondFactorSecret};

/// Whether sign-in asks for a second factor.
#[server(prefix = "/api/web", endpoint = "settings/second-factor", output = JsonText)]
pub async fn own_factor() -> Result<SecondFactor, Failure> {
    looma_app_ui::session::services()?.get("/api/v1/users/me/totp").await
}

/// Makes a secret for an authenticator app.
#[server(prefix = "/api/web", endpoint = "settings/second-factor/begin", output = JsonText)]
pub async fn begin_factor(current_password: String) -> Result<SecondFactorSecret, Failure> {
    let body = looma_types::user::CurrentPassword { current_password };
    looma_app_ui::session::services()?.post("/api/v1/users/me/totp", &body).await
}

/// Turns the second factor on.
#[server(prefix = "/api/web", endpoint = "settings/second-factor/confirm", output = JsonText)]
pub async fn confirm_factor(code: String) -> Result<RecoveryCodes, Failure> {
    looma_app_ui::session::services()?.post("/api/v1/users/me/totp/confirm", &looma_types::user::Code { code }).await
}

/// New recovery codes in place of those there are.
#[server(prefix = "/api/web", endpoint = "settings/second-factor/codes", output = JsonText)]
pub async fn renew_codes(current_password: String) -> Result<RecoveryCodes, Failure> {
    let body = looma_types::user::CurrentPassword { current_password };
    looma_app_ui::session::services()?.post("/api/v1/users/me/totp/recovery-codes", &body).await
}

/// Turns the second factor off.
#[server(prefix = "/api/web", endpoint = "settings/second-factor/remove", output = JsonText)]
pub async fn remove_factor(current_password: String) -> Result<(), Failure> {
    let body = looma_types::user::CurrentPassword { current_password };
    looma_app_ui::session::services()?.act("/api/v1/users/me/totp/remove", &body).await
}

#[component]
pub fn SecondFactorSection() -> impl IntoView {
    let begin = ServerAction::<BeginFactor>::new();
    let confirm = ServerAction::<ConfirmFactor>::new();
    let renew = ServerAction::<RenewCodes>::new();
    let remove = ServerAction::<RemoveFactor>::new();
    let (confirmed, renewed, removed) = (done(confirm), done(renew), done(remove));
    let factor = Data::new(move || (confirmed.get(), renewed.get(), removed.get()), |_| own_factor());
    Effect::new(move |_| {
        // What was shown for the one before says nothing about the next.
        if removed.get() > 0 {
            begin.clear();
            confirm.clear();
            renew.clear();
        }
    });
    // The newest codes stay in sight until the page is left.
    let codes = move || {
        let codes = renew.answer().or_else(|| confirm.answer())?.ok()?;
        Some(view! { <Codes codes/> })
    };
    let view = move |factor: SecondFactor| match factor.since {
        Some(since) => {
            let left = plural(factor.recovery_codes, LEFT_ONE, LEFT_MANY);
            view! {
                <p class="text-13"><Badge tone=Tone::Good label=t(ON)/> " " {t(SINCE)} " " <When at=since/> " · " {left}</p>
                {codes}
                <details>
                    <summary class="text-13 muted cursor-pointer">{t(RENEW)}</summary>
                    <ActionForm action=renew attr:class="form pt-3">
                        <Proof failure=failure_of(renew) pending=renew.pending() label=t(RENEW) id="password-renew"/>
                    </ActionForm>
                </details>
                <details>
                    <summary class="text-13 muted cursor-pointer">{t(REMOVE)}</summary>
                    <ActionForm action=remove attr:class="form pt-3">
                        <Proof failure=failure_of(remove) pending=remove.pending() label=t(REMOVE) id="password-remove"/>
                    </ActionForm>
                </details>
            }
            .into_any()
        }
        None => view! { <SetUp begin confirm/> }.into_any(),
    };
    view! {
        <Section title=t(TITLE)>
            <p class="text-13 muted">{t(TEXT)}</p>
            <Loaded resource=factor view rows=2/>
        </Section>
    }
}

#[component]
fn SetUp(begin: ServerAction<BeginFactor>, confirm: ServerAction<ConfirmFactor>) -> impl IntoView {
    let failure = failure_of(confirm);
    let (scan, picture, typed, label) = (t(SCAN), t(PICTURE), t(TYPED), t(TURN_ON));
    let secret = move || begin.answer().and_then(Result::ok);
    let steps = move || match secret() {
        None => view! {
            <details>
                <summary class="text-13 muted cursor-pointer">{t(SET_UP)}</summary>
                // The secret is shown in place, which takes scripts.
                <noscript><p class="text-13 pt-2">{t(SCRIPTS)}</p></noscript>
                <ActionForm action=begin attr:class="form pt-3">
                        <Proof failure=failure_of(begin) pending=begin.pending() label=t(NEXT) id="password-begin"/>
                    </ActionForm>
            </details>
        }
        .into_any(),
        Some(secret) => view! {
            <p class="text-13">{scan}</p>
            <img class="qr" src=secret.qr alt=picture width="180" height="180"/>
            <p class="text-13 muted">{typed} " " <code class="mono" data-secret=secret.secret.clone()>{in_fours(&secret.secret)}</code></p>
            <ActionForm action=confirm attr:class="form">
                <Refusal failure/>
                <TextField name="code" label=t(CODE) autocomplete="one-time-code" max=20 error=wrong(failure, "code") focus=true/>
                <div class="form-actions"><SubmitButton label pending=confirm.pending()/></div>
            </ActionForm>
        }
        .into_any(),
    };
    view! { <div class="flex flex-col gap-3" aria-live="polite">{steps}</div> }
}

/// What a form that asks for the password has in it; `id` tells the field from others on the page.
#[component]
fn Proof(failure: Signal<Option<Failure>>, #[prop(into)] pending: Signal<bool>, label: &'static str, id: &'static str) -> impl IntoView {
    let error = wrong(failure, "current_password");
    view! {
        <Refusal failure/>
        <TextField name="current_password" id label=t(PASSWORD) kind="password" autocomplete="current-password" error/>
        <div class="form-actions"><SubmitButton label emphasis=Emphasis::Plain pending/></div>
    }
}

#[component]
fn Codes(codes: RecoveryCodes) -> impl IntoView {
    let list = codes.recovery_codes.into_iter().map(|code| view! { <li><code class="mono">{code}</code></li> }).collect_view();
    view! {
        <Alert tone=Tone::Warn text=t(ONCE)/>
        <ul class="codes" aria-label=t(RECOVERY)>{list}</ul>
    }
}

/// Easier to type.
fn in_fours(secret: &str) -> String {
    let letters: Vec<char> = secret.chars().collect();
    letters.chunks(4).map(|four| four.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

messages! {
    TITLE: "Second factor", "双重验证";
    TEXT: "With an authenticator app, your password alone is not enough to sign in.", "启用验证器应用后，仅凭密码无法登录。";
    ON: "On", "已启用";
    SINCE: "since", "启用于";
    LEFT_ONE: "{0} recovery code left", "剩余 {0} 个恢复码";
    LEFT_MANY: "{0} recovery codes left", "剩余 {0} 个恢复码";
    SET_UP: "Set up an authenticator app", "设置验证器应用";
    SCRIPTS: "Setting it up needs scripts: its secret is shown only once, on this page.", "设置需要启用脚本：密钥仅在本页显示一次。";
    NEXT: "Go on", "继续";
    SCAN: "Scan this with your authenticator app, then type the six digits that it shows.", "用验证器应用扫描此二维码，然后输入显示的六位数字。";
    PICTURE: "QR code for your authenticator app", "验证器应用二维码";
    TYPED: "Or type this key:", "或手动输入密钥：";
    CODE: "Code", "验证码";
    TURN_ON: "Turn on", "启用";
    PASSWORD: "Your password", "您的密码";
    RENEW: "New recovery codes", "生成新的恢复码";
    REMOVE: "Turn off", "关闭双重验证";
    ONCE: "Keep these recovery codes somewhere safe: each works once in place of the app, and they are shown only now.", "请妥善保存这些恢复码：每个可代替应用使用一次，且仅显示这一次。";
    RECOVERY: "Recovery codes", "恢复码";
}

//! The page of a visitor who is not signed in: the form at the left, what the product is about at the right.

use crate::button::SubmitButton;
use crate::failure::Failure;
use crate::field::{Alert, TextField, Tone};
use crate::frame::{App, Choices, Mark};
use crate::words::{Msg, t};
use leptos::prelude::*;

/// Layout of the sign-in page; children are the form.
#[component]
pub fn Gate(app: App, children: Children) -> impl IntoView {
    let (title, text) = match app {
        App::Web => (WEB_TITLE, WEB_TEXT),
        App::Admin => (ADMIN_TITLE, ADMIN_TEXT),
    };
    view! {
        <leptos_meta::Title text=t(SIGN_IN)/>
        <div class="gate">
            <main class="gate-form" id="main">
                <div class="brand"><Mark size=24/> <span class="text-16">"LoomaCRM"</span></div>
                <div class="gate-box">
                    <div>
                        <h1>{t(title)}</h1>
                        <p class="muted text-13 mt-1">{t(text)}</p>
                    </div>
                    {children()}
                </div>
                <div class="gate-foot"><Choices/></div>
            </main>
            <div class="gate-art" aria-hidden="true"><Weave/></div>
        </div>
    }
}

/// The fields of the sign-in form and its button. `failure` is the last answer, if it was none; a second factor is asked for
/// when it says so.
#[component]
pub fn SignInFields(#[prop(into)] failure: Signal<Option<Failure>>, #[prop(into)] pending: Signal<bool>) -> impl IntoView {
    let asked = Memo::new(move |before: Option<&bool>| {
        before.is_some_and(|asked| *asked) || failure.read().as_ref().is_some_and(Failure::asks_for_second_factor)
    });
    let alert = move || {
        let failure = failure.get()?;
        let (tone, text) = match failure.0.errors.first().map(|error| error.code.as_str()) {
            _ if !failure.is_signed_out() => (Tone::Bad, failure.message()),
            Some("missing") => (Tone::Neutral, t(CODE_NEEDED).to_owned()),
            Some(_) => (Tone::Bad, t(CODE_WRONG).to_owned()),
            None => (Tone::Bad, t(WRONG).to_owned()),
        };
        Some(view! { <Alert tone text/> })
    };
    view! {
        <div class="form">
            {alert}
            <TextField name="email" label=t(EMAIL) kind="email" autocomplete="username" max=254/>
            <TextField name="password" label=t(PASSWORD) kind="password" autocomplete="current-password" max=256/>
            <Show when=move || asked.get()>
                <TextField name="code" label=t(CODE) hint=t(CODE_HINT) autocomplete="one-time-code" max=20 focus=true/>
            </Show>
            <SubmitButton label=t(SIGN_IN) pending wide=true/>
        </div>
    }
}

/// A chain of introductions through a web of threads.
#[component]
fn Weave() -> impl IntoView {
    const ON: [(f64, f64, Msg); 4] = [(60.0, 330.0, YOU), (190.0, 210.0, COLLEAGUE), (340.0, 250.0, ALUMNA), (480.0, 110.0, HIRING)];
    const OFF: [(f64, f64); 9] = [
        (90.0, 120.0),
        (150.0, 400.0),
        (250.0, 80.0),
        (260.0, 360.0),
        (330.0, 150.0),
        (400.0, 400.0),
        (430.0, 300.0),
        (520.0, 230.0),
        (100.0, 230.0),
    ];
    const THREADS: [&str; 11] = [
        "M60 330C70 290 85 255 100 230",
        "M100 230C95 190 92 155 90 120",
        "M90 120C140 160 160 180 190 210",
        "M150 400C160 330 170 260 190 210",
        "M250 80C230 130 210 170 190 210",
        "M250 80C280 110 310 130 330 150",
        "M330 150C335 180 338 220 340 250",
        "M260 360C290 330 320 290 340 250",
        "M400 400C420 370 425 330 430 300",
        "M430 300C400 280 370 265 340 250",
        "M520 230C510 190 495 150 480 110",
    ];
    view! {
        <svg class="weave" viewBox="0 0 560 460">
            {THREADS.map(|d| view! { <path class="weave-thread" d=d></path> }).collect_view()}
            <path class="weave-path" d="M60 330C110 300 140 230 190 210S290 260 340 250S440 150 480 110"></path>
            {OFF.map(|(x, y)| view! { <circle class="weave-node" cx=x.to_string() cy=y.to_string() r="7"></circle> }).collect_view()}
            {ON.map(|(x, y, label)| {
                view! {
                    <circle class="weave-node weave-node-on" cx=x.to_string() cy=y.to_string() r="9"></circle>
                    <text class="weave-label" x=(x - 4.0).to_string() y=(y + 30.0).to_string()>{t(label)}</text>
                }
            }).collect_view()}
        </svg>
    }
}

crate::messages! {
    SIGN_IN: "Sign in", "登录";
    EMAIL: "E-mail", "邮箱";
    PASSWORD: "Password", "密码";
    WRONG: "E-mail or password is wrong.", "邮箱或密码不正确。";
    CODE: "Code", "验证码";
    CODE_HINT: "Six digits from your authenticator app, or a recovery code.", "验证器应用中的六位数字，或一个恢复码。";
    CODE_NEEDED: "Your account has a second factor. Type its code to go on.", "您的账号已启用双重验证，请输入验证码。";
    CODE_WRONG: "This is not the code that your app shows now, or it was used before.", "验证码不正确或已被使用。";
    WEB_TITLE: "Welcome back", "欢迎回来";
    WEB_TEXT: "Sign in to the people you know, and the way to those you do not.", "登录后查看您的人脉，以及通往更多人的路径。";
    ADMIN_TITLE: "Admin console", "管理控制台";
    ADMIN_TEXT: "For administrators of this installation.", "供本系统管理员使用。";
    YOU: "You", "您";
    COLLEAGUE: "Former colleague", "前同事";
    ALUMNA: "Her alumni group", "她的校友";
    HIRING: "Hiring manager", "用人经理";
}

//! Where an app has sent its user: the question whether it may, or the way back to it.

use leptos_router::hooks::use_location;
use looma_app_ui::permissions::permission_words;
use looma_app_ui::prelude::*;
use looma_types::oauth::{Authorization, Scope};

/// What a browser that came with `query` does next.
#[server(prefix = "/api/web", endpoint = "oauth/ask", output = JsonText)]
pub async fn ask(query: String) -> Result<Authorization, Failure> {
    answer(query, None).await
}

/// Says yes or no to the app.
#[server(prefix = "/api/web", endpoint = "oauth/decide", output = JsonText)]
pub async fn decide(query: String, #[server(default)] allow: bool) -> Result<Authorization, Failure> {
    use looma_types::oauth::Decision;
    answer(query, Some(if allow { Decision::Allow } else { Decision::Deny })).await
}

/// Ends the session and comes back, so that the user signs in anew.
#[server(prefix = "/api/web", endpoint = "oauth/again", output = JsonText)]
pub async fn sign_in_again(query: String) -> Result<(), Failure> {
    looma_app_ui::session::services()?.sign_out().await?;
    let plain = query.len() <= 8192 && query.chars().all(|c| c.is_ascii_graphic());
    leptos_axum::redirect(&if plain { format!("/oauth/authorize?{query}") } else { "/".to_owned() });
    Ok(())
}

#[cfg(feature = "ssr")]
async fn answer(query: String, decision: Option<looma_types::oauth::Decision>) -> Result<Authorization, Failure> {
    let services = looma_app_ui::session::services()?;
    let next = services.post("/oauth/authorize", &looma_types::oauth::Authorize { query, decision }).await?;
    // Scripts read the answer and go there themselves.
    if let (Authorization::Redirect { to }, false) = (&next, services.is_function) {
        leptos_axum::redirect(to);
    }
    Ok(next)
}

/// `/oauth/authorize`
#[component]
pub fn AuthorizePage() -> impl IntoView {
    let search = use_location().search;
    let query = Memo::new(move |_| search.get().trim_start_matches('?').to_owned());
    let next = Data::new(move || query.get(), ask);
    let view = move |next: Authorization| {
        let query = query.get_untracked();
        match next {
            Authorization::Redirect { to } => view! { <Leave to/> }.into_any(),
            Authorization::Consent { client, origin, scopes } => view! { <Consent query client origin scopes/> }.into_any(),
            Authorization::SignIn => view! { <Again query/> }.into_any(),
        }
    };
    view! {
        <PageHead title=t(TITLE)/>
        <div class="content content-narrow"><Loaded resource=next view rows=3/></div>
    }
}

#[component]
fn Consent(query: String, client: String, origin: String, scopes: Vec<Scope>) -> impl IntoView {
    let decide = ServerAction::<Decide>::new();
    let failure = failure_of(decide);
    let leave = move || match decide.answer() {
        Some(Ok(Authorization::Redirect { to })) => Some(view! { <Leave to/> }.into_any()),
        Some(Ok(Authorization::SignIn | Authorization::Consent { .. })) => {
            Some(view! { <Alert tone=Tone::Warn text=t(RELOAD)/> }.into_any())
        }
        _ => None,
    };
    let list = scopes.into_iter().map(|scope| view! { <li class="row">{scope_words(scope)}</li> }).collect_view();
    let same = query.clone();
    view! {
        <Section title=tf(ASKS, &[&client])>
            <Refusal failure/>
            <ul class="rows" aria-label=t(WOULD)>{list}</ul>
            <p class="text-13 muted">{tf(AFTER, &[&origin])}</p>
            <div class="flex gap-2">
                <ActionForm action=decide>
                    <input type="hidden" name="query" value=query/>
                    <input type="hidden" name="allow" value="true"/>
                    <SubmitButton label=t(ALLOW) pending=decide.pending()/>
                </ActionForm>
                <ActionForm action=decide>
                    <input type="hidden" name="query" value=same/>
                    <SubmitButton label=t(DENY) emphasis=Emphasis::Plain pending=decide.pending()/>
                </ActionForm>
            </div>
            {leave}
        </Section>
    }
}

/// Goes to the app; a link for browsers without scripts.
#[component]
fn Leave(to: String) -> impl IntoView {
    let target = to.clone();
    Effect::new(move |_| drop(window().location().set_href(&target)));
    view! { <p><a rel="external" href=to>{t(GO_ON)}</a></p> }
}

#[component]
fn Again(query: String) -> impl IntoView {
    view! {
        <p>{t(AGAIN_TEXT)}</p>
        // A form of its own: the page begins anew without the session.
        <form method="post" action="/api/web/oauth/again">
            <input type="hidden" name="query" value=query/>
            <button type="submit" class="button button-primary">{t(AGAIN)}</button>
        </form>
    }
}

/// What a scope lets an app do.
pub fn scope_words(scope: Scope) -> &'static str {
    match scope {
        Scope::OpenId => t(OPENID),
        Scope::Profile => t(PROFILE),
        Scope::Email => t(EMAIL),
        Scope::OfflineAccess => t(OFFLINE),
        Scope::Permission(permission) => permission_words(permission),
    }
}

messages! {
    TITLE: "Access for an app", "应用授权";
    ASKS: "{0} asks for access", "{0} 请求访问权限";
    WOULD: "What it would be able to do", "授权后可执行的操作";
    AFTER: "You go back to {0} afterwards. You can end this at any time in your settings.", "之后将返回 {0}。您可随时在设置中撤销授权。";
    ALLOW: "Allow", "允许";
    DENY: "Deny", "拒绝";
    GO_ON: "Go on to the app", "返回应用";
    RELOAD: "Too much time has passed. Reload the page and try again.", "停留时间过长，请刷新页面后重试。";
    AGAIN: "Sign in again", "重新登录";
    AGAIN_TEXT: "The app wants to be sure that it is you.", "该应用需要确认是您本人。";
    OPENID: "Know who you are", "识别您的身份";
    PROFILE: "See your name and language", "查看您的姓名与语言";
    EMAIL: "See your e-mail address", "查看您的邮箱地址";
    OFFLINE: "Keep this access while you are away", "在您离开时保持访问";
}

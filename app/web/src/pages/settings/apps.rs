//! The apps that a user has let in.

use crate::pages::oauth::scope_words;
use looma_app_ui::prelude::*;
use looma_types::ClientId;
use looma_types::oauth::AppAccess;

/// One's apps; a hundred at most are shown.
#[server(prefix = "/api/web", endpoint = "settings/apps", output = JsonText)]
pub async fn own_apps() -> Result<Page<AppAccess>, Failure> {
    looma_app_ui::session::services()?.get("/api/v1/users/me/apps?limit=100").await
}

/// Lets an app in no longer.
#[server(prefix = "/api/web", endpoint = "settings/apps/end", output = JsonText)]
pub async fn end_app(id: ClientId) -> Result<(), Failure> {
    looma_app_ui::session::services()?.delete(&format!("/api/v1/users/me/apps/{id}"), None).await
}

#[component]
pub fn Apps() -> impl IntoView {
    let end = ServerAction::<EndApp>::new();
    let ended = done(end);
    let apps = Data::new(move || ended.get(), |_| own_apps());
    let list = move |page: Page<AppAccess>| {
        if page.items.is_empty() {
            return view! { <p class="text-13 muted">{t(EMPTY)}</p> }.into_any();
        }
        let rows = page.items.into_iter().map(|app| row(app, end)).collect_view();
        view! { <ul class="rows">{rows}</ul> }.into_any()
    };
    view! {
        <Section title=t(APPS)>
            <Refusal failure=failure_of(end)/>
            <Loaded resource=apps view=list rows=2/>
        </Section>
    }
}

fn row(app: AppAccess, end: ServerAction<EndApp>) -> AnyView {
    let label = tf(END_ONE, &[&app.name]);
    let scopes = app.scopes.into_iter().map(scope_words).collect::<Vec<_>>().join(" · ");
    view! {
        <li class="row">
            <Glyph icon=Icon::KeyRound size=15/>
            <div class="min-w-0 flex-1">
                <p class="font-medium truncate">{app.name}</p>
                <p class="text-12 muted">{scopes}</p>
                <p class="text-12 muted">
                    {t(SINCE)} " " <When at=app.created_at/>
                    {app.last_used_at.map(|at| view! { " · " {t(USED)} " " <When at/> })}
                </p>
            </div>
            <ActionForm action=end>
                <input type="hidden" name="id" value=app.id.to_string()/>
                <button type="submit" class="button button-small button-danger" aria-label=label>{t(END)}</button>
            </ActionForm>
        </li>
    }
    .into_any()
}

messages! {
    APPS: "Apps with access", "已授权的应用";
    EMPTY: "You have let no app in.", "暂无已授权的应用。";
    SINCE: "Allowed", "授权于";
    USED: "last used", "最近使用：";
    END: "End access", "撤销授权";
    END_ONE: "End the access of {0}", "撤销 {0} 的授权";
}

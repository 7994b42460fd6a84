//! What a user decides for themselves: profile, password, second factor, sessions, apps, API keys, language and colours.

mod access;
mod apps;
mod keys;
mod second_factor;

use looma_app_ui::frame::Choices;
use looma_app_ui::prelude::*;
use looma_app_ui::words::SAVE;
use looma_types::user::User;

/// Oneself.
#[server(prefix = "/api/web", endpoint = "settings/me", output = JsonText)]
pub async fn own_user() -> Result<User, Failure> {
    looma_app_ui::session::services()?.get("/api/v1/users/me").await
}

/// Changes one's own name and language.
#[server(prefix = "/api/web", endpoint = "settings/profile", output = JsonText)]
pub async fn save_profile(version: i64, name: String, language: String) -> Result<(), Failure> {
    let services = looma_app_ui::session::services()?;
    let me: User = services.get("/api/v1/users/me").await?;
    let patch = serde_json::json!({ "name": name.trim(), "locale": language });
    let _: User = services.patch(&format!("/api/v1/users/{}", me.id), Some(version), &patch).await?;
    Ok(())
}

/// `/settings`
#[component]
pub fn SettingsPage() -> impl IntoView {
    let save = ServerAction::<SaveProfile>::new();
    let saved = done(save);
    let me = Data::new(move || saved.get(), |_| own_user());
    let (toasts, done) = (use_toasts(), t(SAVED));
    Effect::new(move |_| {
        if saved.get() > 0 {
            toasts.say(done);
        }
    });
    view! {
        <PageHead title=t(crate::SETTINGS)/>
        <div class="content content-narrow">
            <Section title=t(PROFILE)>
                <Loaded resource=me rows=3 view={move |me: User| view! { <Profile me save/> }}/>
            </Section>
            <Section title=t(LOOKS)><Choices/></Section>
            <access::Password/>
            <second_factor::SecondFactorSection/>
            <access::Sessions/>
            <apps::Apps/>
            <keys::Keys/>
        </div>
    }
}

#[component]
fn Profile(me: User, save: ServerAction<SaveProfile>) -> impl IntoView {
    let failure = failure_of(save);
    let wrong = move |field: &'static str| Signal::derive(move || failure.read().as_ref().and_then(|failure| failure.field(field)));
    let conflict = t(CONFLICT);
    let general = move || {
        let failure = failure.get().filter(|failure| failure.0.errors.is_empty())?;
        let text = if failure.0.status == 412 { conflict.to_owned() } else { failure.message() };
        Some(view! { <Alert text/> })
    };
    let languages = vec![Choice::new("zh", "中文"), Choice::new("en", "English")];
    let language = if me.fields.locale.starts_with("zh") { "zh" } else { "en" };
    view! {
        <ActionForm action=save attr:class="form">
            <input type="hidden" name="version" value=me.version/>
            {general}
            <Facts><Fact label=t(EMAIL)>{me.fields.email}</Fact> <Fact label=t(ROLE)>{keys::role_word(me.fields.role)}</Fact></Facts>
            <div class="form-row">
                <TextField name="name" label=t(NAME) value=me.fields.name autocomplete="name" error=wrong("name")/>
                <SelectField name="language" label=t(LANGUAGE) hint=t(LANGUAGE_HINT) choices=languages value=language.to_owned() error=wrong("locale")/>
            </div>
            <div class="form-actions"><SubmitButton label=t(SAVE) emphasis=Emphasis::Plain pending=save.pending()/></div>
        </ActionForm>
    }
}

messages! {
    PROFILE: "Profile", "个人资料";
    LOOKS: "Language and colours here", "界面语言与配色";
    EMAIL: "E-mail", "邮箱";
    ROLE: "Role", "角色";
    NAME: "Name", "姓名";
    LANGUAGE: "Language of messages", "消息语言";
    LANGUAGE_HINT: "For what is sent to you.", "用于发送给您的消息。";
    SAVED: "Saved", "已保存";
    CONFLICT: "Your profile was changed elsewhere. Reload the page and try again.", "您的资料已在别处修改。请刷新页面后重试。";
}

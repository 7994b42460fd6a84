//! The form that adds a user.

use super::{EMAIL, NAME, ROLE};
use crate::roles::role_word;
use looma_app_ui::prelude::*;
use looma_types::Role;

/// Adds a user and goes to the list with them open.
#[server(prefix = "/api/admin", endpoint = "users/create", output = JsonText)]
pub async fn create_user(name: String, email: String, role: Role, locale: String, password: String) -> Result<(), Failure> {
    use looma_types::user::{Contact, NewUser, User, UserDraft, UserStatus};
    let fields = UserDraft {
        email: email.trim().to_owned(),
        name: name.trim().to_owned(),
        role,
        status: UserStatus::Active,
        contact: Contact::default(),
        locale,
        metadata: serde_json::Map::new(),
    };
    let user: User = looma_app_ui::session::services()?.post("/api/v1/users", &NewUser { fields, password }).await?;
    leptos_axum::redirect(&format!("/users?user={}", user.id));
    Ok(())
}

/// The roles the viewer may give: none above their own.
pub fn role_choices() -> Vec<Choice> {
    let own = use_viewer().role;
    Role::ALL.into_iter().filter(|role| *role <= own).map(|role| Choice::new(role.as_str(), role_word(role))).collect()
}

#[component]
pub fn NewUserForm(create: ServerAction<CreateUser>) -> impl IntoView {
    let failure = failure_of(create);
    let languages = vec![Choice::new("zh", "中文"), Choice::new("en", "English")];
    view! {
        <ActionForm action=create attr:class="form">
            <Refusal failure/>
            <TextField name="name" label=t(NAME) autocomplete="off" error=wrong(failure, "name")/>
            <TextField name="email" label=t(EMAIL) kind="email" max=254 autocomplete="off" error=wrong(failure, "email")/>
            <SelectField name="role" label=t(ROLE) choices=role_choices() value=Role::User.as_str().to_owned() error=wrong(failure, "role")/>
            <SelectField name="locale" label=t(LANGUAGE) choices=languages value=locale().tag()[..2].to_owned() error=wrong(failure, "locale")/>
            <TextField name="password" label=t(PASSWORD) kind="password" hint=t(PASSWORD_HINT) autocomplete="new-password" error=wrong(failure, "password")/>
            <div class="form-actions"><SubmitButton label=t(ADD) pending=create.pending()/></div>
        </ActionForm>
    }
}

messages! {
    LANGUAGE: "Language", "语言";
    PASSWORD: "First password", "初始密码";
    PASSWORD_HINT: "10 to 200 characters. Tell it to them in private; they can change it.", "10 至 200 个字符。请私下告知对方，登录后可自行修改。";
    ADD: "Add user", "添加用户";
}

//! API keys: what lets programs work in a user's name.

use leptos_router::hooks::use_query_map;
use looma_app_ui::permissions::permission_words;
use looma_app_ui::prelude::*;
use looma_types::user::ApiKey;
use looma_types::{ApiKeyId, Permission, Role};

/// One's API keys.
#[server(prefix = "/api/web", endpoint = "settings/keys", output = JsonText)]
pub async fn own_keys(cursor: Option<String>) -> Result<Page<ApiKey>, Failure> {
    let cursor = cursor.map(|cursor| format!("&cursor={}", escape(&cursor))).unwrap_or_default();
    looma_app_ui::session::services()?.get(&format!("/api/v1/api-keys?limit=20{cursor}")).await
}

/// Makes a key; only this answer has its secret. Without `days` it does not expire; `addresses` are divided by commas or spaces.
#[server(prefix = "/api/web", endpoint = "settings/keys/make", output = JsonText)]
pub async fn make_key(
    name: String,
    role: Role,
    #[server(default)] days: Option<u16>,
    #[server(default)] scopes: Vec<Permission>,
    #[server(default)] addresses: String,
) -> Result<ApiKey, Failure> {
    use looma_types::user::ApiKeyDraft;
    let expires_at = days.map(|days| chrono::Utc::now() + chrono::TimeDelta::days(i64::from(days)));
    let parts = addresses.split([',', ' ', '\n', '\r', '\t']).filter(|part| !part.is_empty());
    let services = looma_app_ui::session::services()?;
    let addresses = parts.map(str::parse).collect::<Result<_, _>>().map_err(|why| services.refused(Failure::of_field("addresses", why)))?;
    let draft = ApiKeyDraft { name: name.trim().to_owned(), role, expires_at, scopes, addresses };
    services.post("/api/v1/api-keys", &draft).await
}

/// Deletes a key.
#[server(prefix = "/api/web", endpoint = "settings/keys/delete", output = JsonText)]
pub async fn delete_key(id: ApiKeyId) -> Result<(), Failure> {
    looma_app_ui::session::services()?.delete(&format!("/api/v1/api-keys/{id}"), None).await
}

#[component]
pub fn Keys() -> impl IntoView {
    let make = ServerAction::<MakeKey>::new();
    let delete = ServerAction::<DeleteKey>::new();
    let deleted = done(delete);
    let made = Memo::new(move |_| make.answer().and_then(Result::ok).map(|key| key.id));
    let query = use_query_map();
    let cursor = Memo::new(move |_| query.read().get("cursor"));
    let keys = Data::new(move || (deleted.get(), made.get(), cursor.get()), |(_, _, cursor)| own_keys(cursor));
    let list = move |page: Page<ApiKey>| {
        if page.items.is_empty() {
            return view! { <p class="text-13 muted">{t(EMPTY)}</p> }.into_any();
        }
        let shown = plural(page.items.len() as i64, ONE, MANY);
        let rows = page.items.into_iter().map(|key| row(key, delete)).collect_view();
        view! { <ul class="rows">{rows}</ul> <Pager shown next=page.next_cursor/> }.into_any()
    };
    view! {
        <Section title=t(KEYS)>
            <p class="text-13 muted">{t(KEYS_TEXT)}</p>
            <Loaded resource=keys view=list rows=2/>
            <NewKey make/>
        </Section>
    }
}

fn row(key: ApiKey, delete: ServerAction<DeleteKey>) -> AnyView {
    let label = tf(DELETE_ONE, &[&key.fields.name]);
    let scopes = key.fields.scopes.iter().map(|scope| permission_words(*scope)).collect::<Vec<_>>().join(", ");
    let addresses = key.fields.addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    view! {
        <li class="row">
            <Glyph icon=Icon::KeyRound size=15/>
            <div class="min-w-0 flex-1">
                <p class="font-medium truncate">{key.fields.name}</p>
                <p class="text-12 muted">
                    <code class="mono">{key.prefix} "…"</code> " · " {role_word(key.fields.role)}
                    {key.fields.expires_at.map(|at| view! { " · " {t(EXPIRES)} " " <When at/> })}
                    {key.last_used_at.map(|at| view! { " · " {t(USED)} " " <When at/> })}
                </p>
                {(!scopes.is_empty()).then(|| view! { <p class="text-12 muted">{t(ONLY_FOR)} " " {scopes}</p> })}
                {(!addresses.is_empty()).then(|| view! { <p class="text-12 muted">{t(ONLY_FROM)} " " <span class="mono">{addresses}</span></p> })}
            </div>
            <ActionForm action=delete>
                <input type="hidden" name="id" value=key.id.to_string()/>
                <button type="submit" class="button button-small button-danger" aria-label=label>{t(looma_app_ui::words::DELETE)}</button>
            </ActionForm>
        </li>
    }
    .into_any()
}

#[component]
fn NewKey(make: ServerAction<MakeKey>) -> impl IntoView {
    let role = use_viewer().role;
    let failure = failure_of(make);
    let wrong = move |field: &'static str| Signal::derive(move || failure.read().as_ref().and_then(|failure| failure.field(field)));
    let general =
        move || failure.get().filter(|failure| failure.0.errors.is_empty()).map(|failure| view! { <Alert text=failure.message()/> });
    let wrong_scope = move || failure.read().as_ref().and_then(|failure| failure.item("scopes")).map(|text| view! { <Alert text/> });
    let roles =
        move || Role::ALL.into_iter().filter(|one| *one <= role).map(|one| Choice::new(one.as_str(), role_word(one))).collect::<Vec<_>>();
    // What the maker may not do, the key could not either.
    let scopes = Permission::ALL.iter().copied().filter(|scope| role.allows(*scope)).map(|scope| {
        view! { <Checkbox name="scopes[]" label=permission_words(scope) value=scope.as_str()/> }
    });
    let scopes = scopes.collect_view();
    let (once, secret_label) = (t(ONCE), t(SECRET));
    let secret = move || {
        let secret = make.answer()?.ok()?.secret?;
        Some(view! {
            <Alert tone=Tone::Warn text=once/>
            <input class="input mono" readonly value=secret aria-label=secret_label/>
        })
    };
    view! {
        <div class="flex flex-col gap-2" aria-live="polite">{secret}</div>
        <details>
            <summary class="text-13 muted cursor-pointer">{t(NEW)}</summary>
            // The secret is shown in place, which takes scripts.
            <noscript><p class="text-13 pt-2">{t(SCRIPTS)}</p></noscript>
            <ActionForm action=make attr:class="form pt-3">
                {general}
                <div class="form-row">
                    <TextField name="name" id="key-name" label=t(NAME) max=100 error=wrong("name")/>
                    <SelectField name="role" label=t(ROLE) choices=roles() value=role.as_str().to_owned() error=wrong("role")/>
                    <TextField name="days" label=t(DAYS) kind="number" max=5 value="90".to_owned()/>
                </div>
                <fieldset>
                    <legend class="field-label">{t(SCOPES)}</legend>
                    <p class="field-hint">{t(SCOPES_HINT)}</p>
                    {wrong_scope}
                    <div class="checks">{scopes}</div>
                </fieldset>
                <TextArea name="addresses" label=t(ADDRESSES) hint=t(ADDRESSES_HINT) rows=2 max=2500 optional=true error=wrong("addresses")/>
                <div class="form-actions"><SubmitButton label=t(MAKE) emphasis=Emphasis::Plain pending=make.pending()/></div>
            </ActionForm>
        </details>
    }
}

/// A role in words.
pub fn role_word(role: Role) -> &'static str {
    t(match role {
        Role::Guest => GUEST,
        Role::User => USER,
        Role::DataAdmin => DATA_ADMIN,
        Role::Admin => ADMIN,
        Role::SuperAdmin => SUPER_ADMIN,
    })
}

messages! {
    KEYS: "API keys", "API 密钥";
    KEYS_TEXT: "A key lets a program work in your name, with the role you give it.", "程序可凭密钥以您的名义、按您授予的角色访问。";
    EMPTY: "No API keys yet.", "暂无 API 密钥。";
    ONE: "{0} key", "{0} 个密钥";
    MANY: "{0} keys", "共 {0} 个密钥";
    NEW: "New API key", "新建 API 密钥";
    NAME: "What it is for", "用途";
    ROLE: "Acts as", "角色";
    DAYS: "Days until it expires", "有效天数";
    SCOPES: "Only for", "仅限权限";
    SCOPES_HINT: "Choose what the key may do. With nothing chosen it may do all that its role may.", "选择密钥可执行的操作；不选则拥有该角色的全部权限。";
    ADDRESSES: "Only from these addresses", "仅限地址";
    ADDRESSES_HINT: "IP addresses and networks such as 192.0.2.0/24, with commas or spaces between.", "IP 地址或网段（如 192.0.2.0/24），以逗号或空格分隔。";
    ONLY_FOR: "only for:", "仅限：";
    ONLY_FROM: "only from:", "仅限来自：";
    MAKE: "Make key", "创建密钥";
    ONCE: "Copy the secret now: it is shown only this once.", "请立即复制密钥：仅显示这一次。";
    SECRET: "The key's secret", "密钥内容";
    SCRIPTS: "Making a key needs scripts: its secret is shown only once, on this page.", "创建密钥需要启用脚本：密钥仅在本页显示一次。";
    EXPIRES: "expires", "到期：";
    USED: "last used", "最近使用：";
    DELETE_ONE: "Delete the key {0}", "删除密钥 {0}";
    GUEST: "Guest", "访客";
    USER: "User", "用户";
    DATA_ADMIN: "Data administrator", "数据管理员";
    ADMIN: "Administrator", "管理员";
    SUPER_ADMIN: "Super administrator", "超级管理员";
}

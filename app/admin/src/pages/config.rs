//! What a running system can change without a restart, and its earlier versions.

mod versions;

use leptos_router::hooks::use_query_map;
use looma_app_ui::prelude::*;
use looma_types::ServiceName;
use looma_types::config::{ConfigVersion, LiveSettings};
use versions::{Difference, RollBack, Versions};

/// The settings in force.
#[server(prefix = "/api/admin", endpoint = "config/newest", output = JsonText)]
pub async fn newest_config() -> Result<ConfigVersion, Failure> {
    looma_app_ui::session::services()?.get("/api/v1/config").await
}

/// Puts other settings in force.
#[server(prefix = "/api/admin", endpoint = "config/save", output = JsonText)]
pub async fn save_config(
    version: i64,
    log_level: String,
    rate_limit_per_second: String,
    rate_limit_burst: String,
    #[server(default)] maintenance: Vec<ServiceName>,
    #[server(default)] note: String,
) -> Result<ConfigVersion, Failure> {
    // What is no number becomes 0, which is out of range: the service names the field.
    let whole = |text: &str| text.trim().parse().unwrap_or(0);
    let settings = LiveSettings {
        log_level: log_level.trim().to_owned(),
        rate_limit_per_second: whole(&rate_limit_per_second),
        rate_limit_burst: whole(&rate_limit_burst),
        maintenance,
    };
    let path = match note.trim() {
        "" => "/api/v1/config".to_owned(),
        note => format!("/api/v1/config?note={}", escape(note)),
    };
    looma_app_ui::session::services()?.put(&path, Some(version), &settings).await
}

/// `/config`, and `/config?from=1&to=2` with what differs beside.
#[component]
pub fn ConfigPage() -> impl IntoView {
    let query = use_query_map();
    let between = Memo::new(move |_| {
        let query = query.read();
        let number = |key: &str| query.get(key).and_then(|text| text.parse::<i64>().ok());
        number("from").zip(number("to"))
    });
    let save = ServerAction::<SaveConfig>::new();
    let back = ServerAction::<RollBack>::new();
    // A refused form keeps what was typed: the settings are read again only when they have changed.
    let (saved, rolled_back) = (done(save), done(back));
    let changes = move || (saved.get(), rolled_back.get());
    let newest = Data::new(changes, |_| newest_config());
    say_when_done(save, SAVED);
    say_when_done(back, ROLLED_BACK);
    view! {
        <PageHead title=t(crate::CONFIGURATION)/>
        <div class:split=move || between.get().is_some()>
            <div class="content content-wide">
                <p class="text-13 muted mb-4">{t(EXPLAINED)}</p>
                <Loaded resource=newest rows=6 view={move |newest: ConfigVersion| {
                    let version = newest.version;
                    view! {
                        <Section title=t(IN_FORCE)><Editor newest save/></Section>
                        <Section title=t(VERSIONS)><Refusal failure=failure_of(back)/> <Versions newest=version back/></Section>
                    }
                }}/>
            </div>
            {move || between.get().map(|(from, to)| view! {
                <SidePanel title=tf(DIFFERENCE, &[&from, &to]) close=Signal::derive(|| query_with(&[("from", None), ("to", None)]))>
                    <Difference from to/>
                </SidePanel>
            })}
        </div>
    }
}

#[component]
fn Editor(newest: ConfigVersion, save: ServerAction<SaveConfig>) -> impl IntoView {
    let failure = failure_of(save);
    let resting = newest.settings.maintenance.clone();
    let services = LiveSettings::MAY_REST.map(|service| {
        view! {
            <Checkbox name="maintenance[]" label=service.as_str() value=service.as_str() checked=resting.contains(&service)/>
        }
    });
    let settings = newest.settings;
    let (level, rate, burst) = (settings.log_level, settings.rate_limit_per_second.to_string(), settings.rate_limit_burst.to_string());
    view! {
        <p class="text-13 mb-4">{tf(SINCE, &[&newest.version, &newest.created_by])} " " <Exact at=newest.created_at/></p>
        <ActionForm action=save attr:class="form content-narrow">
            <Refusal failure/>
            <input type="hidden" name="version" value=newest.version/>
            <TextField name="log_level" label=t(LOG_LEVEL) hint=t(LOG_LEVEL_HINT) value=level max=500 error=wrong(failure, "log_level")/>
            <div class="form-row">
                <TextField name="rate_limit_per_second" label=t(RATE) hint=t(RATE_HINT) value=rate max=7 error=wrong(failure, "rate_limit_per_second")/>
                <TextField name="rate_limit_burst" label=t(BURST) hint=t(BURST_HINT) value=burst max=7 error=wrong(failure, "rate_limit_burst")/>
            </div>
            <fieldset class="field">
                <legend class="field-label">{t(MAINTENANCE)}</legend>
                <div class="flex flex-wrap gap-x-4 gap-y-2">{services.into_iter().collect_view()}</div>
                <p class="field-hint">{t(MAINTENANCE_HINT)}</p>
            </fieldset>
            <TextField name="note" label=t(NOTE) hint=t(NOTE_HINT) optional=true max=500 error=wrong(failure, "note")/>
            <div class="form-actions"><SubmitButton label=t(SAVE) pending=save.pending()/></div>
        </ActionForm>
    }
}

/// The settings' names, for the form and for differences.
pub fn key_word(key: &str) -> String {
    match key {
        "log_level" => t(LOG_LEVEL).to_owned(),
        "rate_limit_per_second" => t(RATE).to_owned(),
        "rate_limit_burst" => t(BURST).to_owned(),
        "maintenance" => t(MAINTENANCE).to_owned(),
        other => other.to_owned(),
    }
}

messages! {
    EXPLAINED: "These settings are in force the moment they are saved, without a restart. Every change is a version that you can go back to.", "这些设置保存后立即生效，无需重启。每次修改都会生成一个版本，可随时回退。";
    IN_FORCE: "In force", "当前生效";
    SINCE: "Version {0}, by {1},", "版本 {0}，由 {1} 设置于";
    LOG_LEVEL: "Log level", "日志级别";
    LOG_LEVEL_HINT: "Such as info, or info,looma_gateway=debug to hear more from one module.", "例如 info；或用 info,looma_gateway=debug 查看某个模块的更多日志。";
    RATE: "Requests per second", "每秒请求数";
    RATE_HINT: "That one user may make, 1 to 1,000,000.", "单个用户允许的请求数，1 至 1,000,000。";
    BURST: "Burst", "突发请求数";
    BURST_HINT: "How many may come at once above that.", "允许瞬间超出的请求数。";
    MAINTENANCE: "In maintenance", "维护中";
    MAINTENANCE_HINT: "What is ticked answers nobody but super administrators until it is ticked off again.", "勾选的服务仅对超级管理员开放，取消勾选后恢复。";
    NOTE: "Why", "修改原因";
    NOTE_HINT: "Stands beside the version.", "显示在版本记录中。";
    SAVE: "Save and apply", "保存并生效";
    SAVED: "The settings are in force", "设置已生效";
    ROLLED_BACK: "The earlier settings are in force again", "已恢复到之前的设置";
    VERSIONS: "Versions", "版本";
    DIFFERENCE: "From version {0} to {1}", "版本 {0} → {1}";
}

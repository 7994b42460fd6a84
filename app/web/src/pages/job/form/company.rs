//! The company of a job: typed by name, with those that fit offered.

use looma_app_ui::prelude::*;

/// Names of companies that hold what was typed.
#[server(prefix = "/api/web", endpoint = "jobs/companies", output = JsonText)]
pub async fn company_names(q: String) -> Result<Vec<String>, Failure> {
    use looma_types::company::Company;
    let q = if q.trim().is_empty() { String::new() } else { format!("&q={}", escape(q.trim())) };
    let page: Page<Company> = looma_app_ui::session::services()?.get(&format!("/api/v1/companies?limit=20{q}")).await?;
    Ok(page.items.into_iter().map(|company| company.fields.name).collect())
}

/// The company with this name.
#[cfg(feature = "ssr")]
pub async fn company_named(services: &looma_app_ui::session::Services, name: &str) -> Answer<looma_types::CompanyId> {
    use looma_types::company::Company;
    let page: Page<Company> = services.get(&format!("/api/v1/companies?limit=200&q={}", escape(name))).await?;
    let found = page.items.into_iter().find(|company| company.fields.name.to_lowercase() == name.to_lowercase());
    found.map(|company| company.id).ok_or_else(|| super::wrong("company_id", super::said(NO_COMPANY)))
}

/// The company by name, with those that fit offered while typing.
#[component]
pub fn CompanyField(value: String, error: Signal<Option<String>>) -> impl IntoView {
    let typed = RwSignal::new(value.clone());
    let names = Data::new(move || typed.get(), company_names);
    view! {
        <div class="field">
            <label class="field-label" for="company">{t(crate::pages::job::COMPANY)}</label>
            <input class="input" id="company" name="job[company]" list="companies" autocomplete="off" maxlength="200" required value=value
                aria-describedby="company-hint company-error" aria-invalid=move || error.get().is_some().then_some("true")
                on:input:target=move |event| typed.set(event.target().value())/>
            <datalist id="companies">
                <Transition>
                    {move || Suspend::new(async move {
                        names.await.unwrap_or_default().into_iter().map(|name| view! { <option value=name></option> }).collect_view()
                    })}
                </Transition>
            </datalist>
            <p class="field-hint" id="company-hint">{t(COMPANY_HINT)} " " <a class="link" href="/companies/new">{t(COMPANY_NEW)}</a></p>
            <div id="company-error" aria-live="polite">{move || error.get().map(|error| view! { <p class="field-error"><Glyph icon=Icon::CircleAlert size=13/> {error}</p> })}</div>
        </div>
    }
}

messages! {
    COMPANY_HINT: "Type a part of its name and choose.", "输入名称并从列表中选择。";
    COMPANY_NEW: "Add a company", "添加公司";
    NO_COMPANY: "No company has this name. Choose one of the list, or add it first.", "没有该名称的公司。请从列表中选择，或先添加公司。";
}

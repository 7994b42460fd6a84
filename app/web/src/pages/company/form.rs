//! Writing a company: the form for a new one and for one that is there.

use looma_app_ui::prelude::*;
use looma_app_ui::words::{CANCEL, SAVE};
use looma_types::CompanyId;
use looma_types::company::Company;

/// Makes or changes a company and goes to it. Without an id it is made. The address in the form is the first one.
#[server(prefix = "/api/web", endpoint = "companies/save", output = JsonText)]
#[allow(clippy::too_many_arguments, reason = "one for each field of the form")]
pub async fn save_company(
    #[server(default)] id: Option<CompanyId>,
    #[server(default)] version: Option<i64>,
    name: String,
    #[server(default)] legal_name: String,
    #[server(default)] industry: String,
    #[server(default)] size: String,
    #[server(default)] website: String,
    #[server(default)] street: String,
    #[server(default)] city: String,
    #[server(default)] country: String,
    #[server(default)] description: String,
) -> Result<(), Failure> {
    use looma_types::company::CompanyDraft;
    let services = looma_app_ui::session::services()?;
    let given = |text: String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let mut addresses = match id {
        Some(id) => services.get::<Company>(&format!("/api/v1/companies/{id}")).await?.fields.addresses,
        None => Vec::new(),
    };
    let mut first = addresses.first().cloned().unwrap_or_default();
    (first.street, first.city, first.country) = (given(street), given(city), given(country));
    if !addresses.is_empty() {
        addresses.remove(0);
    }
    if first != looma_types::company::Address::default() {
        addresses.insert(0, first);
    }
    let draft = CompanyDraft {
        name: name.trim().to_owned(),
        legal_name: given(legal_name),
        industry: given(industry),
        size: given(size),
        website: given(website),
        addresses,
        description: given(description),
    };
    let saved: Company = match id {
        Some(id) => services.put(&format!("/api/v1/companies/{id}"), version, &draft).await?,
        None => services.post("/api/v1/companies", &draft).await?,
    };
    leptos_axum::redirect(&format!("/companies/{}", saved.id));
    Ok(())
}

#[component]
pub fn CompanyForm(company: Option<Company>) -> impl IntoView {
    let save = ServerAction::<SaveCompany>::new();
    let failure = failure_of(save);
    let wrong = move |field: &'static str| Signal::derive(move || failure.read().as_ref().and_then(|failure| failure.field(field)));
    let conflict = t(CONFLICT);
    let general = move || {
        let failure = failure.get()?;
        let text = if failure.0.status == 412 { conflict.to_owned() } else { failure.message() };
        Some(view! { <Alert text/> })
    };
    let back = company.as_ref().map_or_else(|| "/companies".to_owned(), |company| format!("/companies/{}", company.id));
    let (id, version) = company.as_ref().map(|company| (company.id, company.version)).unzip();
    let fields = company.map_or_else(|| looma_types::company::CompanyDraft::named(""), |company| company.fields);
    let address = fields.addresses.into_iter().next().unwrap_or_default();
    let text = Option::<String>::unwrap_or_default;
    view! {
        <ActionForm action=save attr:class="form">
            {id.map(|id| view! { <input type="hidden" name="id" value=id.to_string()/> })}
            {version.map(|version| view! { <input type="hidden" name="version" value=version/> })}
            {general}
            <TextField name="name" label=t(NAME) value=fields.name error=wrong("name")/>
            <TextField name="legal_name" label=t(LEGAL) optional=true value=text(fields.legal_name) error=wrong("legal_name")/>
            <div class="form-row">
                <TextField name="industry" label=t(INDUSTRY) optional=true max=100 value=text(fields.industry) error=wrong("industry")/>
                <TextField name="size" label=t(SIZE) hint=t(SIZE_HINT) optional=true max=40 value=text(fields.size) error=wrong("size")/>
            </div>
            <TextField name="website" label=t(WEBSITE) kind="url" placeholder="https://" optional=true max=500 value=text(fields.website) error=wrong("website")/>
            <div class="form-row">
                <TextField name="street" label=t(STREET) optional=true max=300 value=text(address.street) error=wrong("addresses/0/street")/>
                <TextField name="city" label=t(CITY) optional=true max=100 value=text(address.city) error=wrong("addresses/0/city")/>
                <TextField name="country" label=t(COUNTRY) optional=true max=100 value=text(address.country) error=wrong("addresses/0/country")/>
            </div>
            <TextArea name="description" label=t(DESCRIPTION) optional=true rows=5 value=text(fields.description) error=wrong("description")/>
            <div class="form-actions">
                <SubmitButton label=t(SAVE) pending=save.pending()/>
                <ButtonLink label=t(CANCEL) href=back emphasis=Emphasis::Quiet/>
            </div>
        </ActionForm>
    }
}

messages! {
    NAME: "Name", "公司名称";
    LEGAL: "Legal name", "法定名称";
    INDUSTRY: "Industry", "行业";
    SIZE: "Size", "规模";
    SIZE_HINT: "Such as 11-50.", "例如 11-50。";
    WEBSITE: "Website", "网站";
    STREET: "Street", "街道";
    CITY: "City", "城市";
    COUNTRY: "Country", "国家/地区";
    DESCRIPTION: "Description", "简介";
    CONFLICT: "Somebody changed this company in the meantime. Reload the page and try again.", "此公司已被他人修改。请刷新页面后重试。";
}

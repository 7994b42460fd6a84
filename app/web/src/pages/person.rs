//! One person: who they are at the left, what is known of them in tabs at the right.

mod applications;
mod network;
mod properties;
mod remove;
mod resume;
mod resumes;
mod skills;
mod timeline;

use crate::records::name_of;
use leptos_router::hooks::{use_params_map, use_query_map};
use looma_app_ui::prelude::*;
use looma_app_ui::states::NotFound;
use looma_types::person::{Consent, Person};
use looma_types::{Permission, PersonId};
use properties::{EditPerson, Properties};
use serde::{Deserialize, Serialize};

/// A person, and what their owner is called when that may be known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PersonView {
    pub person: Person,
    pub owner: Option<String>,
}

/// One person.
#[server(prefix = "/api/web", endpoint = "people/get", output = JsonText)]
pub async fn get_person(id: PersonId) -> Result<PersonView, Failure> {
    let person: Person = looma_app_ui::session::services()?.get(&format!("/api/v1/people/{id}")).await?;
    let owner = match person.fields.owner_id {
        Some(owner) => crate::picker::label_of(owner.into()).await?,
        None => None,
    };
    Ok(PersonView { person, owner })
}

/// `/people/:id`
#[component]
pub fn PersonPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.read().get("id").and_then(|id| id.parse::<PersonId>().ok()));
    move || match id.get() {
        Some(id) => view! { <Profile id/> }.into_any(),
        None => view! { <NotFound/> }.into_any(),
    }
}

#[component]
fn Profile(id: PersonId) -> impl IntoView {
    let edit = ServerAction::<EditPerson>::new();
    let changed = done(edit);
    let person = Data::new(move || changed.get(), move |_| get_person(id));
    view! { <Loaded resource=person rows=12 view={move |found: PersonView| view! { <Record found edit/> }}/> }
}

#[component]
fn Record(found: PersonView, edit: ServerAction<EditPerson>) -> impl IntoView {
    let id = found.person.id;
    let name = name_of(&found.person.fields);
    let may_write = use_viewer().may(Permission::WritePeople);
    let remove = may_write.then(|| (found.person.version, name.clone()));
    let query = use_query_map();
    let tab = Memo::new(move |_| query.read().get("tab").unwrap_or_default());
    let address = |tab: &str| format!("/people/{id}?tab={tab}");
    let tabs = vec![
        Tab::new(format!("/people/{id}"), t(TIMELINE)),
        Tab::new(address("resumes"), t(RESUMES)),
        Tab::new(address("skills"), t(SKILLS)),
        Tab::new(address("relationships"), t(RELATIONSHIPS)),
        Tab::new(address("applications"), t(APPLICATIONS)),
    ];
    let consent = match found.person.fields.consent {
        Consent::Given => Some((Tone::Good, CONSENT_GIVEN)),
        Consent::Withdrawn => Some((Tone::Bad, CONSENT_WITHDRAWN)),
        Consent::Unknown => None,
    };
    let tags = found.person.fields.tags.iter().map(|tag| {
        view! { <Chip label=tag.clone() href=format!("/people?tag={}", escape(tag))/> }
    });
    view! {
        <PageHead title=name.clone() crumbs=vec![Crumb::new("/people", t(crate::PEOPLE))]>
            <ButtonLink label=t(INTRODUCTION) href=format!("/paths?to=person:{id}") icon=Icon::Waypoints/>
        </PageHead>
        <div class="content">
            <div class="record-head">
                <Avatar name=name.clone() large=true/>
                <div class="min-w-0">
                    <p class="record-title">{name}</p>
                    <p class="text-13 muted">{found.person.fields.headline.clone()}</p>
                    <div class="chips mt-2">
                        {consent.map(|(tone, word)| view! { <Badge tone label=t(word)/> })}
                        {tags.collect_view()}
                    </div>
                </div>
            </div>
            <div class="columns">
                <div>
                    <Properties found edit may_write/>
                    <resumes::Experience person=id/>
                    {remove.map(|(version, name)| view! { <remove::Remove id version name/> })}
                </div>
                <div class="min-w-0">
                    <Tabs label=t(PARTS) tabs/>
                    {move || match tab.get().as_str() {
                        "resumes" => view! { <resumes::Resumes person=id/> }.into_any(),
                        "skills" => view! { <skills::Skills person=id/> }.into_any(),
                        "relationships" => view! { <network::Network person=id may_write/> }.into_any(),
                        "applications" => view! { <applications::Applications person=id/> }.into_any(),
                        _ => view! { <timeline::Timeline person=id may_write/> }.into_any(),
                    }}
                </div>
            </div>
        </div>
    }
}

messages! {
    TIMELINE: "Timeline", "时间线";
    RESUMES: "Resumes", "简历";
    SKILLS: "Skills", "技能";
    RELATIONSHIPS: "Relationships", "关系";
    APPLICATIONS: "Applications", "申请";
    PARTS: "Parts of this person's record", "人才档案的各部分";
    INTRODUCTION: "Find an introduction", "寻找引荐";
    CONSENT_GIVEN: "Consent given", "已同意保存资料";
    CONSENT_WITHDRAWN: "Consent withdrawn", "已撤回同意";
}

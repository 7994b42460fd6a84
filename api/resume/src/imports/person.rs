//! Whose resume it is: the person meant, somebody known by e-mail or phone, or somebody new.

use crate::queue::ImportRow;
use axum::http::{HeaderName, Method};
use garde::Validate;
use looma_kernel::types::json_resume::JsonResume;
use looma_kernel::types::person::{Person, PersonDraft};
use looma_kernel::types::{Page, PersonId, ServiceName, UserId};
use looma_kernel::{Actor, Client, Result};
use looma_resume_parser::Parsed;
use url::form_urlencoded;
use uuid::Uuid;

/// Addresses and numbers that are looked up; a resume with more of them is odd.
const LOOKED_UP: usize = 4;

/// The person, and whether they were known already.
pub(super) async fn find_or_create(client: &Client, actor: &Actor, import: &ImportRow, parsed: &Parsed) -> Result<(PersonId, bool)> {
    if let Some(person) = import.wanted_person_id {
        return Ok((PersonId(person), true));
    }
    let draft = draft(import, &parsed.content);
    let emails = draft.emails.iter().map(|email| ("email", email));
    let phones = draft.phones.iter().map(|phone| ("phone", phone));
    for (key, value) in emails.take(LOOKED_UP).chain(phones.take(LOOKED_UP)) {
        let path = format!("/api/v1/people?{key}={}&limit=1", form_urlencoded::byte_serialize(value.as_bytes()).collect::<String>());
        let found: Page<Person> = client.get_as(actor, ServiceName::Relationship, path).await?;
        if let Some(person) = found.items.first() {
            return Ok((person.id, true));
        }
    }
    // The key makes a repetition after a crash find the person made before.
    let made = client
        .call(ServiceName::Relationship, Method::POST, "/api/v1/people")
        .actor(actor)
        .header(HeaderName::from_static("idempotency-key"), &format!("resume-import-{}", import.id))
        .json(&draft)?
        .send()
        .await?;
    Ok((made.json::<Person>()?.id, false))
}

/// What the resume says of the person, within the limits of a person's record.
fn draft(import: &ImportRow, content: &JsonResume) -> PersonDraft {
    let basics = content.basics.clone().unwrap_or_default();
    let place = basics.location.clone().unwrap_or_default();
    let place = [place.city, place.region, place.country_code].into_iter().flatten().collect::<Vec<_>>().join(", ");
    let links = basics.url.into_iter().chain(basics.profiles.into_iter().filter_map(|profile| profile.url));
    let mut draft = PersonDraft::named(cut(&name(content, &import.file_name), 200));
    draft.emails = basics.email.into_iter().map(|email| email.trim().to_lowercase()).filter(|email| is_email(email)).collect();
    draft.phones = basics.phone.into_iter().map(|phone| cut(phone.trim(), 40)).filter(|phone| phone.chars().count() >= 3).collect();
    draft.headline = basics.label.or_else(|| content.work.first()?.position.clone()).map(|text| cut(&text, 300));
    draft.location = Some(cut(&place, 200)).filter(|place| !place.is_empty());
    draft.links = links.map(|link| cut(&link, 500)).filter(|link| !link.is_empty()).take(20).collect();
    draft.owner_id = Some(import.actor_id).filter(|id| *id != Uuid::nil()).map(UserId);
    draft.source = Some("import".into());
    draft
}

/// The name the resume gives, else the file's.
fn name(content: &JsonResume, file_name: &str) -> String {
    let named = content.basics.as_ref().and_then(|basics| basics.name.clone()).filter(|name| !name.trim().is_empty());
    named.unwrap_or_else(|| file_name.rsplit_once('.').map_or(file_name, |(stem, _)| stem).to_owned())
}

/// What the resume is called in lists: who, and as what.
pub(super) fn title(content: &JsonResume, file_name: &str) -> String {
    let who = name(content, file_name);
    let label = content.basics.as_ref().and_then(|basics| basics.label.clone());
    let what = label.or_else(|| content.work.first()?.position.clone());
    cut(&what.map_or_else(|| who.clone(), |what| format!("{who} · {what}")), 200)
}

fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}

fn is_email(text: &str) -> bool {
    let mut alone = PersonDraft::named("x");
    alone.emails = vec![text.to_owned()];
    alone.validate().is_ok()
}

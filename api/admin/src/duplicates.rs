//! People that look like one: the same e-mail address, phone number or name.

use looma_kernel::types::admin::DuplicateGroup;
use looma_kernel::types::person::{Node, Person};
use looma_kernel::types::{Page, PersonId, ServiceName};
use looma_kernel::{Actor, Client, ListQuery, Result};
use std::collections::{BTreeMap, BTreeSet};
use unicode_normalization::UnicodeNormalization;

/// People that are looked at.
const MAX_PEOPLE: usize = 10_000;
/// Records that are listed of one group.
const MAX_RECORDS: usize = 50;
/// Fewer digits are an extension, not a number.
const MIN_DIGITS: usize = 7;

/// Groups of people that share something, the strongest signs first.
pub(crate) async fn find(client: &Client, actor: &Actor, query: ListQuery) -> Result<Page<DuplicateGroup>> {
    let limit = query.limit()?;
    let after: Option<(Sign, String)> = query.after()?;
    let mut groups = groups(&people(client, actor).await?);
    groups.retain(|(key, _)| after.as_ref().is_none_or(|after| key > after));
    groups.truncate(limit as usize + 1);
    let page = ListQuery::page(limit, groups, |(key, _)| key.clone());
    Ok(Page { items: page.items.into_iter().map(|(_, group)| group).collect(), next_cursor: page.next_cursor, total: None })
}

async fn people(client: &Client, actor: &Actor) -> Result<Vec<Person>> {
    let mut people: Vec<Person> = Vec::new();
    let mut cursor = String::new();
    while people.len() < MAX_PEOPLE {
        let page: Page<Person> = client.get_as(actor, ServiceName::Relationship, format!("/api/v1/people?limit=200{cursor}")).await?;
        people.extend(page.items);
        match page.next_cursor {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    Ok(people)
}

/// What two records share, the stronger the earlier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
enum Sign {
    Email,
    Phone,
    Name,
}

impl Sign {
    fn says(self, value: &str) -> String {
        match self {
            Self::Email => format!("the same e-mail address {value}"),
            Self::Phone => format!("the same phone number {value}"),
            Self::Name => format!("the same name {value}"),
        }
    }
}

fn groups(people: &[Person]) -> Vec<((Sign, String), DuplicateGroup)> {
    let mut sharing: BTreeMap<(Sign, String), BTreeMap<PersonId, &str>> = BTreeMap::new();
    for person in people {
        for key in signs(person) {
            sharing.entry(key).or_default().insert(person.id, &person.fields.name);
        }
    }
    // People that share several things are one group with several reasons, under the strongest.
    let mut seen: BTreeMap<Vec<PersonId>, usize> = BTreeMap::new();
    let mut groups: Vec<((Sign, String), DuplicateGroup)> = Vec::new();
    for (key, sharers) in sharing.into_iter().filter(|(_, sharers)| sharers.len() > 1) {
        let reason = key.0.says(&key.1);
        let ids: Vec<PersonId> = sharers.keys().copied().collect();
        if let Some((_, group)) = seen.get(&ids).and_then(|index| groups.get_mut(*index)) {
            group.reason = format!("{}, {reason}", group.reason);
            continue;
        }
        seen.insert(ids, groups.len());
        let records = sharers.into_iter().take(MAX_RECORDS).map(|(id, name)| Node { record: id.into(), label: name.to_owned() }).collect();
        groups.push((key, DuplicateGroup { reason, records }));
    }
    groups
}

fn signs(person: &Person) -> BTreeSet<(Sign, String)> {
    let fields = &person.fields;
    let emails = fields.emails.iter().map(|email| (Sign::Email, email.trim().to_lowercase()));
    let phones = fields.phones.iter().map(|phone| (Sign::Phone, digits(phone))).filter(|(_, digits)| digits.len() >= MIN_DIGITS);
    let names = std::iter::once(&fields.name).chain(fields.names.iter().map(|name| &name.value)).map(|name| (Sign::Name, plain(name)));
    emails.chain(phones).chain(names).filter(|(_, value)| !value.is_empty()).collect()
}

/// The digits of a number as it is dialled at home: no `+86`, no leading zeros.
fn digits(phone: &str) -> String {
    let digits: String = phone.nfkc().filter(char::is_ascii_digit).collect();
    let home = if phone.trim_start().starts_with("+86") || phone.trim_start().starts_with("0086") {
        digits.trim_start_matches('0').strip_prefix("86").unwrap_or(&digits).to_owned()
    } else {
        digits
    };
    home.trim_start_matches('0').to_owned()
}

/// A name without case, accents' encoding, punctuation and spare white space.
fn plain(name: &str) -> String {
    let text: String = name.nfkc().flat_map(char::to_lowercase).map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use looma_kernel::types::now;
    use looma_kernel::types::person::PersonDraft;

    fn person(id: u128, name: &str, emails: &[&str], phones: &[&str]) -> Person {
        let list = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect();
        let fields = PersonDraft { emails: list(emails), phones: list(phones), ..PersonDraft::named(name) };
        Person { id: PersonId(uuid::Uuid::from_u128(id)), fields, version: 1, created_at: now(), updated_at: now() }
    }

    #[test]
    fn people_that_share_something_are_grouped_once() {
        let people = [
            person(1, "Ann  Müller", &["ANN@example.com"], &[]),
            person(2, "ann müller", &["ann@example.com"], &["+86 138-0000-1111"]),
            person(3, "王小明", &[], &["138 0000 1111"]),
            person(4, "Bob", &[], &["12"]),
            person(5, "Carl", &[], &["12"]),
        ];
        let found: Vec<_> = groups(&people).into_iter().map(|(_, group)| (group.reason, group.records.len())).collect();
        assert_eq!(
            found,
            [
                ("the same e-mail address ann@example.com, the same name ann müller".to_owned(), 2),
                ("the same phone number 13800001111".to_owned(), 2),
            ]
        );
    }
}

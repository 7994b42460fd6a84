//! A person's fields in the one form in which they are kept.

use looma_kernel::types::person::PersonDraft;
use looma_kernel::types::problem::FieldError;
use looma_kernel::{Failure, Result};
use std::collections::HashSet;

/// The fewest digits a phone number has.
const LEAST_DIGITS: usize = 3;

/// White space trimmed, e-mails in lower case, nothing said twice.
/// # Errors
/// `invalid-input` for a phone number without digits or a blank tag.
pub(crate) fn tidy(mut draft: PersonDraft) -> Result<PersonDraft> {
    let errors: Vec<FieldError> = draft
        .phones
        .iter()
        .enumerate()
        .filter(|(_, phone)| digits(phone).len() < LEAST_DIGITS)
        .map(|(place, _)| FieldError::new(format!("/phones/{place}"), "format", "a phone number has at least three digits"))
        .chain(
            draft
                .tags
                .iter()
                .enumerate()
                .filter(|(_, tag)| tag.trim().is_empty())
                .map(|(place, _)| FieldError::new(format!("/tags/{place}"), "blank", "must not be blank")),
        )
        .collect();
    if !errors.is_empty() {
        return Err(Failure::invalid(errors));
    }
    let name = draft.name.trim().to_owned();
    draft.name = name;
    for email in &mut draft.emails {
        *email = email.trim().to_lowercase();
    }
    for text in draft.phones.iter_mut().chain(&mut draft.tags).chain(&mut draft.links) {
        *text = text.trim().to_owned();
    }
    for text in [&mut draft.headline, &mut draft.location, &mut draft.source] {
        *text = text.take().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    }
    once(&mut draft.emails, Clone::clone);
    once(&mut draft.phones, |phone| digits(phone));
    once(&mut draft.tags, Clone::clone);
    once(&mut draft.links, Clone::clone);
    Ok(draft)
}

/// Keeps the first of those that are the same.
fn once(texts: &mut Vec<String>, key: impl Fn(&String) -> String) {
    let mut seen = HashSet::new();
    texts.retain(|text| seen.insert(key(text)));
}

/// What phone numbers are compared by.
pub(crate) fn digits(phone: &str) -> String {
    phone.chars().filter_map(|c| c.to_digit(10)).filter_map(|digit| char::from_digit(digit, 10)).collect()
}

/// What a person is looked up by exactly: e-mails and the digits of phone numbers.
pub(crate) fn contacts(draft: &PersonDraft) -> impl Iterator<Item = String> + '_ {
    draft.emails.iter().cloned().chain(draft.phones.iter().map(|phone| digits(phone)))
}

/// What a part of is looked for in lists, in lower case: names, e-mails, headline.
pub(crate) fn search_text(draft: &PersonDraft) -> String {
    let names = draft.names.iter().map(|name| name.value.as_str());
    let emails = draft.emails.iter().map(String::as_str);
    let all: Vec<&str> = [draft.name.as_str()].into_iter().chain(names).chain(emails).chain(draft.headline.as_deref()).collect();
    all.join("\n").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_each_email_phone_and_tag_once_in_one_form() {
        let draft = PersonDraft {
            emails: vec!["Ann@Example.COM".into(), "ann@example.com".into()],
            phones: vec!["+86 138-0013-8000".into(), "+8613800138000".into(), "010 1234".into()],
            tags: vec![" rust ".into(), "rust".into()],
            headline: Some("  ".into()),
            ..PersonDraft::named(" Ann Li ")
        };
        let tidy = tidy(draft).unwrap();
        assert_eq!(tidy.name, "Ann Li");
        assert_eq!(tidy.emails, ["ann@example.com"]);
        assert_eq!(tidy.phones, ["+86 138-0013-8000", "010 1234"]);
        assert_eq!(tidy.tags, ["rust"]);
        assert_eq!(tidy.headline, None);
        assert_eq!(contacts(&tidy).collect::<Vec<_>>(), ["ann@example.com", "8613800138000", "0101234"]);
    }

    #[test]
    fn names_the_phone_and_the_tag_that_are_none() {
        let draft = PersonDraft { phones: vec!["12345".into(), "no number".into()], tags: vec![" ".into()], ..PersonDraft::named("Ann") };
        let pointers: Vec<_> = tidy(draft).unwrap_err().problem.errors.into_iter().map(|error| error.pointer).collect();
        assert_eq!(pointers, ["/phones/1", "/tags/0"]);
    }
}

//! What an actor may find, and the filters of a search.

use looma_kernel::types::{Permission, RecordKind, Rights, Role};
use looma_kernel::{Actor, Failure, Result};
use looma_store::text::TextQuery;
use std::collections::BTreeMap;

/// Facet → values; all facets must hold, one value of each is enough.
pub(crate) type Filters = BTreeMap<String, Vec<String>>;

/// How many values a filter has, and how long they are, at most.
const MAX_VALUES: usize = 20;
const MAX_VALUE: usize = 300;

/// What it takes to find records of a kind.
const fn permission(kind: RecordKind) -> Permission {
    match kind {
        RecordKind::Person | RecordKind::Interaction | RecordKind::Relationship | RecordKind::Application => Permission::ReadPeople,
        RecordKind::Company => Permission::ReadCompanies,
        RecordKind::Job => Permission::ReadJobs,
        RecordKind::Project => Permission::ReadProjects,
        RecordKind::Resume => Permission::ReadResumes,
        RecordKind::Skill => Permission::ReadSkills,
        RecordKind::User => Permission::ReadUsers,
    }
}

/// Whether only published jobs may be found.
pub(crate) fn published_only(role: Role) -> bool {
    role == Role::Guest
}

/// The wanted kinds, or all, without those that may not be read.
pub(crate) fn readable(rights: &Rights, wanted: &[RecordKind]) -> Vec<RecordKind> {
    let wanted = if wanted.is_empty() { &RecordKind::ALL } else { wanted };
    RecordKind::ALL.into_iter().filter(|kind| wanted.contains(kind) && rights.can(permission(*kind))).collect()
}

/// The queries that together find what the actor may find: one, or two where jobs must be published.
pub(crate) fn queries(actor: &Actor, wanted: &[RecordKind], query: &TextQuery) -> Vec<TextQuery> {
    narrowed(actor.rights(), wanted, query)
}

fn narrowed(rights: &Rights, wanted: &[RecordKind], query: &TextQuery) -> Vec<TextQuery> {
    let kinds = readable(rights, wanted);
    let (jobs, others): (Vec<_>, Vec<_>) = kinds.into_iter().partition(|kind| *kind == RecordKind::Job && published_only(rights.role));
    let mut queries = Vec::new();
    if !others.is_empty() {
        queries.push(TextQuery { kinds: others, ..query.clone() });
    }
    let statuses = query.facets.get("status");
    if !jobs.is_empty() && statuses.is_none_or(|statuses| statuses.iter().any(|status| status == "published")) {
        let mut published = TextQuery { kinds: jobs, ..query.clone() };
        published.facets.insert("status".into(), vec!["published".into()]);
        queries.push(published);
    }
    queries
}

/// `person,resume` as kinds.
/// # Errors
/// 422 naming `type`.
pub(crate) fn kinds(text: Option<&str>) -> Result<Vec<RecordKind>> {
    let words = text.unwrap_or_default().split(',').map(str::trim).filter(|word| !word.is_empty());
    words.take(MAX_VALUES).map(|word| word.parse().map_err(|error: String| Failure::field("type", "unknown", error))).collect()
}

/// `Shanghai,Berlin` as one facet's values; the whole is one too, for a value that has a comma itself.
/// # Errors
/// 422 naming the facet.
pub(crate) fn values(name: &str, text: &str) -> Result<Vec<String>> {
    let mut values: Vec<String> = text.split(',').map(|value| value.trim().to_owned()).filter(|value| !value.is_empty()).collect();
    if values.len() > 1 {
        values.push(text.trim().to_owned());
    }
    if values.len() > MAX_VALUES || values.iter().any(|value| value.chars().count() > MAX_VALUE) {
        return Err(Failure::field(name, "length", format!("at most {MAX_VALUES} values of at most {MAX_VALUE} characters")));
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guests_find_published_jobs_companies_and_skills_alone() {
        let queries = narrowed(&Role::Guest.into(), &[], &TextQuery::default());
        assert_eq!(
            queries.iter().map(|query| query.kinds.clone()).collect::<Vec<_>>(),
            [vec![RecordKind::Company, RecordKind::Skill], vec![RecordKind::Job]]
        );
        assert_eq!(queries[1].facets["status"], ["published"]);
        assert!(queries[0].facets.is_empty());
        assert!(narrowed(&Role::Guest.into(), &[RecordKind::Person, RecordKind::Resume], &TextQuery::default()).is_empty());
    }

    #[test]
    fn guests_do_not_get_at_drafts_by_a_filter() {
        let drafts = TextQuery { facets: Filters::from([("status".into(), vec!["draft".into()])]), ..TextQuery::default() };
        assert!(narrowed(&Role::Guest.into(), &[RecordKind::Job], &drafts).is_empty());
        let some =
            TextQuery { facets: Filters::from([("status".into(), vec!["draft".into(), "published".into()])]), ..TextQuery::default() };
        assert_eq!(narrowed(&Role::Guest.into(), &[RecordKind::Job], &some)[0].facets["status"], ["published"]);
    }

    #[test]
    fn users_find_every_kind_in_one_query() {
        let queries = narrowed(&Role::User.into(), &[], &TextQuery::default());
        assert_eq!(queries.len(), 1);
        assert_eq!(queries[0].kinds, RecordKind::ALL);
    }

    #[test]
    fn a_scope_narrows_what_is_found() {
        let rights = Rights::new(Role::User, Some("search:read jobs:read"));
        assert_eq!(readable(&rights, &[]), [RecordKind::Job]);
    }

    #[test]
    fn filters_are_read_value_by_value() {
        assert_eq!(values("location", " 上海 ").unwrap(), ["上海"]);
        assert_eq!(values("location", "Paris, France").unwrap(), ["Paris", "France", "Paris, France"]);
        assert!(values("location", " , ").unwrap().is_empty());
        assert_eq!(values("skill", &"x,".repeat(30)).unwrap_err().problem.errors[0].pointer, "skill");
        assert_eq!(kinds(Some("person,resume")).unwrap(), [RecordKind::Person, RecordKind::Resume]);
        assert_eq!(kinds(Some("dog")).unwrap_err().problem.errors[0].pointer, "type");
    }
}

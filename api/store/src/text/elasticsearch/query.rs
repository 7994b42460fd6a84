//! From clauses to the engine's queries. What they match, and what a match is worth, is as in the embedded index.

use super::super::document::{facet_prefix, facet_text, key_text};
use super::super::parse::{self, Beginning, Clause, Shape};
use super::super::{KINDS, MAX_CANDIDATES, MAX_LIMIT, MAX_OFFSET, TextQuery};
use super::index::kept;
use looma_types::{RecordKind, WorkspaceId};
use serde_json::{Value, json};

/// How many words are looked for; what more was typed is passed over.
const MAX_WORDS: usize = 64;
/// How many values one `terms` clause may hold.
const MAX_TERMS: usize = 50_000;
/// How many values of a facet are answered.
const MAX_VALUES: usize = 50;
/// The fields, and what a match in each is worth.
const FIELDS: [(&str, f32); 3] = [("title", 3.0), ("subtitle", 1.5), ("body", 1.0)];

/// The best hits in order of score and record, how many there are, and the counts of facets by their place in the query.
pub fn search(workspace: WorkspaceId, query: &TextQuery, clauses: &[Clause]) -> Value {
    let mut filter = within(workspace, &query.kinds);
    for (name, values) in &query.facets {
        filter.push(any_of("facet", values.iter().map(|value| facet_text(name, value)).collect()));
    }
    if let Some(only) = &query.only {
        filter.push(any_of("key", only.iter().map(|record| key_text(&(workspace, *record))).collect()));
    }
    let (without, wanted): (Vec<&Clause>, Vec<&Clause>) = clauses.iter().partition(|clause| clause.without);
    let wanted: Vec<Value> = wanted.into_iter().take(MAX_WORDS).map(scored).collect();
    let must = if query.any_word && !wanted.is_empty() { vec![either(wanted)] } else { wanted };
    let must_not: Vec<Value> = without.into_iter().take(MAX_WORDS).map(scored).collect();
    let counts: serde_json::Map<String, Value> =
        query.count.iter().enumerate().map(|(place, name)| (place.to_string(), count(name))).collect();
    json!({
        "from": query.offset.min(MAX_OFFSET),
        "size": query.limit.min(MAX_LIMIT),
        "track_total_hits": true,
        "_source": ["record", "title", "source"],
        "query": { "bool": { "filter": filter, "must": must, "must_not": must_not } },
        "sort": [{ "_score": "desc" }, { "order": "asc" }],
        "aggs": counts,
    })
}

/// Titles that have the words of `typed`, the last of them perhaps not typed to its end; `None` where it has none.
pub fn beginning(workspace: WorkspaceId, typed: &str, kinds: &[RecordKind]) -> Option<Value> {
    let Beginning { words, prefix } = parse::beginning(typed)?;
    let mut filter = within(workspace, kinds);
    filter.extend(words.iter().map(|shape| matching("title", shape, 1.0)));
    filter.extend(prefix.map(|text| json!({ "prefix": { "title_words": text } })));
    Some(json!({
        "size": MAX_CANDIDATES,
        "_source": ["record", "title"],
        "query": { "bool": { "filter": filter } },
        "sort": [{ "order": "asc" }],
    }))
}

/// Every living record after one, in order of key.
pub fn living(after: Option<&str>, size: usize) -> Value {
    let mut page = json!({
        "size": size,
        "_source": false,
        "docvalue_fields": ["version"],
        "query": { "exists": { "field": "workspace" } },
        "sort": [{ "key": "asc" }],
    });
    if let Some(after) = after {
        page["search_after"] = json!([after]);
    }
    page
}

fn within(workspace: WorkspaceId, kinds: &[RecordKind]) -> Vec<Value> {
    let mut filter = vec![json!({ "term": { "workspace": workspace.to_string() } })];
    if !kinds.is_empty() {
        filter.push(any_of("kind", kinds.iter().map(|kind| kind.as_str().to_owned()).collect()));
    }
    filter
}

fn any_of(field: &str, values: Vec<String>) -> Value {
    either(values.chunks(MAX_TERMS).map(|values| json!({ "terms": { field: values } })).collect())
}

fn either(mut of: Vec<Value>) -> Value {
    if of.len() == 1 { of.remove(0) } else { json!({ "bool": { "should": of, "minimum_should_match": 1 } }) }
}

fn scored(clause: &Clause) -> Value {
    let parts = clause.any.iter().flat_map(|(shape, worth)| FIELDS.map(|(field, boost)| matching(field, shape, worth * boost)));
    either(parts.collect())
}

fn matching(field: &str, shape: &Shape, boost: f32) -> Value {
    match shape {
        Shape::Term(word) => json!({ "term": { format!("{field}_words"): { "value": kept(word), "boost": boost } } }),
        Shape::Phrase(words) => {
            json!({ "match_phrase": { format!("{field}_row"): { "query": words.iter().map(|word| kept(word)).collect::<Vec<_>>().join(" "), "boost": boost } } })
        }
    }
}

fn count(name: &str) -> Value {
    let order = json!([{ "_count": "desc" }, { "_key": "asc" }]);
    if name == KINDS {
        return json!({ "terms": { "field": "kind", "size": RecordKind::ALL.len(), "order": order } });
    }
    let include = format!("{}.*", literally(&facet_prefix(name)));
    json!({ "terms": { "field": "facet", "include": include, "size": MAX_VALUES, "order": order } })
}

/// A text as a pattern that matches it alone.
fn literally(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii_punctuation() {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern
}

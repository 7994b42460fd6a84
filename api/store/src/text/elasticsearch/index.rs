//! How a record lies in the engine's index. Our own analysis makes the words; the engine keeps them as they come.

use super::super::analysis::{row, words};
use super::super::document::{bodies, facets, key_text, kind_number, source, subtitle, title};
use super::super::{MAX_LIMIT, MAX_OFFSET};
use crate::projection::Projected;
use crate::version::Key;
use serde_json::{Map, Value, json};
use std::borrow::Cow;

/// A word as the engine keeps it: it takes words apart at spaces, which some fold to, and leaves out empty ones.
pub fn kept(word: &str) -> Cow<'_, str> {
    if word.is_empty() {
        return "␀".into();
    }
    if word.chars().any(char::is_whitespace) { word.replace(char::is_whitespace, "␠").into() } else { word.into() }
}

/// A new index: settings and fields, with another name that leads to it.
pub fn definition(alias: &str) -> Value {
    let text = |positions: bool| json!({ "type": "text", "analyzer": "whitespace", "norms": !positions, "index_options": if positions { "positions" } else { "freqs" } });
    let mut properties = Map::new();
    for field in ["title", "subtitle", "body"] {
        // Every word once for each form it is found by, and one word a position for phrases.
        properties.insert(format!("{field}_words"), text(false));
        properties.insert(format!("{field}_row"), text(true));
    }
    for field in ["key", "workspace", "kind", "order", "facet"] {
        properties.insert(field.into(), json!({ "type": "keyword" }));
    }
    properties.insert("version".into(), json!({ "type": "long", "index": false }));
    json!({
        "aliases": { alias: {} },
        "settings": {
            "number_of_shards": 1,
            "auto_expand_replicas": "0-1",
            // Whoever applies makes it visible.
            "refresh_interval": "-1",
            "max_result_window": MAX_OFFSET + MAX_LIMIT,
        },
        "mappings": {
            "dynamic": false,
            "_source": { "excludes": ["*_words", "*_row", "facet", "order"] },
            "properties": properties,
        },
    })
}

/// A record as a document.
pub fn document(key: &Key, projected: &Projected, version: i64) -> Value {
    let (workspace, record) = key;
    let join = |words: &mut dyn Iterator<Item = String>| words.map(|word| kept(&word).into_owned()).collect::<Vec<_>>().join(" ");
    let body = bodies(projected).collect::<Vec<_>>();
    let mut document = tombstone(key, version);
    let more = json!({
        "workspace": workspace.to_string(),
        "kind": record.kind.as_str(),
        "order": format!("{:02}{}", kind_number(record.kind), record.id.simple()),
        "record": record.to_string(),
        "title": title(projected),
        "source": source(projected),
        "facet": facets(projected),
        "title_words": join(&mut words(title(projected))),
        "title_row": join(&mut row(title(projected))),
        "subtitle_words": join(&mut subtitle(projected).into_iter().flat_map(words)),
        "subtitle_row": join(&mut subtitle(projected).into_iter().flat_map(row)),
        "body_words": join(&mut body.iter().copied().flat_map(words)),
        // A list: no phrase goes on from one text to the next.
        "body_row": body.iter().map(|text| join(&mut row(text))).collect::<Vec<_>>(),
    });
    if let (Some(document), Value::Object(more)) = (document.as_object_mut(), more) {
        document.extend(more);
    }
    document
}

/// What remains of a record that is gone: which version may not come back.
pub fn tombstone(key: &Key, version: i64) -> Value {
    json!({ "key": key_text(key), "version": version })
}

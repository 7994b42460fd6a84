//! JSON Resume as a source: checked for depth and size, then taken as it is.

use std::collections::BTreeMap;

use looma_types::json_resume::{JsonResume, Provenance};
use serde_json::Value;

use crate::problem::{ParseProblem, ProblemCode};

const MAX_BYTES: usize = 2 * 1024 * 1024;
const MAX_DEPTH: u32 = 16;
const MAX_NODES: usize = 20_000;
const MAX_QUOTE: usize = 300;
const SECTIONS: [&str; 12] = [
    "basics",
    "work",
    "volunteer",
    "education",
    "awards",
    "certificates",
    "publications",
    "skills",
    "languages",
    "interests",
    "references",
    "projects",
];

fn invalid(detail: impl Into<String>) -> ParseProblem {
    ParseProblem::new(ProblemCode::InvalidJson, detail)
}

pub fn read(text: &str) -> Result<(JsonResume, BTreeMap<String, Provenance>), ParseProblem> {
    if text.len() > MAX_BYTES {
        return Err(ParseProblem::new(ProblemCode::TooLarge, "This JSON is larger than 2 MiB; a JSON Resume must be smaller."));
    }
    let value: Value = serde_json::from_str(text).map_err(|error| invalid(format!("This is no valid JSON: {error}.")))?;
    let mut nodes = 0;
    let value = bounded(value, 0, &mut nodes)?;
    let known = value.as_object().is_some_and(|map| SECTIONS.iter().any(|section| map.contains_key(*section)));
    if !known {
        return Err(invalid(
            "This JSON is no JSON Resume: it has no \"basics\", \"work\" or \"education\". See https://jsonresume.org/schema.",
        ));
    }
    let mut provenance = BTreeMap::new();
    collect(&value, &mut String::new(), &mut provenance);
    let content =
        serde_json::from_value(value).map_err(|error| invalid(format!("This JSON does not follow the JSON Resume schema: {error}.")))?;
    Ok((content, provenance))
}

/// Drops nulls, and refuses what is deeper or larger than any resume.
fn bounded(value: Value, depth: u32, nodes: &mut usize) -> Result<Value, ParseProblem> {
    *nodes += 1;
    if depth > MAX_DEPTH || *nodes > MAX_NODES {
        return Err(invalid("This JSON is nested deeper or has more values than a resume can have."));
    }
    Ok(match value {
        Value::Array(items) => {
            let mut kept = Vec::with_capacity(items.len());
            for item in items {
                if !item.is_null() {
                    kept.push(bounded(item, depth + 1, nodes)?);
                }
            }
            Value::Array(kept)
        }
        Value::Object(map) => {
            let mut kept = serde_json::Map::new();
            for (key, item) in map {
                if !item.is_null() {
                    kept.insert(key, bounded(item, depth + 1, nodes)?);
                }
            }
            Value::Object(kept)
        }
        other => other,
    })
}

fn collect(value: &Value, pointer: &mut String, out: &mut BTreeMap<String, Provenance>) {
    let length = pointer.len();
    match value {
        Value::Object(map) => {
            for (key, item) in map {
                pointer.push('/');
                pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
                collect(item, pointer, out);
                pointer.truncate(length);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                pointer.push('/');
                pointer.push_str(&index.to_string());
                collect(item, pointer, out);
                pointer.truncate(length);
            }
        }
        Value::String(text) => {
            out.insert(pointer.clone(), Provenance { confidence: 1.0, page: None, quote: text.chars().take(MAX_QUOTE).collect() });
        }
        Value::Number(number) => {
            out.insert(pointer.clone(), Provenance { confidence: 1.0, page: None, quote: number.to_string() });
        }
        _ => {}
    }
}

//! How things lie in the engine: the names of collections and objects, and what they hold.

use crate::version::Key;
use crate::{Error, Result};
use looma_types::WorkspaceId;
use serde_json::{Value, json};
use uuid::Uuid;

/// A generation: what one rebuild has filled. The first has no name of its own.
pub type Generation = Uuid;

/// The collections of one namespace.
#[derive(Clone, Debug)]
pub struct Names {
    prefix: String,
}

impl Names {
    pub fn new(namespace: &str) -> Self {
        let mut letters = namespace.chars();
        let first = letters.next().map(|c| c.to_ascii_uppercase());
        // Small letters, digits and `_` follow: what is added begins with a capital, so that no two namespaces meet.
        Self { prefix: first.into_iter().chain(letters).collect() }
    }

    /// Says which generation is live.
    pub fn live(&self) -> String {
        format!("{}Live", self.prefix)
    }

    /// What is held of each record, and the position.
    pub fn records(&self, generation: Generation) -> String {
        format!("{}Record{}", self.prefix, generation.simple())
    }

    /// The passages whose vectors have one length.
    pub fn passages(&self, generation: Generation, width: usize) -> String {
        format!("{}Passage{}W{width}", self.prefix, generation.simple())
    }

    /// The generation that a collection belongs to; none where it is no collection of ours.
    pub fn generation(&self, collection: &str) -> Option<Generation> {
        let rest = collection.strip_prefix(&self.prefix)?;
        let rest = rest.strip_prefix("Record").or_else(|| rest.strip_prefix("Passage"))?;
        rest.get(..32)?.parse().ok()
    }

    /// Whether a collection holds passages of a generation.
    pub fn is_passages(&self, collection: &str, generation: Generation) -> bool {
        collection.starts_with(&format!("{}Passage{}W", self.prefix, generation.simple()))
    }
}

fn exact(name: &str, filtered: bool) -> Value {
    json!({ "name": name, "dataType": ["text"], "tokenization": "field", "indexFilterable": filtered, "indexSearchable": false })
}

fn number(name: &str, filtered: bool) -> Value {
    json!({ "name": name, "dataType": ["int"], "indexFilterable": filtered, "indexRangeFilters": filtered })
}

/// A collection without vectors. Versions are text here: the query language answers no whole number above 2³¹.
pub fn ledger(name: &str) -> Value {
    json!({
        "class": name,
        "vectorizer": "none",
        "vectorIndexType": "hnsw",
        "vectorIndexConfig": { "skip": true },
        "properties": [exact("key", false), exact("version", false), { "name": "lives", "dataType": ["boolean"] }, number("position", false), exact("generation", false)],
    })
}

/// A collection of passages. What a filter leaves of it is compared one by one up to some tens of thousands, so that answers are exact
/// where they can be; beyond that the engine's graph is asked. Its links are as many as such graphs usually have: twice as many
/// took half as long again to write and found nothing more.
pub fn passages(name: &str) -> Value {
    json!({
        "class": name,
        "vectorizer": "none",
        "vectorIndexType": "hnsw",
        "vectorIndexConfig": { "distance": "dot", "skipDefaultQuantization": true, "flatSearchCutoff": 40_000, "maxConnections": 16, "efConstruction": 64 },
        "invertedIndexConfig": { "indexTimestamps": false },
        "properties": [exact("workspace", true), exact("kind", true), exact("record", true), exact("owner", true), exact("title", false), number("version", true)],
    })
}

/// The same text has the same name.
pub fn id(text: &str) -> Uuid {
    let hash = blake3::hash(text.as_bytes());
    let bytes = hash.as_bytes().first_chunk::<16>().copied().unwrap_or_default();
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}

pub fn key_text((workspace, record): &Key) -> String {
    format!("{workspace} {record}")
}

pub fn read_key(text: &str) -> Result<Key> {
    let broken = || Error::corrupt("vectors", format!("`{text}` is no key"));
    let (workspace, record) = text.split_once(' ').ok_or_else(broken)?;
    let workspace: WorkspaceId = workspace.parse().map_err(|_| broken())?;
    Ok((workspace, record.parse().map_err(|_| broken())?))
}

/// One thing that must hold, in the query language.
pub fn is_any(property: &str, values: &[String]) -> String {
    format!("{{path: [\"{property}\"], operator: ContainsAny, valueText: {}}}", json!(values))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn collections_know_their_generation() {
        let names = Names::new("looma_independent");
        let generation = Uuid::now_v7();
        assert_eq!(names.generation(&names.records(generation)), Some(generation));
        assert_eq!(names.generation(&names.passages(generation, 256)), Some(generation));
        assert!(names.is_passages(&names.passages(generation, 256), generation));
        assert!(!names.is_passages(&names.records(generation), generation));
        assert_eq!(names.generation(&names.live()), None);
        assert_eq!(Names::new("looma").generation(&names.records(generation)), None, "another namespace");
    }
}

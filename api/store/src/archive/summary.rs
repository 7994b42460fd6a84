//! What an archive holds: how much of each part, and a checksum of it.

use crate::documents::canonical::canonical;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Equal for stores that hold the same, whichever they are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// By path, such as `rows/person` or `blobs/<workspace>`; what is empty is left out.
    pub parts: BTreeMap<String, Part>,
    /// BLAKE3 over the parts.
    pub total: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Rows, documents or blobs.
    pub count: u64,
    /// Over its lines in order; a blob's line is its hash.
    pub blake3: String,
}

impl Summary {
    /// How many rows, documents or blobs there are, as `kind` is the first word of a path.
    pub fn count(&self, kind: &str) -> u64 {
        self.parts.iter().filter(|(path, _)| path.split('/').next() == Some(kind)).map(|(_, part)| part.count).sum()
    }

    /// The parts in which two differ.
    pub fn differences(&self, other: &Self) -> Vec<String> {
        let paths: std::collections::BTreeSet<_> = self.parts.keys().chain(other.parts.keys()).collect();
        paths.into_iter().filter(|path| self.parts.get(*path) != other.parts.get(*path)).cloned().collect()
    }
}

/// Counts and hashes what passes.
#[derive(Default)]
pub struct Tally {
    parts: BTreeMap<String, (u64, blake3::Hasher)>,
}

impl Tally {
    /// Lines of a part, each with its end.
    pub fn add(&mut self, path: &str, count: u64, lines: &[u8]) {
        if !self.parts.contains_key(path) {
            self.parts.insert(path.to_owned(), Default::default());
        }
        if let Some((all, hasher)) = self.parts.get_mut(path) {
            *all += count;
            hasher.update(lines);
        }
    }

    pub fn summary(&self) -> Summary {
        let part = |(count, hasher): &(u64, blake3::Hasher)| Part { count: *count, blake3: hasher.finalize().to_hex().to_string() };
        let parts: BTreeMap<String, Part> = self.parts.iter().map(|(path, tally)| (path.clone(), part(tally))).collect();
        let total = blake3::hash(&canonical(&serde_json::json!(parts))).to_hex().to_string();
        Summary { parts, total }
    }
}

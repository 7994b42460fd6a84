//! Which adapter each role uses, and where it is.

use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Only embedded stores can be chosen so far; everything lives below `data`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StoreSettings {
    /// The folder of the embedded stores.
    #[serde(skip)]
    pub data: PathBuf,
    /// Keep nothing: all in memory, for tests.
    #[serde(skip)]
    pub in_memory: bool,
    /// How many connections may read at once.
    pub sql_readers: u32,
    /// How many values the cache keeps.
    pub cache_entries: u64,
}

impl Default for StoreSettings {
    fn default() -> Self {
        Self { data: PathBuf::from("data"), in_memory: false, sql_readers: 4, cache_entries: 10_000 }
    }
}

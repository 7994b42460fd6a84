//! The files in `deploy` agree with the program and with their own formats. Nothing is started.

mod compose;
mod image;
mod watching;

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// A YAML file with its anchors and merged keys in place.
fn yaml(path: &str) -> Value {
    let mut file: serde_norway::Value = serde_norway::from_str(&read(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    // What is merged may hold something to merge itself.
    loop {
        let before = file.clone();
        file.apply_merge().unwrap();
        if file == before {
            break serde_json::to_value(file).unwrap();
        }
    }
}

fn texts(value: &Value) -> Vec<&str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().into_iter().flatten().map(|(key, _)| key.as_str()).collect()
}

//! Every fixture is read as its truth says; people and layouts are invented and unlike each other.

use std::fs;
use std::path::{Path, PathBuf};

use looma_resume_parser::{Parsed, parse};
use serde_json::Value;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

fn read(name: &str) -> Parsed {
    let bytes = fs::read(folder().join(name)).unwrap();
    parse(name, &bytes).unwrap_or_else(|problem| panic!("{name}: {problem}"))
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or("")
}

/// The fields of each entry that count, in order.
fn rows(list: &Value, keys: &[&str]) -> Vec<Vec<String>> {
    list.as_array()
        .map_or_else(Vec::new, |items| items.iter().map(|item| keys.iter().map(|key| text(item, key).to_owned()).collect()).collect())
}

/// Names and keywords of skills, flat.
fn skills(list: &Value) -> Vec<String> {
    let mut out = Vec::new();
    for skill in list.as_array().into_iter().flatten() {
        match skill["keywords"].as_array().filter(|words| !words.is_empty()) {
            Some(words) => out.extend(words.iter().filter_map(Value::as_str).map(str::to_owned)),
            None => out.push(text(skill, "name").to_owned()),
        }
    }
    out.sort();
    out
}

#[test]
fn fixtures_are_read_as_their_truth_says() {
    let mut seen = 0;
    for entry in fs::read_dir(folder().join("truth")).unwrap() {
        let path = entry.unwrap().path();
        let truth: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let file = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let parsed = read(&file);
        let found = serde_json::to_value(&parsed.content).unwrap();
        for key in ["name", "email", "phone"] {
            assert_eq!(text(&found["basics"], key), text(&truth["basics"], key), "{file}: {key}");
        }
        let work = ["name", "position", "startDate", "endDate"];
        assert_eq!(rows(&found["work"], &work), rows(&truth["work"], &work), "{file}: work");
        let schools = ["institution", "studyType", "area", "startDate", "endDate"];
        assert_eq!(rows(&found["education"], &schools), rows(&truth["education"], &schools), "{file}: education");
        assert_eq!(skills(&found["skills"]), skills(&truth["skills"]), "{file}: skills");
        for (index, job) in truth["work"].as_array().into_iter().flatten().enumerate() {
            assert_eq!(
                found["work"][index]["highlights"].as_array().map_or(0, Vec::len),
                job["highlights"].as_u64().unwrap() as usize,
                "{file}: highlights of job {index}"
            );
        }
        seen += 1;
    }
    assert!(seen >= 10, "only {seen} fixtures");
}

#[test]
fn every_quote_stands_in_the_text_and_every_pointer_leads_to_a_field() {
    for entry in fs::read_dir(folder().join("truth")).unwrap() {
        let file = entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned();
        let parsed = read(&file);
        let content = serde_json::to_value(&parsed.content).unwrap();
        assert!(parsed.provenance.len() > 10, "{file}");
        for (pointer, source) in &parsed.provenance {
            assert!(content.pointer(pointer).is_some(), "{file}: nothing at {pointer}");
            assert!(parsed.text.contains(&source.quote), "{file}: {pointer} quotes {:?}", source.quote);
            assert!((0.0..=1.0).contains(&source.confidence), "{file}: {pointer}");
            assert_eq!(source.page.is_some(), Path::new(&file).extension().is_some_and(|end| end == "pdf"), "{file}: {pointer}");
        }
    }
}

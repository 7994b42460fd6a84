//! What every document store must do.

use crate::{Documents, Error};
use futures::future::join_all;
use looma_types::WorkspaceId;
use serde_json::{Value, json};

/// Runs on any store; uses workspaces of its own.
pub async fn suite(documents: &dyn Documents) {
    names(documents).await;
    workspaces_and_kinds(documents).await;
    many(documents).await;
    at_once(documents).await;
    paged_while_written(documents).await;
    limits(documents).await;
    documents.ping().await.expect("it answers");
}

async fn names(documents: &dyn Documents) {
    let workspace = WorkspaceId::new();
    let first: Value = serde_json::from_str(r#"{"name": "王芳", "work": [{"b": 1, "a": [true, null, 1.5]}]}"#).unwrap();
    let second: Value = serde_json::from_str(r#"{"work": [{"a": [true, null, 1.5], "b": 1}], "name": "王芳"}"#).unwrap();
    let hash = documents.put(workspace, "resume", &first).await.unwrap();
    assert!(hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()), "{hash}");
    assert_eq!(documents.put(workspace, "resume", &second).await.unwrap(), hash, "the order of keys makes no other document");
    assert_eq!(documents.get(workspace, "resume", &hash).await.unwrap(), Some(first));
    let other = documents.put(workspace, "resume", &json!({"name": "王方"})).await.unwrap();
    assert_ne!(other, hash);
    assert!(documents.delete(workspace, "resume", &hash).await.unwrap());
    assert!(!documents.delete(workspace, "resume", &hash).await.unwrap());
    assert_eq!(documents.get(workspace, "resume", &hash).await.unwrap(), None);
    assert!(documents.get(workspace, "resume", &other).await.unwrap().is_some(), "the other one stays");
    for odd in ["", "..", "%", "'; DROP TABLE documents; --", &"0".repeat(64)] {
        assert_eq!(documents.get(workspace, "resume", odd).await.unwrap(), None);
    }
    for value in [
        json!(null),
        json!([]),
        json!({}),
        json!("\u{0}\u{1F600}\"\\"),
        json!(i64::MIN),
        json!(u64::MAX),
        json!(0.1),
        json!({"$set": {"a.b": 1}, "": [[[]]], "键": "\u{10FFFF}"}),
    ] {
        let hash = documents.put(workspace, "value", &value).await.unwrap();
        assert_eq!(documents.get(workspace, "value", &hash).await.unwrap(), Some(value));
    }
}

async fn workspaces_and_kinds(documents: &dyn Documents) {
    let (ours, theirs) = (WorkspaceId::new(), WorkspaceId::new());
    let hash = documents.put(ours, "resume", &json!({"secret": 1})).await.unwrap();
    assert_eq!(documents.get(theirs, "resume", &hash).await.unwrap(), None);
    assert_eq!(documents.get(ours, "original", &hash).await.unwrap(), None);
    assert_eq!(documents.get_many(theirs, "resume", std::slice::from_ref(&hash)).await.unwrap(), vec![None]);
    assert!(!documents.delete(theirs, "resume", &hash).await.unwrap());
    assert!(documents.list(theirs, "resume", None, 10).await.unwrap().is_empty());
    assert!(documents.get(ours, "resume", &hash).await.unwrap().is_some());
}

async fn many(documents: &dyn Documents) {
    let workspace = WorkspaceId::new();
    let mut hashes = Vec::new();
    for number in 0..50 {
        hashes.push(documents.put(workspace, "resume", &json!({ "number": number })).await.unwrap());
    }
    let together: Vec<_> = (50..450).map(|number| json!({ "number": number })).collect();
    hashes.extend(documents.put_many(workspace, "resume", &together).await.unwrap());
    assert_eq!(documents.put_many(workspace, "resume", &together[..2]).await.unwrap(), hashes[50..52], "in the order given");
    let mut asked: Vec<String> = hashes.iter().rev().cloned().collect();
    asked.insert(1, "0".repeat(64));
    asked.push(hashes[7].clone());
    let found = documents.get_many(workspace, "resume", &asked).await.unwrap();
    assert_eq!(found.len(), 452);
    assert_eq!(found[0], Some(json!({"number": 449})));
    assert_eq!(found[1], None);
    assert_eq!(found[450], Some(json!({"number": 0})));
    assert_eq!(found[451], Some(json!({"number": 7})), "asked twice, answered twice");
    let mut listed = Vec::new();
    loop {
        let page = documents.list(workspace, "resume", listed.last().map(String::as_str), 100).await.unwrap();
        assert!(page.len() <= 100);
        if page.is_empty() {
            break;
        }
        listed.extend(page);
    }
    hashes.sort_unstable();
    assert_eq!(listed, hashes, "all of them, in order, none twice");
}

async fn at_once(documents: &dyn Documents) {
    let workspace = WorkspaceId::new();
    let value = json!({"at": "once", "large": "x".repeat(100_000)});
    let hashes = join_all((0..16).map(|_| documents.put(workspace, "resume", &value))).await;
    let hashes: Vec<String> = hashes.into_iter().map(Result::unwrap).collect();
    assert!(hashes.iter().all(|hash| *hash == hashes[0]));
    assert_eq!(documents.list(workspace, "resume", None, 10).await.unwrap(), [hashes[0].clone()], "kept once");
    let deleted = join_all((0..8).map(|_| documents.delete(workspace, "resume", &hashes[0]))).await;
    assert_eq!(deleted.into_iter().filter(|gone| *gone.as_ref().unwrap()).count(), 1, "deleted once");
}

async fn paged_while_written(documents: &dyn Documents) {
    let workspace = WorkspaceId::new();
    let mut before = Vec::new();
    for number in 0..60 {
        before.push(documents.put(workspace, "resume", &json!({ "before": number })).await.unwrap());
    }
    let mut listed: Vec<String> = Vec::new();
    loop {
        let page = documents.list(workspace, "resume", listed.last().map(String::as_str), 7).await.unwrap();
        if page.is_empty() {
            break;
        }
        listed.extend(page);
        documents.put(workspace, "resume", &json!({ "meanwhile": listed.len() })).await.unwrap();
    }
    assert!(listed.is_sorted_by(|a, b| a < b), "in order, none twice");
    assert!(before.iter().all(|hash| listed.binary_search(hash).is_ok()), "what was there before is all found");
    assert!(documents.list(workspace, "resume", None, 0).await.unwrap().is_empty());
    for odd in ["g", "é", "/", "\u{0}"] {
        documents.list(workspace, "resume", Some(odd), 10).await.unwrap_or_else(|error| panic!("{odd:?}: {error}"));
    }
    assert!(documents.list(workspace, "resume", Some("g"), 10).await.unwrap().is_empty());
}

async fn limits(documents: &dyn Documents) {
    let workspace = WorkspaceId::new();
    for kind in ["", "Resume", "a b", &"k".repeat(65)] {
        assert!(matches!(documents.put(workspace, kind, &json!(1)).await, Err(Error::BadQuery(_))), "{kind:?}");
    }
    let big = json!("x".repeat(super::MAX_DOCUMENT - 2));
    let hash = documents.put(workspace, "resume", &big).await.unwrap();
    assert_eq!(documents.get(workspace, "resume", &hash).await.unwrap(), Some(big));
    let too_big = json!("x".repeat(super::MAX_DOCUMENT));
    assert!(matches!(documents.put(workspace, "resume", &too_big).await, Err(Error::BadQuery(_))));
}

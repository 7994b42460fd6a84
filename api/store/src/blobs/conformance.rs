//! What every blob store must do.

use crate::Blobs;
use bytes::Bytes;
use futures::future::join_all;
use looma_types::WorkspaceId;

/// Runs on any store; uses workspaces of its own.
pub async fn suite(blobs: &dyn Blobs) {
    let (ours, theirs) = (WorkspaceId::new(), WorkspaceId::new());
    let bytes = Bytes::from_static(b"%PDF-1.7 \x00\xff");
    let hash = blobs.put(ours, bytes.clone()).await.unwrap();
    assert_eq!(hash, blake3::hash(&bytes).to_hex().as_str(), "a blob is named by its hash");
    assert_eq!(blobs.put(ours, bytes.clone()).await.unwrap(), hash, "the same bytes have the same name");
    assert_eq!(blobs.get(ours, &hash).await.unwrap(), Some(bytes.clone()));
    assert_eq!(blobs.get(theirs, &hash).await.unwrap(), None, "another workspace sees nothing");
    assert!(!blobs.delete(theirs, &hash).await.unwrap());
    assert!(blobs.list(theirs, None, 10).await.unwrap().is_empty());

    for odd in ["", "..", "../../etc/passwd", "/etc/passwd", &hash[1..], &hash.to_uppercase(), &format!("{hash}/"), &"é".repeat(32)] {
        assert_eq!(blobs.get(ours, odd).await.unwrap(), None, "{odd:?}");
        assert!(!blobs.delete(ours, odd).await.unwrap(), "{odd:?}");
    }

    let empty = blobs.put(ours, Bytes::new()).await.unwrap();
    assert_eq!(blobs.get(ours, &empty).await.unwrap(), Some(Bytes::new()));
    let large = Bytes::from(vec![42; 5 * 1024 * 1024]);
    let large_hash = blobs.put(ours, large.clone()).await.unwrap();
    assert_eq!(blobs.get(ours, &large_hash).await.unwrap(), Some(large));

    let same = join_all((0..8).map(|_| blobs.put(ours, Bytes::from_static(b"at the same time")))).await;
    let same: Vec<String> = same.into_iter().map(Result::unwrap).collect();
    assert!(same.iter().all(|name| *name == same[0]));

    let mut names = vec![hash.clone(), empty, large_hash, same[0].clone()];
    for number in 0..40 {
        names.push(blobs.put(ours, format!("blob {number}").into()).await.unwrap());
    }
    names.sort_unstable();
    let mut listed: Vec<String> = Vec::new();
    loop {
        let page = blobs.list(ours, listed.last().map(String::as_str), 7).await.unwrap();
        assert!(page.len() <= 7);
        if page.is_empty() {
            break;
        }
        listed.extend(page);
    }
    assert_eq!(listed, names, "all of them, in order, none twice");
    for (cursor, found) in [("é", 0), ("g", 0), ("", 10), ("/", 10)] {
        assert_eq!(blobs.list(ours, Some(cursor), 10).await.unwrap().len(), found, "any cursor is answered: {cursor:?}");
    }
    assert!(blobs.list(ours, None, 0).await.unwrap().is_empty());
    paged_while_written(blobs).await;

    assert!(blobs.delete(ours, &hash).await.unwrap());
    assert!(!blobs.delete(ours, &hash).await.unwrap());
    assert_eq!(blobs.get(ours, &hash).await.unwrap(), None);
    blobs.ping().await.expect("it answers");
}

async fn paged_while_written(blobs: &dyn Blobs) {
    let workspace = WorkspaceId::new();
    let before = join_all((0..40).map(|number| blobs.put(workspace, format!("before {number}").into()))).await;
    let mut listed: Vec<String> = Vec::new();
    loop {
        let page = blobs.list(workspace, listed.last().map(String::as_str), 7).await.unwrap();
        if page.is_empty() {
            break;
        }
        listed.extend(page);
        blobs.put(workspace, format!("meanwhile {}", listed.len()).into()).await.unwrap();
    }
    assert!(listed.is_sorted_by(|a, b| a < b), "in order, none twice");
    assert!(before.iter().all(|hash| listed.binary_search(hash.as_ref().unwrap()).is_ok()), "what was there before is all found");
}

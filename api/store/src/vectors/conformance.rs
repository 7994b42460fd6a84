//! What every vector store must do.

use super::{VectorChange, VectorHit};
use crate::Vectors;
use crate::trial::{person, record};
use looma_types::{RecordKind, Ref, WorkspaceId};

/// A vector of length 1 that points `degrees` around the first two of eight axes.
pub fn at(degrees: f32) -> Vec<f32> {
    let (sin, cos) = degrees.to_radians().sin_cos();
    vec![cos, sin, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
}

pub fn upsert(workspace: WorkspaceId, record: Ref, version: i64, title: &str, vectors: Vec<Vec<f32>>) -> VectorChange {
    VectorChange::Upsert { workspace, record, version, title: title.into(), vectors }
}

fn delete(workspace: WorkspaceId, record: Ref, version: i64) -> VectorChange {
    VectorChange::Delete { workspace, record, version }
}

fn records(hits: &[VectorHit]) -> Vec<Ref> {
    hits.iter().map(|hit| hit.record).collect()
}

/// Runs on an empty store; uses workspaces of its own.
pub async fn suite(vectors: &dyn Vectors) {
    assert_eq!(vectors.name(), "vectors");
    nearness(vectors).await;
    versions(vectors).await;
    workspaces(vectors).await;
    odd_vectors(vectors).await;
    positions(vectors).await;
    beside(vectors).await;
    vectors.ping().await.expect("it answers");
}

/// What was applied is there after the store was closed and opened; the same again changes nothing.
pub async fn restart<V: Vectors>(open: impl AsyncFn() -> V) {
    let workspace = WorkspaceId::new();
    let changes: Vec<VectorChange> =
        (0..30).map(|number| upsert(workspace, person(number), 1, &format!("第{number}"), vec![at(number as f32), at(90.0)])).collect();
    let store = open().await;
    store.apply(&changes, 30).await.unwrap();
    store.apply(&[delete(workspace, person(3), 2)], 31).await.unwrap();
    let hits = store.nearest(workspace, &at(3.0), &[], None, 5).await.unwrap();
    let inventory = store.inventory().await.unwrap();
    assert_eq!(inventory.len(), 29);
    drop(store);
    let store = open().await;
    for _ in 0..2 {
        assert_eq!(store.position().await.unwrap(), 31);
        assert_eq!(store.nearest(workspace, &at(3.0), &[], None, 5).await.unwrap(), hits);
        assert_eq!(store.inventory().await.unwrap(), inventory);
        store.apply(&changes, 31).await.unwrap();
    }
    let fresh = store.beside().await.unwrap();
    fresh.apply(&[upsert(workspace, person(40), 1, "New", vec![at(3.0)])], 40).await.unwrap();
    store.switch().await.unwrap();
    drop((store, fresh));
    let store = open().await;
    assert_eq!(store.position().await.unwrap(), 40, "the one that took over stays");
    assert_eq!(records(&store.nearest(workspace, &at(3.0), &[], None, 5).await.unwrap()), [person(40)]);
    store.clear().await.unwrap();
    drop(store);
    let store = open().await;
    assert_eq!(store.position().await.unwrap(), 0);
    assert!(store.inventory().await.unwrap().is_empty());
}

async fn nearness(vectors: &dyn Vectors) {
    let workspace = WorkspaceId::new();
    let job = record(RecordKind::Job, 1);
    assert!(vectors.nearest(workspace, &at(0.0), &[], None, 5).await.unwrap().is_empty());
    vectors
        .apply(
            &[
                upsert(workspace, person(1), 1, "Ann", vec![at(10.0)]),
                upsert(workspace, person(2), 1, "王芳", vec![at(170.0), at(5.0)]),
                upsert(workspace, person(4), 1, "Twin", vec![at(60.0)]),
                upsert(workspace, person(3), 1, "Twin", vec![at(60.0)]),
                upsert(workspace, job, 1, "工程师", vec![at(90.0)]),
            ],
            0,
        )
        .await
        .unwrap();
    let hits = vectors.nearest(workspace, &at(0.0), &[], None, 10).await.unwrap();
    assert_eq!(records(&hits), vec![person(2), person(1), person(3), person(4), job], "the best passage counts; equals in order of id");
    assert_eq!(hits[0].title, "王芳");
    assert!((hits[0].score - 5.0_f32.to_radians().cos()).abs() < 1e-5);
    assert!(hits[4].score.abs() < 1e-5);
    assert_eq!(vectors.nearest(workspace, &at(0.0), &[], None, 2).await.unwrap(), hits[..2]);
    assert_eq!(records(&vectors.nearest(workspace, &at(0.0), &[RecordKind::Job], None, 2).await.unwrap()), vec![job]);
    let only = [person(3), job, person(99)];
    assert_eq!(records(&vectors.nearest(workspace, &at(0.0), &[], Some(&only), 9).await.unwrap()), vec![person(3), job]);
    assert!(vectors.nearest(workspace, &at(0.0), &[], Some(&[]), 9).await.unwrap().is_empty());
    assert!(vectors.nearest(workspace, &at(0.0), &[], None, 0).await.unwrap().is_empty());
    let doubled: Vec<f32> = at(0.0).into_iter().map(|part| part * 2.0).collect();
    assert!(
        (vectors.nearest(workspace, &doubled, &[], None, 1).await.unwrap()[0].score - hits[0].score).abs() < 1e-5,
        "it is the angle that counts"
    );
    let opposite = vectors.nearest(workspace, &at(190.0), &[], Some(&[person(1)]), 1).await.unwrap();
    assert!((opposite[0].score + 1.0).abs() < 1e-5, "what points the other way is answered too");
}

async fn versions(vectors: &dyn Vectors) {
    let workspace = WorkspaceId::new();
    vectors.apply(&[upsert(workspace, person(1), 2, "new", vec![at(10.0), at(20.0)])], 0).await.unwrap();
    vectors.apply(&[upsert(workspace, person(1), 1, "old", vec![at(0.0)])], 0).await.unwrap();
    let hits = vectors.nearest(workspace, &at(0.0), &[], None, 9).await.unwrap();
    assert_eq!((hits.len(), hits[0].title.as_str()), (1, "new"));
    vectors.apply(&[upsert(workspace, person(1), 3, "newer", vec![at(80.0), at(10.0), at(20.0)])], 0).await.unwrap();
    vectors.apply(&[upsert(workspace, person(1), 3, "newer", vec![at(80.0)])], 0).await.unwrap();
    let hits = vectors.nearest(workspace, &at(10.0), &[], None, 9).await.unwrap();
    assert!((hits[0].score - 70.0_f32.to_radians().cos()).abs() < 1e-5, "the old passages are gone");
    vectors.apply(&[delete(workspace, person(1), 3), upsert(workspace, person(1), 3, "newer", vec![at(80.0)])], 0).await.unwrap();
    assert!(vectors.nearest(workspace, &at(10.0), &[], None, 9).await.unwrap().is_empty(), "nothing old brings back what was deleted");
    let far = 1 << 40;
    vectors.apply(&[upsert(workspace, person(2), far, "far", vec![at(80.0)])], 0).await.unwrap();
    vectors.apply(&[upsert(workspace, person(2), far - 1, "near", vec![at(10.0)])], 0).await.unwrap();
    assert_eq!(vectors.inventory().await.unwrap().get(&(workspace, person(2))), Some(&far), "large versions count too");
    vectors.apply(&[delete(workspace, person(2), far)], 0).await.unwrap();
    vectors.apply(&[upsert(workspace, person(1), 4, "back", vec![at(80.0)])], 0).await.unwrap();
    assert_eq!(vectors.nearest(workspace, &at(10.0), &[], None, 9).await.unwrap().len(), 1);
    assert_eq!(vectors.inventory().await.unwrap().get(&(workspace, person(1))), Some(&4));
}

async fn workspaces(vectors: &dyn Vectors) {
    let (ours, theirs) = (WorkspaceId::new(), WorkspaceId::new());
    vectors.apply(&[upsert(ours, person(1), 1, "Ann", vec![at(1.0)])], 0).await.unwrap();
    assert!(vectors.nearest(theirs, &at(1.0), &[], None, 9).await.unwrap().is_empty());
    vectors.apply(&[delete(theirs, person(1), 9)], 0).await.unwrap();
    assert_eq!(vectors.nearest(ours, &at(1.0), &[], None, 9).await.unwrap().len(), 1);
}

async fn odd_vectors(vectors: &dyn Vectors) {
    let workspace = WorkspaceId::new();
    vectors
        .apply(
            &[
                upsert(workspace, person(1), 1, "none", vec![]),
                upsert(workspace, person(2), 1, "broken", vec![vec![f32::NAN; 8], at(0.0)]),
                upsert(workspace, person(3), 1, "longer", vec![vec![0.25; 16]]),
                upsert(workspace, person(4), 1, "fine", vec![at(0.0)]),
            ],
            0,
        )
        .await
        .unwrap();
    assert_eq!(records(&vectors.nearest(workspace, &at(0.0), &[], None, 9).await.unwrap()), vec![person(2), person(4)]);
    assert_eq!(
        records(&vectors.nearest(workspace, &[0.25; 16], &[], None, 9).await.unwrap()),
        vec![person(3)],
        "another model, another length"
    );
    assert_eq!(vectors.inventory().await.unwrap().keys().filter(|(held, _)| *held == workspace).count(), 4);
    for query in [&[][..], &[0.0; 8], &[f32::NAN; 8], &[f32::INFINITY; 8], &[1.0; 3]] {
        assert!(vectors.nearest(workspace, query, &[], None, 9).await.unwrap().is_empty());
    }
}

async fn positions(vectors: &dyn Vectors) {
    vectors.apply(&[], 40).await.unwrap();
    vectors.apply(&[], 7).await.unwrap();
    assert_eq!(vectors.position().await.unwrap(), 40, "it never moves back");
    vectors.clear().await.unwrap();
    assert_eq!(vectors.position().await.unwrap(), 0);
    assert!(vectors.inventory().await.unwrap().is_empty());
}

async fn beside(vectors: &dyn Vectors) {
    let workspace = WorkspaceId::new();
    let one = |number| [upsert(workspace, person(number), 1, "P", vec![at(number as f32)])];
    let held = async || {
        let mut held = records(&vectors.nearest(workspace, &at(1.0), &[], None, 9).await.unwrap());
        held.sort_unstable();
        held
    };
    vectors.apply(&one(1), 1).await.unwrap();
    let fresh = vectors.beside().await.unwrap();
    assert_eq!((fresh.position().await.unwrap(), fresh.inventory().await.unwrap().len()), (0, 0), "it begins empty");
    fresh.apply(&one(2), 2).await.unwrap();
    vectors.apply(&one(3), 3).await.unwrap();
    assert_eq!(held().await, [person(1), person(3)], "nothing shows before the switch");
    vectors.switch().await.unwrap();
    assert_eq!(held().await, [person(2)]);
    assert_eq!((vectors.position().await.unwrap(), vectors.inventory().await.unwrap().len()), (2, 1));
    vectors.switch().await.unwrap();
    assert_eq!(held().await, [person(2)], "without another beside there is nothing to switch to");
    vectors.beside().await.unwrap().apply(&one(4), 4).await.unwrap();
    assert!(vectors.beside().await.unwrap().inventory().await.unwrap().is_empty(), "an unfinished one is dropped");
    vectors.switch().await.unwrap();
    assert_eq!((vectors.position().await.unwrap(), vectors.inventory().await.unwrap().len()), (0, 0));
}

use super::*;
use crate::outbox::NewEvent;
use crate::text::TextQuery;
use crate::trial::{bond, node, person, record};
use crate::{Projected, StoreSettings, Stores};
use looma_types::{RecordKind, Ref, WorkspaceId};
use serde_json::Value;
use std::sync::Mutex as Held;
use uuid::Uuid;

const SOON: Duration = Duration::from_secs(5);

/// Points a text at the axis of its first letter.
struct FirstLetter;

#[async_trait]
impl Embed for FirstLetter {
    async fn embed(&self, texts: Vec<String>) -> Result<Vec<Vec<f32>>> {
        let axis = |text: &String| text.bytes().next().map_or(0, |byte| usize::from(byte.to_ascii_lowercase() % 32));
        Ok(texts.iter().map(|text| (0..32).map(|at| f32::from(u8::from(at == axis(text)))).collect()).collect())
    }
}

/// The truth, by id.
struct Truth(Held<Vec<Projected>>);

#[async_trait]
impl Source for Truth {
    fn kind(&self) -> RecordKind {
        RecordKind::Person
    }

    async fn page(&self, after: Option<Uuid>, limit: i64) -> Result<Vec<Projected>> {
        let held = self.0.lock().unwrap();
        Ok(held.iter().filter(|projected| after.is_none_or(|after| projected.record.id > after)).take(limit as usize).cloned().collect())
    }
}

pub(super) fn sources(truth: Vec<Projected>) -> Vec<Arc<dyn Source>> {
    vec![Arc::new(Truth(Held::new(truth)))]
}

pub(super) async fn in_memory() -> Stores {
    Stores::open(&StoreSettings { in_memory: true, ..StoreSettings::default() }).await.unwrap()
}

fn projectors(stores: &Stores) -> [Projector; 3] {
    [Target::Graph(stores.graph.clone()), Target::Text(stores.text.clone()), Target::Vectors(stores.vectors.clone(), Arc::new(FirstLetter))]
        .map(|target| Projector::new(stores.sql.clone(), target))
}

pub(super) async fn write(stores: &Stores, changes: Vec<(WorkspaceId, Ref, i64, Change)>) -> Position {
    let mut tx = stores.sql.begin().await.unwrap();
    for (workspace, record, version, change) in changes {
        let (actor_name, detail) = (String::new(), Value::Null);
        tx.event(NewEvent {
            workspace,
            record,
            version,
            change,
            action: "trial",
            actor_id: None,
            actor_name,
            request_id: None,
            address: None,
            detail,
        })
        .await
        .unwrap();
    }
    tx.commit().await.unwrap()
}

pub(super) fn upsert(projected: Projected) -> (WorkspaceId, Ref, i64, Change) {
    (projected.workspace, projected.record, projected.version, Change::Upsert(Box::new(projected)))
}

pub(super) async fn titles(stores: &Stores, workspace: WorkspaceId) -> Vec<String> {
    let everything = TextQuery { limit: 1_000, ..TextQuery::default() };
    stores.text.search(workspace, &everything).await.unwrap().hits.into_iter().map(|hit| hit.title).collect()
}

#[tokio::test]
async fn a_workspace_has_its_seed_from_its_first_event() {
    let stores = in_memory().await;
    let seed: Seed = |workspace| vec![node(workspace, person(1), 1, "Seed"), node(workspace, person(2), 1, "As planted")];
    let seeded = projectors(&stores).map(|projector| projector.seeded(seed));
    let (one, other) = (WorkspaceId::new(), WorkspaceId::new());
    // What was changed before anything was projected is not planted over.
    write(&stores, vec![upsert(node(one, person(2), 2, "Grown")), upsert(node(one, person(3), 1, "Ann"))]).await;
    for projector in &seeded {
        while projector.step().await.unwrap() {}
    }
    assert_eq!(titles(&stores, one).await, ["Seed", "Grown", "Ann"]);
    assert!(titles(&stores, other).await.is_empty());
    // Later events plant nothing anew.
    write(&stores, vec![(one, person(1), 2, Change::Delete), upsert(node(other, person(9), 1, "Bo"))]).await;
    write(&stores, vec![upsert(node(one, person(3), 2, "Ann"))]).await;
    for projector in &seeded {
        while projector.step().await.unwrap() {}
    }
    assert_eq!(titles(&stores, one).await, ["Grown", "Ann"]);
    assert_eq!(titles(&stores, other).await, ["Seed", "As planted", "Bo"]);
}

#[tokio::test]
async fn what_was_written_is_found_after_waiting_for_it() {
    let stores = in_memory().await;
    let workspace = WorkspaceId::new();
    let projectors = projectors(&stores);
    let (stop, stopped) = watch::channel(false);
    let running: Vec<_> = projectors
        .iter()
        .map(|projector| {
            let (projector, stopped) = (projector.clone(), stopped.clone());
            tokio::spawn(async move { projector.run(stopped).await })
        })
        .collect();
    for version in 1..=5 {
        let position = write(
            &stores,
            vec![
                upsert(node(workspace, person(1), version, &format!("Ann {version}"))),
                upsert(node(workspace, person(2), version, "王芳")),
                upsert(bond(workspace, 1, version, person(1), person(2), 0.5)),
                (workspace, person(1), version, Change::Note),
            ],
        )
        .await;
        for projector in &projectors {
            projector.wait_for(position, SOON).await.unwrap();
        }
        assert_eq!(titles(&stores, workspace).await, [format!("Ann {version}"), "王芳".into()]);
        assert_eq!(stores.graph.paths(workspace, person(1), person(2), 2, 1).await.unwrap()[0].hops[0].label, format!("Ann {version}"));
        let query = FirstLetter.embed(vec!["A".into()]).await.unwrap().remove(0);
        let hit = stores.vectors.nearest(workspace, &query, &[], None, 1).await.unwrap().remove(0);
        assert_eq!((hit.record, hit.title, hit.score), (person(1), format!("Ann {version}"), 1.0));
    }
    stop.send(true).unwrap();
    for run in running {
        tokio::time::timeout(SOON, run).await.expect("it stops when told").unwrap();
    }
}

#[tokio::test]
async fn waiting_for_what_never_comes_ends_with_an_answer() {
    let stores = in_memory().await;
    let [graph, ..] = projectors(&stores);
    graph.step().await.unwrap();
    graph.wait_for(0, Duration::ZERO).await.unwrap();
    let refused = graph.wait_for(1, Duration::from_millis(20)).await;
    assert!(matches!(refused, Err(Error::Unavailable { store: "graph", .. })), "{refused:?}");
}

#[tokio::test]
async fn batches_follow_each_other_and_events_are_applied_in_order() {
    let stores = in_memory().await;
    let workspace = WorkspaceId::new();
    let count = 3 * BATCH / 2;
    let mut changes: Vec<_> = (1..=count).map(|version| upsert(node(workspace, person(1), version, &version.to_string()))).collect();
    changes.push((workspace, person(2), 1, Change::Delete));
    write(&stores, changes).await;
    for projector in projectors(&stores) {
        assert!(projector.step().await.unwrap());
        assert_eq!(projector.inventory().await.unwrap().1, BATCH);
        assert!(projector.step().await.unwrap());
        assert!(!projector.step().await.unwrap());
        let (inventory, position) = projector.inventory().await.unwrap();
        assert_eq!(inventory.into_iter().collect::<Vec<_>>(), [((workspace, person(1)), count)]);
        assert_eq!(position, count + 1);
    }
}

#[tokio::test]
async fn a_record_keeps_its_own_passages() {
    let stores = in_memory().await;
    let workspace = WorkspaceId::new();
    let long = |letter: &str| letter.repeat(100);
    let hidden = Projected { searchable: false, ..node(workspace, person(9), 1, "Zoe") };
    write(
        &stores,
        vec![
            upsert(node(workspace, person(1), 1, "Ann").text("a", long("x")).text("b", long("y"))),
            upsert(hidden),
            upsert(node(workspace, person(2), 1, "Bo").text("a", "short").text("b", long("z"))),
        ],
    )
    .await;
    let [_, _, vectors] = projectors(&stores);
    vectors.step().await.unwrap();
    for (letter, expected) in [("a", 1), ("x", 1), ("y", 1), ("b", 2), ("z", 2)] {
        let query = FirstLetter.embed(vec![letter.into()]).await.unwrap().remove(0);
        let best = stores.vectors.nearest(workspace, &query, &[], None, 1).await.unwrap().remove(0);
        assert_eq!((best.record, best.score), (person(expected), 1.0), "{letter}");
    }
    assert_eq!(vectors.inventory().await.unwrap().0.len(), 2, "what is not searchable has no vectors");
}

#[tokio::test]
async fn a_rebuild_makes_the_projection_from_the_truth() {
    let stores = in_memory().await;
    let workspace = WorkspaceId::new();
    // What was written once and is no longer true, such as rows of a backup that was put back.
    let last = write(&stores, vec![upsert(node(workspace, person(1), 1, "Gone")), upsert(node(workspace, person(2), 9, "Too new"))]).await;
    let truth = (2..1_202).map(|number| node(workspace, person(number), 1, &format!("P{number}"))).collect();
    let sources = sources(truth);
    for projector in projectors(&stores) {
        while projector.step().await.unwrap() {}
        assert_eq!(projector.rebuild(&sources).await.unwrap(), 1_200);
        let (inventory, position) = projector.inventory().await.unwrap();
        assert_eq!((inventory.len(), position), (1_200, last), "{}", projector.name());
        assert!(!inventory.contains_key(&(workspace, person(1))));
        assert_eq!(inventory[&(workspace, person(2))], 1);
    }
    assert_eq!(titles(&stores, workspace).await.len(), 1_000);
    let position = write(&stores, vec![(workspace, person(2), 2, Change::Delete), upsert(node(workspace, person(5_000), 1, "New"))]).await;
    for projector in projectors(&stores) {
        while projector.step().await.unwrap() {}
        let (inventory, at) = projector.inventory().await.unwrap();
        assert_eq!((inventory.len(), at), (1_200, position));
        assert!(inventory.contains_key(&(workspace, person(5_000))));
    }
}

#[tokio::test]
async fn a_rebuild_and_the_daily_work_do_not_meet() {
    let stores = in_memory().await;
    let workspace = WorkspaceId::new();
    let mut truth = vec![];
    for number in 0..300 {
        let projected = node(workspace, person(number), 1, "P");
        write(&stores, vec![upsert(projected.clone())]).await;
        truth.push(projected);
    }
    let sources = sources(truth);
    let [graph, ..] = projectors(&stores);
    let (stop, stopped) = watch::channel(false);
    let running = tokio::spawn({
        let graph = graph.clone();
        async move { graph.run(stopped).await }
    });
    for round in 0..5 {
        let job = record(RecordKind::Job, round);
        let position = write(&stores, vec![upsert(node(workspace, job, 1, "Job"))]).await;
        graph.rebuild(&sources).await.unwrap();
        graph.wait_for(position, SOON).await.unwrap();
        assert!(graph.inventory().await.unwrap().0.len() >= 300);
    }
    stop.send(true).unwrap();
    tokio::time::timeout(SOON, running).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_restart_in_the_middle_loses_and_doubles_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let settings = StoreSettings { data: folder.path().to_owned(), ..StoreSettings::default() };
    let workspace = WorkspaceId::new();
    for round in 1..=3 {
        let stores = Stores::open(&settings).await.unwrap();
        let changes = (0..20).map(|number| upsert(node(workspace, person(number), round, &format!("P{number} {round}"))));
        write(&stores, changes.collect()).await;
        // Each time another one is cut off before it has applied what was written.
        for (at, projector) in projectors(&stores).into_iter().enumerate() {
            if at as i64 + 1 != round {
                while projector.step().await.unwrap() {}
            }
        }
    }
    let stores = Stores::open(&settings).await.unwrap();
    for projector in projectors(&stores) {
        while projector.step().await.unwrap() {}
        let (inventory, position) = projector.inventory().await.unwrap();
        assert_eq!((inventory.len(), position), (20, 60), "{}", projector.name());
        assert!(inventory.values().all(|version| *version == 3));
    }
    assert_eq!(titles(&stores, workspace).await.len(), 20);
}

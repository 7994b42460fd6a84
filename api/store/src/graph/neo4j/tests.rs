//! Trials against a real server; what it takes away from the embedded graph's answers is nothing.

use super::*;
use crate::StoreSettings;
use crate::graph::MAX_HOPS;
use crate::graph::conformance;
use crate::graph::memory::MemoryGraph;
use crate::trial::{bond, delete, engine, node, person, record, upsert};
use looma_types::RecordKind;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::time::{Duration, Instant};

fn neo4j() -> Neo4jGraph {
    Neo4jGraph::open(&engine("neo4j")).unwrap()
}

async fn embedded() -> MemoryGraph {
    MemoryGraph::open(&StoreSettings { in_memory: true, ..StoreSettings::default() }).await.unwrap()
}

/// People who each know about ten others, equally many everywhere.
fn crowd(workspace: WorkspaceId, people: u64, bonds: u64, strength: impl Fn(u64) -> f64) -> Vec<Event> {
    let mut events: Vec<Event> = (0..people).map(|number| upsert(0, node(workspace, person(number), 1, &format!("P{number}")))).collect();
    for number in 0..bonds {
        let (from, to) = (number % people, (number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40) % people);
        events.push(upsert(0, bond(workspace, number, 1, person(from), person(to), strength(number))));
    }
    events
}

/// Both graphs, filled page by page as a rebuild does.
async fn fill(graphs: &[&dyn Graph], events: &[Event]) {
    for events in events.chunks(5_000) {
        for graph in graphs {
            graph.apply(events, 1).await.unwrap();
        }
    }
}

#[tokio::test]
#[ignore = "needs the engines: make test-engines"]
async fn conforms() {
    conformance::suite(&neo4j()).await;
    let engine = engine("neo4j");
    conformance::restart(async || Neo4jGraph::open(&engine).unwrap()).await;
}

/// People and companies, bonds in all strengths, doubled bonds, unknown and deleted ends, several workspaces' ids alike.
fn random(workspace: WorkspaceId, seed: u64) -> (Vec<Event>, Vec<Ref>) {
    let mut random = StdRng::seed_from_u64(seed);
    let size = random.random_range(5..40);
    let records: Vec<Ref> =
        (0..size).map(|number| record(if number % 5 == 4 { RecordKind::Company } else { RecordKind::Person }, number)).collect();
    let mut events: Vec<Event> = records.iter().map(|record| upsert(0, node(workspace, *record, 1, &record.to_string()))).collect();
    for number in 0..random.random_range(0..size * 4) {
        let mut end = || records[random.random_range(0..records.len())];
        let (from, to) = (end(), end());
        let strength = [1.0, 0.9, 0.5, 0.3, 0.123][random.random_range(0..5)];
        events.push(upsert(0, bond(workspace, number, 1, from, to, strength)));
        if random.random_bool(0.1) {
            events.push(upsert(0, bond(workspace, number, 2, to, person(1_000), strength)));
        }
    }
    events.push(delete(0, workspace, records[random.random_range(0..records.len())], 2));
    (events, records)
}

#[tokio::test]
#[ignore = "needs the engines: make test-engines"]
async fn answers_as_the_embedded_graph_does() {
    let (ours, theirs) = (neo4j(), embedded().await);
    for seed in 0..8 {
        let workspace = WorkspaceId::new();
        let (events, records) = random(workspace, seed);
        fill(&[&ours, &theirs], &events).await;
        let some = [0, 1, records.len() / 2, records.len() - 1].map(|at| records[at]);
        for from in some {
            for to in some {
                for hops in 1..=MAX_HOPS {
                    let (found, expected) =
                        tokio::join!(ours.paths(workspace, from, to, hops, 12), theirs.paths(workspace, from, to, hops, 12));
                    assert_eq!(found.unwrap(), expected.unwrap(), "seed {seed}, {from} to {to}, {hops} hops");
                }
            }
            for (depth, limit) in [(0, 9), (1, 9), (2, 3), (2, 100), (3, 12), (6, 100)] {
                let found = ours.neighbourhood(workspace, from, depth, limit).await.unwrap();
                let expected = theirs.neighbourhood(workspace, from, depth, limit).await.unwrap();
                assert_eq!(found, expected, "seed {seed}, around {from}, depth {depth}, limit {limit}");
            }
        }
        assert_eq!(ours.analysis(workspace, 20).await.unwrap(), theirs.analysis(workspace, 20).await.unwrap(), "seed {seed}");
    }
    assert_eq!(ours.inventory().await.unwrap(), theirs.inventory().await.unwrap());
    ours.clear().await.unwrap();
}

/// Everyone knows forty others equally well: six edges reach everyone from everywhere.
#[tokio::test]
#[ignore = "needs the engines: make test-engines"]
async fn a_dense_graph_holds_up_nobody() {
    let (graph, workspace) = (neo4j(), WorkspaceId::new());
    fill(&[&graph], &crowd(workspace, 2_000, 40_000, |_| 0.5)).await;
    let started = Instant::now();
    let found = graph.paths(workspace, person(1), person(1_999), 6, 20).await.unwrap();
    assert_eq!(found.len(), 20);
    assert!(found.is_sorted_by(|a, b| a.strength >= b.strength));
    assert!(started.elapsed() < Duration::from_secs(15), "{:?}", started.elapsed());
    graph.clear().await.unwrap();
}

/// `--nocapture` shows how long it takes.
#[tokio::test]
#[ignore = "needs the engines: make test-engines"]
async fn paths_among_ten_thousand_take_no_time() {
    let (graph, workspace) = (neo4j(), WorkspaceId::new());
    fill(&[&graph], &crowd(workspace, 10_000, 50_000, |number| (number % 97 + 3) as f64 / 100.0)).await;
    let generation = graph.live().await.unwrap().unwrap();
    for hops in [2, 4, 6] {
        let (mut all, mut fetching) = (vec![], vec![]);
        for number in 0..60 {
            let (from, to) = (person(number), person(9_999 - number * 7));
            let started = Instant::now();
            reading::between(&graph.session, &generation, workspace, from, to, hops).await.unwrap();
            fetching.push(started.elapsed());
            let started = Instant::now();
            graph.paths(workspace, from, to, hops, 10).await.unwrap();
            all.push(started.elapsed());
        }
        let at = |times: &mut Vec<Duration>, percent: usize| {
            times.sort_unstable();
            times[times.len() * percent / 100]
        };
        println!(
            "{hops} hops: p50 {:?} (fetching {:?}), p99 {:?} (fetching {:?})",
            at(&mut all, 50),
            at(&mut fetching, 50),
            at(&mut all, 99),
            at(&mut fetching, 99)
        );
        assert!(at(&mut all, 99) < Duration::from_secs(5));
    }
    graph.clear().await.unwrap();
}

#[tokio::test]
#[ignore = "needs the engines: make test-engines"]
async fn two_writers_make_one_graph() {
    let engine = engine("neo4j");
    let writers = [Neo4jGraph::open(&engine).unwrap(), Neo4jGraph::open(&engine).unwrap()];
    let workspace = WorkspaceId::new();
    let of = |version: i64| {
        let mut events: Vec<Event> =
            (0..30).map(|number| upsert(version, node(workspace, person(number), version, &format!("v{version}")))).collect();
        events.extend((0..29).map(|number| upsert(version, bond(workspace, number, version, person(number), person(number + 1), 0.5))));
        events
    };
    // The same versions from both, and later ones from either, in any order.
    let write = async |writer: &Neo4jGraph, versions: [i64; 4]| {
        for version in versions {
            writer.apply(&of(version), version).await.unwrap();
        }
    };
    tokio::join!(write(&writers[0], [1, 4, 2, 7]), write(&writers[1], [1, 3, 8, 5]));
    for graph in &writers {
        assert_eq!(graph.position().await.unwrap(), 8);
        let near = graph.neighbourhood(workspace, person(10), 1, 10).await.unwrap();
        assert_eq!((near.nodes.len(), near.edges.len()), (3, 2), "each bond once");
        assert!(near.nodes.iter().all(|node| node.label == "v8"), "{near:?}");
        let inventory = graph.inventory().await.unwrap();
        assert_eq!((inventory.len(), inventory.values().all(|version| *version == 8)), (59, true));
    }
}

/// Readers in the middle of a switch, here and in another process, see all of the old or all of the new.
#[tokio::test]
#[ignore = "needs the engines: make test-engines"]
async fn no_reader_notices_a_switch() {
    let engine = engine("neo4j");
    let (graph, elsewhere) = (Neo4jGraph::open(&engine).unwrap(), Neo4jGraph::open(&engine).unwrap());
    let workspace = WorkspaceId::new();
    let events = crowd(workspace, 300, 900, |number| (number % 97 + 3) as f64 / 100.0);
    graph.apply(&events, 1).await.unwrap();
    let question = async || elsewhere.paths(workspace, person(1), person(200), 6, 10).await.unwrap();
    let expected = question().await;
    assert!(!expected.is_empty());
    let rebuilding = async {
        for _ in 0..4 {
            graph.beside().await.unwrap().apply(&events, 1).await.unwrap();
            graph.switch().await.unwrap();
        }
    };
    // What was live when this process last asked has been removed since.
    graph.beside().await.unwrap().apply(&events, 1).await.unwrap();
    graph.switch().await.unwrap();
    assert_eq!(question().await, expected);
    let mut rebuilding = std::pin::pin!(rebuilding);
    let mut asked = 0;
    loop {
        tokio::select! {
            biased;
            () = &mut rebuilding => break,
            found = question() => assert_eq!(found, expected),
        }
        asked += 1;
    }
    assert!(asked > 10, "{asked}");
    let left = query("MATCH (r:LoomaRecord) WHERE r.key STARTS WITH $all RETURN count(r) = $expected AS known")
        .param("all", format!("{}/", engine.namespace))
        .param("expected", graph.inventory().await.unwrap().len() as i64);
    assert!(graph.session.read::<Known>("count", &left).await.unwrap()[0].known, "what was replaced is gone");
}

#[tokio::test]
#[ignore = "needs the engines: make test-engines"]
async fn a_rebuild_that_another_one_replaced_changes_nothing() {
    let engine = engine("neo4j");
    let (graph, elsewhere) = (Neo4jGraph::open(&engine).unwrap(), Neo4jGraph::open(&engine).unwrap());
    let workspace = WorkspaceId::new();
    let ann = |version| [upsert(version, node(workspace, person(1), version, "Ann"))];
    let (first, second) = (graph.beside().await.unwrap(), elsewhere.beside().await.unwrap());
    assert!(first.apply(&ann(1), 1).await.unwrap_err().to_string().contains("another rebuild"));
    second.apply(&ann(2), 2).await.unwrap();
    assert!(graph.switch().await.unwrap_err().to_string().contains("another rebuild"));
    assert_eq!(graph.position().await.unwrap(), 0, "what is half filled takes no one's place");
    elsewhere.switch().await.unwrap();
    assert_eq!((graph.position().await.unwrap(), graph.inventory().await.unwrap().len()), (2, 1));
}

#[tokio::test]
#[ignore = "needs the engines: make test-engines"]
async fn a_write_that_was_given_up_holds_up_nobody() {
    let engine = engine("neo4j");
    let [first, next] = [&engine; 2].map(|engine| Neo4jGraph::open(engine).unwrap());
    let hasty = Neo4jGraph::open(&Engine { request_seconds: 1, ..engine.clone() }).unwrap();
    hasty.ping().await.unwrap();
    first.apply(&[], 1).await.unwrap();
    let mut writing = first.session.begin().await.unwrap();
    writing.rows::<Generation>(first.about(writing::MOVE_ON).param("upto", 2)).await.unwrap();
    let refused = hasty.apply(&[], 3).await.unwrap_err();
    assert!(matches!(refused, Error::Unavailable { .. }), "{refused}");
    writing.end(Ok(())).await.unwrap();
    // The hasty one would have the lock now, and never comes back.
    let started = Instant::now();
    next.apply(&[], 4).await.unwrap();
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    assert_eq!(next.position().await.unwrap(), 4);
    let mut given_up = next.session.begin().await.unwrap();
    given_up.rows::<Generation>(next.about(writing::MOVE_ON).param("upto", 9)).await.unwrap();
    drop(given_up);
    first.apply(&[], 5).await.unwrap();
    assert_eq!(first.position().await.unwrap(), 5, "nothing of it stays");
}

#[tokio::test]
#[ignore = "needs the engines: make test-engines"]
async fn a_wrong_password_is_named_and_never_shown() {
    let mut engine = engine("neo4j");
    engine.url.0 = engine.url.0.replace("looma-dev", "hunter2%40");
    let graph = Neo4jGraph::open(&engine).unwrap();
    let started = Instant::now();
    let refused = graph.position().await.unwrap_err();
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    let text = format!("{refused} {refused:?}");
    assert!(text.contains("check user and password in stores.neo4j"), "{text}");
    assert!(!text.contains("hunter2"), "{text}");
}

async fn refuses_in_time(url: &str) {
    let engine = Engine { connect_seconds: 1, request_seconds: 1, ..Engine::at(url) };
    let graph = Neo4jGraph::open(&engine).expect("a graph that is away stops no start");
    let started = Instant::now();
    for refused in [graph.ping().await, graph.apply(&[], 1).await, graph.contains(WorkspaceId::new(), person(1)).await.map(|_| ())] {
        let refused = refused.unwrap_err();
        assert!(matches!(refused, Error::Unavailable { .. }), "{refused:?}");
        let text = refused.to_string();
        assert!(text.contains("stores.neo4j") && text.contains("127.0.0.1") && !text.contains("secret"), "{text}");
    }
    assert!(started.elapsed() < Duration::from_secs(15), "{:?}", started.elapsed());
}

#[tokio::test]
async fn where_nobody_listens_it_is_not_available() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    refuses_in_time(&format!("bolt://neo4j:secret@127.0.0.1:{port}")).await;
}

#[tokio::test]
async fn where_nobody_answers_it_is_not_available() {
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("bolt://neo4j:secret@{}", silent.local_addr().unwrap());
    let holds = async {
        let mut held = vec![];
        loop {
            held.push(silent.accept().await.unwrap());
        }
    };
    tokio::select! {
        () = refuses_in_time(&url) => {}
        () = holds => unreachable!(),
    }
}

#[test]
fn an_authority_that_cannot_be_read_is_named() {
    let engine = Engine { ca_file: Some("/nowhere/ca.pem".into()), ..Engine::at("bolt+s://neo4j:secret@db:7687") };
    let refused = Neo4jGraph::open(&engine).err().unwrap().to_string();
    assert!(refused.contains("No such file") && !refused.contains("secret"), "{refused}");
}

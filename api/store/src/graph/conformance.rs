//! What every graph must do.

use super::MAX_HOPS;
use crate::trial::{bond, delete, node, note, person, record, upsert};
use crate::{Event, Graph, Projected, ProjectedEdge};
use looma_types::person::Path;
use looma_types::{RecordKind, Ref, WorkspaceId};

/// Runs on an empty graph; uses workspaces of its own.
pub async fn suite(graph: &dyn Graph) {
    assert_eq!(graph.name(), "graph");
    unknown_records(graph).await;
    paths(graph).await;
    statements(graph).await;
    edges_wait_for_their_ends(graph).await;
    old_events_change_nothing(graph).await;
    neighbourhoods(graph).await;
    workspaces(graph).await;
    analysis(graph).await;
    positions(graph).await;
    beside(graph).await;
    graph.ping().await.expect("it answers");
}

/// What was applied is there after the store was closed and opened; the same again changes nothing.
pub async fn restart<G: Graph>(open: impl AsyncFn() -> G) {
    let workspace = WorkspaceId::new();
    let events = chain(workspace);
    let graph = open().await;
    graph.apply(&events[..4], 4).await.unwrap();
    drop(graph);

    let graph = open().await;
    assert_eq!(graph.position().await.unwrap(), 4);
    graph.apply(&events[4..], 7).await.unwrap();
    let paths = graph.paths(workspace, person(1), person(3), MAX_HOPS, 5).await.unwrap();
    let inventory = graph.inventory().await.unwrap();
    assert_eq!(strengths(&paths), vec![0.4]);
    drop(graph);

    let graph = open().await;
    for _ in 0..2 {
        assert_eq!(graph.position().await.unwrap(), 7);
        assert_eq!(graph.paths(workspace, person(1), person(3), MAX_HOPS, 5).await.unwrap(), paths);
        assert_eq!(graph.inventory().await.unwrap(), inventory);
        graph.apply(&events, 7).await.unwrap();
    }
    let fresh = graph.beside().await.unwrap();
    fresh.apply(&[upsert(8, node(workspace, person(8), 1, "New"))], 8).await.unwrap();
    graph.switch().await.unwrap();
    drop((graph, fresh));

    let graph = open().await;
    assert_eq!((graph.position().await.unwrap(), graph.inventory().await.unwrap().len()), (8, 1), "the one that took over stays");
    graph.clear().await.unwrap();
    drop(graph);

    let graph = open().await;
    assert_eq!(graph.position().await.unwrap(), 0);
    assert!(graph.inventory().await.unwrap().is_empty());
    assert!(!graph.contains(workspace, person(1)).await.unwrap());
}

/// 1 —0.8— 2 —0.5— 3, where the second bond was 0.9 first.
fn chain(workspace: WorkspaceId) -> Vec<Event> {
    vec![
        upsert(1, node(workspace, person(1), 1, "Ann")),
        upsert(2, node(workspace, person(2), 1, "王芳")),
        upsert(3, bond(workspace, 1, 1, person(1), person(2), 0.8)),
        upsert(4, bond(workspace, 2, 1, person(2), person(3), 0.9)),
        upsert(5, node(workspace, person(3), 1, "Cem")),
        note(6, workspace, person(1)),
        upsert(7, bond(workspace, 2, 2, person(2), person(3), 0.5)),
    ]
}

fn strengths(paths: &[Path]) -> Vec<f64> {
    paths.iter().map(|path| path.strength).collect()
}

fn hops(path: &Path) -> Vec<Ref> {
    path.hops.iter().map(|hop| hop.record).collect()
}

async fn unknown_records(graph: &dyn Graph) {
    let workspace = WorkspaceId::new();
    assert!(graph.paths(workspace, person(1), person(2), 4, 5).await.unwrap().is_empty());
    assert!(graph.neighbourhood(workspace, person(1), 2, 10).await.unwrap().nodes.is_empty());
    assert!(!graph.contains(workspace, person(1)).await.unwrap());
    assert_eq!(graph.analysis(workspace, 10).await.unwrap(), Default::default());
    graph.apply(&[delete(0, workspace, person(9), 1), upsert(0, node(workspace, person(1), 1, "Ann"))], 0).await.unwrap();
    assert!(graph.paths(workspace, person(1), person(2), 4, 5).await.unwrap().is_empty());
    assert!(graph.paths(workspace, person(1), person(1), 4, 5).await.unwrap().is_empty(), "nobody needs a way to themselves");
}

async fn paths(graph: &dyn Graph) {
    let workspace = WorkspaceId::new();
    let company = record(RecordKind::Company, 1);
    let mut events: Vec<Event> = (1..=5).map(|number| upsert(0, node(workspace, person(number), 1, &format!("P{number}")))).collect();
    events.push(upsert(0, node(workspace, company, 1, "联想")));
    let bonds = [(1, 2, 0.9), (2, 3, 0.9), (1, 4, 0.5), (4, 3, 0.8), (1, 3, 0.3)];
    for (number, (from, to, strength)) in bonds.into_iter().enumerate() {
        events.push(upsert(0, bond(workspace, number as u64, 1, person(from), person(to), strength)));
    }
    events.push(upsert(0, bond(workspace, 10, 1, company, person(3), 1.0)));
    events.push(upsert(0, bond(workspace, 11, 1, person(2), person(3), 0.2)));
    graph.apply(&events, 0).await.unwrap();

    let found = graph.paths(workspace, person(1), company, 4, 10).await.unwrap();
    let through: Vec<Vec<Ref>> = found.iter().map(hops).collect();
    assert_eq!(
        through,
        vec![
            vec![person(1), person(2), person(3), company],
            vec![person(1), person(4), person(3), company],
            vec![person(1), person(3), company]
        ],
        "best first, walked in both directions, and of two bonds between neighbours the stronger one"
    );
    assert_eq!(strengths(&found), vec![0.9 * 0.9, 0.5 * 0.8, 0.3]);
    let best = &found[0];
    assert_eq!(best.hops[0].via, None);
    assert_eq!(best.hops[3].label, "联想");
    let via = best.hops[3].via.as_ref().unwrap();
    assert_eq!((via.from, via.to, via.kind.as_str(), via.strength), (company, person(3), "knows", 1.0));

    assert_eq!(graph.paths(workspace, person(1), company, 4, 1).await.unwrap(), found[..1]);
    assert_eq!(strengths(&graph.paths(workspace, person(1), company, 2, 10).await.unwrap()), vec![0.3], "no longer than asked");
    assert!(graph.paths(workspace, person(1), company, 1, 10).await.unwrap().is_empty());
    assert!(graph.paths(workspace, person(1), company, 4, 0).await.unwrap().is_empty());
    assert_eq!(graph.paths(workspace, person(1), company, u32::MAX, 10).await.unwrap(), found, "limits are kept, not refused");
    assert!(graph.paths(workspace, person(1), person(5), 6, 10).await.unwrap().is_empty(), "who knows nobody is not reached");

    let back = graph.paths(workspace, company, person(1), 4, 10).await.unwrap();
    assert_eq!(back.iter().map(|path| hops(path).into_iter().rev().collect()).collect::<Vec<Vec<Ref>>>(), through);
}

async fn statements(graph: &dyn Graph) {
    let workspace = WorkspaceId::new();
    let company = record(RecordKind::Company, 1);
    let to = |number, to, strength| {
        let id = record(RecordKind::Relationship, number).id;
        ProjectedEdge { id, from: person(1), to, kind: "at".into(), strength }
    };
    let name = "Ann \"A.\" O'Neil\n\\ 李 🦀 $name {x}";
    let ann = |version, edges| upsert(0, Projected { edges, ..node(workspace, person(1), version, name) });
    let stated = vec![to(1, company, 0.5), to(2, person(2), 7.0), to(3, person(1), 1.0), to(4, person(3), -1.0)];
    let others = [(person(2), "Bo"), (person(3), "Cem"), (company, "")];
    let mut events = vec![ann(1, stated)];
    events.extend(others.map(|(record, title)| upsert(0, node(workspace, record, 1, title))));
    graph.apply(&events, 0).await.unwrap();
    let near = graph.neighbourhood(workspace, person(1), 1, 10).await.unwrap();
    let order: Vec<Ref> = near.nodes.iter().map(|node| node.record).collect();
    assert_eq!(order, [person(1), person(2), company, person(3)], "a node states edges too, and none leads to itself");
    assert_eq!((near.nodes[0].label.as_str(), near.nodes[2].label.as_str()), (name, ""), "an empty name is one");
    let strengths = near.edges.iter().map(|edge| edge.strength).collect::<Vec<_>>();
    assert!(strengths[..2] == [1.0, 0.5] && strengths[2] > 0.0 && strengths[2] < 0.01, "a strength is between 0 and 1: {strengths:?}");
    assert!(graph.contains(workspace, company).await.unwrap());

    graph.apply(&[ann(2, vec![to(1, company, 0.4)])], 0).await.unwrap();
    let near = graph.neighbourhood(workspace, person(1), 1, 10).await.unwrap();
    assert_eq!((near.nodes.len(), near.edges[0].strength), (2, 0.4), "what is no longer stated is gone");
    let titled = |version, title: &str| upsert(0, node(workspace, person(2), version, title));
    graph.apply(&[titled(2, "B2"), titled(5, "B5"), titled(4, "B4")], 0).await.unwrap();
    assert_eq!(graph.neighbourhood(workspace, person(2), 1, 10).await.unwrap().nodes[0].label, "B5", "the last version of several");
    graph.apply(&[upsert(0, Projected::new(workspace, person(2), 6, "no node"))], 0).await.unwrap();
    assert!(!graph.contains(workspace, person(2)).await.unwrap(), "a record may leave the graph without being deleted");
    assert!(!graph.inventory().await.unwrap().contains_key(&(workspace, person(2))));

    let tie = upsert(0, bond(workspace, 9, 1, person(3), company, 0.5));
    graph.apply(&[tie, delete(0, workspace, record(RecordKind::Relationship, 9), 2)], 0).await.unwrap();
    assert!(graph.paths(workspace, person(3), company, 1, 1).await.unwrap().is_empty(), "who stated it is gone");
    // Two bonds alike between two neighbours: the one with the smaller id counts. The edge among the outermost is there.
    let pair = [8, 7].map(|number| upsert(0, bond(workspace, number, 1, person(3), company, 0.5)));
    graph.apply(&pair, 0).await.unwrap();
    let via = graph.paths(workspace, person(3), company, 1, 1).await.unwrap().remove(0).hops.remove(1).via.unwrap();
    assert_eq!(via.id, record(RecordKind::Relationship, 7).id);
    graph.apply(&[upsert(0, bond(workspace, 6, 1, person(1), person(3), 0.9))], 0).await.unwrap();
    let near = graph.neighbourhood(workspace, person(1), 1, 10).await.unwrap();
    assert_eq!((near.nodes.len(), near.edges.len()), (3, 4));
}

async fn edges_wait_for_their_ends(graph: &dyn Graph) {
    let workspace = WorkspaceId::new();
    graph.apply(&[upsert(0, bond(workspace, 1, 1, person(1), person(2), 0.5))], 0).await.unwrap();
    graph.apply(&[upsert(0, node(workspace, person(1), 1, "Ann"))], 0).await.unwrap();
    assert!(graph.neighbourhood(workspace, person(1), 1, 10).await.unwrap().edges.is_empty(), "one end is not there yet");
    assert!(!graph.contains(workspace, person(2)).await.unwrap());
    graph.apply(&[upsert(0, node(workspace, person(2), 1, "Bo"))], 0).await.unwrap();
    assert_eq!(strengths(&graph.paths(workspace, person(1), person(2), 1, 1).await.unwrap()), vec![0.5]);
    graph.apply(&[delete(0, workspace, person(2), 2)], 0).await.unwrap();
    assert!(graph.paths(workspace, person(1), person(2), 1, 1).await.unwrap().is_empty());
    graph.apply(&[upsert(0, node(workspace, person(2), 3, "Bo"))], 0).await.unwrap();
    assert_eq!(graph.paths(workspace, person(1), person(2), 1, 1).await.unwrap().len(), 1, "the end is back");
}

async fn old_events_change_nothing(graph: &dyn Graph) {
    let workspace = WorkspaceId::new();
    let ann = |version, title: &str| upsert(0, node(workspace, person(1), version, title));
    let bo = upsert(0, node(workspace, person(2), 1, "Bo"));
    let tie = |version, strength| upsert(0, bond(workspace, 1, version, person(1), person(2), strength));
    graph.apply(&[ann(2, "Ann Lee"), bo, tie(3, 0.9)], 0).await.unwrap();
    graph.apply(&[ann(1, "Ann"), tie(2, 0.1)], 0).await.unwrap();
    let path = graph.paths(workspace, person(1), person(2), 1, 1).await.unwrap().remove(0);
    assert_eq!((path.hops[0].label.as_str(), path.strength), ("Ann Lee", 0.9));

    graph.apply(&[tie(4, 0.7)], 0).await.unwrap();
    assert_eq!(graph.neighbourhood(workspace, person(1), 1, 10).await.unwrap().edges.len(), 1, "a new version replaces what was stated");
    graph.apply(&[delete(0, workspace, person(1), 2)], 0).await.unwrap();
    graph.apply(&[ann(1, "Ann"), ann(2, "Ann Lee")], 0).await.unwrap();
    assert!(!graph.contains(workspace, person(1)).await.unwrap(), "nothing old brings back what was deleted");
    graph.apply(&[delete(0, workspace, person(2), 0)], 0).await.unwrap();
    assert!(graph.contains(workspace, person(2)).await.unwrap(), "an old deletion deletes nothing new");
    let inventory = graph.inventory().await.unwrap();
    assert!(!inventory.contains_key(&(workspace, person(1))));
    assert_eq!(inventory.get(&(workspace, person(2))), Some(&1));
    assert_eq!(inventory.get(&(workspace, record(RecordKind::Relationship, 1))), Some(&4));
}

async fn neighbourhoods(graph: &dyn Graph) {
    let workspace = WorkspaceId::new();
    let mut events: Vec<Event> = (0..20).map(|number| upsert(0, node(workspace, person(number), 1, &number.to_string()))).collect();
    events.extend((1..10).map(|number| upsert(0, bond(workspace, number, 1, person(0), person(number), number as f64 / 10.0))));
    events.extend((10..20).map(|number| upsert(0, bond(workspace, number, 1, person(number - 9), person(number), 0.5))));
    graph.apply(&events, 0).await.unwrap();
    let near = graph.neighbourhood(workspace, person(0), 1, 100).await.unwrap();
    let order: Vec<Ref> = near.nodes.iter().map(|node| node.record).collect();
    assert_eq!(order, [0, 9, 8, 7, 6, 5, 4, 3, 2, 1].map(person), "the centre, then the strongest");
    assert_eq!((near.edges.len(), near.truncated), (9, false));
    let all = graph.neighbourhood(workspace, person(0), 2, 100).await.unwrap();
    assert_eq!((all.nodes.len(), all.edges.len(), all.truncated), (19, 18, false), "10 hangs on 1, and so on; 19 on 10");
    let few = graph.neighbourhood(workspace, person(0), 2, 4).await.unwrap();
    assert_eq!((few.nodes.len(), few.edges.len(), few.truncated), (4, 3, true));
    assert_eq!(graph.neighbourhood(workspace, person(0), 0, 10).await.unwrap().nodes.len(), 1);
}

async fn workspaces(graph: &dyn Graph) {
    let (ours, theirs) = (WorkspaceId::new(), WorkspaceId::new());
    graph.apply(&chain(ours), 0).await.unwrap();
    assert!(graph.contains(ours, person(1)).await.unwrap());
    assert!(!graph.contains(theirs, person(1)).await.unwrap());
    assert!(graph.paths(theirs, person(1), person(3), 4, 5).await.unwrap().is_empty());
    graph.apply(&[delete(0, theirs, person(1), 9)], 0).await.unwrap();
    assert!(graph.contains(ours, person(1)).await.unwrap(), "the same id elsewhere is another record");
}

async fn analysis(graph: &dyn Graph) {
    let workspace = WorkspaceId::new();
    // Two circles of five, joined by person 0 alone; a company everyone works for joins no people.
    let company = record(RecordKind::Company, 1);
    let mut events: Vec<Event> = (0..=10).map(|number| upsert(0, node(workspace, person(number), 1, &format!("P{number}")))).collect();
    events.push(upsert(0, node(workspace, company, 1, "Everywhere")));
    let mut number = 0;
    let mut tie = |from: Ref, to: Ref, strength| {
        number += 1;
        events.push(upsert(0, bond(workspace, number, 1, from, to, strength)));
    };
    for circle in [1..=5_u64, 6..=10] {
        for from in circle.clone() {
            tie(person(from), company, 1.0);
            for to in from + 1..=*circle.end() {
                tie(person(from), person(to), 0.8);
            }
        }
    }
    tie(person(0), person(1), 0.3);
    tie(person(0), person(6), 0.3);
    graph.apply(&events, 0).await.unwrap();
    let network = graph.analysis(workspace, 3).await.unwrap();
    assert_eq!(network.brokers.iter().map(|broker| broker.record).collect::<Vec<_>>(), vec![person(0), person(1), person(6)]);
    assert!(network.brokers.iter().all(|broker| broker.value > 0.0 && broker.value <= 1.0));
    let mut sizes: Vec<usize> = network.communities.iter().map(|community| community.size).collect();
    sizes.sort_unstable();
    assert_eq!(sizes, vec![5, 6]);
    assert!(network.out_of_touch.is_empty());
    assert_eq!(graph.analysis(workspace, 3).await.unwrap(), network, "the same every time");
}

async fn positions(graph: &dyn Graph) {
    let workspace = WorkspaceId::new();
    graph.apply(&[], 40).await.unwrap();
    assert_eq!(graph.position().await.unwrap(), 40);
    graph.apply(&[note(41, workspace, person(1))], 41).await.unwrap();
    assert_eq!(graph.position().await.unwrap(), 41, "what changes nothing moves the position too");
    graph.apply(&[], 7).await.unwrap();
    assert_eq!(graph.position().await.unwrap(), 41, "it never moves back");
    graph.clear().await.unwrap();
    assert_eq!(graph.position().await.unwrap(), 0);
    assert!(graph.inventory().await.unwrap().is_empty());
}

async fn beside(graph: &dyn Graph) {
    let workspace = WorkspaceId::new();
    graph.apply(&[upsert(1, node(workspace, person(1), 1, "Old"))], 1).await.unwrap();
    let fresh = graph.beside().await.unwrap();
    assert_eq!((fresh.position().await.unwrap(), fresh.inventory().await.unwrap().len()), (0, 0), "it begins empty");
    fresh.apply(&[upsert(2, node(workspace, person(2), 1, "New"))], 2).await.unwrap();
    graph.apply(&[upsert(3, node(workspace, person(3), 1, "Meanwhile"))], 3).await.unwrap();
    let known = async |number| graph.contains(workspace, person(number)).await.unwrap();
    assert_eq!((known(1).await, known(2).await, known(3).await), (true, false, true), "nothing shows before the switch");
    graph.switch().await.unwrap();
    assert_eq!((known(1).await, known(2).await, known(3).await), (false, true, false));
    assert_eq!((graph.position().await.unwrap(), graph.inventory().await.unwrap().len()), (2, 1));
    graph.switch().await.unwrap();
    assert!(known(2).await, "without another beside there is nothing to switch to");
    graph.beside().await.unwrap().apply(&[upsert(4, node(workspace, person(4), 1, "Unfinished"))], 4).await.unwrap();
    assert!(graph.beside().await.unwrap().inventory().await.unwrap().is_empty(), "an unfinished one is dropped");
    graph.switch().await.unwrap();
    assert_eq!((graph.position().await.unwrap(), graph.inventory().await.unwrap().len()), (0, 0));
}

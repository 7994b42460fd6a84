//! The part of the graph that a question is about.

use super::super::space::{Space, Statement};
use super::super::{MAX_HOPS, neighbourhood};
use super::session::Session;
use crate::projection::{Inventory, ProjectedEdge};
use crate::{Error, Result};
use looma_types::{RecordKind, Ref, WorkspaceId};
use neo4rs::query;
use serde::Deserialize;
use std::collections::HashSet;
use uuid::Uuid;

/// How many edges are fetched for one question; beyond it the weakest of a level are left out.
pub const MOST_EDGES: usize = 200_000;
/// How many records of the inventory are read at once.
const PAGE: usize = 10_000;
/// From the side of a path that leads to more records one more level is fetched only while it leads to so many times more.
const LOPSIDED: usize = 4;

/// Each row is a node (`n`) with its edges (`e`) and their other ends (`m`).
macro_rules! with_edges {
    ($nodes:literal) => {
        concat!(
            $nodes,
            " WITH n, e, m ORDER BY e.strength DESC, e.id LIMIT $most
             RETURN n.record AS record, n.label AS label,
                 collect(CASE WHEN e IS NOT NULL THEN [m.record, m.label, startNode(e) = n, e.id, e.kind, e.strength] END) AS edges"
        )
    };
}

const LEVEL: &str = with_edges!(
    "UNWIND $records AS record MATCH (n:LoomaRecord {key: $space + record}) WHERE n.label IS NOT NULL
     OPTIONAL MATCH (n)-[e:LOOMA_EDGE]-(m) WHERE m.label IS NOT NULL AND ($among IS NULL OR m.record IN $among)"
);
// Of the other end the key is not asked: by its index the server would look through all people for each of them.
const PEOPLE: &str = with_edges!(
    "MATCH (n:LoomaRecord) WHERE n.key STARTS WITH $people AND n.label IS NOT NULL
     OPTIONAL MATCH (n)-[e:LOOMA_EDGE]->(m) WHERE m.record STARTS WITH $person AND m.label IS NOT NULL"
);
const INVENTORY: &str = "MATCH (r:LoomaRecord) WHERE r.key > $after AND r.key < $end AND r.lives
     WITH r ORDER BY r.key LIMIT $most
     RETURN r.key AS key, r.version AS version";

#[derive(Deserialize)]
struct Row {
    record: String,
    label: String,
    edges: Vec<End>,
}

/// Its record and label, whether the edge leads to it, and the edge's id, kind and strength.
type End = (String, String, bool, String, String, f64);

#[derive(Deserialize)]
struct Held {
    key: String,
    version: i64,
}

/// What was fetched.
#[derive(Default)]
pub struct Part {
    pub space: Space,
    /// The nodes all of whose edges are here.
    complete: HashSet<Ref>,
    edges: usize,
    /// Whether there was more than may be fetched.
    pub cut: bool,
}

fn record(text: &str) -> Result<Ref> {
    text.parse().map_err(|error| Error::corrupt("graph", error))
}

impl Part {
    fn missing(&self, records: &[Ref]) -> Vec<Ref> {
        records.iter().copied().filter(|record| !self.complete.contains(record)).collect()
    }

    /// Takes in a node with its edges, except those that came with the node at their other end; answers the node.
    fn take(&mut self, row: Row) -> Result<Ref> {
        let node = record(&row.record)?;
        self.edges += row.edges.len();
        let mut edges = Vec::with_capacity(row.edges.len());
        for (end, label, outgoing, id, kind, strength) in row.edges {
            let end = record(&end)?;
            if self.complete.contains(&end) {
                continue;
            }
            if self.space.number(end).is_none() {
                self.space.state(end, Some(Statement { label: Some(label), edges: vec![] }));
            }
            let id: Uuid = id.parse().map_err(|error| Error::corrupt("graph", error))?;
            let (from, to) = if outgoing { (node, end) } else { (end, node) };
            edges.push(ProjectedEdge { id, from, to, kind, strength });
        }
        self.space.state(node, Some(Statement { label: Some(row.label), edges }));
        Ok(node)
    }
}

/// One question's way through a workspace.
struct Walk<'a> {
    session: &'a Session,
    /// What the keys of the workspace's records begin with.
    space: String,
    part: Part,
}

impl<'a> Walk<'a> {
    fn new(session: &'a Session, generation: &str, workspace: WorkspaceId) -> Self {
        Self { session, space: format!("{generation}{workspace}/"), part: Part::default() }
    }

    /// Fetches the edges of records, or only those that lead to some.
    async fn level(&mut self, records: &[Ref], among: Option<&[Ref]>) -> Result<()> {
        let names = |records: &[Ref]| records.iter().map(Ref::to_string).collect::<Vec<String>>();
        let most = MOST_EDGES - self.part.edges.min(MOST_EDGES);
        let query = query(LEVEL)
            .param("space", self.space.as_str())
            .param("records", names(records))
            .param("among", among.map(names))
            .param("most", most as i64);
        for row in self.session.read::<Row>("level", &query).await? {
            let node = self.part.take(row)?;
            self.part.complete.insert(node);
        }
        self.part.cut |= self.part.edges >= MOST_EDGES;
        Ok(())
    }
}

/// One end of the paths that are looked for.
struct Side {
    other: Ref,
    seen: HashSet<Ref>,
    outermost: Vec<Ref>,
}

impl Side {
    fn new(end: Ref, other: Ref) -> Self {
        Self { other, seen: HashSet::from([end]), outermost: vec![end] }
    }

    /// One edge further. A path ends at the other end: nothing behind it matters.
    fn advance(&mut self, space: &Space) {
        let Self { other, seen, outermost } = self;
        let links = outermost.iter().filter_map(|record| space.number(*record)).flat_map(|number| space.links(number));
        *outermost = links.map(|link| space.record(link.to)).filter(|record| record != other && seen.insert(*record)).collect();
    }
}

/// Every edge on a path of at most `max_hops` edges between two records, and some more: of such a path's edges the first so
/// many begin within reach of one end, and the others within reach of the other. Which end reaches further is decided on the
/// way, level by level, by where fewer records wait.
pub async fn between(session: &Session, generation: &str, workspace: WorkspaceId, from: Ref, to: Ref, max_hops: u32) -> Result<Part> {
    let mut walk = Walk::new(session, generation, workspace);
    let mut sides = [Side::new(from, to), Side::new(to, from)];
    let mut left = max_hops.clamp(1, MAX_HOPS) as usize;
    // Where one end leads no further, all its paths are known.
    while left > 0 && !walk.part.cut && sides.iter().all(|side| !side.outermost.is_empty()) {
        sides.sort_by_key(|side| side.outermost.len());
        let both = left > 1 && sides[1].outermost.len() <= LOPSIDED * sides[0].outermost.len();
        let advancing = &mut sides[..if both { 2 } else { 1 }];
        let records: HashSet<Ref> = advancing.iter().flat_map(|side| walk.part.missing(&side.outermost)).collect();
        let records: Vec<Ref> = records.into_iter().collect();
        if !records.is_empty() {
            walk.level(&records, None).await?;
        }
        left -= advancing.len();
        for side in advancing.iter_mut() {
            side.advance(&walk.part.space);
        }
    }
    Ok(walk.part)
}

/// What lies around a record: level by level the nodes that the answer chooses, then the edges among the outermost.
pub async fn around(session: &Session, generation: &str, workspace: WorkspaceId, center: Ref, depth: u32, limit: usize) -> Result<Part> {
    let mut walk = Walk::new(session, generation, workspace);
    let mut chosen = vec![center];
    for depth in 1..=depth.min(MAX_HOPS) {
        let outermost = walk.part.missing(&chosen);
        if outermost.is_empty() || walk.part.cut {
            break;
        }
        walk.level(&outermost, None).await?;
        chosen = neighbourhood::around(&walk.part.space, center, depth, limit).nodes.into_iter().map(|node| node.record).collect();
    }
    let outermost = walk.part.missing(&chosen);
    if !outermost.is_empty() && !walk.part.cut {
        walk.level(&outermost, Some(&chosen)).await?;
    }
    Ok(walk.part)
}

/// A workspace's people and the edges between them.
pub async fn people(session: &Session, generation: &str, workspace: WorkspaceId) -> Result<Part> {
    let mut part = Part::default();
    let person = format!("{}:", RecordKind::Person);
    // Each edge comes once, with the node where it begins.
    let people = query(PEOPLE).param("people", format!("{generation}{workspace}/{person}")).param("person", person);
    let query = people.param("most", MOST_EDGES as i64);
    for row in session.read::<Row>("people", &query).await? {
        part.take(row)?;
    }
    Ok(part)
}

/// Every living record's version, a page at a time.
pub async fn inventory(session: &Session, generation: &str) -> Result<Inventory> {
    let mut inventory = Inventory::new();
    let mut after = generation.to_owned();
    // What follows every key that begins with the generation: its last character is a slash, and 0 is the next one.
    let end = generation.trim_end_matches('/').to_owned() + "0";
    loop {
        let query = query(INVENTORY).param("after", after.as_str()).param("end", end.as_str()).param("most", PAGE as i64);
        let page = session.read::<Held>("inventory", &query).await?;
        for Held { key, version } in &page {
            let (workspace, of) = key[generation.len()..].split_once('/').ok_or_else(|| Error::corrupt("graph", key))?;
            let workspace = workspace.parse().map_err(|error| Error::corrupt("graph", error))?;
            inventory.insert((WorkspaceId(workspace), record(of)?), *version);
        }
        match page.into_iter().nth(PAGE - 1) {
            Some(last) => after = last.key,
            None => return Ok(inventory),
        }
    }
}

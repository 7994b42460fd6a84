//! One workspace's graph in memory: records and edges by number, so that walking is reading arrays.

use crate::outbox::{Change, Event};
use crate::projection::ProjectedEdge;
use crate::version::{Key, Version};
use looma_types::Ref;
use looma_types::person::{Edge, Node};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// The weakest an edge can be: a strength of 0 would end every path through it.
const WEAKEST: f64 = 1e-6;

/// What one record says of the graph.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Statement {
    /// Its label, where it is a node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub edges: Vec<ProjectedEdge>,
}

/// What an event changes: the record's version, and what it says of the graph from now on. A note changes nothing.
pub fn change(event: &Event) -> Option<(Key, Version, Option<Statement>)> {
    let statement = match &event.change {
        Change::Note => return None,
        Change::Delete => None,
        Change::Upsert(projected) => {
            let label = projected.node.then(|| projected.title.clone());
            (label.is_some() || !projected.edges.is_empty()).then(|| Statement { label, edges: projected.edges.clone() })
        }
    };
    Some(((event.workspace, event.record), Version { number: event.version, lives: statement.is_some() }, statement))
}

/// The strength that an edge counts with.
pub fn strength(stated: f64) -> f64 {
    if stated.is_finite() { stated.clamp(WEAKEST, 1.0) } else { WEAKEST }
}

/// One end of an edge, seen from the other.
#[derive(Clone, Copy, Debug)]
pub struct Link {
    pub to: u32,
    pub edge: u32,
    pub strength: f64,
}

/// A graph; an edge counts while both its ends have a label.
#[derive(Default)]
pub struct Space {
    numbers: HashMap<Ref, u32>,
    records: Vec<Ref>,
    labels: Vec<Option<String>>,
    links: Vec<Vec<Link>>,
    edges: Vec<Option<Edge>>,
    free: Vec<u32>,
    stated: HashMap<u32, Vec<u32>>,
}

impl Space {
    /// Replaces what `record` said before; nothing takes it all back.
    pub fn state(&mut self, record: Ref, statement: Option<Statement>) {
        let owner = self.number_for(record);
        for slot in self.stated.remove(&owner).unwrap_or_default() {
            if let Some(edge) = self.edges[slot as usize].take() {
                for end in [edge.from, edge.to] {
                    let end = self.number_for(end);
                    self.links[end as usize].retain(|link| link.edge != slot);
                }
            }
            self.free.push(slot);
        }
        let Statement { label, edges } = statement.unwrap_or(Statement { label: None, edges: vec![] });
        self.labels[owner as usize] = label;
        // An edge from a record to itself leads nowhere.
        let slots: Vec<u32> = edges.into_iter().filter(|edge| edge.from != edge.to).map(|edge| self.add(edge)).collect();
        if !slots.is_empty() {
            self.stated.insert(owner, slots);
        }
    }

    fn add(&mut self, edge: ProjectedEdge) -> u32 {
        let strength = strength(edge.strength);
        let slot = self.free.pop().unwrap_or_else(|| {
            self.edges.push(None);
            self.edges.len() as u32 - 1
        });
        let (from, to) = (self.number_for(edge.from), self.number_for(edge.to));
        self.links[from as usize].push(Link { to, edge: slot, strength });
        self.links[to as usize].push(Link { to: from, edge: slot, strength });
        self.edges[slot as usize] = Some(Edge { id: edge.id, from: edge.from, to: edge.to, kind: edge.kind, strength });
        slot
    }

    fn number_for(&mut self, record: Ref) -> u32 {
        *self.numbers.entry(record).or_insert_with(|| {
            self.records.push(record);
            self.labels.push(None);
            self.links.push(vec![]);
            self.records.len() as u32 - 1
        })
    }

    /// A node's number; nothing for what is no node.
    pub fn number(&self, record: Ref) -> Option<u32> {
        self.numbers.get(&record).copied().filter(|number| self.is_node(*number))
    }

    pub fn is_node(&self, number: u32) -> bool {
        self.labels[number as usize].is_some()
    }

    /// One more than the largest number.
    pub fn size(&self) -> usize {
        self.records.len()
    }

    pub fn record(&self, number: u32) -> Ref {
        self.records[number as usize]
    }

    pub fn label(&self, number: u32) -> String {
        self.labels[number as usize].clone().unwrap_or_default()
    }

    pub fn node(&self, number: u32) -> Node {
        Node { record: self.record(number), label: self.label(number) }
    }

    pub fn edge(&self, slot: u32) -> Option<&Edge> {
        self.edges[slot as usize].as_ref()
    }

    /// The edges that count at a node.
    pub fn links(&self, number: u32) -> impl Iterator<Item = Link> + '_ {
        self.links[number as usize].iter().copied().filter(|link| self.is_node(link.to))
    }

    /// The best edge to each neighbour; of equal ones the one with the smallest id.
    pub fn best_links(&self, number: u32) -> Vec<Link> {
        let mut links: Vec<Link> = self.links(number).collect();
        let id = |link: &Link| self.edge(link.edge).map(|edge| edge.id);
        links.sort_unstable_by(|a, b| a.to.cmp(&b.to).then(b.strength.total_cmp(&a.strength)).then_with(|| id(a).cmp(&id(b))));
        links.dedup_by_key(|link| link.to);
        links
    }
}

//! The best simple paths between two records.
//!
//! First the best product from every node to the goal within 0…n edges is worked out backwards. It bounds from above what a
//! half path can still become, so that the search forwards (best first) hardly ever leaves the way.

use super::space::{Link, Space};
use looma_types::Ref;
use looma_types::person::{Hop, Path};
use std::cmp::{Ordering, Reverse};
use std::collections::{BinaryHeap, HashMap};

/// How many half paths are looked at before the search answers with what it has: a dense graph never holds up a request.
const MAX_STEPS: usize = 200_000;
/// Products made from either end differ in their last bits; a bound must never be the smaller one.
const SLACK: f64 = 1.0 + 1e-12;
const MOST_RECORDS: usize = super::MAX_HOPS as usize + 1;

#[derive(Clone, Copy)]
struct Candidate {
    /// At least what the best path that begins so comes to.
    bound: f64,
    strength: f64,
    len: usize,
    nodes: [u32; MOST_RECORDS],
    done: bool,
}

impl Candidate {
    fn nodes(&self) -> &[u32] {
        &self.nodes[..self.len]
    }
}

/// A candidate with what it takes to compare it: the better one is the greater.
struct Ranked<'a>(Candidate, &'a Space);

impl Ord for Ranked<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        let ids = |ranked: &Self| -> [Option<Ref>; MOST_RECORDS] {
            std::array::from_fn(|at| ranked.0.nodes().get(at).map(|number| ranked.1.record(*number)))
        };
        let (a, b) = (&self.0, &other.0);
        a.bound
            .total_cmp(&b.bound)
            // What may still become as good goes first, so that equals leave in the order they are answered in.
            .then_with(|| b.done.cmp(&a.done))
            .then_with(|| b.len.cmp(&a.len))
            .then_with(|| Reverse(ids(self)).cmp(&Reverse(ids(other))))
    }
}

impl PartialOrd for Ranked<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Ranked<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Ranked<'_> {}

/// The best paths of at most `max_hops` edges. Between two neighbours only the strongest edge counts.
pub fn best(space: &Space, from: Ref, to: Ref, max_hops: u32, limit: usize) -> Vec<Path> {
    let (Some(start), Some(goal)) = (space.number(from), space.number(to)) else { return vec![] };
    let max_hops = max_hops.clamp(1, super::MAX_HOPS) as usize;
    if start == goal || limit == 0 {
        return vec![];
    }
    let reach = reach(space, goal, max_hops);
    let mut links: HashMap<u32, Vec<Link>> = HashMap::new();
    let mut heap = BinaryHeap::new();
    let mut nodes = [0; MOST_RECORDS];
    nodes[0] = start;
    heap.push(Ranked(Candidate { bound: f64::INFINITY, strength: 1.0, len: 1, nodes, done: false }, space));
    let mut found = Vec::new();
    let mut steps = 0;
    while let Some(Ranked(candidate, _)) = heap.pop() {
        if candidate.done {
            found.push(describe(space, &candidate, &links));
            if found.len() == limit {
                break;
            }
            continue;
        }
        let at = candidate.nodes[candidate.len - 1];
        let remaining = max_hops - candidate.len;
        for link in links.entry(at).or_insert_with(|| space.best_links(at)) {
            steps += 1;
            let reachable = reach[remaining].get(&link.to).copied();
            let (Some(reachable), false) = (reachable, candidate.nodes().contains(&link.to)) else { continue };
            if steps > MAX_STEPS && link.to != goal {
                continue;
            }
            let strength = candidate.strength * link.strength;
            let done = link.to == goal;
            let mut next = Candidate { bound: strength, strength, len: candidate.len + 1, done, ..candidate };
            if !done {
                next.bound = strength * reachable * SLACK;
            }
            next.nodes[candidate.len] = link.to;
            heap.push(Ranked(next, space));
        }
    }
    found
}

/// For each number of edges: the best product from a node to the goal within so many.
fn reach(space: &Space, goal: u32, max_hops: usize) -> Vec<HashMap<u32, f64>> {
    let mut layers = vec![HashMap::from([(goal, 1.0)])];
    let mut changed = vec![goal];
    for hops in 1..max_hops {
        let before = &layers[hops - 1];
        let mut now = before.clone();
        for node in std::mem::take(&mut changed) {
            let product = before[&node];
            for link in space.links(node) {
                let best = now.entry(link.to).or_insert(0.0);
                if product * link.strength > *best {
                    *best = product * link.strength;
                    changed.push(link.to);
                }
            }
        }
        changed.sort_unstable();
        changed.dedup();
        layers.push(now);
    }
    layers
}

fn describe(space: &Space, candidate: &Candidate, links: &HashMap<u32, Vec<Link>>) -> Path {
    let nodes = candidate.nodes();
    let hops = nodes.iter().enumerate().map(|(at, number)| {
        let link = at.checked_sub(1).and_then(|before| links[&nodes[before]].iter().find(|link| link.to == *number));
        Hop { record: space.record(*number), label: space.label(*number), via: link.and_then(|link| space.edge(link.edge)).cloned() }
    });
    Path { hops: hops.collect(), strength: candidate.strength }
}

#[cfg(test)]
mod tests {
    use super::super::space::Statement;
    use super::*;
    use crate::projection::ProjectedEdge;
    use crate::trial::{person, record};
    use looma_types::RecordKind;
    use proptest::prelude::*;

    fn space(edges: &[(u64, u64, f64)]) -> Space {
        let mut space = Space::default();
        for number in 0..8 {
            space.state(person(number), Some(Statement { label: Some(number.to_string()), edges: vec![] }));
        }
        for (number, (from, to, strength)) in edges.iter().enumerate() {
            let owner = record(RecordKind::Relationship, number as u64);
            let edge = ProjectedEdge { id: owner.id, from: person(*from), to: person(*to), kind: "knows".into(), strength: *strength };
            space.state(owner, Some(Statement { label: None, edges: vec![edge] }));
        }
        space
    }

    /// Every simple path, found by trying everything.
    fn naive(edges: &[(u64, u64, f64)], from: u64, to: u64, max_hops: usize) -> Vec<(f64, Vec<u64>)> {
        fn walk(edges: &[(u64, u64, f64)], so_far: Vec<u64>, strength: f64, to: u64, max_hops: usize, found: &mut Vec<(f64, Vec<u64>)>) {
            let at = so_far[so_far.len() - 1];
            if at == to {
                found.push((strength, so_far));
                return;
            }
            if so_far.len() > max_hops {
                return;
            }
            for next in (0..8).filter(|next| !so_far.contains(next)) {
                let ties = edges.iter().filter(|(a, b, _)| (*a, *b) == (at, next) || (*a, *b) == (next, at));
                if let Some(best) = ties.map(|(_, _, strength)| *strength).max_by(f64::total_cmp) {
                    walk(edges, [so_far.clone(), vec![next]].concat(), strength * best, to, max_hops, found);
                }
            }
        }
        let mut found = vec![];
        if from != to {
            walk(edges, vec![from], 1.0, to, max_hops, &mut found);
        }
        found.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.len().cmp(&b.1.len())).then(a.1.cmp(&b.1)));
        found
    }

    proptest! {
        #[test]
        fn finds_what_trying_everything_finds(
            edges in prop::collection::vec((0_u64..8, 0_u64..8, prop::sample::select(vec![1.0, 0.9, 0.5, 0.3, 0.123])), 0..22),
            to in 1_u64..8,
            max_hops in 1_u32..=6,
            limit in 1_usize..12,
        ) {
            let edges: Vec<_> = edges.into_iter().filter(|(from, to, _)| from != to).collect();
            let expected: Vec<(f64, Vec<Ref>)> = naive(&edges, 0, to, max_hops as usize)
                .into_iter().take(limit).map(|(strength, nodes)| (strength, nodes.into_iter().map(person).collect())).collect();
            let found: Vec<(f64, Vec<Ref>)> = best(&space(&edges), person(0), person(to), max_hops, limit)
                .into_iter().map(|path| (path.strength, path.hops.iter().map(|hop| hop.record).collect())).collect();
            prop_assert_eq!(found, expected);
        }
    }
}

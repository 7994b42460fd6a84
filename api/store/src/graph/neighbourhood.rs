//! What lies around a record.

use super::space::Space;
use looma_types::Ref;
use looma_types::person::Subgraph;
use std::collections::{BTreeMap, HashSet};

/// How many edges are answered for each node that may be.
const EDGES_PER_NODE: usize = 10;

/// The nodes within `depth` edges, nearest first, among equally near ones the best reached, then by id.
pub fn around(space: &Space, center: Ref, depth: u32, limit: usize) -> Subgraph {
    let Some(center) = space.number(center).filter(|_| limit > 0) else { return Subgraph::default() };
    let mut chosen = vec![center];
    let mut seen = HashSet::from([center]);
    let mut frontier = BTreeMap::from([(center, 1.0)]);
    let mut truncated = false;
    for _ in 0..depth.min(super::MAX_HOPS) {
        let mut reached: BTreeMap<u32, f64> = BTreeMap::new();
        for (node, strength) in &frontier {
            for link in space.links(*node).filter(|link| !seen.contains(&link.to)) {
                let best = reached.entry(link.to).or_insert(0.0);
                *best = best.max(strength * link.strength);
            }
        }
        let mut next: Vec<(u32, f64)> = reached.into_iter().collect();
        next.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then_with(|| space.record(a.0).cmp(&space.record(b.0))));
        truncated |= next.len() > limit - chosen.len();
        next.truncate(limit - chosen.len());
        chosen.extend(next.iter().map(|(node, _)| *node));
        seen.extend(next.iter().map(|(node, _)| *node));
        if next.is_empty() {
            break;
        }
        frontier = next.into_iter().collect();
    }
    let mut slots: Vec<(u32, f64)> = chosen
        .iter()
        .flat_map(|node| space.links(*node))
        .filter(|link| seen.contains(&link.to))
        .map(|link| (link.edge, link.strength))
        .collect();
    slots.sort_unstable_by_key(|(slot, _)| *slot);
    slots.dedup_by_key(|(slot, _)| *slot);
    let mut edges: Vec<_> = slots.into_iter().filter_map(|(slot, _)| space.edge(slot).cloned()).collect();
    edges.sort_unstable_by(|a, b| b.strength.total_cmp(&a.strength).then_with(|| (a.from, a.to, a.id).cmp(&(b.from, b.to, b.id))));
    let most = limit.saturating_mul(EDGES_PER_NODE);
    truncated |= edges.len() > most;
    edges.truncate(most);
    Subgraph { nodes: chosen.into_iter().map(|node| space.node(node)).collect(), edges, truncated }
}

//! What starts after what: an order, its reverse for the end, and the longest way through.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{Display, Formatter};
use std::time::Duration;

/// A graph of dependencies without cycles.
#[derive(Clone, Debug)]
pub struct Plan<T> {
    needs: BTreeMap<T, BTreeSet<T>>,
    order: Vec<T>,
}

/// These wait for each other, each for the next and the last for the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cycle<T>(pub Vec<T>);

impl<T: Display> Display for Cycle<T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        for one in &self.0 {
            write!(f, "{one} needs ")?;
        }
        self.0.first().map_or(Ok(()), |first| write!(f, "{first}"))
    }
}

impl<T: Display + std::fmt::Debug> std::error::Error for Cycle<T> {}

impl<T: Copy + Ord> Plan<T> {
    /// Each with what it needs; a need that is not among them is somebody else's to start.
    /// # Errors
    /// A cycle is refused.
    pub fn new(nodes: impl IntoIterator<Item = (T, Vec<T>)>) -> Result<Self, Cycle<T>> {
        let all: BTreeMap<T, Vec<T>> = nodes.into_iter().collect();
        let among = |needs: &[T]| needs.iter().copied().filter(|need| all.contains_key(need)).collect();
        let needs: BTreeMap<T, BTreeSet<T>> = all.iter().map(|(node, needs)| (*node, among(needs))).collect();
        let (mut order, mut begun) = (Vec::new(), BTreeSet::new());
        while order.len() < needs.len() {
            let ready = |(node, needs): &(&T, &BTreeSet<T>)| !begun.contains(*node) && needs.is_subset(&begun);
            let next: Vec<T> = needs.iter().filter(ready).map(|(node, _)| *node).collect();
            if next.is_empty() {
                return Err(cycle(&needs, &begun));
            }
            begun.extend(&next);
            order.extend(next);
        }
        Ok(Self { needs, order })
    }

    /// Everything, each after what it needs.
    pub fn order(&self) -> &[T] {
        &self.order
    }

    /// Everything, each before what it needs.
    pub fn stop_order(&self) -> impl Iterator<Item = T> + '_ {
        self.order.iter().rev().copied()
    }

    pub fn needs(&self, node: T) -> impl Iterator<Item = T> + '_ {
        self.needs.get(&node).into_iter().flatten().copied()
    }

    /// Who needs it.
    pub fn dependents(&self, node: T) -> impl Iterator<Item = T> + '_ {
        self.needs.iter().filter(move |(_, needs)| needs.contains(&node)).map(|(dependent, _)| *dependent)
    }

    /// How far from the beginning: 0 needs nothing.
    pub fn levels(&self) -> BTreeMap<T, usize> {
        let mut levels = BTreeMap::new();
        for node in &self.order {
            let level = self.needs(*node).filter_map(|need| levels.get(&need)).max().map_or(0, |level: &usize| level + 1);
            levels.insert(*node, level);
        }
        levels
    }

    /// The chain of dependencies that takes longest, in order of time: whoever wants a faster start begins here.
    pub fn critical_path(&self, took: impl Fn(T) -> Duration) -> Vec<T> {
        let mut ends: BTreeMap<T, (Duration, Option<T>)> = BTreeMap::new();
        for node in &self.order {
            let before = self.needs(*node).filter_map(|need| Some((ends.get(&need)?.0, need))).max();
            let total = before.map_or(Duration::ZERO, |(total, _)| total) + took(*node);
            ends.insert(*node, (total, before.map(|(_, need)| need)));
        }
        let mut at = ends.iter().max_by_key(|(_, (total, _))| *total).map(|(node, _)| *node);
        let mut path = Vec::new();
        while let Some(node) = at {
            path.push(node);
            at = ends.get(&node).and_then(|(_, before)| *before);
        }
        path.reverse();
        path
    }
}

/// Whoever is left needs one that is left: following that ends where it has been.
fn cycle<T: Copy + Ord>(needs: &BTreeMap<T, BTreeSet<T>>, begun: &BTreeSet<T>) -> Cycle<T> {
    let mut way: Vec<T> = Vec::new();
    let mut at = needs.keys().find(|node| !begun.contains(node)).copied();
    while let Some(node) = at {
        if let Some(first) = way.iter().position(|before| *before == node) {
            return Cycle(way.split_off(first));
        }
        way.push(node);
        at = needs.get(&node).and_then(|needs| needs.iter().find(|need| !begun.contains(need)).copied());
    }
    Cycle(way)
}

#[cfg(test)]
mod tests {
    use super::*;
    use looma_types::ServiceName;
    use proptest::prelude::*;

    type Nodes = Vec<(u8, Vec<u8>)>;

    /// Each needs earlier ones only, under shuffled names.
    fn acyclic() -> impl Strategy<Value = (Nodes, Vec<u64>)> {
        (1..12_usize)
            .prop_flat_map(|count| {
                let names = Just((0..count as u8).collect::<Vec<_>>()).prop_shuffle();
                let edges = prop::collection::vec(prop::collection::vec(any::<bool>(), count), count);
                (names, edges, prop::collection::vec(0..1000_u64, count))
            })
            .prop_map(|(names, edges, took)| {
                let needs = |index: usize| (0..index).filter(|need| edges[index][*need]).map(|need| names[need]).collect();
                ((0..names.len()).map(|index| (names[index], needs(index))).collect(), took)
            })
    }

    fn place(order: &[u8], node: u8) -> usize {
        order.iter().position(|one| *one == node).unwrap()
    }

    /// Every chain from `node` down, by brute force.
    fn longest(nodes: &Nodes, node: u8, took: &dyn Fn(u8) -> Duration) -> Duration {
        let needs = &nodes.iter().find(|(one, _)| *one == node).unwrap().1;
        needs.iter().map(|need| longest(nodes, *need, took)).max().unwrap_or_default() + took(node)
    }

    proptest! {
        #[test]
        fn starts_after_its_needs_and_ends_before_them((nodes, took) in acyclic()) {
            let plan = Plan::new(nodes.clone()).unwrap();
            let stop: Vec<u8> = plan.stop_order().collect();
            prop_assert_eq!(plan.order().len(), nodes.len());
            let mut reversed = plan.order().to_vec();
            reversed.reverse();
            prop_assert_eq!(&stop, &reversed);
            for (node, needs) in &nodes {
                for need in needs {
                    prop_assert!(place(plan.order(), *need) < place(plan.order(), *node));
                    prop_assert!(place(&stop, *need) > place(&stop, *node));
                    prop_assert!(plan.levels()[need] < plan.levels()[node]);
                    prop_assert!(plan.dependents(*need).any(|dependent| dependent == *node));
                }
            }

            let took = |node: u8| Duration::from_millis(took[usize::from(node)]);
            let path = plan.critical_path(took);
            for pair in path.windows(2) {
                prop_assert!(plan.needs(pair[1]).any(|need| need == pair[0]), "a chain of dependencies");
            }
            let most = nodes.iter().map(|(node, _)| longest(&nodes, *node, &took)).max().unwrap();
            prop_assert_eq!(path.into_iter().map(took).sum::<Duration>(), most);
        }

        #[test]
        fn a_cycle_is_refused_and_named((mut nodes, _) in acyclic(), from in any::<prop::sample::Index>(), to in any::<prop::sample::Index>()) {
            let (first, last) = (from.index(nodes.len()).min(to.index(nodes.len())), from.index(nodes.len()).max(to.index(nodes.len())));
            let (one, other) = (nodes[first].0, nodes[last].0);
            nodes[last].1.push(one);
            nodes[first].1.push(other);
            let Cycle(way) = Plan::new(nodes.clone()).unwrap_err();
            prop_assert!(!way.is_empty());
            for (index, node) in way.iter().enumerate() {
                let next = way[(index + 1) % way.len()];
                prop_assert!(nodes.iter().any(|(one, needs)| one == node && needs.contains(&next)), "each needs the next");
            }
        }
    }

    #[test]
    fn the_eighteen_can_be_started() {
        let plan = Plan::new(ServiceName::ALL.map(|service| (service, service.needs().to_vec()))).unwrap();
        assert_eq!(plan.order().len(), 18);
        let path = plan.critical_path(|_| Duration::from_millis(1));
        assert_eq!(path, [ServiceName::User, ServiceName::Ai, ServiceName::Search, ServiceName::Job]);
        assert_eq!(Plan::new([("a", vec!["b"]), ("b", vec!["a", "elsewhere"])]).unwrap_err().to_string(), "a needs b needs a");
    }
}

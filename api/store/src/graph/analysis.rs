//! Brokers and communities among people.
//!
//! Betweenness after Brandes (2001), from a sample of sources as in Brandes and Pich (2007); communities by label
//! propagation after Raghavan et al. (2007). Both walk in a fixed order, so that the answer is the same every time.

use super::space::Space;
use looma_types::RecordKind;
use looma_types::person::{Community, NetworkAnalysis, Ranked};
use std::collections::{HashMap, VecDeque};

/// How many people the shortest paths begin from; with fewer people betweenness is exact.
const SOURCES: usize = 128;
const ROUNDS: usize = 20;
const MEMBERS: usize = 10;

/// People and the bonds between them, numbered anew in order of id.
struct Network {
    numbers: Vec<u32>,
    bonds: Vec<Vec<(usize, f64)>>,
}

impl Network {
    fn of(space: &Space) -> Self {
        let mut numbers: Vec<u32> =
            (0..space.size() as u32).filter(|number| space.is_node(*number) && space.record(*number).kind == RecordKind::Person).collect();
        numbers.sort_unstable_by_key(|number| space.record(*number));
        let places: HashMap<u32, usize> = numbers.iter().enumerate().map(|(place, number)| (*number, place)).collect();
        let bonds = numbers
            .iter()
            .map(|number| {
                let mut bonds: Vec<(usize, f64)> = space
                    .best_links(*number)
                    .into_iter()
                    .filter_map(|link| places.get(&link.to).map(|place| (*place, link.strength)))
                    .collect();
                bonds.sort_unstable_by_key(|(place, _)| *place);
                bonds
            })
            .collect();
        Self { numbers, bonds }
    }
}

/// The first `limit` brokers and communities.
pub fn analyse(space: &Space, limit: usize) -> NetworkAnalysis {
    let network = Network::of(space);
    let ranked = |place: usize, value: f64| {
        let number = network.numbers[place];
        Ranked { record: space.record(number), label: space.label(number), value }
    };
    let between = betweenness(&network);
    let mut order: Vec<usize> = (0..between.len()).filter(|place| between[*place] > 0.0).collect();
    order.sort_by(|a, b| between[*b].total_cmp(&between[*a]).then(a.cmp(b)));
    let brokers = order.into_iter().take(limit).map(|place| ranked(place, between[place])).collect();
    let communities = communities(&network).into_iter().take(limit).map(|mut members| {
        members.sort_by_key(|place| (std::cmp::Reverse(network.bonds[*place].len()), *place));
        Community { size: members.len(), members: members.iter().take(MEMBERS).map(|place| space.node(network.numbers[*place])).collect() }
    });
    NetworkAnalysis { brokers, communities: communities.collect(), out_of_touch: vec![] }
}

/// The share of shortest paths between others that lead through each, 0 to 1.
fn betweenness(network: &Network) -> Vec<f64> {
    let count = network.numbers.len();
    let mut total = vec![0.0; count];
    if count < 3 {
        return total;
    }
    let sources = count.min(SOURCES);
    let mut distance = vec![usize::MAX; count];
    let mut paths = vec![0.0_f64; count];
    let mut share = vec![0.0_f64; count];
    for source in (0..sources).map(|step| step * count / sources) {
        distance.fill(usize::MAX);
        paths.fill(0.0);
        share.fill(0.0);
        (distance[source], paths[source]) = (0, 1.0);
        let mut order = Vec::new();
        let mut queue = VecDeque::from([source]);
        while let Some(at) = queue.pop_front() {
            order.push(at);
            for (next, _) in &network.bonds[at] {
                if distance[*next] == usize::MAX {
                    distance[*next] = distance[at] + 1;
                    queue.push_back(*next);
                }
                if distance[*next] == distance[at] + 1 {
                    paths[*next] += paths[at];
                }
            }
        }
        for at in order.into_iter().rev() {
            for (next, _) in &network.bonds[at] {
                if distance[*next] == distance[at] + 1 {
                    share[at] += paths[at] / paths[*next] * (1.0 + share[*next]);
                }
            }
            if at != source {
                total[at] += share[at];
            }
        }
    }
    let pairs = sources as f64 * (count - 2) as f64;
    for value in &mut total {
        *value /= pairs;
    }
    total
}

/// Groups of two and more, largest first.
fn communities(network: &Network) -> Vec<Vec<usize>> {
    let mut label: Vec<usize> = (0..network.numbers.len()).collect();
    for _ in 0..ROUNDS {
        let mut changed = false;
        for at in 0..label.len() {
            let mut votes: HashMap<usize, f64> = HashMap::new();
            for (next, strength) in &network.bonds[at] {
                *votes.entry(label[*next]).or_default() += strength;
            }
            let own = label[at];
            // The heaviest label; one's own among equals, else the smallest.
            let best =
                votes.into_iter().max_by(|a, b| a.1.total_cmp(&b.1).then_with(|| (a.0 == own).cmp(&(b.0 == own))).then(b.0.cmp(&a.0)));
            if let Some((best, _)) = best
                && best != own
            {
                label[at] = best;
                changed = true;
            }
        }
        if !changed {
            break;
        }
    }
    let mut groups: HashMap<usize, Vec<usize>> = HashMap::new();
    for (place, label) in label.into_iter().enumerate() {
        groups.entry(label).or_default().push(place);
    }
    let mut groups: Vec<_> = groups.into_values().filter(|members| members.len() > 1).collect();
    groups.sort_by_key(|members| (std::cmp::Reverse(members.len()), members[0]));
    groups
}

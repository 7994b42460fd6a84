//! One ranking of two: reciprocal rank fusion (Cormack, Clarke, Büttcher, 2009).

use looma_kernel::types::Ref;
use std::collections::HashMap;

/// Dampens the first places; the paper's value.
const K: f64 = 60.0;

/// A record with its places, from 1, in the two rankings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Fused {
    pub record: Ref,
    pub text: Option<u32>,
    pub vector: Option<u32>,
}

impl Fused {
    /// The sum of the reciprocal ranks; more is better.
    pub fn score(&self) -> f64 {
        [self.text, self.vector].into_iter().flatten().map(|place| 1.0 / (K + f64::from(place))).sum()
    }
}

/// The records of both rankings, best first: by score, then by the better text place, then by record.
pub(crate) fn fuse(text: &[Ref], vector: &[Ref]) -> Vec<Fused> {
    let mut places: HashMap<Ref, (Option<u32>, Option<u32>)> = HashMap::with_capacity(text.len() + vector.len());
    for (place, record) in (1..).zip(text) {
        places.entry(*record).or_default().0.get_or_insert(place);
    }
    for (place, record) in (1..).zip(vector) {
        places.entry(*record).or_default().1.get_or_insert(place);
    }
    let mut fused: Vec<Fused> = places.into_iter().map(|(record, (text, vector))| Fused { record, text, vector }).collect();
    let text_place = |fused: &Fused| fused.text.unwrap_or(u32::MAX);
    fused.sort_by(|a, b| b.score().total_cmp(&a.score()).then(text_place(a).cmp(&text_place(b))).then(a.record.cmp(&b.record)));
    fused
}

#[cfg(test)]
mod tests {
    use super::*;
    use looma_kernel::types::RecordKind;
    use uuid::Uuid;

    fn record(number: u128) -> Ref {
        Ref::new(RecordKind::Person, Uuid::from_u128(number))
    }

    #[test]
    fn what_both_rankings_have_beats_what_one_has_first() {
        let fused = fuse(&[record(1), record(2)], &[record(3), record(2)]);
        assert_eq!(fused[0], Fused { record: record(2), text: Some(2), vector: Some(2) });
        assert!((fused[0].score() - 2.0 / 62.0).abs() < 1e-12);
        // Equal scores: the one with the words comes first.
        assert_eq!(fused[1].record, record(1));
        assert_eq!(fused[2], Fused { record: record(3), text: None, vector: Some(1) });
    }

    #[test]
    fn one_ranking_alone_keeps_its_order() {
        let order = [record(5), record(1), record(9)];
        for fused in [fuse(&order, &[]), fuse(&[], &order)] {
            assert_eq!(fused.iter().map(|fused| fused.record).collect::<Vec<_>>(), order);
        }
    }

    #[test]
    fn the_same_rankings_give_the_same_answer() {
        let text: Vec<Ref> = (0..200).map(record).collect();
        let vector: Vec<Ref> = (100..300).rev().map(record).collect();
        let first = fuse(&text, &vector);
        assert_eq!(first.len(), 300);
        assert!((0..20).all(|_| fuse(&text, &vector) == first));
        assert!(first.windows(2).all(|pair| pair[0].score() >= pair[1].score()));
    }
}

//! One pass over what matches: the best hits in a fixed order, how many there are, and the counts of facets.

use super::KINDS;
use super::document::facet_prefix;
use looma_types::RecordKind;
use looma_types::search::FacetCount;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BinaryHeap, HashMap};
use std::io;
use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::{Column, StrColumn};
use tantivy::{DocAddress, DocId, Score, SegmentOrdinal, SegmentReader};

/// How many values of a facet are answered.
const MAX_VALUES: usize = 50;

/// What to collect.
pub struct Collect {
    /// How many of the best.
    pub best: usize,
    pub count: Vec<String>,
}

/// A hit and its place in the order: score, then kind and id.
#[derive(Clone, Copy, Debug)]
pub struct Top {
    pub score: Score,
    pub record: (u64, u64, u64),
    pub address: DocAddress,
}

/// The better one is the smaller, so that a heap keeps the worst on top.
impl Ord for Top {
    fn cmp(&self, other: &Self) -> Ordering {
        other.score.total_cmp(&self.score).then(self.record.cmp(&other.record))
    }
}

impl PartialOrd for Top {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Top {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Top {}

#[derive(Default)]
pub struct Collected {
    pub total: u64,
    pub best: Vec<Top>,
    pub facets: BTreeMap<String, Vec<FacetCount>>,
}

type Counts = HashMap<String, HashMap<String, u64>>;

pub struct Segment {
    ordinal: SegmentOrdinal,
    most: usize,
    kind: Column<u64>,
    id_high: Column<u64>,
    id_low: Column<u64>,
    total: u64,
    best: BinaryHeap<Top>,
    facets: Option<StrColumn>,
    /// By the value's number in this segment.
    counts: Vec<u32>,
    /// By the kind's number; empty where they are not asked for.
    kinds: Vec<u32>,
    names: Vec<String>,
}

pub struct SegmentFruit {
    total: u64,
    best: Vec<Top>,
    counts: Counts,
}

impl Collector for Collect {
    type Fruit = Collected;
    type Child = Segment;

    fn for_segment(&self, ordinal: SegmentOrdinal, segment: &SegmentReader) -> tantivy::Result<Segment> {
        let fast = segment.fast_fields();
        let facets = if self.count.is_empty() { None } else { fast.str("facet")? };
        Ok(Segment {
            ordinal,
            most: self.best,
            kind: fast.u64("kind")?,
            id_high: fast.u64("id_high")?,
            id_low: fast.u64("id_low")?,
            total: 0,
            best: BinaryHeap::new(),
            counts: vec![0; facets.as_ref().map_or(0, |column| column.num_terms())],
            facets,
            kinds: if self.count.iter().any(|name| name == KINDS) { vec![0; RecordKind::ALL.len()] } else { vec![] },
            names: self.count.clone(),
        })
    }

    fn requires_scoring(&self) -> bool {
        true
    }

    fn merge_fruits(&self, fruits: Vec<io::Result<SegmentFruit>>) -> tantivy::Result<Collected> {
        let mut all = Collected::default();
        let mut counts = Counts::new();
        for fruit in fruits {
            let fruit = fruit?;
            all.total += fruit.total;
            all.best.extend(fruit.best);
            for (name, values) in fruit.counts {
                let counts = counts.entry(name).or_default();
                for (value, count) in values {
                    *counts.entry(value).or_default() += count;
                }
            }
        }
        all.best.sort_unstable();
        all.best.truncate(self.best);
        for name in &self.count {
            let mut values: Vec<FacetCount> =
                counts.remove(name).unwrap_or_default().into_iter().map(|(value, count)| FacetCount { value, count }).collect();
            values.sort_unstable_by(|a, b| b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value)));
            values.truncate(MAX_VALUES);
            all.facets.insert(name.clone(), values);
        }
        Ok(all)
    }
}

impl SegmentCollector for Segment {
    type Fruit = io::Result<SegmentFruit>;

    fn collect(&mut self, doc: DocId, score: Score) {
        self.total += 1;
        if let Some(facets) = &self.facets {
            for ordinal in facets.term_ords(doc) {
                self.counts[ordinal as usize] += 1;
            }
        }
        if let Some(count) = self.kind.first(doc).and_then(|kind| self.kinds.get_mut(kind as usize)) {
            *count += 1;
        }
        let worst = self.best.peek().filter(|_| self.best.len() >= self.most).map(|worst| worst.score);
        if self.most == 0 || worst.is_some_and(|worst| score < worst) {
            return;
        }
        let number = |column: &Column<u64>| column.first(doc).unwrap_or_default();
        let record = (number(&self.kind), number(&self.id_high), number(&self.id_low));
        self.best.push(Top { score, record, address: DocAddress::new(self.ordinal, doc) });
        if self.best.len() > self.most {
            self.best.pop();
        }
    }

    fn harvest(self) -> io::Result<SegmentFruit> {
        let mut counts = Counts::new();
        if let Some(facets) = &self.facets {
            for name in self.names {
                let prefix = facet_prefix(&name);
                let mut values = HashMap::new();
                let mut terms = facets.dictionary().prefix_range(&prefix).into_stream()?;
                while terms.advance() {
                    let count = self.counts[terms.term_ord() as usize];
                    if count > 0 {
                        let value = String::from_utf8_lossy(&terms.key()[prefix.len()..]).into_owned();
                        values.insert(value, u64::from(count));
                    }
                }
                counts.insert(name, values);
            }
        }
        if !self.kinds.is_empty() {
            let counted = RecordKind::ALL.iter().zip(self.kinds).filter(|(_, count)| *count > 0);
            counts.insert(KINDS.to_owned(), counted.map(|(kind, count)| (kind.as_str().to_owned(), u64::from(count))).collect());
        }
        Ok(SegmentFruit { total: self.total, best: self.best.into_vec(), counts })
    }
}

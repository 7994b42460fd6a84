//! Vectors of one length side by side in memory, compared one after the other: no index to keep, nothing approximate.

use looma_types::{RecordKind, Ref};
use std::collections::{HashMap, HashSet};

/// Rows of deleted records are swept when they are this many and a quarter of all.
const SWEEP: usize = 1024;

/// One record's rows and title.
struct Owner {
    record: Ref,
    title: String,
    rows: Vec<u32>,
}

/// All vectors of one workspace that have one length.
pub struct Matrix {
    width: usize,
    values: Vec<f32>,
    /// Each row's owner; none where the row is free.
    owner_of: Vec<Option<u32>>,
    owners: Vec<Option<Owner>>,
    places: HashMap<Ref, u32>,
    free_owners: Vec<u32>,
    free_rows: usize,
}

/// A record with its best row's product.
pub struct Near<'a> {
    pub record: Ref,
    pub title: &'a str,
    pub score: f32,
}

impl Matrix {
    pub fn new(width: usize) -> Self {
        Self { width, values: vec![], owner_of: vec![], owners: vec![], places: HashMap::new(), free_owners: vec![], free_rows: 0 }
    }

    /// Adds a record's rows; `values` holds them one after the other. It must not be held yet.
    pub fn insert(&mut self, record: Ref, title: String, values: &[f32]) {
        let place = self.free_owners.pop().unwrap_or_else(|| {
            self.owners.push(None);
            self.owners.len() as u32 - 1
        });
        let first = self.owner_of.len() as u32;
        let rows: Vec<u32> = (0..(values.len() / self.width) as u32).map(|row| first + row).collect();
        self.values.extend_from_slice(&values[..rows.len() * self.width]);
        self.owner_of.extend(rows.iter().map(|_| Some(place)));
        self.owners[place as usize] = Some(Owner { record, title, rows });
        self.places.insert(record, place);
    }

    pub fn remove(&mut self, record: Ref) {
        let Some(place) = self.places.remove(&record) else { return };
        if let Some(owner) = self.owners[place as usize].take() {
            for row in &owner.rows {
                self.owner_of[*row as usize] = None;
            }
            self.free_rows += owner.rows.len();
            self.free_owners.push(place);
        }
        if self.free_rows >= SWEEP && self.free_rows * 4 >= self.owner_of.len() {
            self.sweep();
        }
    }

    /// How many rows there are, free ones too.
    #[cfg(test)]
    pub fn rows(&self) -> usize {
        self.owner_of.len()
    }

    /// Moves all rows together.
    fn sweep(&mut self) {
        let mut to = 0;
        for owner in self.owners.iter_mut().flatten() {
            owner.rows.clear();
        }
        for from in 0..self.owner_of.len() {
            let Some(place) = self.owner_of[from] else { continue };
            if let Some(owner) = &mut self.owners[place as usize] {
                owner.rows.push(to as u32);
            }
            self.values.copy_within(from * self.width..(from + 1) * self.width, to * self.width);
            self.owner_of[to] = Some(place);
            to += 1;
        }
        self.owner_of.truncate(to);
        self.values.truncate(to * self.width);
        self.values.shrink_to_fit();
        self.free_rows = 0;
    }

    /// Gives back what was set aside for more rows.
    pub fn shrink(&mut self) {
        self.values.shrink_to_fit();
    }

    /// The nearest records, best first.
    pub fn nearest(&self, query: &[f32], kinds: &[RecordKind], only: Option<&HashSet<Ref>>, limit: usize) -> Vec<Near<'_>> {
        let wanted = |record: &Ref| (kinds.is_empty() || kinds.contains(&record.kind)) && only.is_none_or(|only| only.contains(record));
        let mut best: Vec<f32> = self
            .owners
            .iter()
            .map(|owner| if owner.as_ref().is_some_and(|owner| wanted(&owner.record)) { f32::NEG_INFINITY } else { f32::NAN })
            .collect();
        for (row, owner) in self.values.chunks_exact(self.width).zip(&self.owner_of) {
            let Some(owner) = owner else { continue };
            let best = &mut best[*owner as usize];
            if !best.is_nan() {
                *best = best.max(dot(row, query));
            }
        }
        let mut near: Vec<Near<'_>> = self
            .owners
            .iter()
            .zip(best)
            .filter_map(|(owner, score)| owner.as_ref().map(|owner| (owner, score)))
            .filter(|(_, score)| score.is_finite())
            .map(|(owner, score)| Near { record: owner.record, title: &owner.title, score })
            .collect();
        let order = |a: &Near<'_>, b: &Near<'_>| b.score.total_cmp(&a.score).then(a.record.cmp(&b.record));
        if near.len() > limit && limit > 0 {
            near.select_nth_unstable_by(limit - 1, order);
        }
        near.truncate(limit);
        near.sort_unstable_by(order);
        near
    }
}

/// Eight sums side by side, which the compiler turns into vector instructions.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0_f32; 8];
    let (left, right) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f32 = left.remainder().iter().zip(right.remainder()).map(|(x, y)| x * y).sum();
    for (x, y) in left.zip(right) {
        for lane in 0..8 {
            sums[lane] += x[lane] * y[lane];
        }
    }
    sums.iter().sum::<f32>() + rest
}

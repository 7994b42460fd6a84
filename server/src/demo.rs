//! The demo workspace: believable, bilingual, invented, and the same every time it is made on the same day.

mod careers;
mod contacts;
mod employers;
mod fill;
mod names;
mod openings;
mod random;
mod ties;
mod trades;

pub use careers::Somebody;
pub use contacts::Contact;
pub use employers::Employer;
pub use fill::{Summary, fill};
pub use openings::{Candidacy, Opening};
pub use ties::{End, Tie};

use chrono::NaiveDate;
use random::Random;

const SEED: u64 = 20_260_101;
const PEOPLE: usize = 200;
const JOBS: usize = 40;
const TIES: usize = 1_200;
const CONTACTS: usize = 800;

/// Everything the demo writes. Records point at one another by their place in these lists.
pub struct Demo {
    pub employers: Vec<Employer>,
    pub people: Vec<Somebody>,
    pub openings: Vec<Opening>,
    pub candidacies: Vec<Candidacy>,
    pub ties: Vec<Tie>,
    pub contacts: Vec<Contact>,
}

impl Demo {
    /// Makes the demo as seen from `today`: careers reach up to it, interactions lie shortly before it.
    pub fn new(today: NaiveDate) -> Self {
        let mut random = Random::new(SEED);
        let employers = employers::all(&mut random);
        let people = careers::all(PEOPLE, &employers, today, &mut random);
        let openings = openings::all(JOBS, &employers, &mut random);
        let candidacies = openings::candidacies(&openings, &people, &mut random);
        let ties = ties::all(TIES, &people, &employers, today, &mut random);
        let contacts = contacts::all(CONTACTS, &people, &employers, today, &mut random);
        Self { employers, people, openings, candidacies, ties, contacts }
    }
}

#[cfg(test)]
mod tests;

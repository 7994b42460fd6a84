//! Who worked where, with whom, studied with whom and came through whom.

use super::careers::{Somebody, Stint};
use super::employers::Employer;
use super::names::SCHOOLS;
use super::random::Random;
use chrono::NaiveDate;
use looma_skill::taxonomy::Lang;

/// An end of a relationship: an index into the people or the companies of the demo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum End {
    Person(usize),
    Company(usize),
}

/// A relationship between two of the demo's records.
pub struct Tie {
    pub from: End,
    pub to: End,
    pub kind: &'static str,
    pub since: Option<NaiveDate>,
    pub until: Option<NaiveDate>,
    pub strength: f64,
    pub note: Option<String>,
}

/// At most `count` relationships: all employments, then colleagues, referrals and fellow students that the careers bear out.
pub fn all(count: usize, people: &[Somebody], employers: &[Employer], today: NaiveDate, random: &mut Random) -> Vec<Tie> {
    let mut ties = employments(people);
    let mut colleagues = colleagues(people, employers, today);
    let mut students = students(people);
    let left = count.saturating_sub(ties.len());
    let referrals = referrals(&colleagues, left / 12, random);
    let left = left - referrals.len().min(left);
    shuffle(&mut students, random);
    students.truncate(left / 4);
    // Longest together first: those are the ones people remember.
    colleagues.sort_by(|one, other| other.strength.total_cmp(&one.strength));
    colleagues.truncate(left - students.len());
    ties.extend(colleagues);
    ties.extend(students);
    ties.extend(referrals);
    ties.truncate(count);
    ties
}

fn employments(people: &[Somebody]) -> Vec<Tie> {
    let of = |(at, person): (usize, &Somebody)| {
        person
            .jobs
            .iter()
            .map(|job| Tie {
                from: End::Person(at),
                to: End::Company(job.company),
                kind: "employed_by",
                since: Some(job.since),
                until: job.until,
                strength: if job.until.is_none() { 0.9 } else { 0.4 },
                note: Some(job.title.clone()),
            })
            .collect::<Vec<_>>()
    };
    people.iter().enumerate().flat_map(of).collect()
}

fn colleagues(people: &[Somebody], employers: &[Employer], today: NaiveDate) -> Vec<Tie> {
    let mut ties = Vec::new();
    for (left, one) in people.iter().enumerate() {
        for (right, other) in people.iter().enumerate().skip(left + 1) {
            let together = one.jobs.iter().flat_map(|job| other.jobs.iter().filter_map(move |theirs| overlap(job, theirs, today)));
            let Some((company, since, until)) = together.max_by_key(|(_, since, until)| *until - *since) else { continue };
            let years = (until - since).num_days() as f64 / 365.25;
            ties.push(Tie {
                from: End::Person(left),
                to: End::Person(right),
                kind: "worked_with",
                since: Some(since),
                until: (until < today).then_some(until),
                strength: ((0.35 + years * 0.1 + if one.trade == other.trade { 0.15 } else { 0.0 }).min(0.95) * 100.0).round() / 100.0,
                note: Some(match one.lang {
                    Lang::Zh => format!("曾在{}共事", employers[company].draft.name),
                    Lang::En => format!("Worked together at {}", employers[company].draft.name),
                }),
            });
        }
    }
    ties
}

fn overlap(one: &Stint, other: &Stint, today: NaiveDate) -> Option<(usize, NaiveDate, NaiveDate)> {
    let since = one.since.max(other.since);
    let until = one.until.unwrap_or(today).min(other.until.unwrap_or(today));
    (one.company == other.company && (until - since).num_days() >= 60).then_some((one.company, since, until))
}

fn students(people: &[Somebody]) -> Vec<Tie> {
    let mut ties = Vec::new();
    for (left, one) in people.iter().enumerate() {
        for (right, other) in people.iter().enumerate().skip(left + 1) {
            let (since, until) = (one.school.since.max(other.school.since), one.school.until.min(other.school.until));
            if one.school.school != other.school.school || until - since < 2 {
                continue;
            }
            let (en, zh) = SCHOOLS[one.school.school];
            ties.push(Tie {
                from: End::Person(left),
                to: End::Person(right),
                kind: "studied_with",
                since: NaiveDate::from_ymd_opt(since, 9, 1),
                until: NaiveDate::from_ymd_opt(until, 6, 30),
                strength: 0.45,
                note: Some(if one.lang == Lang::Zh { format!("{zh}校友") } else { format!("Both at {en}") }),
            });
        }
    }
    ties
}

/// Some people came to us through a colleague.
fn referrals(colleagues: &[Tie], count: usize, random: &mut Random) -> Vec<Tie> {
    let mut referred = std::collections::HashSet::new();
    random
        .some(colleagues, colleagues.len())
        .into_iter()
        .filter(|tie| referred.insert(tie.from))
        .take(count)
        .map(|tie| Tie {
            from: tie.from,
            to: tie.to,
            kind: "referred_by",
            since: tie.until.or(tie.since),
            until: None,
            strength: 0.7,
            note: None,
        })
        .collect()
}

fn shuffle(ties: &mut [Tie], random: &mut Random) {
    for at in (1..ties.len()).rev() {
        ties.swap(at, random.below(at + 1));
    }
}

//! Ranks people for a job and says why. Pure: the same input gives the same answer, whatever the order of candidates.
//!
//! Every feature is a number from 0 to 1 with a weight; the score is their weighted mean. A feature that the job does not
//! ask for (no location, no degree) is left out and its weight goes to the others in proportion, the same for everyone.
//! Unmet requirements lower the score and are listed; they never reject anyone.

mod features;
mod wording;

use chrono::NaiveDate;
use features::{Feature, Posted};
use looma_skill::reading::Reading;
use looma_skill::taxonomy::{Lang, Taxonomy};
use looma_types::job::{Match, Reason, Remote};
use looma_types::json_resume::JsonResume;
use looma_types::{PersonId, ResumeId};
use std::collections::HashSet;

/// What a job asks for. Skills are given by name; a skill known only by id is resolved before.
#[derive(Debug, Clone, Default)]
pub struct Posting {
    pub title: String,
    pub description: String,
    pub location: Option<String>,
    pub remote: Remote,
    pub skills: Vec<Wanted>,
}

/// One skill a job asks for. `level` is 1 (basic) to 5 (expert).
#[derive(Debug, Clone)]
pub struct Wanted {
    pub name: String,
    pub level: Option<u8>,
    pub required: bool,
}

/// A person with a resume, and its places, from 1, in the rankings of the text and the vector index.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    pub person_id: PersonId,
    pub resume_id: ResumeId,
    pub name: &'a str,
    pub content: &'a JsonResume,
    pub text_rank: Option<u32>,
    pub vector_rank: Option<u32>,
}

/// In which words and against which day and taxonomy to judge.
#[derive(Clone, Copy)]
pub struct Frame<'a> {
    pub taxonomy: &'a Taxonomy,
    pub today: NaiveDate,
    pub lang: Lang,
}

/// The people for a job, best first; each person once, with the resume that fits best. Equal scores are ordered by id.
pub fn rank(posting: &Posting, candidates: &[Candidate<'_>], frame: Frame<'_>) -> Vec<Match> {
    let posted = Posted::new(posting, frame);
    let mut matches: Vec<Match> = candidates.iter().map(|candidate| judge(&posted, candidate, frame)).collect();
    matches.sort_by(|one, other| {
        other.score.total_cmp(&one.score).then(one.person_id.cmp(&other.person_id)).then(one.resume_id.cmp(&other.resume_id))
    });
    let mut seen = HashSet::new();
    matches.retain(|found| seen.insert(found.person_id));
    matches
}

fn judge(posted: &Posted<'_>, candidate: &Candidate<'_>, frame: Frame<'_>) -> Match {
    let resume = Reading::new(candidate.content, frame.taxonomy, frame.today);
    let (features, missing) = features::all(posted, candidate, &resume, frame);
    let whole: f64 = features.iter().map(|feature| feature.weight).sum();
    let reasons: Vec<Reason> = features
        .into_iter()
        .map(|Feature { name, weight, value, text, evidence }| Reason {
            feature: name.to_owned(),
            weight: weight / whole,
            value: value.clamp(0.0, 1.0),
            text,
            evidence,
        })
        .collect();
    let score: f64 = reasons.iter().map(|reason| reason.weight * reason.value).sum();
    Match {
        person_id: candidate.person_id,
        resume_id: candidate.resume_id,
        name: candidate.name.to_owned(),
        // Cut, so that the order never hangs on the last bit of a sum.
        score: (score * 1e6).round().clamp(0.0, 1e6) / 1e6,
        reasons,
        missing,
    }
}

#[cfg(test)]
mod tests;

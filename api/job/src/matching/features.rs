//! The named features of a match and their weights.
//!
//! One file for all of them: their weights and wordings are seen side by side.

use super::{Candidate, Frame, Posting, wording};
use looma_skill::reading::{Reading, Shown};
use looma_skill::taxonomy::{Skill, Taxonomy};
use looma_types::job::{Evidence, Remote};
use looma_types::skill::SkillKind;
use regex::Regex;
use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;

/// Shares of the features when a job asks for all of them; they add up to 1.
mod weight {
    pub const REQUIRED: f64 = 0.36;
    pub const PREFERRED: f64 = 0.10;
    pub const RELEVANCE: f64 = 0.14;
    pub const TITLE: f64 = 0.12;
    pub const EXPERIENCE: f64 = 0.09;
    pub const RECENCY: f64 = 0.07;
    pub const EDUCATION: f64 = 0.04;
    pub const LOCATION: f64 = 0.05;
    pub const LANGUAGE: f64 = 0.03;
}

/// Having a narrower skill (MySQL) shows most of the broader one (SQL).
const NARROWER: f64 = 0.8;
/// What a near skill counts of its nearness: it shows that the wanted one is soon learnt, no more.
const NEAR: f64 = 0.5;
/// Most quotes for one reason.
const QUOTES: usize = 6;
/// The constant of reciprocal rank fusion (Cormack, Clarke and Büttcher, 2009).
const FUSION: f64 = 60.0;

pub(super) struct Feature {
    pub name: &'static str,
    pub weight: f64,
    pub value: f64,
    pub text: String,
    pub evidence: Vec<Evidence>,
}

/// A wanted skill, looked up.
struct Need<'a> {
    /// As the job writes it.
    name: &'a str,
    level: Option<u8>,
    required: bool,
    skill: Option<&'a Skill>,
}

/// A posting with what it asks for worked out once for all candidates.
pub(super) struct Posted<'a> {
    needs: Vec<Need<'a>>,
    title: Title,
    years: Option<u32>,
    degree: Option<u8>,
    location: Option<&'a str>,
    languages: Vec<&'a Skill>,
}

impl<'a> Posted<'a> {
    pub fn new(posting: &'a Posting, frame: Frame<'a>) -> Self {
        let mut needs: Vec<Need<'a>> = posting
            .skills
            .iter()
            .map(|wanted| Need {
                name: &wanted.name,
                level: wanted.level,
                required: wanted.required,
                skill: frame.taxonomy.canonical(&wanted.name),
            })
            .collect();
        let mentioned = frame.taxonomy.find_skills(&posting.description);
        if needs.is_empty() {
            // A job that lists no skills wants those its description names.
            let mut seen = BTreeSet::new();
            needs.extend(
                mentioned.iter().filter(|mention| mention.skill.kind != SkillKind::Soft && seen.insert(mention.skill.id)).take(20).map(
                    |mention| Need { name: mention.skill.label(frame.lang), level: None, required: false, skill: Some(mention.skill) },
                ),
            );
        }
        let mut languages: Vec<&Skill> =
            needs.iter().filter_map(|need| need.skill).chain(mentioned.iter().map(|mention| mention.skill)).collect();
        languages.retain(|skill| skill.kind == SkillKind::Language);
        languages.sort_by_key(|skill| skill.id);
        languages.dedup_by_key(|skill| skill.id);
        Self {
            needs,
            title: Title::new(&posting.title, frame.taxonomy),
            years: years_asked(&posting.description),
            degree: degree_asked(&posting.description),
            location: posting.location.as_deref().filter(|place| posting.remote != Remote::Remote && !place.trim().is_empty()),
            languages,
        }
    }
}

/// All features that apply, and the names of the wanted skills that the resume does not show.
pub(super) fn all(posted: &Posted<'_>, candidate: &Candidate<'_>, resume: &Reading<'_>, frame: Frame<'_>) -> (Vec<Feature>, Vec<String>) {
    let met: Vec<Met<'_>> = posted.needs.iter().map(|need| meet(need, resume, frame)).collect();
    let missing = posted.needs.iter().zip(&met).filter(|(_, met)| !met.shown).map(|(need, _)| need.name.to_owned()).collect();
    let features = [
        skills(posted, &met, true, frame),
        skills(posted, &met, false, frame),
        Some(relevance(candidate, frame)),
        Some(title(posted, resume, frame)),
        experience(posted, resume, frame),
        recency(posted, &met, frame),
        education(posted, resume, frame),
        location(posted, resume, frame),
        language(posted, resume, frame),
    ];
    (features.into_iter().flatten().collect(), missing)
}

/// How far a resume meets one need.
struct Met<'a> {
    /// The skill itself, or a narrower one, is there.
    shown: bool,
    value: f64,
    recency: f64,
    evidence: Vec<Evidence>,
    /// The skill that stands in for the wanted one.
    instead: Option<&'a Skill>,
}

fn meet<'a>(need: &Need<'_>, resume: &Reading<'_>, frame: Frame<'a>) -> Met<'a> {
    let Some(wanted) = need.skill else { return meet_unknown(need.name, resume) };
    let enough = |shown: &Shown| match (need.level, shown.level) {
        (Some(asked), Some(claimed)) if claimed < asked => f64::from(claimed) / f64::from(asked),
        _ => 1.0,
    };
    let mut best = resume.skills.get(&wanted.id).map_or(
        Met { shown: false, value: 0.0, recency: 0.0, evidence: Vec::new(), instead: None },
        |shown| Met { shown: true, value: enough(shown), recency: shown.recency, evidence: shown.evidence.clone(), instead: None },
    );
    let mut others: Vec<(&uuid::Uuid, &Shown)> = resume.skills.iter().collect();
    others.sort_unstable_by_key(|(id, _)| **id);
    for (id, shown) in others {
        let Some(other) = frame.taxonomy.by_id(*id).filter(|other| other.id != wanted.id) else { continue };
        let narrower = frame.taxonomy.ancestors(other).iter().any(|above| above.id == wanted.id);
        let value = if narrower { NARROWER } else { NEAR * f64::from(frame.taxonomy.nearness(wanted, other)) };
        best.shown |= narrower;
        if value > best.value {
            best.value = value;
            best.evidence.clone_from(&shown.evidence);
            best.instead = Some(other);
        }
        if narrower {
            best.recency = best.recency.max(shown.recency);
        }
    }
    best
}

/// A skill the taxonomy does not know is looked for as it is written.
fn meet_unknown<'a>(name: &str, resume: &Reading<'_>) -> Met<'a> {
    let wanted = name.trim().to_lowercase();
    let touches = |char: Option<char>| char.is_some_and(|char| char.is_ascii_alphanumeric());
    let evidence: Vec<Evidence> = resume
        .fields
        .iter()
        .filter(|_| !wanted.is_empty())
        .filter_map(|field| {
            // Lower-casing may move bytes; then the whole field is quoted from its start.
            let lower = field.text.to_lowercase();
            let at = lower.match_indices(&wanted).map(|(at, _)| at).find(|&at| {
                let runs_on_left = touches(wanted.chars().next()) && touches(lower[..at].chars().next_back());
                let runs_on_right = touches(wanted.chars().next_back()) && touches(lower[at + wanted.len()..].chars().next());
                !runs_on_left && !runs_on_right
            })?;
            let end = at + wanted.len();
            let same = lower.len() == field.text.len() && field.text.is_char_boundary(at) && field.text.is_char_boundary(end);
            Some(if same { field.quote_around(at, end) } else { field.quote() })
        })
        .take(3)
        .collect();
    let shown = !evidence.is_empty();
    Met { shown, value: f64::from(u8::from(shown)), recency: if shown { 0.5 } else { 0.0 }, evidence, instead: None }
}

fn skills(posted: &Posted<'_>, met: &[Met<'_>], required: bool, frame: Frame<'_>) -> Option<Feature> {
    let asked: Vec<(&Need<'_>, &Met<'_>)> = posted.needs.iter().zip(met).filter(|(need, _)| need.required == required).collect();
    if asked.is_empty() {
        return None;
    }
    let value = asked.iter().map(|(_, met)| met.value).sum::<f64>() / asked.len() as f64;
    let shown: Vec<String> =
        asked.iter().filter(|(_, met)| met.shown).map(|(need, met)| wording::shown(need.name, met.instead, frame.lang)).collect();
    let near: Vec<String> = asked
        .iter()
        .filter(|(_, met)| !met.shown)
        .filter_map(|(need, met)| Some(wording::near(need.name, met.instead?, frame.lang)))
        .collect();
    Some(Feature {
        name: if required { "required_skills" } else { "preferred_skills" },
        weight: if required { weight::REQUIRED } else { weight::PREFERRED },
        value,
        text: wording::skills(required, asked.len(), &shown, &near, frame.lang),
        evidence: quotes(asked.iter().map(|(_, met)| met.evidence.as_slice())),
    })
}

/// One quote of each in turn, each pointer once, so that every skill has its say.
fn quotes<'a>(of: impl Iterator<Item = &'a [Evidence]>) -> Vec<Evidence> {
    let lists: Vec<&[Evidence]> = of.collect();
    let longest = lists.iter().map(|list| list.len()).max().unwrap_or(0);
    let mut all: Vec<Evidence> = Vec::new();
    for turn in 0..longest {
        for evidence in lists.iter().filter_map(|list| list.get(turn)) {
            if all.len() < QUOTES && all.iter().all(|seen| seen != evidence) {
                all.push(evidence.clone());
            }
        }
    }
    all
}

fn relevance(candidate: &Candidate<'_>, frame: Frame<'_>) -> Feature {
    let part = |rank: Option<u32>| rank.map_or(0.0, |rank| (FUSION + 1.0) / (FUSION + f64::from(rank.max(1))));
    Feature {
        name: "relevance",
        weight: weight::RELEVANCE,
        value: f64::midpoint(part(candidate.text_rank), part(candidate.vector_rank)),
        text: wording::relevance(candidate.text_rank, candidate.vector_rank, frame.lang),
        evidence: Vec::new(),
    }
}

/// What makes two titles alike: the roles and skills in them, and their words.
struct Title {
    meanings: BTreeSet<String>,
    words: BTreeSet<String>,
}

impl Title {
    fn new(text: &str, taxonomy: &Taxonomy) -> Self {
        let lower = text.to_lowercase();
        let mut meanings: BTreeSet<String> = taxonomy.find_skills(text).iter().map(|mention| mention.skill.name.clone()).collect();
        let mut words: BTreeSet<String> = BTreeSet::new();
        for word in lower.split(|char: char| !char.is_alphanumeric() && !matches!(char, '+' | '#')).filter(|word| !word.is_empty()) {
            if word.is_ascii() {
                words.insert(word.to_owned());
            } else {
                let chars: Vec<char> = word.chars().collect();
                words.extend(chars.windows(2).map(|pair| pair.iter().collect::<String>()));
            }
        }
        for (english, chinese) in wording::ROLES {
            if words.contains(*english) || lower.contains(chinese) {
                meanings.insert(format!("role:{english}"));
            }
        }
        Self { meanings, words }
    }

    /// Dice's coefficient of the words or of the meanings, whichever is higher.
    fn likeness(&self, other: &Self) -> f64 {
        let dice = |one: &BTreeSet<String>, other: &BTreeSet<String>| match one.len() + other.len() {
            0 => 0.0,
            both => 2.0 * one.intersection(other).count() as f64 / both as f64,
        };
        dice(&self.words, &other.words).max(dice(&self.meanings, &other.meanings))
    }
}

fn title(posted: &Posted<'_>, resume: &Reading<'_>, frame: Frame<'_>) -> Feature {
    let is_title = |pointer: &str| pointer == "/basics/label" || (pointer.starts_with("/work/") && pointer.ends_with("/position"));
    let best = resume
        .fields
        .iter()
        .filter(|field| is_title(&field.pointer))
        .map(|field| (posted.title.likeness(&Title::new(field.text, frame.taxonomy)), field))
        .filter(|(value, _)| *value > 0.0)
        .max_by(|(one, left), (other, right)| one.total_cmp(other).then_with(|| right.pointer.cmp(&left.pointer)));
    Feature {
        name: "title",
        weight: weight::TITLE,
        value: best.as_ref().map_or(0.0, |(value, _)| *value),
        text: wording::title(best.as_ref().map(|(_, field)| field.text), frame.lang),
        evidence: best.map(|(_, field)| field.quote()).into_iter().collect(),
    }
}

fn experience(posted: &Posted<'_>, resume: &Reading<'_>, frame: Frame<'_>) -> Option<Feature> {
    let asked = posted.years?;
    let years = f64::from(resume.months_at_work) / 12.0;
    let mut dated = resume
        .content
        .work
        .iter()
        .enumerate()
        .filter_map(|(at, work)| Some(Evidence { pointer: format!("/work/{at}/startDate"), quote: work.start_date.clone()? }));
    Some(Feature {
        name: "experience",
        weight: weight::EXPERIENCE,
        value: (years / f64::from(asked.max(1))).min(1.0),
        text: wording::experience(years, asked, frame.lang),
        evidence: dated.next_back().into_iter().collect(),
    })
}

fn recency(posted: &Posted<'_>, met: &[Met<'_>], frame: Frame<'_>) -> Option<Feature> {
    if posted.needs.is_empty() {
        return None;
    }
    let latest = posted
        .needs
        .iter()
        .zip(met)
        .max_by(|(_, one), (_, other)| one.recency.total_cmp(&other.recency))
        .filter(|(_, met)| met.recency > 0.5);
    Some(Feature {
        name: "recency",
        weight: weight::RECENCY,
        value: met.iter().map(|met| met.recency).sum::<f64>() / met.len() as f64,
        text: wording::recency(latest.map(|(need, _)| need.name), frame.lang),
        evidence: latest
            .and_then(|(_, met)| met.evidence.iter().find(|evidence| evidence.pointer.starts_with("/work/")).cloned())
            .into_iter()
            .collect(),
    })
}

fn education(posted: &Posted<'_>, resume: &Reading<'_>, frame: Frame<'_>) -> Option<Feature> {
    let asked = posted.degree?;
    let best = resume
        .content
        .education
        .iter()
        .enumerate()
        .filter_map(|(at, studies)| Some((degree_held(studies.study_type.as_deref()?)?, at, studies.study_type.clone()?)))
        .max_by_key(|(degree, at, _)| (*degree, std::cmp::Reverse(*at)));
    Some(Feature {
        name: "education",
        weight: weight::EDUCATION,
        value: best.as_ref().map_or(0.0, |(held, ..)| f64::from(*held) / f64::from(asked)).min(1.0),
        text: wording::education(best.as_ref().map(|(.., words)| words.as_str()), frame.lang),
        evidence: best.map(|(_, at, words)| Evidence { pointer: format!("/education/{at}/studyType"), quote: words }).into_iter().collect(),
    })
}

fn location(posted: &Posted<'_>, resume: &Reading<'_>, frame: Frame<'_>) -> Option<Feature> {
    let asked = wording::places(posted.location?);
    let place = resume.content.basics.as_ref().and_then(|basics| basics.location.as_ref());
    let parts = [
        ("city", place.and_then(|place| place.city.as_deref()), 1.0),
        ("address", place.and_then(|place| place.address.as_deref()), 1.0),
        ("region", place.and_then(|place| place.region.as_deref()), 0.6),
    ];
    let known = parts.iter().any(|(_, text, _)| text.is_some());
    let hit = parts.iter().find_map(|(key, text, value)| {
        let here = wording::places((*text)?);
        let same = asked.iter().any(|one| here.iter().any(|other| one.contains(other.as_str()) || other.contains(one.as_str())));
        same.then(|| (*value, Evidence { pointer: format!("/basics/location/{key}"), quote: (*text).unwrap_or_default().to_owned() }))
    });
    Some(Feature {
        name: "location",
        weight: weight::LOCATION,
        // Not saying where is no reason against anyone.
        value: hit.as_ref().map_or(if known { 0.0 } else { 0.5 }, |(value, _)| *value),
        text: wording::location(hit.is_some(), known, frame.lang),
        evidence: hit.map(|(_, evidence)| evidence).into_iter().collect(),
    })
}

fn language(posted: &Posted<'_>, resume: &Reading<'_>, frame: Frame<'_>) -> Option<Feature> {
    if posted.languages.is_empty() {
        return None;
    }
    let spoken: HashMap<&str, &Shown> =
        posted.languages.iter().filter_map(|skill| Some((skill.label(frame.lang), resume.skills.get(&skill.id)?))).collect();
    let names: Vec<&str> = posted.languages.iter().map(|skill| skill.label(frame.lang)).filter(|name| spoken.contains_key(name)).collect();
    Some(Feature {
        name: "language",
        weight: weight::LANGUAGE,
        value: names.len() as f64 / posted.languages.len() as f64,
        text: wording::language(&names, frame.lang),
        evidence: quotes(names.iter().filter_map(|name| spoken.get(name)).map(|shown| shown.evidence.as_slice())),
    })
}

/// The years of experience a description asks for: "5+ years", "3-5 years", "三年" is not read, "3年以上经验" is.
fn years_asked(description: &str) -> Option<u32> {
    static ASKED: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"(?i)(?:^|[^\d.])(\d{1,2})\s*(?:(?:-|–|~|to|至|到)\s*\d{1,2}\s*)?\+?\s*(?:years?|yrs?|年(?:以上|及以上|左右)|年[^。\n\d]{0,12}经验)").ok()
    });
    let captures = ASKED.as_ref()?.captures(description)?;
    captures.get(1)?.as_str().parse().ok().filter(|years| (1..=40).contains(years))
}

/// 1 diploma, 2 bachelor, 3 master, 4 doctor.
fn degree_asked(description: &str) -> Option<u8> {
    let lower = description.to_lowercase();
    let says = |any: &[&str]| any.iter().any(|word| lower.contains(word));
    // The lowest degree named is the one asked for: "Master's or PhD".
    if says(&["大专", "associate degree", "associate's degree"]) {
        Some(1)
    } else if says(&["本科", "学士", "bachelor", "undergraduate degree", "university degree"]) {
        Some(2)
    } else if says(&["硕士", "master's", "master’s", "master of", "master degree", "msc", "m.sc"]) {
        Some(3)
    } else if says(&["博士", "phd", "ph.d", "doctorate"]) {
        Some(4)
    } else {
        None
    }
}

fn degree_held(study_type: &str) -> Option<u8> {
    let lower = study_type.to_lowercase();
    let words: Vec<&str> = lower.split(|char: char| !char.is_alphanumeric()).collect();
    let says =
        |parts: &[&str], whole: &[&str]| parts.iter().any(|part| lower.contains(part)) || whole.iter().any(|word| words.contains(word));
    if says(&["博士", "phd", "ph.d", "doctor"], &["dr"]) {
        Some(4)
    } else if says(&["硕士", "研究生", "master", "m.sc", "m.a.", "m.s.", "diplom-"], &["msc", "mba", "ma", "ms", "meng", "mphil"]) {
        Some(3)
    } else if says(&["本科", "学士", "bachelor", "b.sc", "b.a.", "b.s.", "licence"], &["bsc", "ba", "bs", "beng", "btech"]) {
        Some(2)
    } else if says(&["大专", "专科", "associate", "diploma", "vocational"], &[]) {
        Some(1)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_add_up_to_one() {
        let sum = weight::REQUIRED
            + weight::PREFERRED
            + weight::RELEVANCE
            + weight::TITLE
            + weight::EXPERIENCE
            + weight::RECENCY
            + weight::EDUCATION
            + weight::LOCATION
            + weight::LANGUAGE;
        assert!((sum - 1.0).abs() < 1e-9);
    }

    #[test]
    fn years_are_read_in_both_languages_and_dates_are_not() {
        assert_eq!(years_asked("at least 5+ years of Rust"), Some(5));
        assert_eq!(years_asked("3-5 years"), Some(3));
        assert_eq!(years_asked("要求3年以上后端经验"), Some(3));
        assert_eq!(years_asked("3至5年相关工作经验"), Some(3));
        assert_eq!(years_asked("founded in 2024年, 10 people"), None);
    }

    #[test]
    fn the_lowest_degree_named_is_asked() {
        assert_eq!(degree_asked("Master's degree or PhD"), Some(3));
        assert_eq!(degree_asked("本科及以上学历，硕士优先"), Some(2));
        assert_eq!(degree_asked("works with the scrum master"), None);
        assert_eq!(degree_held("B.Sc. Computer Science"), Some(2));
        assert_eq!(degree_held("MBA"), Some(3));
    }
}

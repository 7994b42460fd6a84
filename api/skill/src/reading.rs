//! What a resume shows: its texts with their JSON pointers, and the skills named in them, how lately and how well.

use crate::taxonomy::Taxonomy;
use chrono::{Datelike, NaiveDate};
use looma_types::job::Evidence;
use looma_types::json_resume::JsonResume;
use std::collections::HashMap;
use uuid::Uuid;

/// Longest quote, in characters: a line or two.
const QUOTE: usize = 160;
/// Most quotes for one skill.
const QUOTES: usize = 3;
/// Most text fields read of one resume, and longest text read of one field, in bytes: nobody writes more by hand.
const FIELDS: usize = 2_000;
const FIELD: usize = 50_000;

/// Where a text stands in the resume, and what that says about it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Done at work or in a project that ended so many months ago (0: still going).
    Done {
        months_ago: u32,
    },
    /// Claimed in the list of skills, with a level from 1 to 5 where it says one.
    Claimed {
        level: Option<u8>,
    },
    Elsewhere,
}

/// One text of a resume.
pub struct Field<'a> {
    pub pointer: String,
    pub text: &'a str,
    pub place: Place,
}

/// A skill as the resume shows it.
pub struct Shown {
    pub evidence: Vec<Evidence>,
    /// 0 long ago to 1 now; 0.5 where the resume does not say when.
    pub recency: f64,
    /// The highest level it is claimed with.
    pub level: Option<u8>,
}

/// A resume, read.
pub struct Reading<'a> {
    pub content: &'a JsonResume,
    pub fields: Vec<Field<'a>>,
    pub skills: HashMap<Uuid, Shown>,
    /// Months spent in jobs, overlaps counted once.
    pub months_at_work: u32,
}

impl<'a> Reading<'a> {
    pub fn new(content: &'a JsonResume, taxonomy: &Taxonomy, today: NaiveDate) -> Self {
        let fields = fields(content, today);
        let mut skills: HashMap<Uuid, Shown> = HashMap::new();
        for field in &fields {
            let mentions = taxonomy.find_skills(field.text);
            // A claimed skill is a name, not prose: also names too common to look for in prose count.
            let by_name = matches!(field.place, Place::Claimed { .. }).then(|| taxonomy.canonical(field.text)).flatten();
            let named = by_name.filter(|skill| mentions.iter().all(|mention| mention.skill.id != skill.id));
            let spans = mentions.iter().map(|mention| (mention.skill.id, mention.range.clone()));
            for (id, range) in spans.chain(named.map(|skill| (skill.id, 0..field.text.len()))) {
                let shown = skills.entry(id).or_insert(Shown { evidence: Vec::new(), recency: 0.0, level: None });
                shown.recency = shown.recency.max(recency(field.place));
                if let Place::Claimed { level } = field.place {
                    shown.level = shown.level.max(level);
                }
                if shown.evidence.len() < QUOTES && shown.evidence.iter().all(|seen| seen.pointer != field.pointer) {
                    shown.evidence.push(field.quote_around(range.start, range.end));
                }
            }
        }
        Self { content, months_at_work: months_at_work(content, today), skills, fields }
    }
}

impl Field<'_> {
    /// The text, or where it is long, the part around a range of bytes; verbatim.
    pub fn quote_around(&self, start: usize, end: usize) -> Evidence {
        let quote = if self.text.chars().count() <= QUOTE {
            self.text
        } else {
            let sentence = |char: char| matches!(char, '.' | '。' | ';' | '；' | '\n' | '!' | '！');
            let window = QUOTE.saturating_sub(self.text[start..end].chars().count()) / 2;
            let far_left = self.text[..start].char_indices().rev().nth(window).map_or(0, |(at, _)| at);
            let far_right = self.text[end..].char_indices().nth(window).map_or(self.text.len(), |(at, _)| end + at);
            let left = self.text[far_left..start].rfind(sentence).map_or_else(
                || self.text[far_left..start].find(' ').filter(|_| far_left > 0).map_or(far_left, |at| far_left + at + 1),
                |at| far_left + at + self.text[far_left + at..].chars().next().map_or(1, char::len_utf8),
            );
            let right = self.text[end..far_right].find(['\n', '。', ';', '；']).map_or_else(
                || self.text[end..far_right].rfind(' ').filter(|_| far_right < self.text.len()).map_or(far_right, |at| end + at),
                |at| end + at,
            );
            self.text[left..right].trim()
        };
        Evidence { pointer: self.pointer.clone(), quote: quote.to_owned() }
    }

    /// The whole text as evidence.
    pub fn quote(&self) -> Evidence {
        self.quote_around(0, 0)
    }
}

fn recency(place: Place) -> f64 {
    match place {
        // Fresh for a year, then fading over ten.
        Place::Done { months_ago } => (1.0 - f64::from(months_ago.saturating_sub(12)) / 120.0).max(0.2),
        Place::Claimed { .. } => 0.5,
        Place::Elsewhere => 0.3,
    }
}

struct Collector<'a> {
    fields: Vec<Field<'a>>,
}

impl<'a> Collector<'a> {
    fn add(&mut self, pointer: String, text: Option<&'a String>, place: Place) {
        if let Some(text) = text.filter(|text| !text.trim().is_empty())
            && self.fields.len() < FIELDS
        {
            self.fields.push(Field { pointer, text: &text[..text.floor_char_boundary(FIELD)], place });
        }
    }

    fn add_all(&mut self, pointer: &str, texts: &'a [String], place: Place) {
        for (at, text) in texts.iter().enumerate() {
            self.add(format!("{pointer}/{at}"), Some(text), place);
        }
    }
}

fn fields(resume: &JsonResume, today: NaiveDate) -> Vec<Field<'_>> {
    let mut all = Collector { fields: Vec::new() };
    for (at, skill) in resume.skills.iter().enumerate() {
        let place = Place::Claimed { level: skill.level.as_deref().and_then(level) };
        all.add(format!("/skills/{at}/name"), skill.name.as_ref(), place);
        all.add_all(&format!("/skills/{at}/keywords"), &skill.keywords, place);
    }
    for (at, work) in resume.work.iter().enumerate() {
        let place = Place::Done { months_ago: months_since(work.end_date.as_deref(), today) };
        all.add(format!("/work/{at}/position"), work.position.as_ref(), place);
        all.add(format!("/work/{at}/summary"), work.summary.as_ref(), place);
        all.add_all(&format!("/work/{at}/highlights"), &work.highlights, place);
        all.add(format!("/work/{at}/description"), work.description.as_ref(), place);
    }
    for (at, project) in resume.projects.iter().enumerate() {
        let dated = project.start_date.is_some() || project.end_date.is_some();
        let place = if dated { Place::Done { months_ago: months_since(project.end_date.as_deref(), today) } } else { Place::Elsewhere };
        all.add(format!("/projects/{at}/name"), project.name.as_ref(), place);
        all.add(format!("/projects/{at}/description"), project.description.as_ref(), place);
        all.add_all(&format!("/projects/{at}/highlights"), &project.highlights, place);
        all.add_all(&format!("/projects/{at}/keywords"), &project.keywords, place);
    }
    let place = Place::Elsewhere;
    if let Some(basics) = &resume.basics {
        all.add("/basics/label".to_owned(), basics.label.as_ref(), place);
        all.add("/basics/summary".to_owned(), basics.summary.as_ref(), place);
    }
    for (at, language) in resume.languages.iter().enumerate() {
        all.add(format!("/languages/{at}/language"), language.language.as_ref(), Place::Claimed { level: None });
    }
    for (at, studies) in resume.education.iter().enumerate() {
        all.add(format!("/education/{at}/area"), studies.area.as_ref(), place);
        all.add_all(&format!("/education/{at}/courses"), &studies.courses, place);
    }
    for (at, certificate) in resume.certificates.iter().enumerate() {
        all.add(format!("/certificates/{at}/name"), certificate.name.as_ref(), place);
    }
    for (at, publication) in resume.publications.iter().enumerate() {
        all.add(format!("/publications/{at}/name"), publication.name.as_ref(), place);
        all.add(format!("/publications/{at}/summary"), publication.summary.as_ref(), place);
    }
    for (at, volunteer) in resume.volunteer.iter().enumerate() {
        let place = Place::Done { months_ago: months_since(volunteer.end_date.as_deref(), today) };
        all.add(format!("/volunteer/{at}/position"), volunteer.position.as_ref(), place);
        all.add(format!("/volunteer/{at}/summary"), volunteer.summary.as_ref(), place);
        all.add_all(&format!("/volunteer/{at}/highlights"), &volunteer.highlights, place);
    }
    all.fields
}

/// A level in words as a number from 1 to 5.
fn level(words: &str) -> Option<u8> {
    let words = words.to_lowercase();
    let says = |any: &[&str]| any.iter().any(|word| words.contains(word));
    if says(&["expert", "master", "精通", "专家", "native", "母语"]) {
        Some(5)
    } else if says(&["advanced", "proficient", "熟练", "高级", "fluent", "流利"]) {
        Some(4)
    } else if says(&["intermediate", "competent", "熟悉", "中级", "掌握"]) {
        Some(3)
    } else if says(&["elementary", "一般", "了解"]) {
        Some(2)
    } else if says(&["beginner", "basic", "novice", "入门", "初级"]) {
        Some(1)
    } else {
        None
    }
}

/// Months from year 0 of an ISO 8601 date, whole or partial.
fn month(date: &str, default_month: u32) -> Option<u32> {
    let mut parts = date.trim().splitn(3, '-');
    let year: u32 = parts.next()?.parse().ok().filter(|year| (1900..=2200).contains(year))?;
    let month: u32 = parts.next().and_then(|part| part.parse().ok()).filter(|month| (1..=12).contains(month)).unwrap_or(default_month);
    Some(year * 12 + month - 1)
}

fn this_month(today: NaiveDate) -> u32 {
    u32::try_from(today.year()).unwrap_or(0) * 12 + today.month0()
}

/// Months since an end date; 0 where there is none or it cannot be read ("present").
fn months_since(end: Option<&str>, today: NaiveDate) -> u32 {
    end.and_then(|end| month(end, 12)).map_or(0, |end| this_month(today).saturating_sub(end))
}

fn months_at_work(resume: &JsonResume, today: NaiveDate) -> u32 {
    let now = this_month(today);
    let mut spans: Vec<(u32, u32)> = resume
        .work
        .iter()
        .filter_map(|work| {
            let start = month(work.start_date.as_deref()?, 1)?;
            let end = work.end_date.as_deref().and_then(|end| month(end, 12)).unwrap_or(now).min(now);
            (start <= end).then_some((start, end + 1))
        })
        .collect();
    spans.sort_unstable();
    let mut reached = 0;
    spans.into_iter().fold(0, |sum, (start, end)| {
        let fresh = end.saturating_sub(start.max(reached));
        reached = reached.max(end);
        sum + fresh
    })
}

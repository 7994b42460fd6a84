//! Education: school, degree, field, marks.

use std::sync::LazyLock;

use looma_types::json_resume::Education;
use regex::Regex;
use serde_json::json;

use crate::block::{Block, length};
use crate::dates::{self, Date};
use crate::entries::{self, Column, Entry, Token};
use crate::lists;
use crate::normalise::is_cjk;
use crate::person::Form;
use crate::record::Record;
use crate::words;

static SCORE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)(?:c?gpa|绩点|平均绩点|平均分|均分|加权平均分|grade|score|average)\s*(?:of|为|[:：(（])?\s*([0-9]+(?:\.[0-9]+)?\s*%?(?:\s*/\s*[0-9]+(?:\.[0-9]+)?)?)|([0-9]\.[0-9]{1,2}\s*/\s*[0-9](?:\.[0-9]{1,2})?)\s*(?:c?gpa)?|((?:first|second|upper second|lower second)[ -]class(?: honou?rs)?|summa cum laude|magna cum laude|cum laude|with distinction)").ok()
});

fn score(text: &str) -> Option<String> {
    let pattern = SCORE.as_ref()?;
    // A number says more than an honour.
    let mut honour = None;
    for found in pattern.captures_iter(text) {
        if let Some(number) = found.get(1).or_else(|| found.get(2)) {
            return Some(number.as_str().trim().to_owned());
        }
        honour = honour.or_else(|| found.get(3).map(|text| text.as_str().trim().to_owned()));
    }
    honour
}

/// Degree and field in one text: `PhD in Computer Science`, `计算机科学（本科）`, `B.Sc., Biology`.
fn degree_and_area(text: &str) -> (Option<String>, Option<String>) {
    let Some((start, end)) = words::degree(text) else { return (None, None) };
    let degree = text[start..end].trim().to_owned();
    let signs = |c: char| c.is_whitespace() || ",，;；:：|/（()）-–—·.".contains(c);
    let after = text[end..].trim_start_matches(signs).trim_end_matches(signs);
    let after = after.strip_prefix("degree").unwrap_or(after).trim_start_matches(signs);
    let after = ["in ", "of ", "degree in ", "(Hons) ", "Hons) ", "with a major in ", "major in ", "学位", "学历"]
        .iter()
        .fold(after, |rest, word| rest.strip_prefix(word).unwrap_or(rest))
        .trim_matches(signs);
    let before = text[..start].trim_matches(signs);
    let area = if !after.is_empty() && words::school(after) == 0 { after } else { before };
    (Some(degree), clean_area(area))
}

fn clean_area(text: &str) -> Option<String> {
    // `Mathematics, 110/110 cum laude`: marks and honours are no field.
    let kept: Vec<&str> = text
        .split(',')
        .filter(|part| !honour(part) && score(part).is_none() && !part.trim().chars().all(|c| c.is_ascii_digit() || "./% ".contains(c)))
        .collect();
    let text = kept.join(",");
    let text = text.as_str();
    let mut text = text.trim().trim_matches(|c: char| ",，;；|（()）".contains(c)).trim();
    for word in ["专业：", "专业:", "Major:", "Major in ", "major in ", "Field: "] {
        text = text.strip_prefix(word).unwrap_or(text).trim();
    }
    if text.chars().filter(|c| is_cjk(*c)).count() > 2 {
        text = text.strip_suffix("专业").unwrap_or(text);
    }
    (length(text) > 1 && length(text) <= 90).then(|| text.to_owned())
}

#[derive(Debug, Default)]
struct Study {
    institution: Option<(String, usize)>,
    degree: Option<(String, usize)>,
    area: Option<(String, usize)>,
    score: Option<(String, usize)>,
    rest: Vec<String>,
    /// The field was only guessed, for want of another meaning.
    guessed: bool,
}

impl Study {
    fn token(&mut self, token: &Token) {
        let text = token.text.as_str();
        if self.score.is_none()
            && let Some(score) = score(text)
            && length(text) < 60
        {
            self.score = Some((score, token.block));
            if words::degree(text).is_none() && words::school(text) == 0 {
                return;
            }
        }
        // School and degree in one: `清华大学 计算机 硕士` is parted before, `Stanford University (MS)` here.
        let school = words::school(text);
        let (degree, area) = degree_and_area(text);
        if school > 0 && self.institution.is_none() && (degree.is_none() || school >= 2) {
            match words::degree(text) {
                Some((start, end)) if degree.is_some() => {
                    let before = text[..start].trim_matches(|c: char| c.is_whitespace() || ",，(（".contains(c));
                    let after = text[end..].trim_matches(|c: char| c.is_whitespace() || ",，)）".contains(c));
                    let (name, other) = if words::school(before) >= words::school(after) { (before, after) } else { (after, before) };
                    self.institution = Some((trim_from(name), token.block));
                    self.set_degree(degree, token.block);
                    if let Some(area) = clean_area(other.strip_prefix("in ").unwrap_or(other)) {
                        self.area = self.area.take().or(Some((area, token.block)));
                    }
                }
                _ => self.institution = Some((text.to_owned(), token.block)),
            }
            return;
        }
        if degree.is_some() && self.degree.is_none() {
            self.set_degree(degree, token.block);
            if let Some(area) = area {
                // A name before degree and field is that of the school.
                if self.guessed && self.institution.is_none() {
                    self.institution = self.area.take();
                    self.guessed = false;
                }
                self.area = self.area.take().or(Some((area, token.block)));
            }
            return;
        }
        if let Some((_, rest)) = entries::labelled(text).filter(|(column, _)| *column == Column::Area) {
            self.area = Some((rest.to_owned(), token.block));
            return;
        }
        let faculty = text.ends_with("学院")
            || text.ends_with('系')
            || text.to_lowercase().starts_with("department")
            || text.to_lowercase().starts_with("school of")
            || text.to_lowercase().starts_with("faculty");
        let other = self.area.is_some() || faculty || honour(text);
        if let Some(area) = clean_area(text).filter(|_| !other) {
            self.area = Some((area, token.block));
            self.guessed = true;
            return;
        }
        self.rest.push(text.to_owned());
    }

    fn set_degree(&mut self, degree: Option<String>, block: usize) {
        if self.degree.is_none() {
            self.degree = degree.map(|degree| (degree, block));
        }
    }
}

fn trim_from(name: &str) -> String {
    let name = name.trim();
    let lower = name.to_lowercase();
    for word in ["from ", "at ", ", "] {
        if lower.starts_with(word) {
            return name[word.len()..].trim().to_owned();
        }
    }
    name.to_owned()
}

fn honour(text: &str) -> bool {
    let lower = text.to_lowercase();
    [
        "honor",
        "honour",
        "dean",
        "laude",
        "distinction",
        "scholar",
        "valedictorian",
        "211",
        "985",
        "双一流",
        "全日制",
        "统招",
        "非全",
        "排名",
        "奖学金",
        "thesis",
    ]
    .iter()
    .any(|word| lower.contains(word))
}

/// Commas part where a whole header is one text: `Princeton University, Computer Science`.
fn tokens_of(entry: &Entry) -> Vec<Token> {
    let schools = |tokens: &[Token]| tokens.iter().filter(|token| words::school(&token.text) > 0).count();
    let mut out = Vec::new();
    for token in &entry.tokens {
        let parted = entries::comma_parts(std::slice::from_ref(token));
        // `University of California, Berkeley` is one name; `Harvard University, BA Economics` two things.
        let useful = parted.len() >= 2
            && parted.iter().enumerate().any(|(n, part)| {
                words::degree(&part.text).is_some()
                    || n > 0 && words::school(&part.text) > 0
                    || n == 0 && words::school(&part.text) > 0 && !campus(&part.text, &parted[1].text)
            });
        if useful
            && (schools(&parted) > 0 || entry.tokens.len() == 1)
            && !(words::degree(&parted[0].text).is_some() && schools(&parted) == 0)
        {
            out.extend(parted);
        } else {
            out.push(token.clone());
        }
    }
    out
}

fn campus(school: &str, tail: &str) -> bool {
    let lower = school.to_lowercase();
    (lower.starts_with("university of") || lower.starts_with("california state") || lower.starts_with("indian institute"))
        && tail.split_whitespace().count() <= 2
        && words::degree(tail).is_none()
}

pub fn read(blocks: &[Block], out: &mut Vec<Education>, record: &mut Record) -> Vec<usize> {
    let (mut entries, preface) = entries::split(blocks);
    if entries.iter().all(|entry| entry.period.is_none())
        && blocks.iter().filter(|block| words::school(&block.text) > 0 || words::degree(&block.text).is_some()).count() > entries.len()
    {
        entries = by_school(blocks);
    }
    for entry in &entries {
        let mut study = Study::default();
        let mut courses: Vec<(String, usize)> = Vec::new();
        for (column, text, block) in &entry.labelled {
            match column {
                Column::School | Column::Name => study.institution = study.institution.or(Some((text.clone(), *block))),
                Column::Area => study.area = study.area.or(Some((text.clone(), *block))),
                Column::Degree => study.degree = study.degree.or(Some((text.clone(), *block))),
                Column::Score => study.score = study.score.or(Some((text.clone(), *block))),
                Column::Courses => courses.extend(lists::items(text).into_iter().map(|item| (item, *block))),
                _ => study.rest.push(text.clone()),
            }
        }
        for token in &tokens_of(entry) {
            study.token(token);
        }
        let mut notes: Vec<(String, usize)> = Vec::new();
        for index in &entry.body {
            let text = blocks[*index].text.trim();
            if let Some((Column::Courses, rest)) = entries::labelled(text) {
                courses.extend(lists::items(rest).into_iter().map(|item| (item, *index)));
                continue;
            }
            if let Some(found) = score(text) {
                study.score = study.score.or(Some((found, *index)));
            }
            let short = length(text) <= 100 && !blocks[*index].bullet;
            if study.degree.is_none() && short && words::degree(text).is_some() {
                let (degree, area) = degree_and_area(text);
                study.set_degree(degree, *index);
                study.area = study.area.or(area.map(|area| (area, *index)));
                continue;
            }
            if study.institution.is_none() && short && words::school(text) > 0 {
                study.institution = Some((text.to_owned(), *index));
                continue;
            }
            if study.area.is_none()
                && let Some((Column::Area, rest)) = entries::labelled(text)
            {
                study.area = Some((rest.to_owned(), *index));
                continue;
            }
            notes.push((text.to_owned(), *index));
        }
        // A school with an unusual name was taken for the field.
        if study.institution.is_none() {
            if study.degree.is_some() && !study.rest.is_empty() {
                let block = entry.tokens.first().map_or(0, |token| token.block);
                study.institution = Some((study.rest.remove(0), block));
            } else if study.degree.is_none() || entry.tokens.len() >= 2 {
                study.institution = study.area.take();
            }
        }
        if study.institution.is_none() && study.degree.is_none() && study.area.is_none() {
            continue;
        }
        let index = out.len();
        let at = |field: &str| format!("/education/{index}/{field}");
        for (field, value, confidence) in [
            ("institution", &study.institution, 0.93),
            ("studyType", &study.degree, 0.9),
            ("area", &study.area, 0.82),
            ("score", &study.score, 0.9),
        ] {
            if let Some((text, block)) = value {
                record.note(&at(field), &blocks[*block], text, confidence);
            }
        }
        let mut education = Education {
            institution: study.institution.map(|(text, _)| text),
            study_type: study.degree.map(|(text, _)| text),
            area: study.area.map(|(text, _)| text),
            score: study.score.map(|(text, _)| text),
            ..Education::default()
        };
        if let Some((period, block)) = entry.period {
            let quote = blocks[block].text.get(period.start..period.end).unwrap_or("").to_owned();
            // One date alone is when the studies ended.
            let (from, to) = if period.is_range() { (period.from, period.to) } else { (None, period.from) };
            education.start_date = from.map(Date::iso);
            education.end_date = to.map(Date::iso);
            if from.is_some() {
                record.note(&at("startDate"), &blocks[block], &quote, 0.93);
            }
            if to.is_some() {
                record.note(&at("endDate"), &blocks[block], &quote, if from.is_some() { 0.93 } else { 0.8 });
            }
        }
        for (n, (course, block)) in courses.iter().enumerate() {
            record.note(&at(&format!("courses/{n}")), &blocks[*block], course, 0.85);
        }
        education.courses = courses.into_iter().map(|(course, _)| course).collect();
        if let Some((place, _)) = &entry.place {
            education.extra.insert("x-location".into(), json!(place));
        }
        if !study.rest.is_empty() {
            education.extra.insert("x-details".into(), json!(study.rest));
        }
        if !notes.is_empty() {
            education.extra.insert("x-notes".into(), json!(notes.into_iter().map(|(text, _)| text).collect::<Vec<_>>()));
        }
        out.push(education);
    }
    preface
}

/// Without dates, every school (or degree, where the school comes second) begins an entry.
fn by_school(blocks: &[Block]) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    let degree_first = blocks.first().is_some_and(|block| words::degree(&block.text).is_some() && words::school(&block.text) == 0);
    for (index, block) in blocks.iter().enumerate() {
        let begins = if degree_first { words::degree(&block.text).is_some() } else { words::school(&block.text) > 0 };
        if begins && block.length() < 140 {
            let mut entry = Entry::default();
            for part in entries::parts(&block.text) {
                entry.tokens.push(Token { text: part, block: index });
            }
            entries.push(entry);
        } else if let Some(entry) = entries.last_mut() {
            entry.body.push(index);
        }
    }
    entries
}

/// Schooling that a form states in its fields only.
pub fn from_form(form: &Form, blocks: &[Block], out: &mut Vec<Education>, record: &mut Record) {
    let Some((school, block)) = &form.school else { return };
    let index = out.len();
    record.note(&format!("/education/{index}/institution"), &blocks[*block], school, 0.9);
    let periods = dates::find(school);
    let mut education = Education { institution: Some(dates::without(school, &periods)), ..Education::default() };
    if let Some((degree, block)) = &form.degree {
        record.note(&format!("/education/{index}/studyType"), &blocks[*block], degree, 0.9);
        education.study_type = Some(degree.clone());
    }
    if let Some((major, block)) = &form.major {
        record.note(&format!("/education/{index}/area"), &blocks[*block], major, 0.9);
        education.area = Some(major.clone());
    }
    out.push(education);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn degree_and_field() {
        for (text, degree, area) in [
            ("PhD in Computer Science", "PhD", "Computer Science"),
            ("计算机科学与技术（本科）", "本科", "计算机科学与技术"),
            ("B.Sc., Biology", "B.Sc.", "Biology"),
            ("Bachelor of Arts in History", "Bachelor of Arts", "History"),
            ("硕士 软件工程专业", "硕士", "软件工程"),
        ] {
            assert_eq!(degree_and_area(text), (Some(degree.into()), Some(area.into())), "{text}");
        }
        assert_eq!(score("GPA: 3.97/4.00, Valedictorian").as_deref(), Some("3.97/4.00"));
        assert_eq!(score("绩点 3.8/4.0").as_deref(), Some("3.8/4.0"));
    }
}

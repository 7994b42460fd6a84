//! From lines to a JSON Resume: each section to the part that it is about.

use std::collections::BTreeMap;

use looma_types::json_resume::{JsonResume, Provenance};
use serde_json::{Value, json};

use crate::block::{self, Block};
use crate::headings::Kind;
use crate::line::Line;
use crate::normalise::key;
use crate::record::Record;
use crate::sections::{self, Section};
use crate::{jobs, lists, person, schools};

pub fn read(lines: &[Line], file_name: &str) -> (JsonResume, BTreeMap<String, Provenance>) {
    let blocks = block::build(lines);
    let sections = sections::split(blocks.clone());
    let mut record = Record::default();
    let mut resume = JsonResume::default();

    let top: Vec<Block> =
        sections.iter().filter(|section| section.kind == Kind::Basics).flat_map(|section| section.blocks.clone()).collect();
    let (mut basics, form) = person::read(&top, &blocks, file_name, &mut record);
    let mut unplaced: Vec<String> = Vec::new();
    let mut summary: Vec<String> = Vec::new();
    for section in &sections {
        let left = match section.kind {
            Kind::Basics => Vec::new(),
            Kind::Summary => {
                if let Some(first) = section.blocks.first()
                    && summary.is_empty()
                {
                    record.note("/basics/summary", first, &first.text, 0.92);
                }
                summary.extend(section.blocks.iter().map(|block| block.text.clone()));
                Vec::new()
            }
            Kind::Objective => {
                objective(section, &mut basics, &mut record);
                Vec::new()
            }
            Kind::Work => jobs::work(&section.blocks, &mut resume.work, &mut record),
            Kind::Volunteer => jobs::volunteer(&section.blocks, &mut resume.volunteer, &mut record),
            Kind::Projects => jobs::projects(&section.blocks, &mut resume.projects, &mut record),
            // `Qualifications` may be schooling, or what one can do.
            Kind::Education if qualifications(section) => {
                lists::skills(&section.blocks, &mut resume.skills, &mut resume.languages, &mut record);
                Vec::new()
            }
            Kind::Education => schools::read(&section.blocks, &mut resume.education, &mut record),
            Kind::Skills => {
                lists::skills(&section.blocks, &mut resume.skills, &mut resume.languages, &mut record);
                Vec::new()
            }
            Kind::Languages => {
                lists::languages(&section.blocks, &mut resume.languages, &mut record);
                Vec::new()
            }
            Kind::Certificates => {
                lists::certificates(&section.blocks, &mut resume.certificates, &mut record);
                Vec::new()
            }
            Kind::Awards => {
                lists::awards(&section.blocks, &mut resume.awards, &mut record);
                Vec::new()
            }
            Kind::Publications => {
                lists::publications(&section.blocks, &mut resume.publications, &mut record);
                Vec::new()
            }
            Kind::Interests => {
                lists::interests(&section.blocks, &mut resume.interests, &mut record);
                Vec::new()
            }
            Kind::References => {
                lists::references(&section.blocks, &mut resume.references, &mut record);
                Vec::new()
            }
            Kind::Courses => {
                courses(section, &mut resume, &mut record);
                Vec::new()
            }
            Kind::Other => {
                let texts: Vec<&str> = section.blocks.iter().map(|block| block.text.as_str()).collect();
                if !texts.is_empty() {
                    let others = resume.extra.entry("x-sections").or_insert_with(|| json!([]));
                    if let Value::Array(list) = others {
                        list.push(json!({"title": section.title, "lines": texts}));
                    }
                }
                Vec::new()
            }
        };
        unplaced.extend(left.into_iter().filter_map(|index| section.blocks.get(index)).map(|block| block.text.clone()));
    }
    if !summary.is_empty() {
        basics.summary = Some(summary.join("\n"));
    }
    if resume.education.is_empty() {
        schools::from_form(&form, &top, &mut resume.education, &mut record);
    }
    resume.basics = Some(basics);
    without_headings(&blocks, &sections, &mut resume, &mut record);
    sweep(&blocks, &sections, &mut resume, unplaced);
    (resume, record.provenance)
}

fn qualifications(section: &Section) -> bool {
    key(&section.title).contains("qualifications")
        && !section.blocks.iter().any(|block| crate::words::school(&block.text) > 0 || crate::words::degree(&block.text).is_some())
}

fn objective(section: &Section, basics: &mut looma_types::json_resume::Basics, record: &mut Record) {
    let mut wishes = serde_json::Map::new();
    for pair in person::pairs(&section.blocks) {
        if pair.field == person::Field::Label {
            record.note("/basics/label", &section.blocks[pair.block], &pair.value, 0.9);
            basics.label = Some(pair.value);
        } else {
            wishes.insert(pair.label, Value::String(pair.value));
        }
    }
    if let Some(first) = section.blocks.first() {
        if basics.label.is_none() && first.length() <= 40 {
            record.note("/basics/label", first, &first.text, 0.8);
            basics.label = Some(first.text.clone());
        }
        let text: Vec<&str> = section.blocks.iter().map(|block| block.text.as_str()).collect();
        wishes.insert("text".into(), json!(text.join("\n")));
        basics.extra.insert("x-objective".into(), Value::Object(wishes));
    }
}

fn courses(section: &Section, resume: &mut JsonResume, record: &mut Record) {
    let items: Vec<(String, &Block)> =
        section.blocks.iter().flat_map(|block| lists::items(&block.text).into_iter().map(move |item| (item, block))).collect();
    if let Some(last) = resume.education.first_mut() {
        for (item, block) in items {
            record.note(&format!("/education/0/courses/{}", last.courses.len()), block, &item, 0.7);
            last.courses.push(item);
        }
    } else {
        resume.extra.insert("x-courses".into(), json!(items.into_iter().map(|(item, _)| item).collect::<Vec<_>>()));
    }
}

/// A resume without known headings still has schools and jobs: dated entries are told apart by their words.
fn without_headings(blocks: &[Block], sections: &[Section], resume: &mut JsonResume, record: &mut Record) {
    let known = |kind: Kind| sections.iter().any(|section| section.kind == kind && !section.blocks.is_empty());
    if resume.education.is_empty() && !known(Kind::Education) {
        let candidates: Vec<Block> = blocks
            .iter()
            .filter(|block| crate::words::school(&block.text) > 1 && block.length() < 160 && !block.prose())
            .filter(|block| crate::words::degree(&block.text).is_some() || !crate::dates::find(&block.text).is_empty())
            .cloned()
            .collect();
        for candidate in candidates.iter().take(6) {
            schools::read(std::slice::from_ref(candidate), &mut resume.education, record);
        }
    }
    if !resume.work.is_empty() {
        return;
    }
    // Jobs under a heading that nobody knows, or under none.
    let loose = [Kind::Basics, Kind::Summary, Kind::Objective, Kind::Other, Kind::Interests, Kind::References];
    for section in sections.iter().filter(|section| loose.contains(&section.kind)) {
        let dated = |block: &Block| crate::dates::find(&block.text).iter().any(crate::dates::Period::is_range);
        let Some(start) = section.blocks.iter().position(dated) else { continue };
        let header = |block: &&Block| !block.prose() && crate::words::position(&block.text) + crate::words::company(&block.text) > 0;
        let from = start - usize::from(start.checked_sub(1).and_then(|above| section.blocks.get(above)).as_ref().is_some_and(header));
        let rest: Vec<Block> = section.blocks[from..].iter().filter(|block| crate::words::school(&block.text) == 0).cloned().collect();
        let mut found = Vec::new();
        let mut notes = Record::default();
        jobs::work(&rest, &mut found, &mut notes);
        if found.iter().any(|job| job.position.is_some() && job.name.is_some()) {
            for source in notes.provenance.values_mut() {
                source.confidence = source.confidence.min(0.5);
            }
            record.provenance.extend(notes.provenance);
            resume.work = found;
            return;
        }
    }
    // A section on work whose entries nobody can tell apart is one entry.
    if let Some(section) = sections.iter().find(|section| section.kind == Kind::Work && !section.blocks.is_empty()) {
        let text: Vec<&str> = section.blocks.iter().map(|block| block.text.as_str()).collect();
        record.note("/work/0/summary", &section.blocks[0], &section.blocks[0].text, 0.3);
        resume.work.push(looma_types::json_resume::Work { summary: Some(text.join("\n")), ..Default::default() });
    }
}

/// Keeps what no field took.
fn sweep(blocks: &[Block], sections: &[Section], resume: &mut JsonResume, mut unplaced: Vec<String>) {
    let Ok(value) = serde_json::to_value(&*resume) else { return };
    let mut taken = String::new();
    strings(&value, &mut taken);
    let taken = key(&taken);
    let titles: Vec<String> = sections.iter().map(|section| key(&section.title)).collect();
    for block in blocks {
        for cell in block.raw.iter().flat_map(|line| line.split("  ")) {
            let wanted = key(cell);
            if wanted.is_empty() || taken.contains(&wanted) || titles.iter().any(|title| title.contains(&wanted)) {
                continue;
            }
            // Most of the words stand somewhere: the rest are dates and signs between fields.
            let words: Vec<String> = cell.split(|c: char| !c.is_alphanumeric()).map(key).filter(|word| word.chars().count() > 1).collect();
            let missing = words.iter().filter(|word| !stands_in(word, &taken)).count();
            if missing * 2 > words.len()
                && !date_only(cell)
                && !crate::places::is_place(cell)
                && crate::entries::column(cell).is_none()
                && !person::is_label(cell)
                && !unplaced.iter().any(|old| old.contains(cell))
            {
                unplaced.push(cell.to_owned());
            }
        }
    }
    let title =
        |text: &str| matches!(key(text).as_str(), "" | "个人简历" | "简历" | "求职简历" | "resume" | "cv" | "curriculumvitae" | "照片");
    unplaced.retain(|text| !title(text));
    if !unplaced.is_empty() {
        resume.extra.insert("x-unplaced".into(), json!(unplaced));
    }
}

/// Whether a word was taken, whole or (Chinese has no blanks) in parts.
fn stands_in(word: &str, taken: &str) -> bool {
    if taken.contains(word) {
        return true;
    }
    let chars: Vec<char> = word.chars().collect();
    if !chars.iter().any(|c| crate::normalise::is_cjk(*c)) || chars.len() > 200 {
        return false;
    }
    let pairs = chars.len().saturating_sub(1);
    let known = chars.windows(2).filter(|pair| taken.contains(&pair.iter().collect::<String>())).count();
    known * 10 >= pairs * 7
}

fn date_only(text: &str) -> bool {
    let periods = crate::dates::find(text);
    !periods.is_empty() && crate::dates::without(text, &periods).chars().filter(|c| c.is_alphanumeric()).count() <= 2
}

fn strings(value: &Value, out: &mut String) {
    match value {
        Value::String(text) => {
            out.push_str(text);
            out.push('\n');
        }
        Value::Array(items) => items.iter().for_each(|item| strings(item, out)),
        Value::Object(map) => map.iter().for_each(|(name, item)| {
            if !name.is_ascii() {
                out.push_str(name);
            }
            strings(item, out);
        }),
        _ => {}
    }
}

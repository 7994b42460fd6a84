//! Work, volunteering and projects from their sections' entries.
//!
//! One file for the three: they share how a header's parts are told apart and how a body is read.

use looma_types::json_resume::{Project, Provenance, Volunteer, Work};
use serde_json::{Value, json};

use crate::block::{Block, length};
use crate::contact;
use crate::dates::Date;
use crate::entries::{self, Column, Entry, Token};
use crate::record::Record;
use crate::words;

/// What all kinds of work have in common.
#[derive(Debug, Default)]
struct Job {
    name: Option<(String, usize, f32)>,
    position: Option<(String, usize, f32)>,
    department: Option<String>,
    rest: Vec<String>,
}

/// Where positions stand in the headers of this section, by majority: positive means first.
fn orientation(all: &[Vec<Token>]) -> i32 {
    all.iter()
        .filter_map(|tokens| match tokens.as_slice() {
            [first, second, ..] => Some(
                (words::position(&first.text) - words::company(&first.text))
                    - (words::position(&second.text) - words::company(&second.text)),
            ),
            _ => None,
        })
        .map(i32::signum)
        .sum()
}

/// Header lines of an entry that say something besides dates.
fn header_lines(entry: &Entry) -> usize {
    let mut lines: Vec<usize> = entry.tokens.iter().map(|token| token.block).chain(entry.place.iter().map(|(_, block)| *block)).collect();
    lines.sort_unstable();
    lines.dedup();
    lines.len()
}

/// A position under the employer of the entry before: its header lacks the line that the first entry has for that.
fn further_position(entry: &Entry, first: &Entry) -> bool {
    let [only] = entry.tokens.as_slice() else { return false };
    header_lines(first) >= 2
        && header_lines(entry) == 1
        && entry.place.is_none()
        && entry.labelled.is_empty()
        && words::position(&only.text) > words::company(&only.text)
}

fn tokens_of(entry: &Entry) -> Vec<Token> {
    let plain: Vec<Token> = entry.tokens.iter().filter(|token| length(&token.text) > 1).cloned().collect();
    let named = entry.labelled.iter().any(|(column, ..)| matches!(column, Column::Name | Column::Position));
    let solid = plain.iter().filter(|token| !words::department(&token.text)).count();
    if solid < 2 && !named {
        let parted = entries::comma_parts(&plain);
        if parted.len() >= 2 {
            return parted;
        }
    }
    plain
}

fn job(entry: &Entry, tokens: &[Token], first_is_position: i32) -> Job {
    let mut job = Job::default();
    for (column, text, block) in &entry.labelled {
        match column {
            Column::Name | Column::School if job.name.is_none() => job.name = Some((text.clone(), *block, 0.93)),
            Column::Position | Column::Role if job.position.is_none() => job.position = Some((text.clone(), *block, 0.93)),
            Column::Name | Column::Position => job.rest.push(text.clone()),
            _ => {}
        }
    }
    let mut open: Vec<&Token> = tokens.iter().collect();
    // A department is none of both, unless there is nothing else.
    if open.len() > 2
        && let Some(at) = open.iter().position(|token| words::department(&token.text))
    {
        job.department = Some(open.remove(at).text.clone());
    }
    let lean = |token: &Token| words::position(&token.text) - words::company(&token.text);
    if job.name.is_none() && job.position.is_none() && open.len() >= 2 {
        // The two first parts are the pair; a later one wins only when it says so clearly.
        let best_position = (0..open.len()).max_by_key(|i| (lean(open[*i]), std::cmp::Reverse(*i))).filter(|i| lean(open[*i]) > 0);
        let first_two = lean(open[0]) - lean(open[1]);
        let position = match best_position {
            Some(at) if first_two != 0 || at > 1 => at,
            _ if first_two > 0 => 0,
            _ if first_two < 0 => 1,
            _ => usize::from(first_is_position <= 0),
        };
        let others: Vec<usize> = (0..open.len()).filter(|i| *i != position).collect();
        let name = others.iter().copied().max_by_key(|i| (words::company(&open[*i].text) > 1, std::cmp::Reverse(*i)));
        let sure = if best_position.is_some() { 0.9 } else { 0.6 };
        job.position = Some((open[position].text.clone(), open[position].block, sure));
        if let Some(name) = name {
            job.name = Some((open[name].text.clone(), open[name].block, sure));
            open = others.into_iter().filter(|i| *i != name).map(|i| open[i]).collect();
        } else {
            open.clear();
        }
    } else {
        let mut left = Vec::new();
        for token in open {
            if job.position.is_none() && lean(token) > 0 {
                job.position = Some((token.text.clone(), token.block, 0.8));
            } else if job.name.is_none() {
                job.name = Some((token.text.clone(), token.block, 0.7));
            } else if job.position.is_none() {
                job.position = Some((token.text.clone(), token.block, 0.6));
            } else {
                left.push(token);
            }
        }
        open = left;
    }
    for token in open {
        if job.department.is_none() && words::department(&token.text) {
            job.department = Some(token.text.clone());
        } else {
            job.rest.push(token.text.clone());
        }
    }
    job
}

/// What an entry's body says: running text, items, and what its labels name.
#[derive(Debug, Default)]
pub struct Body {
    pub summary: Vec<(String, usize)>,
    pub highlights: Vec<(String, usize)>,
    pub keywords: Vec<(String, usize)>,
    pub role: Option<(String, usize)>,
    pub url: Option<(String, usize)>,
    pub place: Option<(String, usize)>,
    pub other: Vec<String>,
}

pub fn body(blocks: &[Block], indexes: &[usize]) -> Body {
    let mut body = Body::default();
    let mut in_list = false;
    for index in indexes {
        let block = &blocks[*index];
        let text = block.text.trim();
        if let Some((column, rest)) = entries::labelled(text) {
            match column {
                Column::Keywords if !rest.is_empty() => {
                    body.keywords.extend(crate::lists::items(rest).into_iter().map(|item| (item, *index)));
                    continue;
                }
                Column::Role | Column::Position if !rest.is_empty() && length(rest) < 60 => {
                    body.role = Some((rest.to_owned(), *index));
                    continue;
                }
                Column::Link if !rest.is_empty() => {
                    body.url = contact::urls(rest).into_iter().next().map(|url| (url, *index));
                    if body.url.is_some() {
                        continue;
                    }
                }
                Column::Place if !rest.is_empty() => {
                    body.place = Some((rest.to_owned(), *index));
                    continue;
                }
                Column::Ignored if !rest.is_empty() => {
                    body.other.push(text.to_owned());
                    continue;
                }
                Column::Body if rest.is_empty() => {
                    in_list = true;
                    continue;
                }
                Column::Body if !numbered_inside(rest) => {
                    body.summary.push((rest.to_owned(), *index));
                    continue;
                }
                _ => {}
            }
        }
        // The cell with the label beside its text: `工作内容 | …`
        if block.cells.len() > 1
            && block.raw.len() == 1
            && let Some(Column::Body) = entries::column(&block.cells[0].text)
        {
            let rest = block.cells.iter().skip(1).map(|cell| cell.text.as_str()).collect::<Vec<_>>().join(" ");
            body.highlights.push((rest, *index));
            in_list = true;
            continue;
        }
        if block.bullet || entries::numbered(text) || in_list {
            body.highlights.push((strip_number(text), *index));
        } else {
            body.summary.push((text.to_owned(), *index));
        }
    }
    // Several plain paragraphs without any sign are a list all the same.
    if body.highlights.is_empty() && body.summary.len() >= 2 {
        body.highlights = std::mem::take(&mut body.summary);
    }
    body
}

fn numbered_inside(text: &str) -> bool {
    entries::numbered(text)
}

fn strip_number(text: &str) -> String {
    if !entries::numbered(text) {
        return text.to_owned();
    }
    let rest = text.trim_start_matches(|c: char| "(（[".contains(c) || c.is_ascii_digit() || ('①'..='⑳').contains(&c));
    rest.trim_start_matches(|c: char| ".、)）．]".contains(c) || c.is_whitespace()).to_owned()
}

fn iso(date: Option<Date>) -> Option<String> {
    date.map(Date::iso)
}

/// Start, end and the block they stand in. A single date of work is where it began and ended.
fn period(entry: &Entry) -> (Option<String>, Option<String>, Option<usize>) {
    match entry.period {
        Some((period, block)) if period.is_range() => (iso(period.from), iso(period.to), Some(block)),
        Some((period, block)) => (iso(period.from), iso(period.from), Some(block)),
        None => (None, None, None),
    }
}

fn quote_of(entry: &Entry, blocks: &[Block], block: usize) -> String {
    entry.period.and_then(|(period, _)| blocks[block].text.get(period.start..period.end)).unwrap_or("").to_owned()
}

pub fn note_list(record: &mut Record, pointer: &str, blocks: &[Block], items: &[(String, usize)], confidence: f32) {
    for (n, (text, block)) in items.iter().enumerate() {
        record.note(&format!("{pointer}/{n}"), &blocks[*block], text, confidence);
    }
}

fn texts(items: Vec<(String, usize)>) -> Vec<String> {
    items.into_iter().map(|(text, _)| text).collect()
}

fn paragraphs(items: &[(String, usize)]) -> Option<String> {
    (!items.is_empty()).then(|| items.iter().map(|(text, _)| text.as_str()).collect::<Vec<_>>().join("\n"))
}

fn keep_rest(extra: &mut serde_json::Map<String, Value>, department: Option<String>, mut rest: Vec<String>, other: Vec<String>) {
    if let Some(department) = department {
        extra.insert("x-department".into(), json!(department));
    }
    rest.extend(other);
    if !rest.is_empty() {
        extra.insert("x-notes".into(), json!(rest));
    }
}

/// Appends the section's jobs to `work`; gives back the blocks that belong to none.
pub fn work(blocks: &[Block], work: &mut Vec<Work>, record: &mut Record) -> Vec<usize> {
    let (entries, preface) = entries::split(blocks);
    let tokens: Vec<Vec<Token>> = entries
        .iter()
        .enumerate()
        .map(|(number, entry)| if number > 0 && further_position(entry, &entries[0]) { entry.tokens.clone() } else { tokens_of(entry) })
        .collect();
    let first_is_position = orientation(&tokens);
    for (entry, tokens) in entries.iter().zip(&tokens) {
        let mut job = job(entry, tokens, first_is_position);
        let body = body(blocks, &entry.body);
        let index = work.len();
        let at = |field: &str| format!("/work/{index}/{field}");
        // A second position at the same employer.
        let mut inherited = None;
        if job.name.is_none()
            && job.position.is_some()
            && let Some(before) = work.last()
        {
            inherited.clone_from(&before.name);
            if let Some(source) = record.provenance.get(&format!("/work/{}/name", index - 1)).cloned() {
                record.provenance.insert(at("name"), Provenance { confidence: 0.75, ..source });
            }
        }
        if job.position.is_none() {
            job.position = body.role.clone().map(|(text, block)| (text, block, 0.85));
        }
        let (start, end, dated) = period(entry);
        if job.name.is_none()
            && job.position.is_none()
            && inherited.is_none()
            && start.is_none()
            && body.highlights.is_empty()
            && body.summary.is_empty()
        {
            continue;
        }
        if let Some(block) = dated {
            let quote = quote_of(entry, blocks, block);
            if start.is_some() {
                record.note(&at("startDate"), &blocks[block], &quote, 0.93);
            }
            if end.is_some() {
                record.note(&at("endDate"), &blocks[block], &quote, 0.93);
            }
        }
        // `Intensive Care Unit, St. Catherine Medical Center`: the part that sounds like an employer is it.
        if let Some((name, ..)) = &mut job.name
            && let Some((head, employer)) = name.rsplit_once(", ")
            && words::company(head) == 0
            && words::company(employer) > 1
        {
            job.rest.push(head.to_owned());
            *name = employer.to_owned();
        }
        let tail = job.name.as_ref().and_then(|(name, block, _)| {
            let (head, tail) = name.rsplit_once(", ")?;
            let plain = tail.split_whitespace().count() <= 2
                && tail.chars().next().is_some_and(char::is_uppercase)
                && tail.chars().all(|c| c.is_alphabetic() || c == ' ');
            (plain && words::company(head) > 0 && words::company(tail) == 0 && words::position(tail) == 0)
                .then(|| (head.to_owned(), tail.to_owned(), *block))
        });
        let mut after_name = None;
        if entry.place.is_none()
            && let (Some((head, tail, block)), Some(name)) = (tail, &mut job.name)
        {
            name.0 = head;
            after_name = Some((tail, block));
        }
        // A short name of no other meaning beside employer and position is where it was.
        let unknown_place = (entry.place.is_none() && job.name.is_some() && job.position.is_some())
            .then(|| {
                job.rest.iter().position(|text| {
                    text.split_whitespace().count() <= 3
                        && text.chars().next().is_some_and(char::is_uppercase)
                        && text.chars().all(|c| c.is_alphabetic() || " ,.-".contains(c))
                        && words::position(text) == 0
                        && words::company(text) == 0
                })
            })
            .flatten()
            .map(|at| (job.rest.remove(at), dated.unwrap_or(0)));
        let place = entry
            .place
            .clone()
            .or(after_name)
            .or(unknown_place)
            .or_else(|| entry.labelled.iter().find(|(column, ..)| *column == Column::Place).map(|(_, text, block)| (text.clone(), *block)))
            .or(body.place);
        for (field, value) in [("name", &job.name), ("position", &job.position)] {
            if let Some((text, block, confidence)) = value {
                record.note(&at(field), &blocks[*block], text, *confidence);
            }
        }
        if let Some((text, block)) = &place {
            record.note(&at("location"), &blocks[*block], text, 0.85);
        }
        let mut highlights = body.highlights;
        for (column, text, block) in &entry.labelled {
            if *column == Column::Body {
                highlights.insert(0, (text.clone(), *block));
            }
        }
        note_list(record, &at("highlights"), blocks, &highlights, 0.9);
        if let Some((text, block)) = body.summary.first() {
            record.note(&at("summary"), &blocks[*block], text, 0.8);
        }
        let mut extra = serde_json::Map::new();
        let mut rest = job.rest;
        rest.extend(entry.labelled.iter().filter(|(column, ..)| *column == Column::Ignored).map(|(_, text, _)| text.clone()));
        keep_rest(&mut extra, job.department, rest, body.other);
        if !body.keywords.is_empty() {
            extra.insert("x-keywords".into(), json!(texts(body.keywords)));
        }
        work.push(Work {
            name: job.name.map(|(text, ..)| text).or(inherited),
            position: job.position.map(|(text, ..)| text),
            location: place.map(|(text, _)| text),
            url: body.url.map(|(url, _)| contact::with_scheme(&url)),
            start_date: start,
            end_date: end,
            summary: paragraphs(&body.summary),
            highlights: texts(highlights),
            extra,
            ..Work::default()
        });
    }
    preface
}

pub fn volunteer(blocks: &[Block], out: &mut Vec<Volunteer>, record: &mut Record) -> Vec<usize> {
    let mut jobs = Vec::new();
    let mut inner = Record::default();
    let preface = work(blocks, &mut jobs, &mut inner);
    let base = out.len();
    for (pointer, provenance) in inner.provenance {
        if let Some((number, field)) = pointer.strip_prefix("/work/").and_then(|rest| rest.split_once('/'))
            && let Ok(number) = number.parse::<usize>()
        {
            let field = if field == "name" { "organization" } else { field };
            record.provenance.insert(format!("/volunteer/{}/{field}", base + number), provenance);
        }
    }
    out.extend(jobs.into_iter().map(|job| {
        let mut extra = job.extra;
        if let Some(location) = job.location {
            extra.insert("x-location".into(), json!(location));
        }
        Volunteer {
            organization: job.name,
            position: job.position,
            url: job.url,
            start_date: job.start_date,
            end_date: job.end_date,
            summary: job.summary,
            highlights: job.highlights,
            extra,
        }
    }));
    preface
}

pub fn projects(blocks: &[Block], out: &mut Vec<Project>, record: &mut Record) -> Vec<usize> {
    let (mut entries, preface) = entries::split(blocks);
    // One project a line: `Name: what it is`.
    if entries.is_empty() || entries.iter().all(|entry| entry.tokens.is_empty() && entry.labelled.is_empty()) {
        entries = blocks.iter().enumerate().map(|(index, _)| Entry { body: vec![index], ..Entry::default() }).collect();
    }
    for entry in &entries {
        let index = out.len();
        let at = |field: &str| format!("/projects/{index}/{field}");
        let mut project = Project::default();
        let mut role = None;
        let mut rest = Vec::new();
        for (column, text, block) in &entry.labelled {
            match column {
                Column::Name if project.name.is_none() => {
                    record.note(&at("name"), &blocks[*block], text, 0.93);
                    project.name = Some(text.clone());
                }
                Column::Role | Column::Position => role = Some(text.clone()),
                Column::Keywords => project.keywords.extend(crate::lists::items(text)),
                Column::Body => project.highlights.push(text.clone()),
                _ => rest.push(text.clone()),
            }
        }
        for token in &entry.tokens {
            let urls = contact::urls(&token.text);
            if let Some(url) = urls.first().filter(|_| project.name.is_some()) {
                project.url = Some(contact::with_scheme(url));
            } else if project.name.is_none() {
                record.note(&at("name"), &blocks[token.block], &token.text, 0.85);
                project.name = Some(token.text.clone());
            } else if role.is_none() && words::position(&token.text) > 0 && length(&token.text) < 40 {
                role = Some(token.text.clone());
            } else if project.keywords.is_empty() && token.text.split([',', '、']).count() >= 2 && length(&token.text) < 120 {
                project.keywords = crate::lists::items(&token.text);
            } else if project.description.is_none() && length(&token.text) > 30 {
                record.note(&at("description"), &blocks[token.block], &token.text, 0.8);
                project.description = Some(token.text.clone());
            } else {
                rest.push(token.text.clone());
            }
        }
        let body = body(blocks, &entry.body);
        if let Some((role_text, _)) = body.role {
            role = role.or(Some(role_text));
        }
        let (start, end, dated) = period(entry);
        if let Some(block) = dated {
            let quote = quote_of(entry, blocks, block);
            record.note(&at("startDate"), &blocks[block], &quote, 0.9);
        }
        let mut summary = body.summary;
        if project.name.is_none() {
            let lone = if summary.is_empty() { body.highlights.first().cloned() } else { summary.first().cloned() };
            let Some((text, block)) = lone else { continue };
            let (name, tail) = text
                .split_once([':', '：'])
                .or_else(|| text.split_once(" – "))
                .or_else(|| text.split_once(" - "))
                .or_else(|| text.split_once("——"))
                .unwrap_or((&text, ""));
            let short = length(name) <= 70;
            record.note(&at("name"), &blocks[block], name.trim(), 0.6);
            project.name = Some(if short { name.trim().to_owned() } else { name.chars().take(80).collect() });
            let tail = if short { tail.trim().to_owned() } else { text.clone() };
            summary = if tail.is_empty() { Vec::new() } else { vec![(tail, block)] };
        } else {
            note_list(record, &at("highlights"), blocks, &body.highlights, 0.9);
            project.highlights.extend(texts(body.highlights));
        }
        if let Some((text, block)) = summary.first() {
            record.note(&at("description"), &blocks[*block], text, 0.8);
        }
        project.description = match (project.description.take(), paragraphs(&summary)) {
            (Some(first), Some(more)) => Some(format!("{first}\n{more}")),
            (first, more) => first.or(more),
        };
        project.keywords.extend(texts(body.keywords));
        project.url = project.url.or(body.url.map(|(url, _)| contact::with_scheme(&url)));
        project.roles = role.into_iter().collect();
        project.start_date = start;
        project.end_date = end;
        if let Some((place, _)) = &entry.place {
            project.extra.insert("x-location".into(), json!(place));
        }
        keep_rest(&mut project.extra, None, rest, body.other);
        out.push(project);
    }
    preface
}

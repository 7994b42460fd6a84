//! Sections that are lists: skills, languages, certificates, awards, publications, interests, references.
//!
//! One file for all of them: they share how an item, its level and its date are read.

use looma_types::json_resume::{Award, Certificate, Interest, Language, Publication, Reference, Skill};

use crate::block::{Block, length};
use crate::contact;
use crate::dates::{self, Date};
use crate::entries;
use crate::normalise::is_cjk;
use crate::record::Record;

const LEVELS: &str = "expert|advanced|intermediate|beginner|proficient|basic|novice|fluent|native|familiar|working knowledge|elementary|experienced|master|skilled|professional|conversational|good|excellent|strong|精通|熟练|熟练掌握|熟练使用|熟悉|掌握|了解|一般|良好|优秀|熟练运用|基础|入门|擅长|能够使用|使用过|具备|专业|高级|中级|初级";

/// Items between commas and other signs, brackets kept together.
pub fn items(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut open = String::new();
    let mut depth = 0_i32;
    let chars: Vec<char> = text.chars().collect();
    let mut i = 0;
    while i < chars.len() {
        let c = chars[i];
        match c {
            '(' | '（' => depth += 1,
            ')' | '）' => depth -= 1,
            _ => {}
        }
        let before = i.checked_sub(1).and_then(|i| chars.get(i)).copied().unwrap_or(' ');
        let after = chars.get(i + 1).copied().unwrap_or(' ');
        let parts = depth <= 0
            && match c {
                ',' | '，' | '、' | ';' | '；' | '|' | '｜' | '•' | '·' | '●' | '■' | '▪' | '\n' => {
                    !(c == ',' && before.is_ascii_digit() && after.is_ascii_digit())
                }
                '/' | '+' | '-' | '–' => before == ' ' && after == ' ',
                '。' => true,
                ' ' => after == ' ',
                _ => false,
            };
        if parts {
            out.push(std::mem::take(&mut open));
        } else {
            open.push(c);
        }
        i += 1;
    }
    out.push(open);
    out.into_iter()
        .map(|item| {
            let item = item.trim().trim_matches(|c: char| c.is_whitespace() || "●○◉◎★☆■□▪▫•·*,;:：|–—".contains(c)).trim();
            let item = item.strip_prefix("and ").unwrap_or(item);
            let item = if item.ends_with('.') && !item[..item.len() - 1].contains('.') { item.trim_end_matches('.') } else { item };
            // `Java、MySQL等`, but not `一级乙等`.
            let grade = item
                .strip_suffix('等')
                .is_some_and(|rest| rest.ends_with(['甲', '乙', '丙', '一', '二', '三', '四', '优', '高', '中', '同']));
            if grade { item.to_owned() } else { item.trim_end_matches('等').trim().to_owned() }
        })
        .filter(|item| item.chars().any(char::is_alphanumeric))
        .collect()
}

/// A level word at the front or at the end of a text, and the text without it.
fn level(text: &str) -> (Option<String>, String) {
    let text = text.trim();
    let mut found: Option<(String, String)> = None;
    for word in LEVELS.split('|') {
        let wide = word.chars().any(is_cjk);
        if wide && let Some(rest) = text.strip_suffix(word).filter(|rest| rest.ends_with([' ', '：', ':', '（', '('])) {
            found = Some((word.to_owned(), rest.trim_end_matches([' ', '：', ':', '（', '(']).to_owned()));
        } else if wide && let Some(rest) = text.strip_prefix(word) {
            if found.as_ref().is_none_or(|(other, _)| word.len() > other.len()) {
                found = Some((word.to_owned(), rest.trim_start_matches(['：', ':', ' ']).to_owned()));
            }
        } else if !wide {
            let lower = text.to_lowercase();
            let inside = lower
                .strip_suffix(&format!("({word})"))
                .or_else(|| lower.strip_suffix(&format!(" - {word}")))
                .or_else(|| lower.strip_suffix(&format!(" – {word}")))
                .or_else(|| lower.strip_suffix(&format!(": {word}")))
                .or_else(|| lower.strip_suffix(&format!("  {word}")));
            if let Some(rest) = inside {
                let keep = text.get(..rest.len()).unwrap_or(text).trim().to_owned();
                let label = text.get(rest.len()..).unwrap_or(word).trim_matches(|c: char| !c.is_alphanumeric()).to_owned();
                if !keep.is_empty() {
                    found = Some((label, keep));
                }
            }
        }
    }
    match found {
        Some((level, rest)) if !rest.is_empty() => (Some(level), rest),
        _ => (None, text.to_owned()),
    }
}

fn percent(text: &str) -> bool {
    let bare = text.trim().trim_end_matches('%');
    !bare.is_empty() && bare.len() <= 3 && bare.chars().all(|c| c.is_ascii_digit()) && text.ends_with('%')
}

/// Words of Latin letters in Chinese prose: the names of tools.
fn tools(text: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for word in text.split(|c: char| !(c.is_ascii_alphanumeric() || "+#.-/ ".contains(c))) {
        for part in word.split('/') {
            let part = part.trim().trim_matches(['.', '-', ' ']);
            if part.len() > 1 && part.len() <= 30 && part.chars().any(|c| c.is_ascii_alphabetic()) && !out.iter().any(|old| old == part) {
                out.push(part.to_owned());
            }
        }
    }
    out
}

pub fn skills(blocks: &[Block], out: &mut Vec<Skill>, spoken: &mut Vec<Language>, record: &mut Record) {
    let mut group: Option<usize> = None;
    for block in blocks {
        let text = block.text.trim();
        // `Languages: Rust, Go`, or the label in a cell of its own, or bold in front.
        let colon = text
            .split_once([':', '：'])
            .map(|(label, rest)| (label.trim(), rest.trim().to_owned()))
            .filter(|(label, _)| length(label) <= 50 && !label.contains([',', '，', '、', '。']) && !label.contains("http"));
        let first = block.cells.first();
        let beside = (block.cells.len() == 2 && block.raw.len() == 1)
            .then(|| (block.cells[0].text.as_str(), block.cells[1].text.clone()))
            .filter(|(label, rest)| {
                length(label) <= 40
                    && (items(rest).len() >= 2 || length(rest) > 24 || about_language(label) || crate::person::is_label(label))
                    && items(label).len() == 1
            });
        let bold = first
            .filter(|cell| block.cells.len() == 1 && length(&cell.lead) > 1 && length(&cell.lead) <= 50 && colon.is_none())
            .map(|cell| {
                (
                    cell.lead.as_str(),
                    text.get(cell.lead.len()..)
                        .unwrap_or("")
                        .trim_start_matches(|c: char| c.is_whitespace() || "-–—:：".contains(c))
                        .to_owned(),
                )
            });
        let labelled = colon.or(beside).or(bold);
        if let Some((label, rest)) = labelled {
            let label = label.trim_end_matches([':', '：']).trim();
            if rest.is_empty() {
                group = Some(push(out, record, block, Skill { name: Some(label.to_owned()), ..Skill::default() }, label, 0.85));
                continue;
            }
            if about_language(label) && names_languages(&rest) {
                let inner = Block {
                    text: rest.clone(),
                    cells: vec![crate::line::Cell { text: rest.clone(), ..block.cells.last().cloned().unwrap_or_default() }],
                    ..block.clone()
                };
                languages(&[inner], spoken, record);
                continue;
            }
            let keywords = keywords(&rest);
            // `精通：Java、Kotlin`: how well, not what.
            if LEVELS.split('|').any(|level| level.eq_ignore_ascii_case(label)) {
                for keyword in keywords {
                    let skill = Skill { name: Some(keyword.clone()), level: Some(label.to_owned()), ..Skill::default() };
                    push(out, record, block, skill, &keyword, 0.9);
                }
                continue;
            }
            let rating = keywords.len() == 1 && LEVELS.split('|').any(|level| level.eq_ignore_ascii_case(&keywords[0])) || percent(&rest);
            let skill = if rating {
                Skill { name: Some(label.to_owned()), level: Some(rest.clone()), ..Skill::default() }
            } else {
                Skill { name: Some(label.to_owned()), keywords, ..Skill::default() }
            };
            push(out, record, block, skill, label, 0.9);
            group = None;
            continue;
        }
        // A bold line alone heads the lines below it.
        if !block.bullet
            && block.cells.len() == 1
            && block.bold
            && items(text).len() == 1
            && length(text) <= 40
            && blocks.iter().any(|other| !other.bold)
        {
            group = Some(push(out, record, block, Skill { name: Some(text.to_owned()), ..Skill::default() }, text, 0.8));
            continue;
        }
        let parts: Vec<String> =
            if block.raw.len() == 1 { block.cells.iter().flat_map(|cell| items(&cell.text)).collect() } else { items(text) };
        // `Rust   Expert`, `Rust  90%`
        if parts.len() == 2
            && block.cells.len() == 2
            && (percent(&parts[1]) || LEVELS.split('|').any(|level| level.eq_ignore_ascii_case(&parts[1])))
        {
            push(
                out,
                record,
                block,
                Skill { name: Some(parts[0].clone()), level: Some(parts[1].clone()), ..Skill::default() },
                &parts[0],
                0.9,
            );
            continue;
        }
        let prose = parts.iter().any(|part| length(part) > 44)
            || (text.chars().any(is_cjk) && parts.iter().any(|part| part.chars().filter(|c| is_cjk(*c)).count() > 12));
        if prose {
            let mut keywords = if text.chars().any(is_cjk) { tools(text) } else { Vec::new() };
            if keywords.is_empty() {
                keywords = parts.iter().filter(|part| length(part) <= 30).cloned().collect();
            }
            let (level, _) = level(text);
            push(out, record, block, Skill { name: Some(text.to_owned()), level, keywords, ..Skill::default() }, text, 0.6);
            continue;
        }
        if let Some(at) = group.filter(|_| !parts.is_empty()) {
            for part in parts {
                let (_, bare) = level(&part);
                let n = out[at].keywords.len();
                record.note(&format!("/skills/{at}/keywords/{n}"), block, &bare, 0.85);
                out[at].keywords.push(bare);
            }
            continue;
        }
        for part in parts {
            let (level, bare) = level(&part);
            for name in split_and(&bare) {
                push(out, record, block, Skill { name: Some(name.clone()), level: level.clone(), ..Skill::default() }, &name, 0.85);
            }
        }
    }
}

/// `Mother tongue`, `Foreign languages`: unless it means languages of programming.
fn about_language(label: &str) -> bool {
    let lower = label.to_lowercase();
    ["language", "tongue", "语言", "外语"].iter().any(|word| lower.contains(word))
        && !lower.contains("program")
        && !lower.contains("编程")
        && !lower.contains("开发")
}

fn names_languages(text: &str) -> bool {
    let parts = items(text);
    let known = parts.iter().filter(|part| LANGUAGES.split('|').any(|name| part.to_lowercase().starts_with(name))).count();
    known > 0 && known * 2 >= parts.len()
}

fn split_and(text: &str) -> Vec<String> {
    if text.chars().any(is_cjk) {
        return text
            .split(['和', '及', '与'])
            .map(str::trim)
            .filter(|part| part.chars().count() > 1)
            .map(str::to_owned)
            .collect::<Vec<_>>()
            .into_iter()
            .filter(|_| text.is_ascii() || tools(text).len() > 1)
            .collect::<Vec<_>>()
            .into_iter()
            .chain((tools(text).len() <= 1).then(|| text.to_owned()))
            .collect();
    }
    vec![text.to_owned()]
}

fn keywords(text: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for item in items(text) {
        let (_, bare) = level(&item);
        let parts = if bare.chars().filter(|c| is_cjk(*c)).count() > 12 { tools(&bare) } else { split_and(&bare) };
        let parts = if parts.is_empty() { vec![bare] } else { parts };
        for part in parts {
            if !out.contains(&part) {
                out.push(part);
            }
        }
    }
    out
}

fn push(out: &mut Vec<Skill>, record: &mut Record, block: &Block, skill: Skill, quote: &str, confidence: f32) -> usize {
    let index = out.len();
    record.note(&format!("/skills/{index}/name"), block, quote, confidence);
    for (n, keyword) in skill.keywords.iter().enumerate() {
        record.note(&format!("/skills/{index}/keywords/{n}"), block, keyword, confidence);
    }
    out.push(skill);
    index
}

pub fn languages(blocks: &[Block], out: &mut Vec<Language>, record: &mut Record) {
    for block in blocks {
        let cells: Vec<String> =
            if block.raw.len() == 1 { block.cells.iter().map(|cell| cell.text.clone()).collect() } else { vec![block.text.clone()] };
        let known = |text: &str| {
            let lower = text.to_lowercase();
            LANGUAGES.split('|').any(|name| lower.starts_with(name))
        };
        // Name and level in cells of their own.
        let parts: Vec<String> = if cells.len() == 2 && known(&cells[0]) && !known(&cells[1]) {
            vec![cells.join(": ")]
        } else {
            cells.iter().flat_map(|cell| items(cell)).collect()
        };
        for part in parts {
            let signs = |c: char| c.is_whitespace() || "()（）:：-–—|,，●○★☆■□".contains(c);
            let (name, fluency) = match part.find(|c: char| "(（:：–—".contains(c)).or_else(|| part.find(" - ")) {
                Some(at) => (part[..at].trim_matches(signs).to_owned(), part[at..].trim_matches(signs).to_owned()),
                None => match LANGUAGES.split('|').find(|name| part.to_lowercase().starts_with(*name) && part.len() > name.len()) {
                    Some(name) => (
                        part.get(..name.len()).unwrap_or(&part).trim_matches(signs).to_owned(),
                        part.get(name.len()..).unwrap_or("").trim_matches(signs).to_owned(),
                    ),
                    None => (part.trim_matches(signs).to_owned(), String::new()),
                },
            };
            if !known(&name) {
                // A level or a test that belongs to the language before it.
                if let Some(last) = out.last_mut().filter(|_| !name.is_empty()) {
                    let more = if fluency.is_empty() { name } else { format!("{name} {fluency}") };
                    last.fluency = Some(last.fluency.take().map_or(more.clone(), |old| format!("{old}, {more}")));
                    continue;
                }
            }
            if name.is_empty() || length(&name) > 60 {
                continue;
            }
            let index = out.len();
            record.note(&format!("/languages/{index}/language"), block, &name, 0.9);
            if !fluency.is_empty() {
                record.note(&format!("/languages/{index}/fluency"), block, &fluency, 0.85);
            }
            out.push(Language { language: Some(name), fluency: (!fluency.is_empty()).then_some(fluency), ..Language::default() });
        }
    }
}

const LANGUAGES: &str = "english|chinese|mandarin|cantonese|spanish|french|german|italian|portuguese|russian|japanese|korean|arabic|hindi|bengali|urdu|punjabi|tamil|telugu|turkish|dutch|polish|swedish|norwegian|danish|finnish|greek|czech|hungarian|romanian|ukrainian|hebrew|thai|vietnamese|indonesian|malay|persian|farsi|swahili|latin|catalan|croatian|serbian|bulgarian|slovak|estonian|latvian|lithuanian|irish|welsh|tagalog|filipino|yoruba|igbo|hausa|amharic|zulu|afrikaans|icelandic|american sign|英语|普通话|中文|汉语|粤语|日语|法语|德语|韩语|俄语|西班牙语|葡萄牙语|意大利语|阿拉伯语|国语|闽南语|泰语|母语|大学英语";

/// Title, date and what else a line of such a list says.
struct Item {
    title: String,
    date: Option<String>,
    rest: Vec<String>,
    summary: Option<String>,
    url: Option<String>,
}

/// Items of a list where each begins with a line and may go on with plain lines below it.
fn listed(blocks: &[Block]) -> Vec<(Item, &Block)> {
    let bullets = blocks.iter().any(|block| block.bullet);
    let many_bold = blocks.iter().filter(|block| block.bold || block.cells.first().is_some_and(|cell| !cell.lead.is_empty())).count();
    let mut out: Vec<(Item, &Block)> = Vec::new();
    // Where the first line has its date in a cell of its own, lines without one go on.
    let dated = |block: &Block| {
        block.raw.len() == 1
            && block.cells.len() > 1
            && block.cells.iter().any(|cell| {
                let periods = dates::find(&cell.text);
                !periods.is_empty() && dates::without(&cell.text, &periods).is_empty()
            })
    };
    let gutter = blocks.first().is_some_and(dated);
    for block in blocks {
        let strong = block.bold || block.cells.first().is_some_and(|cell| !cell.lead.is_empty());
        let goes_on = !out.is_empty()
            && ((gutter && !dated(block) && !block.bullet)
                || (!block.bullet && bullets && blocks.first().is_some_and(|first| first.bullet))
                || (!bullets
                    && many_bold >= 1
                    && blocks.first().is_some_and(|first| first.bold || first.cells.first().is_some_and(|cell| !cell.lead.is_empty()))
                    && !strong)
                || (bullets && block.bullet && blocks.first().is_some_and(|first| !first.bullet)));
        let periods = dates::find(&block.text);
        if goes_on && let Some((item, _)) = out.last_mut() {
            if item.date.is_none() {
                item.date = periods.last().and_then(dates::Period::last).map(Date::iso);
            }
            item.url = item.url.take().or_else(|| contact::urls(&block.text).into_iter().next());
            let more = block.text.clone();
            item.summary = Some(item.summary.take().map_or(more.clone(), |old| format!("{old}\n{more}")));
            continue;
        }
        let date = periods.last().and_then(dates::Period::last).map(Date::iso);
        let bare = dates::without(&block.text, &periods);
        let mut parts = Vec::new();
        let lead = block.cells.first().map(|cell| cell.lead.clone()).filter(|lead| length(lead) > 3 && bare.starts_with(lead.as_str()));
        if let Some(lead) = &lead {
            parts.push(lead.trim_matches(|c: char| ",，:：-–— ".contains(c)).to_owned());
            parts.extend(entries::parts(&bare[lead.len()..]));
        } else {
            for part in ["  ", " | ", "｜", " – ", " — ", " - ", " · "]
                .iter()
                .fold(vec![bare], |parts, sign| parts.iter().flat_map(|part| part.split(sign)).map(str::to_owned).collect())
            {
                let part = part.trim().trim_matches([',', '，']).trim().to_owned();
                if part.chars().any(char::is_alphanumeric) {
                    parts.push(part);
                }
            }
        }
        if parts.is_empty() {
            // A date alone belongs to the next line or to the last.
            if let Some((item, _)) = out.last_mut().filter(|(item, _)| item.date.is_none()) {
                item.date = date;
            }
            continue;
        }
        let title = entries_number(&parts.remove(0));
        let url = contact::urls(&block.text).into_iter().next().or_else(|| block.cells.iter().find_map(|cell| cell.link.clone()));
        out.push((Item { title, date, rest: parts, summary: None, url }, block));
    }
    out
}

fn entries_number(text: &str) -> String {
    if !entries::numbered(text) {
        return text.to_owned();
    }
    text.trim_start_matches(|c: char| "(（[".contains(c) || c.is_ascii_digit() || ('①'..='⑳').contains(&c))
        .trim_start_matches(|c: char| ".、)）．] ".contains(c))
        .to_owned()
}

pub fn certificates(blocks: &[Block], out: &mut Vec<Certificate>, record: &mut Record) {
    // `CET-6、计算机二级、驾照`: several on one line.
    for (item, block) in listed(blocks) {
        let several = if item.rest.is_empty() && item.date.is_none() && item.title.contains(['、', '，', ',']) {
            items(&item.title)
        } else {
            vec![item.title.clone()]
        };
        for name in several {
            let index = out.len();
            record.note(&format!("/certificates/{index}/name"), block, &name, 0.85);
            out.push(Certificate {
                name: Some(name),
                date: item.date.clone(),
                issuer: item.rest.first().cloned(),
                url: item.url.as_deref().map(contact::with_scheme),
                extra: more(&item),
            });
        }
    }
}

fn more(item: &Item) -> serde_json::Map<String, serde_json::Value> {
    let mut extra = serde_json::Map::new();
    let mut notes: Vec<String> = item.rest.iter().skip(1).cloned().collect();
    notes.extend(item.summary.clone());
    if !notes.is_empty() {
        extra.insert("x-notes".into(), serde_json::json!(notes));
    }
    extra
}

pub fn awards(blocks: &[Block], out: &mut Vec<Award>, record: &mut Record) {
    for (mut item, block) in listed(blocks) {
        if item.rest.is_empty() && item.date.is_none() && item.title.contains('、') {
            let mut several = items(&item.title);
            item.title = several.pop().unwrap_or_default();
            for title in several {
                record.note(&format!("/awards/{}/title", out.len()), block, &title, 0.8);
                out.push(Award { title: Some(title), ..Award::default() });
            }
        }
        let index = out.len();
        record.note(&format!("/awards/{index}/title"), block, &item.title, 0.85);
        let mut extra = more(&item);
        extra.remove("x-notes");
        let notes: Vec<String> = item.rest.iter().skip(1).cloned().chain(item.summary).collect();
        out.push(Award {
            title: Some(item.title),
            date: item.date,
            awarder: item.rest.first().cloned(),
            summary: (!notes.is_empty()).then(|| notes.join("\n")),
            extra,
        });
    }
}

pub fn publications(blocks: &[Block], out: &mut Vec<Publication>, record: &mut Record) {
    for (item, block) in listed(blocks) {
        let index = out.len();
        record.note(&format!("/publications/{index}/name"), block, &item.title, 0.8);
        let notes: Vec<String> = item.rest.iter().skip(1).cloned().chain(item.summary).collect();
        out.push(Publication {
            name: Some(item.title),
            publisher: item.rest.first().cloned(),
            release_date: item.date,
            url: item.url.as_deref().map(contact::with_scheme),
            summary: (!notes.is_empty()).then(|| notes.join("\n")),
            ..Publication::default()
        });
    }
}

pub fn interests(blocks: &[Block], out: &mut Vec<Interest>, record: &mut Record) {
    for block in blocks {
        let parts = if block.prose() { vec![block.text.clone()] } else { block.cells.iter().flat_map(|cell| items(&cell.text)).collect() };
        for part in parts {
            let index = out.len();
            record.note(&format!("/interests/{index}/name"), block, &part, 0.85);
            out.push(Interest { name: Some(part), ..Interest::default() });
        }
    }
}

pub fn references(blocks: &[Block], out: &mut Vec<Reference>, record: &mut Record) {
    for block in blocks {
        let index = out.len();
        record.note(&format!("/references/{index}/reference"), block, &block.text, 0.6);
        out.push(Reference { reference: Some(block.text.clone()), ..Reference::default() });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_of_lists() {
        assert_eq!(items("Python, C++, AWS (S3, EC2); CI/CD"), ["Python", "C++", "AWS (S3, EC2)", "CI/CD"]);
        assert_eq!(items("Java、Spring Boot、MySQL等"), ["Java", "Spring Boot", "MySQL"]);
        assert_eq!(level("熟练掌握Java").1, "Java");
        assert_eq!(level("Rust (Expert)"), (Some("Expert".into()), "Rust".into()));
    }
}

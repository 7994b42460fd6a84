//! Cuts a section into its entries: a header with a date, then what was done.
//!
//! Longer than most files: where an entry begins and what its header says are recognised together.

use crate::block::{Block, length};
use crate::dates::{self, Period};
use crate::normalise::{is_cjk, key};
use crate::places;

/// A piece of an entry's header, without its dates.
#[derive(Debug, Clone)]
pub struct Token {
    pub text: String,
    /// Index of its block in the section.
    pub block: usize,
}

/// One job, school, project…
#[derive(Debug, Clone, Default)]
pub struct Entry {
    pub tokens: Vec<Token>,
    pub period: Option<(Period, usize)>,
    pub place: Option<(String, usize)>,
    /// What a table's heads or a line's label say a text is.
    pub labelled: Vec<(Column, String, usize)>,
    /// Indexes of the blocks after the header.
    pub body: Vec<usize>,
}

/// What a column of a table (or a label in an entry) holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    Date,
    Name,
    Position,
    School,
    Area,
    Degree,
    Body,
    Place,
    Score,
    Courses,
    Keywords,
    Role,
    Link,
    Ignored,
}

const COLUMNS: &[(Column, &str)] = &[
    (
        Column::Date,
        "时间|起止时间|起止日期|日期|年月|起止年月|期间|时间段|在职时间|就读时间|工作时间|项目时间|起始时间|年份|date|dates|period|years|year|duration|from to|time",
    ),
    (
        Column::Name,
        "公司|单位|工作单位|公司名称|单位名称|企业|企业名称|雇主|任职单位|任职公司|所在公司|所在单位|实习单位|实习公司|项目名称|项目|证书名称|奖项|奖项名称|company|employer|organization|organisation|project|company name|name|client",
    ),
    (
        Column::Position,
        "职位|职务|岗位|担任职务|职位名称|岗位名称|所任职务|担任职位|任职岗位|工作岗位|position|title|role|job title|designation",
    ),
    (Column::School, "学校|院校|毕业院校|学校名称|毕业学校|就读学校|院校名称|培训机构|school|institution|university|college"),
    (Column::Area, "专业|所学专业|专业名称|主修|主修专业|major|field|field of study|subject|specialization|course"),
    (Column::Degree, "学历|学位|学历学位|学历/学位|degree|qualification"),
    (
        Column::Body,
        "主要负责|负责|职责包括|工作范围|key duties|duties and responsibilities|工作内容|工作职责|主要职责|职责|职责描述|工作描述|岗位职责|主要工作|项目描述|项目简介|项目介绍|项目职责|个人职责|责任描述|主要业绩|工作业绩|业绩|主要成就|项目成果|项目背景|内容|描述|主要工作内容|工作职责及业绩|职责与业绩|项目内容|主要内容|成果|工作成果|项目业绩|描述内容|负责内容|responsibilities|key responsibilities|achievements|key achievements|description|duties|summary|accomplishments|highlights|main duties|overview|project description",
    ),
    (Column::Place, "地点|工作地点|所在地|地区|location|place|city"),
    (Column::Score, "gpa|cgpa|绩点|成绩|平均分|平均成绩|均分|grade|score|专业排名|排名|result|cgpa/percentage|percentage|marks"),
    (
        Column::Courses,
        "主修课程|课程|核心课程|相关课程|主要课程|所学课程|专业课程|relevant coursework|coursework|courses|relevant courses|key modules|modules|selected coursework",
    ),
    (
        Column::Keywords,
        "技术栈|使用技术|开发技术|技术|所用技术|主要技术|关键技术|开发环境|开发工具|项目技术|技术架构|technologies|tech stack|stack|technologies used|tools|environment|tech|skills used|built with|tools used|key technologies",
    ),
    (Column::Role, "担任角色|角色|项目角色|本人角色|my role"),
    (Column::Link, "项目地址|项目链接|链接|url|link|website|github|demo|repo|repository|source"),
    (
        Column::Ignored,
        "证明人|证明人电话|证明人及电话|联系电话|离职原因|薪资|月薪|下属人数|汇报对象|汇报对象及人数|公司规模|公司性质|公司简介|公司描述|公司介绍|行业|所属行业|公司行业|所属部门|部门|所在部门|编号|序号|备注|no|reference|department|reporting to|team size|reason for leaving|学习形式|是否全日制|性质|industry",
    ),
];

/// What a label names, if it is one.
pub fn column(text: &str) -> Option<Column> {
    if text.chars().count() > 28 {
        return None;
    }
    let wanted = key(text);
    if wanted.is_empty() {
        return None;
    }
    COLUMNS.iter().find(|(_, names)| names.split('|').any(|name| key(name) == wanted)).map(|(column, _)| *column)
}

/// A known label before a colon, and the text after it.
pub fn labelled(text: &str) -> Option<(Column, &str)> {
    let (label, rest) = text.split_once([':', '：'])?;
    let label = label.trim().trim_matches(|c: char| !c.is_alphanumeric());
    column(label).map(|column| (column, rest.trim()))
}

/// The date that makes a block an entry's header, if it has one.
fn header_date(block: &Block) -> Option<Period> {
    let periods = dates::find(&block.text);
    let range = periods.iter().find(|period| period.is_range());
    if let Some(label) = labelled(&block.text).map(|(column, _)| column)
        && label != Column::Date
        && !matches!(label, Column::Name | Column::School)
    {
        return None;
    }
    let rest = length(&dates::without(&block.text, &periods));
    let limit = if block.bullet { 70 } else { 150 };
    let schooling = crate::words::school(&block.text) > 0 && rest <= 150;
    if rest > limit || (block.prose() && rest > 90 && !schooling) || block.text.trim_end().ends_with(['。', '；']) {
        return None;
    }
    // A sentence that tells of a time is no header.
    let sentence = |period: &Period| {
        let after = block.text[period.end..].trim();
        let before = block.text[..period.start].trim();
        let joined = before
            .split_whitespace()
            .last()
            .is_some_and(|word| matches!(word.to_lowercase().as_str(), "in" | "since" | "by" | "during" | "until" | "of" | "on" | "and"));
        let goes_on = after.chars().next().is_some_and(char::is_lowercase) && !before.is_empty();
        joined || goes_on
    };
    if let Some(range) = range {
        return (!sentence(range)).then_some(*range);
    }
    let single = periods.last()?;
    let alone = block.cells.iter().any(|cell| {
        let inside = dates::find(&cell.text);
        !inside.is_empty() && dates::without(&cell.text, &inside).is_empty()
    });
    let at_edge = block.text[single.end..].trim_matches(|c: char| !c.is_alphanumeric()).is_empty() || single.start == 0;
    let year_only = single.from.is_some_and(|from| from.month.is_none());
    ((alone || (at_edge && (!year_only || rest <= 90) && !block.bullet)) && !sentence(single)).then_some(*single)
}

/// The entries of a section, and the blocks before the first one.
pub fn split(blocks: &[Block]) -> (Vec<Entry>, Vec<usize>) {
    if let Some(entries) = table(blocks) {
        return (entries, Vec::new());
    }
    let dated: Vec<Option<Period>> = blocks.iter().map(header_date).collect();
    let any_range = dated.iter().flatten().any(Period::is_range);
    // Where ranges head the entries, single dates in bullets do not.
    let heads: Vec<usize> =
        (0..blocks.len()).filter(|i| dated[*i].is_some_and(|period| period.is_range() || !any_range || !blocks[*i].bullet)).collect();
    let Some(first) = heads.first().copied() else { return undated(blocks) };
    let header_like = |i: usize| {
        !blocks[i].bullet
            && !blocks[i].prose()
            && labelled(&blocks[i].text).is_none_or(|(column, rest)| {
                !rest.is_empty()
                    && matches!(
                        column,
                        Column::Name | Column::School | Column::Position | Column::Role | Column::Date | Column::Degree | Column::Area
                    )
            })
            && !numbered(&blocks[i].text)
    };
    let lead =
        if first <= 3 && (0..first).all(header_like) { first } else { (0..first).rev().take_while(|i| header_like(*i)).count().min(2) };
    let mut starts: Vec<usize> = Vec::new();
    for (number, head) in heads.iter().enumerate() {
        let floor = if number == 0 { 0 } else { heads[number - 1] + 1 };
        let mut start = *head;
        while start > floor && *head - start < lead && header_like(start - 1) {
            start -= 1;
        }
        // Without a blank or a change of weight, lines above belong to the entry before when it has no other text.
        if number > 0 && start == floor && start < *head && lead > 0 {
            let own_header = heads[number - 1];
            let body_between = (own_header + 1..start).count();
            let gap_at = (start..=*head).rev().find(|i| blocks[*i].gap > blocks[own_header].gap.max(1.3) && blocks[*i].gap > 1.9);
            if body_between == 0
                && let Some(at) = gap_at
            {
                start = at;
            }
        }
        // Each entry begins with a line that looks as the first one's does.
        if number > 0
            && let Some(model) = starts.first().map(|first| &blocks[*first])
        {
            let alike = |i: usize| blocks[i].bold == model.bold && (blocks[i].size - model.size).abs() < 0.6 && header_like(i);
            if !alike(start) {
                let above = (floor.max(start.saturating_sub(2))..start).rev().find(|i| (*i..start).all(header_like) && alike(*i));
                let below = (start..=*head).find(|i| alike(*i));
                start = above.or(below).unwrap_or(start);
            }
        }
        starts.push(start);
    }
    let preface: Vec<usize> = (0..starts.first().copied().unwrap_or(0)).collect();
    let mut entries = Vec::new();
    for (number, (start, head)) in starts.iter().zip(&heads).enumerate() {
        let end = starts.get(number + 1).copied().unwrap_or(blocks.len());
        // Two dates on neighbouring lines, as `Sep 2020` over `Company  2020 – 2021`, make one entry.
        entries.push(entry(blocks, *start, *head, end, dated[*head]));
    }
    (entries, preface)
}

/// `1.`, `2、`, `(3)`: an item of a list.
pub fn numbered(text: &str) -> bool {
    let rest = text.trim_start_matches(['(', '（', '[']);
    let digits = rest.chars().take_while(char::is_ascii_digit).count();
    if (1..=2).contains(&digits) {
        let tail = &rest[digits..];
        return tail.starts_with(['、', ')', '）', '．', ']'])
            || (tail.starts_with('.') && !tail[1..].starts_with(|c: char| c.is_ascii_digit()));
    }
    rest.chars().next().is_some_and(|c| ('①'..='⑳').contains(&c))
}

fn entry(blocks: &[Block], start: usize, head: usize, end: usize, period: Option<Period>) -> Entry {
    let mut entry = Entry { period: period.map(|period| (period, head)), ..Entry::default() };
    let mut last = head;
    // After the date line the header may go on: company, then position.
    let mut more = head + 1;
    while more < end && more - head <= 3 {
        let block = &blocks[more];
        let label = labelled(&block.text);
        let header_label = label.is_some_and(|(column, rest)| {
            !rest.is_empty()
                && matches!(
                    column,
                    Column::Name | Column::Position | Column::School | Column::Degree | Column::Area | Column::Role | Column::Place
                )
        });
        if header_label {
            last = more;
            more += 1;
            continue;
        }
        // A comma between Chinese words is that of a sentence.
        let sentence = block.text.contains('，') && block.text.chars().filter(|c| is_cjk(*c)).count() > 6;
        if block.bullet || block.prose() || sentence || label.is_some() || numbered(&block.text) || block.length() > 90 {
            break;
        }
        let known = token_count(blocks, start, last);
        let telling = places::is_place(&block.text)
            || crate::words::position(&block.text) > 0
            || crate::words::company(&block.text) > 0
            || crate::words::degree(&block.text).is_some()
            || crate::words::school(&block.text) > 0;
        let followed = more + 1 < end;
        if !(known == 0
            || (known == 1 && (telling || (followed && block.length() <= 60))
                || (known <= 2 && telling && block.length() <= 60 && !verb_start(&block.text))))
        {
            break;
        }
        last = more;
        more += 1;
    }
    for (index, block) in blocks.iter().enumerate().take(last + 1).skip(start) {
        header_tokens(block, index, &mut entry);
    }
    entry.body = (last + 1..end).collect();
    entry
}

/// `Led a team…`, `负责…`: what was done, not what one was.
fn verb_start(text: &str) -> bool {
    let first = text.split_whitespace().next().unwrap_or("").to_lowercase();
    (first.ends_with("ed") && first.len() > 4)
        || ["led", "built", "ran", "wrote", "made", "drove", "grew", "won", "taught", "set", "oversaw", "gpa", "thesis"]
            .contains(&first.as_str())
        || [
            "负责", "参与", "主导", "完成", "协助", "独立", "带领", "主要", "设计", "搭建", "推动", "组织", "通过", "基于", "面向", "使用",
            "采用", "担任", "为",
        ]
        .iter()
        .any(|verb| text.starts_with(verb))
}

fn token_count(blocks: &[Block], start: usize, last: usize) -> usize {
    let mut probe = Entry::default();
    for (index, block) in blocks.iter().enumerate().take(last + 1).skip(start) {
        header_tokens(block, index, &mut probe);
    }
    probe.tokens.len()
        + probe.labelled.iter().filter(|(column, ..)| matches!(column, Column::Name | Column::Position | Column::School)).count()
}

/// Adds what a header line says, without its dates, to the entry.
fn header_tokens(block: &Block, index: usize, entry: &mut Entry) {
    if let Some((column, rest)) = labelled(&block.text).filter(|(_, rest)| !rest.is_empty()) {
        let periods = dates::find(rest);
        let rest = if column == Column::Date { rest.to_owned() } else { dates::without(rest, &periods) };
        entry.labelled.push((column, rest, index));
        return;
    }
    let cells: Vec<(String, String)> = if block.raw.len() > 1 {
        vec![(block.text.clone(), String::new())]
    } else {
        block.cells.iter().map(|cell| (cell.text.clone(), cell.lead.clone())).collect()
    };
    for (text, lead) in cells {
        let text = dates::without(&text, &dates::find(&text));
        if let Some((column, rest)) = labelled(&text).filter(|(_, rest)| !rest.is_empty()) {
            entry.labelled.push((column, rest.to_owned(), index));
            continue;
        }
        let lead = lead.trim_matches(|c: char| ",，|｜-–—:：@·•".contains(c) || c.is_whitespace()).to_owned();
        if length(&lead) > 1 && text.starts_with(&lead) && lead.len() < text.len() {
            let rest = text[lead.len()..].to_owned();
            // `**PhD** in Physics` stays together.
            if !rest.trim_start().starts_with("in ") && !rest.trim_start().starts_with("of ") {
                push_parts(&lead, index, entry);
                push_parts(&rest, index, entry);
                continue;
            }
        }
        push_parts(&text, index, entry);
    }
}

fn push_parts(text: &str, index: usize, entry: &mut Entry) {
    for part in parts(text) {
        if dates::is_duration(&part) {
            continue;
        }
        if places::is_place(&part) && entry.place.is_none() {
            entry.place = Some((part, index));
            continue;
        }
        entry.tokens.push(Token { text: part, block: index });
    }
}

/// The parts of a header line between signs that set them apart.
pub fn parts(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut rest: Vec<String> = vec![text.to_owned()];
    for sign in ["  ", "|", "｜", " • ", " · ", "·", "•", " – ", " — ", " - ", "——", " / ", " @ ", " at ", "，", "；", " ~ ", " // "]
    {
        rest = rest
            .iter()
            .flat_map(|part| {
                // A middle dot inside a foreign name stays.
                if sign == "·"
                    && !part.contains(" ·")
                    && !part.contains("· ")
                    && part.matches('·').count() == 1
                    && part.chars().all(|c| is_cjk(c) || c == '·')
                    && part.chars().count() > 6
                    && crate::words::company(part) == 0
                {
                    return vec![part.clone()];
                }
                part.split(sign).map(str::to_owned).collect::<Vec<_>>()
            })
            .collect();
    }
    for part in rest {
        for piece in chinese_parts(&part) {
            for piece in place_tail(&piece) {
                let piece = piece.trim_matches(|c: char| c.is_whitespace() || ",，|｜;；·•-–—:：/\\~_".contains(c)).to_owned();
                let number = piece.chars().all(|c| "一二三四五六七八九十、.（）()".contains(c));
                if !number && piece.chars().any(char::is_alphanumeric) {
                    out.push(piece);
                }
            }
        }
    }
    out
}

/// Between Chinese words a blank or a dash parts.
fn chinese_parts(text: &str) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    if !chars.iter().any(|c| is_cjk(*c)) {
        return vec![text.to_owned()];
    }
    let mut out = vec![String::new()];
    for (i, c) in chars.iter().enumerate() {
        let before = i.checked_sub(1).and_then(|i| chars.get(i)).copied().unwrap_or(' ');
        let after = chars.get(i + 1).copied().unwrap_or(' ');
        let wide = |c: char| is_cjk(c) || matches!(c, '）' | '（' | ')' | '(');
        let parts = match c {
            ' ' => {
                wide(before) && is_cjk(after)
                    || (is_cjk(before) && after.is_ascii_uppercase() && chars[i + 1..].iter().any(|c| is_cjk(*c)))
                    || (before.is_ascii_alphabetic() && is_cjk(after) && out.last().is_some_and(|last| last.chars().any(is_cjk)))
            }
            '-' | '–' | '—' | '/' | '、' if *c != '、' => {
                is_cjk(before)
                    && (is_cjk(after) || after.is_ascii_uppercase())
                    && crate::words::company(&chars[..i].iter().collect::<String>()) > 0
            }
            _ => false,
        };
        if parts {
            out.push(String::new());
        } else if let Some(last) = out.last_mut() {
            last.push(*c);
        }
    }
    out
}

/// Takes `, City, ST` or `(上海)` off the end.
fn place_tail(text: &str) -> Vec<String> {
    if places::is_place(text) {
        return vec![text.to_owned()];
    }
    for open in ['(', '（'] {
        if let Some(at) = text.rfind(open) {
            let inner = text[at + open.len_utf8()..].trim_end_matches([')', '）']);
            if places::is_place(inner) && at > 0 && text.ends_with([')', '）']) {
                return vec![text[..at].to_owned(), inner.to_owned()];
            }
        }
    }
    let commas: Vec<usize> = text.match_indices(',').map(|(at, _)| at).collect();
    for at in &commas {
        let tail = text[at + 1..].trim();
        if places::is_place(tail) && *at > 0 {
            let head = text[..*at].trim();
            // `Boston, MA` as a whole was seen before; here is something in front of a place.
            return vec![head.to_owned(), tail.to_owned()];
        }
    }
    vec![text.to_owned()]
}

/// Splits at commas too, for headers such as `Nexus AI, Co-Founder & CTO`.
pub fn comma_parts(tokens: &[Token]) -> Vec<Token> {
    tokens
        .iter()
        .flat_map(|token| {
            let mut pieces: Vec<String> = Vec::new();
            for piece in token.text.split(", ") {
                let suffix = matches!(
                    piece.trim_end_matches('.').to_lowercase().as_str(),
                    "inc" | "ltd" | "llc" | "llp" | "co" | "corp" | "plc" | "s.a" | "gmbh" | "ag" | "ph.d" | "phd" | "jr" | "sr"
                );
                match pieces.last_mut() {
                    Some(last) if suffix => {
                        last.push_str(", ");
                        last.push_str(piece);
                    }
                    _ => pieces.push(piece.to_owned()),
                }
            }
            pieces.into_iter().map(|text| Token { text, ..token.clone() }).collect::<Vec<_>>()
        })
        .filter(|token| !token.text.trim().is_empty())
        .collect()
}

/// A section without dates: a line that is no bullet begins an entry when bullets or text follow it.
fn undated(blocks: &[Block]) -> (Vec<Entry>, Vec<usize>) {
    let mut entries: Vec<Entry> = Vec::new();
    let mut preface = Vec::new();
    let mut open_header = false;
    for (index, block) in blocks.iter().enumerate() {
        let header = !block.bullet
            && !block.prose()
            && !numbered(&block.text)
            && labelled(&block.text).is_none_or(|(column, _)| matches!(column, Column::Name | Column::School));
        if header {
            if !open_header || entries.is_empty() {
                entries.push(Entry::default());
            }
            if let Some(entry) = entries.last_mut() {
                header_tokens(block, index, entry);
            }
            open_header = true;
        } else {
            open_header = false;
            match entries.last_mut() {
                Some(entry) => entry.body.push(index),
                None => preface.push(index),
            }
        }
    }
    (entries, preface)
}

/// A table whose first row names its columns.
fn table(blocks: &[Block]) -> Option<Vec<Entry>> {
    let first = blocks.first()?;
    let heads: Vec<Option<Column>> = first.cells.iter().map(|cell| column(&cell.text)).collect();
    if heads.len() < 2 || heads.iter().flatten().count() < 2 || heads.iter().flatten().count() * 3 < heads.len() * 2 {
        return None;
    }
    let mut entries: Vec<Entry> = Vec::new();
    for (index, block) in blocks.iter().enumerate().skip(1) {
        if block.cells.len() < 2 || block.bullet {
            match entries.last_mut() {
                Some(entry) => entry.body.push(index),
                None => continue,
            }
            continue;
        }
        let mut entry = Entry::default();
        for (n, cell) in block.cells.iter().enumerate() {
            let middle = f32::midpoint(cell.x0, cell.x1);
            let by_place = || {
                (0..first.cells.len()).min_by(|a, b| {
                    let distance = |i: usize| {
                        let head = &first.cells[i];
                        (f32::midpoint(head.x0, head.x1) - middle).abs().min((head.x0 - cell.x0).abs())
                    };
                    distance(*a).total_cmp(&distance(*b))
                })
            };
            let at = if block.cells.len() == first.cells.len() { Some(n) } else { by_place() };
            match at.and_then(|at| heads[at]) {
                Some(Column::Date) => {
                    entry.period = entry.period.or_else(|| dates::find(&cell.text).first().map(|period| (*period, index)));
                }
                Some(column) => entry.labelled.push((column, cell.text.clone(), index)),
                None => push_parts(&cell.text, index, &mut entry),
            }
        }
        entries.push(entry);
    }
    (!entries.is_empty()).then_some(entries)
}

//! The top of a resume: labels of forms, the name, contacts, the place.
//!
//! Longer than most files: what stands at the top is told apart by exclusion, so its readers know each other.

use looma_types::json_resume::{Basics, Location, Profile};
use serde_json::{Map, Value};

use crate::block::{Block, length};
use crate::contact;
use crate::headings;
use crate::names;
use crate::normalise::{is_cjk, key};
use crate::places;
use crate::record::Record;
use crate::words;

/// What a label of a form asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    Name,
    Phone,
    Email,
    Location,
    Label,
    Url,
    Degree,
    School,
    Major,
    Other,
}

const LABELS: &[(Field, &str)] = &[
    (Field::Name, "姓名|名字|中文名|英文名|name|full name|fullname"),
    (
        Field::Phone,
        "电话|手机|手机号|手机号码|联系电话|联系方式|移动电话|联系手机|电话号码|tel|telephone|phone|mobile|cell|cell phone|phone number|mobile phone|contact no|contact number|mob|ph|t|m|p",
    ),
    (Field::Email, "邮箱|电子邮箱|电子邮件|邮件|email|e-mail|mail|邮箱地址|email address|e"),
    (
        Field::Location,
        "地址|住址|现居|现居地|现居住地|居住地|所在地|所在城市|现所在地|通讯地址|联系地址|家庭住址|家庭地址|现住址|居住地址|城市|常住地|目前所在地|location|address|city|based in|current location|residence|home address",
    ),
    (
        Field::Label,
        "求职意向|应聘职位|应聘岗位|期望职位|期望岗位|意向岗位|意向职位|目标职位|目标岗位|求职岗位|求职目标|应聘方向|职位|岗位|现任职位|当前职位|现职|职业|title|position|desired position|applying for|target position|job title|occupation|current position|profession",
    ),
    (
        Field::Url,
        "网站|个人网站|主页|个人主页|博客|个人博客|技术博客|website|web|homepage|blog|portfolio|github|linkedin|gitee|领英|个人网址|url|site|gitlab|twitter|w",
    ),
    (Field::Degree, "学历|最高学历|学位|文化程度|学历学位|教育程度|degree"),
    (Field::School, "毕业院校|毕业学校|毕业于|院校|就读院校|school|university"),
    (Field::Major, "专业|所学专业|主修专业|专业名称|major"),
    (
        Field::Other,
        "性别|年龄|出生日期|出生年月|出生|生日|出生年份|民族|政治面貌|籍贯|户籍|户口|户口所在地|户籍所在地|婚姻状况|婚姻|婚否|身高|体重|健康状况|健康|工作年限|工作经验|工作年数|毕业时间|毕业年份|微信|微信号|qq|qq号|身份证|身份证号|邮编|邮政编码|期望薪资|期望薪酬|薪资要求|期望月薪|期望城市|期望地点|期望工作地|工作地点|工作性质|到岗时间|可到岗时间|目前状态|求职状态|当前状态|状态|职称|外语水平|英语水平|外语|计算机水平|爱好|特长|参加工作时间|国籍|宗教|期望行业|意向城市|意向行业|\
        gender|sex|age|date of birth|birth date|birthdate|birthday|dob|nationality|marital status|citizenship|visa status|visa|wechat|skype|whatsapp|driving licence|driving license|driver's license|availability|work permit|height|weight|place of birth|religion|passport|years of experience|notice period|current salary|expected salary|telegram|hobbies",
    ),
];

pub fn label(text: &str) -> Option<Field> {
    if text.chars().count() > 20 {
        return None;
    }
    let wanted = key(text);
    if wanted.is_empty() {
        return None;
    }
    LABELS.iter().find(|(_, names)| names.split('|').any(|name| key(name) == wanted)).map(|(field, _)| *field)
}

/// A label of a form, of more than one letter.
pub fn is_label(text: &str) -> bool {
    key(text).chars().count() > 1 && label(text).is_some()
}

/// A label with its value, and the block they stand in.
#[derive(Debug, Clone)]
pub struct Pair {
    pub field: Field,
    pub label: String,
    pub value: String,
    pub block: usize,
}

/// All labelled values: `姓名：张三  性别：男`, or a label's cell beside the value's.
pub fn pairs(blocks: &[Block]) -> Vec<Pair> {
    let mut pairs = Vec::new();
    for (index, block) in blocks.iter().enumerate() {
        let cells: Vec<&str> =
            if block.raw.len() == 1 { block.cells.iter().map(|cell| cell.text.as_str()).collect() } else { vec![block.text.as_str()] };
        let mut i = 0;
        while let Some(cell) = cells.get(i) {
            let found = colon_pairs(cell);
            if found.is_empty() {
                let bare = cell.trim_end_matches([':', '：']).trim();
                let multi = key(bare).chars().count() > 1;
                if multi
                    && let Some(field) = label(bare)
                    && let Some(value) = cells.get(i + 1).filter(|value| !is_label(value) && colon_pairs(value).is_empty())
                {
                    pairs.push(Pair { field, label: bare.to_owned(), value: (*value).to_owned(), block: index });
                    i += 1;
                } else if let Some((name, value)) = bare.split_once(' ')
                    && name.chars().all(is_cjk)
                    && let Some(field) = label(name)
                {
                    pairs.push(Pair { field, label: name.to_owned(), value: value.trim().to_owned(), block: index });
                }
            } else {
                for (field, label, value) in found {
                    if !value.is_empty() {
                        pairs.push(Pair { field, label, value, block: index });
                    } else if let Some(next) = cells.get(i + 1).filter(|next| colon_pairs(next).is_empty()) {
                        pairs.push(Pair { field, label, value: (*next).to_owned(), block: index });
                        i += 1;
                    }
                }
            }
            i += 1;
        }
    }
    pairs
}

/// Labels with a colon in one text; a value ends where the next label begins.
fn colon_pairs(text: &str) -> Vec<(Field, String, String)> {
    let mut marks: Vec<(usize, usize, Field)> = Vec::new();
    for (at, c) in text.char_indices().filter(|(_, c)| matches!(c, ':' | '：')) {
        let before = &text[marks.last().map_or(0, |mark| mark.1)..at];
        let offset = at - before.len();
        // The label is what stands after the last sign that parts values: the longest known name wins.
        let starts = std::iter::once(0)
            .chain(before.char_indices().filter(|(_, c)| !c.is_alphanumeric() || is_cjk(*c)).flat_map(|(i, c)| [i, i + c.len_utf8()]));
        let mut best: Option<(usize, Field)> = None;
        for start in starts {
            let Some(name) = before.get(start..) else { continue };
            let name = name.trim();
            if let Some(field) = label(name)
                && best.is_none_or(|(other, _)| start < other)
            {
                let glued = key(name).chars().count() == 1 && !before[..start].trim().is_empty();
                if !glued {
                    best = Some((start, field));
                }
            }
        }
        if let Some((start, field)) = best {
            marks.push((offset + start, at + c.len_utf8(), field));
        }
    }
    let mut out = Vec::new();
    for (i, (start, after, field)) in marks.iter().enumerate() {
        let end = marks.get(i + 1).map_or(text.len(), |next| next.0);
        let name = text[*start..*after].trim().trim_end_matches([':', '：']).trim().trim_matches(|c: char| !c.is_alphanumeric()).to_owned();
        let value = text
            .get(*after..end)
            .unwrap_or("")
            .split(['|', '｜'])
            .next()
            .unwrap_or("")
            .trim()
            .trim_matches(|c: char| "|｜/，,；;·•".contains(c) || c.is_whitespace())
            .to_owned();
        out.push((*field, name, value));
    }
    out
}

/// What a form says about the person beyond JSON Resume's fields, and about the school.
#[derive(Debug, Default)]
pub struct Form {
    pub school: Option<(String, usize)>,
    pub major: Option<(String, usize)>,
    pub degree: Option<(String, usize)>,
}

/// Reads the top of the resume (and its sections on personal details).
pub fn read(blocks: &[Block], all: &[Block], file_name: &str, record: &mut Record) -> (Basics, Form) {
    let mut basics = Basics::default();
    let mut form = Form::default();
    let pairs = pairs(blocks);
    let mut personal = Map::new();
    for pair in &pairs {
        let block = &blocks[pair.block];
        match pair.field {
            Field::Email if basics.email.is_none() => {
                if let Some(email) = contact::email(&pair.value) {
                    record.note("/basics/email", block, &pair.value, 0.99);
                    basics.email = Some(email);
                }
            }
            Field::Phone if basics.phone.is_none() => {
                if let Some(phone) = contact::phones(&pair.value, true).into_iter().next() {
                    record.note("/basics/phone", block, &phone, 0.98);
                    basics.phone = Some(phone);
                }
            }
            Field::Location if basics.location.is_none() && length(&pair.value) <= 120 => {
                record.note("/basics/location", block, &pair.value, 0.9);
                basics.location = Some(location(&pair.value));
            }
            Field::Label if basics.label.is_none() && length(&pair.value) <= 60 => {
                record.note("/basics/label", block, &pair.value, 0.85);
                basics.label = Some(pair.value.clone());
            }
            Field::School => form.school = form.school.or(Some((pair.value.clone(), pair.block))),
            Field::Major => form.major = form.major.or(Some((pair.value.clone(), pair.block))),
            Field::Degree => form.degree = form.degree.or(Some((pair.value.clone(), pair.block))),
            Field::Other if length(&pair.value) <= 80 => {
                personal.insert(pair.label.clone(), Value::String(pair.value.clone()));
            }
            _ => {}
        }
    }
    contacts(blocks, all, &mut basics, record);
    if let Some(found) = names::find(blocks, all, &pairs, basics.email.as_deref(), file_name) {
        match found.block {
            Some(block) => record.note("/basics/name", block, &found.quote, found.confidence),
            None => record.raw("/basics/name", None, &found.quote, found.confidence),
        }
        basics.name = Some(found.name);
    }
    place(blocks, &pairs, &mut basics, record);
    if basics.label.is_none() {
        headline(blocks, &mut basics, record);
    }
    summary(blocks, &mut basics, record);
    if !personal.is_empty() {
        basics.extra.insert("x-personal".into(), Value::Object(personal));
    }
    (basics, form)
}

fn contacts(blocks: &[Block], all: &[Block], basics: &mut Basics, record: &mut Record) {
    for (top, block) in blocks.iter().map(|block| (true, block)).chain(all.iter().map(|block| (false, block))) {
        if basics.email.is_none()
            && let Some(email) = contact::email(&block.text)
                .or_else(|| block.cells.iter().find_map(|cell| cell.link.as_deref()?.strip_prefix("mailto:").and_then(contact::email)))
        {
            record.note("/basics/email", block, &email, if top { 0.99 } else { 0.8 });
            basics.email = Some(email);
        }
        if basics.phone.is_none()
            && top
            && let Some(phone) = contact::phones(&block.text, false).into_iter().next()
        {
            record.note("/basics/phone", block, &phone, 0.95);
            basics.phone = Some(phone);
        }
        if top {
            let linked = block.cells.iter().filter_map(|cell| cell.link.clone()).filter(|link| link.starts_with("http"));
            for url in contact::urls(&block.text).into_iter().chain(linked) {
                add_url(&url, block, basics, record);
            }
        }
    }
    if basics.phone.is_none() {
        for block in all.iter().filter(|block| block.length() <= 120) {
            let own = block.text.trim_start().starts_with('+')
                || block.text.to_lowercase().contains("tel")
                || block.text.to_lowercase().contains("phone")
                || block.text.contains("电话");
            if let Some(phone) = contact::phones(&block.text, false).into_iter().next().filter(|_| own) {
                record.note("/basics/phone", block, &phone, 0.7);
                basics.phone = Some(phone);
                break;
            }
        }
    }
}

fn add_url(url: &str, block: &Block, basics: &mut Basics, record: &mut Record) {
    if let Some(profile) = contact::profile(url) {
        let same = |other: &Profile| other.network == profile.network && (other.username == profile.username || profile.username.is_none());
        if !basics.profiles.iter().any(same) && basics.profiles.len() < 12 {
            let index = basics.profiles.len();
            record.note(&format!("/basics/profiles/{index}/url"), block, url, 0.95);
            basics.profiles.push(profile);
        }
    } else if basics.url.is_none() && basics.email.as_deref().is_none_or(|email| !email.to_lowercase().ends_with(&url.to_lowercase())) {
        record.note("/basics/url", block, url, 0.85);
        basics.url = Some(contact::with_scheme(url));
    }
}

/// `San Francisco, CA`, `Berlin, Germany`, `上海市浦东新区…`.
pub fn location(text: &str) -> Location {
    let text = text.trim();
    let mut location = Location::default();
    if text.chars().any(is_cjk) {
        let rest = text.trim_start_matches("中国").trim_start_matches(['·', ' ', '-']);
        location.country_code = (rest.len() < text.len() || places::zh_place(rest)).then(|| "CN".to_owned());
        let (region, tail) = match rest.split_once(['省', '区']) {
            Some((region, tail)) if rest[region.len()..].starts_with('省') => (Some(format!("{region}省")), tail),
            _ => (None, rest),
        };
        location.region = region;
        let city = tail.split(['市', ' ', '·', '-', '，', ',']).next().unwrap_or(tail);
        if city.chars().count() <= 5 {
            location.city = Some(city.to_owned());
        } else {
            let two: String = city.chars().take(2).collect();
            if places::zh_place(&two) {
                location.city = Some(two);
            }
        }
        if tail.chars().count() > 6 || location.city.is_none() {
            location.address = Some(text.to_owned());
        }
        return location;
    }
    let parts: Vec<&str> = text.split(',').map(str::trim).filter(|part| !part.is_empty()).collect();
    match parts.as_slice() {
        [city] => location.city = Some((*city).to_owned()),
        [city, last] => {
            location.city = Some((*city).to_owned());
            let state = last.split_whitespace().next().unwrap_or("");
            if places::is_state(state) {
                location.region = Some(state.to_owned());
                location.postal_code = last.split_whitespace().nth(1).map(str::to_owned);
            } else if let Some(code) = places::country_code(last) {
                location.country_code = Some(code.to_owned());
            } else {
                location.region = Some((*last).to_owned());
            }
        }
        [.., city, region, last] => {
            if let Some(code) = places::country_code(last) {
                location.country_code = Some(code.to_owned());
                location.city = Some((*city).to_owned());
                location.region = Some((*region).to_owned());
            } else {
                location.city = Some((*region).to_owned());
                let state = last.split_whitespace().next().unwrap_or("");
                location.region = Some(if places::is_state(state) { state.to_owned() } else { (*last).to_owned() });
                location.postal_code = last.split_whitespace().nth(1).filter(|_| places::is_state(state)).map(str::to_owned);
            }
            if parts.len() == 3 && location.country_code.is_some() && parts[0].chars().any(|c| c.is_ascii_digit()) {
                location.city = Some((*region).to_owned());
                location.region = None;
            }
            if parts.len() > 3 || parts[0].chars().any(|c| c.is_ascii_digit()) {
                location.address = Some(text.to_owned());
            }
        }
        [] => {}
    }
    location
}

/// The pieces of a header line between its separators.
pub fn pieces(block: &Block) -> Vec<String> {
    let mut out = Vec::new();
    for cell in &block.cells {
        for part in cell
            .text
            .split(['|', '｜', '•', '·', '‧', '∙', '⋅', '◆', '■', '●'])
            .flat_map(|part| part.split(" / "))
            .flat_map(|part| part.split(" – "))
        {
            let part = part.trim().trim_matches([',', '，']).trim();
            if !part.is_empty() {
                out.push(part.to_owned());
            }
        }
    }
    out
}

fn place(blocks: &[Block], pairs: &[Pair], basics: &mut Basics, record: &mut Record) {
    if basics.location.is_some() {
        return;
    }
    for block in blocks.iter().take(25) {
        let bare = contact::bare(&block.text);
        for piece in pieces(block).into_iter().chain([bare]) {
            // `籍贯：湖南` is where the family comes from.
            let said = pairs.iter().any(|pair| pair.value == piece);
            if !said && (places::is_place(&piece) || places::is_address(&piece)) && basics.name.as_deref() != Some(piece.as_str()) {
                record.note("/basics/location", block, &piece, 0.85);
                basics.location = Some(location(&piece));
                return;
            }
        }
    }
}

/// A line of the header that sounds like a profession.
fn headline(blocks: &[Block], basics: &mut Basics, record: &mut Record) {
    for block in blocks.iter().take(12).filter(|block| !block.prose() && !block.bullet) {
        let text = block.text.trim();
        let whole = !text.contains('@') && contact::phones(text, false).is_empty() && length(text) <= 90;
        let parts = if whole && block.cells.len() == 1 && basics.name.as_ref().is_none_or(|name| !text.contains(name.as_str())) {
            vec![text.to_owned()]
        } else {
            pieces(block)
        };
        for piece in parts {
            let bare = piece.trim_matches(|c: char| "()（）".contains(c)).to_owned();
            // The title beside the name.
            let named = basics.name.as_ref().filter(|name| bare.to_lowercase().starts_with(&name.to_lowercase())).map(String::len);
            let bare = named
                .and_then(|length| bare.get(length..))
                .map_or(bare.clone(), |rest| rest.trim_matches(|c: char| c.is_whitespace() || ",，-–—|".contains(c)).to_owned());
            if crate::dates::find(&bare).is_empty()
                && words::position(&bare) >= 1
                && length(&bare) <= 90
                && !bare.contains('@')
                && basics.name.as_deref() != Some(bare.as_str())
                && !is_label(&bare)
                && headings::exact(&bare).is_none()
                && colon_pairs(&bare).is_empty()
            {
                record.note("/basics/label", block, &bare, 0.75);
                basics.label = Some(bare);
                return;
            }
        }
    }
}

/// Running text in the header is the summary.
fn summary(blocks: &[Block], basics: &mut Basics, record: &mut Record) {
    let prose: Vec<&Block> =
        blocks.iter().filter(|block| block.length() > 90 && block.prose() && contact::email(&block.text).is_none()).take(4).collect();
    let Some(first) = prose.first() else { return };
    record.note("/basics/summary", first, &first.text, 0.7);
    basics.summary = Some(prose.iter().map(|block| block.text.as_str()).collect::<Vec<_>>().join("\n"));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::line::{Cell, Line};

    fn row(cells: &[&str]) -> Block {
        let cells = cells.iter().map(|text| Cell { text: (*text).to_owned(), size: 10.0, ..Cell::default() }).collect();
        Block::from_line(&Line { page: 1, cells, ..Line::default() })
    }

    #[test]
    fn labels_beside_and_before_their_values() {
        let blocks =
            [row(&["联系电话", "15874003321", "电子邮箱", "a@example.com"]), row(&["姓名：张三 性别：男", "Address: Main St 1, Bath"])];
        let found: Vec<(Field, String)> = pairs(&blocks).into_iter().map(|pair| (pair.field, pair.value)).collect();
        assert_eq!(
            found,
            [
                (Field::Phone, "15874003321".to_owned()),
                (Field::Email, "a@example.com".to_owned()),
                (Field::Name, "张三".to_owned()),
                (Field::Other, "男".to_owned()),
                (Field::Location, "Main St 1, Bath".to_owned()),
            ]
        );
        assert_eq!(contact::phones("15874003321", true), ["15874003321"]);
    }
}

//! Dates as people write them, in English and Chinese, as ISO 8601 partial dates.

use std::sync::LazyLock;

use regex::Regex;

/// A year, perhaps with month and day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    pub year: u16,
    pub month: Option<u8>,
    pub day: Option<u8>,
}

impl Date {
    /// `2020`, `2020-01` or `2020-01-31`.
    pub fn iso(self) -> String {
        match (self.month, self.day) {
            (Some(month), Some(day)) => format!("{:04}-{month:02}-{day:02}", self.year),
            (Some(month), None) => format!("{:04}-{month:02}", self.year),
            _ => format!("{:04}", self.year),
        }
    }
}

/// A date or a range found in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// Byte offsets in the text.
    pub start: usize,
    pub end: usize,
    pub from: Option<Date>,
    pub to: Option<Date>,
    /// It goes on today.
    pub present: bool,
}

impl Period {
    /// Two ends, or one and "present".
    pub fn is_range(&self) -> bool {
        self.present || (self.from.is_some() && self.to.is_some())
    }

    /// The last date it names.
    pub fn last(&self) -> Option<Date> {
        self.to.or(self.from)
    }
}

const MONTH: &str = r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)";

macro_rules! pattern {
    ($name:ident, $($part:expr),+) => {
        static $name: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(&[r"(?i)^(?:", $($part),+, ")"].concat()).ok());
    };
}

pattern!(YMD_ZH, r"(\d{4})\s*年\s*(?:(\d{1,2})\s*月\s*(?:份\s*)?(?:(\d{1,2})\s*[日号])?)?");
pattern!(YMD, r"(\d{4})\s?[./\-]\s?(\d{1,2})\s?[./\-]\s?(\d{1,2})");
pattern!(YM, r"(\d{4})\s?[./\-]\s?(\d{1,2})月?");
pattern!(DMY, r"(\d{1,2})[./](\d{1,2})[./](\d{4})");
pattern!(MY, r"(\d{1,2})\s?[./\-]\s?(\d{4})");
pattern!(MONTH_DAY_YEAR, MONTH, r"\.?\s+(\d{1,2})(?:st|nd|rd|th)?\s*,\s*(\d{4})");
pattern!(MONTH_YEAR, MONTH, r"\.?\s*,?\s*(\d{4})");
pattern!(MONTH_SHORT_YEAR, MONTH, r"\.?\s*['’‘]\s?(\d{2})");
pattern!(DAY_MONTH_YEAR, r"(\d{1,2})(?:st|nd|rd|th)?\s+", MONTH, r"\.?,?\s+(\d{4})");
pattern!(MONTH_MONTH_YEAR, MONTH, r"\.?\s*(?:[-–—~/]|to)\s*", MONTH, r"\.?\s*,?\s*(\d{4})");
pattern!(SEASON, r"(spring|summer|fall|autumn|winter)\s*(?:of\s+)?,?\s*(\d{4})");
pattern!(YEAR, r"(\d{4})");
pattern!(PRESENT, r"present|current(?:ly)?|now|ongoing|today|till date|to date|至今|迄今|现在|目前|今|在职");
pattern!(JOIN, r"\s*(?:[-–—~～〜－−―→]+|至|到|to\b|until\b|till\b|through\b|thru\b)\s*");
pattern!(JOIN_OR_BLANK, r"\s*(?:[-–—~～〜－−―→]+|至|到|to\b|until\b|till\b|through\b|thru\b)?\s*");
pattern!(SINCE, r"(?:since|from|自从?)\s*");
pattern!(DURATION, r"\s*[(（·•,，]?\s*(?:\d{1,2}\s*(?:years?|yrs?|months?|mos?|个月|年)\s*,?\s*){1,2}[)）]?");

fn groups<'a>(pattern: &LazyLock<Option<Regex>>, text: &'a str) -> Option<(usize, [&'a str; 3])> {
    let found = pattern.as_ref()?.captures(text)?;
    let group = |i: usize| found.get(i).map_or("", |m| m.as_str());
    Some((found.get(0)?.end(), [group(1), group(2), group(3)]))
}

fn matched(pattern: &LazyLock<Option<Regex>>, text: &str) -> Option<usize> {
    pattern.as_ref()?.find(text).map(|m| m.end())
}

fn month_number(name: &str) -> Option<u8> {
    let name = name.to_lowercase();
    let start = name.get(..3)?;
    let names = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    names.iter().position(|month| *month == start).and_then(|i| u8::try_from(i + 1).ok())
}

fn date(year: &str, month: Option<u8>, day: Option<u8>) -> Option<Date> {
    let year: u16 = year.parse().ok()?;
    if !(1940..=2050).contains(&year) {
        return None;
    }
    let month = month.filter(|m| (1..=12).contains(m));
    Some(Date { year, month, day: day.filter(|d| month.is_some() && (1..=31).contains(d)) })
}

fn ends_number(text: &str, end: usize) -> bool {
    !text[end..].starts_with(|c: char| c.is_ascii_digit())
}

/// A date at the very start of the text, with its length.
fn date_at(text: &str) -> Option<(usize, Date)> {
    let number = |s: &str| s.parse::<u8>().ok();
    let first = text.chars().next()?;
    if first.is_ascii_digit() {
        if let Some((end, [y, m, d])) = groups(&YMD_ZH, text)
            && let Some(found) = date(y, number(m), number(d))
        {
            return Some((end, found));
        }
        if let Some((end, [y, m, d])) = groups(&YMD, text)
            && ends_number(text, end)
            && number(m).is_some_and(|m| (1..=12).contains(&m))
            && number(d).is_some_and(|d| (1..=31).contains(&d))
            && let Some(found) = date(y, number(m), number(d))
        {
            return Some((end, found));
        }
        if let Some((end, [y, m, _])) = groups(&YM, text)
            && ends_number(text, end)
            && number(m).is_some_and(|m| (1..=12).contains(&m))
            && let Some(found) = date(y, number(m), None)
        {
            return Some((end, found));
        }
        if let Some((end, [d, m, y])) = groups(&DMY, text)
            && ends_number(text, end)
        {
            let (d, m) = (number(d), number(m));
            let (d, m) = if m.is_some_and(|m| m > 12) { (m, d) } else { (d, m) };
            if let Some(found) = date(y, m, d).filter(|found| found.month.is_some()) {
                return Some((end, found));
            }
        }
        if let Some((end, [m, y, _])) = groups(&MY, text)
            && ends_number(text, end)
            && number(m).is_some_and(|m| (1..=12).contains(&m))
            && let Some(found) = date(y, number(m), None)
        {
            return Some((end, found));
        }
        if let Some((end, [d, m, y])) = groups(&DAY_MONTH_YEAR, text)
            && ends_number(text, end)
            && let Some(found) = date(y, month_number(m), number(d))
        {
            return Some((end, found));
        }
        if let Some((end, [y, _, _])) = groups(&YEAR, text)
            && ends_number(text, end)
            && !text[end..].starts_with(['+', '%', '多', '余', '人', '万', '个', '台'])
            && !(text[end..].starts_with(',') && text[end + 1..].starts_with(|c: char| c.is_ascii_digit()))
            && let Some(found) = date(y, None, None)
        {
            return Some((end, found));
        }
        return None;
    }
    if !first.is_ascii_alphabetic() {
        return None;
    }
    if let Some((end, [m, d, y])) = groups(&MONTH_DAY_YEAR, text)
        && ends_number(text, end)
        && let Some(found) = date(y, month_number(m), number(d))
    {
        return Some((end, found));
    }
    if let Some((end, [m, y, _])) = groups(&MONTH_YEAR, text)
        && ends_number(text, end)
        && let Some(found) = date(y, month_number(m), None)
    {
        return Some((end, found));
    }
    if let Some((end, [m, y, _])) = groups(&MONTH_SHORT_YEAR, text)
        && ends_number(text, end)
    {
        let century = if y > "50" { "19" } else { "20" };
        if let Some(found) = date(&format!("{century}{y}"), month_number(m), None) {
            return Some((end, found));
        }
    }
    let (end, [season, y, _]) = groups(&SEASON, text)?;
    let month = match season.to_lowercase().as_str() {
        "spring" => 3,
        "summer" => 6,
        "winter" => 12,
        _ => 9,
    };
    ends_number(text, end).then(|| date(y, Some(month), None)).flatten().map(|found| (end, found))
}

/// All dates and ranges of a text, from left to right.
pub fn find(text: &str) -> Vec<Period> {
    let mut periods = Vec::new();
    let mut at = 0;
    let mut before: Option<char> = None;
    while let Some(c) = text[at..].chars().next() {
        let fresh = before.is_none_or(|b| !(b.is_ascii_alphanumeric() || (c.is_ascii_digit() && matches!(b, '.' | '$' | '¥' | '#' | '+'))));
        if fresh && let Some(period) = period_at(text, at) {
            before = text[..period.end].chars().last();
            at = period.end;
            periods.push(period);
            continue;
        }
        before = Some(c);
        at += c.len_utf8();
    }
    periods
}

fn period_at(text: &str, at: usize) -> Option<Period> {
    let rest = &text[at..];
    if let Some(captures) = MONTH_MONTH_YEAR.as_ref().and_then(|pattern| pattern.captures(rest)) {
        let end = captures.get(0).map_or(0, |m| m.end());
        let from = date(&captures[3], month_number(&captures[1]), None);
        let to = date(&captures[3], month_number(&captures[2]), None);
        if ends_number(rest, end) && from.is_some() {
            return Some(Period { start: at, end: at + end, from, to, present: false });
        }
    }
    if let Some(skip) = matched(&SINCE, rest)
        && let Some((len, from)) = date_at(&rest[skip..])
    {
        let end = at + skip + len;
        // "from 2019 to 2021" is a range like any other.
        let mut period = range_from(text, at, end, from);
        period.present |= period.to.is_none();
        return Some(period);
    }
    let (len, from) = date_at(rest)?;
    Some(range_from(text, at, at + len, from))
}

/// Extends a date to the range it begins.
fn range_from(text: &str, start: usize, end: usize, from: Date) -> Period {
    let mut period = Period { start, end, from: Some(from), to: None, present: false };
    let rest = &text[end..];
    if let Some(skip) = matched(&JOIN_OR_BLANK, rest)
        && let Some(len) = matched(&PRESENT, &rest[skip..])
        && !rest[skip + len..].starts_with(|c: char| c.is_ascii_alphabetic())
        && (skip > 0 || !rest.starts_with(|c: char| c.is_ascii()))
    {
        period.present = true;
        period.end = end + skip + len;
    } else if let Some(skip) = matched(&JOIN, rest) {
        if let Some((len, to)) = date_at(&rest[skip..]).filter(|(_, to)| to.year >= from.year) {
            period.to = Some(to);
            period.end = end + skip + len;
        } else if let Some((len, to)) = short_end(&rest[skip..], from) {
            period.to = Some(to);
            period.end = end + skip + len;
        } else if rest[skip..].trim().is_empty() && rest.trim().len() <= 3 && !rest.trim().is_empty() {
            period.present = true;
            period.end = text.len();
        }
    } else if rest.starts_with('起') {
        period.present = true;
        period.end = end + '起'.len_utf8();
    }
    if period.is_range()
        && let Some(len) = matched(&DURATION, &text[period.end..])
    {
        period.end += len;
    }
    period
}

/// The end of `2019 – 21` and of `2019年3月-6月`.
fn short_end(rest: &str, from: Date) -> Option<(usize, Date)> {
    let digits = rest.chars().take_while(char::is_ascii_digit).count();
    if digits == 0 || digits > 2 {
        return None;
    }
    let number: u8 = rest.get(..digits)?.parse().ok()?;
    if rest[digits..].starts_with('月') && (1..=12).contains(&number) {
        return Some((digits + '月'.len_utf8(), Date { month: Some(number), day: None, ..from }));
    }
    let year = from.year / 100 * 100 + u16::from(number);
    (digits == 2 && from.month.is_none() && year > from.year && year < from.year + 50)
        .then_some((digits, Date { year, month: None, day: None }))
}

/// `2 years 10 months`, `3年2个月`: how long something took.
pub fn is_duration(text: &str) -> bool {
    let text = text.trim();
    text.chars().any(|c| c.is_ascii_digit()) && find(text).is_empty() && matched(&DURATION, text) == Some(text.len())
}

/// The text without its dates and what held them in place.
pub fn without(text: &str, periods: &[Period]) -> String {
    let mut out = String::new();
    let mut at = 0;
    for period in periods {
        out.push_str(&text[at..period.start]);
        out.push_str("  ");
        at = period.end;
    }
    out.push_str(&text[at..]);
    for (empty, full) in [("(  )", "  "), ("（  ）", "  "), ("[  ]", "  "), ("【  】", "  "), ("()", "  ")] {
        out = out.replace(empty, full);
    }
    out.trim_matches(|c: char| c.is_whitespace() || ",，|｜;；·•-–—:：/\\~".contains(c)).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<String> {
        find(text)
            .iter()
            .map(|p| {
                let end = if p.present { "now".to_owned() } else { p.to.map_or(String::new(), Date::iso) };
                format!("{}..{end}", p.from.map_or(String::new(), Date::iso))
            })
            .collect()
    }

    #[test]
    fn usual_forms() {
        for (text, expected) in [
            ("Jan 2020 – Present", "2020-01..now"),
            ("2019.03-至今", "2019-03..now"),
            ("2018年9月 – 2022年6月", "2018-09..2022-06"),
            ("2018年9月至2022年6月", "2018-09..2022-06"),
            ("06/2019 - 08/2021", "2019-06..2021-08"),
            ("2015-2019", "2015..2019"),
            ("2015.09-2019.07", "2015-09..2019-07"),
            ("2015-09-01 ~ 2019-07-01", "2015-09-01..2019-07-01"),
            ("2015/09—2019/07", "2015-09..2019-07"),
            ("May – Aug 2020", "2020-05..2020-08"),
            ("Summer 2021", "2021-06.."),
            ("Sept 2014 – June 2018", "2014-09..2018-06"),
            ("September 3, 2014", "2014-09-03.."),
            ("Jun '19 - Aug '20", "2019-06..2020-08"),
            ("since 2019", "2019..now"),
            ("2020年3月起", "2020-03..now"),
            ("2019年3月-6月", "2019-03..2019-06"),
            ("2016 – 19", "2016..2019"),
            ("2017.07至2020.02（2年7个月）", "2017-07..2020-02"),
            ("from March 2018 to July 2019", "2018-03..2019-07"),
            ("2020 - ", "2020..now"),
            ("2021.5 - 今", "2021-05..now"),
        ] {
            assert_eq!(read(text), [expected], "{text}");
        }
    }

    #[test]
    fn other_numbers_are_no_dates() {
        for text in ["served 2000+ users", "v1.2020", "$2020", "13800138000", "12345", "Maya 12"] {
            assert!(find(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn taking_dates_out() {
        let text = "Acme Ltd (2019 – 2021)";
        assert_eq!(without(text, &find(text)), "Acme Ltd");
    }
}

//! HTML (web pages, and documents saved as such): text by its blocks, table cells and list items.

use crate::line::{Cell, Line};
use crate::normalise::{clean, unspace};
use crate::problem::{ParseProblem, ProblemCode};

const MAX_LINES: usize = 20_000;

#[derive(Default)]
struct Writer {
    lines: Vec<Line>,
    cells: Vec<Cell>,
    bold: u32,
    heading: u8,
    bullet: bool,
    in_row: bool,
    link: Option<String>,
}

impl Writer {
    fn put(&mut self, text: &str) {
        if self.cells.is_empty() {
            self.cell();
        }
        let bold = self.bold > 0 || self.heading > 0;
        let size = if self.heading > 0 { 20.0 - 1.5 * f32::from(self.heading) } else { 10.5 };
        if let Some(cell) = self.cells.last_mut() {
            if bold && cell.lead == cell.text {
                cell.lead.push_str(text);
            }
            cell.text.push_str(text);
            if text.chars().any(char::is_alphanumeric) {
                cell.bold &= bold;
                cell.size = cell.size.max(size);
            }
            if cell.link.is_none() {
                cell.link.clone_from(&self.link);
            }
        }
    }

    fn cell(&mut self) {
        let x = 100.0 * self.cells.len() as f32;
        self.cells.push(Cell { x0: x, x1: x, bold: true, ..Cell::default() });
    }

    /// The lines of a table row: the first of each cell side by side, then the others.
    fn line(&mut self) {
        let whole = std::mem::take(&mut self.cells);
        let mut rest: Vec<Cell> = Vec::new();
        let first: Vec<Cell> = whole
            .into_iter()
            .map(|cell| {
                let mut parts = cell.text.split('\n').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned);
                let head = parts.next().unwrap_or_default();
                rest.extend(parts.map(|text| Cell { text, lead: String::new(), bold: false, ..cell.clone() }));
                Cell { text: head, ..cell }
            })
            .collect();
        self.push(first);
        for cell in rest {
            self.push(vec![cell]);
        }
    }

    fn push(&mut self, mut cells: Vec<Cell>) {
        for cell in &mut cells {
            cell.text = unspace(&clean(&cell.text));
            cell.lead = clean(&cell.lead);
            if cell.lead.len() >= cell.text.len() || !cell.text.starts_with(&cell.lead) {
                cell.lead.clear();
            }
            if cell.size < 1.0 {
                cell.size = 10.5;
            }
        }
        cells.retain(|cell| !cell.text.is_empty());
        if cells.is_empty() {
            return;
        }
        let bullet = std::mem::take(&mut self.bullet);
        let mut line = Line { page: 1, x: cells[0].x0, cells, bullet, heading: self.heading, whole: true, right: 1e6, ..Line::default() };
        line.take_bullet();
        line.mend_labels();
        self.lines.push(line);
    }

    fn tag(&mut self, tag: &str) {
        let closing = tag.starts_with('/');
        let name: String = tag
            .trim_start_matches('/')
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || *c == ':')
            .flat_map(char::to_lowercase)
            .collect();
        match name.as_str() {
            "b" | "strong" => self.bold = if closing { self.bold.saturating_sub(1) } else { self.bold + 1 },
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                self.line();
                // The first heading is the name; sections come below it.
                self.heading = if closing { 0 } else { name.as_bytes()[1] - b'0' };
            }
            "a" => {
                let href = tag
                    .split_once("href=")
                    .map(|(_, rest)| rest.trim_start_matches(['"', '\'']).split(['"', '\'', ' ', '>']).next().unwrap_or("").to_owned());
                self.link = if closing { None } else { href };
            }
            "tr" => {
                self.line();
                self.in_row = !closing;
            }
            "td" | "th" if !closing => self.cell(),
            "li" => {
                self.line();
                self.bullet = !closing;
            }
            "br" | "p" | "div" | "section" | "article" | "ul" | "ol" | "table" | "header" | "footer" | "main" | "aside" | "dt" | "dd"
            | "hr" | "pre" => {
                if self.in_row && name != "table" {
                    self.put("\n");
                } else {
                    self.line();
                }
            }
            "span" if closing => {}
            _ => {}
        }
    }
}

pub fn read(html: &str) -> Result<Vec<Line>, ParseProblem> {
    let mut writer = Writer::default();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        text(&rest[..at], &mut writer);
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix("<!--") {
            rest = after.find("-->").map_or("", |end| &after[end + 3..]);
            continue;
        }
        let Some(end) = rest.find('>') else { break };
        let tag = &rest[1..end];
        rest = &rest[end + 1..];
        let lower: String = tag.chars().take(8).flat_map(char::to_lowercase).collect();
        let hidden = ["script", "style", "head", "title", "svg", "template"]
            .into_iter()
            .find(|name| lower.strip_prefix(name).is_some_and(|tail| !tail.starts_with(|c: char| c.is_ascii_alphanumeric())));
        if let Some(name) = hidden
            && !tag.ends_with('/')
        {
            rest = after_closing(rest, name);
            continue;
        }
        writer.tag(tag);
        if writer.lines.len() > MAX_LINES {
            return Err(ParseProblem::new(
                ProblemCode::TooLarge,
                "This page holds far more text than a resume. Send the part with the resume alone.",
            ));
        }
    }
    text(rest, &mut writer);
    writer.line();
    // One heading of the first level is a name or a title, not a section.
    if writer.lines.iter().filter(|line| line.heading == 1).count() == 1 {
        for line in &mut writer.lines {
            if line.heading == 1 {
                line.heading = 0;
            }
        }
    }
    if writer.lines.is_empty() {
        return Err(ParseProblem::new(ProblemCode::NoText, "This page holds no text to read; save it as PDF and send that."));
    }
    Ok(writer.lines)
}

/// What follows the closing tag; nothing when it is missing.
fn after_closing<'a>(rest: &'a str, name: &str) -> &'a str {
    let mut at = 0;
    while let Some(found) = rest[at..].find("</") {
        let tail = &rest[at + found + 2..];
        if tail.get(..name.len()).is_some_and(|word| word.eq_ignore_ascii_case(name)) {
            return tail.find('>').map_or("", |end| &tail[end + 1..]);
        }
        at += found + 2;
    }
    ""
}

fn text(raw: &str, writer: &mut Writer) {
    if raw.trim().is_empty() {
        if !raw.is_empty() && !writer.cells.is_empty() {
            writer.put(" ");
        }
        return;
    }
    writer.put(&entities(raw));
}

fn entities(raw: &str) -> String {
    let mut out = String::new();
    let mut rest = raw;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let end = rest.char_indices().take(10).find(|(_, c)| *c == ';').map(|(end, _)| end);
        let known = end.and_then(|end| entity(&rest[..end]).map(|c| (end, c)));
        match known {
            Some((end, c)) => {
                out.push(c);
                rest = &rest[end + 1..];
            }
            None => out.push('&'),
        }
    }
    out.push_str(rest);
    out
}

fn entity(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(code);
    }
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "apos" | "rsquo" | "lsquo" => '’',
        "nbsp" | "ensp" | "emsp" => ' ',
        "ndash" => '–',
        "mdash" => '—',
        "bull" | "middot" => '•',
        "hellip" => '…',
        "quot" | "ldquo" | "rdquo" => '"',
        "eacute" => 'é',
        "egrave" => 'è',
        "uuml" => 'ü',
        "ouml" => 'ö',
        "auml" => 'ä',
        "ntilde" => 'ñ',
        "ccedil" => 'ç',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_cells_and_items() {
        let html = "<html><head><title>x</title><style>p{}</style></head><body><h1>Ann Lee</h1><p><b>Acme</b>, Cook<br>2019 &ndash; 2020</p><ul><li>made soup</ul><table><tr><td>A<td>B</tr></table>";
        let lines = read(html).unwrap();
        let texts: Vec<String> = lines.iter().map(Line::text).collect();
        assert_eq!(texts, ["Ann Lee", "Acme, Cook", "2019 – 2020", "made soup", "A  B"]);
        assert_eq!(lines[1].cells[0].lead, "Acme");
        assert!(lines[3].bullet);
    }
}

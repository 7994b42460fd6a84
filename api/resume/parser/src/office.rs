//! Word documents, old and new: paragraphs, lists, tables and text boxes as lines.

use std::io::Cursor;

use office_oxide::ir::{Element, InlineContent, List, Paragraph, Table, TableRow};
use office_oxide::limits::Limits;
use office_oxide::options::ParseOptions;
use office_oxide::{Document, DocumentFormat};

use crate::budget::Budget;
use crate::headings;
use crate::line::{Cell, Line};
use crate::normalise::{clean, unspace};
use crate::problem::{ParseProblem, ProblemCode};

const MIB: u64 = 1024 * 1024;
const MAX_LINES: usize = 20_000;
/// Nested tables and boxes beyond this are not a layout.
const MAX_DEPTH: u32 = 12;
const BODY_SIZE: f32 = 10.5;

fn limits() -> Limits {
    let mut limits = Limits::strict();
    limits.package_entries = 4_000;
    limits.package_bytes = 128 * MIB;
    limits.part_bytes = 48 * MIB;
    limits.inflate_ratio = 200;
    limits.embedded_depth = 1;
    limits.embedded_packages = 8;
    limits.text_chars = 2_000_000;
    limits.memory_bytes = 192 * MIB;
    limits
}

pub fn read(bytes: &[u8], format: DocumentFormat, budget: &Budget) -> Result<Vec<Line>, ParseProblem> {
    let mut options = ParseOptions::default();
    options.limits = limits();
    let document =
        Document::from_reader_with(Cursor::new(bytes.to_vec()), format, &options).map_err(|error| opening_problem(&error.to_string()))?;
    budget.check()?;
    let ir = document.to_ir();
    budget.check()?;
    let mut reader = Reader::default();
    for (number, section) in ir.sections.iter().enumerate() {
        if number == 0 {
            // Some put their name and address into the page header.
            for part in [&section.first_page_header, &section.header].into_iter().flatten() {
                reader.elements(&part.content, 0);
            }
        }
        reader.elements(&section.elements, 0);
    }
    let mut lines = reader.lines;
    if lines.len() > MAX_LINES {
        return Err(ParseProblem::new(
            ProblemCode::TooLarge,
            "This document holds far more text than a resume. Send the part with the resume alone.",
        ));
    }
    let letters: usize = lines.iter().map(|line| line.text().chars().filter(|c| c.is_alphanumeric()).count()).sum();
    if letters < 10 {
        return Err(ParseProblem::new(
            ProblemCode::NoText,
            "This document holds no text to read; if it is a scan, run OCR first and send the result.",
        ));
    }
    for line in &mut lines {
        line.take_bullet();
        line.mend_labels();
    }
    Ok(lines)
}

fn opening_problem(error: &str) -> ParseProblem {
    let lower = error.to_lowercase();
    if lower.contains("encrypt") || lower.contains("password") {
        ParseProblem::new(
            ProblemCode::Encrypted,
            "This document is protected by a password; save a copy without the password and send that.",
        )
    } else if lower.contains("limit") || lower.contains("exceed") || lower.contains("ratio") {
        ParseProblem::new(
            ProblemCode::TooLarge,
            "This document unpacks to far more than a resume can hold. Save it again without attachments and large pictures.",
        )
    } else {
        ParseProblem::broken("Word document")
    }
}

#[derive(Default)]
struct Reader {
    lines: Vec<Line>,
    column: u32,
}

impl Reader {
    fn elements(&mut self, elements: &[Element], depth: u32) {
        if depth > MAX_DEPTH {
            return;
        }
        for element in elements {
            if self.lines.len() > MAX_LINES {
                return;
            }
            match element {
                Element::Heading(heading) => {
                    let indent = heading.indent_left_twips.unwrap_or(0);
                    self.paragraph(&heading.content, indent, false, heading.level.max(1));
                }
                Element::Paragraph(paragraph) => self.plain(paragraph),
                Element::List(list) => self.list(list, depth),
                Element::Table(table) => self.table(table, depth + 1),
                Element::TextBox(text_box) => {
                    self.column += 1;
                    self.elements(&text_box.content, depth + 1);
                    self.column += 1;
                }
                Element::CodeBlock(code) => {
                    for text in code.content.lines() {
                        self.push(vec![cell(text, 0.0, BODY_SIZE, false, None)], false, 0);
                    }
                }
                Element::Footnote(note) | Element::Endnote(note) => self.elements(&note.content, depth + 1),
                _ => {}
            }
        }
    }

    fn plain(&mut self, paragraph: &Paragraph) {
        let style = paragraph.style.as_deref().unwrap_or("").to_lowercase();
        let heading = paragraph.outline_level.is_some_and(|level| level < 9) || style.contains("heading") || style.contains("标题");
        let bullet = style.contains("list") || style.contains("bullet");
        let level = if heading && !style.contains("title") { paragraph.outline_level.map_or(1, |level| level + 1) } else { 0 };
        self.paragraph(&paragraph.content, paragraph.indent_left_twips.unwrap_or(0), bullet, level);
    }

    fn list(&mut self, list: &List, depth: u32) {
        for item in &list.items {
            let before = self.lines.len();
            self.elements(&item.content, depth + 1);
            for line in self.lines.iter_mut().skip(before).take(1) {
                // A numbered section heading is a heading still.
                line.bullet = headings::exact(&line.text()).is_none();
                line.x = 18.0 * (f32::from(list.level) + 1.0);
            }
            if let Some(nested) = &item.nested
                && depth < MAX_DEPTH
            {
                self.list(nested, depth + 1);
            }
        }
    }

    /// One line for every line of the paragraph; tabs part cells.
    fn paragraph(&mut self, content: &[InlineContent], indent: i32, bullet: bool, heading: u8) {
        let x = indent.clamp(0, 10_000) as f32 / 20.0;
        let mut cells: Vec<Cell> = vec![cell("", x, 0.0, true, None)];
        let mut first = true;
        let mut flush = |reader: &mut Self, cells: &mut Vec<Cell>| {
            let done = std::mem::replace(cells, vec![cell("", x, 0.0, true, None)]);
            reader.push(done, bullet && first, heading);
            first = false;
        };
        for part in content {
            match part {
                InlineContent::LineBreak => flush(self, &mut cells),
                InlineContent::Text(span) => {
                    let size = span.font_size_half_pt.map_or(BODY_SIZE, |half| half as f32 / 2.0);
                    for (row, text) in span.text.split(['\n', '\r', '\u{b}']).enumerate() {
                        if row > 0 {
                            flush(self, &mut cells);
                        }
                        for (stop, text) in text.split(['\t', '\u{7}']).enumerate() {
                            if stop > 0 {
                                let next = cells.last().map_or(x, |last| last.x0 + 100.0);
                                cells.push(cell("", next, 0.0, true, None));
                            }
                            if let Some(open) = cells.last_mut() {
                                if span.bold && (open.text.is_empty() || open.lead == open.text) {
                                    open.lead = format!("{}{text}", open.text);
                                }
                                open.text.push_str(text);
                                if text.chars().any(char::is_alphanumeric) {
                                    open.bold &= span.bold;
                                    open.size = open.size.max(size);
                                }
                                if open.link.is_none() {
                                    open.link.clone_from(&span.hyperlink);
                                }
                            }
                        }
                    }
                }
                _ => {}
            }
        }
        flush(self, &mut cells);
    }

    fn push(&mut self, cells: Vec<Cell>, bullet: bool, heading: u8) {
        let mut out: Vec<Cell> = Vec::new();
        for raw in cells {
            // Blanks typed to push text to the right part it as a tab does.
            for text in raw.text.replace('\u{3000}', "  ").replace('\u{a0}', " ").split("    ") {
                let text = unspace(&clean(text));
                if !text.is_empty() {
                    let lead = clean(&raw.lead);
                    let lead = if lead.len() < text.len() && text.starts_with(&lead) { lead } else { String::new() };
                    out.push(Cell { text, lead, size: if raw.size == 0.0 { BODY_SIZE } else { raw.size }, ..raw.clone() });
                }
            }
        }
        let Some(first) = out.first() else { return };
        self.lines.push(Line {
            page: 1,
            x: first.x0,
            cells: out,
            bullet,
            heading,
            whole: true,
            column: self.column,
            right: 1e6,
            ..Line::default()
        });
    }

    fn table(&mut self, table: &Table, depth: u32) {
        if depth > MAX_DEPTH {
            return;
        }
        let mut streams: Vec<Vec<Line>> = Vec::new();
        for row in &table.rows {
            let cells: Vec<Vec<Line>> = row.cells.iter().map(|cell| Self::apart(&cell.content, depth)).collect();
            let long: Vec<usize> = (0..cells.len())
                .filter(|i| {
                    cells[*i].len() >= 4 || cells[*i].iter().any(|line| headings::exact(&line.text()).is_some()) && cells[*i].len() >= 2
                })
                .collect();
            if long.len() >= 2 {
                // Columns made with a table: each is read on its own.
                streams.resize_with(streams.len().max(cells.len()), Vec::new);
                for (stream, lines) in streams.iter_mut().zip(cells) {
                    stream.extend(lines);
                }
                continue;
            }
            for stream in std::mem::take(&mut streams) {
                self.stream(stream);
            }
            self.row(row, cells);
        }
        for stream in streams {
            self.stream(stream);
        }
        self.column += 1;
    }

    fn apart(content: &[Element], depth: u32) -> Vec<Line> {
        let mut inner = Self::default();
        inner.elements(content, depth + 1);
        inner.lines
    }

    fn stream(&mut self, lines: Vec<Line>) {
        self.column += 1;
        for mut line in lines {
            line.column = self.column;
            self.lines.push(line);
        }
    }

    /// A row of short cells is one line; a heading or a date beside a longer text goes before it.
    fn row(&mut self, row: &TableRow, cells: Vec<Vec<Line>>) {
        let mut at = 0.0_f32;
        let mut filled: Vec<(f32, Vec<Line>)> = Vec::new();
        for (source, lines) in row.cells.iter().zip(cells) {
            let width = source.width_twips.map_or(100.0, |twips| twips.min(20_000) as f32 / 20.0).max(1.0);
            if !lines.is_empty() {
                filled.push((at, lines));
            }
            at += width * if source.width_twips.is_some() { 1.0 } else { source.col_span.clamp(1, 20) as f32 };
        }
        if filled.len() > 1
            && let Some(head) = filled.first()
        {
            let text: String = head.1.iter().map(Line::text).collect();
            if headings::exact(&text).is_some() && head.1.iter().all(|line| line.cells.len() == 1) && !headings_pair(&filled) {
                let (x, _) = filled.remove(0);
                self.lines.push(Line {
                    page: 1,
                    x,
                    cells: vec![cell(&text, x, BODY_SIZE, true, None)],
                    heading: 1,
                    whole: true,
                    column: self.column,
                    right: 1e6,
                    ..Line::default()
                });
            }
        }
        let most = filled.iter().map(|(_, lines)| lines.len()).max().unwrap_or(0);
        let column = self.column;
        let mut rest: Vec<Line> = Vec::new();
        let mut first = Line { page: 1, whole: true, column, right: 1e6, ..Line::default() };
        for (x, lines) in filled {
            let many = lines.len() > 1;
            for (i, mut line) in lines.into_iter().enumerate() {
                line.column = column;
                if i == 0 && (!many || !line.bullet || most == 1) {
                    for (n, mut piece) in line.cells.into_iter().enumerate() {
                        piece.x0 = x + n as f32;
                        piece.x1 = x + n as f32;
                        first.cells.push(piece);
                    }
                    first.bullet |= line.bullet;
                    first.heading = first.heading.max(line.heading);
                } else {
                    rest.push(line);
                }
            }
        }
        if let Some(cell) = first.cells.first() {
            first.x = cell.x0;
            self.lines.push(first);
        }
        self.lines.extend(rest);
    }
}

/// A row of several labels (`教育背景` | `工作经历`) heads a table; it is no heading with text beside it.
fn headings_pair(filled: &[(f32, Vec<Line>)]) -> bool {
    filled.iter().skip(1).any(|(_, lines)| lines.len() == 1 && lines.first().is_some_and(|line| headings::exact(&line.text()).is_some()))
        || (filled.len() == 2 && filled[1].1.len() == 1 && filled[1].1[0].text().chars().count() <= 4)
        // `毕业院校 | 某大学 | 专业 | …`
        || filled.len() >= 4
}

fn cell(text: &str, x: f32, size: f32, bold: bool, link: Option<String>) -> Cell {
    Cell { text: text.to_owned(), x0: x, x1: x, size, bold, link, lead: String::new() }
}

//! Blocks: bullets and paragraphs put together from the lines they were broken into.

use looma_types::json_resume::Provenance;

use crate::dates;
use crate::headings;
use crate::line::{Cell, Line};
use crate::normalise::{is_cjk, join};

const MAX_QUOTE: usize = 400;

/// A paragraph, a bullet or a header line.
#[derive(Debug, Clone, Default)]
pub struct Block {
    pub page: u32,
    /// The cells of its first line.
    pub cells: Vec<Cell>,
    /// Its lines as extracted.
    pub raw: Vec<String>,
    /// All of it in one string.
    pub text: String,
    pub bullet: bool,
    pub bold: bool,
    pub size: f32,
    pub x: f32,
    pub text_x: f32,
    pub gap: f32,
    pub heading: u8,
    pub column: u32,
}

impl Block {
    pub fn from_line(line: &Line) -> Self {
        Self {
            page: line.page,
            cells: line.cells.clone(),
            raw: vec![line.text()],
            text: line.text(),
            bullet: line.bullet,
            bold: line.bold(),
            size: line.size(),
            x: line.x,
            text_x: line.text_x(),
            gap: line.gap,
            heading: line.heading,
            column: line.column,
        }
    }

    /// The same block without its first cell, if anything is left.
    pub fn without_first_cell(&self) -> Option<Self> {
        let cells: Vec<Cell> = self.cells.get(1..)?.to_vec();
        let first = cells.first()?;
        let line = cells.iter().map(|cell| cell.text.as_str()).collect::<Vec<_>>().join("  ");
        let mut raw = self.raw.clone();
        let mut text = line.clone();
        for more in raw.iter().skip(1) {
            join(&mut text, more);
        }
        if let Some(head) = raw.first_mut() {
            *head = line;
        }
        Some(Self { x: first.x0, text_x: first.x0, bold: cells.iter().all(|cell| cell.bold), cells, raw, text, ..self.clone() })
    }

    /// Letters, a Chinese one counting for two.
    pub fn length(&self) -> usize {
        length(&self.text)
    }

    /// A sentence rather than a header line.
    pub fn prose(&self) -> bool {
        let end = self.text.trim_end().chars().last();
        (self.raw.len() > 1 && self.length() > 84)
            || self.length() > 110
            || (end.is_some_and(|c| matches!(c, '。' | '；' | ';')) && self.length() > 20)
            || (end == Some('.') && self.length() > 40)
    }

    /// Where a value was read: the smallest cell that has it, else the whole block.
    pub fn source(&self, value: &str, confidence: f32) -> Provenance {
        let quote = if self.raw.len() == 1 {
            self.cells
                .iter()
                .filter(|cell| cell.text.contains(value))
                .min_by_key(|cell| cell.text.len())
                .map_or_else(|| self.raw.concat(), |cell| cell.text.clone())
        } else {
            self.raw.iter().find(|line| line.contains(value)).cloned().unwrap_or_else(|| self.raw.join("\n"))
        };
        let quote = if quote.chars().count() > MAX_QUOTE { quote.chars().take(MAX_QUOTE).collect() } else { quote };
        Provenance { confidence, page: (self.page > 0).then_some(self.page), quote }
    }
}

pub fn length(text: &str) -> usize {
    text.chars().map(|c| if is_cjk(c) { 2 } else { 1 }).sum()
}

/// Puts the lines together.
pub fn build(lines: &[Line]) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut last: Option<&Line> = None;
    for line in lines {
        if let (Some(block), Some(before)) = (blocks.last_mut(), last)
            && continues(block, before, line, lines)
        {
            let text = line.text();
            join(&mut block.text, &text);
            block.raw.push(text);
        } else {
            blocks.push(Block::from_line(line));
        }
        last = Some(line);
    }
    blocks
}

fn continues(block: &Block, before: &Line, line: &Line, lines: &[Line]) -> bool {
    let same_page = line.page == before.page;
    if line.whole
        || line.bullet
        || line.heading > 0
        || before.heading > 0
        || line.cells.len() > 1
        || (before.column != line.column && same_page)
    {
        return false;
    }
    let text = line.text();
    let size = line.size();
    if (size - before.size()).abs() > 0.6 || headings::exact(&text).is_some() || (same_page && line.gap > 2.3) {
        return false;
    }
    if crate::entries::numbered(&text) && length(&before.text()) < 1000 {
        return false;
    }
    let periods = dates::find(&text);
    if periods.iter().any(|period| period.is_range() && (period.start == 0 || length(&text) < 60)) {
        return false;
    }
    let start = line.text_x();
    let end = before.text();
    // An address broken at its hyphen, or words that cannot end a line.
    let address = end.rsplit(' ').next().is_some_and(|word| {
        (word.contains(".com/") || word.contains("://") || word.starts_with("www.")) && word.ends_with(['-', '/', '_'])
    });
    let hangs = [" in", " of", " and", " &", " for", " the", " at", " with", ","].iter().any(|tail| end.ends_with(tail));
    if before.cells.len() == 1
        && (start - before.text_x()).abs() < 2.5
        && line.bold() == before.bold()
        && line.gap <= 1.75
        && (address || (hangs && !end.contains('@')))
    {
        return true;
    }
    // How far the text of this indent reaches; a line that stops early ends its paragraph.
    let reach = lines
        .iter()
        .filter(|other| other.column == before.column && (other.text_x() - before.text_x()).abs() < 3.0)
        .filter_map(|other| other.cells.first())
        .map(|cell| cell.x1)
        .fold(0.0, f32::max);
    let near = lines
        .iter()
        .filter(|other| {
            other.column == before.column
                && (other.text_x() - before.text_x()).abs() < 3.0
                && other.cells.first().is_some_and(|cell| cell.x1 > reach - 0.08 * (reach - before.text_x()))
        })
        .count();
    let limit = if near >= 3 { reach } else { reach.max(before.right) };
    // The line is full when the next word would not have fitted on it.
    let letter = (before.end_x() - before.text_x()) / length(&end).max(1) as f32;
    let word = text.split_whitespace().next().map_or(0, |word| if word.chars().any(is_cjk) { 4 } else { word.chars().count() + 1 });
    let full = before.end_x() + letter * word as f32 >= limit - 0.02 * (limit - before.text_x()) && before.cells.len() == 1;
    if block.bullet {
        let hanging = start > block.x + 1.5 && start < block.x + 4.0 * size.max(8.0) && start >= block.text_x - 6.0;
        let under_sign =
            (start - block.x).abs() <= 1.5 && line.bold() == before.bold() && line.gap <= 1.75 && full && length(&before.text()) >= 40;
        return (hanging && (before.bold() || !line.bold())) || under_sign;
    }
    before.cells.len() == 1
        && full
        && length(&before.text()) >= 44
        && line.bold() == before.bold()
        && ((start - before.text_x()).abs() < 2.5
            || (before.text_x() - start > 0.0 && before.text_x() - start < 2.6 * size && block.raw.len() == 1))
}

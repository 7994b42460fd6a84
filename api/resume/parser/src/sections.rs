//! Cuts the blocks of a resume into its sections.

use crate::block::Block;
use crate::dates;
use crate::headings::{self, Kind};
use crate::normalise::is_cjk;
use crate::person;

/// A section and what is in it.
#[derive(Debug, Clone)]
pub struct Section {
    pub kind: Kind,
    /// As it stands in the resume; empty at the top.
    pub title: String,
    pub blocks: Vec<Block>,
}

/// What makes headings stand out.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Style {
    size: f32,
    bold: bool,
    caps: bool,
    level: u8,
}

impl Style {
    fn of(block: &Block) -> Self {
        let letters = block.text.chars().filter(|c| c.is_alphabetic() && !is_cjk(*c));
        let caps = letters.clone().count() >= 3 && letters.clone().all(|c| !c.is_lowercase());
        Self { size: block.size, bold: block.bold, caps, level: block.heading }
    }

    fn strength(self, body: f32) -> i32 {
        2 * i32::from(self.size > body + 0.4) + i32::from(self.bold) + i32::from(self.caps) + 2 * i32::from(self.level > 0)
    }

    fn like(self, other: Self) -> bool {
        (self.size - other.size).abs() < 0.4 && self.bold == other.bold && self.caps == other.caps && self.level == other.level
    }
}

/// The font size that most of the text has.
fn body_size(blocks: &[Block]) -> f32 {
    let mut sizes: Vec<(i32, usize)> = Vec::new();
    for block in blocks {
        let size = (block.size * 2.0).round() as i32;
        match sizes.iter_mut().find(|(known, _)| *known == size) {
            Some((_, count)) => *count += block.text.len(),
            None => sizes.push((size, block.text.len())),
        }
    }
    sizes.into_iter().max_by_key(|(_, count)| *count).map_or(10.0, |(size, _)| size as f32 / 2.0)
}

/// The heading at the front of a block, and what follows it on the same line.
fn head_of(block: &Block) -> Option<(Kind, String, Option<Block>)> {
    if block.bullet || block.raw.len() > 1 {
        return None;
    }
    if let Some(kind) = headings::exact(&block.text) {
        return Some((kind, block.text.clone(), None));
    }
    let first = block.cells.first()?;
    if block.cells.len() < 2 || person::is_label(&first.text) {
        return None;
    }
    let kind = headings::exact(&first.text)?;
    if block.cells.iter().skip(1).all(|cell| headings::exact(&cell.text) == Some(kind)) {
        return Some((kind, block.text.clone(), None));
    }
    // Several headings on a line, or the head of a table.
    if block.cells.iter().skip(1).any(|cell| headings::exact(&cell.text).is_some() || person::is_label(&cell.text)) {
        return None;
    }
    Some((kind, first.text.clone(), block.without_first_cell()))
}

/// Where a column of its own begins that has headings, but not at its top: what stands there is about the person.
fn column_openings(blocks: &[Block], heads: &[Option<(Kind, String, Option<Block>)>]) -> Vec<bool> {
    (0..blocks.len())
        .map(|i| {
            let Some(before) = i.checked_sub(1).map(|before| &blocks[before]) else { return false };
            let block = &blocks[i];
            block.column != before.column
                && block.page <= before.page
                && heads[i].is_none()
                && (i..blocks.len()).take_while(|j| blocks[*j].column == block.column).any(|j| heads[j].is_some())
        })
        .collect()
}

pub fn split(blocks: Vec<Block>) -> Vec<Section> {
    let body = body_size(&blocks);
    let heads: Vec<Option<(Kind, String, Option<Block>)>> = blocks.iter().map(head_of).collect();
    let core = |kind: Kind| matches!(kind, Kind::Work | Kind::Education | Kind::Skills | Kind::Projects);
    let styles: Vec<Style> = blocks
        .iter()
        .zip(&heads)
        .filter(|(_, head)| head.as_ref().is_some_and(|(kind, _, rest)| core(*kind) && rest.is_none()))
        .map(|(block, _)| Style::of(block))
        .collect();
    // The strongest style that a core heading has is the style of headings.
    let style = styles.iter().copied().max_by_key(|style| (style.strength(body), (style.size * 10.0) as i32));
    let first_known = heads.iter().position(Option::is_some).unwrap_or(usize::MAX);
    let plain_word = |block: &Block| {
        block.cells.len() == 1
            && block.raw.len() == 1
            && !block.bullet
            && dates::find(&block.text).is_empty()
            && !block.text.ends_with([',', '，', '。'])
    };
    let unknown: Vec<bool> = blocks
        .iter()
        .enumerate()
        .map(|(i, block)| {
            style.is_some_and(|style| {
                Style::of(block).like(style)
                    && (style.strength(body) >= 2
                        || (style.strength(body) >= 1 && headings::sounds_like_one(&block.text) && headings::likely(&block.text).is_some()))
            }) && heads[i].is_none()
                && i > first_known
                && plain_word(block)
                && block.length() <= 44
                && block.text.split_whitespace().count() <= 6
                && block.text.chars().any(char::is_alphabetic)
                && !block.text.contains('@')
        })
        .collect();
    let known_count = heads.iter().flatten().count();
    let trust_unknown = unknown.iter().filter(|u| **u).count() <= known_count.max(2);

    let mut sections = vec![Section { kind: Kind::Basics, title: String::new(), blocks: Vec::new() }];
    // Columns with headings of the common style; a side bar has a style of its own.
    let styled: Vec<(u32, u32)> = blocks
        .iter()
        .zip(&heads)
        .filter(|(block, head)| {
            head.as_ref().is_some_and(|(kind, ..)| core(*kind)) && style.is_some_and(|style| Style::of(block).like(style))
        })
        .map(|(block, _)| (block.page, block.column))
        .collect();
    let opens = column_openings(&blocks, &heads);
    // The section was opened by a label on its only line.
    let mut inline = false;
    for (i, (block, head)) in blocks.into_iter().zip(heads).enumerate() {
        if opens[i] {
            sections.push(Section { kind: Kind::Basics, title: String::new(), blocks: Vec::new() });
        }
        let current = sections.last().map_or(Kind::Basics, |section| section.kind);
        let accepted = head.filter(|(kind, _, rest)| {
            let Some(style) = style else { return true };
            let mine = Style::of(&block);
            let strong = style.strength(body);
            if rest.is_some() {
                return true;
            }
            if !styled.iter().any(|(_, column)| *column == block.column)
                && block.cells.len() == 1
                && mine.strength(body) + 1 >= strong.min(2)
            {
                return true;
            }
            // Inside a section, "Languages" or "Tools" may be a label; headings look alike.
            mine.strength(body) >= strong - 1
                && mine.size >= style.size - 2.1
                && (core(*kind) || mine.like(style) || mine.strength(body) >= strong || current == Kind::Basics || strong <= 1)
        });
        if let Some((kind, title, rest)) = accepted {
            inline = false;
            sections.push(Section { kind, title, blocks: rest.into_iter().collect() });
            continue;
        }
        if unknown[i] && trust_unknown {
            let kind = headings::likely(&block.text).unwrap_or(Kind::Other);
            sections.push(Section { kind, title: block.text.clone(), blocks: Vec::new() });
            continue;
        }
        // `Skills: Rust, Go` as a line of its own before any section.
        if (inline || matches!(current, Kind::Basics | Kind::Summary | Kind::Languages | Kind::Objective | Kind::Other))
            && let Some((label, rest)) = block.text.split_once([':', '：'])
            && rest.trim().chars().count() > 1
            && let Some(kind @ (Kind::Skills | Kind::Languages | Kind::Summary | Kind::Interests)) = headings::exact(label)
            && !person::is_label(label)
            && block.cells.len() == 1
        {
            let mut inner = block.clone();
            rest.trim().clone_into(&mut inner.text);
            for cell in &mut inner.cells {
                cell.text.clone_from(&inner.text);
                cell.lead.clear();
            }
            sections.push(Section { kind, title: label.to_owned(), blocks: vec![inner] });
            inline = true;
            continue;
        }
        if let Some(section) = sections.last_mut() {
            section.blocks.push(block);
        }
    }
    sections
}

//! PDF: spans with their place, font and links.

use std::panic::{AssertUnwindSafe, catch_unwind};

use pdf_oxide::PdfDocument;
use pdf_oxide::annotations::LinkAction;
use pdf_oxide::layout::{FontWeight, TextChar, TextSpan};

use crate::budget::Budget;
use crate::layout::{self, Piece, RawPage, Rule, Wall};
use crate::line::Line;
use crate::problem::{ParseProblem, ProblemCode};

/// Resumes are short; what is longer is something else.
const MAX_PAGES: usize = 60;
const MAX_SPANS: usize = 60_000;

pub fn read(bytes: &[u8], budget: &Budget) -> Result<Vec<Line>, ParseProblem> {
    let document = PdfDocument::from_bytes(bytes.to_vec()).map_err(|error| opening_problem(&error.to_string(), bytes))?;
    if document.is_encrypted() && !document.authenticate(b"").unwrap_or(false) {
        return Err(encrypted());
    }
    let count = document.page_count().map_err(|error| opening_problem(&error.to_string(), bytes))?;
    if count == 0 {
        return Err(ParseProblem::broken("PDF"));
    }
    if count > MAX_PAGES {
        return Err(ParseProblem::new(
            ProblemCode::TooLarge,
            format!("This PDF has {count} pages; a resume may have {MAX_PAGES} at most. Send the pages with the resume alone."),
        ));
    }
    let mut pages = Vec::new();
    let mut spans_seen = 0;
    let mut failures = 0;
    let mut pictures = false;
    for index in 0..count {
        budget.check()?;
        // One bad page must not cost the others.
        let page = catch_unwind(AssertUnwindSafe(|| raw_page(&document, index)));
        match page {
            Ok(Ok(page)) => {
                spans_seen += page.pieces.len();
                if page.pieces.is_empty() {
                    pictures |= catch_unwind(AssertUnwindSafe(|| has_picture(&document, index))).unwrap_or(false);
                }
                pages.push(page);
            }
            Ok(Err(_)) | Err(_) => failures += 1,
        }
        if spans_seen > MAX_SPANS {
            return Err(ParseProblem::new(
                ProblemCode::TooLarge,
                "This PDF holds far more text than a resume. Send the pages with the resume alone.",
            ));
        }
    }
    budget.check()?;
    let letters: usize =
        pages.iter().flat_map(|page| &page.pieces).map(|piece| piece.text.chars().filter(|c| c.is_alphanumeric()).count()).sum();
    if letters < 20 {
        if failures > 0 {
            return Err(ParseProblem::broken("PDF"));
        }
        return Err(if pictures {
            ParseProblem::new(ProblemCode::ImageOnly, "This PDF holds only pictures of pages; export it with text or run OCR first.")
        } else {
            ParseProblem::new(ProblemCode::NoText, "This PDF holds no text to read; export it again from the program it was written in.")
        });
    }
    Ok(layout::order(pages))
}

fn encrypted() -> ParseProblem {
    ParseProblem::new(ProblemCode::Encrypted, "This PDF is protected by a password; save a copy without the password and send that.")
}

fn opening_problem(error: &str, bytes: &[u8]) -> ParseProblem {
    let lower = error.to_lowercase();
    if lower.contains("encrypt") || lower.contains("password") || contains(bytes, b"/Encrypt") {
        return encrypted();
    }
    ParseProblem::broken("PDF")
}

fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}

fn has_picture(document: &PdfDocument, index: usize) -> bool {
    document.extract_images(index).is_ok_and(|images| !images.is_empty())
}

fn raw_page(document: &PdfDocument, index: usize) -> Result<RawPage, pdf_oxide::Error> {
    let spans = document.extract_spans(index)?;
    let (_, bottom, _, top) = document.get_page_media_box(index).unwrap_or((0.0, 0.0, 612.0, 792.0));
    let links = links(document, index);
    let mut pieces = Vec::new();
    let mut spaced: Vec<&TextSpan> = Vec::new();
    for span in &spans {
        if span.rotation_degrees.abs() > 1.0 && span.text.trim().chars().count() <= 2 {
            continue;
        }
        if letter_spaced(&span.text) {
            spaced.push(span);
            continue;
        }
        let link = links
            .iter()
            .find(|(rect, _)| {
                let x = f64::from(span.bbox.x + span.bbox.width / 2.0);
                let y = f64::from(span.bbox.y + span.font_size * 0.3);
                x >= rect[0] - 1.0 && x <= rect[2] + 1.0 && y >= rect[1] - 2.0 && y <= rect[3] + 2.0
            })
            .map(|(_, uri)| uri.clone());
        split(span, top, link, &mut pieces);
    }
    if !spaced.is_empty() {
        let chars = document.extract_chars(index).unwrap_or_default();
        pieces.extend(unspaced(&spaced, &chars, top));
    }
    dedupe(&mut pieces);
    let mut rules = Vec::new();
    let mut walls = Vec::new();
    if let Ok(paths) = document.extract_paths(index) {
        for path in paths.iter().take(5_000) {
            let b = path.bbox;
            drawn_bullet(b.x, b.width, top - b.y - b.height / 2.0, b.height, &mut pieces);
            if b.height > 8.0 && walls.len() < 2_000 {
                walls.push(Wall { x: b.x, top: top - b.y - b.height, bottom: top - b.y });
                walls.push(Wall { x: b.x + b.width, top: top - b.y - b.height, bottom: top - b.y });
            }
            if b.width < 20.0 {
                continue;
            }
            rules.push(Rule { y: top - b.y, x0: b.x, x1: b.x + b.width });
            if b.height > 4.0 {
                rules.push(Rule { y: top - b.y - b.height, x0: b.x, x1: b.x + b.width });
            }
        }
    }
    Ok(RawPage { number: index as u32 + 1, height: top - bottom, pieces, rules, walls })
}

/// Browsers draw the bullets of lists as shapes; such a dot before a line becomes a bullet sign.
fn drawn_bullet(x: f32, width: f32, middle: f32, height: f32, pieces: &mut Vec<Piece>) {
    if !(1.2..=7.0).contains(&width) || !(1.2..=7.0).contains(&height) || (width - height).abs() > 1.0 {
        return;
    }
    let line = pieces.iter().find(|piece| {
        let gap = piece.x0 - (x + width);
        gap > 0.5
            && gap < 1.8 * piece.size
            && (middle - (piece.y - 0.32 * piece.size)).abs() < 0.3 * piece.size
            && piece.size > 1.5 * height
    });
    if let Some(line) = line.cloned()
        && !pieces.iter().any(|piece| (piece.y - line.y).abs() < 1.0 && piece.x1 <= line.x0 && piece.x1 > x)
    {
        pieces.push(Piece { text: "•".into(), x0: x, x1: x + width, bold: false, link: None, ..line });
    }
}

/// Link rectangles of a page, with their addresses.
fn links(document: &PdfDocument, index: usize) -> Vec<([f64; 4], String)> {
    let Ok(annotations) = document.get_annotations(index) else { return Vec::new() };
    annotations
        .into_iter()
        .take(500)
        .filter_map(|annotation| match (annotation.rect, annotation.action) {
            (Some(rect), Some(LinkAction::Uri(uri))) if uri.len() < 500 => Some((rect, uri)),
            _ => None,
        })
        .collect()
}

/// `E D U C A T I O N`: text set wide, which comes with a blank after each letter.
fn letter_spaced(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.len() >= 3 && words.iter().all(|word| word.chars().count() == 1 && word.chars().all(|c| c.is_alphabetic() || c == '&'))
}

/// Wide-set text put together again from its letters: only a gap wider than that between letters parts words.
fn unspaced(spans: &[&TextSpan], chars: &[TextChar], top: f32) -> Vec<Piece> {
    let mut out = Vec::new();
    let mut rows: Vec<(f32, Vec<&TextSpan>)> = Vec::new();
    for span in spans {
        match rows.iter_mut().find(|(y, _)| (*y - span.bbox.y).abs() < 1.0) {
            Some((_, row)) => row.push(span),
            None => rows.push((span.bbox.y, vec![span])),
        }
    }
    for (y, row) in rows {
        let inside = |c: &&TextChar| {
            let x = c.bbox.x + c.bbox.width / 2.0;
            !c.char.is_whitespace()
                && (c.origin_y - y).abs() < 1.5
                && row.iter().any(|span| x >= span.bbox.x - 1.0 && x <= span.bbox.x + span.bbox.width + 1.0)
        };
        let mut letters: Vec<&TextChar> = chars.iter().filter(inside).collect();
        letters.sort_by(|a, b| a.bbox.x.total_cmp(&b.bbox.x));
        let gaps: Vec<f32> = letters.windows(2).map(|pair| pair[1].bbox.x - pair[0].bbox.x - pair[0].advance_width).collect();
        let mut sorted = gaps.clone();
        sorted.sort_by(f32::total_cmp);
        let usual = sorted.get(sorted.len() / 2).copied().unwrap_or(0.0).max(0.1);
        let (Some(span), Some(first)) = (row.first(), letters.first()) else {
            // Without positions of the letters their text is all there is.
            for span in row {
                split(span, top, None, &mut out);
            }
            continue;
        };
        let size = span.font_size;
        let bold = is_bold(span);
        let mut open = Piece {
            text: first.char.to_string(),
            x0: first.bbox.x,
            x1: first.bbox.x + first.advance_width,
            y: top - y,
            size,
            bold,
            link: None,
        };
        for (letter, gap) in letters.iter().skip(1).zip(&gaps) {
            if *gap > (3.5 * usual).max(1.6 * size) {
                let next = Piece { text: String::new(), x0: letter.bbox.x, ..open.clone() };
                out.push(std::mem::replace(&mut open, next));
            } else if *gap > 1.6 * usual && *gap > 0.15 * size {
                open.text.push(' ');
            }
            open.text.push(letter.char);
            open.x1 = letter.bbox.x + letter.advance_width;
        }
        out.push(open);
    }
    out
}

fn is_bold(span: &TextSpan) -> bool {
    matches!(span.font_weight, FontWeight::Bold | FontWeight::SemiBold | FontWeight::ExtraBold | FontWeight::Black)
        || bold_name(&span.font_name)
}

/// Parts a span where its own text leaves a wide blank, as tabs set with blanks do.
fn split(span: &TextSpan, top: f32, link: Option<String>, out: &mut Vec<Piece>) {
    let chars: Vec<char> = span.text.chars().collect();
    let bold = is_bold(span);
    let y = top - span.bbox.y;
    let placed = span.char_x_offsets.len() == chars.len();
    let width = span.bbox.width / chars.len().max(1) as f32;
    let x_of = |i: usize| if placed { span.char_x_offsets[i] } else { span.bbox.x + width * i as f32 };
    let mut push = |from: usize, to: usize| {
        let (mut from, mut to) = (from, to);
        while from < to && chars[from].is_whitespace() {
            from += 1;
        }
        while to > from && chars[to - 1].is_whitespace() {
            to -= 1;
        }
        if from == to {
            return;
        }
        let x1 = if to == chars.len() { span.bbox.x + span.bbox.width } else { x_of(to).min(span.bbox.x + span.bbox.width) };
        out.push(Piece {
            text: chars[from..to].iter().collect(),
            x0: x_of(from),
            x1: x1.max(x_of(from)),
            y,
            size: span.font_size,
            bold,
            link: link.clone(),
        });
    };
    let mut start = 0;
    let mut i = 0;
    while i < chars.len() {
        if chars[i].is_whitespace() {
            let blank = i;
            while i < chars.len() && chars[i].is_whitespace() {
                i += 1;
            }
            let wide = i < chars.len() && x_of(i) - x_of(blank) > 1.4 * span.font_size;
            if i - blank >= 4 || wide {
                push(start, blank);
                start = i;
            }
        } else {
            i += 1;
        }
    }
    push(start, chars.len());
}

fn bold_name(font: &str) -> bool {
    let lower = font.to_lowercase();
    ["bold", "black", "heavy", "semibold", "demi"].iter().any(|word| lower.contains(word)) || lower.ends_with("-bd")
}

/// Fake bold draws the same text twice, a hair apart.
fn dedupe(pieces: &mut Vec<Piece>) {
    let mut kept: Vec<Piece> = Vec::with_capacity(pieces.len());
    for piece in pieces.drain(..) {
        let twice = kept
            .iter_mut()
            .rev()
            .take(40)
            .find(|old| old.text == piece.text && (old.x0 - piece.x0).abs() < 1.0 && (old.y - piece.y).abs() < 1.0);
        match twice {
            Some(old) => old.bold = true,
            None => kept.push(piece),
        }
    }
    *pieces = kept;
}

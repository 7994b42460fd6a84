//! Plain text and Markdown.

use crate::line::{Cell, Line};
use crate::normalise::{clean, is_cjk, unspace};
use crate::problem::{ParseProblem, ProblemCode};

const MAX_LINES: usize = 20_000;
const LETTER: f32 = 5.0;

/// Decodes UTF-8, UTF-16 with a mark, and Chinese GB 18030; other encodings are refused with advice.
pub fn decode(bytes: &[u8]) -> Result<String, ParseProblem> {
    let utf16 = |big: bool| {
        let units = bytes[2..]
            .chunks_exact(2)
            .map(|pair| if big { u16::from_be_bytes([pair[0], pair[1]]) } else { u16::from_le_bytes([pair[0], pair[1]]) });
        char::decode_utf16(units).map(|c| c.unwrap_or('\u{fffd}')).collect()
    };
    match bytes {
        [0xff, 0xfe, ..] => Ok(utf16(false)),
        [0xfe, 0xff, ..] => Ok(utf16(true)),
        _ => std::str::from_utf8(bytes).map(str::to_owned).or_else(|_| {
            // Chinese texts of older programs.
            let (text, broken) = encoding_rs::GB18030.decode_without_bom_handling(bytes);
            let chinese = text.chars().filter(|c| is_cjk(*c)).count();
            if broken || chinese * 4 < text.chars().filter(|c| !c.is_ascii()).count() * 3 {
                return Err(ParseProblem::new(
                    ProblemCode::Unsupported,
                    "This is no PDF, DOC, DOCX or JSON Resume, and no text in UTF-8 either. Send one of these.",
                ));
            }
            Ok(text.into_owned())
        }),
    }
}

pub fn read(text: &str) -> Result<Vec<Line>, ParseProblem> {
    let mut lines = Vec::new();
    let mut blank = 0;
    for (number, raw) in text.lines().enumerate() {
        if lines.len() >= MAX_LINES {
            return Err(ParseProblem::new(
                ProblemCode::TooLarge,
                "This text is far longer than a resume. Send the part with the resume alone.",
            ));
        }
        let raw = raw.replace('\t', "    ");
        let indent = raw.chars().take_while(|c| *c == ' ').count() as f32 * LETTER;
        let trimmed = raw.trim();
        if trimmed.is_empty() || trimmed.chars().all(|c| "-=*_#".contains(c)) {
            blank += 1;
            continue;
        }
        let marks = trimmed.chars().take_while(|c| *c == '#').count();
        let heading = (1..=6).contains(&marks) && trimmed[marks..].starts_with(' ');
        let size = if heading { 20.0 - 2.0 * marks as f32 } else { 10.0 };
        let body = if heading { trimmed[marks..].trim() } else { trimmed };
        let bold = body.starts_with("**") && body.trim_end_matches([':', '：']).ends_with("**");
        let mut cells = Vec::new();
        let mut x = indent;
        for part in body.split("   ") {
            let text = unspace(&clean(&part.replace("**", "").replace("__", "")));
            if !text.is_empty() {
                let x1 = x + LETTER * text.chars().count() as f32;
                cells.push(Cell { text, x0: x, x1, size, bold: bold || heading, link: None, lead: String::new() });
            }
            x += LETTER * (part.chars().count() + 3) as f32;
        }
        if cells.is_empty() {
            continue;
        }
        let mut line = Line {
            page: 1,
            y: number as f32 * 12.0,
            cells,
            x: indent,
            heading: if heading && marks > 1 { marks as u8 } else { 0 },
            right: 85.0 * LETTER,
            gap: 1.2 + blank as f32,
            ..Line::default()
        };
        line.take_bullet();
        lines.push(line);
        blank = 0;
    }
    if lines.iter().map(|line| line.text().chars().filter(|c| c.is_alphanumeric()).count()).sum::<usize>() < 10 {
        return Err(ParseProblem::new(ProblemCode::Empty, "This file holds no text."));
    }
    Ok(lines)
}

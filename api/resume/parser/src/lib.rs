//! Reads resumes: any file's bytes to JSON Resume, with the source of every field.
//!
//! Bytes → lines in reading order ([`line`], per format) → blocks (paragraphs and bullets) → sections by
//! their headings → fields. Pure and synchronous: no I/O, no clock but the time budget, no global state.
//! Nothing is lost: text that no field took is kept under `x-unplaced`.

mod block;
mod budget;
mod contact;
mod dates;
mod entries;
mod fields;
mod format;
mod headings;
mod html;
mod jobs;
mod json_in;
mod layout;
mod line;
mod lists;
mod names;
mod normalise;
mod office;
mod pdf;
mod person;
mod places;
mod plain;
mod problem;
mod record;
mod rtf;
mod schools;
mod sections;
mod words;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use looma_types::json_resume::{JsonResume, Provenance};
use serde::Serialize;

pub use format::Format;
pub use problem::{ParseProblem, ProblemCode};

use budget::Budget;

/// The largest file that is read, in bytes.
pub const MAX_BYTES: usize = 20 * 1024 * 1024;

/// More lines, or bytes of text, than any resume has; looking for fields in more would take too long.
const MAX_LINES: usize = 6_000;
const MAX_TEXT: usize = 600_000;

/// The most time one file may take.
const TIME_LIMIT: Duration = Duration::from_secs(20);

/// A resume that was read.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Parsed {
    pub content: JsonResume,
    /// By JSON pointer into `content`.
    pub provenance: BTreeMap<String, Provenance>,
    /// All text in reading order; every quote stands in it.
    pub text: String,
    pub lines: Vec<TextLine>,
    pub language: Language,
    pub format: Format,
}

/// A line of the text and its page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TextLine {
    /// Counted from 1; formats without pages have one.
    pub page: u32,
    pub text: String,
}

/// The language a resume is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    Zh,
    En,
    Mixed,
}

/// Reads a resume. The format is known by the content; the name only helps where nothing else names the person.
///
/// # Errors
/// [`ParseProblem`] for files that are empty, too large, encrypted, only pictures, broken, or something else
/// than a resume. A panic in a reader of a format is one of these too.
pub fn parse(file_name: &str, bytes: &[u8]) -> Result<Parsed, ParseProblem> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(ParseProblem::new(ProblemCode::Empty, "This file is empty; check that it was saved and send it again."));
    }
    if bytes.len() > MAX_BYTES {
        return Err(ParseProblem::new(
            ProblemCode::TooLarge,
            "This file is larger than 20 MiB; save it with smaller pictures and send it again.",
        ));
    }
    let format = format::sniff(bytes)?;
    let read = || read(file_name, bytes, format);
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| {
        Err(ParseProblem::broken(match format {
            Format::Pdf => "PDF",
            Format::Docx | Format::Doc => "Word document",
            Format::Json | Format::Rtf | Format::Html | Format::Text => "file",
        }))
    })
}

fn read(file_name: &str, bytes: &[u8], format: Format) -> Result<Parsed, ParseProblem> {
    let budget = Budget::new(TIME_LIMIT);
    let lines = match format {
        Format::Pdf => pdf::read(bytes, &budget)?,
        Format::Docx => office::read(bytes, office_oxide::DocumentFormat::Docx, &budget)?,
        Format::Doc => office::read(bytes, office_oxide::DocumentFormat::Doc, &budget)?,
        Format::Rtf => rtf::read(bytes)?,
        Format::Html => html::read(&plain::decode(bytes)?)?,
        Format::Text => plain::read(&plain::decode(bytes)?)?,
        Format::Json => {
            let text = plain::decode(bytes)?;
            let (content, provenance) = json_in::read(text.trim_start_matches('\u{feff}'))?;
            let quotes: Vec<&str> = provenance.values().map(|source| source.quote.as_str()).collect();
            let lines = quotes.iter().map(|quote| TextLine { page: 1, text: (*quote).to_owned() }).collect();
            let text = quotes.join("\n");
            let language = language(&text);
            return Ok(Parsed { content, provenance, text, lines, language, format });
        }
    };
    let size: usize = lines.iter().flat_map(|line| &line.cells).map(|cell| cell.text.len()).sum();
    if lines.len() > MAX_LINES || size > MAX_TEXT {
        return Err(ParseProblem::new(
            ProblemCode::TooLarge,
            "This file holds far more text than a resume. Send the part with the resume alone.",
        ));
    }
    budget.check()?;
    let lines_out: Vec<TextLine> = lines.iter().map(|line| TextLine { page: line.page, text: line.text() }).collect();
    let text = lines_out.iter().map(|line| line.text.as_str()).collect::<Vec<_>>().join("\n");
    let (content, mut provenance) = fields::read(&lines, file_name);
    if format != Format::Pdf {
        for source in provenance.values_mut() {
            source.page = None;
        }
    }
    let language = language(&text);
    Ok(Parsed { content, provenance, text, lines: lines_out, language, format })
}

fn language(text: &str) -> Language {
    let wide = text.chars().filter(|c| normalise::is_cjk(*c)).count();
    let words = text.split(|c: char| !c.is_ascii_alphabetic()).filter(|word| word.len() > 2).count();
    if wide == 0 || wide * 20 < words {
        Language::En
    } else if words * 3 > wide {
        Language::Mixed
    } else {
        Language::Zh
    }
}

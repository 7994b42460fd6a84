//! What a file really is, by its content.

use serde::Serialize;

use crate::problem::{ParseProblem, ProblemCode};

/// The formats that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    Pdf,
    Docx,
    Doc,
    Json,
    Rtf,
    Html,
    Text,
}

const OLE: &[u8] = &[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];

fn has(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}

/// A name as it stands in an OLE directory.
fn has_wide(bytes: &[u8], name: &str) -> bool {
    let wide: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
    has(bytes, &wide)
}

fn unsupported(what: &str) -> ParseProblem {
    ParseProblem::new(ProblemCode::Unsupported, format!("{what} cannot be read; send a PDF, DOCX, DOC, RTF, HTML, text or JSON Resume."))
}

pub fn sniff(bytes: &[u8]) -> Result<Format, ParseProblem> {
    let start = &bytes[..bytes.len().min(1024)];
    if has(start, b"%PDF-") {
        return Ok(Format::Pdf);
    }
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        // Names of a package's parts stand in its directory at the end, uncompressed.
        if has(bytes, b"word/") {
            return Ok(Format::Docx);
        }
        return Err(if has(bytes, b"xl/") {
            unsupported("A spreadsheet")
        } else if has(bytes, b"ppt/") {
            unsupported("A presentation")
        } else if has(bytes, b"EncryptedPackage") {
            ParseProblem::new(
                ProblemCode::Encrypted,
                "This document is protected by a password; save a copy without the password and send that.",
            )
        } else {
            unsupported("This archive")
        });
    }
    if bytes.starts_with(OLE) {
        if has_wide(bytes, "EncryptedPackage") {
            return Err(ParseProblem::new(
                ProblemCode::Encrypted,
                "This document is protected by a password; save a copy without the password and send that.",
            ));
        }
        if has_wide(bytes, "WordDocument") {
            return Ok(Format::Doc);
        }
        return Err(unsupported("This Office file"));
    }
    if bytes.starts_with(b"{\\rtf") {
        return Ok(Format::Rtf);
    }
    for (magic, what) in [
        (&b"\x89PNG"[..], "A picture"),
        (b"\xff\xd8\xff", "A picture"),
        (b"GIF8", "A picture"),
        (b"II*\0", "A picture"),
        (b"MM\0*", "A picture"),
        (b"Rar!", "An archive"),
        (b"\x1f\x8b", "An archive"),
        (b"7z\xbc\xaf", "An archive"),
        (b"MZ", "A program"),
        (b"\x7fELF", "A program"),
    ] {
        if bytes.starts_with(magic) {
            return Err(unsupported(what));
        }
    }
    let wide = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
    if !wide && start.contains(&0) {
        return Err(unsupported("This kind of file"));
    }
    let text = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    match text.iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(b'{') => Ok(Format::Json),
        Some(b'<') if has(&text.to_ascii_lowercase(), b"<html") || has(&text.to_ascii_lowercase(), b"<!doctype") => Ok(Format::Html),
        _ => Ok(Format::Text),
    }
}

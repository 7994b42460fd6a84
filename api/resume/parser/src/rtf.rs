//! RTF (which many a file called `.doc` really is): its text, with tabs, bold and sizes.

use crate::line::{Cell, Line};
use crate::normalise::{clean, unspace};
use crate::problem::{ParseProblem, ProblemCode};

const MAX_LINES: usize = 20_000;
const MAX_DEPTH: usize = 200;

/// Groups whose text is not the document's.
const SKIPPED: &[&str] = &[
    "fonttbl",
    "colortbl",
    "stylesheet",
    "info",
    "pict",
    "object",
    "header",
    "footer",
    "themedata",
    "colorschememapping",
    "latentstyles",
    "datastore",
    "listtable",
    "listoverridetable",
    "rsidtbl",
    "generator",
    "xmlnstbl",
    "filetbl",
    "fldinst",
    "listtext",
    "pntext",
    "nonshppict",
];

#[derive(Clone, Copy)]
struct State {
    bold: bool,
    size: f32,
    skip: bool,
    /// Bytes of fallback after a `\u`.
    fallback: usize,
}

struct Writer {
    lines: Vec<Line>,
    cells: Vec<Cell>,
    bullet: bool,
    bytes: Vec<u8>,
    gbk: bool,
}

impl Writer {
    fn cell(&mut self) {
        let x = 100.0 * self.cells.len() as f32;
        self.cells.push(Cell { x0: x, x1: x, bold: true, ..Cell::default() });
    }

    fn put(&mut self, text: &str, state: State) {
        if self.cells.is_empty() {
            self.cell();
        }
        if let Some(cell) = self.cells.last_mut() {
            cell.text.push_str(text);
            if text.chars().any(char::is_alphanumeric) {
                cell.bold &= state.bold;
                cell.size = cell.size.max(state.size);
            }
        }
    }

    /// Text in the code page of the file.
    fn flush(&mut self, state: State) {
        if self.bytes.is_empty() {
            return;
        }
        let bytes = std::mem::take(&mut self.bytes);
        let text: String = if self.gbk { gbk(&bytes) } else { bytes.iter().map(|byte| windows_1252(*byte)).collect() };
        self.put(&text, state);
    }

    fn line(&mut self) {
        let mut cells: Vec<Cell> = std::mem::take(&mut self.cells);
        for cell in &mut cells {
            cell.text = unspace(&clean(&cell.text));
            if cell.size < 1.0 {
                cell.size = 12.0;
            }
        }
        cells.retain(|cell| !cell.text.is_empty());
        let bullet = std::mem::take(&mut self.bullet);
        if cells.is_empty() {
            return;
        }
        let mut line = Line { page: 1, x: cells[0].x0, cells, bullet, whole: true, right: 1e6, ..Line::default() };
        line.take_bullet();
        line.mend_labels();
        self.lines.push(line);
    }
}

pub fn read(bytes: &[u8]) -> Result<Vec<Line>, ParseProblem> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(4096)]);
    let gbk = head.contains("\\ansicpg936") || head.contains("\\fcharset134");
    let mut writer = Writer { lines: Vec::new(), cells: Vec::new(), bullet: false, bytes: Vec::new(), gbk };
    let mut stack: Vec<State> = Vec::new();
    let mut state = State { bold: false, size: 12.0, skip: false, fallback: 1 };
    let mut pending = 0_usize;
    let mut row = false;
    let mut i = 0;
    while let Some(byte) = bytes.get(i).copied() {
        i += 1;
        match byte {
            b'{' => {
                writer.flush(state);
                if stack.len() >= MAX_DEPTH {
                    return Err(ParseProblem::broken("RTF file"));
                }
                stack.push(state);
                if bytes[i..].starts_with(b"\\*") {
                    state.skip = true;
                }
            }
            b'}' => {
                writer.flush(state);
                state = stack.pop().unwrap_or(state);
            }
            b'\\' => {
                let Some(next) = bytes.get(i).copied() else { break };
                if next == b'\'' {
                    let digits = bytes.get(i + 1..i + 3).and_then(|pair| std::str::from_utf8(pair).ok());
                    i += 3;
                    if pending > 0 {
                        pending -= 1;
                    } else if let Some(value) = digits.and_then(|pair| u8::from_str_radix(pair, 16).ok())
                        && !state.skip
                    {
                        writer.bytes.push(value);
                    }
                    continue;
                }
                writer.flush(state);
                if !next.is_ascii_alphabetic() {
                    i += 1;
                    if !state.skip {
                        match next {
                            b'~' => writer.put(" ", state),
                            b'_' => writer.put("-", state),
                            b'{' | b'}' | b'\\' => writer.put(char::from(next).encode_utf8(&mut [0; 4]), state),
                            b'\n' | b'\r' => writer.line(),
                            _ => {}
                        }
                    }
                    continue;
                }
                let start = i;
                while bytes.get(i).is_some_and(u8::is_ascii_alphabetic) {
                    i += 1;
                }
                let word = std::str::from_utf8(&bytes[start..i]).unwrap_or("");
                let number_at = i;
                if bytes.get(i) == Some(&b'-') {
                    i += 1;
                }
                while bytes.get(i).is_some_and(u8::is_ascii_digit) {
                    i += 1;
                }
                let number: Option<i64> = std::str::from_utf8(&bytes[number_at..i]).ok().and_then(|text| text.parse().ok());
                if bytes.get(i) == Some(&b' ') {
                    i += 1;
                }
                if word == "bin" {
                    i = i.saturating_add(number.unwrap_or(0).clamp(0, i64::from(u32::MAX)) as usize);
                    continue;
                }
                match word {
                    word if SKIPPED.contains(&word) => {
                        if matches!(word, "listtext" | "pntext") {
                            writer.bullet = true;
                        }
                        state.skip = true;
                    }
                    "b" => state.bold = number != Some(0),
                    "plain" => (state.bold, state.size) = (false, 12.0),
                    "fs" => state.size = number.unwrap_or(24).clamp(2, 400) as f32 / 2.0,
                    "uc" => state.fallback = number.unwrap_or(1).clamp(0, 8) as usize,
                    _ if state.skip => {}
                    "par" | "line" | "sect" | "page" if !row => writer.line(),
                    "par" | "line" => writer.put(" ", state),
                    "tab" => writer.cell(),
                    "intbl" => row = true,
                    "pard" => row = false,
                    "cell" => {
                        if writer.cells.is_empty() {
                            writer.cell();
                        }
                        writer.cell();
                    }
                    "row" => {
                        writer.line();
                        row = false;
                    }
                    "bullet" => writer.put("•", state),
                    "endash" => writer.put("–", state),
                    "emdash" => writer.put("—", state),
                    "lquote" | "rquote" => writer.put("’", state),
                    "ldblquote" | "rdblquote" => writer.put("\"", state),
                    "u" => {
                        let code = number.map(|n| if n < 0 { n + 65_536 } else { n }).and_then(|n| u32::try_from(n).ok());
                        if let Some(c) = code.and_then(char::from_u32) {
                            writer.put(c.encode_utf8(&mut [0; 4]), state);
                        }
                        pending = state.fallback;
                    }
                    _ => {}
                }
            }
            b'\r' | b'\n' => {}
            other => {
                if pending > 0 {
                    pending -= 1;
                } else if !state.skip {
                    writer.bytes.push(other);
                }
            }
        }
        if writer.lines.len() > MAX_LINES {
            return Err(ParseProblem::new(
                ProblemCode::TooLarge,
                "This document holds far more text than a resume. Send the part with the resume alone.",
            ));
        }
    }
    writer.flush(state);
    writer.line();
    if writer.lines.is_empty() {
        return Err(ParseProblem::new(
            ProblemCode::NoText,
            "This document holds no text to read; export it again from the program it was written in.",
        ));
    }
    Ok(writer.lines)
}

fn windows_1252(byte: u8) -> char {
    const HIGH: &str = "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8d}Ž\u{8f}\u{90}‘’“”•–—˜™š›œ\u{9d}žŸ";
    match byte {
        0x80..=0x9f => HIGH.chars().nth(usize::from(byte - 0x80)).unwrap_or(' '),
        other => char::from(other),
    }
}

/// Chinese in its old code page.
fn gbk(bytes: &[u8]) -> String {
    encoding_rs::GBK.decode_without_bom_handling(bytes).0.into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_tabs_and_other_scripts() {
        let rtf = br"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}}\pard\b\fs32 Zo\'eb Lef\u232?vre\b0\par Caf\'e9 Ltd\tab 2019 \endash  2021\par{\*\generator x;}\trowd\intbl A\cell B\cell\row}";
        let lines: Vec<String> = read(rtf).unwrap().iter().map(Line::text).collect();
        assert_eq!(lines, ["Zoë Lefèvre", "Café Ltd  2019 – 2021", "A  B"]);
        let zh = br"{\rtf1\ansi\ansicpg936 \'d5\'c5\'c8\'fd\par}";
        assert_eq!(read(zh).unwrap()[0].text(), "张三");
    }
}

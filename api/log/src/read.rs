//! Reads a log file from its end, line by line, without holding it in memory.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

const BLOCK: u64 = 64 << 10;
/// A line longer than this is skipped.
const MAX_LINE: usize = 1 << 20;

/// Lines before an offset, the last one first.
pub(crate) struct Backwards {
    file: File,
    /// Where `held` begins in the file.
    start: u64,
    held: Vec<u8>,
}

impl Backwards {
    /// Begins at `offset`, or at the file's end where that is nearer.
    pub fn new(mut file: File, offset: u64) -> io::Result<Self> {
        let end = file.seek(SeekFrom::End(0))?;
        Ok(Self { file, start: offset.min(end), held: Vec::new() })
    }

    /// The line before, and the offset at which it begins.
    pub fn next(&mut self) -> io::Result<Option<(u64, Vec<u8>)>> {
        loop {
            // The newline that ends the line itself does not count.
            let body = self.held.strip_suffix(b"\n").unwrap_or(&self.held);
            if let Some(at) = body.iter().rposition(|byte| *byte == b'\n') {
                let line = body[at + 1..].to_vec();
                self.held.truncate(at + 1);
                return Ok(Some((self.start + at as u64 + 1, line)));
            }
            if self.start == 0 {
                let line = body.to_vec();
                self.held.clear();
                return Ok(if line.is_empty() { None } else { Some((0, line)) });
            }
            if self.held.len() > MAX_LINE {
                self.held.clear();
            }
            let size = BLOCK.min(self.start);
            self.start -= size;
            self.file.seek(SeekFrom::Start(self.start))?;
            let mut block = vec![0; size as usize];
            self.file.read_exact(&mut block)?;
            block.extend_from_slice(&self.held);
            self.held = block;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn all(text: &[u8], offset: u64) -> Vec<(u64, String)> {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(text).unwrap();
        let mut lines = Backwards::new(file, offset).unwrap();
        let mut found = vec![];
        while let Some((at, line)) = lines.next().unwrap() {
            found.push((at, String::from_utf8(line).unwrap()));
        }
        found
    }

    #[test]
    fn lines_come_last_first_with_their_place() {
        assert_eq!(all(b"one\ntwo\nthree\n", u64::MAX), [(8, "three".into()), (4, "two".into()), (0, "one".into())]);
        assert_eq!(all(b"one\ntwo\nthree\n", 8), [(4, "two".into()), (0, "one".into())]);
        assert_eq!(all(b"", u64::MAX), []);
    }

    #[test]
    fn lines_across_blocks_are_whole() {
        let lines: Vec<String> = (0..5_000).map(|n| format!("line {n} {}", "x".repeat(n % 97))).collect();
        let text = lines.join("\n") + "\n";
        let mut found: Vec<String> = all(text.as_bytes(), u64::MAX).into_iter().map(|(_, line)| line).collect();
        found.reverse();
        assert_eq!(found, lines);
    }
}

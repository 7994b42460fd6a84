//! Where one HTTP/1 request ends and the next begins, read strictly: what two readers could understand differently is
//! refused, so that nobody slips a request past this door inside another one.

use std::mem;

/// The longest head, and the longest line or trailer of a chunked body.
const MAX_HEAD: usize = 64 << 10;
const MAX_LINE: usize = 4 << 10;
const HTTP2: &[u8] = b"PRI * HTTP/2.0\r\n\r\n";

/// Follows the bytes that a client sends over one connection.
#[derive(Debug)]
pub(super) struct Framing {
    place: Place,
    /// How many heads were complete before the one being read.
    heads: u64,
}

#[derive(Debug)]
enum Place {
    Head(Vec<u8>),
    Body(u64),
    ChunkSize(Vec<u8>),
    ChunkData(u64),
    /// The line end after a chunk's bytes, as far as it has come.
    ChunkEnd(Vec<u8>),
    Trailers(Vec<u8>),
    /// No longer HTTP/1: an upgraded connection, or HTTP/2 with a framing of its own.
    Free,
}

/// Why the bytes are refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    /// Which head of the connection it is, from 0; none within a body.
    pub head: Option<u64>,
    pub why: &'static str,
}

/// How long a request's body is.
#[derive(Debug, PartialEq, Eq)]
enum Length {
    Bytes(u64),
    Chunked,
    /// Whoever answers decides whether this stays HTTP.
    Upgrade,
}

impl Default for Framing {
    fn default() -> Self {
        Self { place: Place::Head(Vec::new()), heads: 0 }
    }
}

impl Framing {
    /// Whether a body is under way.
    pub fn in_body(&self) -> bool {
        !matches!(self.place, Place::Head(_) | Place::Free)
    }

    /// Reads on.
    /// # Errors
    /// What is ambiguous, malformed or endless; nothing after it may be believed.
    pub fn feed(&mut self, mut bytes: &[u8]) -> Result<(), Refusal> {
        while !bytes.is_empty() && !matches!(self.place, Place::Free) {
            let in_head = matches!(self.place, Place::Head(_)).then_some(self.heads);
            bytes = self.step(bytes).map_err(|why| Refusal { head: in_head, why })?;
        }
        Ok(())
    }

    fn step<'a>(&mut self, bytes: &'a [u8]) -> Result<&'a [u8], &'static str> {
        let (next, rest) = match &mut self.place {
            Place::Head(seen) => {
                let (done, rest) = until_empty_line(seen, bytes)?;
                if !done {
                    return Ok(rest);
                }
                let head = mem::take(seen);
                if self.heads == 0 && head == HTTP2 {
                    (Place::Free, rest)
                } else {
                    let next = match length(&head)? {
                        Length::Bytes(0) => Place::Head(Vec::new()),
                        Length::Bytes(left) => Place::Body(left),
                        Length::Chunked => Place::ChunkSize(Vec::new()),
                        Length::Upgrade => Place::Free,
                    };
                    self.heads += 1;
                    (next, rest)
                }
            }
            Place::Body(left) => {
                let rest = pass(left, bytes);
                if *left > 0 {
                    return Ok(rest);
                }
                (Place::Head(Vec::new()), rest)
            }
            Place::ChunkSize(seen) => {
                let (done, rest) = until_line(seen, bytes)?;
                if !done {
                    return Ok(rest);
                }
                let next = match chunk_size(seen)? {
                    0 => Place::Trailers(Vec::new()),
                    size => Place::ChunkData(size),
                };
                (next, rest)
            }
            Place::ChunkData(left) => {
                let rest = pass(left, bytes);
                if *left > 0 {
                    return Ok(rest);
                }
                (Place::ChunkEnd(Vec::new()), rest)
            }
            Place::ChunkEnd(seen) => {
                let (done, rest) = until_line(seen, bytes)?;
                if seen.len() > 2 {
                    return Err("a chunk is longer than it says");
                }
                if !done {
                    return Ok(rest);
                }
                (Place::ChunkSize(Vec::new()), rest)
            }
            Place::Trailers(seen) => {
                let (done, rest) = until_line(seen, bytes)?;
                if !done {
                    return Ok(rest);
                }
                // The empty line ends the body; another line is a trailer, of which the next one is read.
                if seen.len() == 2 { (Place::Head(Vec::new()), rest) } else { (Place::Trailers(Vec::new()), rest) }
            }
            Place::Free => return Ok(&[]),
        };
        self.place = next;
        Ok(rest)
    }
}

fn pass<'a>(left: &mut u64, bytes: &'a [u8]) -> &'a [u8] {
    let taken = usize::try_from(*left).map_or(bytes.len(), |left| left.min(bytes.len()));
    *left -= taken as u64;
    &bytes[taken..]
}

/// Takes bytes into `seen` up to the end of a line; whether it was reached, and what follows.
fn until_line<'a>(seen: &mut Vec<u8>, bytes: &'a [u8]) -> Result<(bool, &'a [u8]), &'static str> {
    let end = bytes.iter().position(|byte| *byte == b'\n').map(|end| end + 1);
    let (taken, rest) = bytes.split_at(end.unwrap_or(bytes.len()));
    seen.extend_from_slice(taken);
    if seen.len() > MAX_LINE {
        return Err("a line of the chunked body is too long");
    }
    if end.is_some() && !seen.ends_with(b"\r\n") {
        return Err("a line must end with CR LF");
    }
    Ok((end.is_some(), rest))
}

/// The same up to the empty line after a head; empty lines before it are left out, as RFC 9112 (2.2) wants.
fn until_empty_line<'a>(seen: &mut Vec<u8>, bytes: &'a [u8]) -> Result<(bool, &'a [u8]), &'static str> {
    let mut rest = bytes;
    while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
        let (line, after) = rest.split_at(end + 1);
        seen.extend_from_slice(line);
        rest = after;
        if !seen.ends_with(b"\r\n") {
            return Err("a line must end with CR LF");
        }
        if seen == b"\r\n" {
            seen.clear();
        }
        if seen.ends_with(b"\r\n\r\n") {
            return Ok((true, rest));
        }
        if seen.len() > MAX_HEAD {
            return Err("the head is too long");
        }
    }
    seen.extend_from_slice(rest);
    if seen.len() > MAX_HEAD { Err("the head is too long") } else { Ok((false, &[])) }
}

/// `1f;name=value` before a chunk.
fn chunk_size(line: &[u8]) -> Result<u64, &'static str> {
    let line = &line[..line.len() - 2];
    let digits = line.split(|byte| *byte == b';').next().unwrap_or_default();
    let text =
        std::str::from_utf8(digits).ok().filter(|text| (1..=15).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_hexdigit()));
    text.and_then(|text| u64::from_str_radix(text, 16).ok()).ok_or("a chunk must begin with its size in hexadecimal digits")
}

/// What a complete head says about the body after it.
fn length(head: &[u8]) -> Result<Length, &'static str> {
    if head.iter().enumerate().any(|(at, byte)| *byte == 0 || (*byte == b'\r' && head.get(at + 1) != Some(&b'\n'))) {
        return Err("the head has a control character that belongs in none");
    }
    let mut lines = head.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let request = lines.next().unwrap_or_default();
    let (mut lengths, mut encodings, mut hosts, mut upgrade) = (Vec::new(), Vec::new(), 0, request.starts_with(b"CONNECT "));
    for line in lines.filter(|line| !line.is_empty()) {
        if line[0] == b' ' || line[0] == b'\t' {
            return Err("a header must not go on in the next line");
        }
        let colon = line.iter().position(|byte| *byte == b':').ok_or("a header must have a colon")?;
        let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
        if name.is_empty() || name.iter().any(u8::is_ascii_whitespace) {
            return Err("a header's name must stand right before its colon");
        }
        match name.to_ascii_lowercase().as_slice() {
            b"content-length" => lengths.push(value),
            b"transfer-encoding" => encodings.push(value),
            b"host" => hosts += 1,
            b"upgrade" => upgrade = true,
            _ => {}
        }
    }
    if hosts > 1 || (hosts == 0 && request.ends_with(b"HTTP/1.1")) {
        return Err("a request must have one Host header");
    }
    let length = match (lengths.as_slice(), encodings.as_slice()) {
        ([], []) => Length::Bytes(0),
        ([one], []) => {
            let text = std::str::from_utf8(one).ok().filter(|text| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()));
            Length::Bytes(text.and_then(|text| text.parse().ok()).ok_or("Content-Length must be one whole number")?)
        }
        ([], [one]) if one.eq_ignore_ascii_case(b"chunked") => Length::Chunked,
        ([], _) => return Err("Transfer-Encoding must be `chunked`, said once"),
        (_, []) => return Err("Content-Length must be said once"),
        _ => return Err("Content-Length and Transfer-Encoding exclude each other"),
    };
    Ok(if upgrade { Length::Upgrade } else { length })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const GET: &str = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    fn read(text: &str) -> Result<Framing, Refusal> {
        let mut framing = Framing::default();
        framing.feed(text.as_bytes()).map(|()| framing)
    }

    #[test]
    fn requests_after_each_other_are_counted() {
        let post = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc";
        let chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nTrailer: 1\r\n\r\n";
        let framing = read(&format!("\r\n{GET}{post}{chunked}{GET}")).unwrap();
        assert_eq!(framing.heads, 4);
        assert!(!framing.in_body());
        assert!(read("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nab").unwrap().in_body());
    }

    #[test]
    fn what_two_readers_could_understand_differently_is_refused() {
        for (headers, why) in [
            ("Content-Length: 4\r\nTransfer-Encoding: chunked", "exclude"),
            ("Transfer-Encoding: chunked\r\nContent-Length: 4", "exclude"),
            ("Content-Length: 4\r\nContent-Length: 4", "once"),
            ("Content-Length: 4, 4", "whole number"),
            ("Content-Length: +4", "whole number"),
            ("Content-Length: -1", "whole number"),
            ("Content-Length: 0x4", "whole number"),
            ("Content-Length:", "whole number"),
            ("Content-Length: 99999999999999999999", "whole number"),
            ("Transfer-Encoding: chunked, identity", "chunked"),
            ("Transfer-Encoding: xchunked", "chunked"),
            ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "chunked"),
            ("Transfer-Encoding : chunked", "before its colon"),
            ("Transfer-Encoding: chunked\r\n folded: 1", "next line"),
            ("X: 1\nContent-Length: 4", "CR LF"),
            ("X: a\rb", "control"),
            ("X: a\0b", "control"),
            ("no colon", "colon"),
            ("Host: b", "Host"),
        ] {
            let refusal = read(&format!("{GET}POST / HTTP/1.1\r\nHost: a\r\n{headers}\r\n\r\n")).unwrap_err();
            assert!(refusal.why.contains(why), "{headers:?}: {}", refusal.why);
            assert_eq!(refusal.head, Some(1), "{headers:?}");
        }
        assert!(read("GET / HTTP/1.1\r\n\r\n").is_err(), "no host");
        assert!(read("GET / HTTP/1.0\r\n\r\n").is_ok());
    }

    #[test]
    fn chunks_that_lie_are_refused() {
        for body in ["zz\r\n", "-1\r\n", " 3\r\n", "3\nabc", "3\r\nabcd\r\n", "3\r\nabc0\r\n\r\n", "1000000000000000\r\n", ";x\r\n"] {
            let refusal = read(&format!("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n{body}")).unwrap_err();
            assert_eq!(refusal.head, None, "{body:?}");
        }
    }

    #[test]
    fn heads_and_lines_have_an_end() {
        let long = "x".repeat(MAX_HEAD);
        assert!(read(&format!("GET / HTTP/1.1\r\nHost: a\r\nX: {long}")).is_err());
        let line = "0".repeat(MAX_LINE + 1);
        assert!(read(&format!("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n{line}")).is_err());
    }

    #[test]
    fn other_protocols_are_left_alone() {
        assert!(matches!(read("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\n").unwrap().place, Place::Free));
        assert!(read(&format!("{GET}PRI * HTTP/2.0\r\n\r\n")).is_ok(), "only as the first words; the parser refuses it later");
        let upgrade = "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n";
        assert!(matches!(read(&format!("{upgrade}\0\n")).unwrap().place, Place::Free));
    }

    proptest! {
        /// However the bytes are cut into pieces, the answer is the same.
        #[test]
        fn pieces_make_no_difference(
            parts in prop::collection::vec(prop::sample::select(vec![
                GET, "POST / HTTP/1.1\r\nHost: a\r\n", "Content-Length: 3\r\n", "Transfer-Encoding: chunked\r\n", "\r\n", "abc", "3\r\n",
                "0\r\n", "\n", "\r", "X: y\r\n",
            ]), 0..12),
            cuts in prop::collection::vec(1usize..7, 1..40),
        ) {
            let text = parts.concat();
            let whole = read(&text).map(|framing| format!("{framing:?}"));
            let mut framing = Framing::default();
            let (mut rest, mut result) = (text.as_bytes(), Ok(()));
            for cut in cuts.iter().cycle() {
                if rest.is_empty() || result.is_err() {
                    break;
                }
                let (piece, after) = rest.split_at((*cut).min(rest.len()));
                result = framing.feed(piece);
                rest = after;
            }
            prop_assert_eq!(result.map(|()| format!("{framing:?}")), whole);
        }

        #[test]
        fn nothing_makes_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let _ = Framing::default().feed(&bytes);
        }
    }
}

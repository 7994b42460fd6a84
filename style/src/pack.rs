//! Makes built files small: names taken out of modules, then brotli at its strongest, once for many sendings.

use std::io::Write;

/// `bytes`, compressed with quality 11 and the largest common window.
/// # Errors
/// When the encoder refuses, which it does for no input.
pub fn brotli(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut packed = Vec::new();
    let mut encoder = brotli::CompressorWriter::new(&mut packed, 1 << 16, 11, 22);
    encoder.write_all(bytes)?;
    encoder.flush()?;
    drop(encoder);
    Ok(packed)
}

/// A WASM module without its custom sections (function names and notes of the tools), which browsers do not need.
/// What is not a well-formed module comes back as it is.
pub fn strip(module: &[u8]) -> Vec<u8> {
    let mut kept = module.get(..8).unwrap_or_default().to_vec();
    let mut at = kept.len();
    while at < module.len() {
        let Some((size, length)) = leb128(&module[at + 1..]) else { return module.to_vec() };
        let end = at + 1 + length + size;
        let Some(section) = module.get(at..end) else { return module.to_vec() };
        if section[0] != 0 {
            kept.extend_from_slice(section);
        }
        at = end;
    }
    kept
}

/// An unsigned LEB128 number and how many bytes it took.
fn leb128(bytes: &[u8]) -> Option<(usize, usize)> {
    let mut value = 0;
    for (index, byte) in bytes.iter().take(5).enumerate() {
        value |= usize::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Some((value, index + 1));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::strip;

    #[test]
    fn custom_sections_go_and_the_rest_stays() {
        let module = [b"\0asm\x01\0\0\0".as_slice(), &[1, 2, 7, 7], &[0, 3, 1, b'n', 9], &[10, 1, 0]].concat();
        assert_eq!(strip(&module), [b"\0asm\x01\0\0\0".as_slice(), &[1, 2, 7, 7], &[10, 1, 0]].concat());
        let cut = &module[..module.len() - 1];
        assert_eq!(strip(cut), cut);
    }
}

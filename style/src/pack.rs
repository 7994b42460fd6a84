//! Brotli at its strongest: files are compressed once and sent many times.

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

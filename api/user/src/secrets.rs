//! Secrets that programs keep: made by chance, and known again by their hash.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// A text nobody guesses.
pub(crate) fn random_text() -> String {
    BASE64_URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}

/// What is kept of such a text. It has 256 random bits, so that a plain hash will do.
pub(crate) fn hash(text: &str) -> Vec<u8> {
    Sha256::digest(text).to_vec()
}

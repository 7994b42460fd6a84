//! Refresh tokens: which session, a part that all tokens of the session share, and a part that each has new.
//!
//! Only hashes are kept, and only of the newest. Who presents the shared part with another new part holds a token that
//! was used before: it was stolen, from them or by them, and the session ends.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use looma_kernel::types::SessionId;
use sha2::{Digest, Sha256};
use uuid::Uuid;

const PART: usize = 24;
const LENGTH: usize = 16 + 2 * PART;

/// A token, as only its owner has it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct RefreshToken {
    pub session: SessionId,
    family: [u8; PART],
    fresh: [u8; PART],
}

/// What is kept of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Kept {
    pub family: Vec<u8>,
    pub fresh: Vec<u8>,
}

/// What a presented token is to its session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// The newest.
    Newest,
    /// Of this session, but used before.
    Used,
    /// Not of this session at all.
    Foreign,
}

impl RefreshToken {
    pub fn new(session: SessionId) -> Self {
        Self { session, family: rand::random(), fresh: rand::random() }
    }

    /// The one that takes this one's place.
    pub fn next(&self) -> Self {
        Self { fresh: rand::random(), ..self.clone() }
    }

    pub fn kept(&self) -> Kept {
        Kept { family: Sha256::digest(self.family).to_vec(), fresh: Sha256::digest(self.fresh).to_vec() }
    }

    pub fn standing(&self, kept: &Kept) -> Standing {
        let own = self.kept();
        match (own.family == kept.family, own.fresh == kept.fresh) {
            (true, true) => Standing::Newest,
            (true, false) => Standing::Used,
            (false, _) => Standing::Foreign,
        }
    }

    pub fn encode(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode([self.session.0.as_bytes().as_slice(), &self.family, &self.fresh].concat())
    }

    pub fn decode(text: &str) -> Option<Self> {
        let bytes: [u8; LENGTH] = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
        let (session, parts) = bytes.split_at(16);
        let (family, fresh) = parts.split_at(PART);
        Some(Self { session: Uuid::from_slice(session).ok()?.into(), family: family.try_into().ok()?, fresh: fresh.try_into().ok()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_before_is_known_as_used() {
        let first = RefreshToken::new(SessionId::new());
        let second = first.next();
        assert_eq!(first.standing(&first.kept()), Standing::Newest);
        assert_eq!(second.standing(&second.kept()), Standing::Newest);
        assert_eq!(first.standing(&second.kept()), Standing::Used);
        assert_eq!(RefreshToken::new(first.session).standing(&second.kept()), Standing::Foreign);
    }

    #[test]
    fn a_token_comes_back_from_its_text() {
        let token = RefreshToken::new(SessionId::new());
        assert!(RefreshToken::decode(&token.encode()).unwrap() == token);
        for wrong in ["", "abc", "!!!!", &token.encode()[1..]] {
            assert!(RefreshToken::decode(wrong).is_none());
        }
    }
}

//! Apps that act for users or for themselves: OAuth 2.1 and OpenID Connect.
//!
//! `clients` are the apps that are known, `authorize` decides where their browsers go, `consents` is what users have allowed,
//! `tokens` gives tokens out, `inspection` explains and ends them, `discovery` says where all of this is. What apps send is read by
//! `parameters`, and they are refused by `refusal`. What a user allowed an app is a session of the user that is the app's.

mod authorize;
mod clients;
mod consents;
mod discovery;
mod inspection;
mod parameters;
mod refusal;
mod tokens;

pub(crate) use clients::Known;
pub(crate) use discovery::Metadata;
pub(crate) use inspection::{Inspected, UserInfo};
pub(crate) use parameters::{Credentials, Parameters};
pub(crate) use refusal::{Refusal, Refused};
pub(crate) use tokens::Tokens;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// A text nobody guesses.
fn random_text() -> String {
    BASE64_URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}

/// What is kept of such a text. It has 256 random bits, so that a plain hash will do.
fn hash(text: &str) -> Vec<u8> {
    Sha256::digest(text).to_vec()
}

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

//! Apps that act for users or for themselves (OAuth 2.1, OpenID Connect).

use crate::{ClientId, Permission, Role};
use chrono::{DateTime, Utc};
use garde::Validate;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use utoipa::ToSchema;

/// One thing that an app may ask for: what OpenID Connect names, or a permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Scope {
    /// Who the user is.
    OpenId,
    /// The user's name and language.
    Profile,
    Email,
    /// Tokens that go on without the user.
    OfflineAccess,
    Permission(Permission),
}

impl Scope {
    /// What OpenID Connect names.
    pub const OPENID: [Self; 4] = [Self::OpenId, Self::Profile, Self::Email, Self::OfflineAccess];

    /// All there are, in the order they are told in.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::OPENID.into_iter().chain(Permission::ALL.iter().copied().map(Self::Permission))
    }

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OpenId => "openid",
            Self::Profile => "profile",
            Self::Email => "email",
            Self::OfflineAccess => "offline_access",
            Self::Permission(permission) => permission.as_str(),
        }
    }

    /// Reads words between spaces; a word that is said twice counts once.
    /// # Errors
    /// What is none.
    pub fn parse_all(text: &str) -> Result<Vec<Self>, String> {
        let mut scopes = Vec::new();
        for word in text.split(' ').filter(|word| !word.is_empty()) {
            let scope = word.parse()?;
            if !scopes.contains(&scope) {
                scopes.push(scope);
            }
        }
        Ok(scopes)
    }

    /// The words with spaces between.
    pub fn join(scopes: &[Self]) -> String {
        scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" ")
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Scope {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let shown: String = text.chars().take(40).collect();
        Self::all().find(|scope| scope.as_str() == text).ok_or_else(|| {
            format!("`{shown}` is no scope; there are openid, profile, email, offline_access, and the permissions such as jobs:read")
        })
    }
}

impl TryFrom<String> for Scope {
    type Error = String;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Scope> for String {
    fn from(scope: Scope) -> Self {
        scope.as_str().to_owned()
    }
}

/// Whether an app can keep a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClientKind {
    /// Runs at its users': in a browser, on a phone.
    Public,
    /// Runs on a server and has a secret.
    Confidential,
}

/// A way to get tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Grant {
    AuthorizationCode,
    RefreshToken,
    /// For itself, without a user.
    ClientCredentials,
}

impl Grant {
    pub const ALL: [Self; 3] = [Self::AuthorizationCode, Self::RefreshToken, Self::ClientCredentials];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::RefreshToken => "refresh_token",
            Self::ClientCredentials => "client_credentials",
        }
    }
}

/// What an administrator says about an app.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
#[serde(deny_unknown_fields)]
pub struct ClientDraft {
    /// Users see it when they are asked.
    #[garde(length(chars, min = 1, max = 100))]
    pub name: String,
    /// Stays as it was made.
    pub kind: ClientKind,
    /// At most 3.
    #[garde(length(min = 1, max = 3))]
    pub grants: Vec<Grant>,
    /// Where browsers come back to: `https` anywhere, `http` at this computer alone; compared letter by letter. At most 10.
    #[serde(default)]
    #[garde(length(max = 10), inner(length(bytes, min = 1, max = 500)))]
    pub redirect_uris: Vec<String>,
    /// What it may ask for at most: `openid`, `profile`, `email`, `offline_access` and permissions.
    #[schema(value_type = Vec<String>)]
    #[garde(length(min = 1, max = 50))]
    pub scopes: Vec<Scope>,
    /// What it acts as for itself (`client_credentials`), at most its maker's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
}

/// An app that is known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Client {
    pub id: ClientId,
    #[serde(flatten)]
    pub fields: ClientDraft,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// Only in the answer to what made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
}

/// Body of `POST /oauth/authorize`: what a browser brought from an app, and what its user says to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
#[serde(deny_unknown_fields)]
pub struct Authorize {
    /// The query of the address that the browser was sent to, as it came.
    #[garde(length(bytes, max = 8192))]
    pub query: String,
    /// Nothing where the user was not asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<Decision>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    Allow,
    Deny,
}

/// What the browser does next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "next", rename_all = "snake_case")]
pub enum Authorization {
    /// Goes back to the app.
    Redirect { to: String },
    /// Asks the user.
    Consent {
        /// The app's name.
        client: String,
        /// Where the browser goes back to, without path and query.
        origin: String,
        /// What the app would be able to do.
        #[schema(value_type = Vec<String>)]
        scopes: Vec<Scope>,
    },
    /// Lets the user sign in, anew where they are.
    SignIn,
}

/// An app that a user has let in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AppAccess {
    pub id: ClientId,
    pub name: String,
    #[schema(value_type = Vec<String>)]
    pub scopes: Vec<Scope>,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// When it last got tokens; none where it has none that are good.
    pub last_used_at: Option<DateTime<Utc>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_survive_their_text() {
        let all: Vec<_> = Scope::all().collect();
        assert_eq!(Scope::parse_all(&Scope::join(&all)).unwrap(), all);
        assert_eq!(Scope::parse_all(" openid  openid ").unwrap(), [Scope::OpenId]);
        assert!(Scope::parse_all("openid jobs:fly").unwrap_err().contains("jobs:fly"));
    }
}

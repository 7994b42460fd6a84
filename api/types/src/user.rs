//! Users, login, sessions and API keys.

use crate::{ApiKeyId, Network, Permission, Role, SessionId, UserId, WorkspaceId};
use chrono::{DateTime, Utc};
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum UserStatus {
    #[default]
    Active,
    Inactive,
    Suspended,
    Pending,
}

impl UserStatus {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Inactive => "inactive",
            Self::Suspended => "suspended",
            Self::Pending => "pending",
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
#[serde(deny_unknown_fields, default)]
pub struct Contact {
    #[garde(inner(length(chars, max = 40)))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    #[garde(inner(length(chars, max = 400)))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    #[garde(inner(length(chars, max = 100)))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    #[garde(inner(length(chars, max = 100)))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
}

/// What an administrator writes about a user.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
#[serde(deny_unknown_fields)]
pub struct UserDraft {
    #[garde(email, length(chars, max = 254))]
    pub email: String,
    #[garde(length(chars, min = 1, max = 200))]
    pub name: String,
    pub role: Role,
    #[serde(default)]
    pub status: UserStatus,
    #[serde(default)]
    #[garde(dive)]
    pub contact: Contact,
    /// `zh` or `en`.
    #[serde(default = "default_locale")]
    #[garde(length(chars, min = 2, max = 12))]
    pub locale: String,
    /// Free form, at most 16 KiB.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub metadata: serde_json::Map<String, serde_json::Value>,
}

fn default_locale() -> String {
    "en".into()
}

/// Body of `POST /api/v1/users`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
#[serde(deny_unknown_fields)]
pub struct NewUser {
    #[serde(flatten)]
    #[garde(dive)]
    pub fields: UserDraft,
    /// 10 to 200 characters.
    #[garde(length(chars, min = 10, max = 200))]
    pub password: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct User {
    pub id: UserId,
    pub workspace_id: WorkspaceId,
    #[serde(flatten)]
    pub fields: UserDraft,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

#[derive(Clone, Serialize, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
#[serde(deny_unknown_fields)]
pub struct Login {
    #[garde(length(chars, max = 254))]
    pub email: String,
    #[garde(length(chars, max = 200))]
    pub password: String,
    /// The six digits of the authenticator app, or a recovery code, where the account has a second factor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(length(chars, max = 20)))]
    pub totp: Option<String>,
}

/// Whether sign-in asks for a second factor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SecondFactor {
    /// Since when; none where it is not asked for.
    pub since: Option<DateTime<Utc>>,
    /// How many recovery codes are left.
    pub recovery_codes: i64,
}

/// What an authenticator app needs to know, shown once.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct SecondFactorSecret {
    /// Base32, to be typed.
    pub secret: String,
    /// `otpauth://…`
    pub url: String,
    /// The same as a picture: a `data:` URL of a PNG.
    pub qr: String,
}

/// Codes that stand in for the authenticator app, once each; only this answer holds them.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct RecoveryCodes {
    pub recovery_codes: Vec<String>,
}

/// Body of what changes the second factor.
#[derive(Clone, Serialize, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
#[serde(deny_unknown_fields)]
pub struct CurrentPassword {
    #[garde(length(chars, max = 200))]
    pub current_password: String,
}

/// Body of `POST /api/v1/users/me/totp/confirm`.
#[derive(Clone, Serialize, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
#[serde(deny_unknown_fields)]
pub struct Code {
    /// Six digits.
    #[garde(length(chars, max = 20))]
    pub code: String,
}

#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct Session {
    pub access_token: String,
    /// Always `Bearer`.
    pub token_type: String,
    /// Seconds.
    pub expires_in: u64,
    pub refresh_token: String,
    pub user: User,
}

#[derive(Clone, Serialize, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
#[serde(deny_unknown_fields)]
pub struct Refresh {
    #[garde(length(bytes, max = 200))]
    pub refresh_token: String,
}

#[derive(Clone, Serialize, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
#[serde(deny_unknown_fields)]
pub struct ChangePassword {
    /// Needed unless an administrator changes another user's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(length(chars, max = 200)))]
    pub current_password: Option<String>,
    #[garde(length(chars, min = 10, max = 200))]
    pub new_password: String,
}

/// One place where a user is signed in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SessionInfo {
    pub id: SessionId,
    pub created_at: DateTime<Utc>,
    pub last_used_at: DateTime<Utc>,
    pub user_agent: String,
    pub current: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
#[serde(deny_unknown_fields)]
pub struct ApiKeyDraft {
    #[garde(length(chars, min = 1, max = 100))]
    pub name: String,
    /// The key acts with this role, at most its maker's own.
    pub role: Role,
    #[serde(default)]
    pub expires_at: Option<DateTime<Utc>>,
    /// What it may do of what its role may; everything where there is none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[garde(length(max = Permission::ALL.len()))]
    pub scopes: Vec<Permission>,
    /// IP addresses and networks, such as `192.0.2.0/24`, from which it may be used; from anywhere where there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[garde(length(max = 50))]
    #[schema(value_type = Vec<String>)]
    pub addresses: Vec<Network>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ApiKey {
    pub id: ApiKeyId,
    #[serde(flatten)]
    pub fields: ApiKeyDraft,
    pub prefix: String,
    pub created_at: DateTime<Utc>,
    pub last_used_at: Option<DateTime<Utc>>,
    /// Only in the answer to its creation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
}

/// What an access token says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Claims {
    pub iss: String,
    pub aud: String,
    /// The user's (or API key's) id.
    pub sub: uuid::Uuid,
    pub wid: WorkspaceId,
    pub sid: Option<SessionId>,
    pub role: Role,
    pub name: String,
    pub iat: i64,
    pub exp: i64,
    /// The permissions it is for, with spaces between (RFC 9068, section 2.2.3); everything its role may where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
}

//! Settings with versions.

use crate::ServiceName;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a running system can change without a restart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, garde::Validate)]
#[garde(allow_unvalidated)]
#[serde(deny_unknown_fields)]
pub struct LiveSettings {
    /// `tracing` filter, such as `info` or `info,looma_gateway=debug`.
    #[garde(length(chars, min = 1, max = 500))]
    pub log_level: String,
    /// Requests a second that one actor (or address, before sign-in) may make through the gateway.
    #[garde(range(min = 1, max = 1_000_000))]
    pub rate_limit_per_second: u32,
    /// How many requests may come at once above the rate.
    #[garde(range(min = 1, max = 1_000_000))]
    pub rate_limit_burst: u32,
    /// Services in maintenance: the gateway answers 503 for them, but to those who may operate the installation.
    #[garde(length(max = 18))]
    #[serde(default)]
    pub maintenance: Vec<ServiceName>,
}

impl LiveSettings {
    /// What may be in maintenance: what stands behind the gateway, without what it takes to end a maintenance.
    pub const MAY_REST: [ServiceName; 13] = [
        ServiceName::Resume,
        ServiceName::Company,
        ServiceName::Job,
        ServiceName::Project,
        ServiceName::Skill,
        ServiceName::Relationship,
        ServiceName::Ai,
        ServiceName::Search,
        ServiceName::Admin,
        ServiceName::Monitor,
        ServiceName::Backup,
        ServiceName::Log,
        ServiceName::Mobile,
    ];
}

/// One version of the settings; the newest is in force.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ConfigVersion {
    pub version: i64,
    pub settings: LiveSettings,
    pub created_at: DateTime<Utc>,
    pub created_by: String,
    #[serde(default)]
    pub note: Option<String>,
}

/// One difference between two versions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ConfigChange {
    pub key: String,
    #[schema(value_type = Object)]
    pub before: serde_json::Value,
    #[schema(value_type = Object)]
    pub after: serde_json::Value,
}

/// Body of `POST /api/v1/config/rollback`: the settings of that version become the newest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, garde::Validate)]
#[garde(allow_unvalidated)]
#[serde(deny_unknown_fields)]
pub struct ConfigRollback {
    #[garde(range(min = 0))]
    pub version: i64,
}

//! The eighteen services: their names, ports and what each needs to do its work.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

macro_rules! services {
    ($($variant:ident $name:literal $port:literal needs [$($need:ident),*];)+) => {
        /// One of the eighteen services.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
        pub enum ServiceName {
            $(#[serde(rename = $name)] $variant,)+
        }

        impl ServiceName {
            pub const ALL: [Self; 18] = [$(Self::$variant,)+];

            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// The port it listens on unless configured otherwise.
            pub const fn default_port(self) -> u16 {
                match self { $(Self::$variant => $port,)+ }
            }

            /// What must be ready before it starts.
            pub const fn needs(self) -> &'static [Self] {
                match self { $(Self::$variant => &[$(Self::$need),*],)+ }
            }
        }
    };
}

services! {
    Gateway "gateway" 9000 needs [];
    User "user" 9001 needs [];
    Resume "resume" 9002 needs [User, Relationship];
    Company "company" 9003 needs [User];
    Job "job" 9004 needs [User, Company, Search];
    Project "project" 9005 needs [User];
    Skill "skill" 9006 needs [User];
    Relationship "relationship" 9007 needs [User];
    Ai "ai" 9008 needs [User];
    Search "search" 9009 needs [User, Ai];
    Admin "admin" 9100 needs [User];
    Monitor "monitor" 9101 needs [User];
    Backup "backup" 9102 needs [User];
    Config "config" 9103 needs [User];
    Log "log" 9104 needs [User];
    Web "web" 9203 needs [Gateway, User];
    AdminWeb "admin-web" 9204 needs [Gateway, User];
    Mobile "mobile" 9205 needs [Gateway, User];
}

impl ServiceName {
    /// Whether the whole system is down without it; the others only degrade it.
    pub const fn is_critical(self) -> bool {
        matches!(self, Self::Gateway | Self::User)
    }

    /// Whether people's browsers, apps and programs come to it directly.
    pub const fn is_door(self) -> bool {
        matches!(self, Self::Gateway | Self::Web | Self::AdminWeb | Self::Mobile)
    }
}

impl std::fmt::Display for ServiceName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for ServiceName {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|service| service.as_str() == text).ok_or_else(|| {
            let known: Vec<_> = Self::ALL.iter().map(|service| service.as_str()).collect();
            format!("`{text}` is no service; known are {}", known.join(", "))
        })
    }
}

/// `GET /health`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Health {
    pub service: ServiceName,
    pub status: HealthStatus,
    pub version: String,
    /// Seconds since it began.
    pub uptime_seconds: u64,
    pub checks: Vec<HealthCheck>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HealthStatus {
    Up,
    Degraded,
    Down,
}

/// One thing a service depends on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct HealthCheck {
    pub name: String,
    pub status: HealthStatus,
    pub latency_ms: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

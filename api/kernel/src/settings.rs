//! One settings struct, read once: `config/<environment>.yaml`, then `LOOMA__…` from the environment.
//! A wrong value is refused at the start with its key, where it came from and what is allowed.

use crate::prefix::{is_prefix, leads};
use figment::Figment;
use figment::providers::{Env, Format, Serialized, Yaml};
use looma_store::StoreSettings;
use looma_types::Network;
use looma_types::ServiceName;
use looma_types::config::LiveSettings;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Where files are uploaded.
pub const UPLOAD: &str = "/api/v1/resumes/import";

/// Everything that can be set.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// `development` or `production`; chooses the file.
    pub environment: String,
    /// The address to listen on.
    pub host: IpAddr,
    /// The folder of everything that is kept.
    pub data: PathBuf,
    /// Ports, and addresses of services that run elsewhere.
    pub services: BTreeMap<String, ServiceSettings>,
    pub gateway: GatewaySettings,
    /// Encrypts the gateway, the two front ends and the mobile API; without it a proxy in front of them does.
    pub tls: Option<TlsSettings>,
    pub limits: Limits,
    pub auth: AuthSettings,
    pub log: LogSettings,
    pub stores: StoreSettings,
    pub backup: BackupSettings,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServiceSettings {
    pub port: Option<u16>,
    /// Where it runs when not in this process, such as `http://10.0.0.5:9003`.
    pub url: Option<String>,
    /// Where several copies of it run.
    pub urls: Vec<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GatewaySettings {
    /// The gateway's port; `services.gateway.port` says the same.
    pub port: Option<u16>,
    pub rate_limit_per_second: u32,
    pub rate_limit_burst: u32,
    /// Failures in a row after which the breaker of a service's copy opens, in every process that asks it.
    pub breaker_failures: u32,
    /// How long it stays open.
    pub breaker_open_seconds: u64,
    /// How often copies in other processes are asked whether they are ready.
    pub health_seconds: u64,
    /// Seconds from a request's head to its answer's, by path prefix (`prefix`); the longest counts, and where none fits
    /// `limits.request_seconds`.
    pub timeouts: BTreeMap<String, u64>,
    /// Networks whose `X-Forwarded-For` is believed at the doors, and that may speak to them without TLS.
    pub trusted_proxies: Vec<Network>,
    /// Web pages of other origins that may use the API from a browser, such as `https://careers.example`.
    pub cors_origins: Vec<String>,
}

/// Files in PEM form; changed ones are taken over while running.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsSettings {
    /// The certificate and those that prove it, in this order.
    pub certificate: PathBuf,
    pub key: PathBuf,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Bytes of a body, unless a route says otherwise.
    pub body_bytes: usize,
    /// Bytes of an uploaded file's request.
    pub upload_bytes: usize,
    pub header_seconds: u64,
    /// From a request's head to its answer's head, unless `gateway.timeouts` says otherwise.
    pub request_seconds: u64,
    /// How long a client may stand still within a body, its own or the answer's.
    pub stall_seconds: u64,
    /// Connections to a service at the same time; further ones wait.
    pub connections: usize,
    /// Connections from one address at the same time; further ones are closed.
    pub connections_per_address: usize,
    /// How long a stop waits for requests under way.
    pub drain_seconds: u64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AuthSettings {
    /// 300 to 900.
    pub access_token_seconds: u64,
    pub refresh_token_days: u32,
    /// Passwords hashed at the same time.
    pub hashing_threads: usize,
    /// How long a key signs access tokens before the next takes its place.
    pub signing_key_hours: u32,
    /// The gateway's address as apps and browsers know it, and the issuer of identity tokens.
    pub issuer: Option<String>,
    /// The web front end's address as browsers know it.
    pub web: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LogSettings {
    /// A `tracing` filter.
    pub level: String,
    /// `pretty` or `json`.
    pub format: LogFormat,
    /// Lines kept in memory.
    pub ring_lines: usize,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    #[default]
    Pretty,
    Json,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BackupSettings {
    /// The folder of backups; `backups` below the data folder when not said.
    pub folder: Option<PathBuf>,
    /// Hours between scheduled backups; 0 makes none.
    pub every_hours: u32,
    /// Older backups beyond this many are removed.
    pub keep: u32,
}

impl Default for GatewaySettings {
    fn default() -> Self {
        Self {
            port: None,
            rate_limit_per_second: 1000,
            rate_limit_burst: 2000,
            breaker_failures: 5,
            breaker_open_seconds: 5,
            health_seconds: 5,
            timeouts: BTreeMap::new(),
            trusted_proxies: Vec::new(),
            cors_origins: Vec::new(),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 2 << 20,
            upload_bytes: (20 << 20) + (64 << 10),
            header_seconds: 10,
            request_seconds: 30,
            stall_seconds: 20,
            connections: 10_000,
            connections_per_address: 1000,
            drain_seconds: 10,
        }
    }
}

impl Default for AuthSettings {
    fn default() -> Self {
        Self { access_token_seconds: 600, refresh_token_days: 30, hashing_threads: 2, signing_key_hours: 720, issuer: None, web: None }
    }
}

impl Default for LogSettings {
    fn default() -> Self {
        Self { level: "info".into(), format: LogFormat::Pretty, ring_lines: 10_000 }
    }
}

impl Default for BackupSettings {
    fn default() -> Self {
        Self { folder: None, every_hours: 24, keep: 7 }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            environment: "development".into(),
            host: IpAddr::from([127, 0, 0, 1]),
            data: PathBuf::from("data"),
            services: BTreeMap::new(),
            gateway: GatewaySettings::default(),
            tls: None,
            limits: Limits::default(),
            auth: AuthSettings::default(),
            log: LogSettings::default(),
            stores: StoreSettings::default(),
            backup: BackupSettings::default(),
        }
    }
}

/// Why the settings are refused, in words for an operator.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct SettingsError(String);

impl Settings {
    /// Reads the file (`file`, else `config/$LOOMA_ENV.yaml` where it exists) and the environment.
    pub fn load(file: Option<&Path>, data: Option<&Path>) -> Result<Self, SettingsError> {
        let environment = std::env::var("LOOMA_ENV").unwrap_or_else(|_| "development".into());
        let default_file = PathBuf::from(format!("config/{environment}.yaml"));
        let mut figment = Figment::from(Serialized::defaults(Self { environment, ..Self::default() }));
        figment = match file {
            Some(path) if !path.is_file() => return Err(SettingsError(format!("There is no settings file {}.", path.display()))),
            Some(path) => figment.merge(Yaml::file_exact(path)),
            None if default_file.is_file() => figment.merge(Yaml::file_exact(&default_file)),
            None => figment,
        };
        let mut settings: Self = figment.merge(Env::prefixed("LOOMA__").split("__")).extract().map_err(|errors| {
            let lines: Vec<_> = errors.into_iter().map(|error| explain(&error)).collect();
            SettingsError(lines.join("\n"))
        })?;
        if let Some(data) = data {
            settings.data = data.to_path_buf();
        }
        settings.stores.data.clone_from(&settings.data);
        settings.check()?;
        Ok(settings)
    }

    /// Settings for tests: nothing is kept, and ports are not used.
    pub fn in_memory() -> Self {
        let mut settings = Self::default();
        settings.stores.in_memory = true;
        settings
    }

    fn check(&self) -> Result<(), SettingsError> {
        let mut wrong = Vec::new();
        let mut must = |ok: bool, key: &str, allowed: &str| {
            if !ok {
                wrong.push(format!("{key}: {allowed}"));
            }
        };
        must((300..=900).contains(&self.auth.access_token_seconds), "auth.access_token_seconds", "allowed are 300 to 900");
        must((1..=365).contains(&self.auth.refresh_token_days), "auth.refresh_token_days", "allowed are 1 to 365");
        must((1..=64).contains(&self.auth.hashing_threads), "auth.hashing_threads", "allowed are 1 to 64");
        must((1..=8760).contains(&self.auth.signing_key_hours), "auth.signing_key_hours", "allowed are 1 to 8760");
        for (key, address) in [("auth.issuer", &self.auth.issuer), ("auth.web", &self.auth.web)] {
            let ok = address.as_deref().is_none_or(is_public_address);
            must(ok, key, "allowed is an http or https address without query, fragment and a slash at its end");
        }
        must(self.limits.body_bytes >= 1024, "limits.body_bytes", "allowed are 1024 and more");
        must(self.limits.upload_bytes >= self.limits.body_bytes, "limits.upload_bytes", "must be at least limits.body_bytes");
        must((1..=300).contains(&self.limits.request_seconds), "limits.request_seconds", "allowed are 1 to 300");
        must((1..=120).contains(&self.limits.header_seconds), "limits.header_seconds", "allowed are 1 to 120");
        must((1..=300).contains(&self.limits.stall_seconds), "limits.stall_seconds", "allowed are 1 to 300");
        must((16..=1_000_000).contains(&self.limits.connections), "limits.connections", "allowed are 16 to 1000000");
        must(self.limits.connections_per_address > 0, "limits.connections_per_address", "must be at least 1");
        must(self.gateway.rate_limit_per_second > 0, "gateway.rate_limit_per_second", "must be at least 1");
        must(self.gateway.rate_limit_burst > 0, "gateway.rate_limit_burst", "must be at least 1");
        let are_origins = self.gateway.cors_origins.iter().all(|origin| is_origin(origin));
        must(are_origins, "gateway.cors_origins", "allowed are origins as browsers write them, such as https://careers.example:8443");
        must((1..=60).contains(&self.gateway.health_seconds), "gateway.health_seconds", "allowed are 1 to 60");
        for (prefix, seconds) in &self.gateway.timeouts {
            let key = format!("gateway.timeouts.{prefix}");
            must(is_prefix(prefix), &key, "allowed are path prefixes such as /api/v1/ai or /api/v1/people/{id}/skills");
            must((1..=600).contains(seconds), &key, "allowed are 1 to 600");
        }
        must((100..=1_000_000).contains(&self.log.ring_lines), "log.ring_lines", "allowed are 100 to 1000000");
        for (key, allowed) in self.stores.check() {
            must(false, &key, &allowed);
        }
        for name in self.services.keys() {
            must(name.parse::<ServiceName>().is_ok(), &format!("services.{name}"), "is no service's name");
        }
        let mut ports: BTreeMap<u16, ServiceName> = BTreeMap::new();
        for service in ServiceName::ALL {
            let port = self.port(service);
            if let Some(other) = ports.insert(port, service) {
                must(false, &format!("services.{service}.port"), &format!("{port} is {other}'s already"));
            }
        }
        if wrong.is_empty() { Ok(()) } else { Err(SettingsError(wrong.join("\n"))) }
    }

    /// The port a service listens on.
    pub fn port(&self, service: ServiceName) -> u16 {
        let own = self.services.get(service.as_str()).and_then(|settings| settings.port);
        let own = if service == ServiceName::Gateway { own.or(self.gateway.port) } else { own };
        own.unwrap_or_else(|| service.default_port())
    }

    /// Where another process's service answers.
    pub fn url(&self, service: ServiceName) -> String {
        let own = self.services.get(service.as_str()).and_then(|settings| settings.url.clone());
        own.unwrap_or_else(|| format!("http://{}:{}", self.host, self.port(service)))
    }

    /// Where all copies of a service in other processes answer.
    pub fn urls(&self, service: ServiceName) -> Vec<String> {
        let many = self.services.get(service.as_str()).map(|settings| settings.urls.clone()).unwrap_or_default();
        if many.is_empty() { vec![self.url(service)] } else { many }
    }

    /// The gateway's public address (`auth.issuer`).
    pub fn issuer(&self) -> String {
        self.auth.issuer.clone().unwrap_or_else(|| self.own_address(ServiceName::Gateway))
    }

    /// The web front end's public address (`auth.web`).
    pub fn web(&self) -> String {
        self.auth.web.clone().unwrap_or_else(|| self.own_address(ServiceName::Web))
    }

    fn own_address(&self, service: ServiceName) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", SocketAddr::new(self.host, self.port(service)))
    }

    /// How long a request of this path may take, from its head to its answer's.
    pub fn time_for(&self, path: &str) -> Duration {
        // A file takes as long as the client's line: what is said of its neighbours does not fit it.
        let fits = |prefix: &str| leads(prefix, path) && (path != UPLOAD || prefix == UPLOAD);
        let timeouts = self.gateway.timeouts.iter().filter(|(prefix, _)| fits(prefix));
        let longest = timeouts.max_by_key(|(prefix, _)| prefix.matches('/').count());
        Duration::from_secs(longest.map_or(self.limits.request_seconds, |(_, seconds)| *seconds))
    }

    /// The longest that any request may take.
    pub fn longest_time(&self) -> Duration {
        let seconds = self.gateway.timeouts.values().fold(self.limits.request_seconds, |longest, seconds| longest.max(*seconds));
        Duration::from_secs(seconds)
    }

    /// Where backups go.
    pub fn backup_folder(&self) -> PathBuf {
        self.backup.folder.clone().unwrap_or_else(|| self.data.join("backups"))
    }

    /// The part that can change while running, as it is at the start.
    pub fn live(&self) -> LiveSettings {
        LiveSettings {
            log_level: self.log.level.clone(),
            rate_limit_per_second: self.gateway.rate_limit_per_second,
            rate_limit_burst: self.gateway.rate_limit_burst,
            maintenance: Vec::new(),
        }
    }
}

/// Whether an address lies in one of the networks.
pub fn is_among(networks: &[Network], address: IpAddr) -> bool {
    networks.iter().any(|network| network.contains(address))
}

/// Something that paths are put behind.
fn is_public_address(address: &str) -> bool {
    let plain = |c: char| c.is_ascii_graphic() && !"?#\"'<>\\^`{|}@".contains(c);
    let rest = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/') && !rest.ends_with('/') && rest.chars().all(plain))
}

/// Scheme, host and port alone, as a browser sends them.
fn is_origin(text: &str) -> bool {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    is_public_address(text) && host.is_some_and(|host| !host.contains('/')) && text.to_lowercase() == text
}

fn explain(error: &figment::Error) -> String {
    let key = error.path.join(".");
    let source = error.metadata.as_ref().map_or_else(String::new, |metadata| match &metadata.source {
        Some(source) => format!(" (from {source})"),
        None => format!(" (from {})", metadata.name),
    });
    format!("{}: {}{source}", if key.is_empty() { "settings" } else { &key }, error.kind)
}

#[cfg(test)]
mod tests;

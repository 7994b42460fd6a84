//! Which adapter each role uses, and where it is.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::PathBuf;
use url::Url;

/// A role without an engine is embedded: it lives below `data`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StoreSettings {
    /// The folder of the embedded stores.
    #[serde(skip)]
    pub data: PathBuf,
    /// Keep nothing: all in memory, for tests.
    #[serde(skip)]
    pub in_memory: bool,
    /// What of the embedded stores is this process's, where several run on one folder; all where it is alone.
    #[serde(skip)]
    pub share: Option<Share>,
    /// How many connections of the embedded database may read at once.
    pub sql_readers: u32,
    /// How many values the embedded cache keeps.
    pub cache_entries: u64,
    /// Rows: `postgres://user:password@host:port/database`; `namespace` is the schema.
    pub postgres: Option<Engine>,
    /// Documents: `mongodb://user:password@host:port/?authSource=admin`; `namespace` is the database.
    pub mongodb: Option<Engine>,
    /// Uploaded files: `http://key:secret@host:port/bucket`; `namespace` is what keys begin with.
    pub s3: Option<Engine>,
    /// Cache and coordination: `redis://user:password@host:port/0`; `namespace` is what keys begin with.
    pub redis: Option<Engine>,
    /// The graph: `bolt://user:password@host:port`; `namespace` marks its nodes.
    pub neo4j: Option<Engine>,
    /// The text index: `http://user:password@host:port`; `namespace` is what names of indexes begin with.
    pub elasticsearch: Option<Engine>,
    /// The vectors: `http://any:key@host:port`, the API key in place of a password; `namespace` is what collections begin with.
    pub weaviate: Option<Engine>,
}

/// The embedded projections that one of several processes holds: each of them is in one process alone. Rows, documents, files and
/// what the cache holds are shared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    pub graph: bool,
    /// The text index and the vectors.
    pub search: bool,
}

impl Default for StoreSettings {
    fn default() -> Self {
        Self {
            data: PathBuf::from("data"),
            in_memory: false,
            share: None,
            sql_readers: 4,
            cache_entries: 10_000,
            postgres: None,
            mongodb: None,
            s3: None,
            redis: None,
            neo4j: None,
            elasticsearch: None,
            weaviate: None,
        }
    }
}

impl StoreSettings {
    /// The engines that are set, each with its key below `stores`.
    pub fn engines(&self) -> impl Iterator<Item = (&'static str, &Engine)> {
        [
            ("postgres", &self.postgres),
            ("mongodb", &self.mongodb),
            ("s3", &self.s3),
            ("redis", &self.redis),
            ("neo4j", &self.neo4j),
            ("elasticsearch", &self.elasticsearch),
            ("weaviate", &self.weaviate),
        ]
        .into_iter()
        .filter_map(|(key, engine)| engine.as_ref().map(|engine| (key, engine)))
    }

    /// What is wrong, by key: `stores.redis.url` and what is allowed.
    pub fn check(&self) -> Vec<(String, String)> {
        let mut wrong = Vec::new();
        for (key, engine) in self.engines() {
            let mut must = |ok: bool, part: &str, allowed: &str| {
                if !ok {
                    wrong.push((format!("stores.{key}.{part}"), allowed.to_owned()));
                }
            };
            let schemes: &[&str] = match key {
                "postgres" => &["postgres", "postgresql"],
                "mongodb" => &["mongodb", "mongodb+srv"],
                "redis" => &["redis", "rediss"],
                "neo4j" => &["bolt", "bolt+s", "bolt+ssc", "neo4j", "neo4j+s", "neo4j+ssc"],
                _ => &["http", "https"],
            };
            let scheme = engine.url.0.split_once("://").map_or("", |(scheme, _)| scheme);
            must(schemes.contains(&scheme), "url", &format!("must begin with one of {}", schemes.join("://, ") + "://"));
            must((1..=1_000).contains(&engine.connections), "connections", "allowed are 1 to 1000");
            must((1..=60).contains(&engine.connect_seconds), "connect_seconds", "allowed are 1 to 60");
            must((1..=300).contains(&engine.request_seconds), "request_seconds", "allowed are 1 to 300");
            let plain = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'_';
            must(
                (1..=48).contains(&engine.namespace.len())
                    && engine.namespace.bytes().all(plain)
                    && engine.namespace.as_bytes()[0].is_ascii_lowercase(),
                "namespace",
                "allowed are lower-case letters, digits and _, a letter first, at most 48",
            );
        }
        wrong
    }
}

/// A server that keeps a role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Engine {
    pub url: Address,
    /// A file that holds the password, in place of one in the address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_file: Option<PathBuf>,
    /// A file with the certificate of the authority that signed the server's, where the system does not know it (PEM).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
    /// How many connections this process opens at most; further requests wait for one.
    #[serde(default = "connections")]
    pub connections: u32,
    /// How long connecting may take, and waiting for a free connection.
    #[serde(default = "connect_seconds")]
    pub connect_seconds: u64,
    /// How long one request may take.
    #[serde(default = "request_seconds")]
    pub request_seconds: u64,
    /// Keeps several installations on one server apart.
    #[serde(default = "namespace")]
    pub namespace: String,
}

const fn connections() -> u32 {
    16
}

const fn connect_seconds() -> u64 {
    5
}

const fn request_seconds() -> u64 {
    30
}

fn namespace() -> String {
    "looma_independent".into()
}

impl Engine {
    /// The usual limits, at an address.
    pub fn at(url: impl Into<String>) -> Self {
        Self {
            url: Address(url.into()),
            password_file: None,
            ca_file: None,
            connections: connections(),
            connect_seconds: connect_seconds(),
            request_seconds: request_seconds(),
            namespace: namespace(),
        }
    }

    /// The whole address, with the password from its file where there is one.
    /// # Errors
    /// Says what is wrong with the address or the file.
    pub fn login(&self) -> Result<Url, String> {
        let mut url = Url::parse(&self.url.0).map_err(|error| format!("the address {} cannot be read: {error}", self.url))?;
        if let Some(file) = &self.password_file {
            let password = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
            url.set_password(Some(password.trim_end())).map_err(|()| format!("the address {} cannot have a password", self.url))?;
        }
        Ok(url)
    }
}

/// User and password of an address, as they were before they were written into it.
pub fn user_and_password(url: &Url) -> (String, Option<String>) {
    let decoded = |text: &str| {
        url::form_urlencoded::parse(format!("x={}", text.replace('+', "%2B").replace('&', "%26")).as_bytes())
            .next()
            .map(|(_, text)| text.into_owned())
            .unwrap_or_default()
    };
    (decoded(url.username()), url.password().map(decoded))
}

/// An address that may hold a password, which is never shown.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Address(pub String);

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((scheme, rest)) = self.0.split_once("://") else { return f.write_str("(no address)") };
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        // A password may hold an `@` too: the last one ends it.
        let host = rest[..end].rsplit_once('@').map_or(&rest[..end], |(_, host)| host);
        let path = rest[end..].split(['?', '#']).next().unwrap_or_default();
        write!(f, "{scheme}://{host}{path}")
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_shows_no_password() {
        let shown = |text: &str| format!("{:?}", Address(text.into()));
        assert_eq!(shown("postgres://looma:p@ss@db:5434/looma_independent?sslmode=require"), "postgres://db:5434/looma_independent");
        assert_eq!(shown("postgres://db"), "postgres://db");
        assert_eq!(shown("secret"), "(no address)");
    }

    #[test]
    fn a_password_comes_from_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("password");
        std::fs::write(&file, "p@ss/w:rd\n").unwrap();
        let engine = Engine { password_file: Some(file.clone()), ..Engine::at("redis://looma@db:6382/0") };
        let login = engine.login().unwrap();
        assert_eq!(login.as_str(), "redis://looma:p%40ss%2Fw%3Ard@db:6382/0");
        assert_eq!(user_and_password(&login), ("looma".into(), Some("p@ss/w:rd".into())));
        let missing = Engine { password_file: Some(folder.path().join("none")), ..engine };
        assert!(missing.login().unwrap_err().contains("none"));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let mut settings = StoreSettings { redis: Some(Engine::at("http://db")), ..StoreSettings::default() };
        settings.postgres = Some(Engine { namespace: "Ä; DROP".into(), connections: 0, ..Engine::at("postgres://db/looma") });
        let keys: Vec<String> = settings.check().into_iter().map(|(key, _)| key).collect();
        assert_eq!(keys, ["stores.postgres.connections", "stores.postgres.namespace", "stores.redis.url"]);
    }
}

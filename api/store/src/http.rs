//! Engines that are asked over HTTP in JSON.

use crate::engine::Door;
use crate::settings::{Engine, user_and_password};
use crate::{Error, Result};
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde::Serialize;
use serde_json::Value;
use std::time::Duration;
use url::Url;

/// How the engine wants to know us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Login {
    /// User and password.
    Basic,
    /// The password alone, as a bearer token.
    Key,
}

/// A JSON answer, whichever way it went.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub body: Value,
}

impl Answer {
    pub fn is_success(&self) -> bool {
        self.status.is_success()
    }
}

/// The way to one engine.
#[derive(Debug)]
pub struct Http {
    pub door: Door,
    client: Client,
    base: Url,
    user: String,
    password: Option<String>,
    login: Login,
}

impl Http {
    /// Reads the address; connects only when asked.
    pub fn new(store: &'static str, product: &'static str, key: &'static str, engine: &Engine, login: Login) -> Result<Self> {
        let door = Door::new(store, product, key, engine);
        let mut base = engine.login().map_err(|error| door.away(error))?;
        let mut client = Client::builder()
            .connect_timeout(door.connect_limit())
            .timeout(door.request_limit())
            .pool_max_idle_per_host(engine.connections as usize)
            .pool_idle_timeout(Duration::from_mins(1))
            .tcp_nodelay(true)
            .no_proxy();
        if let Some(file) = &engine.ca_file {
            let certificate = std::fs::read(file).map_err(|error| door.away(format!("{}: {error}", file.display())))?;
            let certificates = reqwest::Certificate::from_pem_bundle(&certificate).map_err(|error| door.away(error))?;
            client = client.tls_certs_merge(certificates);
        }
        let client = client.build().map_err(|error| door.away(error))?;
        let (user, password) = user_and_password(&base);
        // Never part of what is sent or shown.
        let _ = (base.set_username(""), base.set_password(None));
        Ok(Self { door, client, base, user, password, login })
    }

    /// A request with a JSON body; any answer of the engine is an answer. `path` begins without a slash.
    pub async fn send(
        &self,
        operation: &'static str,
        method: Method,
        path: &str,
        body: Option<&(impl Serialize + Sync)>,
    ) -> Result<Answer> {
        self.door.ask(operation, self.once(method, path, with(body))).await
    }

    /// The same for what does no harm when it is done twice.
    pub async fn send_again(
        &self,
        operation: &'static str,
        method: Method,
        path: &str,
        body: Option<&(impl Serialize + Sync)>,
    ) -> Result<Answer> {
        self.door.ask_again(operation, || self.once(method.clone(), path, with(body))).await
    }

    /// Lines of JSON, each ended by a line feed; must do no harm when sent twice.
    pub async fn send_lines(&self, operation: &'static str, path: &str, lines: &str) -> Result<Answer> {
        let typed = |request: RequestBuilder| request.header("content-type", "application/x-ndjson").body(lines.to_owned());
        self.door.ask_again(operation, || self.once(Method::POST, path, typed)).await
    }

    async fn once(&self, method: Method, path: &str, fill: impl FnOnce(RequestBuilder) -> RequestBuilder) -> Result<Answer> {
        let url = self.base.join(path).map_err(|error| self.door.other(error))?;
        let mut request = self.client.request(method, url);
        if let Some(password) = &self.password {
            request = match self.login {
                Login::Basic => request.basic_auth(&self.user, Some(password)),
                Login::Key => request.bearer_auth(password),
            };
        }
        let response = fill(request).send().await.map_err(|error| self.door.away(cause(&error)))?;
        let status = response.status();
        let bytes = response.bytes().await.map_err(|error| self.door.away(cause(&error)))?;
        let body = match serde_json::from_slice(&bytes) {
            Ok(body) => body,
            Err(_) if bytes.is_empty() => Value::Null,
            Err(_) => Value::String(String::from_utf8_lossy(&bytes[..bytes.len().min(500)]).into_owned()),
        };
        match status {
            // Of a full disk, say: nobody's login is wrong.
            StatusCode::FORBIDDEN if body.to_string().contains("block_exception") => {
                Err(self.door.away(format!("it takes no writes at the moment: {}", short(&body))))
            }
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Err(self.door.refused(format!("it answered {status}"))),
            StatusCode::TOO_MANY_REQUESTS | StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT => {
                Err(self.door.away(format!("it answered {status}: {}", short(&body))))
            }
            _ => Ok(Answer { status, body }),
        }
    }

    /// An answer that should have been another.
    pub fn unexpected(&self, answer: &Answer) -> Error {
        self.door.other(format!("it answered {}: {}", answer.status, short(&answer.body)))
    }
}

/// Puts a body into a request, where there is one.
fn with(body: Option<&(impl Serialize + Sync)>) -> impl Fn(RequestBuilder) -> RequestBuilder {
    move |request| match body {
        Some(body) => request.json(body),
        None => request,
    }
}

fn short(body: &Value) -> String {
    body.to_string().chars().take(300).collect()
}

/// The innermost reason, which is the one that tells: `error sending request` does not.
fn cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

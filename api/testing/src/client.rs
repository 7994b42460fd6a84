//! Requests through the gateway in one person's name.

use crate::seen::Seen;
use axum::http::{HeaderName, Method};
use looma_kernel::Client;
use looma_types::ServiceName;
use looma_types::user::{Session, User};
use serde::Serialize;
use std::str::FromStr;

/// How often a projection is waited for: engines are slow while tests load them.
const WAITS: usize = 6;

/// Somebody who asks.
#[derive(Clone)]
pub struct TestClient {
    client: Client,
    token: Option<String>,
    session: Option<Session>,
    service: ServiceName,
}

impl TestClient {
    pub(crate) fn new(client: Client, session: Option<Session>) -> Self {
        let token = session.as_ref().map(|session| session.access_token.clone());
        Self { client, token, session, service: ServiceName::Gateway }
    }

    pub(crate) fn with_token(client: Client, token: &str) -> Self {
        Self { client, token: Some(token.into()), session: None, service: ServiceName::Gateway }
    }

    /// The same person asking a service's own port instead of the gateway's.
    #[must_use]
    pub fn at(&self, service: ServiceName) -> Self {
        Self { service, ..self.clone() }
    }

    /// Who this is.
    /// # Panics
    /// For somebody who never signed in.
    pub fn me(&self) -> &User {
        &self.session().user
    }

    /// The tokens.
    /// # Panics
    /// For somebody who never signed in.
    pub fn session(&self) -> &Session {
        self.session.as_ref().expect("somebody who signed in")
    }

    pub async fn login(&self, email: &str, password: &str) -> Seen {
        self.post("/api/v1/users/login", &serde_json::json!({ "email": email, "password": password })).await
    }

    /// What waits for a projection that is not as far yet is asked again, as clients are told to.
    pub async fn get(&self, path: &str) -> Seen {
        let mut seen = self.send(Method::GET, path, &[], None).await;
        for _ in 1..WAITS {
            if seen.status() != 503 || !path.contains("wait_for=") {
                break;
            }
            seen = self.send(Method::GET, path, &[], None).await;
        }
        seen
    }

    pub async fn delete(&self, path: &str) -> Seen {
        self.send(Method::DELETE, path, &[], None).await
    }

    pub async fn post<B: Serialize>(&self, path: &str, body: &B) -> Seen {
        self.json(Method::POST, path, &[], body).await
    }

    pub async fn put<B: Serialize>(&self, path: &str, body: &B) -> Seen {
        self.json(Method::PUT, path, &[], body).await
    }

    pub async fn patch<B: Serialize>(&self, path: &str, body: &B) -> Seen {
        self.json(Method::PATCH, path, &[], body).await
    }

    /// With headers, such as `If-Match`.
    pub async fn json<B: Serialize>(&self, method: Method, path: &str, headers: &[(&str, &str)], body: &B) -> Seen {
        let body = serde_json::to_vec(body).expect("a body that can be written");
        self.send(method, path, headers, Some(("application/json", body))).await
    }

    /// A file as a browser sends it.
    pub async fn upload(&self, path: &str, file_name: &str, bytes: &[u8]) -> Seen {
        let edge = uuid::Uuid::new_v4().simple().to_string();
        let mut body = format!(
            "--{edge}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{file_name}\"\r\nContent-Type: application/octet-stream\r\n\r\n"
        )
        .into_bytes();
        body.extend_from_slice(bytes);
        body.extend_from_slice(format!("\r\n--{edge}--\r\n").as_bytes());
        self.send(Method::POST, path, &[], Some((&format!("multipart/form-data; boundary={edge}"), body))).await
    }

    /// Anything.
    pub async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Option<(&str, Vec<u8>)>) -> Seen {
        let mut call = self.client.call(self.service, method.clone(), path);
        if let Some(token) = &self.token {
            call = call.token(token);
        }
        for (name, value) in headers {
            call = call.header(HeaderName::from_str(name).expect("a header's name"), value);
        }
        if let Some((kind, bytes)) = body {
            call = call.body(kind, bytes);
        }
        let answer = call.send_any().await.expect("an answer");
        Seen { asked: format!("{method} {path}"), answer }
    }
}

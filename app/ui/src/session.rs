//! The server's half: who asks, and calls to the services in their name, all through the gateway.

use crate::failure::{Answer, Failure};
use crate::viewer::Viewer;
use axum::http::{HeaderValue, Method, StatusCode, header};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;
use looma_kernel::Client;
use looma_types::user::{Login, Refresh, Session, User};
use looma_types::{Permission, ServiceName};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// What a session cookie holds: a short-lived access token and the refresh token that gets the next one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tokens {
    pub access: String,
    pub refresh: String,
}

/// Stands between the two tokens; it occurs in neither.
const BETWEEN: char = '~';
/// How long a browser keeps the cookie, in seconds: the life of a refresh token.
const COOKIE_AGE: u32 = 30 * 24 * 3600;

impl Tokens {
    /// From a cookie's value.
    pub fn of_cookie(value: &str) -> Option<Self> {
        let (access, refresh) = value.split_once(BETWEEN)?;
        let plain = |token: &str| !token.is_empty() && token.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.=".contains(&b));
        (value.len() <= 4096 && plain(access) && plain(refresh)).then(|| Self { access: access.into(), refresh: refresh.into() })
    }

    /// The `Set-Cookie` header that keeps them.
    pub fn set_cookie(&self, name: &str, secure: bool) -> Option<HeaderValue> {
        let secure = if secure { "; Secure" } else { "" };
        let text = format!("{name}={}{BETWEEN}{}; Path=/; HttpOnly; SameSite=Lax; Max-Age={COOKIE_AGE}{secure}", self.access, self.refresh);
        HeaderValue::from_str(&text).ok()
    }
}

impl From<&Session> for Tokens {
    fn from(session: &Session) -> Self {
        Self { access: session.access_token.clone(), refresh: session.refresh_token.clone() }
    }
}

/// The `Set-Cookie` header that ends a session in the browser.
pub fn end_cookie(name: &str) -> Option<HeaderValue> {
    HeaderValue::from_str(&format!("{name}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0")).ok()
}

/// The services as this request may use them. Provided by the host for every page and server function.
#[derive(Clone)]
pub struct Services {
    pub client: Client,
    pub tokens: Option<Arc<Tokens>>,
    /// The name of this front end's session cookie.
    pub cookie: &'static str,
    /// Whether cookies may only travel encrypted.
    pub secure: bool,
    /// Whether the answer is a server function's own: then its status tells of the failure.
    pub is_function: bool,
}

/// The services, for a server function.
/// # Errors
/// 500 outside a request.
pub fn services() -> Answer<Services> {
    use_context().ok_or_else(|| Failure::new(500, "internal", "Something went wrong", "There is no request to answer."))
}

impl Services {
    /// GET, read as `T`. `path` has its query.
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Answer<T> {
        self.read(Method::GET, path, None::<&()>, None).await
    }

    /// POST with a JSON body.
    pub async fn post<B: Serialize, T: DeserializeOwned>(&self, path: &str, body: &B) -> Answer<T> {
        self.read(Method::POST, path, Some(body), None).await
    }

    /// POST whose answer's body does not matter.
    pub async fn act<B: Serialize>(&self, path: &str, body: &B) -> Answer<()> {
        self.send(Method::POST, path, Some(body), None).await.map(drop)
    }

    /// PUT over the version that was read (`If-Match`).
    pub async fn put<B: Serialize, T: DeserializeOwned>(&self, path: &str, version: Option<i64>, body: &B) -> Answer<T> {
        self.read(Method::PUT, path, Some(body), version).await
    }

    /// Merge PATCH over the version that was read (`If-Match`).
    pub async fn patch<B: Serialize, T: DeserializeOwned>(&self, path: &str, version: Option<i64>, body: &B) -> Answer<T> {
        self.read(Method::PATCH, path, Some(body), version).await
    }

    /// DELETE of the version that was read.
    pub async fn delete(&self, path: &str, version: Option<i64>) -> Answer<()> {
        self.send(Method::DELETE, path, None::<&()>, version).await.map(drop)
    }

    async fn read<B: Serialize, T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&B>,
        version: Option<i64>,
    ) -> Answer<T> {
        let answer = self.send(method, path, body, version).await?;
        answer.json().map_err(|failure| self.refuse(failure))
    }

    async fn send<B: Serialize>(
        &self,
        method: Method,
        path: &str,
        body: Option<&B>,
        version: Option<i64>,
    ) -> Answer<looma_kernel::client::Answer> {
        let mut call = self.client.call(ServiceName::Gateway, method, path);
        if let Some(tokens) = &self.tokens {
            call = call.token(&tokens.access);
        }
        if let Some(version) = version {
            call = call.header(header::IF_MATCH, &format!("\"{version}\""));
        }
        if let Some(body) = body {
            call = call.json(body).map_err(|failure| self.refuse(failure))?;
        }
        call.send().await.map_err(|failure| self.refuse(failure))
    }

    fn refuse(&self, failure: looma_kernel::Failure) -> Failure {
        self.refused(Failure(failure.problem))
    }

    /// A failure for the page. A server function's answer carries its status; a page that shows a failure in one of
    /// its parts does not fail as a whole.
    #[must_use]
    pub fn refused(&self, failure: Failure) -> Failure {
        if let (true, Some(response), Ok(status)) =
            (self.is_function, use_context::<ResponseOptions>(), StatusCode::from_u16(failure.0.status))
        {
            response.set_status(status);
        }
        failure
    }

    /// Signs in and keeps the tokens in the cookie.
    /// # Errors
    /// 401 when e-mail or password is wrong, or when a second factor is needed; 403 when the user lacks what this front end `needs`.
    pub async fn sign_in(&self, email: String, password: String, code: Option<String>, needs: Permission) -> Answer<()> {
        let login = Login { email: email.trim().to_owned(), password, totp: code };
        let session: Session = self.post("/api/v1/users/login", &login).await?;
        let tokens = Tokens::from(&session);
        if !session.user.fields.role.allows(needs) {
            let opened = Self { tokens: Some(Arc::new(tokens)), ..self.clone() };
            opened.sign_out().await?;
            let detail = "Your role has no access here. The other front end has its own address.";
            return Err(self.refuse(looma_kernel::Failure::forbidden(detail)));
        }
        keep(tokens.set_cookie(self.cookie, self.secure));
        Ok(())
    }

    /// Ends the session here and at the user service; the browser forgets it even when the service is away.
    pub async fn sign_out(&self) -> Answer<()> {
        keep(end_cookie(self.cookie));
        if let Some(tokens) = &self.tokens {
            let body = Refresh { refresh_token: tokens.refresh.clone() };
            let call = self.client.call(ServiceName::Gateway, Method::POST, "/api/v1/users/logout").token(&tokens.access);
            if let Ok(call) = call.json(&body) {
                let _ = call.send_any().await;
            }
        }
        Ok(())
    }

    /// Who is signed in; none when nobody is.
    pub async fn viewer(&self) -> Answer<Option<Viewer>> {
        if self.tokens.is_none() {
            return Ok(None);
        }
        let asked = Self { is_function: false, ..self.clone() };
        match asked.get::<User>("/api/v1/users/me").await {
            Ok(user) => Ok(Some(Viewer { id: user.id, name: user.fields.name, email: user.fields.email, role: user.fields.role })),
            Err(failure) if failure.is_signed_out() => Ok(None),
            Err(failure) => Err(failure),
        }
    }
}

/// Gives the browser a cookie with this answer.
fn keep(cookie: Option<HeaderValue>) {
    if let (Some(cookie), Some(response)) = (cookie, use_context::<ResponseOptions>()) {
        response.append_header(header::SET_COOKIE, cookie);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_survive_the_cookie_and_nothing_else_does() {
        let tokens = Tokens { access: "aa.bb.cc".into(), refresh: "r_1-2".into() };
        let cookie = tokens.set_cookie("s", false).unwrap();
        let value = cookie.to_str().unwrap().strip_prefix("s=").unwrap().split(';').next().unwrap();
        assert_eq!(Tokens::of_cookie(value), Some(tokens));
        for odd in ["", "~", "a~", "~b", "a", "a b~c", "a~b\"c"] {
            assert_eq!(Tokens::of_cookie(odd), None, "{odd}");
        }
    }
}

//! What apps send: parameters in a query or a form, and who they are.

use super::refusal::{Refusal, Result};
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use looma_kernel::types::ClientId;
use std::collections::{BTreeMap, BTreeSet};
use url::form_urlencoded;

/// A longer form is none of ours.
const LONGEST: usize = 16 << 10;

/// Named values. One that is empty is as if it were not there (RFC 6749, section 3.1).
#[derive(Debug, Default)]
pub(crate) struct Parameters {
    values: BTreeMap<String, String>,
    /// Said more than once, which is allowed for none.
    repeated: BTreeSet<String>,
}

impl Parameters {
    pub fn parse(text: &[u8]) -> Self {
        let mut parameters = Self::default();
        for (name, value) in form_urlencoded::parse(text).filter(|(_, value)| !value.is_empty()) {
            if parameters.values.insert(name.to_string(), value.into_owned()).is_some() {
                parameters.repeated.insert(name.into_owned());
            }
        }
        parameters
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    pub fn is_repeated(&self, name: &str) -> bool {
        self.repeated.contains(name)
    }

    /// The first that is there more than once.
    pub fn repeated(&self) -> Option<&str> {
        self.repeated.first().map(String::as_str)
    }

    pub fn required(&self, name: &str) -> Result<&str> {
        self.get(name).ok_or_else(|| Refusal::request(format!("{name} is missing.")))
    }
}

/// A form.
impl<S: Send + Sync> FromRequest<S> for Parameters {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if kind.split(';').next().unwrap_or_default().trim() != "application/x-www-form-urlencoded" {
            return Err(Refusal::request("Send the body as application/x-www-form-urlencoded."));
        }
        let too_long = || Refusal::request(format!("The form is longer than {LONGEST} bytes."));
        let body = Bytes::from_request(request, state).await.map_err(|_| too_long())?;
        if body.len() > LONGEST {
            return Err(too_long());
        }
        let parameters = Self::parse(&body);
        match parameters.repeated() {
            Some(_) => Err(Refusal::request("A parameter is there more than once.")),
            None => Ok(parameters),
        }
    }
}

/// Who an app says it is, and how it proves it.
#[derive(PartialEq, Eq)]
pub(crate) struct Credentials {
    pub id: ClientId,
    pub secret: Option<String>,
}

impl Credentials {
    /// From the `Authorization` header or the form, never both.
    pub fn read(headers: &HeaderMap, form: &Parameters) -> Result<Self> {
        let Some(value) = headers.get(header::AUTHORIZATION) else {
            let id = form.required("client_id")?.parse().map_err(|_| Refusal::client())?;
            return Ok(Self { id, secret: form.get("client_secret").map(str::to_owned) });
        };
        let (id, secret) = value.to_str().ok().and_then(basic).ok_or_else(Refusal::client)?;
        if form.get("client_secret").is_some() {
            return Err(Refusal::request("Send the secret in the Authorization header or in the form, not in both."));
        }
        if form.get("client_id").is_some_and(|other| other != id) {
            return Err(Refusal::request("The Authorization header and client_id name two apps."));
        }
        Ok(Self { id: id.parse().map_err(|_| Refusal::client())?, secret: Some(secret) })
    }
}

/// Ids and secrets have no character that the encoding of RFC 6749, section 2.3.1 would change.
fn basic(value: &str) -> Option<(String, String)> {
    let (scheme, rest) = value.split_once(' ')?;
    let decoded = String::from_utf8(BASE64_STANDARD.decode(rest.trim()).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    scheme.eq_ignore_ascii_case("basic").then(|| (id.to_owned(), secret.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_twice_is_known_and_what_is_empty_is_not_there() {
        let parameters = Parameters::parse(b"a=1&b=%20x&c=&a=2");
        assert_eq!((parameters.get("b"), parameters.get("c"), parameters.repeated()), (Some(" x"), None, Some("a")));
        assert!(parameters.is_repeated("a") && !parameters.is_repeated("b"));
    }

    #[test]
    fn an_app_proves_itself_in_one_place() {
        let id = ClientId::new();
        let read = |value: Option<String>, form: String| {
            let mut headers = HeaderMap::new();
            if let Some(value) = value {
                headers.insert(header::AUTHORIZATION, value.parse().unwrap());
            }
            Credentials::read(&headers, &Parameters::parse(form.as_bytes())).ok()
        };
        let basic = Some(format!("Basic {}", BASE64_STANDARD.encode(format!("{id}:s"))));
        let known = |secret: Option<&str>| Some(Credentials { id, secret: secret.map(str::to_owned) });
        assert!(read(basic.clone(), String::new()) == known(Some("s")));
        assert!(read(basic.clone(), format!("client_id={id}")) == known(Some("s")));
        assert!(read(None, format!("client_id={id}&client_secret=t")) == known(Some("t")));
        assert!(read(None, format!("client_id={id}")) == known(None));
        assert!(read(basic.clone(), "client_secret=t".into()).is_none());
        assert!(read(basic, format!("client_id={}", ClientId::new())).is_none());
        assert!(read(Some("Bearer x".into()), format!("client_id={id}")).is_none());
        assert!(read(None, "client_id=me".into()).is_none());
    }
}

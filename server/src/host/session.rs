//! From the session cookie to tokens that are good now.

use super::Host;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use looma_app_ui::preferences::cookie;
use looma_app_ui::session::{Services, Tokens, end_cookie};
use looma_kernel::listener::Secure;
use looma_kernel::{Client, Failure};
use looma_types::ServiceName;
use looma_types::user::{Refresh, Session};
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::OnceCell;

/// An access token is renewed this many seconds before it ends.
const EARLY: i64 = 20;
/// How long the answer to a refresh token is remembered for the requests that still carry it.
const REMEMBERED: Duration = Duration::from_mins(1);
/// More sessions than this are not renewed in one minute; then the oldest answers are forgotten.
const MOST: usize = 10_000;

/// Gets new tokens, once for all requests that carry the same old ones: a refresh token works only once.
#[derive(Default)]
pub(super) struct Refresher {
    recent: Mutex<HashMap<String, Entry>>,
}

type Renewed = Arc<OnceCell<Option<Tokens>>>;

struct Entry {
    begun: Instant,
    renewed: Renewed,
}

impl Refresher {
    fn entry(&self, refresh: &str) -> Renewed {
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        recent.retain(|_, entry| entry.begun.elapsed() < REMEMBERED);
        if recent.len() >= MOST {
            recent.clear();
        }
        recent.entry(refresh.to_owned()).or_insert_with(|| Entry { begun: Instant::now(), renewed: Renewed::default() }).renewed.clone()
    }

    /// New tokens; none when the session has ended.
    /// # Errors
    /// When the user service cannot say.
    async fn renew(&self, client: &Client, old: &Tokens) -> Result<Option<Tokens>, Failure> {
        let cell = self.entry(&old.refresh);
        let renewed = cell.get_or_try_init(|| async {
            let body = Refresh { refresh_token: old.refresh.clone() };
            let answer = client.call(ServiceName::Gateway, Method::POST, "/api/v1/users/refresh").json(&body)?.send_any().await?;
            if answer.status.is_success() {
                return Ok(Some(Tokens::from(&answer.json::<Session>()?)));
            }
            let refused = matches!(answer.status, StatusCode::UNAUTHORIZED | StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY);
            if refused { Ok(None) } else { Err(answer.into_failure()) }
        });
        renewed.await.cloned()
    }
}

/// When an access token ends, in seconds since 1970. Only the services decide whether it is genuine.
fn ends(access: &str) -> Option<i64> {
    #[derive(Deserialize)]
    struct Claims {
        exp: i64,
    }
    let payload = URL_SAFE_NO_PAD.decode(access.split('.').nth(1)?).ok()?;
    serde_json::from_slice::<Claims>(&payload).ok().map(|claims| claims.exp)
}

fn tokens(headers: &HeaderMap, name: &str) -> Option<Tokens> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .find_map(|text| cookie(text, name))
        .and_then(Tokens::of_cookie)
}

/// Gives every request its [`Services`], with tokens that are good now, and the browser the new cookie.
pub(super) async fn layer(State(host): State<Host>, mut request: Request, next: Next) -> Response {
    let secure =
        request.extensions().get::<Secure>().is_some() || request.headers().get("x-forwarded-proto").is_some_and(|value| value == "https");
    let mut tokens = tokens(request.headers(), host.cookie());
    let mut set = None;
    if let Some(old) = tokens.clone().filter(|tokens| ends(&tokens.access).is_none_or(|end| end - EARLY < chrono::Utc::now().timestamp())) {
        match host.refresher.renew(&host.client, &old).await {
            Ok(Some(new)) => {
                set = new.set_cookie(host.cookie(), secure);
                tokens = Some(new);
            }
            Ok(None) => {
                set = end_cookie(host.cookie());
                tokens = None;
            }
            // The session is not lost because a service is away for a moment.
            Err(failure) => tracing::warn!(%failure, "a session could not be renewed"),
        }
    }
    let services =
        Services { client: host.client.clone(), tokens: tokens.map(Arc::new), cookie: host.cookie(), secure, is_function: false };
    request.extensions_mut().insert(services);
    let mut response = next.run(request).await;
    // What the page itself sets (signing in or out) comes later and wins.
    if let Some(cookie) = set.filter(|_| !response.headers().contains_key(header::SET_COOKIE)) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_token_is_read_and_nonsense_has_none() {
        let token = format!("h.{}.s", URL_SAFE_NO_PAD.encode(r#"{"exp":1700000000,"sub":"x"}"#));
        assert_eq!(ends(&token), Some(1_700_000_000));
        assert_eq!(ends("nonsense"), None);
        assert_eq!(ends("a.%%.c"), None);
    }

    #[test]
    fn requests_with_the_same_old_tokens_share_one_renewal() {
        let refresher = Refresher::default();
        assert!(Arc::ptr_eq(&refresher.entry("a"), &refresher.entry("a")));
        assert!(!Arc::ptr_eq(&refresher.entry("a"), &refresher.entry("b")));
    }
}

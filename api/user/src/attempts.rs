//! A brake against guessing: after ten failures for one account from one address, each further attempt waits longer.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use looma_kernel::types::now;
use looma_kernel::{Failure, Result};
use looma_store::Cache;
use sha2::{Digest, Sha256};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

/// Failures that cost nothing.
const FREE: i64 = 10;
/// Failures are forgotten after this.
const WINDOW: Duration = Duration::from_mins(15);

#[derive(Clone)]
pub(crate) struct Attempts {
    cache: Arc<dyn Cache>,
}

/// One attempt that was let through.
pub(crate) struct Attempt {
    key: String,
    count: i64,
}

impl Attempts {
    pub fn new(cache: Arc<dyn Cache>) -> Self {
        Self { cache }
    }

    /// Begins an attempt on an account (by its e-mail address, whether it exists or not) from an address.
    /// # Errors
    /// 429 with the seconds to wait.
    pub async fn begin(&self, account: &str, address: Option<IpAddr>) -> Result<Attempt> {
        let address = address.map_or_else(|| "unknown".to_owned(), |ip| network(ip).to_string());
        let key = format!("attempts:{}:{address}", BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(account)));
        let waiting = format!("{key}:wait");
        if let Some(until) = self.cache.get(&waiting).await? {
            return Err(too_many(&until));
        }
        // Counted before the password is looked at, so that many attempts at once count as many.
        let count = self.cache.add(&key, 1, WINDOW).await?;
        if let Some(wait) = wait_after(count - 1)
            && !self.cache.set_if_absent(&waiting, until(wait), wait).await?
        {
            self.cache.add(&key, -1, WINDOW).await?;
            return Err(too_many(&until(wait)));
        }
        Ok(Attempt { key, count })
    }

    /// The attempt was wrong.
    pub async fn failed(&self, attempt: Attempt) -> Result<()> {
        if let Some(wait) = wait_after(attempt.count) {
            self.cache.set(&format!("{}:wait", attempt.key), until(wait), wait).await?;
        }
        Ok(())
    }

    /// The attempt was right: all is forgotten.
    pub async fn succeeded(&self, attempt: Attempt) -> Result<()> {
        self.cache.delete(&attempt.key).await?;
        self.cache.delete(&format!("{}:wait", attempt.key)).await?;
        Ok(())
    }
}

/// How long to wait after so many failures: 1 s after ten, twice as long after each more, at most 15 minutes.
fn wait_after(failures: i64) -> Option<Duration> {
    let more = u32::try_from(failures - FREE).ok()?;
    Some(Duration::from_secs(1 << more.min(20)).min(WINDOW))
}

fn until(wait: Duration) -> bytes::Bytes {
    (now() + wait).timestamp_millis().to_string().into()
}

fn too_many(until: &[u8]) -> Failure {
    let until: i64 = std::str::from_utf8(until).ok().and_then(|text| text.parse().ok()).unwrap_or_default();
    let seconds = ((until - now().timestamp_millis()).max(0) as u64).div_ceil(1000).max(1);
    let mut failure = Failure::new(
        axum::http::StatusCode::TOO_MANY_REQUESTS,
        "too-many-attempts",
        "Too many attempts",
        format!("The password was wrong too often; try again in {seconds} s."),
    );
    failure.retry_after = Some(seconds);
    failure
}

/// Who owns an IPv6 address owns the 2^64 around it.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(ip) => IpAddr::V6((ip.to_bits() >> 64 << 64).into()),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use looma_store::StoreSettings;
    use looma_store::cache::memory::MemoryCache;

    fn attempts() -> Attempts {
        Attempts::new(Arc::new(MemoryCache::new(&StoreSettings::default())))
    }

    #[tokio::test]
    async fn the_eleventh_failure_waits_and_another_account_does_not() {
        let attempts = attempts();
        let here = Some("203.0.113.1".parse().unwrap());
        for _ in 0..10 {
            let attempt = attempts.begin("ann@example.com", here).await.unwrap();
            attempts.failed(attempt).await.unwrap();
        }
        let refused = attempts.begin("ann@example.com", here).await.err().unwrap();
        assert_eq!((refused.status().as_u16(), refused.retry_after), (429, Some(1)));
        assert!(attempts.begin("bob@example.com", here).await.is_ok());
        assert!(attempts.begin("ann@example.com", Some("203.0.113.2".parse().unwrap())).await.is_ok());
    }

    #[tokio::test]
    async fn a_success_forgets_the_failures() {
        let attempts = attempts();
        for round in 0..3 {
            for _ in 0..9 {
                let attempt = attempts.begin("ann@example.com", None).await.unwrap();
                attempts.failed(attempt).await.unwrap();
            }
            let attempt = attempts.begin("ann@example.com", None).await.unwrap_or_else(|_| panic!("round {round}"));
            attempts.succeeded(attempt).await.unwrap();
        }
    }

    #[tokio::test]
    async fn many_at_once_count_as_many() {
        let attempts = attempts();
        let mut through = 0;
        for _ in 0..50 {
            through += i32::from(attempts.begin("ann@example.com", None).await.is_ok());
        }
        assert_eq!(through, 11, "ten are free, one takes the first wait");
    }

    #[test]
    fn waits_grow_to_their_limit() {
        assert_eq!(wait_after(9), None);
        assert_eq!(wait_after(10), Some(Duration::from_secs(1)));
        assert_eq!(wait_after(13), Some(Duration::from_secs(8)));
        assert_eq!(wait_after(1_000), Some(WINDOW));
    }

    #[test]
    fn neighbours_in_an_ipv6_network_are_one() {
        let network = |text: &str| network(text.parse().unwrap());
        assert_eq!(network("2001:db8::1"), network("2001:db8::ffff:2"));
        assert_ne!(network("2001:db8::1"), network("2001:db8:0:1::1"));
        assert_eq!(network("::ffff:203.0.113.1"), network("203.0.113.1"));
    }
}

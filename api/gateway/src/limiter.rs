//! How often: GCRA by actor, or by address before sign-in. The rate can change while running.

use arc_swap::ArcSwap;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use looma_kernel::Failure;
use looma_store::Cache;
use std::fmt;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;
use uuid::Uuid;

/// More keys than this after a sweep, and all are forgotten.
const MOST_KEYS: usize = 200_000;
/// Attempts to sign in from one address: an office shares one.
const LOGINS_PER_MINUTE: u32 = 60;

static POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
static LIMIT: HeaderName = HeaderName::from_static("ratelimit");

/// Who is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Key {
    Actor(Uuid),
    Address(IpAddr),
    /// A caller within the system that no client stands behind.
    Internal,
}

impl Key {
    /// An address; who owns an IPv6 address owns the 2^64 around it.
    pub fn address(address: Option<IpAddr>) -> Self {
        match address.map(|ip| ip.to_canonical()) {
            Some(IpAddr::V6(ip)) => Self::Address(IpAddr::V6((ip.to_bits() >> 64 << 64).into())),
            Some(ip) => Self::Address(ip),
            None => Self::Internal,
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Actor(id) => write!(f, "{id}"),
            Self::Address(address) => write!(f, "{address}"),
            Self::Internal => f.write_str("internal"),
        }
    }
}

type Gcra = RateLimiter<Key, DashMapStateStore<Key>, DefaultClock, StateInformationMiddleware>;

/// One class of requests with its own rate.
pub(crate) struct Limiter {
    class: &'static str,
    current: ArcSwap<Rate>,
    clock: DefaultClock,
}

struct Rate {
    gcra: Gcra,
    quota: Quota,
    /// How long a burst takes to come back, in whole seconds.
    window: u64,
    policy: HeaderValue,
}

/// What is left, for the answer's headers.
pub(crate) struct Left {
    policy: HeaderValue,
    limit: HeaderValue,
}

impl Left {
    pub fn write(self, headers: &mut HeaderMap) {
        headers.insert(POLICY.clone(), self.policy);
        headers.insert(LIMIT.clone(), self.limit);
    }
}

impl Limiter {
    /// `rate` a second, `burst` at once.
    pub fn per_second(class: &'static str, rate: u32, burst: u32) -> Self {
        Self::new(class, Quota::per_second(at_least_one(rate)).allow_burst(at_least_one(burst)))
    }

    pub fn logins() -> Self {
        Self::new("login", Quota::per_minute(at_least_one(LOGINS_PER_MINUTE)))
    }

    fn new(class: &'static str, quota: Quota) -> Self {
        Self { class, current: ArcSwap::from_pointee(Rate::new(class, quota)), clock: DefaultClock::default() }
    }

    /// Another rate from now on; everybody begins anew.
    pub fn change(&self, rate: u32, burst: u32) {
        let quota = Quota::per_second(at_least_one(rate)).allow_burst(at_least_one(burst));
        self.current.store(Rate::new(self.class, quota).into());
    }

    /// Counts one request.
    /// # Errors
    /// 429 with the seconds to wait.
    pub fn check(&self, key: Key) -> Result<Left, (Failure, Left)> {
        let rate = self.current.load();
        match rate.gcra.check_key(&key) {
            Ok(snapshot) => Ok(rate.left(self.class, snapshot.remaining_burst_capacity())),
            Err(until) => {
                let wait = until.wait_time_from(self.clock.now()).as_secs_f64().ceil().max(1.0) as u64;
                Err((self.too_many(wait), rate.left(self.class, 0)))
            }
        }
    }

    /// Counts one request here and, where gateways share a cache, among all of them: no more than a burst within the time
    /// that a burst takes to come back. While the cache is away each gateway counts for itself.
    /// # Errors
    /// 429 with the seconds to wait.
    pub async fn admit(&self, key: Key, shared: Option<&dyn Cache>) -> Result<Left, (Failure, Left)> {
        let left = self.check(key)?;
        let Some(cache) = shared else { return Ok(left) };
        let rate = self.current.load_full();
        let at = looma_kernel::types::now().timestamp() as u64;
        let name = format!("limit:{}:{key}:{}", self.class, at / rate.window);
        match cache.add(&name, 1, Duration::from_secs(2 * rate.window)).await {
            Ok(count) if count > i64::from(rate.quota.burst_size().get()) => {
                Err((self.too_many(rate.window - at % rate.window), rate.left(self.class, 0)))
            }
            _ => Ok(left),
        }
    }

    fn too_many(&self, wait: u64) -> Failure {
        metrics::counter!("gateway_rate_limited_total", "service" => "gateway", "class" => self.class).increment(1);
        let detail = format!("More requests than allowed; try again in {wait} s.");
        let mut failure = Failure::new(StatusCode::TOO_MANY_REQUESTS, "too-many-requests", "Too many requests", detail);
        failure.retry_after = Some(wait);
        failure
    }

    /// Forgets those who have not come for a while.
    pub fn sweep(&self) {
        let rate = self.current.load();
        rate.gcra.retain_recent();
        rate.gcra.shrink_to_fit();
        if rate.gcra.len() > MOST_KEYS {
            self.current.store(Rate::new(self.class, rate.quota).into());
        }
    }
}

impl Rate {
    fn new(class: &str, quota: Quota) -> Self {
        let window = (f64::from(quota.burst_size().get()) * quota.replenish_interval().as_secs_f64()).ceil().max(1.0) as u64;
        let policy = format!("\"{class}\";q={};w={window}", quota.burst_size());
        let policy = HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("\"default\""));
        Self { gcra: RateLimiter::dashmap(quota).with_middleware(), quota, window, policy }
    }

    fn left(&self, class: &str, remaining: u32) -> Left {
        let used = self.quota.burst_size().get().saturating_sub(remaining);
        let reset = (self.quota.replenish_interval().as_secs_f64() * f64::from(used)).ceil() as u64;
        let limit = HeaderValue::from_str(&format!("\"{class}\";r={remaining};t={reset}"));
        Left { policy: self.policy.clone(), limit: limit.unwrap_or(HeaderValue::from_static("\"default\"")) }
    }
}

fn at_least_one(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use looma_store::StoreSettings;
    use looma_store::cache::memory::MemoryCache;

    fn headers(left: Left) -> (String, String) {
        let mut headers = HeaderMap::new();
        left.write(&mut headers);
        let text = |name: &HeaderName| headers[name].to_str().unwrap().to_owned();
        (text(&POLICY), text(&LIMIT))
    }

    #[test]
    fn a_burst_passes_and_the_next_waits() {
        let limiter = Limiter::per_second("default", 1, 3);
        let ann = Key::Actor(Uuid::from_u128(1));
        let (policy, first) = headers(limiter.check(ann).ok().unwrap());
        assert_eq!((policy.as_str(), first.as_str()), ("\"default\";q=3;w=3", "\"default\";r=2;t=1"));
        assert!(limiter.check(ann).is_ok() && limiter.check(ann).is_ok());
        let (failure, left) = limiter.check(ann).err().unwrap();
        assert_eq!((failure.status(), failure.retry_after), (StatusCode::TOO_MANY_REQUESTS, Some(1)));
        assert!(headers(left).1.contains("r=0"));
        assert!(limiter.check(Key::Actor(Uuid::from_u128(2))).is_ok(), "others are counted apart");
    }

    #[tokio::test]
    async fn gateways_that_share_a_cache_count_together() {
        let cache = MemoryCache::new(&StoreSettings::default());
        let gateways = [Limiter::per_second("default", 1, 60), Limiter::per_second("default", 1, 60)];
        let key = Key::Actor(Uuid::from_u128(1));
        let mut passed = 0;
        for number in 0..120 {
            passed += usize::from(gateways[number % 2].admit(key, Some(&cache)).await.is_ok());
        }
        // A minute may end in between, hardly two.
        assert!((60..=119).contains(&passed), "{passed}");
        assert!(gateways[0].admit(Key::Actor(Uuid::from_u128(2)), Some(&cache)).await.is_ok());
        let alone = Limiter::per_second("default", 1, 60);
        assert_eq!((0..70).filter(|_| alone.check(key).is_ok()).count(), 60);
    }

    #[test]
    fn another_rate_holds_at_once() {
        let limiter = Limiter::per_second("default", 1, 1);
        let key = Key::address(Some("203.0.113.1".parse().unwrap()));
        assert!(limiter.check(key).is_ok());
        assert!(limiter.check(key).is_err());
        limiter.change(1, 5);
        assert_eq!((0..7).filter(|_| limiter.check(key).is_ok()).count(), 5);
    }

    #[test]
    fn a_sweep_keeps_those_who_are_still_counted() {
        let limiter = Limiter::per_second("default", 1, 1);
        let key = Key::Actor(Uuid::from_u128(1));
        assert!(limiter.check(key).is_ok());
        limiter.sweep();
        assert!(limiter.check(key).is_err());
    }
}

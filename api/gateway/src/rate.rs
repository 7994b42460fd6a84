//! Rate limits by the generic cell rate algorithm: per actor, or per address before signing in.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use looma_kernel::types::config::LiveSettings;
use looma_kernel::{Failure, Kernel, Result};
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::{Arc, RwLock};
use std::time::Duration;
use uuid::Uuid;

/// Sign-ins that one address may try in a minute.
const SIGN_INS: NonZeroU32 = NonZeroU32::new(60).unwrap();
/// How often what nobody used lately is forgotten.
const SWEEP: Duration = Duration::from_secs(60);

/// Who is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Caller {
    Actor(Uuid),
    Address(IpAddr),
    /// A service of this process that acts for nobody in particular.
    Own,
}

type Limiter = RateLimiter<Caller, DashMapStateStore<Caller>, DefaultClock, StateInformationMiddleware>;

/// The limits in force; clones share them.
#[derive(Clone)]
pub(crate) struct Rates {
    current: Arc<RwLock<Arc<Class>>>,
    sign_in: Arc<Class>,
}

struct Class {
    limiter: Limiter,
    per_second: u32,
    policy: String,
}

impl Class {
    fn new(quota: Quota, per_second: u32, policy: String) -> Arc<Self> {
        Arc::new(Self { limiter: RateLimiter::dashmap(quota).with_middleware::<StateInformationMiddleware>(), per_second, policy })
    }

    fn general(settings: &LiveSettings) -> Arc<Self> {
        let per_second = NonZeroU32::new(settings.rate_limit_per_second).unwrap_or(NonZeroU32::MIN);
        let burst = NonZeroU32::new(settings.rate_limit_burst).unwrap_or(NonZeroU32::MIN);
        Self::new(Quota::per_second(per_second).allow_burst(burst), per_second.get(), format!("\"default\";q={per_second};w=1"))
    }

    fn check(&self, caller: Caller) -> Result<Spent> {
        match self.limiter.check_key(&caller) {
            Ok(state) => Ok(Spent { remaining: state.remaining_burst_capacity(), policy: self.policy.clone() }),
            Err(until) => {
                let wait = until.wait_time_from(DefaultClock::default().now());
                let mut failure = Failure::new(
                    axum::http::StatusCode::TOO_MANY_REQUESTS,
                    "rate-limited",
                    "Too many requests",
                    format!("The limit is {}; wait a moment and go on slower.", self.policy),
                );
                failure.retry_after = Some(wait.as_secs().max(1));
                Err(failure)
            }
        }
    }
}

/// What is left after a request.
pub(crate) struct Spent {
    remaining: u32,
    policy: String,
}

impl Spent {
    /// Tells it by `RateLimit` and `RateLimit-Policy`.
    pub fn tell(&self, headers: &mut HeaderMap) {
        let texts = [("ratelimit", format!("\"default\";r={}", self.remaining)), ("ratelimit-policy", self.policy.clone())];
        for (name, text) in texts {
            if let Ok(value) = HeaderValue::from_str(&text) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
    }
}

impl Rates {
    pub fn new(settings: &LiveSettings) -> Self {
        let sign_in = Class::new(Quota::per_minute(SIGN_INS), 1, format!("\"sign-in\";q={SIGN_INS};w=60"));
        Self { current: Arc::new(RwLock::new(Class::general(settings))), sign_in }
    }

    /// Counts a request.
    /// # Errors
    /// 429 with `Retry-After`.
    pub fn spend(&self, caller: Caller) -> Result<Spent> {
        self.general().check(caller)
    }

    /// Counts a try to sign in.
    /// # Errors
    /// 429 with `Retry-After`.
    pub fn spend_sign_in(&self, caller: Caller) -> Result<Spent> {
        self.sign_in.check(caller)
    }

    fn general(&self) -> Arc<Class> {
        self.current.read().map_or_else(|poisoned| poisoned.into_inner().clone(), |class| class.clone())
    }

    /// Takes over changed limits without dropping a connection, and forgets idle callers.
    pub fn follow(&self, kernel: &Kernel) {
        let this = self.clone();
        let mut live = kernel.live().subscribe();
        kernel.spawn(|mut stop| async move {
            loop {
                tokio::select! {
                    _ = stop.changed() => return,
                    changed = live.changed() => {
                        if changed.is_err() { return }
                        let class = Class::general(&live.borrow_and_update());
                        tracing::info!(per_second = class.per_second, "rate limit changed");
                        if let Ok(mut current) = this.current.write() { *current = class; }
                    }
                    () = tokio::time::sleep(SWEEP) => {
                        this.general().limiter.retain_recent();
                        this.sign_in.limiter.retain_recent();
                    }
                }
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn callers_are_counted_apart_and_told_to_wait() {
        let rates = Rates::new(&LiveSettings { log_level: "info".into(), rate_limit_per_second: 1, rate_limit_burst: 3 });
        let (ann, ben) = (Caller::Actor(Uuid::from_u128(1)), Caller::Actor(Uuid::from_u128(2)));
        for _ in 0..3 {
            rates.spend(ann).unwrap();
        }
        let refused = rates.spend(ann).err().unwrap();
        assert_eq!((refused.problem.status, refused.retry_after), (429, Some(1)));
        rates.spend(ben).unwrap();
    }
}

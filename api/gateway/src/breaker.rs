//! A circuit breaker: a service that keeps failing is left alone for a while, then tried with one request.

use serde::Serialize;
use std::time::{Duration, Instant};
use utoipa::ToSchema;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BreakerState {
    /// Requests pass.
    Closed,
    /// Requests are refused at once.
    Open,
    /// One request passes to see whether the service is well again.
    HalfOpen,
}

/// One service's breaker.
#[derive(Debug)]
pub(crate) struct Breaker {
    threshold: u32,
    rest: Duration,
    failures: u32,
    opened: Option<Instant>,
    /// When the trying request set out.
    trial: Option<Instant>,
}

impl Breaker {
    /// Opens after `threshold` failures in a row, for `rest`.
    pub fn new(threshold: u32, rest: Duration) -> Self {
        Self { threshold: threshold.max(1), rest, failures: 0, opened: None, trial: None }
    }

    pub fn state(&self, now: Instant) -> BreakerState {
        match self.opened {
            None => BreakerState::Closed,
            Some(opened) if now.duration_since(opened) < self.rest => BreakerState::Open,
            Some(_) => BreakerState::HalfOpen,
        }
    }

    /// Failures in a row.
    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// Whether a request may pass now; else how long to wait. Its outcome must be told by [`Breaker::tell`].
    pub fn ask(&mut self, now: Instant) -> Result<(), Duration> {
        match self.state(now) {
            BreakerState::Closed => Ok(()),
            BreakerState::Open => Err(self.rest.saturating_sub(now.duration_since(self.opened.unwrap_or(now)))),
            // A trial whose outcome never came (its client went away) does not keep the door shut for ever.
            BreakerState::HalfOpen if self.trial.is_some_and(|began| now.duration_since(began) < self.rest) => Err(self.rest),
            BreakerState::HalfOpen => {
                self.trial = Some(now);
                Ok(())
            }
        }
    }

    /// The outcome of a request that passed.
    pub fn tell(&mut self, well: bool, now: Instant) {
        self.trial = None;
        if well {
            (self.failures, self.opened) = (0, None);
        } else {
            self.failures = self.failures.saturating_add(1);
            if self.failures >= self.threshold {
                self.opened = Some(now);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const REST: Duration = Duration::from_secs(5);

    #[test]
    fn it_opens_rests_tries_once_and_closes() {
        let mut breaker = Breaker::new(2, REST);
        let start = Instant::now();
        breaker.tell(false, start);
        assert!(breaker.ask(start).is_ok());
        breaker.tell(false, start);
        assert_eq!(breaker.state(start), BreakerState::Open);
        assert!(breaker.ask(start).is_err());
        let later = start + REST;
        assert!(breaker.ask(later).is_ok());
        assert!(breaker.ask(later).is_err(), "only one may try");
        breaker.tell(true, later);
        assert_eq!(breaker.state(later), BreakerState::Closed);
    }

    #[test]
    fn a_failed_trial_opens_it_again() {
        let mut breaker = Breaker::new(1, REST);
        let start = Instant::now();
        breaker.tell(false, start);
        let later = start + REST;
        breaker.ask(later).unwrap();
        breaker.tell(false, later);
        assert_eq!(breaker.state(later + REST / 2), BreakerState::Open);
    }

    proptest! {
        #[test]
        fn a_success_always_closes_it_and_too_few_failures_never_open_it(outcomes in proptest::collection::vec(any::<bool>(), 0..50)) {
            let mut breaker = Breaker::new(5, REST);
            let now = Instant::now();
            let mut row = 0;
            for well in outcomes {
                breaker.tell(well, now);
                row = if well { 0 } else { row + 1 };
                prop_assert_eq!(breaker.state(now) == BreakerState::Closed, row < 5);
            }
        }
    }
}

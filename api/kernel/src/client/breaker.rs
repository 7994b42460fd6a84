//! A copy that fails again and again is given a rest: closed (asked), open (not asked), half open (asked once, to see).

use serde::Serialize;
use std::time::{Duration, Instant};
use utoipa::ToSchema;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    Closed,
    Open,
    HalfOpen,
}

/// The state machine, told what time it is.
#[derive(Debug)]
pub(super) struct Breaker {
    pub phase: Phase,
    /// Failures in a row while closed.
    pub failures: u32,
    /// When it opened.
    since: Instant,
    /// Grows with every change of phase; what was let through in an earlier one says nothing about this one.
    generation: u64,
    threshold: u32,
    rest: Duration,
}

impl Breaker {
    /// Opens after `threshold` failures in a row, for as long as `rest`.
    pub fn new(threshold: u32, rest: Duration, now: Instant) -> Self {
        Self { phase: Phase::Closed, failures: 0, since: now, generation: 0, threshold: threshold.max(1), rest }
    }

    /// How long until it lets a request through; none where it would now.
    pub fn wait(&self, now: Instant) -> Option<Duration> {
        match self.phase {
            Phase::Closed => None,
            Phase::HalfOpen => Some(Duration::from_secs(1)),
            Phase::Open => self.rest.checked_sub(now.saturating_duration_since(self.since)).filter(|wait| !wait.is_zero()),
        }
    }

    /// Lets a request through, or tells how long to wait.
    pub fn admit(&mut self, now: Instant) -> Result<u64, Duration> {
        if let Some(wait) = self.wait(now) {
            return Err(wait);
        }
        if self.phase == Phase::Open {
            self.turn(Phase::HalfOpen, now);
        }
        Ok(self.generation)
    }

    /// What became of a request that was let through; none where nothing can be said of it.
    pub fn done(&mut self, generation: u64, good: Option<bool>, now: Instant) {
        if generation != self.generation {
            return;
        }
        match (self.phase, good) {
            (Phase::Closed, Some(true)) => self.failures = 0,
            (Phase::Closed, Some(false)) => {
                self.failures += 1;
                if self.failures >= self.threshold {
                    self.turn(Phase::Open, now);
                }
            }
            (Phase::HalfOpen, Some(true)) => self.turn(Phase::Closed, now),
            (Phase::HalfOpen, Some(false)) => self.turn(Phase::Open, now),
            // The probe was given up: the next request is the probe.
            (Phase::HalfOpen, None) => {
                self.turn(Phase::Open, now);
                self.since = now.checked_sub(self.rest).unwrap_or(now);
            }
            (Phase::Closed, None) | (Phase::Open, _) => {}
        }
    }

    fn turn(&mut self, phase: Phase, now: Instant) {
        self.phase = phase;
        self.generation += 1;
        self.failures = 0;
        if phase == Phase::Open {
            self.since = now;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const REST: Duration = Duration::from_secs(5);

    #[test]
    fn it_opens_after_failures_in_a_row_and_closes_after_one_good_probe() {
        let now = Instant::now();
        let mut breaker = Breaker::new(3, REST, now);
        for good in [false, false, true, false, false, false] {
            let generation = breaker.admit(now).unwrap();
            breaker.done(generation, Some(good), now);
        }
        assert_eq!(breaker.phase, Phase::Open);
        assert_eq!(breaker.admit(now + Duration::from_secs(2)), Err(Duration::from_secs(3)));
        let probe = breaker.admit(now + REST).unwrap();
        assert!(breaker.admit(now + REST).is_err(), "one probe at a time");
        breaker.done(probe, Some(true), now + REST);
        assert_eq!(breaker.phase, Phase::Closed);
    }

    #[test]
    fn a_probe_that_nobody_waited_for_is_followed_by_another() {
        let now = Instant::now();
        let mut breaker = Breaker::new(3, REST, now);
        breaker.turn(Phase::Open, now);
        let probe = breaker.admit(now + REST).unwrap();
        breaker.done(probe, None, now + REST);
        assert!(breaker.admit(now + REST).is_ok());
    }

    #[test]
    fn what_comes_late_does_not_count() {
        let now = Instant::now();
        let mut breaker = Breaker::new(3, REST, now);
        let late = breaker.admit(now).unwrap();
        breaker.turn(Phase::Open, now);
        breaker.admit(now + REST).unwrap();
        breaker.done(late, Some(true), now + REST);
        assert_eq!(breaker.phase, Phase::HalfOpen);
    }

    proptest! {
        /// Whatever happens in whatever order: while open nothing passes before the rest is over, half open lets exactly
        /// one through at a time, and it opens only after the threshold.
        #[test]
        fn it_keeps_its_promises(steps in prop::collection::vec((0u64..4, 0usize..4, prop::option::of(any::<bool>())), 1..200)) {
            let start = Instant::now();
            let mut now = start;
            let mut breaker = Breaker::new(3, REST, start);
            let mut under_way: Vec<u64> = Vec::new();
            let mut in_a_row = 0;
            for (seconds, pick, outcome) in steps {
                now += Duration::from_secs(seconds);
                let before = breaker.phase;
                if pick == 0 || under_way.is_empty() {
                    match breaker.admit(now) {
                        Ok(generation) => {
                            if before == Phase::Open {
                                prop_assert!(now.duration_since(breaker.since) >= REST);
                                prop_assert_eq!(breaker.phase, Phase::HalfOpen);
                            }
                            prop_assert!(before != Phase::HalfOpen);
                            under_way.push(generation);
                        }
                        Err(wait) => {
                            prop_assert!(before != Phase::Closed);
                            prop_assert!(wait <= REST);
                        }
                    }
                } else {
                    let generation = under_way.remove(pick % under_way.len());
                    let counts = generation == breaker.generation;
                    if before == Phase::Closed && counts {
                        in_a_row = match outcome { Some(true) => 0, Some(false) => in_a_row + 1, None => in_a_row };
                    }
                    breaker.done(generation, outcome, now);
                    if before == Phase::Closed {
                        prop_assert_eq!(breaker.phase == Phase::Open, in_a_row >= 3);
                    }
                    if breaker.phase != Phase::Closed || before != Phase::Closed {
                        in_a_row = 0;
                    }
                }
                let probes = under_way.iter().filter(|generation| **generation == breaker.generation).count();
                prop_assert!(breaker.phase != Phase::HalfOpen || probes == 1);
            }
        }
    }
}

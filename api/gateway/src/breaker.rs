//! A service that fails again and again is given a rest: closed (asked), open (not asked), half open (asked once, to see).

use looma_kernel::types::ServiceName;
use serde::Serialize;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use utoipa::ToSchema;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Phase {
    Closed,
    Open,
    HalfOpen,
}

/// The state machine, told what time it is.
#[derive(Debug)]
struct Machine {
    phase: Phase,
    /// Failures in a row while closed.
    failures: u32,
    /// When it opened.
    since: Instant,
    /// Grows with every change of phase; what was let through in an earlier one says nothing about this one.
    generation: u64,
    threshold: u32,
    rest: Duration,
}

impl Machine {
    fn admit(&mut self, now: Instant) -> Result<u64, Duration> {
        match self.phase {
            Phase::Closed => Ok(self.generation),
            Phase::HalfOpen => Err(Duration::from_secs(1)),
            Phase::Open => {
                let rested = now.saturating_duration_since(self.since);
                if rested < self.rest {
                    return Err(self.rest.saturating_sub(rested));
                }
                self.turn(Phase::HalfOpen, now);
                Ok(self.generation)
            }
        }
    }

    /// What became of a request that was let through; none where nobody waited for it.
    fn done(&mut self, generation: u64, good: Option<bool>, now: Instant) {
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

/// The breaker of one service.
pub(crate) struct Breaker {
    service: ServiceName,
    machine: Mutex<Machine>,
}

/// A request that was let through. Dropped without an outcome, it was given up.
pub(crate) struct Permit<'a> {
    breaker: &'a Breaker,
    generation: u64,
    good: Option<bool>,
}

impl Breaker {
    pub fn new(service: ServiceName, threshold: u32, rest: Duration) -> Self {
        let machine =
            Machine { phase: Phase::Closed, failures: 0, since: Instant::now(), generation: 0, threshold: threshold.max(1), rest };
        Self { service, machine: Mutex::new(machine) }
    }

    /// Lets a request through, or tells how long the service rests.
    pub fn admit(&self) -> Result<Permit<'_>, Duration> {
        let generation = self.machine.lock().unwrap_or_else(PoisonError::into_inner).admit(Instant::now())?;
        Ok(Permit { breaker: self, generation, good: None })
    }

    pub fn phase(&self) -> Phase {
        self.machine.lock().unwrap_or_else(PoisonError::into_inner).phase
    }

    pub fn failures(&self) -> u32 {
        self.machine.lock().unwrap_or_else(PoisonError::into_inner).failures
    }
}

impl Permit<'_> {
    /// The service answered, well or not.
    pub fn answered(mut self, good: bool) {
        self.good = Some(good);
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        let mut machine = self.breaker.machine.lock().unwrap_or_else(PoisonError::into_inner);
        let before = machine.phase;
        machine.done(self.generation, self.good, Instant::now());
        let after = machine.phase;
        drop(machine);
        if before != after {
            let service = self.breaker.service;
            tracing::warn!(%service, ?before, ?after, "a service's breaker changed");
            metrics::counter!("gateway_breaker_changes_total", "service" => "gateway", "upstream" => service.as_str()).increment(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const REST: Duration = Duration::from_secs(5);

    fn machine(now: Instant) -> Machine {
        Machine { phase: Phase::Closed, failures: 0, since: now, generation: 0, threshold: 3, rest: REST }
    }

    #[test]
    fn it_opens_after_failures_in_a_row_and_closes_after_one_good_probe() {
        let now = Instant::now();
        let mut machine = machine(now);
        for good in [false, false, true, false, false, false] {
            let generation = machine.admit(now).unwrap();
            machine.done(generation, Some(good), now);
        }
        assert_eq!(machine.phase, Phase::Open);
        assert_eq!(machine.admit(now + Duration::from_secs(2)), Err(Duration::from_secs(3)));
        let probe = machine.admit(now + REST).unwrap();
        assert!(machine.admit(now + REST).is_err(), "one probe at a time");
        machine.done(probe, Some(true), now + REST);
        assert_eq!(machine.phase, Phase::Closed);
    }

    #[test]
    fn a_probe_that_nobody_waited_for_is_followed_by_another() {
        let now = Instant::now();
        let mut machine = machine(now);
        machine.turn(Phase::Open, now);
        let probe = machine.admit(now + REST).unwrap();
        machine.done(probe, None, now + REST);
        assert!(machine.admit(now + REST).is_ok());
    }

    #[test]
    fn what_comes_late_does_not_count() {
        let now = Instant::now();
        let mut machine = machine(now);
        let late = machine.admit(now).unwrap();
        machine.turn(Phase::Open, now);
        machine.admit(now + REST).unwrap();
        machine.done(late, Some(true), now + REST);
        assert_eq!(machine.phase, Phase::HalfOpen);
    }

    proptest! {
        /// Whatever happens in whatever order: while open nothing passes before the rest is over, half open lets exactly
        /// one through at a time, and it opens only after the threshold.
        #[test]
        fn it_keeps_its_promises(steps in prop::collection::vec((0u64..4, 0usize..4, prop::option::of(any::<bool>())), 1..200)) {
            let start = Instant::now();
            let mut now = start;
            let mut machine = machine(start);
            let mut under_way: Vec<u64> = Vec::new();
            let mut in_a_row = 0;
            for (seconds, pick, outcome) in steps {
                now += Duration::from_secs(seconds);
                let before = machine.phase;
                if pick == 0 || under_way.is_empty() {
                    match machine.admit(now) {
                        Ok(generation) => {
                            if before == Phase::Open {
                                prop_assert!(now.duration_since(machine.since) >= REST);
                                prop_assert_eq!(machine.phase, Phase::HalfOpen);
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
                    let counts = generation == machine.generation;
                    if before == Phase::Closed && counts {
                        in_a_row = match outcome { Some(true) => 0, Some(false) => in_a_row + 1, None => in_a_row };
                    }
                    machine.done(generation, outcome, now);
                    if before == Phase::Closed {
                        prop_assert_eq!(machine.phase == Phase::Open, in_a_row >= 3);
                    }
                    if machine.phase != Phase::Closed || before != Phase::Closed {
                        in_a_row = 0;
                    }
                }
                let probes = under_way.iter().filter(|generation| **generation == machine.generation).count();
                prop_assert!(machine.phase != Phase::HalfOpen || probes == 1);
            }
        }
    }
}

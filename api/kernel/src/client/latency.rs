//! How long a copy takes to answer: a moving average that follows peaks at once and forgets them bit by bit, after Finagle's
//! and Linkerd's "peak EWMA".

use std::time::{Duration, Instant};

/// In this time a peak loses all but 1/e of its weight.
const DECAY: Duration = Duration::from_secs(10);

#[derive(Clone, Copy, Debug)]
pub(super) struct Latency {
    /// Milliseconds.
    average: f64,
    since: Instant,
}

impl Latency {
    pub fn new(now: Instant) -> Self {
        Self { average: 0.0, since: now }
    }

    /// Milliseconds, as far as they count at this time: without news they sink, so that who was slow is asked again.
    pub fn at(&self, now: Instant) -> f64 {
        self.average * self.weight(now)
    }

    /// It took so long to answer.
    pub fn took(&mut self, time: Duration, now: Instant) {
        let (weight, time) = (self.weight(now), time.as_secs_f64() * 1000.0);
        *self = Self { average: time.max(self.average * weight + time * (1.0 - weight)), since: now };
    }

    fn weight(&self, now: Instant) -> f64 {
        (-now.saturating_duration_since(self.since).as_secs_f64() / DECAY.as_secs_f64()).exp()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_peak_counts_at_once_and_is_forgotten_bit_by_bit() {
        let start = Instant::now();
        let mut latency = Latency::new(start);
        latency.took(Duration::from_millis(10), start);
        latency.took(Duration::from_secs(1), start);
        assert!((latency.at(start) - 1000.0).abs() < 1e-6);
        assert!((latency.at(start + DECAY) - 1000.0 / std::f64::consts::E).abs() < 1e-6, "it sinks without news");
        latency.took(Duration::from_millis(10), start + DECAY);
        let expected = 10.0 + 990.0 / std::f64::consts::E;
        assert!((latency.at(start + DECAY) - expected).abs() < 1e-6, "news counts for the time since the last");
    }

    proptest! {
        /// An average lies between what it was and what is new, never below what is new, and only sinks without news.
        #[test]
        fn it_lies_between_old_and_new(steps in prop::collection::vec((0u64..60_000, 0u64..60_000), 1..100)) {
            let mut now = Instant::now();
            let mut latency = Latency::new(now);
            for (pause, took) in steps {
                let before = latency.at(now);
                now += Duration::from_millis(pause);
                let (old, new) = (latency.average, took as f64);
                prop_assert!(latency.at(now) <= before + 1e-9);
                latency.took(Duration::from_millis(took), now);
                prop_assert!(latency.at(now) >= new - 1e-6 && latency.at(now) <= old.max(new) + 1e-6);
            }
        }
    }
}

//! When a service that ended by itself is started again, and when no more.

use rand::RngExt;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// So many ends within so long are no accident.
pub const MOST: usize = 5;
pub const WITHIN: Duration = Duration::from_mins(1);
/// The first wait; each further one is twice as long.
const FIRST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(10);

/// One service's ends.
#[derive(Debug, Default)]
pub struct Crashes(VecDeque<Instant>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Again, after this long.
    Again(Duration),
    GiveUp,
}

impl Crashes {
    /// It has ended once more. The wait is between a half and the whole of what doubling gives, so that several that ended for one
    /// reason do not all come back in the same moment.
    pub fn add(&mut self, now: Instant) -> Verdict {
        self.0.retain(|end| now.duration_since(*end) < WITHIN);
        self.0.push_back(now);
        if self.0.len() >= MOST {
            return Verdict::GiveUp;
        }
        let whole = (FIRST * 2_u32.pow(self.0.len() as u32 - 1)).min(LONGEST);
        Verdict::Again(whole.mul_f64(rand::rng().random_range(0.5..=1.0)))
    }

    /// Somebody has looked at it and starts it anew.
    pub fn forget(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_a_loop_ends() {
        let (mut crashes, now) = (Crashes::default(), Instant::now());
        for number in 0..MOST as u32 - 1 {
            let whole = FIRST * 2_u32.pow(number);
            let Verdict::Again(wait) = crashes.add(now) else { panic!("given up after {number}") };
            assert!(wait >= whole / 2 && wait <= whole, "{wait:?}");
        }
        assert_eq!(crashes.add(now), Verdict::GiveUp);
        crashes.forget();
        assert!(matches!(crashes.add(now), Verdict::Again(_)));
    }

    #[test]
    fn rare_ends_never_add_up() {
        let (mut crashes, mut now) = (Crashes::default(), Instant::now());
        for _ in 0..100 {
            now += WITHIN / (MOST as u32 - 1);
            assert!(matches!(crashes.add(now), Verdict::Again(_)));
        }
    }
}

//! How much may be tried again: so small a share of the requests that retries cannot bring down what is already struggling.

use std::time::Instant;

/// Seconds that are looked back.
const WINDOW: u64 = 10;
/// One retry for so many requests …
const REQUESTS_PER_RETRY: u32 = 10;
/// … and these for whoever asks little.
const FLOOR: u32 = 10;

/// What was asked of one service within the window, by second.
#[derive(Debug)]
pub(super) struct Budget {
    began: Instant,
    seconds: [Second; WINDOW as usize],
}

#[derive(Clone, Copy, Debug, Default)]
struct Second {
    number: u64,
    requests: u32,
    retries: u32,
}

impl Budget {
    pub fn new(now: Instant) -> Self {
        Self { began: now, seconds: Default::default() }
    }

    /// Counts a request.
    pub fn request(&mut self, now: Instant) {
        self.second(now).requests += 1;
    }

    /// Counts a retry, where one more is within the budget.
    pub fn retry(&mut self, now: Instant) -> bool {
        let number = self.number(now);
        let recent = self.seconds.iter().filter(|second| second.number + WINDOW > number);
        let (requests, retries) = recent.fold((0, 0), |sum, second| (sum.0 + second.requests, sum.1 + second.retries));
        let within = retries < FLOOR + requests / REQUESTS_PER_RETRY;
        self.second(now).retries += u32::from(within);
        within
    }

    fn number(&self, now: Instant) -> u64 {
        now.saturating_duration_since(self.began).as_secs()
    }

    fn second(&mut self, now: Instant) -> &mut Second {
        let number = self.number(now);
        let second = &mut self.seconds[(number % WINDOW) as usize];
        if second.number < number {
            *second = Second { number, ..Second::default() };
        }
        second
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::time::Duration;

    fn granted(budget: &mut Budget, now: Instant) -> u32 {
        (0..1000).filter(|_| budget.retry(now)).count() as u32
    }

    #[test]
    fn a_tenth_and_a_few_more_and_all_of_it_again_after_the_window() {
        let start = Instant::now();
        let mut budget = Budget::new(start);
        assert_eq!(granted(&mut budget, start), FLOOR);
        (0..200).for_each(|_| budget.request(start));
        assert_eq!(granted(&mut budget, start), 20);
        let last = start + Duration::from_secs(WINDOW - 1);
        assert_eq!(granted(&mut budget, last), 0, "all of it is still within the window");
        assert_eq!(granted(&mut budget, start + Duration::from_secs(WINDOW)), FLOOR);
    }

    proptest! {
        /// At no time were there more retries in the last ten seconds than the floor and a tenth of the requests.
        #[test]
        fn it_is_never_overdrawn(steps in prop::collection::vec((0u64..3, any::<bool>()), 1..500)) {
            let start = Instant::now();
            let (mut budget, mut second) = (Budget::new(start), 0);
            let (mut requests, mut retries) = (Vec::new(), Vec::new());
            for (pause, is_request) in steps {
                second += pause;
                let now = start + Duration::from_secs(second);
                if is_request {
                    budget.request(now);
                    requests.push(second);
                } else if budget.retry(now) {
                    retries.push(second);
                    let recent = |all: &[u64]| all.iter().filter(|at| **at + WINDOW > second).count() as u32;
                    prop_assert!(recent(&retries) <= FLOOR + recent(&requests) / REQUESTS_PER_RETRY);
                }
            }
        }
    }
}

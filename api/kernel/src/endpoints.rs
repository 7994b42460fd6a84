//! The copies of a service in other processes, and which of them is asked next.

use rand::RngExt;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// How long a copy that cannot be reached is left alone, while others can be asked.
const REST: Duration = Duration::from_secs(2);

/// One copy.
#[derive(Debug)]
pub(crate) struct Endpoint {
    pub url: String,
    in_flight: AtomicUsize,
    /// Until when it is left alone, in milliseconds since the beginning.
    resting: AtomicU64,
}

/// All copies of one service.
#[derive(Debug)]
pub(crate) struct Endpoints {
    all: Vec<Endpoint>,
    /// Whether the first that can be reached is asked, and the others stand by.
    in_order: bool,
    began: Instant,
}

/// A request under way to a copy.
pub(crate) struct Asked<'a> {
    endpoint: &'a Endpoint,
    endpoints: &'a Endpoints,
}

impl Endpoints {
    /// At least one address.
    pub fn new(urls: Vec<String>) -> Self {
        let endpoint = |url: String| Endpoint { url, in_flight: AtomicUsize::new(0), resting: AtomicU64::new(0) };
        Self { all: urls.into_iter().map(endpoint).collect(), in_order: false, began: Instant::now() }
    }

    /// The same for a service whose copies each have something that the others have not: one of them is asked as long as it is there.
    pub fn one_at_a_time(urls: Vec<String>) -> Self {
        Self { in_order: true, ..Self::new(urls) }
    }

    fn now(&self) -> u64 {
        self.began.elapsed().as_millis() as u64
    }

    /// Of two chosen by chance the one with less to do; not `except`, and none that rests, unless there is no other.
    pub fn pick(&self, except: Option<&str>) -> Option<Asked<'_>> {
        let now = self.now();
        let others = || self.all.iter().filter(|endpoint| except != Some(&endpoint.url));
        let mut able: Vec<&Endpoint> = others().filter(|endpoint| endpoint.resting.load(Ordering::Relaxed) <= now).collect();
        if able.is_empty() {
            able = others().collect();
        }
        let chance = |able: &[&'_ Endpoint]| rand::rng().random_range(0..able.len());
        let endpoint = match able.len() {
            0 => return None,
            1 => able[0],
            _ if self.in_order => able[0],
            _ => {
                let (one, other) = (able.swap_remove(chance(&able)), able[chance(&able)]);
                let load = |endpoint: &Endpoint| endpoint.in_flight.load(Ordering::Relaxed);
                if load(one) <= load(other) { one } else { other }
            }
        };
        endpoint.in_flight.fetch_add(1, Ordering::Relaxed);
        Some(Asked { endpoint, endpoints: self })
    }
}

impl Asked<'_> {
    pub fn url(&self) -> &str {
        &self.endpoint.url
    }

    /// It could not be reached.
    pub fn unreachable(&self) {
        self.endpoint.resting.store(self.endpoints.now() + REST.as_millis() as u64, Ordering::Relaxed);
    }
}

impl Drop for Asked<'_> {
    fn drop(&mut self) {
        self.endpoint.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    #[test]
    fn the_idle_copy_is_asked_and_the_dead_one_is_not() {
        let copies = Endpoints::new(vec!["a".into(), "b".into()]);
        let busy: Vec<Asked<'_>> = (0..10).filter_map(|_| copies.pick(Some("b"))).collect();
        assert!(busy.iter().all(|asked| asked.url() == "a"));
        let mut asked: HashMap<String, u32> = HashMap::new();
        for _ in 0..200 {
            *asked.entry(copies.pick(None).unwrap().url().to_owned()).or_default() += 1;
        }
        assert_eq!(asked.get("b"), Some(&200), "both are always compared: {asked:?}");
        copies.pick(Some("a")).unwrap().unreachable();
        assert!((0..50).all(|_| copies.pick(None).unwrap().url() == "a"), "who cannot be reached is left alone");
        copies.pick(Some("b")).unwrap().unreachable();
        assert!(copies.pick(None).is_some(), "where all rest, one is asked all the same");
        assert!(Endpoints::new(vec!["a".into()]).pick(Some("a")).is_none());
    }

    #[test]
    fn where_only_one_knows_it_is_always_asked() {
        let copies = Endpoints::one_at_a_time(vec!["a".into(), "b".into()]);
        let busy: Vec<Asked<'_>> = (0..50).filter_map(|_| copies.pick(None)).collect();
        assert!(busy.iter().all(|asked| asked.url() == "a"));
        copies.pick(None).unwrap().unreachable();
        assert_eq!(copies.pick(None).unwrap().url(), "b", "while it is away another is");
    }
}

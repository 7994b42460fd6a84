//! What a service's metrics said, and what follows from two such readings.

use crate::prometheus::samples;
use chrono::{DateTime, Utc};
use looma_kernel::types::ServiceName;
use std::collections::BTreeMap;

/// One scrape of one service.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Reading {
    pub at: DateTime<Utc>,
    /// Since the process began, without probes and scrapes.
    pub requests: f64,
    /// Of these, answered with 5xx.
    pub errors: f64,
    /// Requests that took at most so many seconds, in order; the last bound is infinite.
    pub buckets: Vec<(f64, f64)>,
    /// Of the process the service runs in.
    pub memory_bytes: Option<f64>,
    pub cpu_seconds: Option<f64>,
    /// Where the projections of the process stand.
    pub projections: BTreeMap<String, f64>,
}

impl Reading {
    /// What `text`, the service's `/metrics`, says.
    pub fn new(at: DateTime<Utc>, service: ServiceName, text: &str) -> Self {
        let mut reading = Self { at, ..Self::default() };
        let mut buckets: BTreeMap<u64, f64> = BTreeMap::new();
        for sample in samples(text) {
            let own = || sample.label("service") == Some(service.as_str()) && !sample.label("route").is_some_and(is_probe);
            match sample.name {
                "http_requests_total" if own() => {
                    reading.requests += sample.value;
                    if sample.label("status").is_some_and(|status| status.starts_with('5')) {
                        reading.errors += sample.value;
                    }
                }
                "http_request_duration_seconds_bucket" if own() => {
                    let bound = match sample.label("le") {
                        Some("+Inf") => f64::INFINITY,
                        Some(bound) => bound.parse().unwrap_or(f64::INFINITY),
                        None => continue,
                    };
                    // Positive floats sort like their bits.
                    *buckets.entry(bound.to_bits()).or_default() += sample.value;
                }
                "process_resident_memory_bytes" => reading.memory_bytes = Some(sample.value),
                "process_cpu_seconds_total" => reading.cpu_seconds = Some(sample.value),
                "looma_projection_position" => {
                    reading.projections.insert(sample.label("projection").unwrap_or_default().to_owned(), sample.value);
                }
                _ => {}
            }
        }
        reading.buckets = buckets.into_iter().map(|(bits, count)| (f64::from_bits(bits), count)).collect();
        reading
    }
}

fn is_probe(route: &str) -> bool {
    route == "/metrics" || route.starts_with("/health")
}

/// What happened between two readings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rates {
    pub requests: f64,
    pub requests_per_second: f64,
    /// Share of 5xx; `None` without requests, as is the next.
    pub error_share: Option<f64>,
    pub p99_ms: Option<f64>,
    /// Processor cores the process used.
    pub cpu_cores: Option<f64>,
}

impl Rates {
    pub fn between(before: &Reading, after: &Reading) -> Option<Self> {
        let seconds = (after.at - before.at).as_seconds_f64();
        if seconds <= 0.0 {
            return None;
        }
        let requests = grown(before.requests, after.requests);
        let some = requests > 0.0;
        Some(Self {
            requests,
            requests_per_second: requests / seconds,
            error_share: some.then(|| grown(before.errors, after.errors) / requests),
            p99_ms: quantile(0.99, &before.buckets, &after.buckets).map(|seconds| seconds * 1000.0),
            cpu_cores: before.cpu_seconds.zip(after.cpu_seconds).map(|(before, after)| grown(before, after) / seconds),
        })
    }
}

/// How much a counter grew; one that fell began anew with its process.
fn grown(before: f64, after: f64) -> f64 {
    if after < before { after } else { after - before }
}

/// The quantile of what fell into the buckets meanwhile, in seconds, interpolated within its bucket as Prometheus'
/// `histogram_quantile` does; beyond the last finite bound it is that bound.
fn quantile(q: f64, before: &[(f64, f64)], after: &[(f64, f64)]) -> Option<f64> {
    let earlier = |bound: f64| before.iter().find(|(b, _)| b.total_cmp(&bound).is_eq()).map_or(0.0, |(_, count)| *count);
    let counts: Vec<(f64, f64)> = after.iter().map(|(bound, count)| (*bound, grown(earlier(*bound), *count))).collect();
    let total = counts.last()?.1;
    if total <= 0.0 {
        return None;
    }
    let rank = q * total;
    let (mut low, mut below) = (0.0, 0.0);
    for (bound, count) in counts {
        if count >= rank {
            let within = if count > below { (rank - below) / (count - below) } else { 1.0 };
            return Some(if bound.is_finite() { low + (bound - low) * within } else { low });
        }
        (low, below) = (if bound.is_finite() { bound } else { low }, count);
    }
    Some(low)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(second: i64, text: &str) -> Reading {
        Reading::new(DateTime::from_timestamp(second, 0).unwrap(), ServiceName::Job, text)
    }

    const BEFORE: &str = "http_requests_total{service=\"job\",route=\"/j\",status=\"200\"} 100\n\
        http_request_duration_seconds_bucket{service=\"job\",route=\"/j\",le=\"0.01\"} 100\n\
        http_request_duration_seconds_bucket{service=\"job\",route=\"/j\",le=\"0.1\"} 100\n\
        http_request_duration_seconds_bucket{service=\"job\",route=\"/j\",le=\"+Inf\"} 100\n\
        process_cpu_seconds_total 3\n";
    const AFTER: &str = "http_requests_total{service=\"job\",route=\"/j\",status=\"200\"} 190\n\
        http_requests_total{service=\"job\",route=\"/j\",status=\"503\"} 10\n\
        http_requests_total{service=\"job\",route=\"/metrics\",status=\"200\"} 999\n\
        http_requests_total{service=\"user\",route=\"/j\",status=\"200\"} 999\n\
        http_request_duration_seconds_bucket{service=\"job\",route=\"/j\",le=\"0.01\"} 190\n\
        http_request_duration_seconds_bucket{service=\"job\",route=\"/j\",le=\"0.1\"} 200\n\
        http_request_duration_seconds_bucket{service=\"job\",route=\"/j\",le=\"+Inf\"} 200\n\
        process_cpu_seconds_total 8\n";

    #[test]
    fn rates_come_from_what_grew() {
        let rates = Rates::between(&reading(0, BEFORE), &reading(10, AFTER)).unwrap();
        assert_eq!((rates.requests, rates.requests_per_second, rates.error_share), (100.0, 10.0, Some(0.1)));
        assert_eq!(rates.cpu_cores, Some(0.5));
        // 90 within 10 ms, 10 within 100 ms: the 99th is nine tenths of the way through the second bucket.
        assert!((rates.p99_ms.unwrap() - 91.0).abs() < 1e-6, "{rates:?}");
    }

    #[test]
    fn nothing_happened_means_no_shares() {
        let rates = Rates::between(&reading(0, BEFORE), &reading(10, BEFORE)).unwrap();
        assert_eq!((rates.requests_per_second, rates.error_share, rates.p99_ms), (0.0, None, None));
        assert_eq!(Rates::between(&reading(5, BEFORE), &reading(5, AFTER)), None);
    }

    #[test]
    fn a_restart_is_no_negative_rate() {
        let rates = Rates::between(&reading(0, AFTER), &reading(10, BEFORE)).unwrap();
        assert!((rates.requests - 100.0).abs() < 1e-9);
    }

    #[test]
    fn slower_than_the_last_bound_is_the_last_bound() {
        assert_eq!(quantile(0.99, &[], &[(1.0, 1.0), (f64::INFINITY, 100.0)]), Some(1.0));
    }
}

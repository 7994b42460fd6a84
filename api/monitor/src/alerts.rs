//! What is wrong now.

use crate::collect::Track;
use chrono::DateTime;
use looma_kernel::Position;
use looma_kernel::types::ServiceName;
use looma_kernel::types::monitor::Alert;
use std::collections::BTreeMap;

/// Share of 5xx over the last minute.
const MAX_ERRORS: f64 = 0.05;
const MAX_P99_MS: f64 = 1_000.0;
/// Fewer requests in a minute say nothing about shares.
const ENOUGH: f64 = 10.0;

/// Names an alert over time: the rule and what it is about.
pub(crate) type Rule = (&'static str, String);

/// Every rule that is broken; `since` is filled in by the caller. `due` is the event up to which projections should stand.
pub(crate) fn alerts(tracks: &BTreeMap<ServiceName, Track>, due: Option<Position>) -> Vec<(Rule, Alert)> {
    let mut found = Vec::new();
    let mut add = |rule: &'static str, about: String, service: ServiceName, critical: bool, detail: String| {
        let severity = if critical { "critical" } else { "warning" }.to_owned();
        found.push(((rule, about), Alert { rule: rule.to_owned(), service: Some(service), severity, detail, since: DateTime::UNIX_EPOCH }));
    };
    let mut behind: BTreeMap<&str, (ServiceName, f64)> = BTreeMap::new();
    for (&service, track) in tracks {
        if let Some(reason) = &track.down {
            add("service-down", service.to_string(), service, service.is_critical(), format!("{service} does not answer: {reason}"));
            continue;
        }
        if let Some(rates) = track.rates().filter(|rates| rates.requests >= ENOUGH) {
            if let Some(share) = rates.error_share.filter(|share| *share > MAX_ERRORS) {
                add(
                    "error-share",
                    service.to_string(),
                    service,
                    share > 0.5,
                    format!("{:.0} % of the last minute's requests failed", share * 100.0),
                );
            }
            if let Some(p99) = rates.p99_ms.filter(|p99| *p99 > MAX_P99_MS) {
                add("p99", service.to_string(), service, false, format!("one request in a hundred takes longer than {p99:.0} ms"));
            }
        }
        for (name, position) in track.last().into_iter().flat_map(|reading| &reading.projections) {
            // Seen through every service of the process that feeds it: the newest counts.
            let seen = behind.entry(name).or_insert((feeds(name), *position));
            seen.1 = seen.1.max(*position);
        }
    }
    for (name, (service, position)) in behind {
        if let Some(due) = due.filter(|due| position < *due as f64) {
            let missing = due as f64 - position;
            add(
                "projection-lag",
                name.to_owned(),
                service,
                false,
                format!("{name} is {missing:.0} events and more than 10 s behind what was written"),
            );
        }
    }
    found
}

fn feeds(projection: &str) -> ServiceName {
    if projection == "graph" { ServiceName::Relationship } else { ServiceName::Search }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Reading;

    fn track(requests: f64, errors: f64, slow: f64) -> Track {
        let mut track = Track::default();
        for (second, share) in [(0, 0.0), (60, 1.0)] {
            track.note(Ok(Reading {
                at: DateTime::from_timestamp(second, 0).unwrap(),
                requests: requests * share,
                errors: errors * share,
                buckets: vec![(1.0, (requests - slow) * share), (5.0, requests * share), (f64::INFINITY, requests * share)],
                ..Reading::default()
            }));
        }
        track
    }

    fn rules(track: Track) -> Vec<&'static str> {
        alerts(&BTreeMap::from([(ServiceName::Job, track)]), None).into_iter().map(|((rule, _), _)| rule).collect()
    }

    #[test]
    fn errors_and_slowness_are_told_when_there_is_enough_to_judge() {
        assert_eq!(rules(track(100.0, 5.0, 0.0)), [] as [&str; 0]);
        assert_eq!(rules(track(100.0, 6.0, 0.0)), ["error-share"]);
        assert_eq!(rules(track(100.0, 0.0, 10.0)), ["p99"]);
        assert_eq!(rules(track(9.0, 9.0, 9.0)), [] as [&str; 0]);
    }
}

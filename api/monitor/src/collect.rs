//! An hour of readings of every service.

use crate::alerts::{Rule, alerts};
use crate::history::{Rates, Reading};
use chrono::{DateTime, TimeDelta, Utc};
use looma_kernel::types::ServiceName;
use looma_kernel::types::monitor::{Alert, MetricPoint};
use looma_kernel::{Client, Position};
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

/// How often all are asked.
pub(crate) const EVERY: Duration = Duration::from_secs(10);
/// The longest one may take to answer.
pub(crate) const LIMIT: Duration = Duration::from_secs(2);
/// An hour.
const KEEP: usize = 360;
/// Rates are told over the last minute; a tick may come late.
const MINUTE: TimeDelta = TimeDelta::seconds(65);

/// What is known of one service.
#[derive(Default)]
pub(crate) struct Track {
    readings: VecDeque<Reading>,
    /// Why it did not answer the last time.
    pub down: Option<String>,
}

impl Track {
    pub fn note(&mut self, outcome: Result<Reading, String>) {
        match outcome {
            Ok(reading) => {
                if self.readings.len() >= KEEP {
                    self.readings.pop_front();
                }
                self.readings.push_back(reading);
                self.down = None;
            }
            Err(reason) => self.down = Some(reason),
        }
    }

    pub fn last(&self) -> Option<&Reading> {
        self.readings.back()
    }

    /// Over the last minute.
    pub fn rates(&self) -> Option<Rates> {
        let last = self.last()?;
        let first = self.readings.iter().find(|reading| last.at - reading.at <= MINUTE)?;
        Rates::between(first, last)
    }

    /// A metric's points since an instant.
    pub fn points(&self, metric: Metric, since: DateTime<Utc>) -> Vec<MetricPoint> {
        let pairs = self.readings.iter().zip(self.readings.iter().skip(1));
        let recent = pairs.filter(|(_, after)| after.at >= since);
        recent.filter_map(|(before, after)| Some(MetricPoint { at: after.at, value: metric.value(before, after)? })).collect()
    }
}

/// What is charted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Metric {
    Requests,
    Errors,
    P99,
    Memory,
    Cpu,
}

impl Metric {
    pub const ALL: [Self; 5] = [Self::Requests, Self::Errors, Self::P99, Self::Memory, Self::Cpu];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Requests => "requests_per_second",
            Self::Errors => "error_share",
            Self::P99 => "p99_ms",
            Self::Memory => "memory_bytes",
            Self::Cpu => "cpu_cores",
        }
    }

    pub const fn unit(self) -> &'static str {
        match self {
            Self::Requests => "1/s",
            Self::Errors => "share",
            Self::P99 => "ms",
            Self::Memory => "bytes",
            Self::Cpu => "cores",
        }
    }

    fn value(self, before: &Reading, after: &Reading) -> Option<f64> {
        let rates = Rates::between(before, after)?;
        match self {
            Self::Requests => Some(rates.requests_per_second),
            Self::Errors => Some(rates.error_share.unwrap_or(0.0)),
            Self::P99 => rates.p99_ms,
            Self::Memory => after.memory_bytes,
            Self::Cpu => rates.cpu_cores,
        }
    }
}

/// All that is remembered.
#[derive(Default)]
pub(crate) struct State {
    pub tracks: BTreeMap<ServiceName, Track>,
    pub alerts: Vec<Alert>,
    since: BTreeMap<Rule, DateTime<Utc>>,
    /// The newest event at the last round.
    newest: Option<Position>,
}

impl State {
    /// Takes the answers of one round in and looks for what is wrong. `newest` is the outbox's last position, where
    /// it could be read.
    pub fn take(&mut self, at: DateTime<Utc>, answers: Vec<(ServiceName, Result<Reading, String>)>, newest: Option<Position>) {
        for (service, outcome) in answers {
            self.tracks.entry(service).or_default().note(outcome);
        }
        // What was written before the last round has had ten seconds to arrive in the projections.
        let due = std::mem::replace(&mut self.newest, newest);
        let found = alerts(&self.tracks, due);
        self.since.retain(|rule, _| found.iter().any(|(known, _)| known == rule));
        self.alerts = found
            .into_iter()
            .map(|(rule, mut alert)| {
                alert.since = *self.since.entry(rule).or_insert(at);
                alert
            })
            .collect();
    }
}

/// Asks one service for its metrics.
pub(crate) async fn scrape(client: &Client, service: ServiceName) -> Result<Reading, String> {
    let answer = match tokio::time::timeout(LIMIT, client.get(service, "/metrics")).await {
        Ok(answer) => answer.map_err(|failure| failure.problem.detail.unwrap_or(failure.problem.title))?,
        Err(_) => return Err(format!("no answer within {} s", LIMIT.as_secs())),
    };
    Ok(Reading::new(looma_kernel::types::now(), service, &String::from_utf8_lossy(&answer.body)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(second, 0).unwrap()
    }

    #[test]
    fn an_hour_is_kept_and_the_last_minute_told() {
        let mut track = Track::default();
        for tick in 0..400 {
            // One request a second, then ten in the last minute.
            let requests = if tick < 394 { 10 * tick } else { 3940 + 100 * (tick - 394) };
            track.note(Ok(Reading { at: at(10 * tick), requests: requests as f64, ..Reading::default() }));
        }
        assert_eq!(track.readings.len(), KEEP);
        let rate = track.rates().unwrap().requests_per_second;
        assert!(rate > 8.0, "{rate}");
        let points = track.points(Metric::Requests, at(3_700));
        assert_eq!(points.len(), 30);
        assert!((points[0].value - 1.0).abs() < 1e-9);
    }

    #[test]
    fn an_alert_keeps_its_beginning_and_goes_with_its_cause() {
        let mut state = State::default();
        let down = || vec![(ServiceName::Job, Err("gone".to_owned()))];
        state.take(at(10), down(), None);
        state.take(at(20), down(), None);
        assert_eq!((state.alerts.len(), state.alerts[0].since), (1, at(10)));
        state.take(at(30), vec![(ServiceName::Job, Ok(Reading::default()))], None);
        assert_eq!(state.alerts, []);
        state.take(at(40), down(), None);
        assert_eq!(state.alerts[0].since, at(40));
    }

    #[test]
    fn a_projection_has_ten_seconds_to_follow() {
        let mut state = State::default();
        let stands = |position: f64| {
            let projections = BTreeMap::from([("graph".to_owned(), position)]);
            vec![(ServiceName::Relationship, Ok(Reading { projections, ..Reading::default() }))]
        };
        state.take(at(10), stands(5.0), Some(9));
        assert_eq!(state.alerts, []);
        state.take(at(20), stands(5.0), Some(9));
        assert_eq!(state.alerts[0].rule, "projection-lag");
        state.take(at(30), stands(9.0), Some(50));
        assert_eq!(state.alerts, []);
    }
}

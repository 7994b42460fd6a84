//! Copies in other processes are asked now and then whether they are ready, beside the requests.

use super::endpoints::Endpoint;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::task::TaskTracker;

/// A copy gives its own parts two seconds.
const LIMIT: Duration = Duration::from_secs(3);

/// What checks need to run, and to end with the process.
pub(crate) struct Checks {
    pub tasks: TaskTracker,
    pub stop: watch::Receiver<bool>,
    pub every: Duration,
}

impl Checks {
    /// Checks a copy from now on.
    pub(super) fn begin(&self, http: &reqwest::Client, endpoint: Arc<Endpoint>) {
        let (http, every, mut stop) = (http.clone(), self.every, self.stop.clone());
        let address = format!("{}/health/ready", endpoint.url());
        let work = async move {
            let mut turns = interval(every);
            turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                turns.tick().await;
                let answer = http.get(&address).timeout(LIMIT).send().await;
                endpoint.checked(answer.is_ok_and(|answer| answer.status().is_success()));
            }
        };
        self.tasks.spawn(async move {
            tokio::select! {
                _ = stop.wait_for(|stop| *stop) => {}
                () = work => {}
            }
        });
    }
}

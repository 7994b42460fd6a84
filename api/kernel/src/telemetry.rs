//! Logs and metrics of the process.

use crate::kernel::Kernel;
use crate::logs::LogRing;
use crate::settings::{LogFormat, LogSettings};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use looma_types::ServiceName;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::io::IsTerminal;
use std::sync::OnceLock;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry, reload};

/// Seconds; from a cached read to the longest request.
const BUCKETS: [f64; 12] = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0];

static METRICS: OnceLock<PrometheusHandle> = OnceLock::new();
static FILTER: OnceLock<reload::Handle<EnvFilter, Registry>> = OnceLock::new();

/// Begins logging to standard error and to the ring. A second call in one process gives another ring and changes nothing else.
pub fn start(settings: &LogSettings) -> LogRing {
    let ring = LogRing::new(settings.ring_lines);
    let (filter, handle) = reload::Layer::new(filter(&settings.level));
    let colours = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    // Who reads our log may be gone before us: that is no reason to panic.
    let output = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(colours).log_internal_errors(false);
    let output = match settings.format {
        LogFormat::Pretty => output.boxed(),
        LogFormat::Json => output.json().flatten_event(true).boxed(),
    };
    if tracing_subscriber::registry().with(filter).with(ring.clone()).with(output).try_init().is_ok() {
        let _ = FILTER.set(handle);
    }
    metrics_handle();
    ring
}

fn filter(level: &str) -> EnvFilter {
    EnvFilter::try_new(level).unwrap_or_else(|_| EnvFilter::new("info"))
}

/// Whether a text is a filter that [`follow`] can apply.
pub fn is_filter(level: &str) -> bool {
    EnvFilter::try_new(level).is_ok()
}

/// Applies changes of the log level while running.
pub fn follow(kernel: &Kernel) {
    let mut live = kernel.live().subscribe();
    kernel.spawn(|mut stop| async move {
        loop {
            tokio::select! {
                _ = stop.changed() => return,
                changed = live.changed() => if changed.is_err() { return },
            }
            let level = live.borrow_and_update().log_level.clone();
            if let Some(handle) = FILTER.get()
                && handle.reload(filter(&level)).is_ok()
            {
                tracing::info!(level, "log level changed");
            }
        }
    });
}

fn metrics_handle() -> &'static PrometheusHandle {
    METRICS.get_or_init(|| {
        let recorder = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_seconds".into()), &BUCKETS)
            .unwrap_or_else(|_| PrometheusBuilder::new())
            .build_recorder();
        let handle = recorder.handle();
        // Another recorder can only be there in tests; then ours stays empty.
        let _ = metrics::set_global_recorder(recorder);
        handle
    })
}

/// The process's metrics as Prometheus text: those of `service` and those that belong to no service.
pub(crate) fn render(service: ServiceName) -> Response {
    let handle = metrics_handle();
    handle.run_upkeep();
    let own = format!("service=\"{service}\"");
    let text: String =
        handle.render().lines().filter(|line| !line.contains("service=\"") || line.contains(&own)).flat_map(|line| [line, "\n"]).collect();
    let text = format!("{text}# TYPE looma_up gauge\nlooma_up{{service=\"{service}\"}} 1\n");
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}

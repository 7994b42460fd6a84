//! The newest log lines in memory, for the log service and its tail.

use looma_types::log::LogLine;
use serde_json::{Map, Value};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use tokio::sync::broadcast;
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

/// A bounded buffer of lines; clones share it.
#[derive(Clone)]
pub struct LogRing(Arc<Inner>);

struct Inner {
    lines: Mutex<(u64, VecDeque<Arc<LogLine>>)>,
    keep: usize,
    new: broadcast::Sender<Arc<LogLine>>,
}

impl LogRing {
    /// Keeps the newest `keep` lines.
    pub fn new(keep: usize) -> Self {
        Self(Arc::new(Inner { lines: Mutex::default(), keep, new: broadcast::channel(1024).0 }))
    }

    /// Lines as they are written; a reader that is too slow misses some and is told how many.
    pub fn tail(&self) -> broadcast::Receiver<Arc<LogLine>> {
        self.0.new.subscribe()
    }

    /// The lines kept, oldest first.
    pub fn lines(&self) -> Vec<Arc<LogLine>> {
        self.0.lines.lock().map(|lines| lines.1.iter().cloned().collect()).unwrap_or_default()
    }

    fn push(&self, mut line: LogLine) {
        let Ok(mut guard) = self.0.lines.lock() else { return };
        guard.0 += 1;
        line.seq = guard.0;
        let line = Arc::new(line);
        if guard.1.len() >= self.0.keep {
            guard.1.pop_front();
        }
        guard.1.push_back(line.clone());
        drop(guard);
        // Nobody listening is no failure.
        let _ = self.0.new.send(line);
    }
}

impl<S: Subscriber> Layer<S> for LogRing {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        self.push(LogLine {
            seq: 0,
            at: looma_types::now(),
            level: event.metadata().level().to_string(),
            target: event.metadata().target().to_owned(),
            message: fields.message,
            fields: fields.others,
        });
    }
}

#[derive(Default)]
struct Fields {
    message: String,
    others: Map<String, Value>,
}

impl Fields {
    fn put(&mut self, field: &Field, value: Value) {
        self.others.insert(field.name().to_owned(), value);
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        let text = format!("{value:?}");
        if field.name() == "message" { self.message = text } else { self.put(field, text.into()) }
    }
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "message" { value.clone_into(&mut self.message) } else { self.put(field, value.into()) }
    }
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value.into());
    }
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value.into());
    }
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, value.into());
    }
    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value.into());
    }
}

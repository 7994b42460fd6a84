//! Which lines are asked for.

use chrono::{DateTime, Utc};
use looma_kernel::types::ServiceName;
use looma_kernel::types::log::LogLine;
use looma_kernel::{Failure, Result};

const LEVELS: [&str; 5] = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR"];

/// All that is said must hold.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filter {
    /// In lower case; anywhere in message, module or fields.
    query: Option<String>,
    /// Index into the levels; this level and those above.
    level: usize,
    service: Option<ServiceName>,
    pub from: Option<DateTime<Utc>>,
    pub to: Option<DateTime<Utc>>,
}

impl Filter {
    /// # Errors
    /// `invalid-input` for a level or service that does not exist.
    pub fn new(query: Option<&str>, level: Option<&str>, service: Option<&str>) -> Result<Self> {
        if query.is_some_and(|query| query.chars().count() > 200) {
            return Err(Failure::field("query", "length", "at most 200 characters"));
        }
        let level = match level {
            None => 0,
            Some(word) => LEVELS
                .iter()
                .position(|level| level.eq_ignore_ascii_case(word))
                .ok_or_else(|| Failure::field("level", "unknown", format!("allowed are {}", LEVELS.join(", ").to_lowercase())))?,
        };
        let service = service.map(str::parse).transpose().map_err(|error: String| Failure::field("service", "unknown", error))?;
        let query = query.map(str::trim).filter(|query| !query.is_empty()).map(str::to_lowercase);
        Ok(Self { query, level, service, from: None, to: None })
    }

    pub fn matches(&self, line: &LogLine) -> bool {
        self.from.is_none_or(|from| line.at >= from)
            && self.to.is_none_or(|to| line.at < to)
            && LEVELS.iter().position(|level| *level == line.level).unwrap_or(LEVELS.len()) >= self.level
            && self.service.is_none_or(|service| is_of(line, service))
            && self.query.as_deref().is_none_or(|query| holds(line, query))
    }
}

/// Lines say their service in a field, or by the module they come from.
fn is_of(line: &LogLine, service: ServiceName) -> bool {
    match line.fields.get("service").and_then(|value| value.as_str()) {
        Some(name) => name == service.as_str(),
        None => {
            line.target.split("::").next().and_then(|module| module.strip_prefix("looma_")) == Some(&service.as_str().replace('-', "_"))
        }
    }
}

fn holds(line: &LogLine, query: &str) -> bool {
    let within = |text: &str| text.to_lowercase().contains(query);
    within(&line.message)
        || within(&line.target)
        || line.fields.iter().any(|(name, value)| match value {
            serde_json::Value::String(text) => within(text),
            other => within(&other.to_string()),
        } || within(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use looma_kernel::types::now;

    fn line(level: &str, target: &str, service: Option<&str>, message: &str) -> LogLine {
        let fields = service.map(|name| ("service".to_owned(), name.into())).into_iter().collect();
        LogLine { seq: 1, at: now(), level: level.into(), target: target.into(), message: message.into(), fields }
    }

    #[test]
    fn a_level_means_it_and_those_above() {
        let filter = Filter::new(None, Some("warn"), None).unwrap();
        let seen: Vec<_> = LEVELS.into_iter().filter(|level| filter.matches(&line(level, "x", None, ""))).collect();
        assert_eq!(seen, ["WARN", "ERROR"]);
        assert!(Filter::new(None, Some("loud"), None).is_err());
    }

    #[test]
    fn a_service_is_known_by_field_or_module() {
        let filter = Filter::new(None, None, Some("job")).unwrap();
        assert!(filter.matches(&line("INFO", "access", Some("job"), "")));
        assert!(filter.matches(&line("INFO", "looma_job::service", None, "")));
        assert!(!filter.matches(&line("INFO", "looma_job::service", Some("user"), "")));
    }

    #[test]
    fn the_query_ignores_case_and_looks_everywhere() {
        let filter = Filter::new(Some(" Zürich "), None, None).unwrap();
        assert!(filter.matches(&line("INFO", "x", None, "moved to ZÜRICH")));
        assert!(!filter.matches(&line("INFO", "x", None, "moved to Bern")));
    }
}

//! What differs between two versions of the settings.

use looma_kernel::types::config::{ConfigChange, LiveSettings};
use serde_json::{Map, Value};

/// One entry for each key whose value differs, in order of key.
pub(crate) fn diff(before: &LiveSettings, after: &LiveSettings) -> Vec<ConfigChange> {
    let (before, after) = (keys(before), keys(after));
    let mut names: Vec<&String> = before.keys().chain(after.keys()).collect();
    names.sort_unstable();
    names.dedup();
    let value = |map: &Map<String, Value>, key: &str| map.get(key).cloned().unwrap_or(Value::Null);
    names
        .into_iter()
        .map(|key| ConfigChange { key: key.clone(), before: value(&before, key), after: value(&after, key) })
        .filter(|change| change.before != change.after)
        .collect()
}

fn keys(settings: &LiveSettings) -> Map<String, Value> {
    match serde_json::to_value(settings) {
        Ok(Value::Object(map)) => map,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_what_differs_is_told() {
        let before = LiveSettings { log_level: "info".into(), rate_limit_per_second: 200, rate_limit_burst: 400, maintenance: Vec::new() };
        assert_eq!(diff(&before, &before), []);
        let after = LiveSettings { log_level: "debug".into(), rate_limit_burst: 10, ..before.clone() };
        let changes: Vec<_> = diff(&before, &after).into_iter().map(|change| (change.key, change.before, change.after)).collect();
        assert_eq!(
            changes,
            [("log_level".to_owned(), json!("info"), json!("debug")), ("rate_limit_burst".to_owned(), json!(400), json!(10))]
        );
    }
}

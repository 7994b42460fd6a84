//! What an event says of a change: the fields that differ, before and after, and of secrets only that they changed.

use serde::Serialize;
use serde_json::{Map, Value, json};

/// Fields whose values never come into the audit log, wherever they stand.
pub const SECRET: [&str; 15] = [
    "access_token",
    "client_secret",
    "current_password",
    "hash",
    "new_password",
    "password",
    "password_hash",
    "pkcs8",
    "recovery_codes",
    "refresh_token",
    "secret",
    "secret_hash",
    "token",
    "token_hash",
    "totp",
];

/// What stands in place of a secret.
const CHANGED: &str = "changed";

/// `{"before": …, "after": …}` with the fields that differ; `()` for what was not there before or is not after.
pub fn changed(before: impl Serialize, after: impl Serialize) -> Value {
    // What has no JSON form has nothing to tell.
    let value = |of: serde_json::Result<Value>| of.unwrap_or_default();
    let (before, after) = differences(value(serde_json::to_value(before)), value(serde_json::to_value(after)));
    let mut sides = Map::new();
    for (name, side) in [("before", before), ("after", after)] {
        if !side.is_null() {
            sides.insert(name.into(), side);
        }
    }
    without_secrets(sides.into())
}

fn differences(before: Value, after: Value) -> (Value, Value) {
    let (mut before, mut after) = match (before, after) {
        (Value::Object(before), Value::Object(after)) => (before, after),
        other => return other,
    };
    let same: Vec<_> = before.iter().filter(|(name, value)| after.get(*name) == Some(value)).map(|(name, _)| name.clone()).collect();
    for name in same {
        before.remove(&name);
        after.remove(&name);
    }
    for (name, value) in &mut before {
        if let Some(other) = after.get_mut(name) {
            (*value, *other) = differences(value.take(), other.take());
        }
    }
    (before.into(), after.into())
}

/// The same without the values of secret fields.
pub fn without_secrets(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(without_secrets).collect(),
        Value::Object(fields) => {
            let kept = |(name, value): (String, Value)| {
                let is_secret = SECRET.contains(&name.to_lowercase().as_str());
                let value = if is_secret { json!(CHANGED) } else { without_secrets(value) };
                (name, value)
            };
            fields.into_iter().map(kept).collect::<Map<_, _>>().into()
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_told_and_nothing_else() {
        let before = json!({ "name": "Ann", "role": "user", "contact": { "phone": "1", "city": "上海" }, "old": 1 });
        let after = json!({ "name": "Ann", "role": "admin", "contact": { "phone": "2", "city": "上海" }, "new": [1] });
        assert_eq!(
            changed(&before, &after),
            json!({
                "before": { "role": "user", "contact": { "phone": "1" }, "old": 1 },
                "after": { "role": "admin", "contact": { "phone": "2" }, "new": [1] },
            })
        );
        assert_eq!(changed(&before, &before), json!({ "before": {}, "after": {} }));
        assert_eq!(changed((), json!({ "name": "Ann" })), json!({ "after": { "name": "Ann" } }));
        assert_eq!(changed(json!({ "name": "Ann" }), ()), json!({ "before": { "name": "Ann" } }));
    }

    #[test]
    fn of_secrets_only_that_they_changed() {
        let before = json!({ "metadata": { "Password": "old one" }, "keys": [{ "secret": "s1" }], "name": "n" });
        let after = json!({ "metadata": { "Password": "new one" }, "keys": [{ "secret": "s2" }], "name": "n" });
        let told = changed(before, after);
        assert_eq!(told["after"], json!({ "metadata": { "Password": "changed" }, "keys": [{ "secret": "changed" }] }));
        for secret in ["old one", "new one", "s1", "s2"] {
            assert!(!told.to_string().contains(secret));
        }
    }
}

//! What changed between two versions, field by field.

use looma_kernel::types::resume::FieldChange;
use serde_json::Value;
use std::collections::BTreeMap;

/// More differences than this are not listed; two different resumes differ everywhere.
const MOST: usize = 2_000;

/// Fields whose values differ, in order of their pointers.
pub(crate) fn changes(before: &Value, after: &Value) -> Vec<FieldChange> {
    let (mut old, mut new) = (BTreeMap::new(), BTreeMap::new());
    leaves(before, String::new(), &mut old);
    leaves(after, String::new(), &mut new);
    let mut pointers: Vec<&String> = old.keys().chain(new.keys()).collect();
    pointers.sort();
    pointers.dedup();
    let change = |pointer: &String| {
        let (before, after) = (old.get(pointer), new.get(pointer));
        (before != after).then(|| FieldChange {
            pointer: pointer.clone(),
            before: before.map(|value| (*value).clone()),
            after: after.map(|value| (*value).clone()),
        })
    };
    pointers.into_iter().filter_map(change).take(MOST).collect()
}

fn leaves<'a>(value: &'a Value, pointer: String, found: &mut BTreeMap<String, &'a Value>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                leaves(value, format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1")), found);
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                leaves(value, format!("{pointer}/{index}"), found);
            }
        }
        leaf => {
            found.insert(pointer, leaf);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_what_differs_is_told() {
        let before = json!({"basics": {"name": "Ann", "email": "a@x"}, "work": [{"name": "A"}]});
        let after = json!({"basics": {"name": "Ann", "phone": "1"}, "work": [{"name": "B"}]});
        let found: Vec<_> = changes(&before, &after).into_iter().map(|c| (c.pointer, c.before, c.after)).collect();
        assert_eq!(
            found,
            [
                ("/basics/email".into(), Some(json!("a@x")), None),
                ("/basics/phone".into(), None, Some(json!("1"))),
                ("/work/0/name".into(), Some(json!("A")), Some(json!("B"))),
            ]
        );
        assert!(changes(&before, &before).is_empty());
    }
}

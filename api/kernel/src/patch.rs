//! JSON merge patch (RFC 7396) onto a draft.

use crate::extract::{read_json, validate};
use crate::failure::{Failure, Result};
use axum::extract::{FromRequest, Request};
use garde::Validate;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The body of a PATCH: `application/merge-patch+json` or `application/json`.
#[derive(Debug, Clone)]
pub struct Patch(pub Value);

/// Any JSON object; its rules are checked once it is merged.
#[derive(serde::Deserialize)]
#[serde(transparent)]
struct Object(serde_json::Map<String, Value>);

impl Validate for Object {
    type Context = ();
    fn validate_into(&self, (): &(), _: &mut dyn FnMut() -> garde::Path, _: &mut garde::Report) {}
}

impl<S: Send + Sync> FromRequest<S> for Patch {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        let crate::extract::Valid(Object(map)) = crate::extract::Valid::from_request(request, state).await?;
        Ok(Self(Value::Object(map)))
    }
}

impl Patch {
    /// `current` with the patch applied, validated.
    /// # Errors
    /// 422 naming the field that is wrong afterwards.
    pub fn apply<T: Serialize + DeserializeOwned + Validate<Context = ()>>(&self, current: &T) -> Result<T> {
        let mut value = serde_json::to_value(current).map_err(Failure::internal)?;
        merge(&mut value, &self.0);
        let bytes = serde_json::to_vec(&value).map_err(Failure::internal)?;
        let merged: T = read_json(&bytes)?;
        validate(&merged)?;
        Ok(merged)
    }
}

fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        target.clone_from(patch);
        return;
    };
    if !target.is_object() {
        *target = Value::Object(serde_json::Map::new());
    }
    if let Value::Object(target) = target {
        for (key, value) in patch {
            if value.is_null() {
                target.remove(key);
            } else {
                merge(target.entry(key).or_insert(Value::Null), value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn merges_as_the_rfc_says() {
        let mut value = json!({"title": "Goodbye!", "author": {"given": "John", "family": "Doe"}, "tags": ["example"]});
        merge(&mut value, &json!({"title": "Hello!", "author": {"family": null}, "tags": ["sample"]}));
        assert_eq!(value, json!({"title": "Hello!", "author": {"given": "John"}, "tags": ["sample"]}));
    }
}

//! One value, one row of bytes: JSON without spaces, the keys of every object in order of their bytes.

use serde_json::Value;

/// The canonical bytes of a value. (`serde_json` keeps the order of keys or not by a feature that any crate may turn on.)
pub fn canonical(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(1024);
    write(value, &mut bytes);
    bytes
}

fn write(value: &Value, bytes: &mut Vec<u8>) {
    match value {
        Value::Array(items) => {
            bytes.push(b'[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    bytes.push(b',');
                }
                write(item, bytes);
            }
            bytes.push(b']');
        }
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_unstable_by_key(|(key, _)| *key);
            bytes.push(b'{');
            for (at, (key, item)) in fields.into_iter().enumerate() {
                if at > 0 {
                    bytes.push(b',');
                }
                text(key, bytes);
                bytes.push(b':');
                write(item, bytes);
            }
            bytes.push(b'}');
        }
        Value::String(content) => text(content, bytes),
        Value::Null | Value::Bool(_) | Value::Number(_) => bytes.extend_from_slice(value.to_string().as_bytes()),
    }
}

fn text(content: &str, bytes: &mut Vec<u8>) {
    bytes.extend_from_slice(Value::from(content).to_string().as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_in_order_at_every_depth() {
        let value: Value = serde_json::from_str(r#"{"b":[{"z":1,"a":"x\"\u4e2d"}],"a":null,"":1.5}"#).unwrap();
        assert_eq!(String::from_utf8(canonical(&value)).unwrap(), "{\"\":1.5,\"a\":null,\"b\":[{\"a\":\"x\\\"中\",\"z\":1}]}");
    }
}

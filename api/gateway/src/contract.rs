//! The contracts of all services as one.

use futures::future::join_all;
use looma_kernel::Kernel;
use looma_kernel::types::ServiceName;
use serde_json::{Map, Value, json};

/// Paths and schemas of every service that answers; of equal names the first is kept.
pub(crate) async fn of_all(kernel: &Kernel) -> Value {
    let services = ServiceName::ALL.into_iter().filter(|service| *service != ServiceName::Gateway);
    let asked = services.map(|service| async move { kernel.client().get(service, "/openapi.json").await.ok()?.json::<Value>().ok() });
    let contracts: Vec<Value> = join_all(asked).await.into_iter().flatten().collect();
    let mut whole = json!({
        "openapi": "3.1.0",
        "info": { "title": "LoomaCRM AI", "version": env!("CARGO_PKG_VERSION"), "description": "Everything behind the gateway." },
        "paths": {},
        "components": {},
    });
    for contract in contracts {
        add(&mut whole["paths"], &contract["paths"]);
        for (kind, members) in contract["components"].as_object().into_iter().flatten() {
            add(&mut whole["components"][kind], members);
        }
    }
    whole
}

fn add(target: &mut Value, source: &Value) {
    let Some(source) = source.as_object() else { return };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    if let Value::Object(target) = target {
        for (key, value) in source {
            target.entry(key).or_insert_with(|| value.clone());
        }
    }
}

//! The contract in `docs/openapi/` is the one the code has. `UPDATE=1 cargo test -p looma-testing contract` writes it anew.

use looma_testing::TestApp;
use looma_types::ServiceName;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[tokio::test]
async fn the_openapi_files_are_true() {
    let app = TestApp::start().await;
    let folder = root().join("docs/openapi");
    for service in ServiceName::ALL {
        // The gateway's is the sum of the others.
        if service == ServiceName::Gateway {
            continue;
        }
        let seen = app.nobody().at(service).get("/openapi.json").await.value();
        assert!(seen["openapi"].as_str().unwrap().starts_with("3.1"), "{service}");
        let text = format!("{}\n", serde_json::to_string_pretty(&seen).unwrap());
        let file = folder.join(format!("{service}.json"));
        if std::env::var_os("UPDATE").is_some() {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(&file, &text).unwrap();
        }
        let kept = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(kept == text, "{service}: the contract changed; if that is meant, run: UPDATE=1 cargo test -p looma-testing contract");
    }
}

#[test]
fn the_table_of_services_is_the_programs() {
    #[derive(serde::Deserialize, PartialEq, Debug)]
    struct Row {
        port: u16,
        needs: Vec<ServiceName>,
    }
    let text = std::fs::read_to_string(root().join("config/services.yaml")).unwrap();
    let kept: BTreeMap<ServiceName, Row> = serde_norway::from_str(&text).unwrap();
    let own = ServiceName::ALL.map(|service| (service, Row { port: service.default_port(), needs: service.needs().to_vec() }));
    assert_eq!(kept, BTreeMap::from(own));
}

#[tokio::test]
async fn every_service_has_health_metrics_and_a_page_of_its_contract() {
    let app = TestApp::start().await;
    for service in ServiceName::ALL {
        let asked = app.nobody().at(service);
        for path in ["/health", "/health/ready", "/health/live", "/metrics", "/openapi.json"] {
            assert_eq!(asked.get(path).await.status(), 200, "{service}{path}");
        }
        let health: Value = asked.get("/health").await.value();
        assert_eq!(health["service"], service.as_str());
        assert!(asked.get("/metrics").await.text().contains("looma_up"), "{service}");
        assert!(asked.get("/docs/index.html").await.text().contains("swagger"), "{service}");
        for path in ["/docs", "/docs/"] {
            let seen = asked.get(path).await;
            assert_eq!((seen.status(), seen.header("location")), (303, "/docs/index.html"), "{service}{path}");
        }
    }
}

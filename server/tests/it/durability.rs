//! Ended by `kill -9` while it works: nothing that was answered with 2xx is lost, and no projection drifts.

use crate::running::Plan;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

#[tokio::test]
async fn nothing_answered_is_lost_when_it_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let plan = Plan::new(folder.path());
    let mut answered = Vec::new();
    for round in 0..3 {
        let mut running = plan.up().await;
        let deadline = Instant::now() + Duration::from_millis(300 + 200 * round);
        let mut number = 0;
        while Instant::now() < deadline {
            number += 1;
            let (path, body) = if number % 2 == 0 {
                let email = format!("p{round}-{number}@example.com");
                ("/api/v1/people", json!({ "name": format!("Person {round} {number}"), "emails": [email] }))
            } else {
                ("/api/v1/companies", json!({ "name": format!("Company {round} {number}") }))
            };
            let (made, _) = running.post(path, &body).await;
            answered.push(format!("{path}/{}", made["id"].as_str().unwrap()));
        }
        running.kill();
    }
    assert!(answered.len() > 20, "only {} records were made", answered.len());

    let mut running = plan.up().await;
    for path in &answered {
        assert_eq!(running.status(path).await, 200, "{path} is lost");
    }
    let while_running = plan.run(&["verify", "--json"]);
    assert!(while_running.status.success(), "{}", String::from_utf8_lossy(&while_running.stdout));
    let down = plan.run(&["down"]);
    assert!(down.status.success(), "{}", String::from_utf8_lossy(&down.stderr));
    assert!(running.ended_well());

    let alone = plan.run(&["verify", "--json"]);
    let report: Value = serde_json::from_slice(&alone.stdout).unwrap();
    assert!(alone.status.success() && report["ok"] == true && report["records"].as_u64() >= Some(answered.len() as u64), "{report}");
}

#[test]
fn a_wrong_setting_is_refused_with_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let plan = Plan::new(folder.path());
    let refused = |key: &str, value: &str| {
        let output = plan.clone().with(key, value).run(&["up"]);
        assert!(!output.status.success());
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let said = refused("AUTH__ACCESS_TOKEN_SECONDS", "5");
    assert!(said.contains("auth.access_token_seconds") && said.contains("300 to 900"), "{said}");
    let said = refused("GATEWAY__PORTT", "1");
    assert!(said.contains("portt") && said.contains("LOOMA__"), "{said}");
    let said = refused("STORES__REDIS__URL", "http://user:secret@db");
    assert!(said.contains("stores.redis.url") && said.contains("redis://") && !said.contains("secret"), "{said}");
}

#[test]
fn a_taken_port_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let plan = Plan::new(folder.path());
    let _taken = std::net::TcpListener::bind(("127.0.0.1", plan.port("company"))).unwrap();
    let output = plan.run(&["up"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("company") && said.contains(&plan.port("company").to_string()), "{said}");
}

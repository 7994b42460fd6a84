//! `looma ready`, which containers are checked with.

use crate::running::Plan;
use std::time::{Duration, Instant};

#[test]
fn a_service_alone_says_when_it_is_ready() {
    let folder = tempfile::tempdir().unwrap();
    // Where others find it is not where it is asked: that could be another copy.
    let plan = Plan::new(folder.path()).with("HOST", "0.0.0.0").with("SERVICES__COMPANY__URL", "http://127.0.0.1:1");
    let ready = |service: &str| plan.run(&["ready", service]);

    let before = ready("company");
    assert!(!before.status.success());
    assert_eq!(String::from_utf8_lossy(&before.stdout), "not ready: company\n");

    let _serving = plan.begin(&["serve", "company"]);
    let began = Instant::now();
    while !ready("company").status.success() {
        assert!(began.elapsed() < Duration::from_mins(1), "it does not become ready");
    }
    assert!(!ready("user").status.success());
    let all = plan.run(&["ready", "--json"]);
    let waiting: serde_json::Value = serde_json::from_slice(&all.stdout).unwrap();
    assert_eq!(waiting["waiting_for"].as_array().unwrap().len(), 17, "{waiting}");
}

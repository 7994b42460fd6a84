use looma_testing::{TestApp, TestClient};
use looma_types::Page;
use looma_types::job::{Job, JobStatus, Match};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

async fn fill(admin: &TestClient) -> Value {
    let started = admin.post("/api/v1/admin/operations/demo", &json!({})).await;
    let path = started.header("location").to_owned();
    for _ in 0..6_000 {
        let operation = admin.get(&path).await.value();
        match operation["state"].as_str() {
            Some("done") => return operation["result"].clone(),
            Some("failed") => panic!("{}", operation["problem"]),
            _ => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
    panic!("the demo was never done");
}

#[tokio::test]
async fn the_demo_fills_a_workspace_once() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let began = Instant::now();
    let first = fill(admin).await;
    println!("made {} records in {:?}", first["made"], began.elapsed());
    assert_eq!((&first["people"], &first["companies"], &first["jobs"]), (&json!(200), &json!(60), &json!(40)));
    assert_eq!(first["relationships"].as_i64().unwrap() + first["interactions"].as_i64().unwrap(), 2_000);
    assert!(first["made"].as_i64().unwrap() > 2_500);
    let again = fill(admin).await;
    assert_eq!(again["made"], 0);

    app.settled().await;
    let found = admin.get("/api/v1/search?q=&limit=1").await.value()["facets"]["type"].clone();
    for (kind, count) in [("person", 200), ("resume", 200), ("company", 60), ("job", 40)] {
        assert!(found.as_array().unwrap().contains(&json!({ "value": kind, "count": count })), "{kind}: {found}");
    }
    let published = admin.get("/api/v1/jobs?status=published&limit=200").await.ok::<Page<Job>>().items;
    assert_eq!(published.len(), 30);
    assert!(published.iter().all(|job| job.status == JobStatus::Published));
    let began = Instant::now();
    let found = admin.get(&format!("/api/v1/jobs/{}/matches?limit=10", published[0].id)).await.ok::<Page<Match>>().items;
    println!("matched in {:?}", began.elapsed());
    assert_eq!(found.len(), 10);
    assert!(found.is_sorted_by(|one, other| one.score >= other.score) && found[0].score > 0.5, "{}", found[0].score);
}

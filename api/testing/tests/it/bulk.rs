//! People created together.

use looma_testing::TestApp;
use looma_types::person::{PeopleCreated, Person};
use looma_types::{Page, Problem};
use serde_json::{Value, json};

#[tokio::test]
async fn people_come_together_or_not_at_all() {
    let app = TestApp::start().await;
    let ann = app.user("ann").await;
    let person = |n: usize| json!({ "name": format!("王芳 {n}"), "emails": [format!("P{n}@Example.com")], "tags": ["rust", "go"], "phones": [format!("+86 1380{n:07}")] });
    let all = |people: Vec<Value>| json!({ "people": people });

    let created: PeopleCreated = ann.post("/api/v1/people/bulk", &all((0..500).map(person).collect())).await.created();
    assert_eq!(created.ids.len(), 500);
    let person_7: Person = ann.get(&format!("/api/v1/people/{}", created.ids[7])).await.ok();
    assert_eq!((person_7.fields.name.as_str(), person_7.version), ("王芳 7", 1), "in the order of the request");
    assert_eq!(person_7.fields.emails, ["p7@example.com"]);
    assert!(person_7.fields.owner_id.is_some(), "whoever enters them owns them");
    for found_by in ["email=p499@example.com", "phone=8613800000007"] {
        assert_eq!(ann.get(&format!("/api/v1/people?{found_by}")).await.ok::<Page<Person>>().items.len(), 1, "{found_by}");
    }
    app.settled().await;
    let search: Value = ann.get("/api/v1/search?q=%E7%8E%8B%E8%8A%B3&type=person&mode=text&limit=1").await.ok();
    assert_eq!(search["total"], 500, "projections follow: {search}");

    let mut some: Vec<Value> = (500..503).map(person).collect();
    some[1]["phones"] = json!(["no number"]);
    some[2]["tags"] = json!([" "]);
    let wrong: Problem = ann.post("/api/v1/people/bulk", &all(some)).await.problem(422);
    let pointers: Vec<_> = wrong.errors.iter().map(|error| error.pointer.as_str()).collect();
    assert_eq!(pointers, ["/people/1/phones/0", "/people/2/tags/0"]);
    let wrong: Problem = ann.post("/api/v1/people/bulk", &all(vec![person(500), json!({ "name": "" })])).await.problem(422);
    assert_eq!(wrong.errors[0].pointer, "/people/1/name");
    for count in [0, 501] {
        let wrong: Problem = ann.post("/api/v1/people/bulk", &all((0..count).map(|n| person(n + 600)).collect())).await.problem(422);
        assert_eq!(wrong.errors[0].pointer, "/people");
    }
    assert!(ann.get("/api/v1/people?email=p500@example.com").await.ok::<Page<Person>>().items.is_empty(), "nothing is half-written");
}

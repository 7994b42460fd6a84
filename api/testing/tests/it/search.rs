use looma_testing::{TestApp, draft};
use looma_types::company::Company;
use looma_types::person::Person;
use serde_json::{Value, json};

fn titles(answer: &Value) -> Vec<String> {
    answer["items"].as_array().unwrap().iter().map(|hit| hit["title"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn what_was_just_saved_is_found_in_both_languages() {
    let app = TestApp::start().await;
    let ann = app.user("ann").await;
    ann.post("/api/v1/companies", &json!({ "name": "Quantum Kettle Works", "description": "<b>Kettles</b> & more" }))
        .await
        .created::<Company>();
    let seen = ann.post("/api/v1/companies", &json!({ "name": "北京星河科技有限公司", "industry": "人工智能" })).await;
    let wait = seen.position();
    let english = ann.get(&format!("/api/v1/search?q=kettles&type=company&mode=text&wait_for={wait}")).await.value();
    assert_eq!(titles(&english), ["Quantum Kettle Works"]);
    let snippet = english["items"][0]["snippet"].as_str().unwrap();
    assert!(!snippet.contains("<b>"), "a snippet must be escaped: {snippet}");
    let chinese = ann.get(&format!("/api/v1/search?q=%E6%98%9F%E6%B2%B3&type=company&mode=text&wait_for={wait}")).await.value();
    assert_eq!(titles(&chinese), ["北京星河科技有限公司"]);
}

#[tokio::test]
async fn a_deleted_record_is_not_found_again() {
    let app = TestApp::start().await;
    let ann = app.user("ann").await;
    let person = ann.post("/api/v1/people", &draft::person("Xanthippe Zorn")).await.created::<Person>();
    let gone = ann.delete(&format!("/api/v1/people/{}", person.id)).await;
    let wait = gone.position();
    let hits = ann.get(&format!("/api/v1/search?q=Xanthippe&mode=text&wait_for={wait}")).await.value();
    assert!(titles(&hits).is_empty());
}

#[tokio::test]
async fn odd_queries_are_answered() {
    let app = TestApp::start().await;
    let ann = app.user("ann").await;
    for q in ["%22", "AND+OR", "*", "a:b", "%5B%5D", "-", "%F0%9F%98%80", "%28%28%28", ""] {
        ann.get(&format!("/api/v1/search?q={q}&mode=text")).await.value();
    }
    ann.get("/api/v1/search?q=x&type=dragon").await.problem(422);
    ann.get("/api/v1/search?q=x&mode=psychic").await.problem(422);
    ann.get(&format!("/api/v1/search?q={}", "x".repeat(5_000))).await.problem(422);
}

#[tokio::test]
async fn rebuilding_a_projection_changes_nothing() {
    let app = TestApp::start().await;
    let ann = app.user("ann").await;
    for n in 0..20 {
        ann.post("/api/v1/people", &draft::person(&format!("Person {n}"))).await.created::<Person>();
    }
    app.settled().await;
    let before = looma::verify::verify(app.kernel(), false).await.unwrap();
    assert!(before.ok, "{before:?}");
    for projector in app.kernel().projectors() {
        projector.rebuild(&looma::System::sources(app.kernel())).await.unwrap();
    }
    let after = looma::verify::verify(app.kernel(), false).await.unwrap();
    assert!(after.ok, "{after:?}");
    let held = |report: &looma::verify::Report| report.projections.iter().map(|one| one.held).collect::<Vec<_>>();
    assert_eq!(held(&before), held(&after));
}

#[tokio::test]
async fn seeded_skills_are_found_in_every_workspace() {
    let app = TestApp::start().await;
    let ann = app.user("ann").await;
    let skills = ann.get("/api/v1/skills?limit=1").await.value()["total"].as_i64().unwrap();
    app.settled().await;
    let all = ann.get("/api/v1/search?q=&type=skill&limit=1").await.value();
    assert_eq!(all["total"].as_i64().unwrap(), skills);
    for (q, expected) in [("kubernetes", "Kubernetes"), ("k8s", "Kubernetes")] {
        let found = ann.get(&format!("/api/v1/search?q={q}&type=skill&mode=text")).await.value();
        assert_eq!(titles(&found)[0], expected, "{q}");
    }
    let id = ann.get("/api/v1/search?q=kubernetes&type=skill&mode=text&limit=1").await.value()["items"][0]["ref"]["id"].clone();
    let path = format!("/api/v1/skills/{}", id.as_str().unwrap());
    let mut aliases = ann.get(&path).await.value()["aliases"].clone();
    aliases.as_array_mut().unwrap().push(json!({ "lang": "en", "value": "Helmsman of containers" }));
    let wait = app.admin().patch(&path, &json!({ "aliases": aliases })).await.position();
    let found = ann.get(&format!("/api/v1/search?q=helmsman&type=skill&mode=text&wait_for={wait}")).await.value();
    assert_eq!((titles(&found), found["total"].as_i64()), (vec!["Kubernetes".to_owned()], Some(1)));
    app.settled().await;
    let verified = looma::verify::verify(app.kernel(), false).await.unwrap();
    assert!(verified.ok, "{verified:?}");
}

#[tokio::test]
async fn the_kinds_of_what_is_found_are_counted_in_one_request() {
    let app = TestApp::start().await;
    let ann = app.user("ann").await;
    for name in ["Ada Zorblax", "Bo Zorblax"] {
        ann.post("/api/v1/people", &draft::person(name)).await.created::<Person>();
    }
    ann.post("/api/v1/companies", &draft::company("Zorblax Works")).await.created::<Company>();
    app.settled().await;
    let found = ann.get("/api/v1/search?q=zorblax&mode=text&limit=1").await.value();
    assert_eq!(found["facets"]["type"], json!([{ "value": "person", "count": 2 }, { "value": "company", "count": 1 }]));
    let people = ann.get("/api/v1/search?q=zorblax&type=person&mode=text").await.value();
    assert_eq!(people["facets"]["type"], json!([{ "value": "person", "count": 2 }]));
}

use axum::http::Method;
use looma_testing::{TestApp, draft};
use looma_types::Page;
use looma_types::company::{Company, Department};
use serde_json::json;

#[tokio::test]
async fn a_company_lives_and_dies() {
    let app = TestApp::start().await;
    let ann = app.user("ann").await;
    let company = ann.post("/api/v1/companies", &draft::company("Acme")).await.created::<Company>();
    let path = format!("/api/v1/companies/{}", company.id);
    let seen = ann.get(&path).await;
    assert_eq!(seen.header("etag"), "\"1\"");
    let patched = ann.patch(&path, &json!({ "size": "11-50", "industry": null })).await.ok::<Company>();
    assert_eq!((patched.fields.size.as_deref(), patched.fields.industry.as_deref(), patched.version), (Some("11-50"), None, 2));
    ann.json(Method::PUT, &path, &[("if-match", "\"1\"")], &draft::company("Late")).await.problem(412);
    ann.json(Method::PUT, &path, &[("if-match", "\"2\"")], &draft::company("Acme Ltd")).await.ok::<Company>();
    ann.delete(&path).await.gone();
    ann.get(&path).await.problem(404);
}

#[tokio::test]
async fn pages_do_not_jump_when_records_are_added() {
    let app = TestApp::start().await;
    let ann = app.user("ann").await;
    for name in ["b", "d", "f"] {
        ann.post("/api/v1/companies", &draft::company(name)).await.created::<Company>();
    }
    let first = ann.get("/api/v1/companies?limit=2").await.ok::<Page<Company>>();
    ann.post("/api/v1/companies", &draft::company("a")).await.created::<Company>();
    let cursor = first.next_cursor.expect("a second page");
    let second = ann.get(&format!("/api/v1/companies?limit=2&cursor={cursor}")).await.ok::<Page<Company>>();
    let names: Vec<_> = first.items.iter().chain(&second.items).map(|company| company.fields.name.clone()).collect();
    assert_eq!(names, ["b", "d", "f"]);
    assert_eq!(second.next_cursor, None);
}

#[tokio::test]
async fn wrong_fields_are_named() {
    let app = TestApp::start().await;
    let ann = app.user("ann").await;
    let problem = ann.post("/api/v1/companies", &json!({ "name": " ", "website": "not a url" })).await.problem(422);
    let pointers: Vec<_> = problem.errors.iter().map(|error| error.pointer.as_str()).collect();
    assert_eq!(pointers, ["/name", "/website"]);
    let problem = ann.post("/api/v1/companies", &json!({ "name": "x", "nmae": "y" })).await.problem(422);
    assert_eq!(problem.errors[0].code, "unknown");
    ann.get("/api/v1/companies?limit=0").await.problem(422);
    ann.get("/api/v1/companies?cursor=nonsense").await.problem(422);
}

#[tokio::test]
async fn departments_are_a_tree() {
    let app = TestApp::start().await;
    let ann = app.user("ann").await;
    let company = ann.post("/api/v1/companies", &draft::company("Acme")).await.created::<Company>();
    let path = format!("/api/v1/companies/{}/departments", company.id);
    let top = ann.post(&path, &json!({ "name": "Engineering" })).await.created::<Department>();
    ann.post(&path, &json!({ "name": "Storage", "parent_id": top.id })).await.created::<Department>();
    let tree = ann.get(&path).await.ok::<Page<Department>>().items;
    assert_eq!(tree.iter().map(|d| (d.fields.name.as_str(), d.depth)).collect::<Vec<_>>(), [("Engineering", 0), ("Storage", 1)]);
    ann.delete(&format!("{path}/{}", top.id)).await.gone();
    assert!(ann.get(&path).await.ok::<Page<Department>>().items.is_empty());
}

#[tokio::test]
async fn a_repeated_creation_makes_one_company() {
    let app = TestApp::start().await;
    let ann = app.user("ann").await;
    let key = [("idempotency-key", "once-and-only-once")];
    let first = ann.json(Method::POST, "/api/v1/companies", &key, &draft::company("Acme")).await.created::<Company>();
    let again = ann.json(Method::POST, "/api/v1/companies", &key, &draft::company("Acme")).await;
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(again.created::<Company>().id, first.id);
    ann.json(Method::POST, "/api/v1/companies", &key, &draft::company("Other")).await.problem(422);
    assert_eq!(ann.get("/api/v1/companies").await.ok::<Page<Company>>().items.len(), 1);
}

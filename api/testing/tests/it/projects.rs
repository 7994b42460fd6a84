use axum::http::Method;
use looma_testing::{TestApp, draft};
use looma_types::company::Company;
use looma_types::person::Person;
use looma_types::project::{Project, ProjectStatus};
use looma_types::{Page, Role};
use serde_json::{Value, json};

#[tokio::test]
async fn a_project_lives_and_dies() {
    let app = TestApp::start().await;
    let ann = app.user("ann").await;
    let company = ann.post("/api/v1/companies", &draft::company("Acme")).await.created::<Company>();
    let person = ann.post("/api/v1/people", &draft::person("Bo")).await.created::<Person>();
    let body = json!({
        "name": "Move to Rust", "goal": "Fewer machines", "status": "active",
        "members": [{ "ref": { "type": "person", "id": person.id }, "role": "lead" }],
        "milestones": [{ "name": "First service", "due": "2027-03-01" }],
        "tasks": [{ "title": "Measure", "assignee": { "type": "user", "id": ann.me().id } }],
        "links": [{ "type": "company", "id": company.id }],
    });
    let made = ann.post("/api/v1/projects", &body).await;
    assert_eq!(made.header("etag"), "\"1\"");
    let project = made.created::<Project>();
    assert_eq!((project.fields.status, project.fields.members.len(), project.version), (ProjectStatus::Active, 1, 1));
    let path = format!("/api/v1/projects/{}", project.id);
    assert_eq!(made.header("location"), path);
    assert_eq!(ann.get(&path).await.ok::<Project>(), project);

    let patched = ann.patch(&path, &json!({ "status": "on_hold", "members": [] })).await.ok::<Project>();
    assert_eq!((patched.fields.status, patched.fields.members.len(), patched.version), (ProjectStatus::OnHold, 0, 2));
    assert_eq!(patched.fields.tasks, project.fields.tasks, "what is not said stays");
    ann.json(Method::PUT, &path, &[("if-match", "\"1\"")], &body).await.problem(412);
    ann.json(Method::PUT, &path, &[("if-match", "\"2\"")], &body).await.ok::<Project>();
    ann.send(Method::DELETE, &path, &[("if-match", "\"2\"")], None).await.problem(412);
    ann.send(Method::DELETE, &path, &[("if-match", "\"3\"")], None).await.gone();
    ann.get(&path).await.problem(404);
    ann.delete(&path).await.problem(404);
}

#[tokio::test]
async fn lists_are_narrowed_by_words_and_status() {
    let app = TestApp::start().await;
    let ann = app.user("ann").await;
    for (name, goal, status) in [("Atlas", "A 100% map", "active"), ("Beacon", "A light", "planned"), ("Comet", "A map too", "planned")] {
        ann.post("/api/v1/projects", &json!({ "name": name, "goal": goal, "status": status })).await.created::<Project>();
    }
    let names = async |query: &str| {
        let page = ann.get(&format!("/api/v1/projects?{query}")).await.ok::<Page<Project>>();
        page.items.into_iter().map(|project| project.fields.name).collect::<Vec<_>>()
    };
    assert_eq!(names("q=MAP").await, ["Atlas", "Comet"]);
    assert_eq!(names("q=0%25").await, ["Atlas"]);
    assert_eq!(names("status=planned&q=map").await, ["Comet"]);
    ann.get("/api/v1/projects?status=lost").await.problem(422);
    ann.get(&format!("/api/v1/projects?q={}", "x".repeat(255))).await.problem(422);
}

#[tokio::test]
async fn wrong_input_is_named() {
    let app = TestApp::start().await;
    let ann = app.user("ann").await;
    let nobody = uuid::Uuid::now_v7();
    let cases: [(Value, &str); 6] = [
        (json!({ "name": " " }), "/name"),
        (json!({ "name": "x", "goal": "y".repeat(5_001) }), "/goal"),
        (json!({ "name": "x", "members": [{ "ref": { "type": "person", "id": nobody }, "role": "lead" }] }), "/members/0/ref"),
        (json!({ "name": "x", "members": [{ "ref": { "type": "job", "id": nobody }, "role": "lead" }] }), "/members/0/ref"),
        (json!({ "name": "x", "tasks": [{ "title": "" }] }), "/tasks/0/title"),
        (json!({ "name": "x", "links": [{ "type": "user", "id": nobody }] }), "/links/0"),
    ];
    for (body, pointer) in cases {
        let problem = ann.post("/api/v1/projects", &body).await.problem(422);
        assert_eq!(problem.errors[0].pointer, pointer, "{body}");
    }
    ann.post("/api/v1/projects", &json!({ "name": "x", "budget": 1 })).await.problem(422);
    ann.get("/api/v1/projects/17").await.problem(404);
}

#[tokio::test]
async fn projects_stay_in_their_workspace_and_with_those_who_may() {
    let app = TestApp::start().await;
    let ann = app.user("ann").await;
    let project = ann.post("/api/v1/projects", &json!({ "name": "Ours" })).await.created::<Project>();
    let path = format!("/api/v1/projects/{}", project.id);
    let stranger = app.stranger();
    stranger.get(&path).await.problem(404);
    stranger.patch(&path, &json!({ "name": "Theirs" })).await.problem(404);
    stranger.delete(&path).await.problem(404);
    assert!(stranger.get("/api/v1/projects").await.ok::<Page<Project>>().items.is_empty());
    let theirs = json!({ "name": "Theirs", "links": [{ "type": "project", "id": project.id }] });
    assert_eq!(stranger.post("/api/v1/projects", &theirs).await.problem(422).errors[0].pointer, "/links/0");

    app.nobody().get(&path).await.problem(401);
    let guest = app.with_role("guest", Role::Guest).await;
    guest.get(&path).await.problem(403);
    guest.post("/api/v1/projects", &json!({ "name": "x" })).await.problem(403);
    assert_eq!(ann.get(&path).await.ok::<Project>(), project);
}

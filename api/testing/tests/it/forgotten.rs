//! What is deleted is forgotten by every projection, and its last event is later than all before.

use looma_kernel::Change;
use looma_testing::{TestApp, draft};
use looma_types::company::Company;
use looma_types::job::{Application, Job};
use looma_types::person::{Interaction, Person, Relationship};
use looma_types::project::Project;
use looma_types::resume::Resume;
use looma_types::user::User;
use looma_types::{RecordKind, Ref};
use serde_json::{Value, json};
use std::collections::{BTreeSet, HashMap};

#[tokio::test]
async fn deleted_records_of_every_kind_are_forgotten() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let company = admin.post("/api/v1/companies", &draft::company("Zyx Works")).await.created::<Company>();
    let [ada, bo] = [
        admin.post("/api/v1/people", &draft::person("Ada Zyx")).await.created::<Person>().id,
        admin.post("/api/v1/people", &draft::person("Bo Zyx")).await.created::<Person>().id,
    ];
    let person = |id| json!({ "type": "person", "id": id });
    let tie = json!({ "from": person(ada), "to": person(bo), "kind": "worked_with" });
    let tie = admin.post("/api/v1/relationships", &tie).await.created::<Relationship>();
    let tie_path = format!("/api/v1/relationships/{}", tie.id);
    admin.patch(&tie_path, &json!({ "strength": 0.9 })).await.ok::<Relationship>();
    let met = json!({ "kind": "call", "at": "2026-01-02T03:04:05Z", "with": [person(ada)], "subject": "Zyx call" });
    let met = admin.post("/api/v1/interactions", &met).await.created::<Interaction>();
    admin.patch(&format!("/api/v1/interactions/{}", met.id), &json!({ "body": "again" })).await.ok::<Interaction>();
    let both = json!({ "kind": "note", "at": "2026-01-02T03:04:05Z", "with": [person(ada), person(bo)], "subject": "Zyx note" });
    let both = admin.post("/api/v1/interactions", &both).await.created::<Interaction>();
    let resume = json!({ "person_id": ada, "title": "Zyx resume", "content": draft::resume("Ada Zyx", "ada@example.com") });
    let resume = admin.post("/api/v1/resumes", &resume).await.created::<Resume>();
    let job = admin.post("/api/v1/jobs", &draft::job("Zyx engineer", company.id)).await.created::<Job>();
    admin.post(&format!("/api/v1/jobs/{}/publish", job.id), &json!({})).await.ok::<Job>();
    let application = json!({ "job_id": job.id, "person_id": ada });
    let application = admin.post("/api/v1/applications", &application).await.created::<Application>();
    let project = admin.post("/api/v1/projects", &json!({ "name": "Zyx project" })).await.created::<Project>();
    let skill = admin.post("/api/v1/skills", &json!({ "name": "Zyxing", "kind": "method" })).await.created::<Value>();
    let user = json!({ "email": "zyx@example.com", "name": "Zyx", "role": "user", "password": "correct horse battery staple" });
    let user = admin.post("/api/v1/users", &user).await.created::<User>();

    // The person takes the tie and the call along, and leaves the note to the other.
    admin.delete(&format!("/api/v1/people/{ada}")).await.gone();
    admin.get(&tie_path).await.problem(404);
    admin.get(&format!("/api/v1/interactions/{}", met.id)).await.problem(404);
    assert_eq!(admin.get(&format!("/api/v1/interactions/{}", both.id)).await.ok::<Interaction>().fields.with, [Ref::from(bo)]);
    for path in [
        format!("interactions/{}", both.id),
        format!("people/{bo}"),
        format!("resumes/{}", resume.id),
        format!("jobs/{}", job.id),
        format!("companies/{}", company.id),
        format!("projects/{}", project.id),
        format!("skills/{}", skill["id"].as_str().unwrap()),
        format!("users/{}", user.id),
    ] {
        admin.delete(&format!("/api/v1/{path}")).await.gone();
        admin.get(&format!("/api/v1/{path}")).await.problem(404);
    }
    admin.get(&format!("/api/v1/applications/{}", application.id)).await.problem(404);

    app.settled().await;
    let found = admin.get("/api/v1/search?q=zyx&mode=text").await.value();
    assert_eq!(found["items"], json!([]));
    let verified = looma::verify::verify(app.kernel(), false).await.unwrap();
    assert!(verified.ok, "{verified:?}");

    let mut versions: HashMap<Ref, i64> = HashMap::new();
    let mut deleted = BTreeSet::new();
    for event in app.kernel().stores().sql.events_after(0, 1_000).await.unwrap() {
        let last = versions.insert(event.record, event.version).unwrap_or(0);
        match event.change {
            Change::Note => assert!(event.version >= last, "{} {}", event.action, event.record),
            Change::Upsert(_) | Change::Delete => assert!(event.version > last, "{} {} {last}", event.action, event.record),
        }
        if event.change == Change::Delete {
            deleted.insert(event.record.kind.as_str());
        }
    }
    assert_eq!(deleted, RecordKind::ALL.iter().map(|kind| kind.as_str()).collect());
}

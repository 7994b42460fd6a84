use looma_testing::{Seen, TestApp, TestClient, draft};
use looma_types::company::Company;
use looma_types::job::{Application, Job, Match};
use looma_types::person::{Person, Relationship};
use looma_types::resume::{Import, ImportState, Resume};
use looma_types::{Page, PersonId};
use serde_json::{Value, json};

async fn import(who: &TestClient, name: &str, bytes: &[u8]) -> Import {
    let accepted = who.upload("/api/v1/resumes/import", name, bytes).await;
    let location = accepted.header("location").to_owned();
    accepted.accepted::<Import>();
    for _ in 0..1_000 {
        let import = who.get(&location).await.ok::<Import>();
        if matches!(import.state, ImportState::Done | ImportState::Failed) {
            return import;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("the import of {name} never ended");
}

async fn publish(who: &TestClient, title: &str) -> (Job, Seen) {
    let company = who.post("/api/v1/companies", &draft::company("Acme")).await.created::<Company>();
    let job = who.post("/api/v1/jobs", &draft::job(title, company.id)).await.created::<Job>();
    let seen = who.post(&format!("/api/v1/jobs/{}/publish", job.id), &json!({})).await;
    (seen.ok::<Job>(), seen)
}

#[tokio::test]
async fn a_resume_becomes_a_person_a_match_a_hit_and_a_path() {
    let app = TestApp::start().await;
    let ann = app.user("ann").await;
    let content = serde_json::to_vec(&draft::resume("Mina Okafor", "mina@example.com")).unwrap();
    let done = import(&ann, "mina.json", &content).await;
    assert_eq!(done.state, ImportState::Done, "{:?}", done.problem);
    let resume = ann.get(&format!("/api/v1/resumes/{}", done.resume_id.unwrap())).await.ok::<Resume>();
    let person = ann.get(&format!("/api/v1/people/{}", done.person_id.unwrap())).await.ok::<Person>();
    assert_eq!(person.fields.name, "Mina Okafor");
    assert_eq!(resume.person_id, person.id);

    let (job, published) = publish(&ann, "Rust engineer").await;
    let matches = ann.get(&format!("/api/v1/jobs/{}/matches?wait_for={}", job.id, published.position())).await.ok::<Page<Match>>();
    let mina = matches.items.iter().find(|found| found.person_id == person.id).expect("Mina matches");
    assert!(mina.score > 0.0 && mina.score <= 1.0);
    let text = serde_json::to_string(&resume.content).unwrap();
    let quotes: Vec<_> = mina.reasons.iter().flat_map(|reason| &reason.evidence).collect();
    assert!(!quotes.is_empty());
    for evidence in quotes {
        assert!(text.contains(&evidence.quote), "`{}` stands nowhere in the resume", evidence.quote);
    }
    assert_eq!(mina.missing, ["Kubernetes"]);

    let hits = ann.get(&format!("/api/v1/search?q=payment&wait_for={}", published.position())).await.value();
    assert!(hits["items"].as_array().unwrap().iter().any(|hit| hit["ref"]["id"] == json!(resume.id)));

    let friend = ann.post("/api/v1/people", &draft::person("Go Between")).await.created::<Person>();
    relate(&ann, json!({"type": "person", "id": person.id}), json!({"type": "person", "id": friend.id}), "worked_with").await;
    let seen =
        relate(&ann, json!({"type": "person", "id": friend.id}), json!({"type": "company", "id": job.fields.company_id}), "employed_by")
            .await;
    let paths = ann
        .get(&format!(
            "/api/v1/relationships/paths?from=person:{}&to=company:{}&wait_for={}",
            person.id,
            job.fields.company_id,
            seen.position()
        ))
        .await
        .value();
    assert_eq!(paths["items"][0]["hops"][1]["ref"]["id"], json!(friend.id));
    assert_eq!(paths["items"][0]["hops"].as_array().map(Vec::len), Some(3));
}

async fn relate(who: &TestClient, from: Value, to: Value, kind: &str) -> Seen {
    let seen = who.post("/api/v1/relationships", &json!({ "from": from, "to": to, "kind": kind })).await;
    seen.created::<Relationship>();
    seen
}

#[tokio::test]
async fn the_same_file_twice_is_told_and_makes_one_person() {
    let app = TestApp::start().await;
    let ann = app.user("ann").await;
    let content = serde_json::to_vec(&draft::resume("Mina Okafor", "mina@example.com")).unwrap();
    let first = import(&ann, "mina.json", &content).await;
    let again = import(&ann, "copy.json", &content).await;
    assert_eq!(again.person_id, first.person_id);
    assert_eq!(again.duplicate_of, first.resume_id);
    let people = ann.get("/api/v1/people").await.ok::<Page<Person>>();
    assert_eq!(people.items.len(), 1);
}

#[tokio::test]
async fn broken_files_fail_with_a_reason_and_leave_nothing() {
    let app = TestApp::start().await;
    let ann = app.user("ann").await;
    let random: Vec<u8> = (0..5_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let cases: [(&str, &[u8]); 5] = [
        ("broken.pdf", b"%PDF-1.7 not a pdf"),
        ("empty.pdf", b""),
        ("noise.docx", &random),
        ("list.json", b"[1, 2, 3]"),
        ("zip.docx", b"PK\x03\x04 no zip"),
    ];
    for (name, bytes) in cases {
        let seen = ann.upload("/api/v1/resumes/import", name, bytes).await;
        if seen.status() == 202 {
            let failed = import(&ann, name, bytes).await;
            assert_eq!(failed.state, ImportState::Failed, "{name}");
            assert!(failed.problem.is_some_and(|problem| problem.detail.is_some_and(|detail| detail.len() > 20)), "{name}");
        } else {
            assert!((400..500).contains(&seen.status()), "{name}: {}", seen.text());
        }
    }
    assert!(ann.get("/api/v1/people").await.ok::<Page<Person>>().items.is_empty());
}

#[tokio::test]
async fn an_application_moves_through_the_pipeline_and_remembers() {
    let app = TestApp::start().await;
    let ann = app.user("ann").await;
    let (job, _) = publish(&ann, "Rust engineer").await;
    let person = ann.post("/api/v1/people", &draft::person("Mina Okafor")).await.created::<Person>();
    let body = json!({ "job_id": job.id, "person_id": person.id });
    let application = ann.post("/api/v1/applications", &body).await.created::<Application>();
    ann.post("/api/v1/applications", &body).await.problem(409);
    let pipelines = ann.get("/api/v1/pipelines").await.value();
    let next = pipelines["items"][0]["stages"][1]["key"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/applications/{}/move", application.id);
    let moved = ann.post(&path, &json!({ "stage": next, "note": "strong portfolio" })).await.ok::<Application>();
    assert_eq!((moved.stage.as_str(), moved.history.len()), (next.as_str(), 2));
    ann.post(&path, &json!({ "stage": "nowhere" })).await.problem(422);
    ann.post("/api/v1/applications", &json!({ "job_id": job.id, "person_id": PersonId::new() })).await.problem(422);
}

#[tokio::test]
async fn publishing_twice_is_a_conflict() {
    let app = TestApp::start().await;
    let ann = app.user("ann").await;
    let (job, _) = publish(&ann, "Rust engineer").await;
    ann.post(&format!("/api/v1/jobs/{}/publish", job.id), &json!({})).await.problem(409);
}

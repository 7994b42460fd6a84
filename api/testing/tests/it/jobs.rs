use looma_testing::{TestApp, TestClient, draft};
use looma_types::company::Company;
use looma_types::job::{Application, Job, JobStatus, Match, Pipeline};
use looma_types::person::Person;
use looma_types::resume::Resume;
use looma_types::{Page, Role};
use serde_json::{Value, json};

async fn drafted(who: &TestClient, title: &str) -> Job {
    let company = who.post("/api/v1/companies", &draft::company("Loom Works")).await.created::<Company>();
    who.post("/api/v1/jobs", &draft::job(title, company.id)).await.created::<Job>()
}

async fn act(who: &TestClient, job: &Job, action: &str) -> looma_testing::Seen {
    who.post(&format!("/api/v1/jobs/{}/{action}", job.id), &json!({})).await
}

#[tokio::test]
async fn a_job_lives_from_draft_to_archive_and_back() {
    let app = TestApp::start().await;
    let ann = app.user("ann").await;
    let job = drafted(&ann, "Weaver").await;
    assert_eq!(job.status, JobStatus::Draft);
    act(&ann, &job, "pause").await.problem(409);
    for (action, status) in [
        ("publish", JobStatus::Published),
        ("pause", JobStatus::Paused),
        ("publish", JobStatus::Published),
        ("fill", JobStatus::Filled),
        ("reopen", JobStatus::Published),
        ("close", JobStatus::Closed),
        ("archive", JobStatus::Archived),
    ] {
        assert_eq!(act(&ann, &job, action).await.ok::<Job>().status, status, "{action}");
    }
    ann.patch(&format!("/api/v1/jobs/{}", job.id), &json!({"title": "Spinner"})).await.problem(409);
    assert_eq!(act(&ann, &job, "reopen").await.ok::<Job>().status, JobStatus::Draft);
    let patched = ann.patch(&format!("/api/v1/jobs/{}", job.id), &json!({"title": "Spinner"})).await.ok::<Job>();
    assert_eq!((patched.fields.title.as_str(), patched.fields.skills.len()), ("Spinner", 2));
}

#[tokio::test]
async fn guests_see_what_is_published_and_strangers_nothing() {
    let app = TestApp::start().await;
    let ann = app.user("ann").await;
    let guest = app.with_role("gus", Role::Guest).await;
    let job = drafted(&ann, "Weaver").await;
    let path = format!("/api/v1/jobs/{}", job.id);
    guest.get(&path).await.problem(404);
    act(&ann, &job, "publish").await.ok::<Job>();
    guest.get(&path).await.ok::<Job>();
    assert_eq!(guest.get("/api/v1/jobs?status=draft").await.ok::<Page<Job>>().items.len(), 1);
    guest.get(&format!("{path}/matches")).await.problem(403);
    app.stranger().get(&path).await.problem(404);
    let document = guest.get(&format!("{path}/json-ld")).await;
    assert_eq!(document.header("content-type"), "application/ld+json");
    assert_eq!(document.value()["hiringOrganization"]["name"], "Loom Works");
}

#[tokio::test]
async fn wrong_jobs_are_refused_by_field() {
    let app = TestApp::start().await;
    let ann = app.user("ann").await;
    let job = drafted(&ann, "Weaver").await;
    let right = draft::job("Weaver", job.fields.company_id);
    let bent = |key: &str, value: Value| {
        let mut body = right.clone();
        body[key] = value;
        body
    };
    for (key, value, pointer) in [
        ("company_id", json!(uuid::Uuid::nil()), "/company_id"),
        ("skills", json!([{"required": true}]), "/skills/0"),
        ("skills", json!([{"name": "k8s"}, {"name": "Kubernetes"}]), "/skills/1"),
        ("skills", json!([{"skill_id": uuid::Uuid::nil()}]), "/skills/0/skill_id"),
        ("salary", json!({"min": 2, "max": 1, "currency": "EUR", "per": "year"}), "/salary/max"),
    ] {
        let problem = ann.post("/api/v1/jobs", &bent(key, value)).await.problem(422);
        assert_eq!(problem.errors[0].pointer, pointer);
    }
    ann.get(&format!("/api/v1/jobs/{}/matches?limit=0", job.id)).await.problem(422);
    ann.get("/api/v1/jobs?status=lost").await.problem(422);
}

#[tokio::test]
async fn jobs_are_listed_by_what_they_are() {
    let app = TestApp::start().await;
    let ann = app.user("ann").await;
    let weaver = drafted(&ann, "Weaver of clouds").await;
    drafted(&ann, "Spinner").await;
    for (filter, count) in [("q=WEAVER", 1), ("skill=rust", 2), ("skill=ru", 0), ("status=published", 0), ("remote=on_site", 2)] {
        assert_eq!(ann.get(&format!("/api/v1/jobs?{filter}")).await.ok::<Page<Job>>().items.len(), count, "{filter}");
    }
    let first = ann.get("/api/v1/jobs?limit=1").await.ok::<Page<Job>>();
    assert_eq!(first.items[0].fields.title, "Spinner");
    let cursor = first.next_cursor.expect("there is more");
    let second = ann.get(&format!("/api/v1/jobs?limit=1&cursor={cursor}")).await.ok::<Page<Job>>();
    assert_eq!((second.items[0].id, second.next_cursor), (weaver.id, None));
}

#[tokio::test]
async fn an_application_moves_and_remembers() {
    let app = TestApp::start().await;
    let ann = app.user("ann").await;
    let job = drafted(&ann, "Weaver").await;
    let person = ann.post("/api/v1/people", &draft::person("Mina")).await.created::<Person>();
    let body = json!({"job_id": job.id, "person_id": person.id});
    ann.post("/api/v1/applications", &body).await.problem(409);
    act(&ann, &job, "publish").await.ok::<Job>();
    let opened = ann.post("/api/v1/applications", &body).await.created::<Application>();
    assert_eq!((opened.stage.as_str(), opened.person_name.as_str()), ("new", "Mina"));
    ann.post("/api/v1/applications", &body).await.problem(409);
    let stages = ann.get("/api/v1/pipelines").await.ok::<Page<Pipeline>>().items[0].stages.len();
    assert_eq!(stages, 6);

    let path = format!("/api/v1/applications/{}", opened.id);
    let step = |stage: &str, note: Value| json!({"stage": stage, "note": note});
    ann.post(&format!("{path}/move"), &step("moon", Value::Null)).await.problem(422);
    ann.post(&format!("{path}/move"), &step("new", Value::Null)).await.problem(409);
    ann.post(&format!("{path}/move"), &step("rejected", Value::Null)).await.ok::<Application>();
    ann.post(&format!("{path}/move"), &step("interview", Value::Null)).await.problem(409);
    let moved = ann.post(&format!("{path}/move"), &step("interview", json!("a place came free"))).await.ok::<Application>();
    let story: Vec<&str> = moved.history.iter().map(|change| change.to.as_str()).collect();
    assert_eq!(story, ["new", "rejected", "interview"]);
    let board = ann.get(&format!("/api/v1/applications?job_id={}&stage=interview", job.id)).await.ok::<Page<Application>>();
    assert_eq!(board.items.len(), 1);

    ann.delete(&format!("/api/v1/jobs/{}", job.id)).await.gone();
    ann.get(&path).await.problem(404);
}

#[tokio::test]
async fn matches_speak_the_readers_language() {
    let app = TestApp::start().await;
    let ann = app.user("ann").await;
    let job = drafted(&ann, "Rust engineer").await;
    let person = ann.post("/api/v1/people", &draft::person("Mina")).await.created::<Person>();
    let body = json!({"person_id": person.id, "title": "Resume", "content": draft::resume("Mina", "mina@example.com")});
    let seen = ann.post("/api/v1/resumes", &body).await;
    seen.created::<Resume>();
    for (lang, word) in [("en", "required skills"), ("zh", "必备技能")] {
        let path = format!("/api/v1/jobs/{}/matches?lang={lang}&wait_for={}", job.id, seen.position());
        let found = ann.get(&path).await.ok::<Page<Match>>();
        assert_eq!(found.items[0].person_id, person.id);
        assert!(found.items[0].reasons[0].text.contains(word), "{}", found.items[0].reasons[0].text);
    }
}

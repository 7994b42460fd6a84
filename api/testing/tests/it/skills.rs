use looma_testing::{TestApp, draft};
use looma_types::person::Person;
use looma_types::resume::Resume;
use looma_types::skill::{PersonSkill, Skill, SkillMatch};
use looma_types::{Page, Role};
use serde_json::json;

#[tokio::test]
async fn every_workspace_begins_with_a_taxonomy_in_both_languages() {
    let app = TestApp::start().await;
    let guest = app.with_role("gus", Role::Guest).await;
    let all = guest.get("/api/v1/skills?limit=200").await.ok::<Page<Skill>>();
    assert!(all.total.is_some_and(|total| total >= 500) && all.next_cursor.is_some());
    for q in ["k8s", "%E5%AE%B9%E5%99%A8%E7%BC%96%E6%8E%92"] {
        let found = guest.get(&format!("/api/v1/skills?q={q}")).await.ok::<Page<Skill>>();
        assert!(found.items.iter().any(|skill| skill.fields.name == "Kubernetes" && skill.seeded), "{q}");
    }
}

#[tokio::test]
async fn a_workspace_adds_its_own_and_names_stay_unique() {
    let app = TestApp::start().await;
    let curator = app.with_role("cora", Role::DataAdmin).await;
    let body = json!({"name": "Loom tuning", "aliases": [{"lang": "zh", "value": "织机调校"}], "kind": "method"});
    app.user("ann").await.post("/api/v1/skills", &body).await.problem(403);
    let own = curator.post("/api/v1/skills", &body).await.created::<Skill>();
    curator.post("/api/v1/skills", &body).await.problem(409);
    curator.post("/api/v1/skills", &json!({"name": "Orchestration", "aliases": [{"lang": "en", "value": "k8s"}]})).await.problem(409);
    curator.patch(&format!("/api/v1/skills/{}", own.id), &json!({"broader": own.id})).await.problem(422);
    let asked =
        curator.post("/api/v1/skills/match", &json!({"have": ["织机调校", "MySQL"], "want": ["loom tuning", "SQL", "COBOL"]})).await;
    let answer = asked.ok::<SkillMatch>();
    assert_eq!((answer.matched.len(), answer.near[0].how.as_str(), answer.missing.as_slice()), (1, "narrower", &["COBOL".to_owned()][..]));
    app.stranger().get(&format!("/api/v1/skills/{}", own.id)).await.problem(404);
    curator.delete(&format!("/api/v1/skills/{}", own.id)).await.gone();
    curator.get(&format!("/api/v1/skills/{}", own.id)).await.problem(404);
}

#[tokio::test]
async fn a_seeded_skill_can_be_added_to_and_nothing_else() {
    let app = TestApp::start().await;
    let curator = app.with_role("cora", Role::DataAdmin).await;
    let rust = curator.get("/api/v1/skills?q=rustlang").await.ok::<Page<Skill>>().items.remove(0);
    let path = format!("/api/v1/skills/{}", rust.id);
    curator.delete(&path).await.problem(409);
    curator.patch(&path, &json!({"name": "Iron"})).await.problem(409);
    let mut aliases = serde_json::to_value(&rust.fields.aliases).unwrap();
    aliases.as_array_mut().unwrap().push(json!({"lang": "en", "value": "oxidised code"}));
    let changed = curator.patch(&path, &json!({"aliases": aliases})).await.ok::<Skill>();
    assert_eq!((changed.version, changed.seeded), (2, true));
    let answer = curator.post("/api/v1/skills/match", &json!({"have": ["oxidised code"], "want": ["Rust"]})).await.ok::<SkillMatch>();
    assert_eq!(answer.matched, ["Rust"]);
}

#[tokio::test]
async fn a_persons_skills_come_from_their_resumes() {
    let app = TestApp::start().await;
    let ann = app.user("ann").await;
    let person = ann.post("/api/v1/people", &draft::person("Mina")).await.created::<Person>();
    let path = format!("/api/v1/people/{}/skills", person.id);
    assert!(ann.get(&path).await.ok::<Page<PersonSkill>>().items.is_empty());
    let body = json!({"person_id": person.id, "title": "Resume", "content": draft::resume("Mina", "mina@example.com")});
    ann.post("/api/v1/resumes", &body).await.created::<Resume>();
    let skills = ann.get(&path).await.ok::<Page<PersonSkill>>().items;
    assert_eq!(skills[0].name, "Rust");
    assert!(skills[0].evidence.iter().any(|evidence| evidence.quote == "Built a payment service in Rust"));
    ann.get(&format!("/api/v1/people/{}/skills", uuid::Uuid::nil())).await.problem(404);
}

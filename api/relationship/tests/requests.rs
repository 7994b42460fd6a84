//! The service as its clients see it, on stores in memory.

use looma_kernel::client::Answer;
use looma_kernel::logs::LogRing;
use looma_kernel::types::person::{Interaction, NetworkAnalysis, Path, Person, Relationship, Subgraph, TimelineEntry};
use looma_kernel::types::{Page, Problem, ServiceName, WorkspaceId};
use looma_kernel::{Actor, Kernel, Settings};
use looma_store::Source;
use serde_json::{Value, json};

const SERVICE: ServiceName = ServiceName::Relationship;

struct System {
    kernel: Kernel,
    actor: Actor,
}

impl System {
    async fn start() -> Self {
        let kernel = Kernel::open(Settings::in_memory(), LogRing::new(10)).await.unwrap();
        let (_, _router) = looma_relationship::app(&kernel).await.unwrap().finish();
        let actor = kernel.service_actor(ServiceName::Admin, WorkspaceId::new()).unwrap();
        Self { kernel, actor }
    }

    async fn call(&self, method: &str, path: &str, body: Option<&Value>, etag: Option<&str>) -> Answer {
        let mut call = self.kernel.client().call(SERVICE, method.parse().unwrap(), format!("/api/v1/{path}")).actor(&self.actor);
        if let Some(body) = body {
            call = call.json(body).unwrap();
        }
        if let Some(etag) = etag {
            call = call.header("if-match".parse().unwrap(), etag);
        }
        call.send_any().await.unwrap()
    }

    async fn get<T: serde::de::DeserializeOwned>(&self, path: &str) -> T {
        let answer = self.call("GET", path, None, None).await;
        assert_eq!(answer.status, 200, "{path}: {}", String::from_utf8_lossy(&answer.body));
        answer.json().unwrap()
    }

    async fn post<T: serde::de::DeserializeOwned>(&self, path: &str, body: Value) -> (T, i64) {
        let answer = self.call("POST", path, Some(&body), None).await;
        assert_eq!(answer.status, 201, "{path}: {}", String::from_utf8_lossy(&answer.body));
        (answer.json().unwrap(), answer.position())
    }

    async fn person(&self, name: &str) -> Person {
        self.post("people", json!({"name": name, "emails": [format!("{name}@Example.com")]})).await.0
    }

    async fn relate(&self, from: &Person, to: &Person, strength: f64) -> (Relationship, i64) {
        let body = json!({"from": {"type": "person", "id": from.id}, "to": {"type": "person", "id": to.id}, "kind": "knows", "strength": strength});
        self.post("relationships", body).await
    }

    /// The status and the first wrong field.
    async fn refused(&self, method: &str, path: &str, body: Option<Value>) -> (u16, String) {
        let answer = self.call(method, path, body.as_ref(), None).await;
        let problem: Problem = serde_json::from_slice(&answer.body).unwrap();
        (answer.status.as_u16(), problem.errors.first().map(|error| error.pointer.clone()).unwrap_or_default())
    }
}

fn names(page: &Page<Person>) -> Vec<&str> {
    page.items.iter().map(|person| person.fields.name.as_str()).collect()
}

#[tokio::test]
async fn people_are_listed_page_by_page_and_found_by_what_is_known_of_them() {
    let system = System::start().await;
    for (name, tag, phone) in
        [("Cem", "rust", "+49 30 123456"), ("Ann", "rust", "138-0013-8000"), ("李雷", "java", "010 8888"), ("Bo", "java", "555 1234")]
    {
        let body = json!({"name": name, "names": [{"lang": "en", "value": format!("Nick {name}")}], "emails": [format!("{}@Example.COM", name.len())],
            "phones": [phone], "tags": [tag], "location": "上海 Shanghai", "headline": "100% Engineer"});
        system.post::<Person>("people", body).await;
    }
    let first: Page<Person> = system.get("people?limit=2").await;
    assert_eq!(names(&first), ["Ann", "Bo"]);
    let second: Page<Person> = system.get(&format!("people?limit=2&cursor={}", first.next_cursor.unwrap())).await;
    assert_eq!((names(&second), second.next_cursor.clone()), (vec!["Cem", "李雷"], None));
    let recent: Page<Person> = system.get("people?limit=3&sort=-updated_at").await;
    assert_eq!(names(&recent), ["Bo", "李雷", "Ann"]);
    let older: Page<Person> = system.get(&format!("people?limit=3&sort=-updated_at&cursor={}", recent.next_cursor.unwrap())).await;
    assert_eq!(names(&older), ["Cem"]);
    for (query, found) in [
        ("q=NICK%20c", vec!["Cem"]),
        ("q=0%25%20eng&tag=rust", vec!["Ann", "Cem"]),
        ("q=0_%20eng", vec![]),
        ("tag=java", vec!["Bo", "李雷"]),
        ("location=shang", vec!["Ann", "Bo", "Cem", "李雷"]),
        ("email=6%40EXAMPLE.com", vec!["李雷"]),
        ("email=3%40example.com&tag=rust", vec!["Ann", "Cem"]),
        ("email=3%40example.com&sort=-updated_at", vec!["Ann", "Cem"]),
        ("phone=%2B138%200013%208000", vec!["Ann"]),
        ("phone=49%2030123456&email=3%40example.com", vec!["Cem"]),
        ("email=nobody%40example.com", vec![]),
    ] {
        assert_eq!(names(&system.get(&format!("people?{query}")).await), found, "{query}");
    }
}

#[tokio::test]
async fn a_person_is_changed_only_as_it_was_read() {
    let system = System::start().await;
    let ann = system.person("Ann").await;
    assert_eq!(ann.fields.emails, ["ann@example.com"]);
    let path = format!("people/{}", ann.id);
    let change = json!({"headline": "Engineer", "tags": ["rust", "rust"]});
    let patched = system.call("PATCH", &path, Some(&change), Some("\"1\"")).await;
    assert_eq!((patched.status.as_u16(), patched.headers["etag"].to_str().unwrap()), (200, "\"2\""));
    assert_eq!(patched.json::<Person>().unwrap().fields.tags, ["rust"]);
    assert_eq!(system.call("PATCH", &path, Some(&change), Some("\"1\"")).await.status, 412);
    assert_eq!(system.call("DELETE", &path, None, Some("\"1\"")).await.status, 412);
    let deleted = system.call("DELETE", &path, None, Some("\"2\"")).await;
    assert_eq!(deleted.status, 204);
    assert!(deleted.position() > patched.position());
    assert_eq!(system.call("GET", &path, None, None).await.status, 404);
}

#[tokio::test]
async fn wrong_input_is_named() {
    let system = System::start().await;
    let (ann, bo) = (system.person("Ann").await, system.person("Bo").await);
    let person = |id: &str| json!({"type": "person", "id": id});
    let (ann, bo) = (ann.id.to_string(), bo.id.to_string());
    let nobody = "0192d3c4-0000-7000-8000-000000000000";
    let edge = |from: &str, to: &str| json!({"from": person(from), "to": person(to), "kind": "knows"});
    let call = |with: Value| json!({"kind": "call", "at": "2026-01-01T00:00:00Z", "with": with, "subject": "Hello"});
    for (method, path, body, expected) in [
        ("POST", "people".to_owned(), Some(json!({"name": " "})), (422, "/name")),
        ("POST", "people".to_owned(), Some(json!({"name": "A", "emails": ["no"]})), (422, "/emails/0")),
        ("POST", "people".to_owned(), Some(json!({"name": "A", "phones": ["none"]})), (422, "/phones/0")),
        ("POST", "people".to_owned(), Some(json!({"name": "A", "dog": 1})), (422, "/dog")),
        ("GET", "people?limit=0".to_owned(), None, (422, "limit")),
        ("GET", "people?cursor=abc".to_owned(), None, (422, "cursor")),
        ("GET", "people?sort=age".to_owned(), None, (422, "sort")),
        ("GET", "people?owner_id=me".to_owned(), None, (422, "owner_id")),
        ("GET", "people?phone=abc".to_owned(), None, (422, "phone")),
        ("GET", "people/1".to_owned(), None, (404, "")),
        ("POST", "relationships".to_owned(), Some(edge(&ann, nobody)), (422, "/to")),
        ("POST", "relationships".to_owned(), Some(edge(nobody, &bo)), (422, "/from")),
        ("POST", "relationships".to_owned(), Some(edge(&ann, &ann)), (422, "/to")),
        ("POST", "interactions".to_owned(), Some(call(json!([]))), (422, "/with")),
        ("POST", "interactions".to_owned(), Some(call(json!([person(&ann), person(nobody)]))), (422, "/with/1")),
        ("GET", "interactions?with=dog:1".to_owned(), None, (422, "with")),
        ("GET", "interactions?kind=dance".to_owned(), None, (422, "kind")),
        ("GET", "relationships?of=ann".to_owned(), None, (422, "of")),
        ("GET", format!("relationships/paths?from=person:{ann}&to=person:{nobody}"), None, (422, "to")),
        ("GET", format!("relationships/paths?from=person:{ann}&to=person:{bo}&max_hops=7"), None, (422, "max_hops")),
        ("GET", format!("relationships/paths?from=person:{ann}&to=person:{bo}&limit=21"), None, (422, "limit")),
        ("GET", format!("relationships/graph?center=person:{ann}&depth=4"), None, (422, "depth")),
        ("GET", "relationships/analysis?limit=101".to_owned(), None, (422, "limit")),
    ] {
        let refused = system.refused(method, &path, body).await;
        assert_eq!((refused.0, refused.1.as_str()), expected, "{method} {path}");
    }
}

#[tokio::test]
async fn the_same_relationship_is_kept_once() {
    let system = System::start().await;
    let (ann, bo) = (system.person("Ann").await, system.person("Bo").await);
    let edge = |since: Option<&str>| json!({"from": {"type": "person", "id": ann.id}, "to": {"type": "person", "id": bo.id}, "kind": "worked_with", "since": since});
    system.post::<Relationship>("relationships", edge(None)).await;
    system.post::<Relationship>("relationships", edge(Some("2024-01-01"))).await;
    for since in [None, Some("2024-01-01")] {
        assert_eq!(system.refused("POST", "relationships", Some(edge(since))).await.0, 409);
    }
    let page: Page<Relationship> = system.get(&format!("relationships?of=person:{}&kind=worked_with&limit=1", bo.id)).await;
    assert_eq!(page.items[0].fields.since.unwrap().to_string(), "2024-01-01");
    let rest: Page<Relationship> = system.get(&format!("relationships?of=person:{}&cursor={}", ann.id, page.next_cursor.unwrap())).await;
    assert_eq!((rest.items.len(), rest.next_cursor), (1, None));
}

#[tokio::test]
async fn paths_know_what_was_just_written_and_forget_what_was_deleted() {
    let system = System::start().await;
    let (ann, bo, cem) = (system.person("Ann").await, system.person("Bo").await, system.person("Cem").await);
    system.relate(&ann, &bo, 0.9).await;
    let (_, position) = system.relate(&bo, &cem, 0.5).await;
    let question = format!("relationships/paths?from=person:{}&to=person:{}", ann.id, cem.id);
    let paths: Page<Path> = system.get(&format!("{question}&wait_for={position}")).await;
    let labels: Vec<_> = paths.items[0].hops.iter().map(|hop| hop.label.as_str()).collect();
    assert_eq!(labels, ["Ann", "Bo", "Cem"]);
    assert!((paths.items[0].strength - 0.45).abs() < 1e-9);
    let around: Subgraph = system.get(&format!("relationships/graph?center=person:{}&depth=1", ann.id)).await;
    assert_eq!((around.nodes.len(), around.edges.len()), (2, 1));
    let network: NetworkAnalysis = system.get("relationships/analysis").await;
    assert_eq!(network.brokers[0].label, "Bo");
    let gone = system.call("DELETE", &format!("people/{}", bo.id), None, None).await.position();
    let paths: Page<Path> = system.get(&format!("{question}&wait_for={gone}")).await;
    assert!(paths.items.is_empty());
    let left: Page<Relationship> = system.get("relationships").await;
    assert!(left.items.is_empty());
    let late = system.call("GET", &format!("{question}&wait_for={}", gone + 1_000), None, None).await;
    assert_eq!((late.status.as_u16(), late.headers["retry-after"].to_str().unwrap()), (503, "1"));
}

#[tokio::test]
async fn a_timeline_shows_everything_once_the_newest_first() {
    let system = System::start().await;
    let (ann, bo) = (system.person("Ann").await, system.person("Bo").await);
    let (_, position) = system.relate(&ann, &bo, 0.5).await;
    for day in 1..=3 {
        let body = json!({"kind": "call", "at": format!("2026-01-0{day}T10:00:00Z"), "with": [{"type": "person", "id": ann.id}], "subject": format!("Call {day}")});
        system.post::<Interaction>("interactions", body).await;
    }
    system.get::<NetworkAnalysis>(&format!("relationships/analysis?wait_for={position}")).await;
    let (mut titles, mut cursor) = (Vec::new(), String::new());
    loop {
        let page: Page<TimelineEntry> = system.get(&format!("people/{}/timeline?limit=2{cursor}", ann.id)).await;
        assert!(page.items.len() <= 2);
        titles.extend(page.items.into_iter().map(|entry| entry.title));
        match page.next_cursor {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    // The clock of the machine decides whether the calls of January 2026 are older than the entry itself.
    let mut sorted = titles.clone();
    sorted.sort();
    assert_eq!(sorted, ["Ann", "Call 1", "Call 2", "Call 3", "knows Bo"]);
    let place = |title: &str| titles.iter().position(|seen| seen == title).unwrap();
    assert!(place("Call 3") < place("Call 2") && place("Call 2") < place("Call 1") && place("knows Bo") < place("Ann"));
}

#[tokio::test]
async fn interactions_lose_a_deleted_person_and_end_with_the_last() {
    let system = System::start().await;
    let (ann, bo) = (system.person("Ann").await, system.person("Bo").await);
    let person = |person: &Person| json!({"type": "person", "id": person.id});
    let meeting = |with: Vec<Value>, done: bool| json!({"kind": "meeting", "at": "2026-01-01T10:00:00Z", "with": with, "subject": "Lunch", "next_step": {"done": done}});
    let (both, _): (Interaction, _) = system.post("interactions", meeting(vec![person(&ann), person(&bo)], false)).await;
    let (alone, _): (Interaction, _) = system.post("interactions", meeting(vec![person(&ann)], true)).await;
    let list: Page<Interaction> = system.get(&format!("interactions?with=person:{}", ann.id)).await;
    assert_eq!(list.items.iter().map(|interaction| interaction.id).collect::<Vec<_>>(), [alone.id, both.id]);
    let open: Page<Interaction> = system.get("interactions?open=true&kind=meeting").await;
    assert_eq!(open.items.iter().map(|interaction| interaction.id).collect::<Vec<_>>(), [both.id]);
    assert_eq!(system.call("DELETE", &format!("people/{}", ann.id), None, None).await.status, 204);
    let kept: Interaction = system.get(&format!("interactions/{}", both.id)).await;
    assert_eq!((kept.version, kept.fields.with.len()), (2, 1));
    assert_eq!(system.call("GET", &format!("interactions/{}", alone.id), None, None).await.status, 404);
}

#[tokio::test]
async fn the_truth_says_the_same_as_the_events() {
    let system = System::start().await;
    let (ann, bo) = (system.person("Ann").await, system.person("Bo").await);
    let (_, position) = system.relate(&ann, &bo, 0.5).await;
    system.get::<NetworkAnalysis>(&format!("relationships/analysis?wait_for={position}")).await;
    let stores = system.kernel.stores();
    let before = stores.graph.inventory().await.unwrap();
    let sources: Vec<std::sync::Arc<dyn Source>> = vec![
        std::sync::Arc::new(looma_relationship::PersonSource(stores.sql.clone())),
        std::sync::Arc::new(looma_relationship::RelationshipSource(stores.sql.clone())),
        std::sync::Arc::new(looma_relationship::InteractionSource(stores.sql.clone())),
    ];
    assert_eq!(looma_relationship::projector(&system.kernel).rebuild(&sources).await.unwrap(), 3);
    assert_eq!(stores.graph.inventory().await.unwrap(), before);
}

//! The same system on real engines: all of them, each alone, and each one cut off, slow and back again.

use crate::proxy::{Proxy, Weather};
use crate::running::{Plan, Running};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

pub const ENGINES: [&str; 7] = ["postgres", "mongodb", "s3", "redis", "neo4j", "elasticsearch", "weaviate"];

/// The address of an engine; the tests here cannot do without.
pub fn url(engine: &str) -> String {
    let variable = format!("LOOMA_TEST_{}", engine.to_uppercase());
    std::env::var(&variable).unwrap_or_else(|_| panic!("{variable} must name a running engine: make test-engines"))
}

/// A name that no other test uses.
pub fn namespace() -> String {
    format!("t{}", uuid::Uuid::now_v7().simple())
}

/// A plan with some roles on their engines, others embedded.
pub fn plan_on(folder: &tempfile::TempDir, engines: &[&str]) -> Plan {
    let space = namespace();
    engines.iter().fold(Plan::new(folder.path()), |plan, engine| on(plan, engine, &url(engine), &space))
}

pub fn on(plan: Plan, engine: &str, url: &str, space: &str) -> Plan {
    let key = format!("STORES__{}__", engine.to_uppercase());
    plan.with(format!("{key}URL"), url).with(format!("{key}NAMESPACE"), space).with(format!("{key}CONNECTIONS"), "8")
}

/// Sends a resume and waits until it has been read.
pub async fn import(running: &Running, name: &str) -> Value {
    let resume = json!({
        "basics": { "name": name, "email": format!("{}@example.com", uuid::Uuid::now_v7().simple()), "summary": "Rust 后端工程师" },
        "work": [{ "name": "联想 Lenovo", "position": "Rust engineer", "startDate": "2019-01", "highlights": ["Built a database in Rust."] }],
        "education": [{ "institution": "北京大学", "area": "Computer science", "endDate": "2018" }],
        "skills": [{ "name": "Rust" }, { "name": "PostgreSQL" }],
    });
    let body = format!(
        "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"resume.json\"\r\nContent-Type: application/json\r\n\r\n{resume}\r\n--edge--\r\n"
    );
    let sent = running
        .http
        .post(format!("{}/api/v1/resumes/import", running.gateway))
        .header("content-type", "multipart/form-data; boundary=edge");
    let answer = running.ask(sent.body(body)).await;
    assert_eq!(answer.status(), 202, "{}", answer.text().await.unwrap());
    let at = answer.headers()["location"].to_str().unwrap().to_owned();
    let done = running.until("the import", async || {
        let import = running.get(&at).await;
        (import["state"] == "done" || import["state"] == "failed").then_some(import)
    });
    let import = done.await;
    assert_eq!(import["state"], "done", "{import}");
    import
}

fn items(answer: &Value) -> &Vec<Value> {
    answer["items"].as_array().unwrap()
}

/// What a recruiter does in a day; every store has its part in it.
pub async fn a_day(running: &Running) {
    let tag = uuid::Uuid::now_v7().simple().to_string();
    let imported = import(running, &format!("王芳 {tag}")).await;
    let (person, resume) = (imported["person_id"].as_str().unwrap(), imported["resume_id"].as_str().unwrap());
    let content = running.get(&format!("/api/v1/resumes/{resume}")).await;
    assert_eq!(content["content"]["work"][0]["name"], "联想 Lenovo");
    assert_eq!(running.status(&format!("/api/v1/resumes/{resume}/original")).await, 200);

    let (company, _) = running.post("/api/v1/companies", &json!({ "name": format!("Acme {tag}"), "industry": "software" })).await;
    let company = company["id"].as_str().unwrap();
    let (friend, _) = running.post("/api/v1/people", &json!({ "name": format!("Ann {tag}") })).await;
    let friend = friend["id"].as_str().unwrap();
    for (from, to) in [(("person", friend), ("person", person)), (("person", person), ("company", company))] {
        let kind = if to.0 == "company" { "works_at" } else { "knows" };
        let edge = json!({ "from": { "type": from.0, "id": from.1 }, "to": { "type": to.0, "id": to.1 }, "kind": kind, "strength": 0.8 });
        running.post("/api/v1/relationships", &edge).await;
    }
    let draft = json!({ "title": format!("Rust engineer {tag}"), "company_id": company, "description": "Builds databases in Rust.",
        "skills": [{ "name": "Rust", "required": true }, { "name": "COBOL", "required": false }], "openings": 1 });
    let (job, _) = running.post("/api/v1/jobs", &draft).await;
    let job = job["id"].as_str().unwrap();
    let (_, position) = running.post(&format!("/api/v1/jobs/{job}/publish"), &json!({})).await;
    let matches = running.get(&format!("/api/v1/jobs/{job}/matches?limit=20&wait_for={position}")).await;
    let matched = items(&matches).iter().find(|matched| matched["person_id"] == person).unwrap_or_else(|| panic!("{matches}"));
    assert!(matched["reasons"].to_string().contains("quote") && matched["missing"].to_string().contains("COBOL"), "{matched}");

    for mode in ["text", "hybrid", "vector"] {
        // Words alone are answered while the vectors are still behind.
        let whole = async || {
            let found = running.get(&format!("/api/v1/search?q={tag}&mode={mode}&wait_for={position}")).await;
            (found["degraded"].as_array().map_or(0, Vec::len) == 0).then_some(found)
        };
        let found = running.until(mode, whole).await;
        assert!(!items(&found).is_empty(), "{mode}: {found}");
    }
    let suggested = running.get(&format!("/api/v1/search/suggest?q=Ann%20{}", &tag[..20])).await;
    assert!(suggested.to_string().contains(friend), "{suggested}");
    let path = format!("/api/v1/relationships/paths?from=person:{friend}&to=company:{company}&max_hops=4&limit=5&wait_for={position}");
    let paths = running.get(&path).await;
    assert_eq!(items(&paths)[0]["hops"].as_array().unwrap().len(), 3, "{paths}");
    assert!(running.get("/m/v1/sync").await["changed"].is_array());
}

fn no_drift(plan: &Plan) {
    let verified = plan.run(&["verify", "--json"]);
    let report = String::from_utf8_lossy(&verified.stdout);
    assert!(verified.status.success(), "{report}{}", String::from_utf8_lossy(&verified.stderr));
}

async fn a_day_on(engines: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let plan = plan_on(&folder, engines);
    let mut running = plan.up().await;
    a_day(&running).await;
    no_drift(&plan);
    // What was there before a restart is there after it.
    running.kill();
    let running = plan.up().await;
    assert!(!items(&running.get("/api/v1/people").await).is_empty());
    a_day(&running).await;
    no_drift(&plan);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "needs the engines: make test-engines"]
async fn a_day_on_all_engines() {
    a_day_on(&ENGINES).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "needs the engines: make test-engines"]
async fn a_day_on_each_engine_alone() {
    for engine in ENGINES {
        a_day_on(&[engine]).await;
    }
}

/// A system on all engines, one of them behind a proxy.
async fn with_one_behind(engine: &str) -> (tempfile::TempDir, Plan, Running, Proxy) {
    let folder = tempfile::tempdir().unwrap();
    let address = url(engine);
    let target = url::Url::parse(&address).unwrap();
    let proxy = Proxy::to(&format!("{}:{}", target.host_str().unwrap(), target.port().unwrap())).await;
    let others: Vec<&str> = ENGINES.into_iter().filter(|other| *other != engine).collect();
    let mut plan = on(plan_on(&folder, &others), engine, &proxy.instead_of(&address), &namespace());
    let key = format!("STORES__{}__", engine.to_uppercase());
    plan = plan.with(format!("{key}CONNECT_SECONDS"), "1").with(format!("{key}REQUEST_SECONDS"), "2");
    let running = plan.up().await;
    a_day(&running).await;
    (folder, plan, running, proxy)
}

async fn is_refused(running: &Running, path: &str) {
    let answer = running.try_get(path).await;
    assert_eq!(answer.status(), 503, "{path}");
    assert!(answer.headers().contains_key("retry-after"), "{path}");
    let problem: Value = answer.json().await.unwrap();
    assert_eq!((problem["status"].as_i64(), problem["type"].as_str()), (Some(503), Some("/problems/unavailable")), "{problem}");
    assert!(!problem.to_string().contains("looma-dev"), "no password is shown: {problem}");
}

async fn store_is(running: &Running, store: &str, status: &str) {
    running
        .until(&format!("{store} is {status}"), async || {
            let answer = running.http.get(format!("{}/health", running.gateway)).send().await.ok()?.json::<Value>().await.ok()?;
            let check = answer["checks"].as_array()?.iter().find(|check| check["name"] == store)?.clone();
            (check["status"] == status).then_some(())
        })
        .await;
}

/// With a derived store away, what does not need it works; it heals by itself and nothing is lost.
async fn a_derived_store_away(engine: &str, store: &str, needs_it: &[&str], weather: Weather) {
    let (_folder, plan, running, proxy) = with_one_behind(engine).await;
    proxy.set(weather);
    store_is(&running, store, "down").await;
    assert_eq!(
        running.http.get(format!("{}/health/ready", running.gateway)).send().await.unwrap().status(),
        200,
        "it is ready all the same"
    );
    let began = Instant::now();
    let (person, position) = running.post("/api/v1/people", &json!({ "name": "Written meanwhile" })).await;
    let id = person["id"].as_str().unwrap();
    assert_eq!(running.status(&format!("/api/v1/people/{id}")).await, 200);
    assert_eq!(running.status("/api/v1/people?limit=5").await, 200);
    import(&running, "Imported meanwhile").await;
    let mut again = running.another();
    again.sign_in().await;
    assert!(began.elapsed() < Duration::from_secs(30), "what does not need it is not slow: {:?}", began.elapsed());
    for path in needs_it {
        is_refused(&running, path).await;
    }
    proxy.set(Weather::Fine);
    store_is(&running, store, "up").await;
    running
        .until("it catches up", async || {
            let found = running.try_get(&format!("/api/v1/search?q=meanwhile&mode=text&type=person&wait_for={position}")).await;
            if found.status() != 200 {
                return None;
            }
            let found: Value = found.json().await.ok()?;
            (items(&found).len() >= 2).then_some(())
        })
        .await;
    for path in needs_it {
        running.until(path, async || (running.status(path).await == 200).then_some(())).await;
    }
    no_drift(&plan);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "needs the engines: make test-engines"]
async fn the_cache_may_be_away() {
    a_derived_store_away("redis", "cache", &[], Weather::Cut).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "needs the engines: make test-engines"]
async fn the_graph_may_be_away() {
    a_derived_store_away("neo4j", "graph", &["/api/v1/relationships/analysis"], Weather::Cut).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "needs the engines: make test-engines"]
async fn the_text_index_may_be_away() {
    a_derived_store_away("elasticsearch", "text", &["/api/v1/search?q=rust&mode=text", "/api/v1/search/suggest?q=ru"], Weather::Cut).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "needs the engines: make test-engines"]
async fn the_text_index_may_be_silent() {
    a_derived_store_away("elasticsearch", "text", &["/api/v1/search?q=rust&mode=text"], Weather::Silent).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "needs the engines: make test-engines"]
async fn the_vectors_may_be_away() {
    a_derived_store_away("weaviate", "vectors", &["/api/v1/search?q=rust&mode=vector"], Weather::Cut).await;
}

/// With the truth away, writes are refused clearly and nothing is half done.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "needs the engines: make test-engines"]
async fn the_rows_may_be_away() {
    let (_folder, plan, running, proxy) = with_one_behind("postgres").await;
    let before = items(&running.get("/api/v1/companies?limit=200").await).len();
    proxy.set(Weather::Cut);
    let began = Instant::now();
    for path in ["/api/v1/companies", "/api/v1/people"] {
        let answer = running.try_post(path, &json!({ "name": "Never" })).await;
        assert_eq!(answer.status(), 503, "{path}: {}", answer.text().await.unwrap());
        is_refused(&running, path).await;
    }
    assert!(began.elapsed() < Duration::from_secs(25), "refused in time: {:?}", began.elapsed());
    assert_eq!(running.http.get(format!("{}/health/live", running.gateway)).send().await.unwrap().status(), 200);
    proxy.set(Weather::Fine);
    running.until("the rows are back", async || (running.status("/api/v1/companies").await == 200).then_some(())).await;
    assert_eq!(items(&running.get("/api/v1/companies?limit=200").await).len(), before);
    a_day(&running).await;
    no_drift(&plan);
}

/// Documents and files away: what needs them is refused, lists and search go on, an import waits or says why.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "needs the engines: make test-engines"]
async fn documents_may_be_away() {
    let (_folder, plan, running, proxy) = with_one_behind("mongodb").await;
    let resume = import(&running, "Before").await["resume_id"].as_str().unwrap().to_owned();
    proxy.set(Weather::Cut);
    is_refused(&running, &format!("/api/v1/resumes/{resume}")).await;
    assert_eq!(running.status("/api/v1/people").await, 200);
    assert_eq!(running.status("/api/v1/search?q=rust&mode=text").await, 200);
    proxy.set(Weather::Fine);
    let path = format!("/api/v1/resumes/{resume}");
    running.until("the documents are back", async || (running.status(&path).await == 200).then_some(())).await;
    a_day(&running).await;
    no_drift(&plan);
}

/// A day with every store 30 ms away, each way.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "needs the engines: make test-engines"]
async fn slow_stores_are_only_slow() {
    let folder = tempfile::tempdir().unwrap();
    let (mut plan, space) = (Plan::new(folder.path()), namespace());
    let mut proxies = Vec::new();
    for engine in ENGINES {
        let address = url(engine);
        let target = url::Url::parse(&address).unwrap();
        let proxy = Proxy::to(&format!("{}:{}", target.host_str().unwrap(), target.port().unwrap())).await;
        plan = on(plan, engine, &proxy.instead_of(&address), &space);
        proxies.push(proxy);
    }
    let running = plan.up().await;
    for proxy in &proxies {
        proxy.set(Weather::Slow(Duration::from_millis(30)));
    }
    a_day(&running).await;
    for proxy in &proxies {
        proxy.set(Weather::Fine);
    }
    no_drift(&plan);
}

/// An engine that is not there at the start: the truth is missed loudly, the derived stores quietly.
#[tokio::test]
async fn an_engine_missing_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let begin = |engine: &str, url: String| {
        on(Plan::new(folder.path()), engine, &url, "nobody").with(format!("STORES__{}__CONNECT_SECONDS", engine.to_uppercase()), "1")
    };
    let output = begin("postgres", format!("postgres://looma:secret@127.0.0.1:{nobody}/looma")).run(&["up"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        !output.status.success() && said.contains("PostgreSQL") && said.contains(&nobody.to_string()) && said.contains("stores.postgres"),
        "{said}"
    );
    assert!(!said.contains("secret"), "{said}");
    let running = begin("elasticsearch", format!("http://elastic:secret@127.0.0.1:{nobody}")).up().await;
    running.post("/api/v1/people", &json!({ "name": "Ann" })).await;
    is_refused(&running, "/api/v1/search?q=ann&mode=text").await;
}

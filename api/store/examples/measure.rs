//! How long the stores take: `cargo run --release -p looma-store --example measure`. Roles whose engines `LOOMA_TEST_…` name
//! are on those, the others embedded; `LOOMA_MEASURE_PEOPLE` says how many people there are (10,000 when it does not), and
//! `LOOMA_MEASURE_VECTORS` how many vectors each has (5 when it does not).
//! `make bench-engines` runs it on both and prints them side by side.
//!
//! "Ours" is what of the middle time was spent outside requests to an engine's client: making them, reading what they
//! answered, and waiting for a turn.
//!
//! Long, because every store is measured in one run, on the same people.

use looma_store::outbox::{Change, Event};
use looma_store::text::TextQuery;
use looma_store::vectors::VectorChange;
use looma_store::{Engine, NewEvent, Projected, ProjectedEdge, StoreSettings, Stores};
use looma_types::{RecordKind, Ref, WorkspaceId};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// How many are made and applied at once.
const BATCH: u64 = 500;
const WIDTH: usize = 256;
const ROUNDS: usize = 200;
/// How many ask at once where it is measured how much gets through,
const TOGETHER: usize = 16;
/// and where it is counted how many connections that takes.
const CROWD: usize = 1_000;

/// Numbers that look like chance and are the same every time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }

    fn pick<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.below(words.len())]
    }
}

const FAMILY: [&str; 12] = ["王", "李", "张", "刘", "Smith", "Jones", "García", "Müller", "陈", "杨", "Novak", "Okafor"];
const GIVEN: [&str; 12] = ["芳", "伟", "小明", "Ann", "Bo", "Jonathan", "丽", "静", "Maria", "Ivan", "Chidi", "Zoë"];
const CITIES: [&str; 8] = ["上海", "北京", "深圳", "Berlin", "Paris", "London", "杭州", "Singapore"];
const SKILLS: [&str; 16] = [
    "Rust",
    "C++",
    "Node.js",
    "Kubernetes",
    "机器学习",
    "后端开发",
    "前端开发",
    "PostgreSQL",
    "数据分析",
    "产品经理",
    "Java",
    "Go",
    "React",
    "Figma",
    "Sales",
    "招聘",
];
const SENTENCES: [&str; 8] = [
    "Led a team of seven engineers that moved the billing platform to event sourcing without downtime.",
    "负责公司核心交易系统的后端架构设计与开发，支撑日均千万级订单。",
    "Built dashboards for the sales department and trained forty colleagues in using them.",
    "主导推荐算法的优化工作，点击率提升百分之十五，获得年度优秀员工。",
    "Introduced continuous delivery; releases went from monthly to several a day.",
    "参与用户增长项目，设计并实施多渠道营销活动，新增注册用户三十万。",
    "Maintains open-source libraries for distributed tracing and speaks at conferences.",
    "熟悉微服务、容器编排与云原生技术栈，具备良好的跨部门沟通能力。",
];

fn person(number: u64) -> Ref {
    Ref::new(RecordKind::Person, uuid::Uuid::from_u64_pair(1, number))
}

fn event(projected: Projected) -> Event {
    Event {
        position: 0,
        workspace: projected.workspace,
        record: projected.record,
        version: projected.version,
        change: Change::Upsert(Box::new(projected)),
        action: String::new(),
        actor_id: None,
        actor_name: String::new(),
        request_id: None,
        address: None,
        sequence: None,
        detail: serde_json::Value::Null,
        at: looma_types::now(),
    }
}

/// What the environment says of a number.
fn asked(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|count| count.parse().ok()).unwrap_or(otherwise)
}

/// The stores to measure, in a namespace of their own.
fn settings(data: &std::path::Path) -> StoreSettings {
    let engine = |key: &str| {
        let url = std::env::var(format!("LOOMA_TEST_{key}")).ok().filter(|url| !url.is_empty())?;
        Some(Engine { namespace: format!("m{}", uuid::Uuid::now_v7().simple()), request_seconds: 300, ..Engine::at(url) })
    };
    StoreSettings {
        data: data.to_owned(),
        postgres: engine("POSTGRES"),
        mongodb: engine("MONGODB"),
        s3: engine("S3"),
        redis: engine("REDIS"),
        neo4j: engine("NEO4J"),
        elasticsearch: engine("ELASTICSEARCH"),
        weaviate: engine("WEAVIATE"),
        ..StoreSettings::default()
    }
}

fn people(workspace: WorkspaceId, numbers: std::ops::Range<u64>, chance: &mut Chance) -> Vec<Event> {
    numbers
        .map(|number| {
            let name = format!("{} {}", chance.pick(&GIVEN), chance.pick(&FAMILY));
            let story: Vec<&str> = (0..30).map(|_| chance.pick(&SENTENCES)).collect();
            let skills: Vec<&str> = (0..4).map(|_| chance.pick(&SKILLS)).collect();
            event(
                Projected::new(workspace, person(number), 1, name)
                    .node()
                    .searchable()
                    .text("skills", skills.join(", "))
                    .text("summary", story.join("\n"))
                    .facet("location", [chance.pick(&CITIES)])
                    .facet("skill", skills),
            )
        })
        .collect()
}

fn bonds(workspace: WorkspaceId, numbers: std::ops::Range<u64>, people: u64, chance: &mut Chance) -> Vec<Event> {
    numbers
        .map(|number| {
            let record = Ref::new(RecordKind::Relationship, uuid::Uuid::from_u64_pair(2, number));
            let (from, to) = (person(chance.below(people as usize) as u64), person(chance.below(people as usize) as u64));
            let edge = ProjectedEdge { id: record.id, from, to, kind: "knows".into(), strength: (1 + chance.below(9)) as f64 / 10.0 };
            event(Projected { edges: vec![edge], ..Projected::new(workspace, record, 1, "") })
        })
        .collect()
}

fn vectors(workspace: WorkspaceId, numbers: std::ops::Range<u64>, each: u64, chance: &mut Chance) -> Vec<VectorChange> {
    let mut vector = || {
        let raw: Vec<f32> = (0..WIDTH).map(|_| chance.below(2_001) as f32 / 1_000.0 - 1.0).collect();
        let length = raw.iter().map(|part| part * part).sum::<f32>().sqrt();
        raw.into_iter().map(|part| part / length).collect::<Vec<f32>>()
    };
    let change = |number| VectorChange::Upsert {
        workspace,
        record: person(number),
        version: 1,
        title: "P".into(),
        vectors: (0..each).map(|_| vector()).collect(),
    };
    numbers.map(change).collect()
}

/// Ranges of so many numbers up to an end.
fn batches(end: u64) -> impl Iterator<Item = std::ops::Range<u64>> {
    (0..end.div_ceil(BATCH)).map(move |batch| batch * BATCH..((batch + 1) * BATCH).min(end))
}

/// A record written with its event, as services do.
async fn write(stores: &Stores, workspace: WorkspaceId, number: u64) -> Result<(), looma_store::Error> {
    let projected = Projected::new(workspace, person(number), 1, "New 名字");
    let mut tx = stores.sql.begin().await?;
    tx.event(NewEvent {
        workspace,
        record: projected.record,
        version: 1,
        change: Change::Upsert(Box::new(projected)),
        action: "measure",
        actor_id: None,
        actor_name: String::new(),
        request_id: None,
        address: None,
        detail: serde_json::Value::Null,
    })
    .await?;
    tx.commit().await.map(|_| ())
}

fn row(what: &str, took: Duration) {
    println!("{what:<44} {:>9.2} ms", took.as_secs_f64() * 1_000.0);
}

/// What the stores say of themselves.
static METRICS: LazyLock<Option<PrometheusHandle>> = LazyLock::new(|| PrometheusBuilder::new().install_recorder().ok());

/// How long all requests to engines took so far.
fn engines_took() -> Option<Duration> {
    let text = METRICS.as_ref()?.render();
    let sums = text.lines().filter_map(|line| line.strip_prefix("looma_store_seconds_sum")?.split_whitespace().last()?.parse::<f64>().ok());
    let all: Vec<f64> = sums.collect();
    (!all.is_empty()).then(|| Duration::from_secs_f64(all.iter().sum()))
}

/// How long each round took, and how much of it was ours, where it was all asked of engines one after the other.
async fn sampled(mut work: impl AsyncFnMut(usize)) -> (Vec<Duration>, Vec<Duration>) {
    let (mut times, mut ours) = (Vec::with_capacity(ROUNDS), Vec::with_capacity(ROUNDS));
    for round in 0..ROUNDS {
        let before = engines_took();
        let started = Instant::now();
        work(round).await;
        let took = started.elapsed();
        times.push(took);
        if let (Some(before), Some(after)) = (before, engines_took()) {
            // Where nothing was asked of an engine, the store is embedded.
            ours.extend((after > before).then(|| took.saturating_sub(after.saturating_sub(before))));
        }
    }
    times.sort_unstable();
    ours.sort_unstable();
    (times, ours)
}

/// The middle and the slowest but one in a hundred.
fn percentiles(what: &str, times: &[Duration]) {
    row(&format!("{what}, p50"), times[times.len() / 2]);
    row(&format!("{what}, p99"), times[times.len() * 99 / 100]);
}

/// The same, and how much of the middle is ours.
async fn repeated(what: &str, work: impl AsyncFnMut(usize)) {
    let (times, ours) = sampled(work).await;
    percentiles(what, &times);
    if ours.len() == ROUNDS {
        row(&format!("{what}, ours"), ours[ROUNDS / 2]);
    }
}

/// How many get through in a second while so many ask at once.
async fn through(what: &str, work: impl AsyncFn(usize) -> bool) {
    let (next, started) = (AtomicUsize::new(0), Instant::now());
    let asker = async || {
        while started.elapsed() < Duration::from_secs(2) {
            assert!(work(next.fetch_add(1, Ordering::Relaxed)).await, "{what}");
        }
    };
    futures::future::join_all((0..TOGETHER).map(|_| asker())).await;
    println!("{:<44} {:>9.0} /s", format!("{what}, {TOGETHER} at once"), next.into_inner() as f64 / started.elapsed().as_secs_f64());
}

/// How many connections this machine has to a port of its own, where the system tells.
fn connections(port: u16) -> usize {
    let table = std::fs::read_to_string("/proc/self/net/tcp").unwrap_or_default();
    let to = format!(":{port:04X}");
    // The third column is the other end; 01 is an open connection.
    table
        .lines()
        .filter(|line| {
            let mut columns = line.split_whitespace().skip(2);
            columns.next().is_some_and(|end| end.ends_with(&to)) && columns.next() == Some("01")
        })
        .count()
}

/// Many ask at once: how many connections are there while they do?
async fn crowd(what: &str, engine: Option<&Engine>, work: impl AsyncFn(usize) -> bool) {
    let Some(port) = engine.and_then(|engine| url::Url::parse(&engine.url.0).ok()?.port()) else { return };
    let before = connections(port);
    let mut most = 0;
    let mut all = std::pin::pin!(futures::future::join_all((0..CROWD).map(async |round| work(round).await)));
    let answers = loop {
        tokio::select! {
            answers = &mut all => break answers,
            () = tokio::time::sleep(Duration::from_millis(2)) => most = most.max(connections(port)),
        }
    };
    let done = answers.iter().filter(|done| **done).count();
    println!("{:<44} {before:>9} connections", format!("{what}, alone"));
    println!("{:<44} {most:>9} connections", format!("{what}, with {CROWD} at once"));
    println!("{:<44} {done:>9} answers", format!("{what}, of {CROWD} at once"));
}

/// Resident memory in MiB, where the system tells.
fn memory(what: &str) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).and_then(|rest| rest.split_whitespace().next());
    if let Some(kilobytes) = resident.and_then(|number| number.parse::<f64>().ok()) {
        println!("{what:<44} {:>9.1} MiB", kilobytes / 1024.0);
    }
}

#[tokio::main]
async fn main() -> Result<(), looma_store::Error> {
    let _ = LazyLock::force(&METRICS);
    let data = std::env::temp_dir().join(format!("looma-measure-{}", std::process::id()));
    let settings = settings(&data);
    let (people_count, each) = (asked("LOOMA_MEASURE_PEOPLE", 10_000), asked("LOOMA_MEASURE_VECTORS", 5));
    let workspace = WorkspaceId::new();
    let mut chance = Chance(42);

    let started = Instant::now();
    let stores = Stores::open(&settings).await?;
    row("open, empty", started.elapsed());
    memory("memory, empty");

    let mut text_took = Duration::ZERO;
    let mut graph_took = Duration::ZERO;
    let mut vectors_took = Duration::ZERO;
    for numbers in batches(people_count) {
        let events = people(workspace, numbers.clone(), &mut chance);
        let upto = numbers.end as i64;
        let started = Instant::now();
        stores.text.apply(&events, upto).await?;
        text_took += started.elapsed();
        let started = Instant::now();
        stores.graph.apply(&events, upto).await?;
        graph_took += started.elapsed();
        let changes = vectors(workspace, numbers, each, &mut chance);
        let started = Instant::now();
        stores.vectors.apply(&changes, upto).await?;
        vectors_took += started.elapsed();
    }
    for numbers in batches(2 * people_count) {
        let events = bonds(workspace, numbers, people_count, &mut chance);
        let started = Instant::now();
        stores.graph.apply(&events, people_count as i64).await?;
        graph_took += started.elapsed();
    }
    row("text, all people", text_took);
    row("graph, all people, two bonds each", graph_took);
    row("vectors, all people", vectors_took);
    stores.sql.close().await;
    drop(stores);

    let started = Instant::now();
    let stores = Stores::open(&settings).await?;
    row("open, filled", started.elapsed());
    memory("memory, filled, nothing read");
    let started = Instant::now();
    stores.graph.position().await?;
    row("graph, read into memory", started.elapsed());
    let started = Instant::now();
    stores.vectors.position().await?;
    row("vectors, read into memory", started.elapsed());
    memory("memory, all read");

    repeated("rows, one record with its event", async |round| assert!(write(&stores, workspace, round as u64).await.is_ok())).await;
    repeated("rows, events after a position", async |_| assert!(stores.sql.events_after(0, 50).await.is_ok())).await;
    let resume = serde_json::json!({ "basics": { "name": "王芳" }, "work": SENTENCES });
    let mut hashes = Vec::new();
    repeated("documents, put", async |round| {
        let mut resume = resume.clone();
        resume["number"] = round.into();
        hashes.push(stores.documents.put(workspace, "resume", &resume).await.unwrap_or_default());
    })
    .await;
    repeated("documents, get", async |round| {
        assert!(stores.documents.get(workspace, "resume", &hashes[round]).await.is_ok_and(|found| found.is_some()));
    })
    .await;
    let mut names = Vec::new();
    repeated("blobs, put 100 KiB", async |round| {
        let bytes = vec![round as u8; 100 * 1024];
        names.push(stores.blobs.put(workspace, bytes.into()).await.unwrap_or_default());
    })
    .await;
    repeated("blobs, get 100 KiB", async |round| {
        assert!(stores.blobs.get(workspace, &names[round]).await.is_ok_and(|found| found.is_some()));
    })
    .await;
    let long = Duration::from_mins(10);
    repeated("cache, set", async |round| assert!(stores.cache.set(&format!("k{round}"), "value".into(), long).await.is_ok())).await;
    repeated("cache, get", async |round| assert!(stores.cache.get(&format!("k{round}")).await.is_ok_and(|found| found.is_some()))).await;

    let search = async |text: &str, any_word| {
        let count = vec!["location".into(), "skill".into()];
        let query = TextQuery { text: text.into(), limit: 20, count, any_word, ..TextQuery::default() };
        stores.text.search(workspace, &query).await.map(|answer| answer.total)
    };
    let started = Instant::now();
    search("后端", false).await?;
    row("text, first Chinese query", started.elapsed());
    memory("memory, dictionary read");
    let queries = ["rust engineers", "后端架构", "王芳", "\"event sourcing\"", "Node.js -sales 上海", "", "机器学习 算法"];
    repeated("text, search", async |round| assert!(search(queries[round % queries.len()], false).await.is_ok())).await;
    let long = SENTENCES.join(" ");
    repeated("text, any word of a job description", async |_| assert!(search(&long, true).await.is_ok())).await;
    repeated("text, suggest", async |round| {
        assert!(stores.text.suggest(workspace, ["jo", "王", "an"][round % 3], &[], 10).await.is_ok());
    })
    .await;
    let query: Vec<f32> = (0..WIDTH).map(|at| (at as f32).sin()).collect();
    repeated("vectors, nearest 50", async |_| assert!(stores.vectors.nearest(workspace, &query, &[], None, 50).await.is_ok())).await;
    repeated("graph, 5 paths of 4 hops", async |round| {
        assert!(stores.graph.paths(workspace, person(round as u64), person(people_count - 1 - round as u64), 4, 5).await.is_ok());
    })
    .await;
    repeated("graph, 20 paths of 6 hops", async |round| {
        assert!(stores.graph.paths(workspace, person(round as u64), person(people_count - 1 - round as u64), 6, 20).await.is_ok());
    })
    .await;
    through("rows, events after a position", async |_| stores.sql.events_after(0, 50).await.is_ok()).await;
    through("documents, get", async |round| stores.documents.get(workspace, "resume", &hashes[round % ROUNDS]).await.is_ok()).await;
    through("blobs, get 100 KiB", async |round| stores.blobs.get(workspace, &names[round % ROUNDS]).await.is_ok()).await;
    through("cache, get", async |round| stores.cache.get(&format!("k{}", round % ROUNDS)).await.is_ok()).await;
    through("text, search", async |round| search(queries[round % queries.len()], false).await.is_ok()).await;
    through("vectors, nearest 50", async |_| stores.vectors.nearest(workspace, &query, &[], None, 50).await.is_ok()).await;
    let ends = |round: usize| (person((round % ROUNDS) as u64), person(people_count - 1 - (round % ROUNDS) as u64));
    let paths = async |round| stores.graph.paths(workspace, ends(round).0, ends(round).1, 4, 5).await.is_ok();
    through("graph, 5 paths of 4 hops", &paths).await;

    crowd("rows", settings.postgres.as_ref(), async |_| stores.sql.events_after(0, 5).await.is_ok()).await;
    crowd("documents", settings.mongodb.as_ref(), async |round| {
        stores.documents.get(workspace, "resume", &hashes[round % ROUNDS]).await.is_ok()
    })
    .await;
    crowd("blobs", settings.s3.as_ref(), async |round| stores.blobs.get(workspace, &names[round % ROUNDS]).await.is_ok()).await;
    crowd("cache", settings.redis.as_ref(), async |round| stores.cache.get(&format!("k{}", round % ROUNDS)).await.is_ok()).await;
    crowd("text", settings.elasticsearch.as_ref(), async |round| search(queries[round % queries.len()], false).await.is_ok()).await;
    crowd("vectors", settings.weaviate.as_ref(), async |_| stores.vectors.nearest(workspace, &query, &[], None, 50).await.is_ok()).await;
    crowd("graph", settings.neo4j.as_ref(), &paths).await;

    let started = Instant::now();
    stores.graph.analysis(workspace, 10).await?;
    row("graph, analysis", started.elapsed());
    let mut position = people_count as i64;
    let (times, _) = sampled(async |round| {
        position += 1;
        let mut projected = Projected::new(workspace, person(round as u64), position, "New 名字").node().searchable();
        projected.texts.push(("summary".into(), SENTENCES.join("\n")));
        let vectors = vec![query.clone(); each as usize];
        let change = VectorChange::Upsert { workspace, record: projected.record, version: position, title: "P".into(), vectors };
        let events = [event(projected)];
        let done = tokio::join!(
            stores.text.apply(&events, position),
            stores.graph.apply(&events, position),
            stores.vectors.apply(std::slice::from_ref(&change), position)
        );
        assert!(done.0.is_ok() && done.1.is_ok() && done.2.is_ok());
    })
    .await;
    percentiles("one record written to all three", &times);
    memory("memory, at the end");
    drop(stores);
    let _ = std::fs::remove_dir_all(data);
    Ok(())
}

//! How long the embedded stores take with 10,000 people: `cargo run --release -p looma-store --example measure`.

use looma_store::outbox::{Change, Event};
use looma_store::text::TextQuery;
use looma_store::vectors::VectorChange;
use looma_store::{Projected, ProjectedEdge, StoreSettings, Stores};
use looma_types::{RecordKind, Ref, WorkspaceId};
use std::time::{Duration, Instant};

const PEOPLE: u64 = 10_000;
const BONDS: u64 = 20_000;
const WIDTH: usize = 256;
const ROUNDS: usize = 200;

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
        detail: serde_json::Value::Null,
        at: looma_types::now(),
    }
}

fn people(workspace: WorkspaceId, chance: &mut Chance) -> Vec<Event> {
    (0..PEOPLE)
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

fn bonds(workspace: WorkspaceId, chance: &mut Chance) -> Vec<Event> {
    (0..BONDS)
        .map(|number| {
            let record = Ref::new(RecordKind::Relationship, uuid::Uuid::from_u64_pair(2, number));
            let (from, to) = (person(chance.below(PEOPLE as usize) as u64), person(chance.below(PEOPLE as usize) as u64));
            let edge = ProjectedEdge { id: record.id, from, to, kind: "knows".into(), strength: (1 + chance.below(9)) as f64 / 10.0 };
            event(Projected { edges: vec![edge], ..Projected::new(workspace, record, 1, "") })
        })
        .collect()
}

fn vectors(workspace: WorkspaceId, chance: &mut Chance) -> Vec<VectorChange> {
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
        vectors: (0..5).map(|_| vector()).collect(),
    };
    (0..PEOPLE).map(change).collect()
}

fn row(what: &str, took: Duration) {
    println!("{what:<44} {:>9.2} ms", took.as_secs_f64() * 1_000.0);
}

/// The middle and the slowest but one in a hundred.
async fn repeated(what: &str, mut work: impl AsyncFnMut(usize)) {
    let mut times = Vec::with_capacity(ROUNDS);
    for round in 0..ROUNDS {
        let started = Instant::now();
        work(round).await;
        times.push(started.elapsed());
    }
    times.sort_unstable();
    row(&format!("{what}, p50"), times[ROUNDS / 2]);
    row(&format!("{what}, p99"), times[ROUNDS * 99 / 100]);
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
    let data = std::env::temp_dir().join(format!("looma-measure-{}", std::process::id()));
    let settings = StoreSettings { data: data.clone(), ..StoreSettings::default() };
    let workspace = WorkspaceId::new();
    let mut chance = Chance(42);

    let started = Instant::now();
    let stores = Stores::open(&settings).await?;
    row("open, empty", started.elapsed());
    memory("memory, empty");

    let (people, bonds, vectors) = (people(workspace, &mut chance), bonds(workspace, &mut chance), vectors(workspace, &mut chance));
    let started = Instant::now();
    for (batch, events) in people.chunks(500).enumerate() {
        stores.text.apply(events, batch as i64).await?;
    }
    row("text, 10,000 people", started.elapsed());
    let started = Instant::now();
    for events in people.chunks(500).chain(bonds.chunks(500)) {
        stores.graph.apply(events, 1).await?;
    }
    row("graph, 10,000 nodes and 20,000 edges", started.elapsed());
    let started = Instant::now();
    for changes in vectors.chunks(500) {
        stores.vectors.apply(changes, 1).await?;
    }
    row("vectors, 10,000 records of 5", started.elapsed());
    drop((people, bonds, vectors));
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
        assert!(stores.graph.paths(workspace, person(round as u64), person(9_999 - round as u64), 4, 5).await.is_ok());
    })
    .await;
    repeated("graph, 20 paths of 6 hops", async |round| {
        assert!(stores.graph.paths(workspace, person(round as u64), person(9_999 - round as u64), 6, 20).await.is_ok());
    })
    .await;
    let started = Instant::now();
    stores.graph.analysis(workspace, 10).await?;
    row("graph, analysis", started.elapsed());
    let mut position = 100;
    repeated("one record written to all three", async |round| {
        position += 1;
        let mut projected = Projected::new(workspace, person(round as u64), position, "New 名字").node().searchable();
        projected.texts.push(("summary".into(), SENTENCES.join("\n")));
        let vectors = vec![query.clone(); 5];
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
    memory("memory, at the end");
    drop(stores);
    let _ = std::fs::remove_dir_all(data);
    Ok(())
}

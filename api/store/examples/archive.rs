//! How long an archive takes, and how much memory:
//! `cargo run --release -p looma-store --example archive -- 100000 [postgres://user:password@host/database]`.

use looma_store::archive::{Progress, Summary, checksum, export, import};
use looma_store::{Engine, StoreSettings, Truth, on};
use looma_types::WorkspaceId;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Every so many people have a resume.
const RESUMES: usize = 10;

/// Of each person: two ways to reach them, two tags, and what projections are made from.
const FILL: &str = "
    CREATE TEMP TABLE n AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < PEOPLE) SELECT i, unhex(printf('%032x', i * 7919)) AS id FROM n;
    INSERT INTO person (id, workspace_id, name, owner_id, updated_at, search_text, location_text, fields, version, created_at)
        SELECT id, zeroblob(16), '王芳 ' || i, NULL, '2026-01-02T03:04:05.000006+00:00', '王芳 ann' || i || '@example.com engineer', 'shanghai',
        json_object('name', json_object('full', '王芳 ' || i), 'emails', json_array('ann' || i || '@example.com'), 'headline', 'Engineer of things that last',
            'location', json_object('city', '上海', 'country', 'CN'), 'tags', json_array('rust', 't' || i % 100), 'notes', hex(randomblob(150))),
        1 + i % 5, '2026-01-02T03:04:05.000006+00:00' FROM n;
    INSERT INTO person_contact SELECT id, zeroblob(16), 'ann' || i || '@example.com' FROM n;
    INSERT INTO person_contact SELECT id, zeroblob(16), printf('1380%07d', i) FROM n;
    INSERT INTO person_tag SELECT id, 'rust' FROM n;
    INSERT INTO person_tag SELECT id, 't' || i % 100 FROM n;
    INSERT INTO outbox (workspace_id, record_kind, record_id, version, op, projected, action, actor_name, detail, at)
        SELECT zeroblob(16), 'person', id, 1, 'upsert', json_object('title', '王芳 ' || i, 'texts', json_array(json_array('headline', 'Engineer of things that last'),
            json_array('notes', hex(randomblob(100)))), 'version', 1), 'person.create', 'Ann', '{}', '2026-01-02T03:04:05.000006+00:00' FROM n;
    DROP TABLE n;";

async fn fill(truth: &Truth, people: usize) -> looma_store::Result<()> {
    on!(truth.sql.write(), db => sqlx::raw_sql(sqlx::AssertSqlSafe(FILL.replace("PEOPLE", &people.to_string()))).execute(db).await.map(|_| ()))?;
    let workspace = WorkspaceId(uuid::Uuid::nil());
    let numbers: Vec<usize> = (0..people / RESUMES).collect();
    for some in numbers.chunks(500) {
        let resume = |number: &usize| serde_json::json!({ "basics": { "name": format!("王芳 {number}"), "summary": "things that last ".repeat(100) } });
        let documents = truth.documents.put_many(workspace, "resume", &some.iter().map(resume).collect::<Vec<_>>()).await?;
        let mut tx = truth.sql.begin().await?;
        for document in documents {
            let insert = "INSERT INTO resume (id, workspace_id, person_id, title, version, document, created_at, updated_at) VALUES ($1, $2, $1, 'CV', 1, $3, $4, $4)";
            on!(tx.conn(), db => sqlx::query(insert)
                .bind(uuid::Uuid::now_v7()).bind(workspace.0).bind(document).bind(looma_types::now()).execute(db).await.map(|_| ()))?;
        }
        tx.commit().await?;
    }
    Ok(())
}

/// The most memory of its own, in KiB, that this process was seen to have; files that are mapped are not counted.
static MOST: AtomicU64 = AtomicU64::new(0);

/// Looks at it again and again, where the system tells.
fn watch() {
    std::thread::spawn(|| {
        loop {
            let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
            let own = status.lines().find_map(|line| line.strip_prefix("RssAnon:")?.split_whitespace().next()?.parse().ok());
            MOST.fetch_max(own.unwrap_or(0), Ordering::Relaxed);
            std::thread::sleep(Duration::from_millis(20));
        }
    });
}

fn peak() -> String {
    match MOST.swap(0, Ordering::Relaxed) {
        0 => String::new(),
        most => format!(", at most {} MiB of memory meanwhile", most / 1024),
    }
}

fn tell(what: &str, began: Instant, summary: &Summary) {
    let (rows, documents) = (summary.count("rows"), summary.count("documents"));
    println!("{what}: {rows} rows and {documents} documents in {:.1} s{}", began.elapsed().as_secs_f64(), peak());
}

async fn bring(what: &str, file: &Path, settings: &StoreSettings) -> Result<Summary, Box<dyn std::error::Error>> {
    let truth = Truth::open(settings).await?;
    let began = Instant::now();
    let (_, summary) = import(&truth, BufReader::new(File::open(file)?), &Progress::default()).await?;
    tell(&format!("into {what}"), began, &summary);
    let began = Instant::now();
    assert_eq!(checksum(&truth, &Progress::default()).await?, summary);
    tell(&format!("checksum of {what}"), began, &summary);
    if let (looma_store::sql::Either::Postgres(db), Some(engine)) = (truth.sql.write(), &settings.postgres) {
        sqlx::raw_sql(sqlx::AssertSqlSafe(format!("DROP SCHEMA {} CASCADE", engine.namespace))).execute(db).await?;
    }
    truth.close().await;
    Ok(summary)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    watch();
    let mut arguments = std::env::args().skip(1);
    let people = arguments.next().map_or(Ok(10_000), |people| people.parse())?;
    let top = std::env::temp_dir().join(format!("looma-archive-{}", std::process::id()));
    let embedded = |name: &str| StoreSettings { data: top.join(name), ..StoreSettings::default() };
    let (truth, file) = (Truth::open(&embedded("from")).await?, top.join("all.looma"));
    fill(&truth, people).await?;
    println!("filled{}", peak());
    let began = Instant::now();
    let (_, _, summary) = export(&truth, File::create_new(&file)?, &Progress::default()).await?;
    tell("export", began, &summary);
    println!("{} bytes", std::fs::metadata(&file)?.len());
    bring("embedded stores", &file, &embedded("to")).await?;
    if let Some(url) = arguments.next() {
        let engine = Engine { namespace: format!("archive_{}", std::process::id()), ..Engine::at(url) };
        bring("PostgreSQL", &file, &StoreSettings { postgres: Some(engine), ..embedded("beside") }).await?;
    }
    std::fs::remove_dir_all(&top)?;
    Ok(())
}

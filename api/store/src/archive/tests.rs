//! What goes into an archive comes out of it, and nothing else does.

mod content;

use self::content::{Seed, id, seed, some_seeds, write};
use super::catalog::TABLES;
use super::file::{Reader, Writer};
use super::*;
use crate::outbox::{Change, NewEvent};
use crate::stores::Truth;
use crate::{Result, StoreSettings, on, trial};
use looma_types::WorkspaceId;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use serde_json::{Value, json};
use std::io::Cursor;

async fn embedded() -> Truth {
    Truth::open(&StoreSettings { in_memory: true, ..StoreSettings::default() }).await.unwrap()
}

async fn exported(truth: &Truth) -> (Vec<u8>, Summary) {
    let (file, _, summary) = export(truth, Vec::new(), &Progress::default()).await.unwrap();
    (file, summary)
}

async fn imported(truth: &Truth, file: &[u8]) -> Result<(Head, Summary)> {
    import(truth, Cursor::new(file.to_vec()), &Progress::default()).await
}

async fn summary(truth: &Truth) -> Summary {
    checksum(truth, &Progress::default()).await.unwrap()
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn everything_comes_back(seeds in prop::collection::vec(seed(), 1..5)) {
        block_on(async {
            let (from, to) = (embedded().await, embedded().await);
            write(&from, &seeds).await;
            let (file, written) = exported(&from).await;
            prop_assert_eq!(&verify(Cursor::new(file.clone()), &Progress::default()).await.unwrap().1, &written);
            prop_assert_eq!(&imported(&to, &file).await.unwrap().1, &written);
            prop_assert_eq!(&summary(&to).await, &written);
            prop_assert_eq!(written.count("rows"), (TABLES.len() * seeds.len()) as u64);
            Ok(())
        })?;
    }
}

/// From the embedded database into a server and back.
async fn there_and_back(seeds: &[Seed]) {
    let engines = StoreSettings { postgres: Some(trial::engine("postgres")), in_memory: true, ..StoreSettings::default() };
    let (from, over, back) = (embedded().await, Truth::open(&engines).await.unwrap(), embedded().await);
    write(&from, seeds).await;
    let (file, first) = exported(&from).await;
    imported(&over, &file).await.unwrap();
    let (file, second) = exported(&over).await;
    assert_eq!(second.differences(&first), [""; 0]);
    imported(&back, &file).await.unwrap();
    assert_eq!(summary(&back).await, first);
    next_event_comes_after_the_last(&over, seeds.len() as i64).await;
    drop_schema(&over, &engines).await;
}

async fn drop_schema(truth: &Truth, settings: &StoreSettings) {
    let schema = &settings.postgres.as_ref().unwrap().namespace;
    let gone = sqlx::AssertSqlSafe(format!("DROP SCHEMA {schema} CASCADE"));
    on!(truth.sql.write(), db => sqlx::raw_sql(gone).execute(db).await.map(|_| ())).unwrap();
}

#[tokio::test]
#[ignore = "needs the engines: make test-engines"]
async fn engines_hold_the_same() {
    there_and_back(&some_seeds(7)).await;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    for _ in 0..12 {
        let seeds = prop::collection::vec(seed(), 1..5).new_tree(&mut runner).unwrap().current();
        there_and_back(&seeds).await;
    }
}

fn event(workspace: WorkspaceId) -> NewEvent {
    NewEvent {
        workspace,
        record: trial::person(1),
        version: 1,
        change: Change::Note,
        action: "trial",
        actor_id: None,
        actor_name: String::new(),
        request_id: None,
        address: None,
        detail: Value::Null,
    }
}

async fn next_event_comes_after_the_last(truth: &Truth, last: Position) {
    assert_eq!((truth.sql.last_position().await.unwrap(), *truth.sql.committed().borrow()), (last, last), "projectors are woken");
    let mut tx = truth.sql.begin().await.unwrap();
    assert_eq!(tx.event(event(WorkspaceId::new())).await.unwrap(), last + 1);
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn it_goes_into_empty_stores_and_numbers_go_on() {
    let (from, to) = (embedded().await, embedded().await);
    write(&from, &some_seeds(9)).await;
    let (file, _) = exported(&from).await;
    let (head, _) = imported(&to, &file).await.unwrap();
    assert_eq!((head.position, head.migration), (9, crate::sql::newest_migration()));
    next_event_comes_after_the_last(&to, 9).await;
    let refused = imported(&to, &file).await.unwrap_err();
    assert!(matches!(&refused, Error::BadQuery(text) if text.contains("rows already") && text.contains("administrator")), "{refused}");
}

#[tokio::test]
async fn nothing_is_an_archive_too() {
    let (from, to) = (embedded().await, embedded().await);
    let (file, written) = exported(&from).await;
    assert_eq!(imported(&to, &file).await.unwrap().1, written);
    assert_eq!(written.parts.len(), 0);
}

/// The stores have no row, no document and no blob of those.
async fn assert_empty(truth: &Truth, seeds: usize) {
    assert_eq!(summary(truth).await, super::summary::Tally::default().summary());
    for number in 0..seeds {
        let workspace = WorkspaceId(id(number));
        assert_eq!(truth.documents.list(workspace, "resume", None, 1).await.unwrap(), [""; 0]);
        assert_eq!(truth.blobs.list(workspace, None, 1).await.unwrap(), [""; 0]);
    }
}

#[tokio::test]
async fn what_is_cut_off_or_bent_is_refused_and_leaves_nothing() {
    let (from, mut to) = (embedded().await, embedded().await);
    write(&from, &some_seeds(4)).await;
    let (file, written) = exported(&from).await;
    for end in (0..file.len()).step_by(file.len() / 40).chain([file.len() - 1]) {
        let refused = imported(&to, &file[..end]).await;
        assert!(matches!(refused, Err(Error::Corrupt { .. })), "cut at {end} of {}: {refused:?}", file.len());
    }
    assert_empty(&to, 4).await;
    let mut refusals = 0;
    for at in (0..file.len()).step_by(file.len() / 60) {
        let mut bent = file.clone();
        bent[at] ^= 1 << (at % 8);
        match imported(&to, &bent).await {
            Err(_) => refusals += 1,
            // Compression may say the same in another way, as by naming another place with the same bytes.
            Ok((_, read)) => {
                assert_eq!(read, written, "bent at {at} of {}", file.len());
                to = embedded().await;
            }
        }
    }
    assert!(refusals > 50, "{refusals}");
    assert_empty(&to, 4).await;
}

/// The archive with its entries changed.
async fn changed(file: &[u8], change: impl Fn(&str, Vec<u8>) -> Option<(String, Vec<u8>)>) -> Vec<u8> {
    let (mut reader, mut writer) = (Reader::new(Cursor::new(file.to_vec())), Writer::new(Vec::new(), 0));
    while let Some(entry) = reader.next().await.unwrap() {
        if let Some((path, bytes)) = change(&entry.path, entry.bytes.to_vec()) {
            writer.put(path, bytes.into()).await.unwrap();
        }
    }
    writer.finish().await.unwrap()
}

fn replaced(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    String::from_utf8(bytes.to_vec()).unwrap().replace(from, to).into_bytes()
}

#[tokio::test]
async fn what_is_not_understood_is_refused_by_name() {
    let (from, to) = (embedded().await, embedded().await);
    write(&from, &some_seeds(3)).await;
    let (file, _) = exported(&from).await;
    let newest = format!("\"migration\": {}", crate::sql::newest_migration());
    let head = |from: &str, to: &str| {
        let (from, to) = (from.to_owned(), to.to_owned());
        move |path: &str, bytes: Vec<u8>| Some((path.to_owned(), if path == HEAD { replaced(&bytes, &from, &to) } else { bytes }))
    };
    let cases = [
        (changed(&file, head("\"format\": 1", "\"format\": 2")).await, "format 2"),
        (changed(&file, head(&newest, "\"migration\": 999")).await, "migration 999"),
        (changed(&file, |path, bytes| Some((path.replace("rows/skill/", "rows/spell/"), bytes))).await, "no table spell"),
        (
            changed(&file, |path, bytes| {
                let more = path.starts_with("rows/skill/").then(|| replaced(&bytes, "{\"created_at\"", "{\"colour\":1,\"created_at\""));
                Some((path.to_owned(), more.unwrap_or(bytes)))
            })
            .await,
            "no column colour of the table skill",
        ),
        (changed(&file, |path, bytes| (path != SUMMARY).then(|| (path.to_owned(), bytes))).await, "ends without summary.json"),
        (changed(&file, |path, bytes| (path != HEAD).then(|| (path.to_owned(), bytes))).await, "it is no archive"),
        (changed(&file, |path, bytes| (path != "rows/skill/1.jsonl").then(|| (path.to_owned(), bytes))).await, "rows/skill"),
        (changed(&file, |path, bytes| Some((path.replace("rows/skill/1", "other/skill/1"), bytes))).await, "does not belong"),
        (b"not an archive".to_vec(), "cannot be read"),
    ];
    for (file, reason) in cases {
        let refused = imported(&to, &file).await.unwrap_err().to_string();
        assert!(refused.contains(reason), "{reason}: {refused}");
        let refused = verify(Cursor::new(file), &Progress::default()).await.unwrap_err().to_string();
        assert!(refused.contains(reason), "{reason}: {refused}");
    }
    assert_empty(&to, 3).await;
}

#[tokio::test]
async fn an_older_archive_lacks_what_may_be_missing() {
    let from = embedded().await;
    write(&from, &some_seeds(2)).await;
    let (file, _) = exported(&from).await;
    let newest = format!("\"migration\": {}", crate::sql::newest_migration());
    let mut company = Vec::new();
    let mut reader = Reader::new(Cursor::new(file.clone()));
    while let Some(entry) = reader.next().await.unwrap() {
        if entry.path == "rows/company/1.jsonl" {
            company = entry.bytes.to_vec();
        }
    }
    let without = |column: &'static str, migration: i64| {
        let (newest, lines) = (newest.clone(), without_column(&company, column));
        move |path: &str, bytes: Vec<u8>| {
            let bytes = match path {
                HEAD if migration > 0 => replaced(&bytes, &newest, &format!("\"migration\": {migration}")),
                "rows/company/1.jsonl" => lines.clone(),
                SUMMARY => summary_with(&bytes, "rows/company", &lines),
                _ => bytes,
            };
            Some((path.to_owned(), bytes))
        }
    };
    let older = changed(&file, without("industry", 30)).await;
    let to = embedded().await;
    imported(&to, &older).await.unwrap();
    let none: i64 =
        on!(to.sql.read(), db => sqlx::query_scalar("SELECT COUNT(*) FROM company WHERE industry IS NULL").fetch_one(db).await).unwrap();
    assert_eq!(none, 2);
    let refused = |file: Vec<u8>| async move { imported(&embedded().await, &file).await.unwrap_err().to_string() };
    let older = refused(changed(&file, without("name", 30)).await).await;
    assert!(older.contains("before the table company had the column name"), "{older}");
    let same = refused(changed(&file, without("industry", 0)).await).await;
    assert!(same.contains("the table company lacks the column industry"), "{same}");
}

fn without_column(lines: &[u8], column: &str) -> Vec<u8> {
    let lines = std::str::from_utf8(lines).unwrap().lines();
    let mut all = Vec::new();
    for line in lines {
        let mut fields: Value = serde_json::from_str(line).unwrap();
        fields.as_object_mut().unwrap().remove(column);
        all.extend(crate::documents::canonical::canonical(&fields));
        all.push(b'\n');
    }
    all
}

fn summary_with(bytes: &[u8], part: &str, lines: &[u8]) -> Vec<u8> {
    let mut summary: Summary = serde_json::from_slice(bytes).unwrap();
    summary.parts.get_mut(part).unwrap().blake3 = blake3::hash(lines).to_hex().to_string();
    summary.total = blake3::hash(&crate::documents::canonical::canonical(&json!(summary.parts))).to_hex().to_string();
    serde_json::to_vec(&summary).unwrap()
}

#[tokio::test]
async fn what_rows_name_must_be_there() {
    let from = embedded().await;
    write(&from, &some_seeds(2)).await;
    let workspace = WorkspaceId(id(1));
    let hash = from.documents.list(workspace, "resume", None, 1).await.unwrap().remove(0);
    from.documents.delete(workspace, "resume", &hash).await.unwrap();
    let refused = export(&from, Vec::new(), &Progress::default()).await.unwrap_err().to_string();
    assert!(refused.contains(&hash) && refused.contains("missing"), "{refused}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn others_write_meanwhile() {
    let folder = tempfile::tempdir().unwrap();
    let truth = Truth::open(&StoreSettings { data: folder.path().to_owned(), ..StoreSettings::default() }).await.unwrap();
    let (stop, mut stopped) = tokio::sync::watch::channel(false);
    let (count, mut counted) = tokio::sync::watch::channel(0);
    let writer = tokio::spawn({
        let truth = truth.clone();
        async move {
            while !*stopped.borrow_and_update() {
                resume_and_event(&truth).await;
                count.send_modify(|count| *count += 1);
            }
        }
    });
    let mut last = 0;
    for _ in 0..3 {
        counted.wait_for(|count| *count >= last + 20).await.unwrap();
        let (file, head, written) = export(&truth, Vec::new(), &Progress::default()).await.unwrap();
        assert!(head.position > last);
        last = head.position;
        // A resume, its event, the head of its workspace's chain and its document come together.
        assert_eq!(written.count("rows") as i64, 3 * head.position);
        assert_eq!(written.count("documents") as i64, head.position);
        assert_eq!(imported(&embedded().await, &file).await.unwrap().1, written);
    }
    stop.send(true).unwrap();
    writer.await.unwrap();
}

async fn resume_and_event(truth: &Truth) {
    let workspace = WorkspaceId::new();
    let document = truth.documents.put(workspace, "resume", &json!({ "of": workspace })).await.unwrap();
    let mut tx = truth.sql.begin().await.unwrap();
    let insert = "INSERT INTO resume (id, workspace_id, person_id, title, version, document, created_at, updated_at) VALUES ($1, $1, $1, '', 1, $2, $3, $3)";
    on!(tx.conn(), db => sqlx::query(insert).bind(workspace.0).bind(document).bind(looma_types::now()).execute(db).await.map(|_| ()))
        .unwrap();
    tx.event(event(workspace)).await.unwrap();
    tx.commit().await.unwrap();
}

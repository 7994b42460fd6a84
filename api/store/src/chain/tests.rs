//! Whatever is done to the audit log behind the program's back is found, and what the program does itself is not.

use super::*;
use crate::sql::Either;
use crate::{StoreSettings, archive, stores::Truth, trial};
use proptest::prelude::*;
use std::io::Cursor;

fn on_disk(folder: &tempfile::TempDir) -> StoreSettings {
    StoreSettings { data: folder.path().to_owned(), ..StoreSettings::default() }
}

async fn in_memory() -> Sql {
    Sql::open(&StoreSettings { in_memory: true, ..StoreSettings::default() }).await.unwrap()
}

fn event(workspace: WorkspaceId, number: u64) -> NewEvent {
    NewEvent {
        workspace,
        record: trial::person(number),
        version: 1,
        change: Change::Note,
        action: "trial",
        actor_id: Some(Uuid::from_u128(7)),
        actor_name: "王芳 \"Ann\"".into(),
        request_id: None,
        address: Some("::ffff:192.0.2.7".parse().unwrap()),
        detail: json!({ "number": number, "float": 1e16, "password": "in the clear" }),
    }
}

async fn write(sql: &Sql, workspace: WorkspaceId, numbers: std::ops::Range<u64>) {
    let mut tx = sql.begin().await.unwrap();
    tx.events(numbers.map(|number| event(workspace, number)).collect()).await.unwrap();
    tx.commit().await.unwrap();
}

/// What somebody does who may do anything with the database.
async fn tamper(sql: &Sql, how: &'static str) {
    match sql.write() {
        Either::Sqlite(db) => {
            let names: Vec<String> =
                sqlx::query_scalar("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetch_all(db).await.unwrap();
            for name in names {
                sqlx::raw_sql(sqlx::AssertSqlSafe(format!("DROP TRIGGER {name}"))).execute(db).await.unwrap();
            }
            sqlx::raw_sql(how).execute(db).await.unwrap();
        }
        Either::Postgres(db) => {
            sqlx::raw_sql("ALTER TABLE outbox DISABLE TRIGGER USER; ALTER TABLE audit_head DISABLE TRIGGER USER")
                .execute(db)
                .await
                .unwrap();
            sqlx::raw_sql(how).execute(db).await.unwrap();
        }
    }
}

/// How it is done, where it is found, and a part of the reason.
const TAMPERING: [(&str, i64, &str); 11] = [
    ("UPDATE outbox SET actor_name = 'Eve' WHERE sequence = 3", 3, "not what was written"),
    ("UPDATE outbox SET address = NULL WHERE sequence = 6", 6, "not what was written"),
    ("UPDATE outbox SET hash = (SELECT hash FROM outbox WHERE sequence = 2) WHERE sequence = 4", 4, "not what was written"),
    ("DELETE FROM outbox WHERE sequence = 4", 4, "is missing; the next one there is 5"),
    (
        "UPDATE outbox SET record_id = (SELECT record_id FROM outbox WHERE sequence = 5) WHERE sequence = 2;
         UPDATE outbox SET detail = (SELECT detail FROM outbox WHERE sequence = 5) WHERE sequence = 2",
        2,
        "not what was written",
    ),
    (
        "UPDATE outbox SET sequence = 100 WHERE sequence = 2; UPDATE outbox SET sequence = 2 WHERE sequence = 3;
         UPDATE outbox SET sequence = 3 WHERE sequence = 100",
        2,
        "not what was written",
    ),
    ("DELETE FROM outbox WHERE sequence > 4", 5, "missing with all that follow; there were 6"),
    ("DELETE FROM outbox", 1, "missing with all that follow; there were 6"),
    ("DELETE FROM audit_head", 7, "the head of the chain, at 0, is not its last entry"),
    ("UPDATE audit_head SET sequence = 4", 7, "the head of the chain, at 4, is not its last entry"),
    (
        "UPDATE outbox SET hash = NULL, sequence = NULL WHERE sequence = 6; UPDATE audit_head SET sequence = 5, hash = (SELECT hash FROM outbox WHERE sequence = 5)",
        6,
        "stands outside of the chain",
    ),
];

#[tokio::test]
async fn every_tampering_is_found_at_its_first_place() {
    let unreadable = [("UPDATE outbox SET detail = 'no JSON' WHERE sequence = 3", 3, "cannot be read")];
    for (how, sequence, reason) in TAMPERING.into_iter().chain(unreadable) {
        let sql = in_memory().await;
        let workspace = WorkspaceId::new();
        write(&sql, workspace, 0..6).await;
        assert_eq!(sql.check_chains().await.unwrap(), Checked { workspaces: 1, entries: 6, breaks: vec![] });
        tamper(&sql, how).await;
        let checked = sql.check_chains().await.unwrap();
        let found = checked.breaks.first().unwrap_or_else(|| panic!("not found: {how}"));
        assert_eq!((found.workspace, found.sequence, checked.breaks.len()), (workspace, sequence, 1), "{how}: {found}");
        assert!(found.to_string().contains(reason), "{how}: {found}");
    }
}

#[tokio::test]
async fn a_broken_chain_hides_no_other_and_each_counts_for_itself() {
    let sql = in_memory().await;
    let all = [WorkspaceId::new(), WorkspaceId::new(), WorkspaceId::new()];
    for round in 0..3 {
        for workspace in all {
            write(&sql, workspace, round * 2..round * 2 + 2).await;
        }
    }
    assert_eq!(sql.check_chains().await.unwrap(), Checked { workspaces: 3, entries: 18, breaks: vec![] });
    tamper(&sql, "UPDATE outbox SET version = 9 WHERE sequence = 2").await;
    let checked = sql.check_chains().await.unwrap();
    assert_eq!((checked.entries, checked.breaks.len()), (3, 3));
}

async fn refuses(sql: &Sql) {
    write(sql, WorkspaceId::new(), 0..2).await;
    for how in [
        "UPDATE outbox SET actor_name = 'Eve'",
        "DELETE FROM outbox WHERE sequence = 2",
        "DELETE FROM audit_head",
        "UPDATE audit_head SET sequence = 1",
    ] {
        let refused = on!(sql.write(), db => sqlx::query(how).execute(db).await.map(|_| ())).unwrap_err().to_string();
        assert!(refused.contains("append-only"), "{how}: {refused}");
    }
}

#[tokio::test]
async fn the_tables_are_append_only() {
    refuses(&in_memory().await).await;
}

#[tokio::test]
#[ignore = "needs the engines: make test-engines"]
async fn postgres_does_and_finds_the_same() {
    for (how, sequence, reason) in [("", 0, "")].into_iter().chain(TAMPERING) {
        let engine = trial::engine("postgres");
        let gone = format!("DROP SCHEMA {} CASCADE", engine.namespace);
        let sql = Sql::open(&StoreSettings { postgres: Some(engine), ..StoreSettings::default() }).await.unwrap();
        if how.is_empty() {
            refuses(&sql).await;
            loose(&sql).await;
            sql.chain_older().await.unwrap();
            assert_eq!(sql.check_chains().await.unwrap().breaks, []);
        } else {
            write(&sql, WorkspaceId::new(), 0..6).await;
            tamper(&sql, how).await;
            let found = sql.check_chains().await.unwrap().breaks.remove(0);
            assert!(found.sequence == sequence && found.reason.contains(reason), "{how}: {found}");
        }
        on!(sql.write(), db => sqlx::raw_sql(sqlx::AssertSqlSafe(gone)).execute(db).await.map(|_| ())).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writers_side_by_side_leave_no_gap() {
    let folder = tempfile::tempdir().unwrap();
    let sql = Sql::open(&on_disk(&folder)).await.unwrap();
    let workspace = WorkspaceId::new();
    let tasks: Vec<_> = (0..40)
        .map(|number| {
            let sql = sql.clone();
            tokio::spawn(async move {
                if number % 4 == 0 {
                    // Taken back: its places are given to others.
                    sql.begin().await.unwrap().events(vec![event(workspace, number)]).await.unwrap();
                }
                write(&sql, workspace, number..number + 2).await;
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(sql.check_chains().await.unwrap(), Checked { workspaces: 1, entries: 80, breaks: vec![] });
    let links = sql.links_after(workspace, 0, 100).await.unwrap();
    assert!(links.iter().map(|link| link.sequence).eq(1..=80));
}

/// Rows as earlier versions wrote them, of two workspaces in turn.
async fn loose(sql: &Sql) {
    for number in 0..1_201_u32 {
        let workspace = Uuid::from_u128(u128::from(number % 2 + 1));
        let insert = "INSERT INTO outbox (workspace_id, record_kind, record_id, version, op, action, actor_name, detail, at)
            VALUES ($1, 'person', $1, 1, 'note', 'trial', 'Ann', $2, $3)";
        on!(sql.write(), db => sqlx::query(insert).bind(workspace).bind(Json(json!({ "n": number }))).bind(looma_types::now())
            .execute(db).await.map(|_| ()))
        .unwrap();
    }
}

#[tokio::test]
async fn what_was_there_before_the_chain_is_chained_once() {
    let folder = tempfile::tempdir().unwrap();
    let sql = Sql::open(&on_disk(&folder)).await.unwrap();
    loose(&sql).await;
    assert_eq!(sql.check_chains().await.unwrap().breaks.len(), 2);
    sql.close().await;
    let sql = Sql::open(&on_disk(&folder)).await.unwrap();
    assert_eq!(sql.check_chains().await.unwrap(), Checked { workspaces: 2, entries: 1_201, breaks: vec![] });
    write(&sql, WorkspaceId(Uuid::from_u128(1)), 0..1).await;
    // Once there is a chain, what comes from elsewhere does not slip into it.
    loose(&sql).await;
    sql.chain_older().await.unwrap();
    let checked = sql.check_chains().await.unwrap();
    assert_eq!((checked.entries, checked.breaks.len()), (1_202, 2));
}

async fn moved(from: &Truth) -> Truth {
    let (file, ..) = archive::export(from, Vec::new(), &archive::Progress::default()).await.unwrap();
    let to = Truth::open(&StoreSettings { in_memory: true, ..StoreSettings::default() }).await.unwrap();
    archive::import(&to, Cursor::new(file), &archive::Progress::default()).await.unwrap();
    to
}

#[tokio::test]
async fn an_archive_carries_the_chain() {
    let from = Truth::open(&StoreSettings { in_memory: true, ..StoreSettings::default() }).await.unwrap();
    let workspace = WorkspaceId::new();
    write(&from.sql, workspace, 0..5).await;
    let to = moved(&from).await;
    let lines = async |sql: &Sql| sql.links_after(workspace, 0, 9).await.unwrap().iter().map(Link::line).collect::<Vec<_>>();
    assert_eq!(lines(&to.sql).await, lines(&from.sql).await);
    write(&to.sql, workspace, 5..7).await;
    assert_eq!(to.sql.check_chains().await.unwrap(), Checked { workspaces: 1, entries: 7, breaks: vec![] });
    tamper(&from.sql, "DELETE FROM outbox WHERE sequence = 2").await;
    assert_eq!(moved(&from).await.sql.check_chains().await.unwrap().breaks[0].sequence, 2, "nor does it mend one");
}

#[tokio::test]
async fn an_exported_line_can_be_checked_by_anyone() {
    let sql = in_memory().await;
    let workspace = WorkspaceId::new();
    write(&sql, workspace, 0..3).await;
    let mut previous = "0".repeat(64);
    for link in sql.links_after(workspace, 0, 9).await.unwrap() {
        let line = link.line();
        let (hash, entry) = line.strip_prefix("{\"hash\":\"").unwrap().split_once("\",\"entry\":").unwrap();
        let entry = entry.strip_suffix("}\n").unwrap();
        assert_eq!(hash, super::hex(&Sha256::digest(format!("{previous}{entry}"))));
        let entry: Value = serde_json::from_str(entry).unwrap();
        assert_eq!((&entry["address"], &entry["detail"]["password"]), (&json!("192.0.2.7"), &json!("changed")));
        hash.clone_into(&mut previous);
    }
}

fn row() -> impl Strategy<Value = (Row, i64)> {
    // Few letters, and those that could end a field, so that rows are often nearly the same.
    let text = || "[a\",:{}\\\\0]{0,3}";
    let ids = (0..3_u128, 0..3_u128, prop::option::of(0..3_u128));
    let names = (text(), text(), text(), text(), prop::option::of(text()), prop::option::of(text()));
    let detail = prop_oneof![
        Just(Value::Null),
        (0..3_i64).prop_map(Value::from),
        text().prop_map(Value::from),
        prop::collection::vec(text(), 0..2).prop_map(Value::from),
        prop::collection::btree_map(text(), text(), 0..2).prop_map(|fields| json!(fields)),
    ];
    (ids, names, detail, 0..3_i64, 0..3_i64, 1..4_i64).prop_map(|(ids, names, detail, version, micros, sequence)| {
        let row = Row {
            workspace_id: Uuid::from_u128(ids.0),
            record_kind: names.0,
            record_id: Uuid::from_u128(ids.1),
            version,
            op: names.1,
            action: names.2,
            actor_id: ids.2.map(Uuid::from_u128),
            actor_name: names.3,
            request_id: names.4,
            address: names.5,
            detail: Json(detail),
            at: DateTime::from_timestamp_micros(micros).unwrap(),
        };
        (row, sequence)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn different_rows_have_different_bytes((one, at) in row(), (other, there) in row()) {
        prop_assert_eq!((&one, at) == (&other, there), one.bytes(at) == other.bytes(there));
        // Two that differ in one field alone, which chance seldom makes.
        let differ = [
            Row { workspace_id: other.workspace_id, ..one.clone() },
            Row { record_kind: other.record_kind, ..one.clone() },
            Row { record_id: other.record_id, ..one.clone() },
            Row { version: other.version, ..one.clone() },
            Row { op: other.op, ..one.clone() },
            Row { action: other.action, ..one.clone() },
            Row { actor_id: other.actor_id, ..one.clone() },
            Row { actor_name: other.actor_name, ..one.clone() },
            Row { request_id: other.request_id, ..one.clone() },
            Row { address: other.address, ..one.clone() },
            Row { detail: other.detail, ..one.clone() },
            Row { at: other.at, ..one.clone() },
        ];
        for row in differ {
            prop_assert_eq!(row == one, row.bytes(at) == one.bytes(at));
        }
    }

    #[test]
    fn nothing_moves_from_one_field_to_the_next((one, at) in row(), cut in 0..8_usize) {
        let whole = format!("{}{}", one.action, one.actor_name);
        let cut = cut.min(whole.len());
        let moved = Row { action: whole[..cut].into(), actor_name: whole[cut..].into(), ..one.clone() };
        prop_assert_eq!(moved == one, moved.bytes(at) == one.bytes(at));
    }
}

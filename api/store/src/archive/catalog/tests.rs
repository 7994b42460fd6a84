//! The catalog is what the databases have.

use super::*;
use crate::sql::Either;
use crate::{Sql, StoreSettings, trial};

/// One column as a database has it: table, name, kinds it may be, whether a row may come without it, place in the key.
type Found = (String, String, &'static [Kind], bool, i64);

async fn compare(sql: &Sql) {
    let found = match sql.write() {
        Either::Sqlite(db) => sqlite(db).await,
        Either::Postgres(db) => postgres(db).await,
    };
    let ours: BTreeSet<(&str, &str)> =
        TABLES.iter().flat_map(|table| table.columns.iter().map(|column| (table.name, column.name))).collect();
    let theirs: BTreeSet<(&str, &str)> = found.iter().map(|(table, column, ..)| (table.as_str(), column.as_str())).collect();
    assert_eq!(ours, theirs, "the catalog has every column, and no other");
    for (name, column, kinds, optional, place) in &found {
        let table = table(name).unwrap();
        let known = table.column(column).unwrap();
        assert!(kinds.contains(&known.kind), "{name}.{column} is {kinds:?}, not {:?}", known.kind);
        assert_eq!(known.optional, *optional, "{name}.{column}");
        let ours = table.key.iter().position(|part| part == column).map_or(0, |at| at as i64 + 1);
        assert_eq!(ours, *place, "{name}.{column} in the key");
    }
}

async fn sqlite(db: &sqlx::SqlitePool) -> Vec<Found> {
    let rows: Vec<(String, String, String, bool, bool, i64)> = sqlx::query_as(
        "SELECT m.name, c.name, c.type, c.\"notnull\", c.dflt_value IS NOT NULL, c.pk FROM sqlite_schema m, pragma_table_info(m.name) c
         WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name <> '_sqlx_migrations'",
    )
    .fetch_all(db)
    .await
    .unwrap();
    let kinds = |kind: &str| -> &'static [Kind] {
        match kind {
            "BLOB" => &[Kind::Uuid, Kind::Bytes],
            "TEXT" => &[Kind::Text, Kind::Json, Kind::Instant],
            "INTEGER" => &[Kind::Integer, Kind::Bool],
            "REAL" => &[Kind::Float],
            _ => &[],
        }
    };
    let rows = rows.into_iter().filter(|(table, ..)| !PASSING.contains(&table.as_str()));
    rows.map(|(table, column, kind, must, default, place)| (table, column, kinds(&kind), (!must && place == 0) || default, place)).collect()
}

async fn postgres(db: &sqlx::PgPool) -> Vec<Found> {
    let rows: Vec<(String, String, String, bool, bool, i64)> = sqlx::query_as(
        "SELECT t.relname, c.attname, format_type(c.atttypid, NULL), c.attnotnull, c.atthasdef,
                COALESCE(array_position(k.conkey, c.attnum), 0)::bigint
         FROM pg_class t JOIN pg_attribute c ON c.attrelid = t.oid AND c.attnum > 0 AND NOT c.attisdropped
         LEFT JOIN pg_constraint k ON k.conrelid = t.oid AND k.contype = 'p'
         WHERE t.relkind = 'r' AND t.relnamespace = current_schema()::regnamespace AND t.relname <> '_sqlx_migrations'",
    )
    .fetch_all(db)
    .await
    .unwrap();
    let kinds = |kind: &str| -> &'static [Kind] {
        match kind {
            "uuid" => &[Kind::Uuid],
            "text" => &[Kind::Text],
            "bigint" | "integer" => &[Kind::Integer],
            "double precision" => &[Kind::Float],
            "boolean" => &[Kind::Bool],
            "jsonb" => &[Kind::Json],
            "bytea" => &[Kind::Bytes],
            "timestamp with time zone" => &[Kind::Instant],
            _ => &[],
        }
    };
    let rows = rows.into_iter().filter(|(table, ..)| !PASSING.contains(&table.as_str()));
    rows.map(|(table, column, kind, must, default, place)| (table, column, kinds(&kind), !must || default, place)).collect()
}

#[test]
fn columns_are_in_order_and_keys_exist() {
    for table in TABLES {
        assert!(table.columns.is_sorted_by(|a, b| a.name < b.name), "{}", table.name);
        assert!(table.key.iter().chain(&table.counted).all(|part| table.column(part).is_some()), "{}", table.name);
        let names = table.columns.iter().any(|column| column.names.is_some());
        assert!(!names || table.column("workspace_id").is_some(), "{}: names are a workspace's", table.name);
    }
}

#[tokio::test]
async fn it_is_what_the_embedded_database_has() {
    compare(&Sql::open(&StoreSettings { in_memory: true, ..StoreSettings::default() }).await.unwrap()).await;
}

#[tokio::test]
#[ignore = "needs the engines: make test-engines"]
async fn it_is_what_postgres_has() {
    compare(&Sql::open(&StoreSettings { postgres: Some(trial::engine("postgres")), ..StoreSettings::default() }).await.unwrap()).await;
}

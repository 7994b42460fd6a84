//! Many rows at once into empty tables, within one transaction.

use super::catalog::{Column, TABLES, Table};
use super::line::Cell;
use crate::sql::Either;
use crate::{Error, Result, Tx, on};
use sqlx::{AssertSqlSafe, PgConnection, SqliteConnection};
use std::fmt::Write;

/// How many rows one statement of the embedded database takes.
const ROWS: usize = 100;

/// Rows of one table may refer to later ones of the same table; those references are checked at the end.
const SELF_REFERENCES: &str = "SELECT conrelid::regclass::text, quote_ident(conname) FROM pg_constraint
    WHERE contype = 'f' AND conrelid = confrelid AND connamespace = current_schema()::regnamespace";

/// The first table that has rows.
pub async fn first_filled(tx: &mut Tx) -> Result<Option<&'static str>> {
    for table in TABLES {
        let any = format!("SELECT EXISTS (SELECT 1 FROM {})", table.name);
        if on!(tx.conn(), db => sqlx::query_scalar::<_, bool>(AssertSqlSafe(any)).fetch_one(db).await)? {
            return Ok(Some(table.name));
        }
    }
    Ok(None)
}

pub async fn begin(tx: &mut Tx) -> Result<()> {
    match tx.conn() {
        Either::Sqlite(db) => {
            sqlx::raw_sql("PRAGMA defer_foreign_keys = ON").execute(db).await?;
        }
        Either::Postgres(db) => {
            // Between two pages of rows there may be a slow disk, or many documents.
            sqlx::raw_sql("SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0").execute(&mut *db).await?;
            self_references(db, "DEFERRABLE INITIALLY DEFERRED").await?;
        }
    }
    Ok(())
}

/// What is checked at the end, and numbers that go on after the last.
pub async fn end(tx: &mut Tx) -> Result<()> {
    // The embedded database checks at the commit, and goes on after the highest number by itself.
    let Either::Postgres(db) = tx.conn() else { return Ok(()) };
    sqlx::raw_sql("SET CONSTRAINTS ALL IMMEDIATE").execute(&mut *db).await?;
    self_references(&mut *db, "NOT DEFERRABLE").await?;
    for (table, column) in TABLES.iter().filter_map(|table| Some((table.name, table.counted?))) {
        let go_on = format!(
            "SELECT setval(pg_get_serial_sequence('{table}', '{column}'), COALESCE(MAX({column}), 1), MAX({column}) IS NOT NULL) FROM {table}"
        );
        sqlx::query(AssertSqlSafe(go_on)).execute(&mut *db).await?;
    }
    Ok(())
}

async fn self_references(db: &mut PgConnection, how: &str) -> Result<()> {
    let found: Vec<(String, String)> = sqlx::query_as(SELF_REFERENCES).fetch_all(&mut *db).await?;
    for (table, name) in found {
        sqlx::raw_sql(AssertSqlSafe(format!("ALTER TABLE {table} ALTER CONSTRAINT {name} {how}"))).execute(&mut *db).await?;
    }
    Ok(())
}

/// Adds rows, whose cells are in the order of `columns`.
pub async fn add(tx: &mut Tx, table: &Table, columns: &[&Column], rows: Vec<Vec<Cell>>) -> Result<()> {
    let names: Vec<_> = columns.iter().map(|column| column.name).collect();
    let into = format!("{} ({})", table.name, names.join(", "));
    let added = match tx.conn() {
        Either::Sqlite(db) => insert(db, &into, rows).await,
        Either::Postgres(db) => copy(db, &into, &rows).await,
    };
    added.map_err(|error| match Error::from(error) {
        error @ Error::Unavailable { .. } => error,
        error => Error::other("archive", format!("a row of {} is refused: {error}", table.name)),
    })
}

async fn insert(db: &mut SqliteConnection, into: &str, rows: Vec<Vec<Cell>>) -> sqlx::Result<()> {
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let some: Vec<_> = rows.by_ref().take(ROWS).collect();
        let width = some[0].len();
        let row = |at: usize| {
            let places: Vec<_> = (1..=width).map(|place| format!("${}", at * width + place)).collect();
            format!("({})", places.join(", "))
        };
        let values: Vec<_> = (0..some.len()).map(row).collect();
        let mut insert = sqlx::query(AssertSqlSafe(format!("INSERT INTO {into} VALUES {}", values.join(", "))));
        for cell in some.into_iter().flatten() {
            insert = match cell {
                Cell::Nothing => insert.bind(None::<i64>),
                Cell::Uuid(id) => insert.bind(id),
                Cell::Text(text) | Cell::Json(text) => insert.bind(text),
                Cell::Integer(number) => insert.bind(number),
                Cell::Float(number) => insert.bind(number),
                Cell::Bool(flag) => insert.bind(flag),
                Cell::Bytes(bytes) => insert.bind(bytes),
                Cell::Instant(at) => insert.bind(at),
            };
        }
        insert.execute(&mut *db).await?;
    }
    Ok(())
}

/// `COPY` takes the numbers that rows bring, also where the database counts by itself.
async fn copy(db: &mut PgConnection, into: &str, rows: &[Vec<Cell>]) -> sqlx::Result<()> {
    let mut text = String::new();
    for row in rows {
        for (at, cell) in row.iter().enumerate() {
            if at > 0 {
                text.push('\t');
            }
            copied(cell, &mut text);
        }
        text.push('\n');
    }
    let mut copy = db.copy_in_raw(&format!("COPY {into} FROM STDIN")).await?;
    copy.send(text.as_bytes()).await?;
    copy.finish().await?;
    Ok(())
}

/// A value in the text format of `COPY`.
fn copied(cell: &Cell, text: &mut String) {
    // Writing into a string does not fail.
    let _ = match cell {
        Cell::Nothing => text.write_str("\\N"),
        Cell::Uuid(id) => write!(text, "{id}"),
        Cell::Text(content) | Cell::Json(content) => {
            for char in content.chars() {
                match char {
                    '\\' => text.push_str("\\\\"),
                    '\n' => text.push_str("\\n"),
                    '\r' => text.push_str("\\r"),
                    '\t' => text.push_str("\\t"),
                    other => text.push(other),
                }
            }
            Ok(())
        }
        Cell::Integer(number) => write!(text, "{number}"),
        Cell::Float(number) => write!(text, "{number}"),
        Cell::Bool(flag) => write!(text, "{flag}"),
        Cell::Bytes(bytes) => {
            text.push_str("\\\\x");
            bytes.iter().try_for_each(|byte| write!(text, "{byte:02x}"))
        }
        Cell::Instant(at) => text.write_str(&at.to_rfc3339()),
    };
}

//! Rows as one transaction sees them, while others write.

use super::catalog::{Column, Kind, Named, TABLES, Table};
use super::line::{Cell, write_row};
use crate::outbox::Position;
use crate::sql::Either;
use crate::{Error, Result, Sql, on};
use chrono::{DateTime, Utc};
use futures::stream::{BoxStream, StreamExt, TryStreamExt};
use looma_types::WorkspaceId;
use sqlx::{AssertSqlSafe, ColumnIndex, Database, Decode, Postgres, Row, Sqlite, Transaction, Type};
use uuid::Uuid;

/// A consistent view of all tables. Where the database lives in memory, writers wait until it is dropped.
pub struct Snapshot(Either<Transaction<'static, Sqlite>, Transaction<'static, Postgres>>);

impl Snapshot {
    pub async fn begin(sql: &Sql) -> Result<Self> {
        Ok(Self(match sql.read() {
            Either::Sqlite(pool) => Either::Sqlite(Box::pin(pool.begin()).await?),
            Either::Postgres(pool) => {
                let mut tx = Box::pin(pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")).await?;
                // A large table takes longer than a request may, and so does whoever the rows are for.
                sqlx::raw_sql("SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0")
                    .execute(&mut *tx)
                    .await?;
                Either::Postgres(tx)
            }
        }))
    }

    /// The newest event that it sees.
    pub async fn position(&mut self) -> Result<Position> {
        Ok(on!(&mut self.0, db => sqlx::query_scalar("SELECT COALESCE(MAX(position), 0) FROM outbox").fetch_one(&mut **db).await)?)
    }

    /// The lines of a table, in order of its key. Read as they are asked for: no more than a few wait in memory.
    pub fn lines<'a>(&'a mut self, table: &'static Table) -> BoxStream<'a, Result<Vec<u8>>> {
        let order: Vec<_> = table.key.iter().filter_map(|name| table.column(name)).map(|column| self.ordered(column)).collect();
        let columns: Vec<_> = table.columns.iter().map(|column| self.selected(column)).collect();
        let sql = format!("SELECT {} FROM {} ORDER BY {}", columns.join(", "), table.name, order.join(", "));
        on!(&mut self.0, db => sqlx::query(AssertSqlSafe(sql)).fetch(&mut **db).err_into().and_then(move |row| async move { line(table, &row) }).boxed())
    }

    /// What rows name outside the tables, each name once in order of workspace and name.
    pub fn names(&mut self, what: Named) -> BoxStream<'_, Result<(WorkspaceId, String)>> {
        let by_bytes = self.by_bytes();
        let columns = TABLES.iter().flat_map(|table| table.columns.iter().map(move |column| (table, column)));
        let parts: Vec<_> = columns
            .filter(|(_, column)| column.names == Some(what))
            .map(|(table, column)| {
                let (table, column) = (table.name, column.name);
                format!("SELECT workspace_id, {column}{by_bytes} AS name FROM {table} WHERE {column} IS NOT NULL")
            })
            .collect();
        let sql = format!("SELECT DISTINCT workspace_id, name FROM ({}) AS named ORDER BY workspace_id, name", parts.join(" UNION ALL "));
        on!(&mut self.0, db => {
            let rows = sqlx::query_as::<_, (Uuid, String)>(AssertSqlSafe(sql)).fetch(&mut **db);
            rows.map_ok(|(workspace, name)| (WorkspaceId(workspace), name)).err_into().boxed()
        })
    }

    /// Text is compared by its bytes, whatever the locale of the database.
    fn by_bytes(&self) -> &'static str {
        match self.0 {
            Either::Sqlite(_) => "",
            Either::Postgres(_) => " COLLATE \"C\"",
        }
    }

    fn ordered(&self, column: &Column) -> String {
        let by_bytes = if column.kind == Kind::Text { self.by_bytes() } else { "" };
        format!("{}{by_bytes}", column.name)
    }

    fn selected(&self, column: &Column) -> String {
        match (&self.0, column.kind) {
            (Either::Postgres(_), Kind::Json) => format!("{}::text", column.name),
            (Either::Postgres(_), Kind::Integer) => format!("{}::bigint", column.name),
            _ => column.name.to_owned(),
        }
    }
}

fn line<'r, D, R>(table: &Table, row: &'r R) -> Result<Vec<u8>>
where
    D: Database,
    R: Row<Database = D>,
    usize: ColumnIndex<R>,
    Uuid: Decode<'r, D> + Type<D>,
    String: Decode<'r, D> + Type<D>,
    i64: Decode<'r, D> + Type<D>,
    f64: Decode<'r, D> + Type<D>,
    bool: Decode<'r, D> + Type<D>,
    Vec<u8>: Decode<'r, D> + Type<D>,
    DateTime<Utc>: Decode<'r, D> + Type<D>,
{
    let cell = |(at, column): (usize, &Column)| {
        let cell = match column.kind {
            Kind::Uuid => row.try_get::<Option<Uuid>, _>(at)?.map(Cell::Uuid),
            Kind::Text => row.try_get::<Option<String>, _>(at)?.map(Cell::Text),
            Kind::Integer => row.try_get::<Option<i64>, _>(at)?.map(Cell::Integer),
            Kind::Float => row.try_get::<Option<f64>, _>(at)?.map(Cell::Float),
            Kind::Bool => row.try_get::<Option<bool>, _>(at)?.map(Cell::Bool),
            Kind::Json => row.try_get::<Option<String>, _>(at)?.map(Cell::Json),
            Kind::Bytes => row.try_get::<Option<Vec<u8>>, _>(at)?.map(Cell::Bytes),
            Kind::Instant => row.try_get::<Option<DateTime<Utc>>, _>(at)?.map(Cell::Instant),
        };
        sqlx::Result::Ok(cell.unwrap_or(Cell::Nothing))
    };
    let cells = table.columns.iter().enumerate().map(cell).collect::<sqlx::Result<Vec<_>>>()?;
    let mut line = Vec::with_capacity(512);
    write_row(table, &cells, &mut line).map_err(|error| Error::corrupt("sql", format!("{}.{error}", table.name)))?;
    Ok(line)
}

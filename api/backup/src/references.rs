//! Whether everything that rows name is there.

use crate::error::Result;
use crate::snapshot::{DOCUMENTS, ROWS};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};
use std::collections::HashSet;
use std::path::Path;

/// Problems that are listed.
const MAX_PROBLEMS: usize = 20;

/// Documents and blobs that rows name and the folder does not have.
///
/// By convention a text column with `document` in its name holds the name of a document, one with `blob` or named
/// `original` the name of a blob; values of another form than a hash are passed over.
pub(crate) async fn missing(folder: &Path) -> Result<Vec<String>> {
    let mut db = open(&folder.join(ROWS)).await?;
    let columns: Vec<(String, String)> = sqlx::query_as(
        "SELECT m.name, c.name FROM sqlite_schema m, pragma_table_info(m.name) c
         WHERE m.type = 'table' AND c.type = 'TEXT' AND (c.name GLOB '*blob*' OR c.name GLOB '*document*' OR c.name = 'original')",
    )
    .fetch_all(&mut db)
    .await?;
    let mut known = HashSet::new();
    if columns.iter().any(|(_, column)| column.contains("document")) && folder.join(DOCUMENTS).is_file() {
        let mut documents = open(&folder.join(DOCUMENTS)).await?;
        known.extend(sqlx::query_scalar::<_, String>("SELECT hash FROM documents").fetch_all(&mut documents).await?);
        documents.close().await?;
    }
    let mut problems = Vec::new();
    for (table, column) in columns {
        let names = format!("SELECT DISTINCT \"{column}\" FROM \"{table}\" WHERE length(\"{column}\") = 64");
        let names: Vec<String> = sqlx::query_scalar(AssertSqlSafe(names)).fetch_all(&mut db).await?;
        if column.contains("document") {
            let lost = names.into_iter().filter(|name| !known.contains(name));
            problems.extend(lost.map(|name| format!("{table}.{column} names document {name}, which is missing")));
        } else {
            let blobs = blobs(folder);
            let lost = names.into_iter().filter(|name| !blobs.contains(name));
            problems.extend(lost.map(|name| format!("{table}.{column} names blob {name}, which is missing")));
        }
        problems.truncate(MAX_PROBLEMS);
    }
    db.close().await?;
    Ok(problems)
}

fn blobs(folder: &Path) -> HashSet<String> {
    let paths = crate::snapshot::paths(&folder.join("blobs")).unwrap_or_default();
    paths.into_iter().filter_map(|path| path.rsplit('/').next().map(str::to_owned)).collect()
}

/// Opens a database of a backup, which nobody writes to, without touching it.
pub(crate) async fn open(path: &Path) -> Result<SqliteConnection> {
    let options = SqliteConnectOptions::new().filename(path).read_only(true).immutable(true).disable_statement_logging();
    Ok(SqliteConnection::connect_with(&options).await?)
}

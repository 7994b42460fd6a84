//! The table `operation`.

use super::{Operation, OperationState};
use chrono::{DateTime, TimeDelta, Utc};
use looma_kernel::types::now;
use looma_kernel::{Failure, Result};
use looma_store::{Sql, on};
use looma_types::Problem;
use sqlx::types::Json;
use uuid::Uuid;

/// How many are remembered.
const KEEP: i64 = 100;
/// Of a process that has not been heard of for so long it is said that it has ended.
const SILENCE: TimeDelta = TimeDelta::seconds(30);

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    kind: String,
    state: String,
    result: Json<serde_json::Value>,
    problem: Option<Json<Problem>>,
    seen_at: DateTime<Utc>,
}

impl Row {
    fn operation(self) -> Operation {
        let state = match self.state.as_str() {
            "done" => OperationState::Done,
            "running" if now() - self.seen_at < SILENCE => OperationState::Running,
            _ => OperationState::Failed,
        };
        let cut_off = || *Failure::unavailable("The process that did this has ended before it was done; start it again.", 1).problem;
        let problem = self.problem.map(|problem| problem.0).or_else(|| (state == OperationState::Failed).then(cut_off));
        Operation { id: self.id, kind: self.kind, state, result: self.result.0, problem }
    }
}

/// Begins one; the oldest are forgotten.
pub(super) async fn insert(sql: &Sql, operation: &Operation) -> Result<()> {
    on!(sql.write(), db => sqlx::query("INSERT INTO operation (id, kind, state, result, seen_at) VALUES ($1, $2, 'running', $3, $4)")
        .bind(operation.id).bind(&operation.kind).bind(Json(&operation.result)).bind(now()).execute(db).await.map(|_| ()))?;
    on!(sql.write(), db => sqlx::query("DELETE FROM operation WHERE id NOT IN (SELECT id FROM operation ORDER BY id DESC LIMIT $1)")
        .bind(KEEP).execute(db).await.map(|_| ()))?;
    Ok(())
}

/// Its process is still at it.
pub(super) async fn seen(sql: &Sql, id: Uuid) -> Result<()> {
    on!(sql.write(), db => sqlx::query("UPDATE operation SET seen_at = $2 WHERE id = $1")
        .bind(id).bind(now()).execute(db).await.map(|_| ()))?;
    Ok(())
}

/// How it ended.
pub(super) async fn end(sql: &Sql, id: Uuid, outcome: &Result<serde_json::Value>) -> Result<()> {
    let (state, result, problem) = match outcome {
        Ok(result) => ("done", result.clone(), None),
        Err(failure) => ("failed", serde_json::Value::Null, Some(Json(&failure.problem))),
    };
    on!(sql.write(), db => sqlx::query("UPDATE operation SET state = $2, result = $3, problem = $4, seen_at = $5 WHERE id = $1")
        .bind(id).bind(state).bind(Json(&result)).bind(problem).bind(now()).execute(db).await.map(|_| ()))?;
    Ok(())
}

pub(super) async fn find(sql: &Sql, id: Uuid) -> Result<Option<Operation>> {
    let row: Option<Row> =
        on!(sql.read(), db => sqlx::query_as("SELECT * FROM operation WHERE id = $1").bind(id).fetch_optional(db).await)?;
    Ok(row.map(Row::operation))
}

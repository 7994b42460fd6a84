//! Work on the whole system: demo data, rebuilding and checking projections. It runs in the background and is asked for
//! under `/api/v1/admin/operations`.

use crate::system::System;
use crate::{demo, verify};
use axum::extract::State;
use chrono::{DateTime, Utc};
use looma_kernel::access::{ManageUsers, Operate};
use looma_kernel::{Actor, Allowed, Failure, Kernel, ListQuery, Path, Query, Reply, Result};
use looma_store::parked::Parked;
use looma_store::{Lease, Projector};
use looma_types::{Page, Problem, Ref};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

mod store;

/// How often an operation says that it goes on.
const SIGN_OF_LIFE: Duration = Duration::from_secs(3);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OperationState {
    Running,
    Done,
    Failed,
}

/// A long task on the whole system.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Operation {
    pub id: Uuid,
    /// `demo`, `verify`, `rebuild` or `retry`.
    pub kind: String,
    pub state: OperationState,
    /// What it found or made, once done.
    #[schema(value_type = Object)]
    pub result: serde_json::Value,
    #[serde(default)]
    pub problem: Option<Problem>,
}

/// Starts operations, each kind one at a time, whichever process it runs in.
#[derive(Clone)]
pub struct Operations {
    kernel: Kernel,
    running: Arc<Mutex<HashSet<String>>>,
}

/// A kind that this process is at; no more when dropped.
struct Turn {
    running: Arc<Mutex<HashSet<String>>>,
    kind: String,
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.running.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.kind);
    }
}

impl Operations {
    fn take_turn(&self, kind: &str) -> Option<Turn> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.insert(kind.to_owned()).then(|| Turn { running: self.running.clone(), kind: kind.to_owned() })
    }

    async fn start<F>(&self, kind: &str, work: F) -> Result<Operation>
    where
        F: Future<Output = Result<serde_json::Value>> + Send + 'static,
    {
        let running = || Failure::conflict(format!("Another `{kind}` is running already."));
        let turn = self.take_turn(kind).ok_or_else(running)?;
        let sql = self.kernel.stores().sql.clone();
        let lease = Lease::new(&sql, format!("operation.{kind}"));
        if !lease.hold().await? {
            return Err(running());
        }
        let operation = Operation {
            id: Uuid::now_v7(),
            kind: kind.into(),
            state: OperationState::Running,
            result: serde_json::Value::Null,
            problem: None,
        };
        store::insert(&sql, &operation).await?;
        let id = operation.id;
        self.kernel.spawn(move |_| async move {
            let _turn = turn;
            // Both go on side by side: the work may hold the one connection that saying so waits for.
            let signs_of_life = async {
                loop {
                    tokio::time::sleep(SIGN_OF_LIFE).await;
                    if let (Err(error), _) | (_, Err(error)) = (lease.hold().await.map_err(Failure::from), store::seen(&sql, id).await) {
                        tracing::debug!(%error, "an operation cannot say that it goes on");
                    }
                }
            };
            let outcome = tokio::select! {
                outcome = work => outcome,
                () = signs_of_life => return,
            };
            if let Err(error) = store::end(&sql, id, &outcome).await {
                tracing::warn!(%error, %id, "how an operation ended could not be kept");
            }
            lease.give_back().await;
        });
        Ok(operation)
    }

    async fn demo(&self, actor: Actor) -> Result<Operation> {
        let kernel = self.kernel.clone();
        self.start("demo", async move { to_json(&demo::fill(kernel.client(), &actor).await?) }).await
    }

    async fn verify(&self, fix: bool) -> Result<Operation> {
        let kernel = self.kernel.clone();
        self.start("verify", async move { to_json(&verify::verify(&kernel, fix).await?) }).await
    }

    async fn rebuild(&self, projection: &str) -> Result<Operation> {
        let (kernel, projector) = (self.kernel.clone(), self.projector(projection)?);
        self.start("rebuild", async move {
            let records = projector.rebuild(&System::sources(&kernel)).await?;
            Ok(serde_json::json!({ "projection": projector.name(), "records": records }))
        })
        .await
    }

    async fn retry(&self, projection: &str) -> Result<Operation> {
        let projector = self.projector(projection)?;
        self.start("retry", async move {
            let retried = projector.retry_parked().await?;
            Ok(serde_json::json!({ "projection": projector.name(), "applied": retried.applied, "parked": retried.parked }))
        })
        .await
    }

    fn projector(&self, name: &str) -> Result<Projector> {
        let known = System::projectors(&self.kernel).into_iter().find(|projector| projector.name() == name);
        known.ok_or_else(|| Failure::not_found("projection (known are graph, text, vectors)"))
    }

    /// Every projection, with what it could not take.
    async fn projections(&self, query: &ListQuery) -> Result<Page<ParkedEvent>> {
        let limit = query.limit()?;
        let (mut at, mut parked): (Option<(String, i64)>, Vec<ParkedEvent>) = (query.after()?, Vec::new());
        for projector in System::projectors(&self.kernel) {
            let after = match &at {
                Some((name, after)) if name == projector.name() => *after,
                Some(_) => continue,
                None => 0,
            };
            at = None;
            let more = projector.parked(after, limit + 1 - parked.len() as i64).await?;
            parked.extend(more.into_iter().map(ParkedEvent::from));
            if parked.len() as i64 > limit {
                break;
            }
        }
        Ok(ListQuery::page(limit, parked, |parked| (parked.projection.clone(), parked.position)))
    }
}

/// An event that a projection could not take.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ParkedEvent {
    /// `graph`, `text` or `vectors`.
    pub projection: String,
    pub position: i64,
    pub record: Ref,
    pub version: i64,
    pub reason: String,
    pub at: DateTime<Utc>,
}

impl From<Parked> for ParkedEvent {
    fn from(parked: Parked) -> Self {
        let Parked { projection, position, record, version, reason, at, .. } = parked;
        Self { projection, position, record, version, reason, at }
    }
}

fn to_json<T: Serialize>(value: &T) -> Result<serde_json::Value> {
    serde_json::to_value(value).map_err(Failure::internal)
}

pub(crate) fn routes(kernel: &Kernel) -> OpenApiRouter {
    let operations = Operations { kernel: kernel.clone(), running: Arc::default() };
    OpenApiRouter::new()
        .routes(routes!(demo_data))
        .routes(routes!(verify_all))
        .routes(routes!(rebuild))
        .routes(routes!(retry))
        .routes(routes!(parked))
        .routes(routes!(get))
        .with_state(operations)
}

fn accepted(operation: Operation) -> Reply<Operation> {
    Reply::accepted(format!("/api/v1/admin/operations/{}", operation.id), operation)
}

/// Fills the workspace with believable demo data.
#[utoipa::path(post, path = "/api/v1/admin/operations/demo", tag = "operations",
    responses((status = 202, body = Operation), (status = "4XX", body = Problem)))]
async fn demo_data(State(operations): State<Operations>, Allowed(actor, ..): Allowed<ManageUsers>) -> Result<Reply<Operation>> {
    Ok(accepted(operations.demo(actor).await?))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct VerifyQuery {
    /// Whether to put right what is wrong; only compared when not said.
    #[serde(default)]
    fix: bool,
}

/// Compares every projection with the truth, and puts right what is wrong where asked to.
#[utoipa::path(post, path = "/api/v1/admin/operations/verify", params(VerifyQuery), tag = "operations",
    responses((status = 202, body = Operation), (status = "4XX", body = Problem)))]
async fn verify_all(
    State(operations): State<Operations>,
    _allowed: Allowed<Operate>,
    Query(query): Query<VerifyQuery>,
) -> Result<Reply<Operation>> {
    Ok(accepted(operations.verify(query.fix).await?))
}

/// Events that projections could not take, oldest first; a later change of the record takes one back by itself.
#[utoipa::path(get, path = "/api/v1/admin/projections/parked", params(ListQuery), tag = "operations",
    responses((status = 200, body = Page<ParkedEvent>), (status = "4XX", body = Problem)))]
async fn parked(
    State(operations): State<Operations>,
    _allowed: Allowed<Operate>,
    Query(query): Query<ListQuery>,
) -> Result<Reply<Page<ParkedEvent>>> {
    Ok(Reply::ok(operations.projections(&query).await?))
}

/// Tries the parked events of a projection again.
#[utoipa::path(post, path = "/api/v1/admin/operations/retry/{projection}", params(("projection" = String, Path)), tag = "operations",
    responses((status = 202, body = Operation), (status = "4XX", body = Problem)))]
async fn retry(
    State(operations): State<Operations>,
    _allowed: Allowed<Operate>,
    Path(projection): Path<String>,
) -> Result<Reply<Operation>> {
    Ok(accepted(operations.retry(&projection).await?))
}

/// Makes a projection anew from the truth.
#[utoipa::path(post, path = "/api/v1/admin/operations/rebuild/{projection}", params(("projection" = String, Path)), tag = "operations",
    responses((status = 202, body = Operation), (status = "4XX", body = Problem)))]
async fn rebuild(
    State(operations): State<Operations>,
    _allowed: Allowed<Operate>,
    Path(projection): Path<String>,
) -> Result<Reply<Operation>> {
    Ok(accepted(operations.rebuild(&projection).await?))
}

/// How an operation is.
#[utoipa::path(get, path = "/api/v1/admin/operations/{id}", params(("id" = Uuid, Path)), tag = "operations",
    responses((status = 200, body = Operation), (status = "4XX", body = Problem)))]
async fn get(State(operations): State<Operations>, _allowed: Allowed<ManageUsers>, Path(id): Path<Uuid>) -> Result<Reply<Operation>> {
    let found = store::find(&operations.kernel.stores().sql, id).await?;
    Ok(Reply::ok(found.ok_or_else(|| Failure::not_found("operation"))?))
}

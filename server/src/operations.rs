//! Work on the whole system: demo data, rebuilding and checking projections. It runs in the background and is asked for
//! under `/api/v1/admin/operations`.

use crate::system::System;
use crate::{demo, verify};
use axum::extract::State;
use looma_kernel::access::{ManageUsers, Operate};
use looma_kernel::{Actor, Allowed, Failure, Kernel, Path, Reply, Result};
use looma_types::Problem;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

/// How many are remembered.
const KEEP: usize = 100;

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
    /// `demo`, `verify` or `rebuild`.
    pub kind: String,
    pub state: OperationState,
    /// What it found or made, once done.
    #[schema(value_type = Object)]
    pub result: serde_json::Value,
    #[serde(default)]
    pub problem: Option<Problem>,
}

/// Starts operations and remembers the newest.
#[derive(Clone)]
pub struct Operations {
    kernel: Kernel,
    all: Arc<Mutex<VecDeque<Operation>>>,
}

impl Operations {
    fn start<F>(&self, kind: &str, work: F) -> Result<Operation>
    where
        F: Future<Output = Result<serde_json::Value>> + Send + 'static,
    {
        let operation = Operation {
            id: Uuid::now_v7(),
            kind: kind.into(),
            state: OperationState::Running,
            result: serde_json::Value::Null,
            problem: None,
        };
        {
            let mut all = self.all.lock().map_err(Failure::internal)?;
            if all.iter().any(|other| other.kind == kind && other.state == OperationState::Running) {
                return Err(Failure::conflict(format!("Another `{kind}` is running already.")));
            }
            if all.len() >= KEEP {
                all.pop_front();
            }
            all.push_back(operation.clone());
        }
        let (this, id) = (self.clone(), operation.id);
        self.kernel.spawn(|_| async move {
            let outcome = work.await;
            let Ok(mut all) = this.all.lock() else { return };
            if let Some(own) = all.iter_mut().find(|operation| operation.id == id) {
                match outcome {
                    Ok(result) => (own.state, own.result) = (OperationState::Done, result),
                    Err(failure) => (own.state, own.problem) = (OperationState::Failed, Some(*failure.problem)),
                }
            }
        });
        Ok(operation)
    }

    fn find(&self, id: Uuid) -> Result<Operation> {
        let all = self.all.lock().map_err(Failure::internal)?;
        all.iter().find(|operation| operation.id == id).cloned().ok_or_else(|| Failure::not_found("operation"))
    }

    fn demo(&self, actor: Actor) -> Result<Operation> {
        let kernel = self.kernel.clone();
        self.start("demo", async move { to_json(&demo::fill(kernel.client(), &actor).await?) })
    }

    fn verify(&self) -> Result<Operation> {
        let kernel = self.kernel.clone();
        self.start("verify", async move { to_json(&verify::verify(&kernel).await?) })
    }

    fn rebuild(&self, projection: &str) -> Result<Operation> {
        let kernel = self.kernel.clone();
        let projector = kernel.projectors().into_iter().find(|projector| projector.name() == projection);
        let projector = projector.ok_or_else(|| Failure::not_found("projection (known are graph, text, vectors)"))?;
        self.start("rebuild", async move {
            let records = projector.rebuild(&System::sources(&kernel)).await?;
            Ok(serde_json::json!({ "projection": projector.name(), "records": records }))
        })
    }
}

fn to_json<T: Serialize>(value: &T) -> Result<serde_json::Value> {
    serde_json::to_value(value).map_err(Failure::internal)
}

pub(crate) fn routes(kernel: &Kernel) -> OpenApiRouter {
    let operations = Operations { kernel: kernel.clone(), all: Arc::default() };
    OpenApiRouter::new()
        .routes(routes!(demo_data))
        .routes(routes!(verify_all))
        .routes(routes!(rebuild))
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
    Ok(accepted(operations.demo(actor)?))
}

/// Compares every projection with the truth.
#[utoipa::path(post, path = "/api/v1/admin/operations/verify", tag = "operations",
    responses((status = 202, body = Operation), (status = "4XX", body = Problem)))]
async fn verify_all(State(operations): State<Operations>, _allowed: Allowed<Operate>) -> Result<Reply<Operation>> {
    Ok(accepted(operations.verify()?))
}

/// Makes a projection anew from the truth.
#[utoipa::path(post, path = "/api/v1/admin/operations/rebuild/{projection}", params(("projection" = String, Path)), tag = "operations",
    responses((status = 202, body = Operation), (status = "4XX", body = Problem)))]
async fn rebuild(
    State(operations): State<Operations>,
    _allowed: Allowed<Operate>,
    Path(projection): Path<String>,
) -> Result<Reply<Operation>> {
    Ok(accepted(operations.rebuild(&projection)?))
}

/// How an operation is.
#[utoipa::path(get, path = "/api/v1/admin/operations/{id}", params(("id" = Uuid, Path)), tag = "operations",
    responses((status = 200, body = Operation), (status = "4XX", body = Problem)))]
async fn get(State(operations): State<Operations>, _allowed: Allowed<ManageUsers>, Path(id): Path<Uuid>) -> Result<Reply<Operation>> {
    Ok(Reply::ok(operations.find(id)?))
}

//! How a command reaches the system: over HTTP where one runs on the data folder, else by building it in this process.

use super::{Common, quiet};
use crate::instance::{self, Hold};
use crate::operations::{Operation, OperationState};
use crate::system::System;
use anyhow::bail;
use looma_kernel::token::{SERVICES, Verifier, installation_secret};
use looma_kernel::{Actor, Client};
use looma_store::Sql;
use looma_types::admin::Workspace;
use looma_types::{Page, ServiceName, WorkspaceId};
use std::time::Duration;

pub(super) struct Reach {
    pub client: Client,
    pub actor: Actor,
    own: Option<(System, Hold)>,
}

impl Reach {
    /// Finds or makes the system, and acts as an operator in its first workspace.
    pub async fn open(common: &Common) -> anyhow::Result<Self> {
        let mut settings = common.settings()?;
        if instance::find(&mut settings)?.is_some() {
            let client = Client::new(&settings);
            let secret = match settings.stores.postgres {
                Some(_) => Box::pin(Sql::open(&settings.stores)).await?.secret(SERVICES).await?,
                None => installation_secret(&settings.data)?,
            };
            let verifier = Verifier::new(&secret);
            let actor = first_workspace(&client, &verifier).await?;
            return Ok(Self { client, actor, own: None });
        }
        let hold = instance::hold(&settings.data)?;
        let logs = quiet(&mut settings);
        let system = Box::pin(System::build(settings, logs, &[])).await?;
        let client = system.kernel.client().clone();
        let actor = first_workspace(&client, system.kernel.verifier()).await?;
        Ok(Self { client, actor, own: Some((system, hold)) })
    }

    /// Starts an operation and waits for its end.
    pub async fn operate(&self, path: &str) -> anyhow::Result<serde_json::Value> {
        let mut operation: Operation = self
            .client
            .post_as(&self.actor, ServiceName::Admin, format!("/api/v1/admin/operations/{path}"), &serde_json::json!({}))
            .await?
            .json()?;
        let address = format!("/api/v1/admin/operations/{}", operation.id);
        while operation.state == OperationState::Running {
            tokio::time::sleep(Duration::from_millis(20)).await;
            operation = self.client.get_as(&self.actor, ServiceName::Admin, &address).await?;
        }
        match operation.problem {
            Some(problem) => bail!("{problem}"),
            None => Ok(operation.result),
        }
    }

    /// Ends the system where it was made for this command.
    pub async fn close(self) {
        if let Some((system, _hold)) = self.own {
            system.kernel.stop().await;
        }
    }
}

async fn first_workspace(client: &Client, verifier: &Verifier) -> anyhow::Result<Actor> {
    let nobody = verifier.service_actor(ServiceName::Admin, WorkspaceId(uuid::Uuid::nil()))?;
    let page: Page<Workspace> = client.get_as(&nobody, ServiceName::User, "/api/v1/workspaces?limit=1").await?;
    let Some(workspace) = page.items.first() else { bail!("there is no workspace yet; start the system once with `looma up`") };
    Ok(verifier.service_actor(ServiceName::Admin, workspace.id)?)
}

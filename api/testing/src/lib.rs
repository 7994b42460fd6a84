//! A whole system in memory, asked as a client asks: through the gateway, with a token.
//!
//! ```ignore
//! let app = TestApp::start().await;
//! let ann = app.user("ann").await;
//! let job = ann.post("/api/v1/jobs", &draft("Rust engineer")).await.created::<Job>();
//! ann.post(&format!("/api/v1/jobs/{}/publish", job.id), &()).await.ok::<Job>();
//! ```

mod client;
pub mod draft;
mod seen;

pub use client::TestClient;
pub use seen::Seen;

use looma::System;
use looma_kernel::logs::LogRing;
use looma_kernel::{Kernel, Settings};
use looma_types::user::{Session, User};
use looma_types::{Role, ServiceName};
use serde_json::json;

const PASSWORD: &str = "correct horse battery staple";

/// A system with nothing in it but its first administrator.
pub struct TestApp {
    system: System,
    admin: TestClient,
}

impl TestApp {
    /// Builds all eighteen services on stores in memory, but for the roles whose engines `LOOMA_TEST_…` name.
    pub async fn start() -> Self {
        let mut settings = Settings { stores: looma_store::trial::stores(), ..Settings::in_memory() };
        settings.gateway.rate_limit_per_second = 1_000_000;
        settings.gateway.rate_limit_burst = 1_000_000;
        Self::with(settings).await
    }

    /// The same with other settings.
    pub async fn with(settings: Settings) -> Self {
        let system = System::build(settings, LogRing::new(1_000), &[]).await.expect("the system starts");
        let first = system.first_admin.as_ref().expect("a new system makes its first administrator");
        let (email, password) = (first.email.clone(), first.password.clone());
        let nobody = TestClient::new(system.kernel.client().clone(), None);
        let session = nobody.login(&email, &password).await.ok::<Session>();
        let admin = TestClient::new(system.kernel.client().clone(), Some(session));
        Self { system, admin }
    }

    pub fn kernel(&self) -> &Kernel {
        &self.system.kernel
    }

    /// The first administrator.
    pub fn admin(&self) -> &TestClient {
        &self.admin
    }

    /// Nobody: no token.
    pub fn nobody(&self) -> TestClient {
        TestClient::new(self.kernel().client().clone(), None)
    }

    /// A user with the role `user` in the first workspace.
    pub async fn user(&self, name: &str) -> TestClient {
        self.with_role(name, Role::User).await
    }

    /// A user with a role in the first workspace.
    pub async fn with_role(&self, name: &str, role: Role) -> TestClient {
        let email = format!("{name}@example.com");
        let draft = json!({ "email": email, "name": name, "role": role, "password": PASSWORD });
        self.admin.post("/api/v1/users", &draft).await.created::<User>();
        let session = self.nobody().login(&email, PASSWORD).await.ok::<Session>();
        TestClient::new(self.kernel().client().clone(), Some(session))
    }

    /// Somebody in a workspace of their own.
    pub fn stranger(&self) -> TestClient {
        let workspace = looma_types::WorkspaceId::new();
        let actor = self.kernel().service_actor(ServiceName::Gateway, workspace).expect("a service can speak for itself");
        TestClient::with_token(self.kernel().client().clone(), actor.token())
    }

    /// Waits until every projection has caught up.
    pub async fn settled(&self) {
        let last = self.kernel().stores().sql.last_position().await.expect("the outbox answers");
        for projector in self.kernel().projectors() {
            projector.wait_for(last, std::time::Duration::from_secs(20)).await.expect("projections catch up");
        }
    }
}

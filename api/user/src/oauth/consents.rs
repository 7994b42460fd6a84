//! What users have allowed apps, and how they end it.

use crate::service::UserService;
use looma_kernel::types::oauth::AppAccess;
use looma_kernel::types::{ClientId, Page};
use looma_kernel::{Actor, Failure, ListQuery, Result};

impl UserService {
    /// The apps that the actor has let in.
    pub(crate) async fn apps(&self, actor: &Actor, query: &ListQuery) -> Result<Page<AppAccess>> {
        let user = self.signed_in(actor).await?.user;
        self.store.apps(&user, query).await
    }

    /// Lets an app in no longer: it is asked about again, and the tokens it has end.
    pub(crate) async fn end_app(&self, actor: &Actor, client: ClientId) -> Result<()> {
        let user = self.signed_in(actor).await?.user;
        let ended = self.store.end_app(&user, client).await?.ok_or_else(|| Failure::not_found("app"))?;
        self.forget(&ended).await
    }
}

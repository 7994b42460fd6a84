//! API keys: long-lived secrets for programs, with a role of their own.

use crate::rules::{is_self, may_give, may_manage};
use crate::secrets::{hash, random_text};
use crate::service::UserService;
use looma_kernel::token::{AUDIENCE, ISSUER};
use looma_kernel::types::user::{ApiKey, ApiKeyDraft, Claims};
use looma_kernel::types::{ApiKeyId, Page, Permission, Rights, UserId, now};
use looma_kernel::{Actor, Failure, ListQuery, Result, context};

/// What every key begins with, so that people and secret scanners know one.
const PREFIX: &str = "looma_";
/// A user makes at most this many.
const MOST: i64 = 100;

impl UserService {
    /// Makes a key; the answer alone holds the secret.
    /// # Errors
    /// `forbidden` for more than the actor may, or when the actor is no user; `invalid-input` for a scope that its role does not have.
    pub(crate) async fn create_api_key(&self, actor: &Actor, mut fields: ApiKeyDraft) -> Result<ApiKey> {
        may_give(actor, fields.role, &fields.scopes)?;
        if let Some(at) = fields.scopes.iter().position(|scope| !fields.role.allows(*scope)) {
            let detail = Rights::from(fields.role).decide(fields.scopes[at]).why;
            return Err(Failure::field(&format!("/scopes/{at}"), "range", detail));
        }
        fields.scopes = Permission::ALL.iter().copied().filter(|scope| fields.scopes.contains(scope)).collect();
        fields.expires_at = fields.expires_at.map(|at| chrono::SubsecRound::trunc_subsecs(at, 6));
        if fields.expires_at.is_some_and(|at| at <= now()) {
            return Err(Failure::field("/expires_at", "range", "lies in the past"));
        }
        // An app would get more than it was allowed.
        let maker = self.signed_in(actor).await?.user;
        if self.store.count_api_keys(maker.id).await? >= MOST {
            return Err(Failure::conflict(format!("You have {MOST} API keys; delete one first.")));
        }
        let secret = format!("{PREFIX}{}", random_text());
        let prefix = secret.chars().take(PREFIX.len() + 6).collect();
        let mut key = ApiKey { id: ApiKeyId::new(), fields, prefix, created_at: now(), last_used_at: None, secret: None };
        self.store.insert_api_key(actor, &maker, &key, &hash(&secret)).await?;
        key.secret = Some(secret);
        Ok(key)
    }

    /// One's own keys; all of the workspace for those who manage users.
    pub(crate) async fn api_keys(&self, actor: &Actor, query: &ListQuery) -> Result<Page<ApiKey>> {
        let maker = if actor.can(Permission::ManageUsers) { None } else { Some(UserId(actor.id)) };
        self.store.api_keys(actor.workspace, maker, query).await
    }

    pub(crate) async fn api_key(&self, actor: &Actor, id: ApiKeyId) -> Result<ApiKey> {
        let found = self.store.api_key(actor.workspace, id).await?;
        let seen = found.filter(|(_, maker)| maker.0 == actor.id || actor.can(Permission::ManageUsers));
        seen.map(|(key, _)| key).ok_or_else(|| Failure::not_found("API key"))
    }

    /// Deletes a key; it is good for at most five more seconds.
    pub(crate) async fn delete_api_key(&self, actor: &Actor, id: ApiKeyId) -> Result<()> {
        let missing = || Failure::not_found("API key");
        let (key, maker) = self.store.api_key(actor.workspace, id).await?.ok_or_else(missing)?;
        let maker = self.store.account(actor.workspace, maker).await?.ok_or_else(missing)?.user;
        if !is_self(actor, &maker) {
            if !actor.can(Permission::ManageUsers) {
                return Err(missing());
            }
            may_manage(actor, &maker)?;
        }
        if self.store.delete_api_key(actor, &maker, &key).await? { Ok(()) } else { Err(missing()) }
    }

    /// For whom a secret speaks; asked by the services' verifiers alone.
    pub(crate) async fn verify_api_key(&self, actor: &Actor, secret: &str) -> Result<Claims> {
        if !actor.is_service {
            return Err(Failure::forbidden("Only the services ask this."));
        }
        let refused = || Failure::unauthorized("The API key is not valid or has ended.");
        if !secret.starts_with(PREFIX) {
            return Err(refused());
        }
        let key = self.store.key_holder(&hash(secret)).await?.ok_or_else(refused)?;
        let client = context::current().and_then(|context| context.client);
        let is_expected = |client| key.addresses.iter().any(|network| network.contains(client));
        if !key.addresses.is_empty() && !client.is_some_and(is_expected) {
            let from = client.map_or_else(|| "an unknown address".to_owned(), |client| client.to_canonical().to_string());
            tracing::warn!(key = %key.id, %from, "an API key was used from where it is not good");
            return Err(Failure::forbidden(format!("This API key may not be used from {from}.")));
        }
        self.store.note_use(key.id).await?;
        let at = now().timestamp();
        Ok(Claims {
            iss: ISSUER.into(),
            aud: AUDIENCE.into(),
            sub: key.id.0,
            wid: key.workspace,
            sid: None,
            role: key.role,
            name: key.name,
            iat: at,
            exp: at + self.signer.good_for as i64,
            scope: key.scope,
        })
    }
}

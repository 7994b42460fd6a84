//! The apps that are known, and what administrators say about them.

use super::parameters::Credentials;
use super::refusal::{Refusal, Result as Answer};
use crate::rules::may_give;
use crate::secrets::{hash, random_text};
use crate::service::UserService;
use looma_kernel::types::oauth::{Client, ClientDraft, ClientKind, Grant, Scope};
use looma_kernel::types::problem::FieldError;
use looma_kernel::types::{ClientId, Page, SessionId, UserId, WorkspaceId, now};
use looma_kernel::{Actor, Change, Failure, IfMatch, ListQuery, NewEvent, Result};
use looma_store::detail::changed;
use serde_json::{Value, json};
use std::collections::HashSet;
use url::{Host, Url};

/// A workspace has at most this many.
const MOST: i64 = 100;

/// An app with what only this service knows.
pub(crate) struct Known {
    pub client: Client,
    pub workspace: WorkspaceId,
    pub secret_hash: Option<Vec<u8>>,
    /// What the tokens name that it gets for itself.
    pub session: SessionId,
}

impl UserService {
    /// Makes an app known; the answer alone holds the secret of a confidential one.
    /// # Errors
    /// `invalid-input`; `forbidden` for a role above the actor's; `conflict` where there are too many.
    pub(crate) async fn create_client(&self, actor: &Actor, fields: ClientDraft) -> Result<Client> {
        let fields = tidy(fields)?;
        may_give_role(actor, &fields)?;
        if self.store.count_clients(actor.workspace).await? >= MOST {
            return Err(Failure::conflict(format!("This workspace knows {MOST} apps; remove one first.")));
        }
        let at = now();
        let secret = (fields.kind == ClientKind::Confidential).then(random_text);
        let client = Client { id: ClientId::new(), fields, version: 1, created_at: at, updated_at: at, secret: None };
        let secret_hash = secret.as_deref().map(hash);
        let mut known = Known { client, workspace: actor.workspace, secret_hash, session: SessionId::new() };
        self.store.insert_client(&known, event(actor, &known.client, "oauth_client.create", changed((), &known.client.fields))).await?;
        known.client.secret = secret;
        Ok(known.client)
    }

    pub(crate) async fn clients(&self, actor: &Actor, query: &ListQuery) -> Result<Page<Client>> {
        self.store.clients(actor.workspace, query).await
    }

    pub(crate) async fn client(&self, actor: &Actor, id: ClientId) -> Result<Client> {
        self.known(actor, id).await.map(|known| known.client)
    }

    /// Replaces what is said about an app. The tokens it got for itself end; those it got for users are narrowed when they are renewed.
    /// # Errors
    /// `invalid-input`; `stale`; `forbidden` where the role before or after is above the actor's.
    pub(crate) async fn replace_client(&self, actor: &Actor, id: ClientId, expected: IfMatch, fields: ClientDraft) -> Result<Client> {
        let before = self.known(actor, id).await?;
        expected.check(before.client.version)?;
        may_give_role(actor, &before.client.fields)?;
        let fields = tidy(fields)?;
        may_give_role(actor, &fields)?;
        if fields.kind != before.client.fields.kind {
            return Err(Failure::field("/kind", "fixed", "stays as it was made; register another app instead"));
        }
        let change = changed(&before.client.fields, &fields);
        let client = Client { fields, version: before.client.version + 1, updated_at: now(), ..before.client };
        let event = event(actor, &client, "oauth_client.update", change);
        self.store.update_client(actor.workspace, &client, SessionId::new(), event).await?;
        self.forget(&[before.session]).await?;
        Ok(client)
    }

    /// Another secret in place of the one before, which is good no longer, nor are the tokens that the app got for itself.
    /// # Errors
    /// `conflict` for a public app; `forbidden` where its role is above the actor's.
    pub(crate) async fn rotate_secret(&self, actor: &Actor, id: ClientId) -> Result<Client> {
        let before = self.known(actor, id).await?;
        may_give_role(actor, &before.client.fields)?;
        if before.client.fields.kind == ClientKind::Public {
            return Err(Failure::conflict("A public app has no secret."));
        }
        let secret = random_text();
        let event = event(actor, &before.client, "oauth_client.secret_rotated", json!({ "after": { "secret": "changed" } }));
        self.store.replace_secret(actor.workspace, id, &hash(&secret), SessionId::new(), event).await?;
        self.forget(&[before.session]).await?;
        Ok(Client { secret: Some(secret), ..before.client })
    }

    /// Forgets an app with all that it was allowed.
    pub(crate) async fn delete_client(&self, actor: &Actor, id: ClientId, expected: IfMatch) -> Result<()> {
        let before = self.known(actor, id).await?;
        expected.check(before.client.version)?;
        may_give_role(actor, &before.client.fields)?;
        let event = event(actor, &before.client, "oauth_client.delete", changed(&before.client.fields, ()));
        let mut ended = self.store.delete_client(actor.workspace, &before.client, event).await?;
        ended.push(before.session);
        self.forget(&ended).await
    }

    async fn known(&self, actor: &Actor, id: ClientId) -> Result<Known> {
        let known = self.store.known_client(id).await?.filter(|known| known.workspace == actor.workspace);
        known.ok_or_else(|| Failure::not_found("app"))
    }

    /// The app that proves to be the one it says it is. A public one cannot, and proves itself by its codes and tokens.
    pub(crate) async fn proven_client(&self, credentials: Credentials) -> Answer<Known> {
        let known = self.store.known_client(credentials.id).await?.ok_or_else(Refusal::client)?;
        let shown = credentials.secret.as_deref().map(hash);
        if shown == known.secret_hash { Ok(known) } else { Err(Refusal::client()) }
    }
}

fn may_give_role(actor: &Actor, fields: &ClientDraft) -> Result<()> {
    let of_role = |scope: &Scope| if let Scope::Permission(permission) = scope { Some(*permission) } else { None };
    let scopes: Vec<_> = fields.scopes.iter().filter_map(of_role).collect();
    fields.role.map_or(Ok(()), |role| may_give(actor, role, &scopes))
}

fn event(actor: &Actor, client: &Client, action: &'static str, mut detail: Value) -> NewEvent {
    detail["client"] = json!(client.id);
    detail["name"] = json!(client.fields.name);
    NewEvent { detail, ..actor.event(UserId(actor.id), 0, action, Change::Note) }
}

/// Cleans what was typed and checks what the types cannot.
fn tidy(fields: ClientDraft) -> Result<ClientDraft> {
    let fields = ClientDraft { name: fields.name.trim().to_owned(), ..fields };
    let mut wrong = Vec::new();
    let mut must = |ok: bool, pointer: &str, detail: &str| {
        if !ok {
            wrong.push(FieldError::new(pointer, "invalid", detail));
        }
    };
    let has = |grant| fields.grants.contains(&grant);
    must(!fields.name.is_empty(), "/name", "must not be blank");
    must(!fields.name.chars().any(char::is_control), "/name", "must have no control characters");
    must(all_differ(fields.grants.iter().map(|grant| grant.as_str())), "/grants", "names one twice");
    must(all_differ(fields.scopes.iter().map(|scope| scope.as_str())), "/scopes", "names one twice");
    must(all_differ(fields.redirect_uris.iter().map(String::as_str)), "/redirect_uris", "names one twice");
    must(!has(Grant::RefreshToken) || has(Grant::AuthorizationCode), "/grants", "refresh_token needs authorization_code");
    let itself = has(Grant::ClientCredentials);
    must(!itself || fields.kind == ClientKind::Confidential, "/grants", "client_credentials needs a confidential app, which has a secret");
    must(itself == fields.role.is_some(), "/role", "is what the app acts as for itself: needed with client_credentials, and only then");
    let browser = has(Grant::AuthorizationCode);
    must(
        browser != fields.redirect_uris.is_empty(),
        "/redirect_uris",
        "is where browsers come back to: one is needed with authorization_code, and none without",
    );
    for (place, uri) in fields.redirect_uris.iter().enumerate() {
        let detail = "must be an address with https, or with http at 127.0.0.1, [::1] or localhost, without name, password and fragment";
        must(is_redirect_uri(uri), &format!("/redirect_uris/{place}"), detail);
    }
    if wrong.is_empty() { Ok(fields) } else { Err(Failure::invalid(wrong)) }
}

fn all_differ<'a>(mut words: impl Iterator<Item = &'a str>) -> bool {
    let mut seen = HashSet::new();
    words.all(|word| seen.insert(word))
}

/// Whether codes may go there: encrypted, or on the same computer.
fn is_redirect_uri(text: &str) -> bool {
    let Ok(url) = Url::parse(text) else { return false };
    let here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    };
    let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    let text_is_plain = text.chars().all(|c| c.is_ascii_graphic());
    plain && text_is_plain && (url.scheme() == "https" || (url.scheme() == "http" && here))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_go_to_encrypted_addresses_or_stay_here() {
        for right in
            ["https://app.example/back", "https://app.example/back?x=1", "http://127.0.0.1:8000/", "http://[::1]/x", "http://localhost:1/"]
        {
            assert!(is_redirect_uri(right), "{right}");
        }
        for wrong in [
            "http://app.example/back",
            "http://localhost.evil.example/",
            "http://127.0.0.1.evil.example/",
            "https://app.example/#part",
            "https://me@app.example/",
            "https://app.example/a b",
            "javascript:alert(1)",
            "data:text/html,x",
            "com.example.app:/back",
            "/back",
            "",
        ] {
            assert!(!is_redirect_uri(wrong), "{wrong}");
        }
    }
}

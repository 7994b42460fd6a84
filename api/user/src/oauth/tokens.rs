//! Tokens for codes, for refresh tokens, and for apps themselves.

use super::clients::Known;
use super::parameters::Parameters;
use super::refusal::{Refusal, Result};
use crate::refresh::{RefreshToken, Standing};
use crate::secrets::hash;
use crate::service::UserService;
use crate::store::{AppSession, Code, KeptCode, NewSession};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use looma_kernel::types::oauth::{Client, Grant, Scope};
use looma_kernel::types::user::{Claims, User, UserStatus};
use looma_kernel::types::{ClientId, SessionId, UserId, now};
use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

/// RFC 6749, section 5.1.
#[derive(Serialize, ToSchema)]
pub(crate) struct Tokens {
    access_token: String,
    /// Always `Bearer`.
    token_type: &'static str,
    /// Seconds.
    expires_in: u64,
    /// What the access token is good for.
    scope: String,
    /// Where `offline_access` was allowed.
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    /// Where `openid` was allowed, for a code.
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token: Option<String>,
}

/// OpenID Connect Core 1.0, section 2.
#[derive(Serialize)]
struct Identity<'a> {
    iss: &'a str,
    sub: UserId,
    aud: ClientId,
    iat: i64,
    exp: i64,
    auth_time: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<&'a str>,
}

impl UserService {
    /// Gives tokens out.
    /// # Errors
    /// As RFC 6749, section 5.2 says.
    pub(crate) async fn tokens(&self, known: &Known, form: &Parameters) -> Result<Tokens> {
        let kind = form.required("grant_type")?;
        let Some(grant) = Grant::ALL.into_iter().find(|grant| grant.as_str() == kind) else {
            return Err(Refusal::grant_type("grant_type must be authorization_code, refresh_token or client_credentials."));
        };
        if !known.client.fields.grants.contains(&grant) {
            return Err(Refusal::not_yours(format!("The app was not registered for {kind}.")));
        }
        match grant {
            Grant::AuthorizationCode => self.exchange(&known.client, form).await,
            Grant::RefreshToken => self.renew(&known.client, form).await,
            Grant::ClientCredentials => self.for_itself(known, form),
        }
    }

    async fn exchange(&self, client: &Client, form: &Parameters) -> Result<Tokens> {
        let refused = || Refusal::grant("The code is not valid, has ended, or was used before.");
        let presented = hash(form.required("code")?);
        let verifier = form.required("code_verifier")?;
        let KeptCode { workspace, user, code, session } = self.store.code(&presented, client.id).await?.ok_or_else(refused)?;
        let user = self.store.account(workspace, user).await?.ok_or_else(refused)?.user;
        if let Some(session) = session {
            self.end_reused(&user, session, "oauth.code_reused").await?;
            return Err(refused());
        }
        if code.expires_at <= now() {
            return Err(refused());
        }
        if form.get("redirect_uri").is_some_and(|uri| uri != code.redirect_uri) {
            return Err(Refusal::grant("redirect_uri is not the one that the code was sent to."));
        }
        if !fits(verifier, &code.challenge) {
            return Err(Refusal::grant("code_verifier is not what code_challenge was made of."));
        }
        must_be_active(&user)?;
        let token = RefreshToken::new(SessionId::new());
        let lasts = code.scopes.contains(&Scope::OfflineAccess);
        let until = if lasts { self.end_of_session() } else { self.end_of_access() };
        let session = NewSession { id: token.session, kept: token.kept(), client, scopes: &code.scopes, until };
        let Some(evicted) = self.store.begin_app_session(&user, &presented, session).await? else {
            // Somebody was faster with the same code.
            if let Some(session) = self.store.code(&presented, client.id).await?.and_then(|kept| kept.session) {
                self.end_reused(&user, session, "oauth.code_reused").await?;
            }
            return Err(refused());
        };
        self.forget(&evicted).await?;
        let id_token = self.identity(client, &user, &code)?;
        let refresh_token = lasts.then(|| token.encode());
        Ok(Tokens { refresh_token, id_token, ..self.for_user(client, &user, token.session, &code.scopes)? })
    }

    async fn renew(&self, client: &Client, form: &Parameters) -> Result<Tokens> {
        let refused = || Refusal::grant("The refresh token is not valid or has ended.");
        let token = RefreshToken::decode(form.required("refresh_token")?).ok_or_else(refused)?;
        let session = self.store.app_session(token.session, client.id).await?.ok_or_else(refused)?;
        let AppSession { workspace, user, kept, scopes, .. } = session;
        let user = self.store.account(workspace, user).await?.ok_or_else(refused)?.user;
        let next = token.next();
        match token.standing(&kept) {
            Standing::Foreign => return Err(refused()),
            Standing::Used => {}
            Standing::Newest => {
                must_be_active(&user)?;
                let scopes = narrowed(&scopes, client, form.get("scope"))?;
                if self.store.renew_session(token.session, &kept, &next.kept(), self.end_of_session()).await? {
                    let tokens = self.for_user(client, &user, token.session, &scopes)?;
                    return Ok(Tokens { refresh_token: Some(next.encode()), ..tokens });
                }
            }
        }
        self.end_reused(&user, token.session, "oauth.refresh_reused").await?;
        Err(refused())
    }

    fn for_itself(&self, known: &Known, form: &Parameters) -> Result<Tokens> {
        let fields = &known.client.fields;
        let own = |scope: &Scope| matches!(scope, Scope::Permission(_)) && fields.scopes.contains(scope);
        let scopes = match form.get("scope") {
            None => fields.scopes.iter().copied().filter(own).collect(),
            Some(text) => Scope::parse_all(text).map_err(Refusal::scope)?,
        };
        if let Some(other) = scopes.iter().find(|scope| !own(scope)) {
            return Err(Refusal::scope(format!("The app cannot have {other} for itself.")));
        }
        if scopes.is_empty() {
            return Err(Refusal::scope("The app was registered for no permission."));
        }
        let role = fields.role.ok_or_else(|| Refusal::not_yours("The app was registered without a role."))?;
        let claims = self.signer.claims(known.client.id.0, known.workspace, Some(known.session), role, fields.name.clone());
        self.bearer(&known.client, claims, &scopes)
    }

    fn for_user(&self, client: &Client, user: &User, session: SessionId, scopes: &[Scope]) -> Result<Tokens> {
        let claims = self.signer.claims(user.id.0, user.workspace_id, Some(session), user.fields.role, user.fields.name.clone());
        self.bearer(client, claims, scopes)
    }

    fn bearer(&self, client: &Client, claims: Claims, scopes: &[Scope]) -> Result<Tokens> {
        let scope = Scope::join(scopes);
        let claims = Claims { scope: Some(scope.clone()), ..claims };
        let access_token = self.signer.sign_for_app(&claims, client.id)?;
        Ok(Tokens { access_token, token_type: "Bearer", expires_in: self.signer.good_for, scope, refresh_token: None, id_token: None })
    }

    fn identity(&self, client: &Client, user: &User, code: &Code) -> Result<Option<String>> {
        if !code.scopes.contains(&Scope::OpenId) {
            return Ok(None);
        }
        let (iat, exp) = (now().timestamp(), self.end_of_access().timestamp());
        let (iss, nonce) = (&*self.kernel.settings().issuer(), code.nonce.as_deref());
        let identity = Identity { iss, sub: user.id, aud: client.id, iat, exp, auth_time: code.signed_in_at.timestamp(), nonce };
        Ok(Some(self.signer.seal(&identity)?))
    }

    /// Somebody has a code or token that was used before: what came of it ends.
    async fn end_reused(&self, user: &User, session: SessionId, action: &'static str) -> Result<()> {
        tracing::warn!(user = %user.id, action, "an app's session has ended");
        self.store.end_session(user, session, action).await?;
        Ok(self.forget(&[session]).await?)
    }

    fn end_of_access(&self) -> DateTime<Utc> {
        now() + TimeDelta::seconds(self.signer.good_for as i64)
    }
}

/// What was allowed, less what the app may not ask for any more, less what it leaves out.
fn narrowed(allowed: &[Scope], client: &Client, asked: Option<&str>) -> Result<Vec<Scope>> {
    let allowed: Vec<_> = allowed.iter().copied().filter(|scope| client.fields.scopes.contains(scope)).collect();
    let scopes = match asked {
        None => allowed,
        Some(text) => {
            let asked = Scope::parse_all(text).map_err(Refusal::scope)?;
            if let Some(other) = asked.iter().find(|scope| !allowed.contains(scope)) {
                return Err(Refusal::scope(format!("{other} was not allowed.")));
            }
            asked
        }
    };
    if scopes.is_empty() { Err(Refusal::grant("The app may ask for nothing of what was allowed.")) } else { Ok(scopes) }
}

fn must_be_active(user: &User) -> Result<()> {
    if user.fields.status == UserStatus::Active { Ok(()) } else { Err(Refusal::grant("The user's account is not active.")) }
}

/// RFC 7636, section 4.6.
fn fits(verifier: &str, challenge: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    (43..=128).contains(&verifier.len())
        && verifier.bytes().all(plain)
        && BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)) == challenge
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 7636, appendix B.
    #[test]
    fn a_verifier_fits_its_challenge_alone() {
        let (verifier, challenge) = ("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
        assert!(fits(verifier, challenge));
        assert!(!fits(challenge, challenge));
        assert!(!fits(&verifier[1..], challenge));
        assert!(!fits("", challenge));
    }
}

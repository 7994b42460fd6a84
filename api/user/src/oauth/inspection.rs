//! What a token is good for, whose it is, and how it ends (RFC 7662, RFC 7009, OpenID Connect Core 1.0, section 5.3).

use super::clients::Known;
use super::refusal::{Refusal, Result};
use crate::refresh::{RefreshToken, Standing};
use crate::service::UserService;
use crate::store::AppSession;
use looma_kernel::types::oauth::{ClientKind, Scope};
use looma_kernel::types::user::Claims;
use looma_kernel::types::{ClientId, SessionId, UserId};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// What a token is good for. Of one that is not good, or not the app's own, nothing else is said.
#[derive(Default, Serialize, ToSchema)]
pub(crate) struct Inspected {
    active: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<ClientId>,
    /// The user's id; the app's own where it acts for itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    sub: Option<Uuid>,
    /// `Bearer` for an access token, `refresh_token` for the other.
    #[serde(skip_serializing_if = "Option::is_none")]
    token_type: Option<&'static str>,
    /// Seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    iat: Option<i64>,
    /// Seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    exp: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    iss: Option<String>,
}

/// Who a user is, as far as they have allowed to tell.
#[derive(Serialize, ToSchema)]
pub(crate) struct UserInfo {
    sub: UserId,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    locale: Option<String>,
    /// As an administrator wrote it; nobody has written to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
}

/// A good token of an app.
enum Token {
    Access(Claims, Option<AppSession>),
    Refresh(AppSession),
}

impl UserService {
    /// What one of the app's own tokens is good for.
    /// # Errors
    /// `unauthorized_client` for a public app, behind which anybody may be.
    pub(crate) async fn inspect(&self, known: &Known, token: &str) -> Result<Inspected> {
        if known.client.fields.kind == ClientKind::Public {
            return Err(Refusal::not_yours("A public app cannot prove that a token is its own."));
        }
        let about = Inspected {
            active: true,
            client_id: Some(known.client.id),
            iss: Some(self.kernel.settings().issuer()),
            ..Inspected::default()
        };
        Ok(match self.own_token(known, token).await? {
            None => Inspected::default(),
            Some(Token::Access(claims, _)) => Inspected {
                scope: claims.scope,
                sub: Some(claims.sub),
                token_type: Some("Bearer"),
                iat: Some(claims.iat),
                exp: Some(claims.exp),
                ..about
            },
            Some(Token::Refresh(session)) => Inspected {
                scope: Some(Scope::join(&session.scopes)),
                sub: Some(session.user.0),
                token_type: Some("refresh_token"),
                iat: Some(session.created_at.timestamp()),
                exp: Some(session.expires_at.timestamp()),
                ..about
            },
        })
    }

    /// Ends what one of the app's own tokens belongs to: all tokens that came of the same consent, or all that it has for itself.
    /// Another token is none of its business, and not worth an error.
    pub(crate) async fn revoke(&self, known: &Known, token: &str) -> Result<()> {
        let session = match self.own_token(known, token).await? {
            None => return Ok(()),
            Some(Token::Access(_, None)) => {
                self.store.replace_client_session(known, SessionId::new()).await?;
                return Ok(self.forget(&[known.session]).await?);
            }
            Some(Token::Access(_, Some(session)) | Token::Refresh(session)) => session,
        };
        if let Some(account) = self.store.account(session.workspace, session.user).await? {
            self.store.end_session(&account.user, session.id, "oauth.revoked").await?;
        }
        Ok(self.forget(&[session.id]).await?)
    }

    /// Who the user is that an app's access token speaks for.
    /// # Errors
    /// `invalid_token`; `insufficient_scope` where the token is not good for `openid`.
    pub(crate) async fn user_info(&self, token: &str) -> Result<UserInfo> {
        let refused = || Refusal::token("The access token is not valid or has ended.");
        let claims = self.claims(token).await?.ok_or_else(refused)?;
        let scopes = Scope::parse_all(claims.scope.as_deref().unwrap_or_default()).unwrap_or_default();
        if !scopes.contains(&Scope::OpenId) {
            return Err(Refusal::insufficient("The access token is not good for openid."));
        }
        let user = self.store.account(claims.wid, UserId(claims.sub)).await?.ok_or_else(refused)?.user;
        let may = |scope| scopes.contains(&scope);
        Ok(UserInfo {
            sub: user.id,
            name: may(Scope::Profile).then(|| user.fields.name.clone()),
            locale: may(Scope::Profile).then(|| user.fields.locale.clone()),
            email: may(Scope::Email).then(|| user.fields.email.clone()),
        })
    }

    async fn own_token(&self, known: &Known, token: &str) -> Result<Option<Token>> {
        if let Some(token) = RefreshToken::decode(token) {
            let session = self.store.app_session(token.session, known.client.id).await?;
            return Ok(session.filter(|session| token.standing(&session.kept) == Standing::Newest && session.renews()).map(Token::Refresh));
        }
        let Some(claims) = self.claims(token).await? else { return Ok(None) };
        if claims.sub == known.client.id.0 && claims.sid == Some(known.session) {
            return Ok(Some(Token::Access(claims, None)));
        }
        let Some(id) = claims.sid else { return Ok(None) };
        Ok(self.store.app_session(id, known.client.id).await?.map(|session| Token::Access(claims, Some(session))))
    }

    /// What an access token says; nothing where it is not good.
    async fn claims(&self, token: &str) -> Result<Option<Claims>> {
        match self.kernel.verifier().claims(token, &self.kernel).await {
            Ok(claims) => Ok(Some(claims)),
            Err(failure) if failure.status().is_server_error() => Err(failure.into()),
            Err(_) => Ok(None),
        }
    }
}

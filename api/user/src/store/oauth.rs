//! What users have allowed apps: the tables `oauth_consent` and `oauth_code`, and the rows of `session` that are apps'.

use super::{UserStore, own_event};
use crate::refresh::Kept;
use chrono::{DateTime, TimeDelta, Utc};
use looma_kernel::types::oauth::{AppAccess, Client, Scope};
use looma_kernel::types::user::User;
use looma_kernel::types::{ClientId, Page, SessionId, UserId, WorkspaceId, now};
use looma_kernel::{Failure, ListQuery, Result};
use looma_store::detail::changed;
use looma_store::on;
use serde_json::json;
use uuid::Uuid;

/// A user's apps have no more sessions than this; then the one that was not used for the longest time ends.
const MOST_SESSIONS: i64 = 100;
/// How long a code is remembered after its end, to know one that is used again.
const REMEMBERED: TimeDelta = TimeDelta::days(1);

/// What a code stands for.
pub(crate) struct Code {
    pub redirect_uri: String,
    pub scopes: Vec<Scope>,
    pub challenge: String,
    pub nonce: Option<String>,
    pub signed_in_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

/// What is known of a code that came back.
pub(crate) struct KeptCode {
    pub workspace: WorkspaceId,
    pub user: UserId,
    pub code: Code,
    /// What it was exchanged for.
    pub session: Option<SessionId>,
}

#[derive(sqlx::FromRow)]
struct CodeRow {
    workspace_id: Uuid,
    account_id: Uuid,
    redirect_uri: String,
    scope: String,
    challenge: String,
    nonce: Option<String>,
    signed_in_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    session_id: Option<Uuid>,
}

/// A session that a code is exchanged for.
pub(crate) struct NewSession<'a> {
    pub id: SessionId,
    pub kept: Kept,
    pub client: &'a Client,
    pub scopes: &'a [Scope],
    pub until: DateTime<Utc>,
}

/// A user's session that is an app's.
pub(crate) struct AppSession {
    pub id: SessionId,
    pub workspace: WorkspaceId,
    pub user: UserId,
    pub kept: Kept,
    pub scopes: Vec<Scope>,
    pub created_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

impl AppSession {
    /// Whether its refresh token was given out.
    pub fn renews(&self) -> bool {
        self.scopes.contains(&Scope::OfflineAccess)
    }
}

#[derive(sqlx::FromRow)]
struct SessionRow {
    id: Uuid,
    workspace_id: Uuid,
    account_id: Uuid,
    family_hash: Vec<u8>,
    token_hash: Vec<u8>,
    scope: Option<String>,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
}

#[derive(sqlx::FromRow)]
struct AppRow {
    id: Uuid,
    name: String,
    scope: String,
    created_at: DateTime<Utc>,
    last_used_at: Option<DateTime<Utc>>,
}

fn scopes(text: &str) -> Result<Vec<Scope>> {
    Scope::parse_all(text).map_err(Failure::internal)
}

impl UserStore {
    /// What a user has allowed an app.
    pub async fn consent(&self, user: UserId, client: ClientId) -> Result<Vec<Scope>> {
        let scope: Option<String> = on!(self.sql.read(), db => sqlx::query_scalar(
            "SELECT scope FROM oauth_consent WHERE account_id = $1 AND client_id = $2")
            .bind(user.0).bind(client.0).fetch_optional(db).await)?;
        scopes(&scope.unwrap_or_default())
    }

    /// Remembers what a user allows an app, beside what they allowed before.
    pub async fn allow(&self, user: &User, client: &Client, allowed: &[Scope]) -> Result<()> {
        let mut tx = self.sql.begin().await?;
        let before: Option<String> = on!(tx.conn(), db => sqlx::query_scalar(
            "SELECT scope FROM oauth_consent WHERE account_id = $1 AND client_id = $2")
            .bind(user.id.0).bind(client.id.0).fetch_optional(db).await)?;
        let mut all = scopes(before.as_deref().unwrap_or_default())?;
        all.extend(allowed);
        let all = Scope::join(&scopes(&Scope::join(&all))?);
        on!(tx.conn(), db => sqlx::query(
            "INSERT INTO oauth_consent (account_id, client_id, workspace_id, scope, created_at) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (account_id, client_id) DO UPDATE SET scope = excluded.scope")
            .bind(user.id.0).bind(client.id.0).bind(user.workspace_id.0).bind(&all).bind(now()).execute(db).await.map(|_| ()))?;
        let mut detail = changed(json!({ "scope": before }), json!({ "scope": all }));
        detail["client"] = json!(client.id);
        detail["name"] = json!(client.fields.name);
        detail["scope"] = json!(Scope::join(allowed));
        tx.event(own_event(user, "oauth.allowed", detail)).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Keeps a code on its way to an app.
    pub async fn insert_code(&self, user: &User, client: ClientId, hash: &[u8], code: &Code) -> Result<()> {
        on!(self.sql.write(), db => sqlx::query(
            "INSERT INTO oauth_code (hash, client_id, account_id, workspace_id, redirect_uri, scope, challenge, nonce, signed_in_at, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)")
            .bind(hash).bind(client.0).bind(user.id.0).bind(user.workspace_id.0).bind(&code.redirect_uri)
            .bind(Scope::join(&code.scopes)).bind(&code.challenge).bind(&code.nonce).bind(code.signed_in_at).bind(code.expires_at)
            .execute(db).await.map(|_| ()))?;
        Ok(())
    }

    /// A code that was made for this app, also one that has ended or was used.
    pub async fn code(&self, hash: &[u8], client: ClientId) -> Result<Option<KeptCode>> {
        let row: Option<CodeRow> = on!(self.sql.read(), db => sqlx::query_as(
            "SELECT workspace_id, account_id, redirect_uri, scope, challenge, nonce, signed_in_at, expires_at, session_id
             FROM oauth_code WHERE hash = $1 AND client_id = $2")
            .bind(hash).bind(client.0).fetch_optional(db).await)?;
        let kept = |row: CodeRow| {
            Ok(KeptCode {
                workspace: row.workspace_id.into(),
                user: row.account_id.into(),
                code: Code {
                    redirect_uri: row.redirect_uri,
                    scopes: scopes(&row.scope)?,
                    challenge: row.challenge,
                    nonce: row.nonce,
                    signed_in_at: row.signed_in_at,
                    expires_at: row.expires_at,
                },
                session: row.session_id.map(SessionId),
            })
        };
        row.map(kept).transpose()
    }

    /// Exchanges a code for a session; the sessions that end for it, or none where the code was used meanwhile.
    pub async fn begin_app_session(&self, user: &User, code: &[u8], new: NewSession<'_>) -> Result<Option<Vec<SessionId>>> {
        let at = now();
        let scope = Scope::join(new.scopes);
        let mut tx = self.sql.begin().await?;
        let taken = on!(tx.conn(), db => sqlx::query(
            "UPDATE oauth_code SET session_id = $2 WHERE hash = $1 AND session_id IS NULL AND expires_at > $3")
            .bind(code).bind(new.id.0).bind(at).execute(db).await.map(|done| done.rows_affected()))?;
        if taken == 0 {
            return Ok(None);
        }
        on!(tx.conn(), db => sqlx::query(
            "INSERT INTO session (id, workspace_id, account_id, family_hash, token_hash, user_agent, created_at, last_used_at, expires_at, client_id, scope)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)")
            .bind(new.id.0).bind(user.workspace_id.0).bind(user.id.0).bind(&new.kept.family).bind(&new.kept.fresh).bind(&new.client.fields.name)
            .bind(at).bind(at).bind(new.until).bind(new.client.id.0).bind(&scope).execute(db).await.map(|_| ()))?;
        let ended: Vec<Uuid> = on!(tx.conn(), db => sqlx::query_scalar(
            "DELETE FROM session WHERE account_id = $1 AND client_id IS NOT NULL AND id NOT IN
             (SELECT id FROM session WHERE account_id = $1 AND client_id IS NOT NULL ORDER BY last_used_at DESC LIMIT $2) RETURNING id")
            .bind(user.id.0).bind(MOST_SESSIONS).fetch_all(db).await)?;
        let detail = json!({ "client": new.client.id, "name": new.client.fields.name, "scope": scope, "session": new.id, "ended": &ended });
        tx.event(own_event(user, "oauth.began", detail)).await?;
        tx.commit().await?;
        Ok(Some(ended.into_iter().map(SessionId).collect()))
    }

    /// A session of this app's that has not run out.
    pub async fn app_session(&self, id: SessionId, client: ClientId) -> Result<Option<AppSession>> {
        let row: Option<SessionRow> = on!(self.sql.read(), db => sqlx::query_as(
            "SELECT id, workspace_id, account_id, family_hash, token_hash, scope, created_at, expires_at
             FROM session WHERE id = $1 AND client_id = $2 AND expires_at > $3")
            .bind(id.0).bind(client.0).bind(now()).fetch_optional(db).await)?;
        let session = |row: SessionRow| {
            Ok(AppSession {
                id: row.id.into(),
                workspace: row.workspace_id.into(),
                user: row.account_id.into(),
                kept: Kept { family: row.family_hash, fresh: row.token_hash },
                scopes: scopes(row.scope.as_deref().unwrap_or_default())?,
                created_at: row.created_at,
                expires_at: row.expires_at,
            })
        };
        row.map(session).transpose()
    }

    /// The apps that a user has let in, in order of name.
    pub async fn apps(&self, user: &User, query: &ListQuery) -> Result<Page<AppAccess>> {
        let limit = query.limit()?;
        let (name, id): (String, Uuid) = query.after()?.unwrap_or_default();
        let rows: Vec<AppRow> = on!(self.sql.read(), db => sqlx::query_as(
            "SELECT client.id, client.name, consent.scope, consent.created_at,
             (SELECT MAX(last_used_at) FROM session WHERE session.account_id = $1 AND session.client_id = client.id AND session.expires_at > $2)
             AS last_used_at
             FROM oauth_consent consent JOIN oauth_client client ON client.id = consent.client_id
             WHERE consent.account_id = $1 AND (client.name, client.id) > ($3, $4) ORDER BY client.name, client.id LIMIT $5")
            .bind(user.id.0).bind(now()).bind(name).bind(id).bind(limit + 1).fetch_all(db).await)?;
        let app = |row: AppRow| {
            let AppRow { id, name, scope, created_at, last_used_at } = row;
            Ok(AppAccess { id: id.into(), name, scopes: scopes(&scope)?, created_at, last_used_at })
        };
        let apps = rows.into_iter().map(app).collect::<Result<Vec<_>>>()?;
        Ok(ListQuery::page(limit, apps, |app: &AppAccess| (app.name.clone(), app.id.0)))
    }

    /// Forgets what a user allowed an app; the sessions that ended, or none where there was nothing.
    pub async fn end_app(&self, user: &User, client: ClientId) -> Result<Option<Vec<SessionId>>> {
        let mut tx = self.sql.begin().await?;
        let gone: Option<String> = on!(tx.conn(), db => sqlx::query_scalar("DELETE FROM oauth_consent WHERE account_id = $1 AND client_id = $2 RETURNING scope")
            .bind(user.id.0).bind(client.0).fetch_optional(db).await)?;
        let Some(scope) = gone else { return Ok(None) };
        // A code on its way is good no longer either.
        on!(tx.conn(), db => sqlx::query("DELETE FROM oauth_code WHERE account_id = $1 AND client_id = $2 AND session_id IS NULL")
            .bind(user.id.0).bind(client.0).execute(db).await.map(|_| ()))?;
        let ended: Vec<Uuid> = on!(tx.conn(), db => sqlx::query_scalar("DELETE FROM session WHERE account_id = $1 AND client_id = $2 RETURNING id")
            .bind(user.id.0).bind(client.0).fetch_all(db).await)?;
        let mut detail = changed(json!({ "scope": scope, "sessions": &ended }), ());
        detail["client"] = json!(client);
        tx.event(own_event(user, "oauth.ended", detail)).await?;
        tx.commit().await?;
        Ok(Some(ended.into_iter().map(SessionId).collect()))
    }

    /// Forgets codes that ended long ago; how many.
    pub async fn sweep_codes(&self) -> Result<u64> {
        Ok(on!(self.sql.write(), db => sqlx::query("DELETE FROM oauth_code WHERE expires_at <= $1")
            .bind(now() - REMEMBERED).execute(db).await.map(|done| done.rows_affected()))?)
    }
}

//! Sign-in, refresh and the places where a user is signed in.

use crate::password::Checked;
use crate::refresh::{RefreshToken, Standing};
use crate::rules::email_key;
use crate::second_factor::Shown;
use crate::service::UserService;
use crate::store::Account;
use axum::http::StatusCode;
use chrono::{DateTime, Duration, Utc};
use looma_kernel::types::problem::FieldError;
use looma_kernel::types::user::{Login, Session, SessionInfo, User, UserStatus};
use looma_kernel::types::{SessionId, now};
use looma_kernel::{Actor, Failure, Kernel, Result, context};
use serde_json::json;

/// How much of a client's name is kept.
const USER_AGENT: usize = 200;

impl UserService {
    /// Signs in with e-mail address and password.
    /// # Errors
    /// 401, the same for an unknown address and a wrong password, and `second-factor` where one is needed; 403 for an account that is not active; 429 after too
    /// many failures.
    pub(crate) async fn login(&self, login: Login, user_agent: &str) -> Result<Session> {
        let address = context::current().and_then(|context| context.client);
        let attempt = self.attempts.begin(&email_key(&login.email), address).await?;
        let account = self.store.account_by_email(&login.email).await?;
        let hash = account.as_ref().map(|account| account.password_hash.clone());
        let checked = self.passwords.check(&login.password, hash).await?;
        let detail = json!({ "user_agent": cut(user_agent) });
        let (Some(Account { user, .. }), Checked::Right | Checked::Outdated) = (&account, checked) else {
            self.attempts.failed(attempt).await?;
            if let Some(account) = account {
                self.note_failure(account.user, detail).await;
            }
            return Err(Failure::unauthorized("The e-mail address or the password is wrong."));
        };
        must_be_active(user)?;
        match self.is_second_factor(user, login.totp.as_deref()).await? {
            Shown::Right => self.attempts.succeeded(attempt).await?,
            // Neither forgives the failures before nor is one.
            Shown::Missing => return Err(second_factor("missing", "Type the code that your authenticator app shows, or a recovery code.")),
            Shown::Wrong => {
                self.attempts.failed(attempt).await?;
                self.note_failure(user.clone(), detail).await;
                return Err(second_factor("wrong", "This is not the code that your authenticator app shows, or it was used before."));
            }
        }
        if checked == Checked::Outdated {
            self.store.rehash(user, &self.passwords.hash(&login.password).await?).await?;
        }
        let token = RefreshToken::new(SessionId::new());
        self.store.begin_session(user, token.session, &token.kept(), cut(user_agent), self.end_of_session(), detail).await?;
        self.answer(user.clone(), &token)
    }

    /// Beside the answer, so that it comes as fast as for an address nobody has.
    async fn note_failure(&self, user: User, detail: serde_json::Value) {
        let store = self.store.clone();
        let context = context::current();
        let note = async move {
            if let Err(failure) = store.note(&user, "user.login_failed", detail).await {
                tracing::warn!(%failure, "a failed login could not be noted");
            }
        };
        self.kernel.spawn(|_| async move {
            match context {
                Some(context) => context::scope(context, note).await,
                None => note.await,
            }
        });
    }

    /// New tokens for a refresh token, which is used up by it.
    /// # Errors
    /// 401; a token that was used before ends its session.
    pub(crate) async fn refresh(&self, token: &str) -> Result<Session> {
        let refused = || Failure::unauthorized("The refresh token is not valid or has ended; sign in again.");
        let token = RefreshToken::decode(token).ok_or_else(refused)?;
        let (workspace, user, kept) = self.store.session(token.session).await?.ok_or_else(refused)?;
        let user = self.store.account(workspace, user).await?.ok_or_else(refused)?.user;
        let next = token.next();
        let renewed = match token.standing(&kept) {
            Standing::Foreign => return Err(refused()),
            Standing::Used => false,
            Standing::Newest => {
                must_be_active(&user)?;
                self.store.renew_session(token.session, &kept, &next.kept(), self.end_of_session()).await?
            }
        };
        if !renewed {
            tracing::warn!(user = %user.id, "a refresh token was used twice; its session has ended");
            self.store.end_session(&user, token.session, "user.refresh_reused").await?;
            self.forget(&[token.session]).await?;
            return Err(refused());
        }
        self.answer(user, &next)
    }

    /// Ends the session the actor's token is of.
    pub(crate) async fn logout(&self, actor: &Actor) -> Result<()> {
        let Some(session) = actor.session else { return Ok(()) };
        self.store.end_session(&self.self_of(actor).await?, session, "user.logout").await?;
        self.forget(&[session]).await
    }

    pub(crate) async fn sessions(&self, actor: &Actor) -> Result<Vec<SessionInfo>> {
        self.store.sessions(actor.workspace, actor.id.into(), actor.session).await
    }

    /// Ends one of the actor's sessions.
    pub(crate) async fn end_session(&self, actor: &Actor, session: SessionId) -> Result<()> {
        if !self.store.end_session(&self.signed_in(actor).await?.user, session, "user.session_ended").await? {
            return Err(Failure::not_found("session"));
        }
        self.forget(&[session]).await
    }

    /// Ends all of the actor's sessions but the one that asks.
    pub(crate) async fn end_other_sessions(&self, actor: &Actor) -> Result<()> {
        let user = self.signed_in(actor).await?.user;
        self.forget(&self.store.end_sessions(actor, &user, actor.session).await?).await
    }

    /// Removes sessions and codes that have run out, once an hour.
    pub(crate) fn sweep_sessions(&self, kernel: &Kernel) {
        let store = self.store.clone();
        kernel.spawn(|mut stop| async move {
            loop {
                tokio::select! {
                    _ = stop.wait_for(|stop| *stop) => return,
                    () = tokio::time::sleep(std::time::Duration::from_hours(1)) => {}
                }
                match store.sweep_sessions().await {
                    Ok(count) => tracing::debug!(count, "forgot sessions that have run out"),
                    Err(failure) => tracing::warn!(%failure, "sessions that have run out could not be forgotten"),
                }
                if let Err(failure) = store.sweep_codes().await {
                    tracing::warn!(%failure, "codes that have run out could not be forgotten");
                }
            }
        });
    }

    pub(crate) fn end_of_session(&self) -> DateTime<Utc> {
        now() + Duration::days(self.kernel.settings().auth.refresh_token_days.into())
    }

    fn answer(&self, user: User, refresh: &RefreshToken) -> Result<Session> {
        Ok(Session {
            access_token: self.signer.sign(&user, refresh.session)?,
            token_type: "Bearer".into(),
            expires_in: self.signer.good_for,
            refresh_token: refresh.encode(),
            user,
        })
    }
}

/// Somebody knows the password, and has yet to show the second factor.
fn second_factor(code: &str, detail: &str) -> Failure {
    let mut failure = Failure::new(StatusCode::UNAUTHORIZED, "second-factor", "A second factor is needed", detail.to_owned());
    failure.problem.errors = vec![FieldError::new("/totp", code, detail)];
    failure
}

fn must_be_active(user: &User) -> Result<()> {
    match user.fields.status {
        UserStatus::Active => Ok(()),
        status => Err(Failure::forbidden(format!("This account is {}; an administrator can activate it.", status.as_str()))),
    }
}

fn cut(text: &str) -> &str {
    &text[..text.floor_char_boundary(USER_AGENT)]
}

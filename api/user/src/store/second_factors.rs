//! The tables `second_factor` and `recovery_code`.

use super::{UserStore, own_event};
use crate::second_factor::Hash;
use chrono::{DateTime, Utc};
use looma_kernel::Result;
use looma_kernel::types::UserId;
use looma_kernel::types::now;
use looma_kernel::types::user::User;
use looma_store::detail::changed;
use looma_store::{NewEvent, Tx, on};
use serde_json::{Value, json};

/// What is kept of an account's second factor.
#[derive(sqlx::FromRow)]
pub(crate) struct KeptFactor {
    pub secret: Vec<u8>,
    pub confirmed_at: Option<DateTime<Utc>>,
}

impl UserStore {
    pub async fn second_factor(&self, user: UserId) -> Result<Option<KeptFactor>> {
        Ok(on!(self.sql.read(), db => sqlx::query_as("SELECT secret, confirmed_at FROM second_factor WHERE account_id = $1")
            .bind(user.0).fetch_optional(db).await)?)
    }

    pub async fn count_recovery_codes(&self, user: UserId) -> Result<i64> {
        Ok(on!(self.sql.read(), db => sqlx::query_scalar("SELECT count(*) FROM recovery_code WHERE account_id = $1")
            .bind(user.0).fetch_one(db).await)?)
    }

    /// Keeps a secret that is yet to be confirmed; false where one is confirmed already.
    pub async fn begin_second_factor(&self, user: &User, secret: &[u8]) -> Result<bool> {
        Ok(on!(self.sql.write(), db => sqlx::query(
            "INSERT INTO second_factor (account_id, workspace_id, secret, confirmed_at, last_step) VALUES ($1, $2, $3, NULL, 0)
             ON CONFLICT (account_id) DO UPDATE SET secret = excluded.secret WHERE second_factor.confirmed_at IS NULL")
            .bind(user.id.0).bind(user.workspace_id.0).bind(secret).execute(db).await.map(|done| done.rows_affected()))?
            == 1)
    }

    /// From now on a code is asked for; false where another request was faster.
    pub async fn confirm_second_factor(&self, user: &User, secret: &[u8], step: i64, codes: &[Hash]) -> Result<bool> {
        let mut tx = self.sql.begin().await?;
        let confirmed = on!(tx.conn(), db => sqlx::query(
            "UPDATE second_factor SET confirmed_at = $3, last_step = $4 WHERE account_id = $1 AND secret = $2 AND confirmed_at IS NULL")
            .bind(user.id.0).bind(secret).bind(now()).bind(step).execute(db).await.map(|done| done.rows_affected()))?;
        if confirmed == 0 {
            return Ok(false);
        }
        put_codes(&mut tx, user, codes).await?;
        tx.event(own_event(user, "user.second_factor_added", switched(true))).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Takes the code of a time step; false where it or a later one was taken before.
    pub async fn take_step(&self, user: UserId, step: i64) -> Result<bool> {
        Ok(on!(self.sql.write(), db => sqlx::query("UPDATE second_factor SET last_step = $2 WHERE account_id = $1 AND last_step < $2")
            .bind(user.0).bind(step).execute(db).await.map(|done| done.rows_affected()))?
            == 1)
    }

    /// Uses up a recovery code; false where there is none like it.
    pub async fn take_recovery_code(&self, user: &User, code: &Hash) -> Result<bool> {
        let mut tx = self.sql.begin().await?;
        let taken = on!(tx.conn(), db => sqlx::query("DELETE FROM recovery_code WHERE account_id = $1 AND hash = $2")
            .bind(user.id.0).bind(code.as_slice()).execute(db).await.map(|done| done.rows_affected()))?;
        if taken == 0 {
            return Ok(false);
        }
        tx.event(own_event(user, "user.recovery_code_used", json!(null))).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// New recovery codes in place of those there are.
    pub async fn replace_recovery_codes(&self, user: &User, codes: &[Hash]) -> Result<()> {
        let mut tx = self.sql.begin().await?;
        put_codes(&mut tx, user, codes).await?;
        tx.event(own_event(user, "user.recovery_codes_replaced", json!({ "after": { "recovery_codes": "changed" } }))).await?;
        tx.commit().await?;
        Ok(())
    }

    /// No code is asked for any more; whether one was. `event` tells who wanted that.
    pub async fn remove_second_factor(&self, user: &User, event: NewEvent) -> Result<bool> {
        let mut tx = self.sql.begin().await?;
        let gone = on!(tx.conn(), db => sqlx::query("DELETE FROM second_factor WHERE account_id = $1").bind(user.id.0)
            .execute(db).await.map(|done| done.rows_affected()))?;
        if gone == 0 {
            return Ok(false);
        }
        put_codes(&mut tx, user, &[]).await?;
        tx.event(NewEvent { detail: switched(false), ..event }).await?;
        tx.commit().await?;
        Ok(true)
    }
}

/// Whether a code is asked for at sign-in, before and after.
fn switched(on: bool) -> Value {
    changed(json!({ "second_factor": !on }), json!({ "second_factor": on }))
}

async fn put_codes(tx: &mut Tx, user: &User, codes: &[Hash]) -> Result<()> {
    on!(tx.conn(), db => sqlx::query("DELETE FROM recovery_code WHERE account_id = $1").bind(user.id.0).execute(db).await.map(|_| ()))?;
    for code in codes {
        on!(tx.conn(), db => sqlx::query("INSERT INTO recovery_code (account_id, hash) VALUES ($1, $2)")
            .bind(user.id.0).bind(code.as_slice()).execute(db).await.map(|_| ()))?;
    }
    Ok(())
}

//! The second factor: six digits from an authenticator app (RFC 6238), or a recovery code.

use crate::rules::{is_self, may_manage};
use crate::service::UserService;
use crate::store::event;
use looma_kernel::types::user::{RecoveryCodes, SecondFactor, SecondFactorSecret, User};
use looma_kernel::types::{UserId, WorkspaceId, now};
use looma_kernel::{Actor, Change, Failure, Result};
use sha2::{Digest, Sha256};
use totp_rs::{Builder, Secret, Totp};

/// What authenticator apps show beside the digits.
const ISSUER: &str = "LoomaCRM";
/// How many recovery codes there are.
const CODES: usize = 10;

/// What is kept of a recovery code. It has fifty random bits, so that a plain hash will do.
pub(crate) type Hash = [u8; 32];

impl UserService {
    pub(crate) async fn second_factor(&self, actor: &Actor) -> Result<SecondFactor> {
        let user = self.self_of(actor).await?;
        let since = self.store.second_factor(user.id).await?.and_then(|factor| factor.confirmed_at);
        Ok(SecondFactor { since, recovery_codes: self.store.count_recovery_codes(user.id).await? })
    }

    /// Makes a secret for an authenticator app; sign-in asks for its codes once one was right.
    /// # Errors
    /// `invalid-input` for a wrong password; `conflict` where there is a second factor.
    pub(crate) async fn begin_second_factor(&self, actor: &Actor, password: String) -> Result<SecondFactorSecret> {
        let user = self.proven_self(actor, password).await?;
        let totp = totp(Secret::generate(), &user)?;
        if !self.store.begin_second_factor(&user, totp.secret().as_ref()).await? {
            return Err(Failure::conflict("Your account has a second factor already; remove it first."));
        }
        Ok(SecondFactorSecret {
            secret: totp.secret().to_base32(),
            url: totp.to_url().map_err(Failure::internal)?,
            qr: format!("data:image/png;base64,{}", totp.to_qr_base64().map_err(Failure::internal)?),
        })
    }

    /// Turns the second factor on, with a code that shows that the app has the secret.
    /// # Errors
    /// `invalid-input` for a wrong code; `conflict` where there is nothing to confirm.
    pub(crate) async fn confirm_second_factor(&self, actor: &Actor, code: &str) -> Result<RecoveryCodes> {
        let nothing = || Failure::conflict("There is no second factor to confirm.");
        let user = self.signed_in(actor).await?.user;
        let factor = self.store.second_factor(user.id).await?.filter(|factor| factor.confirmed_at.is_none()).ok_or_else(nothing)?;
        let attempt = self.attempts.begin(&format!("second factor of {}", user.id), None).await?;
        let Some(step) = right_step(&factor.secret, &user, code)? else {
            self.attempts.failed(attempt).await?;
            return Err(Failure::field("/code", "wrong", "is not what the app shows now; check that its clock is right"));
        };
        self.attempts.succeeded(attempt).await?;
        let (codes, hashes) = recovery_codes();
        if !self.store.confirm_second_factor(&user, &factor.secret, step, &hashes).await? {
            return Err(nothing());
        }
        Ok(codes)
    }

    /// New recovery codes in place of those there are.
    pub(crate) async fn replace_recovery_codes(&self, actor: &Actor, password: String) -> Result<RecoveryCodes> {
        let user = self.proven_self(actor, password).await?;
        if self.store.second_factor(user.id).await?.is_none_or(|factor| factor.confirmed_at.is_none()) {
            return Err(Failure::conflict("Your account has no second factor."));
        }
        let (codes, hashes) = recovery_codes();
        self.store.replace_recovery_codes(&user, &hashes).await?;
        Ok(codes)
    }

    /// Turns one's own second factor off.
    pub(crate) async fn remove_second_factor(&self, actor: &Actor, password: String) -> Result<()> {
        let user = self.proven_self(actor, password).await?;
        self.remove_factor_of(actor, &user).await
    }

    /// Turns off the second factor of somebody who has lost it, for those who manage users.
    pub(crate) async fn reset_second_factor(&self, actor: &Actor, workspace: WorkspaceId, id: UserId) -> Result<()> {
        let user = self.store.account(workspace, id).await?.ok_or_else(|| Failure::not_found("user"))?.user;
        may_manage(actor, &user)?;
        if is_self(actor, &user) {
            return Err(Failure::forbidden("Remove your own second factor in your settings, with your password."));
        }
        self.remove_factor_of(actor, &user).await
    }

    async fn remove_factor_of(&self, actor: &Actor, user: &User) -> Result<()> {
        let event = event(actor, user, "user.second_factor_removed", Change::Note);
        if self.store.remove_second_factor(user, event).await? { Ok(()) } else { Err(Failure::not_found("second factor")) }
    }

    /// Whether what was typed at sign-in is what the user's second factor shows; right where there is none.
    pub(crate) async fn is_second_factor(&self, user: &User, typed: Option<&str>) -> Result<Shown> {
        let Some(factor) = self.store.second_factor(user.id).await?.filter(|factor| factor.confirmed_at.is_some()) else {
            return Ok(Shown::Right);
        };
        let Some(typed) = typed.map(str::trim).filter(|typed| !typed.is_empty()) else { return Ok(Shown::Missing) };
        let right = match right_step(&factor.secret, user, typed)? {
            Some(step) => self.store.take_step(user.id, step).await?,
            None => self.store.take_recovery_code(user, &hash(typed)).await?,
        };
        Ok(if right { Shown::Right } else { Shown::Wrong })
    }
}

/// What was shown of the second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    Right,
    Missing,
    Wrong,
}

fn totp(secret: Secret, user: &User) -> Result<Totp> {
    // A colon would end the name.
    let name = user.fields.email.replace(':', " ");
    Builder::new().with_secret(secret).with_account_name(name).with_issuer(Some(ISSUER)).build().map_err(Failure::internal)
}

/// The time step whose code was typed, spaces aside: now, the one before or the one after.
fn right_step(secret: &[u8], user: &User, typed: &str) -> Result<Option<i64>> {
    let digits: String = typed.chars().filter(|letter| !letter.is_whitespace()).collect();
    let step = totp(Secret::from(secret.to_vec()), user)?.check(&digits, now().timestamp().max(0) as u64);
    Ok(step.and_then(|step| i64::try_from(step).ok()))
}

/// Letters and digits that nobody confuses, five bits each.
const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz23456789+";

fn recovery_codes() -> (RecoveryCodes, Vec<Hash>) {
    let code = || {
        let letters: String = rand::random::<[u8; 10]>().iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect();
        format!("{}-{}", &letters[..5], &letters[5..])
    };
    let codes: Vec<String> = (0..CODES).map(|_| code()).collect();
    let hashes = codes.iter().map(|code| hash(code)).collect();
    (RecoveryCodes { recovery_codes: codes }, hashes)
}

/// However it was typed.
fn hash(code: &str) -> Hash {
    let letters: String = code.chars().filter(|letter| !letter.is_whitespace() && *letter != '-').flat_map(char::to_lowercase).collect();
    Sha256::digest(letters).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recovery_code_is_known_however_it_is_typed() {
        let (codes, hashes) = recovery_codes();
        assert_eq!(hashes.len(), CODES);
        let code = &codes.recovery_codes[0];
        assert_eq!(code.len(), 11);
        for typed in [code.clone(), code.to_uppercase(), code.replace('-', " "), code.replace('-', "")] {
            assert_eq!(hash(&typed), hashes[0], "{typed}");
        }
        assert_ne!(hash(&codes.recovery_codes[1]), hashes[0]);
    }
}

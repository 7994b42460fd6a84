//! Passwords: argon2id in a bounded pool, and which ones are refused as too easy to guess.

use argon2::{Algorithm, Argon2, Params, PasswordHash, PasswordHasher, PasswordVerifier, Version};
use looma_kernel::{Failure, Result};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// 19 MiB, two passes, one lane: the first choice of OWASP's password storage cheat sheet.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// How long a login waits for its turn.
const TURN: Duration = Duration::from_secs(10);
/// Nobody's: checked in place of the hash of an account that is not there, so that the answer takes as long.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5J3Mgc2FsdCE$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Hashes and checks passwords, only so many at a time.
#[derive(Clone)]
pub(crate) struct Passwords {
    turns: Arc<Semaphore>,
}

/// What a check found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Checked {
    Wrong,
    Right,
    /// Right, and hashed with parameters of another time: hash it anew.
    Outdated,
}

impl Passwords {
    pub fn new(threads: usize) -> Self {
        Self { turns: Arc::new(Semaphore::new(threads)) }
    }

    pub async fn hash(&self, password: &str) -> Result<String> {
        let password = password.to_owned();
        self.run(move || argon2().hash_password(password.as_bytes()).map(|hash| hash.to_string()).map_err(Failure::internal)).await?
    }

    /// The hash of a password that somebody chooses for the account of an e-mail address; `field` is where it stood.
    /// # Errors
    /// `invalid-input` for one that is guessed too easily.
    pub async fn choose(&self, field: &'static str, password: &str, email: &str) -> Result<String> {
        let (chosen, email) = (password.to_owned(), email.to_owned());
        self.run(move || refuse_weak(field, &chosen, &email)).await??;
        self.hash(password).await
    }

    /// Checks a password; without a hash (no such account) it takes as long and is wrong.
    pub async fn check(&self, password: &str, hash: Option<String>) -> Result<Checked> {
        let password = password.to_owned();
        self.run(move || check(&password, hash.as_deref())).await
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let turn = tokio::time::timeout(TURN, self.turns.clone().acquire_owned()).await;
        let turn = turn.map_err(|_| Failure::unavailable("Too many people sign in at this moment.", 5))?.map_err(Failure::internal)?;
        tokio::task::spawn_blocking(move || {
            let done = work();
            drop(turn);
            done
        })
        .await
        .map_err(Failure::internal)
    }
}

fn argon2() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(MEMORY_KIB, PASSES, LANES, None).unwrap_or_default())
}

fn check(password: &str, hash: Option<&str>) -> Checked {
    let Ok(parsed) = PasswordHash::new(hash.unwrap_or(NOBODY)) else {
        tracing::error!("a stored password hash cannot be read");
        return Checked::Wrong;
    };
    let right = argon2().verify_password(password.as_bytes(), &parsed).is_ok();
    if !right || hash.is_none() {
        return Checked::Wrong;
    }
    let ours =
        Params::try_from(&parsed).is_ok_and(|params| (params.m_cost(), params.t_cost(), params.p_cost()) == (MEMORY_KIB, PASSES, LANES));
    if ours && parsed.algorithm.as_str() == "argon2id" { Checked::Right } else { Checked::Outdated }
}

/// What is guessed here before other words: the product's own, and what is typed in pinyin.
const FAMILIAR: [&str; 12] =
    ["looma", "loomacrm", "recruiter", "recruiting", "talent", "woaini", "woaini1314", "woaini520", "5201314", "mima", "zhanghao", "nihao"];

/// Refuses what is found with fewer than a hundred million guesses by somebody who knows the e-mail address; `field` is where
/// it stood.
/// # Errors
/// `invalid-input` that says why.
pub(crate) fn refuse_weak(field: &str, password: &str, email: &str) -> Result<()> {
    let words = email.split(|letter: char| !letter.is_alphanumeric());
    let familiar: Vec<&str> = words.chain(email.split('@')).chain([email]).chain(FAMILIAR).collect();
    let strength = zxcvbn::zxcvbn(password, &familiar);
    if strength.score() >= zxcvbn::Score::Three {
        return Ok(());
    }
    let warning = strength.feedback().and_then(zxcvbn::feedback::Feedback::warning);
    let reason = warning.map_or_else(|| "It is guessed too easily.".to_owned(), |warning| warning.to_string());
    Err(Failure::field(field, "weak", format!("{reason} Choose another, such as four unrelated words.")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_right_only_for_its_own_hash() {
        let passwords = Passwords::new(2);
        let hash = passwords.hash("correct horse battery").await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert_eq!(passwords.check("correct horse battery", Some(hash.clone())).await.unwrap(), Checked::Right);
        assert_eq!(passwords.check("correct horse batterz", Some(hash)).await.unwrap(), Checked::Wrong);
        assert_eq!(passwords.check("correct horse battery", None).await.unwrap(), Checked::Wrong);
    }

    #[test]
    fn a_hash_of_other_times_is_hashed_anew() {
        let old = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(8 * 1024, 1, 1, None).unwrap());
        let hash = old.hash_password(b"correct horse battery").unwrap().to_string();
        assert_eq!(check("correct horse battery", Some(&hash)), Checked::Outdated);
    }

    #[test]
    fn nobodys_hash_costs_as_much_as_any() {
        let nobody = PasswordHash::new(NOBODY).unwrap();
        let params = Params::try_from(&nobody).unwrap();
        assert_eq!((params.m_cost(), params.t_cost(), params.p_cost()), (MEMORY_KIB, PASSES, LANES));
        assert_eq!(nobody.hash.unwrap().len(), 32);
    }

    #[test]
    fn what_is_guessed_first_is_refused() {
        for weak in [
            "Password123",
            "P@ssw0rd123",
            "1234567890",
            "0987654321",
            "aaaaaaaaaaaa",
            "abcabcabcabc",
            "ann.wang2024",
            "ann.wang@example.com",
            "qwertyuiop",
            "1qaz2wsx3edc",
            "Summer2026!",
            "recruiting2026",
            "LoomaCRM2026",
            "woaini5201314",
            "mima123456",
            "a123456789",
        ] {
            let refused = refuse_weak("/password", weak, "ann.wang@example.com").expect_err(weak);
            assert_eq!((&*refused.problem.errors[0].pointer, &*refused.problem.errors[0].code), ("/password", "weak"));
        }
        for fine in ["correct horse battery", "a long password", "7Yq!uiop-2lk", "我的猫喜欢吃鱼和虾", "annual report 2031"] {
            assert!(refuse_weak("/password", fine, "ann.wang@example.com").is_ok(), "{fine}");
        }
    }
}

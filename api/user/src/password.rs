//! Passwords: argon2id in a bounded pool, and which ones are refused.

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

/// The passwords of ten and more characters that leaked most often, without what [`refuse_weak`] finds by itself.
const COMMON: &[&str] = &[
    "password12",
    "password123",
    "password1234",
    "passw0rd123",
    "p@ssw0rd123",
    "p@ssword123",
    "changeme123",
    "changemenow",
    "letmein123",
    "letmein1234",
    "welcome123",
    "welcome1234",
    "iloveyou123",
    "iloveyou12",
    "administrator",
    "administrator1",
    "adminadmin",
    "admin12345",
    "admin123456",
    "qwertyuiop",
    "qwerty12345",
    "qwerty123456",
    "1q2w3e4r5t",
    "1q2w3e4r5t6y",
    "1qaz2wsx3edc",
    "q1w2e3r4t5",
    "zaq12wsxcde3",
    "asdfghjkl1",
    "asdfghjkl;",
    "zxcvbnm123",
    "abcdefg123",
    "abcd123456",
    "abc1234567",
    "superman123",
    "football123",
    "baseball123",
    "basketball",
    "liverpool1",
    "manchester",
    "sunshine123",
    "princess123",
    "dragon12345",
    "monkey12345",
    "shadow12345",
    "trustno1trustno1",
    "woaini1314",
    "woaini520520",
    "woaini5201314",
    "5201314520",
    "1314520520",
    "a123456789",
    "aa123456789",
    "aa12345678",
    "asd123456789",
    "qq123456789",
    "q123456789",
    "zxc123456789",
    "wang123456",
    "zhang123456",
    "liu123456789",
    "mima123456",
    "test123456",
    "testtest123",
    "secret1234",
    "default123",
    "corporate1",
    "recruiter1",
    "recruiting",
];

/// Refuses what anybody would guess first; `field` is where it stood.
/// # Errors
/// `invalid-input` that says why.
pub(crate) fn refuse_weak(field: &str, password: &str, email: &str) -> Result<()> {
    let lower = password.trim().to_lowercase();
    let local = email.split('@').next().unwrap_or_default().to_lowercase();
    let reason = if COMMON.contains(&lower.as_str()) {
        "this is one of the most common passwords"
    } else if is_run(&lower) || is_repetition(&lower) {
        "this is a simple sequence"
    } else if lower == email.to_lowercase()
        || (local.chars().count() >= 4 && lower.strip_prefix(&local).is_some_and(|rest| rest.chars().count() <= 4))
    {
        "this is the e-mail address"
    } else {
        return Ok(());
    };
    Err(Failure::field(field, "weak", format!("{reason}; choose another, such as four unrelated words")))
}

/// `1234567890`, `zyxwvutsrq`, `aaaaaaaaaa`: the same step from each character to the next.
fn is_run(text: &str) -> bool {
    let codes: Vec<i64> = text.chars().map(|letter| i64::from(u32::from(letter))).collect();
    let steps: Vec<i64> = codes.windows(2).map(|pair| pair[1] - pair[0]).collect();
    // `…890` and `…9012` go on from nine to nought.
    steps.iter().all(|step| matches!(step, 1 | -9))
        || steps.iter().all(|step| matches!(step, -1 | 9))
        || steps.iter().all(|step| *step == 0)
}

/// `abcabcabcabc`: at most four characters again and again.
fn is_repetition(text: &str) -> bool {
    let letters: Vec<char> = text.chars().collect();
    (1..=4).any(|period| letters.len() > period && letters.iter().zip(letters.iter().skip(period)).all(|(a, b)| a == b))
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
            "1234567890",
            "0987654321",
            "aaaaaaaaaaaa",
            "abcabcabcabc",
            "ann.wang2024",
            "ann.wang@example.com",
            "qwertyuiop",
        ] {
            assert!(refuse_weak("/password", weak, "ann.wang@example.com").is_err(), "{weak}");
        }
        for fine in ["correct horse battery", "7Yq!uiop-2lk", "我的猫喜欢吃鱼和虾", "annual report 2031"] {
            assert!(refuse_weak("/password", fine, "ann@example.com").is_ok(), "{fine}");
        }
    }
}

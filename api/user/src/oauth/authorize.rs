//! Where a browser that an app has sent goes on to: to sign-in, to the question, or back to the app, with a code or an error.

use super::clients::Known;
use super::parameters::Parameters;
use super::refusal::plain;
use crate::secrets::{hash, random_text};
use crate::service::{SignedIn, UserService};
use crate::store::Code;
use chrono::TimeDelta;
use looma_kernel::types::oauth::{Authorization, Authorize, Decision, Grant, Scope};
use looma_kernel::types::{Role, now};
use looma_kernel::{Actor, Failure, Result};
use url::Url;

/// How long a code is good.
pub(super) const CODE: TimeDelta = TimeDelta::seconds(60);
/// A sign-in so young counts as one that was just asked for,
const JUST_NOW: TimeDelta = TimeDelta::seconds(60);
/// also while its user thinks about the question.
const THINKING: TimeDelta = TimeDelta::minutes(10);
/// The most bytes of a nonce.
const NONCE: usize = 500;

/// What an app asks for, once it is clear which app it is and where it may be answered.
struct Asked {
    scopes: Vec<Scope>,
    challenge: String,
    nonce: Option<String>,
    prompt: Prompt,
    max_age: Option<TimeDelta>,
}

#[derive(Default, PartialEq, Eq)]
struct Prompt {
    none: bool,
    login: bool,
    consent: bool,
}

/// Why there is no code.
enum Stop {
    /// The app hears of it: a word of RFC 6749 or of OpenID Connect, and why.
    Tell(&'static str, String),
    /// The user or we have to do something first.
    Go(Authorization),
    Fail(Failure),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Fail(failure)
    }
}

fn tell<T>(error: &'static str, description: impl Into<String>) -> Result<T, Stop> {
    Err(Stop::Tell(error, description.into()))
}

impl UserService {
    /// What a browser that came with `ask.query` does next. `actor` is who is signed in there.
    /// # Errors
    /// Until app and address of return are certain, nothing is answered to that address: 422 for `client_id` or `redirect_uri`.
    /// 403 for an actor who is no user that has signed in.
    pub(crate) async fn authorize(&self, actor: Option<&Actor>, ask: Authorize) -> Result<Authorization> {
        let parameters = Parameters::parse(ask.query.as_bytes());
        let (known, back) = self.proven_return(&parameters).await?;
        let answer = match self.code_for(actor, &parameters, &known, &back, ask.decision).await {
            Ok(code) => vec![("code", code)],
            Err(Stop::Tell(error, description)) => vec![("error", error.into()), ("error_description", plain(&description))],
            Err(Stop::Go(next)) => return Ok(next),
            Err(Stop::Fail(failure)) => return Err(failure),
        };
        let mut to = back;
        to.query_pairs_mut()
            .extend_pairs(answer)
            .extend_pairs(parameters.get("state").map(|state| ("state", state)))
            .append_pair("iss", &self.kernel.settings().issuer());
        Ok(Authorization::Redirect { to: to.into() })
    }

    /// The app, and where the browser goes back to, which the app was registered with.
    async fn proven_return(&self, parameters: &Parameters) -> Result<(Known, Url)> {
        for name in ["client_id", "redirect_uri"] {
            if parameters.get(name).is_none() || parameters.is_repeated(name) {
                return Err(Failure::field(name, "missing", "must be there once"));
            }
        }
        let unknown = || Failure::field("client_id", "unknown", "there is no such app");
        let id = parameters.get("client_id").and_then(|id| id.parse().ok()).ok_or_else(unknown)?;
        let known = self.store.known_client(id).await?.ok_or_else(unknown)?;
        let uri = parameters.get("redirect_uri").unwrap_or_default();
        let registered = known.client.fields.redirect_uris.iter().find(|registered| *registered == uri);
        let registered = registered.ok_or_else(|| {
            Failure::field(
                "redirect_uri",
                "unknown",
                "is not one that this app was registered with, letter by letter; nobody is sent there",
            )
        })?;
        let back = Url::parse(registered).map_err(Failure::internal)?;
        Ok((known, back))
    }

    async fn code_for(
        &self,
        actor: Option<&Actor>,
        parameters: &Parameters,
        known: &Known,
        back: &Url,
        decision: Option<Decision>,
    ) -> Result<String, Stop> {
        let asked = Asked::read(parameters, known)?;
        let Some(actor) = actor else { return sign_in(&asked) };
        let SignedIn { user, at: signed_in_at } = self.signed_in(actor).await?;
        if user.workspace_id != known.workspace {
            return tell("access_denied", "The app belongs to another workspace.");
        }
        let young = if decision.is_some() { THINKING } else { JUST_NOW };
        let oldest = if asked.prompt.login { Some(TimeDelta::zero()) } else { asked.max_age };
        if oldest.is_some_and(|oldest| now() - signed_in_at > oldest.max(young)) {
            return sign_in(&asked);
        }
        let scopes = grantable(&asked.scopes, user.fields.role, known);
        if scopes.is_empty() {
            return tell("invalid_scope", "The user may do nothing of what is asked for.");
        }
        let allowed = self.store.consent(user.id, known.client.id).await?;
        let is_allowed = !asked.prompt.consent && scopes.iter().all(|scope| allowed.contains(scope));
        match decision {
            Some(Decision::Deny) => return tell("access_denied", "The user said no."),
            Some(Decision::Allow) => self.store.allow(&user, &known.client, &scopes).await?,
            None if is_allowed => {}
            None if asked.prompt.none => return tell("consent_required", "The user has to be asked."),
            None => {
                let (client, origin) = (known.client.fields.name.clone(), back.origin().ascii_serialization());
                return Err(Stop::Go(Authorization::Consent { client, origin, scopes }));
            }
        }
        let code = Code {
            redirect_uri: parameters.get("redirect_uri").unwrap_or_default().to_owned(),
            scopes,
            challenge: asked.challenge,
            nonce: asked.nonce,
            signed_in_at,
            expires_at: now() + CODE,
        };
        let text = random_text();
        self.store.insert_code(&user, known.client.id, &hash(&text), &code).await?;
        Ok(text)
    }
}

fn sign_in<T>(asked: &Asked) -> Result<T, Stop> {
    if asked.prompt.none {
        return tell("login_required", "The user has to sign in.");
    }
    Err(Stop::Go(Authorization::SignIn))
}

/// What is asked for, without what the user's role does not have, and without what the app cannot use.
fn grantable(asked: &[Scope], role: Role, known: &Known) -> Vec<Scope> {
    let renews = known.client.fields.grants.contains(&Grant::RefreshToken);
    let of_use = |scope: &Scope| match *scope {
        Scope::Permission(permission) => role.allows(permission),
        Scope::OfflineAccess => renews,
        _ => true,
    };
    asked.iter().copied().filter(of_use).collect()
}

impl Asked {
    fn read(parameters: &Parameters, known: &Known) -> Result<Self, Stop> {
        let fields = &known.client.fields;
        if parameters.repeated().is_some() {
            return tell("invalid_request", "A parameter is there more than once.");
        }
        match parameters.get("response_type") {
            Some("code") => {}
            Some(_) => return tell("unsupported_response_type", "response_type must be code."),
            None => return tell("invalid_request", "response_type is missing."),
        }
        for (name, error) in [
            ("request", "request_not_supported"),
            ("request_uri", "request_uri_not_supported"),
            ("registration", "registration_not_supported"),
        ] {
            if parameters.get(name).is_some() {
                return tell(error, format!("{name} is not supported."));
            }
        }
        if parameters.get("response_mode").is_some_and(|mode| mode != "query") {
            return tell("invalid_request", "response_mode must be query.");
        }
        if !fields.grants.contains(&Grant::AuthorizationCode) {
            return tell("unauthorized_client", "The app was not registered for authorization_code.");
        }
        let challenge = challenge(parameters)?;
        let scopes = match Scope::parse_all(parameters.get("scope").unwrap_or_default()) {
            Ok(scopes) if scopes.is_empty() => return tell("invalid_scope", "scope is missing."),
            Ok(scopes) => scopes,
            Err(error) => return tell("invalid_scope", error),
        };
        if let Some(other) = scopes.iter().find(|scope| !fields.scopes.contains(scope)) {
            return tell("invalid_scope", format!("The app was not registered for {other}."));
        }
        let nonce = parameters.get("nonce").map(str::to_owned);
        if nonce.as_ref().is_some_and(|nonce| nonce.len() > NONCE) {
            return tell("invalid_request", format!("nonce is longer than {NONCE} bytes."));
        }
        let max_age = match parameters.get("max_age").map(str::parse::<u32>) {
            None => None,
            Some(Ok(seconds)) => Some(TimeDelta::seconds(seconds.into())),
            Some(Err(_)) => return tell("invalid_request", "max_age must be a whole number of seconds."),
        };
        Ok(Self { scopes, challenge, nonce, prompt: Prompt::read(parameters)?, max_age })
    }
}

impl Prompt {
    fn read(parameters: &Parameters) -> Result<Self, Stop> {
        let mut prompt = Self::default();
        for word in parameters.get("prompt").unwrap_or_default().split(' ').filter(|word| !word.is_empty()) {
            match word {
                "none" => prompt.none = true,
                "login" => prompt.login = true,
                "consent" => prompt.consent = true,
                _ => return tell("invalid_request", "prompt must be none, login or consent."),
            }
        }
        if prompt.none && (prompt.login || prompt.consent) {
            return tell("invalid_request", "prompt none goes with no other.");
        }
        Ok(prompt)
    }
}

/// PKCE (RFC 7636) is for everybody, and by hash alone.
fn challenge(parameters: &Parameters) -> Result<String, Stop> {
    let Some(challenge) = parameters.get("code_challenge") else {
        return tell("invalid_request", "code_challenge is missing.");
    };
    if parameters.get("code_challenge_method") != Some("S256") {
        return tell("invalid_request", "code_challenge_method must be S256.");
    }
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if challenge.len() != 43 || !challenge.bytes().all(plain) {
        return tell("invalid_request", "code_challenge must be a SHA-256 hash in base64url without padding.");
    }
    Ok(challenge.to_owned())
}

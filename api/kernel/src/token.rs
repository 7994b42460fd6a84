//! Access tokens: verified by every service itself.
//!
//! Users' tokens are EdDSA, signed by the user service and checked against its JWKS. Services speak for themselves with
//! short HS256 tokens under a secret that only the processes of one installation share.

use crate::access::Actor;
use crate::failure::{Failure, Result};
use crate::kernel::Kernel;
use axum::http::{HeaderMap, Method, header};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode};
use looma_types::user::Claims;
use looma_types::{Role, ServiceName, SessionId, WorkspaceId};
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::RwLock;
use uuid::Uuid;

/// Who issues, and for whom.
pub const ISSUER: &str = "looma";
pub const AUDIENCE: &str = "looma";
/// The name of the secret that services speak under, where a shared database keeps it.
pub const SERVICES: &str = "services";
const SERVICE_AUDIENCE: &str = "looma-services";
/// How long a service's own token is good.
const SERVICE_TOKEN: Duration = Duration::from_mins(1);
/// The keys are asked for anew at most this often,
const REFRESH: Duration = Duration::from_secs(1);
/// and at least this often while tokens are checked, so that one that was withdrawn is believed no longer.
const BELIEVED: Duration = Duration::from_mins(5);

/// The cache's key under which the user service notes that a session has ended, for as long as its last access token
/// could be good.
pub fn ended_session(session: SessionId) -> String {
    format!("ended-session:{session}")
}

/// Checks tokens and makes services' own.
pub struct Verifier {
    keys: RwLock<Keys>,
    sign: EncodingKey,
    check: DecodingKey,
}

#[derive(Default)]
struct Keys {
    by_id: HashMap<String, Arc<DecodingKey>>,
    asked: Option<Instant>,
}

impl Keys {
    fn is_younger(&self, age: Duration) -> bool {
        self.asked.is_some_and(|asked| asked.elapsed() <= age)
    }
}

/// The keys that the user service publishes.
async fn public_keys(kernel: &Kernel) -> Result<HashMap<String, Arc<DecodingKey>>> {
    let set: JwkSet = kernel.client().get(ServiceName::User, "/.well-known/jwks.json").await?.json()?;
    let keys = set.keys.iter().filter_map(|jwk| Some((jwk.common.key_id.clone()?, Arc::new(DecodingKey::from_jwk(jwk).ok()?))));
    Ok(keys.collect())
}

impl Verifier {
    /// `secret` is shared by all processes of the installation, at least 32 bytes.
    pub fn new(secret: &[u8]) -> Self {
        Self { keys: RwLock::default(), sign: EncodingKey::from_secret(secret), check: DecodingKey::from_secret(secret) }
    }

    /// Who sends these headers: `Authorization: Bearer …` or `X-API-Key: …`.
    pub async fn actor(&self, headers: &HeaderMap, kernel: &Kernel) -> Result<Actor> {
        if let Some(value) = headers.get(header::AUTHORIZATION) {
            let token = value
                .to_str()
                .ok()
                .and_then(|text| text.strip_prefix("Bearer ").or_else(|| text.strip_prefix("bearer ")))
                .ok_or_else(|| Failure::unauthorized("The Authorization header must be `Bearer` and an access token."))?;
            return self.verify(token.trim(), kernel).await;
        }
        if let Some(value) = headers.get("x-api-key") {
            let key = value.to_str().map_err(|_| Failure::unauthorized("The API key is not text."))?;
            return self.api_key(key, kernel).await;
        }
        Err(Failure::unauthorized("Send an access token (`Authorization: Bearer …`) or an API key (`X-API-Key`)."))
    }

    /// The actor an access token speaks for.
    pub async fn verify(&self, token: &str, kernel: &Kernel) -> Result<Actor> {
        let (claims, is_service) = self.read(token, kernel).await?;
        Ok(Actor::new(claims, is_service, token))
    }

    /// What an access token says that is good now.
    pub async fn claims(&self, token: &str, kernel: &Kernel) -> Result<Claims> {
        Ok(self.read(token, kernel).await?.0)
    }

    /// What a token says, and whether it is a service's own.
    async fn read(&self, token: &str, kernel: &Kernel) -> Result<(Claims, bool)> {
        let refused = |_| Failure::unauthorized("The access token is not valid or has ended.");
        let head = decode_header(token).map_err(refused)?;
        if head.alg == Algorithm::HS256 {
            let mut rules = Validation::new(Algorithm::HS256);
            rules.set_audience(&[SERVICE_AUDIENCE]);
            rules.set_issuer(&[ISSUER]);
            let claims = decode::<Claims>(token, &self.check, &rules).map_err(refused)?.claims;
            // An API key's token is signed the same way; only the services themselves are nobody.
            let is_service = claims.sub.is_nil();
            return Ok((claims, is_service));
        }
        let mut rules = Validation::new(Algorithm::EdDSA);
        rules.set_audience(&[AUDIENCE]);
        rules.set_issuer(&[ISSUER]);
        rules.leeway = 5;
        rules.validate_nbf = true;
        let key = self.key(head.kid.as_deref().unwrap_or_default(), kernel).await?;
        let claims = decode::<Claims>(token, &key, &rules).map_err(refused)?.claims;
        if let Some(session) = claims.sid
            && matches!(kernel.stores().cache.get(&ended_session(session)).await, Ok(Some(_)))
        {
            return Err(Failure::unauthorized("This session has ended."));
        }
        Ok((claims, false))
    }

    async fn key(&self, id: &str, kernel: &Kernel) -> Result<Arc<DecodingKey>> {
        let keys = self.keys.read().await;
        if let Some(key) = keys.by_id.get(id).filter(|_| keys.is_younger(BELIEVED)) {
            return Ok(key.clone());
        }
        drop(keys);
        let mut keys = self.keys.write().await;
        let known = keys.by_id.contains_key(id);
        if !keys.is_younger(if known { BELIEVED } else { REFRESH }) {
            match public_keys(kernel).await {
                Ok(by_id) => keys.by_id = by_id,
                Err(failure) if known => tracing::warn!(%failure, "the keys that sign access tokens could not be asked for anew"),
                Err(failure) => return Err(failure),
            }
            keys.asked = Some(Instant::now());
        }
        keys.by_id.get(id).cloned().ok_or_else(|| Failure::unauthorized("The access token was signed by a key that is not ours."))
    }

    /// Asks the user service whose key this is; the answer is good for five seconds, for the address it was asked for: a
    /// key may be good from some alone.
    async fn api_key(&self, secret: &str, kernel: &Kernel) -> Result<Actor> {
        if !secret.is_ascii() || secret.len() > 200 {
            return Err(Failure::unauthorized("The API key is not valid."));
        }
        let client = crate::context::current().and_then(|context| context.client).map(|client| client.to_string()).unwrap_or_default();
        let cached = format!("api-key:{}:{client}", blake3::hash(secret.as_bytes()).to_hex());
        let claims: Claims = if let Ok(Some(bytes)) = kernel.stores().cache.get(&cached).await {
            serde_json::from_slice(&bytes).map_err(Failure::internal)?
        } else {
            let asker = self.service_token(ServiceName::Gateway, WorkspaceId(Uuid::nil()))?;
            let answer = kernel
                .client()
                .call(ServiceName::User, Method::POST, "/api/v1/api-keys/verify")
                .token(&asker)
                .json(&serde_json::json!({ "secret": secret }))?
                .send()
                .await?;
            let claims: Claims = answer.json()?;
            let bytes = serde_json::to_vec(&claims).map_err(Failure::internal)?;
            kernel.stores().cache.set(&cached, bytes.into(), Duration::from_secs(5)).await?;
            claims
        };
        // From here on the key travels as a token of our own with the key's role and scope, never as the secret.
        let mut inner = claims;
        inner.aud = SERVICE_AUDIENCE.into();
        inner.exp = chrono::Utc::now().timestamp() + SERVICE_TOKEN.as_secs() as i64;
        let token = encode(&Header::new(Algorithm::HS256), &inner, &self.sign).map_err(Failure::internal)?;
        Ok(Actor::new(inner, false, &token))
    }

    fn service_token(&self, service: ServiceName, workspace: WorkspaceId) -> Result<String> {
        let now = chrono::Utc::now().timestamp();
        let claims = Claims {
            iss: ISSUER.into(),
            aud: SERVICE_AUDIENCE.into(),
            sub: Uuid::nil(),
            wid: workspace,
            sid: None,
            role: Role::SuperAdmin,
            name: service.to_string(),
            iat: now,
            exp: now + SERVICE_TOKEN.as_secs() as i64,
            scope: None,
        };
        encode(&Header::new(Algorithm::HS256), &claims, &self.sign).map_err(Failure::internal)
    }

    /// A service acting for itself in a workspace, such as a background job.
    pub fn service_actor(&self, service: ServiceName, workspace: WorkspaceId) -> Result<Actor> {
        let token = self.service_token(service, workspace)?;
        let claims = decode::<Claims>(&token, &self.check, &{
            let mut rules = Validation::new(Algorithm::HS256);
            rules.set_audience(&[SERVICE_AUDIENCE]);
            rules
        })
        .map_err(Failure::internal)?
        .claims;
        Ok(Actor::new(claims, true, &token))
    }
}

/// The installation's secret, made at the first start and readable by its owner alone.
pub fn installation_secret(data: &Path) -> std::io::Result<Vec<u8>> {
    let path = data.join("internal.key");
    match std::fs::read(&path) {
        Ok(secret) if secret.len() >= 32 => Ok(secret),
        _ => {
            std::fs::create_dir_all(data)?;
            let secret = blake3::hash(format!("{}{}{}", Uuid::new_v4(), Uuid::new_v4(), Uuid::new_v4()).as_bytes());
            write_private(&path, secret.as_bytes())?;
            Ok(secret.as_bytes().to_vec())
        }
    }
}

#[cfg(unix)]
fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let mut file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(not(unix))]
fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    std::fs::write(path, bytes)
}

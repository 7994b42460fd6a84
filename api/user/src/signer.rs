//! The keys that sign access tokens: Ed25519, the first made at the first start, published as JWKS. `rotation` says when they change.

use crate::rotation::Rotation;
use crate::store::{KeptKey, UserStore};
use arc_swap::ArcSwap;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use looma_kernel::settings::AuthSettings;
use looma_kernel::token::{AUDIENCE, ISSUER};
use looma_kernel::types::user::{Claims, User};
use looma_kernel::types::{SessionId, now};
use looma_kernel::{Failure, Kernel, Result};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::sync::Arc;
use std::time::Duration;
use utoipa::ToSchema;

/// How often to look whether another process has made a key, or one is due.
const LOOK: Duration = Duration::from_mins(1);

/// Signs with one key, publishes all that are of use.
pub(crate) struct Signer {
    store: UserStore,
    rotation: Rotation,
    keys: ArcSwap<Keys>,
    /// Seconds an access token is good.
    pub good_for: u64,
}

struct Keys {
    header: Header,
    signing: EncodingKey,
    public: Jwks,
}

/// The public keys that access tokens are checked with (RFC 7517).
#[derive(Clone, Serialize, ToSchema)]
pub(crate) struct Jwks {
    keys: Vec<Jwk>,
}

#[derive(Clone, Serialize, ToSchema)]
struct Jwk {
    kty: &'static str,
    crv: &'static str,
    alg: &'static str,
    #[serde(rename = "use")]
    usage: &'static str,
    kid: String,
    /// The public key, base64url.
    x: String,
}

impl Signer {
    /// Reads the keys; makes the first.
    pub async fn open(store: &UserStore, auth: &AuthSettings) -> Result<Self> {
        let rotation = Rotation {
            period: TimeDelta::hours(auth.signing_key_hours.into()),
            good_for: TimeDelta::seconds(auth.access_token_seconds as i64),
        };
        let keys = ArcSwap::from_pointee(current(store, rotation).await?);
        Ok(Self { store: store.clone(), rotation, keys, good_for: auth.access_token_seconds })
    }

    pub fn jwks(&self) -> Jwks {
        self.keys.load().public.clone()
    }

    /// Follows what other processes do, and takes its turn in making keys and forgetting them.
    pub fn follow(self: &Arc<Self>, kernel: &Kernel) {
        let signer = self.clone();
        kernel.spawn(|mut stop| async move {
            loop {
                tokio::select! {
                    _ = stop.wait_for(|stop| *stop) => return,
                    () = tokio::time::sleep(LOOK) => {}
                }
                match current(&signer.store, signer.rotation).await {
                    Ok(keys) => signer.keys.store(Arc::new(keys)),
                    Err(failure) => tracing::warn!(%failure, "the keys that sign access tokens could not be looked at"),
                }
            }
        });
    }

    /// An access token for a user's session.
    pub fn sign(&self, user: &User, session: SessionId) -> Result<String> {
        let now = now().timestamp();
        let claims = Claims {
            iss: ISSUER.into(),
            aud: AUDIENCE.into(),
            sub: user.id.0,
            wid: user.workspace_id,
            sid: Some(session),
            role: user.fields.role,
            name: user.fields.name.clone(),
            iat: now,
            exp: now + self.good_for as i64,
            scope: None,
        };
        let keys = self.keys.load();
        encode(&keys.header, &claims, &keys.signing).map_err(Failure::internal)
    }
}

/// The keys as they are to be now: one is made where it is due, those of no use are forgotten.
async fn current(store: &UserStore, rotation: Rotation) -> Result<Keys> {
    let mut kept = store.signing_keys().await?;
    if kept.first().is_none_or(|newest| rotation.is_due(newest.created_at, now())) {
        let made = Ed25519KeyPair::generate_pkcs8v1(&SystemRandom::new()).map_err(Failure::internal)?;
        let pair = Ed25519KeyPair::from_pkcs8(made.as_ref()).map_err(Failure::internal)?;
        kept = store.add_signing_key(&key_id(&pair), made.as_ref(), kept.first()).await?;
    }
    let made: Vec<_> = kept.iter().map(|key| key.created_at).collect();
    for over in kept.split_off(rotation.over(&made, now())) {
        store.forget_signing_key(&over.id).await?;
        tracing::info!(key = over.id, "forgot a key that signs no access tokens any more");
    }
    let published = kept.iter().map(|key| {
        let pair = Ed25519KeyPair::from_pkcs8(&key.pkcs8).map_err(Failure::internal)?;
        let x = BASE64_URL_SAFE_NO_PAD.encode(pair.public_key());
        Ok(Jwk { kty: "OKP", crv: "Ed25519", alg: "EdDSA", usage: "sig", kid: key.id.clone(), x })
    });
    let public = Jwks { keys: published.collect::<Result<_>>()? };
    let KeptKey { id, pkcs8, .. } =
        kept.get(Rotation::signing(&made, now())).ok_or_else(|| Failure::internal("there is no key to sign access tokens with"))?;
    let header = Header { kid: Some(id.clone()), ..Header::new(Algorithm::EdDSA) };
    Ok(Keys { header, signing: EncodingKey::from_ed_der(pkcs8), public })
}

fn key_id(pair: &Ed25519KeyPair) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(&Sha256::digest(pair.public_key())[..12])
}

//! The keys that sign access tokens: Ed25519, made at the first start, published as JWKS.

use crate::store::UserStore;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use looma_kernel::token::{AUDIENCE, ISSUER};
use looma_kernel::types::user::{Claims, User};
use looma_kernel::types::{SessionId, now};
use looma_kernel::{Failure, Result};
use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

/// Signs with the newest key, publishes all.
pub(crate) struct Signer {
    header: Header,
    key: EncodingKey,
    public: Jwks,
    /// Seconds an access token is good.
    pub good_for: u64,
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
    pub async fn open(store: &UserStore, good_for: u64) -> Result<Self> {
        let mut kept = store.signing_keys().await?;
        if kept.is_empty() {
            let made = Ed25519KeyPair::generate_pkcs8v1(&SystemRandom::new()).map_err(Failure::internal)?;
            let pair = Ed25519KeyPair::from_pkcs8(made.as_ref()).map_err(Failure::internal)?;
            kept = store.first_signing_key(&key_id(&pair), made.as_ref()).await?;
        }
        let mut keys = Vec::new();
        for (id, pkcs8) in &kept {
            let pair = Ed25519KeyPair::from_pkcs8(pkcs8).map_err(Failure::internal)?;
            let x = BASE64_URL_SAFE_NO_PAD.encode(pair.public_key());
            keys.push(Jwk { kty: "OKP", crv: "Ed25519", alg: "EdDSA", usage: "sig", kid: id.clone(), x });
        }
        let (id, pkcs8) = kept.first().ok_or_else(|| Failure::internal("there is no key to sign access tokens with"))?;
        let header = Header { kid: Some(id.clone()), ..Header::new(Algorithm::EdDSA) };
        Ok(Self { header, key: EncodingKey::from_ed_der(pkcs8), public: Jwks { keys }, good_for })
    }

    pub fn jwks(&self) -> &Jwks {
        &self.public
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
        };
        encode(&self.header, &claims, &self.key).map_err(Failure::internal)
    }
}

fn key_id(pair: &Ed25519KeyPair) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(&Sha256::digest(pair.public_key())[..12])
}

//! Tokens that somebody made up. Those that are signed well are signed with the installation's own key, so that
//! nothing but what a test is about can be the reason for a refusal.

use axum::http::Method;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use looma_kernel::token::{AUDIENCE, ISSUER};
use looma_store::on;
use looma_testing::{TestApp, TestClient};
use looma_types::user::Session;
use looma_types::{Role, ServiceName};
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};

struct Forge {
    app: TestApp,
    ann: TestClient,
    kid: String,
    key: EncodingKey,
}

impl Forge {
    async fn start() -> Self {
        let app = TestApp::start().await;
        let ann = app.user("ann").await;
        let sql = &app.kernel().stores().sql;
        let (kid, pkcs8): (String, Vec<u8>) =
            on!(sql.read(), db => sqlx::query_as("SELECT id, pkcs8 FROM signing_key").fetch_one(db).await).unwrap();
        Self { key: EncodingKey::from_ed_der(&pkcs8), kid, ann, app }
    }

    /// What a good token of Ann's says, with some of it changed; `null` takes it away.
    fn claims(&self, changes: Value) -> Value {
        let me = self.ann.me();
        let mut claims = json!({
            "iss": ISSUER, "aud": AUDIENCE, "sub": me.id, "wid": me.workspace_id, "role": me.fields.role, "name": "Ann",
            "iat": now(), "exp": now() + 300,
        });
        for (name, value) in changes.as_object().unwrap() {
            if value.is_null() {
                claims.as_object_mut().unwrap().remove(name);
            } else {
                claims[name] = value.clone();
            }
        }
        claims
    }

    fn header(&self) -> Header {
        Header { kid: Some(self.kid.clone()), ..Header::new(Algorithm::EdDSA) }
    }

    fn signed(&self, changes: Value) -> String {
        encode(&self.header(), &self.claims(changes), &self.key).unwrap()
    }

    /// What the gateway and a service answer to a token.
    async fn answers(&self, token: &str) -> [u16; 2] {
        let authorization = format!("Bearer {token}");
        let ask = async |service| {
            let headers = [("authorization", authorization.as_str())];
            self.app.nobody().at(service).send(Method::GET, "/api/v1/companies", &headers, None).await.status()
        };
        [ask(ServiceName::Gateway).await, ask(ServiceName::Company).await]
    }

    async fn refused(&self, what: &str, token: &str) {
        assert_eq!(self.answers(token).await, [401, 401], "{what}");
    }
}

fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs().try_into().unwrap()
}

fn base64(text: &str) -> String {
    use base64::Engine;
    base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(text)
}

#[tokio::test]
async fn the_forge_makes_good_tokens() {
    let forge = Forge::start().await;
    assert_eq!(forge.answers(&forge.signed(json!({}))).await, [200, 200], "or the refusals say nothing");
}

#[tokio::test]
async fn what_a_token_says_must_be_right_and_now() {
    let forge = Forge::start().await;
    for (what, changes) in [
        ("another audience", json!({ "aud": "somebody-else" })),
        ("no audience", json!({ "aud": null })),
        ("another issuer", json!({ "iss": "https://evil.example" })),
        ("no issuer", json!({ "iss": null })),
        ("over", json!({ "exp": now() - 60 })),
        ("without an end", json!({ "exp": null })),
        ("not good yet", json!({ "nbf": now() + 600 })),
        ("a role that there is not", json!({ "role": "owner" })),
        ("nobody", json!({ "sub": null })),
        ("somebody who is no id", json!({ "sub": "' OR 1=1 --" })),
        ("without a workspace", json!({ "wid": null })),
    ] {
        forge.refused(what, &forge.signed(changes)).await;
    }
}

#[tokio::test]
async fn only_our_key_signs_and_only_its_way() {
    let forge = Forge::start().await;
    let claims = forge.claims(json!({ "role": Role::SuperAdmin }));
    let payload = base64(&claims.to_string());
    for alg in ["none", "None", "NONE", ""] {
        let head = base64(&json!({ "alg": alg, "typ": "JWT", "kid": forge.kid }).to_string());
        forge.refused("no signature", &format!("{head}.{payload}.")).await;
        forge.refused("no signature at all", &format!("{head}.{payload}")).await;
    }
    let published = forge.app.nobody().get("/.well-known/jwks.json").await.value();
    let x = published["keys"][0]["x"].as_str().unwrap();
    let public = base64::Engine::decode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, x).unwrap();
    for secret in [x.as_bytes(), &public, published.to_string().as_bytes(), b"", b"secret"] {
        for audience in [AUDIENCE, "looma-services"] {
            let header = Header { kid: Some(forge.kid.clone()), ..Header::new(Algorithm::HS256) };
            let claims = forge.claims(json!({ "aud": audience }));
            forge.refused("the public key as a secret", &encode(&header, &claims, &EncodingKey::from_secret(secret)).unwrap()).await;
        }
    }
    for algorithm in [Algorithm::HS384, Algorithm::HS512] {
        let token =
            encode(&Header { kid: Some(forge.kid.clone()), ..Header::new(algorithm) }, &claims, &EncodingKey::from_secret(b"x")).unwrap();
        forge.refused("another algorithm", &token).await;
    }
}

#[tokio::test]
async fn a_token_that_was_touched_is_none() {
    let forge = Forge::start().await;
    let token = forge.signed(json!({}));
    let [head, payload, signature] = token.split('.').collect::<Vec<_>>()[..] else { panic!("{token}") };
    let raised = base64(&forge.claims(json!({ "role": Role::SuperAdmin })).to_string());
    let (cut, last) = signature.split_at(signature.len() - 4);
    let other = if last == "AAAA" { "BBBB" } else { "AAAA" };
    for (what, token) in [
        ("another payload", format!("{head}.{raised}.{signature}")),
        ("without a signature", format!("{head}.{payload}.")),
        ("two parts", format!("{head}.{payload}")),
        ("a part more", format!("{token}.{signature}")),
        ("a shorter signature", format!("{head}.{payload}.{cut}")),
        ("another signature", format!("{head}.{payload}.{cut}{other}")),
        ("no base64", format!("{head}.{payload}.%%%%")),
        ("nothing", String::new()),
        ("dots", "..".to_owned()),
        ("a very long one", format!("{head}.{}.{signature}", "A".repeat(20_000))),
    ] {
        forge.refused(what, &token).await;
    }
    for length in (1..token.len()).step_by(7) {
        forge.refused("cut off", &token[..length]).await;
    }
}

#[tokio::test]
async fn a_header_chooses_no_key() {
    let forge = Forge::start().await;
    let stranger = EncodingKey::from_ed_der(&{
        let made = aws_lc_rs::signature::Ed25519KeyPair::generate_pkcs8v1(&aws_lc_rs::rand::SystemRandom::new()).unwrap();
        made.as_ref().to_vec()
    });
    let claims = forge.claims(json!({}));
    let kids = [None, Some(""), Some("../../../../dev/null"), Some("' UNION SELECT 'x"), Some("0"), Some(forge.kid.as_str())];
    for kid in kids {
        let mut header = Header { kid: kid.map(str::to_owned), ..Header::new(Algorithm::EdDSA) };
        header.jku = Some("https://evil.example/jwks.json".into());
        header.x5u = Some("https://evil.example/key.pem".into());
        forge.refused("a stranger's key", &encode(&header, &claims, &stranger).unwrap()).await;
    }
    for kid in kids.into_iter().filter(|kid| *kid != Some(forge.kid.as_str())) {
        let header = Header { kid: kid.map(str::to_owned), ..Header::new(Algorithm::EdDSA) };
        forge.refused("our key under another name", &encode(&header, &claims, &forge.key).unwrap()).await;
    }
}

#[tokio::test]
async fn each_kind_of_token_is_good_for_its_own_use_alone() {
    let forge = Forge::start().await;
    let refresh = &forge.ann.session().refresh_token;
    forge.refused("a refresh token as an access token", refresh).await;
    let access = forge.signed(json!({}));
    forge.app.nobody().post("/api/v1/users/refresh", &json!({ "refresh_token": access })).await.problem(422);
    let next = forge.app.nobody().post("/api/v1/users/refresh", &json!({ "refresh_token": refresh })).await.ok::<Session>();
    forge.app.nobody().post("/api/v1/users/refresh", &json!({ "refresh_token": refresh })).await.problem(401);
    forge.app.nobody().post("/api/v1/users/refresh", &json!({ "refresh_token": next.refresh_token })).await.problem(401);
    forge.refused("an access token of a family whose refresh token came twice", &next.access_token).await;
}

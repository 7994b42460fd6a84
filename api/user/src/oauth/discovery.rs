//! Where everything is and what it can (OpenID Connect Discovery 1.0, RFC 8414).

use looma_kernel::Settings;
use looma_kernel::types::oauth::{Grant, Scope};
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
pub(crate) struct Metadata {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    revocation_endpoint: String,
    introspection_endpoint: String,
    userinfo_endpoint: String,
    jwks_uri: String,
    scopes_supported: Vec<&'static str>,
    claims_supported: [&'static str; 10],
    response_types_supported: [&'static str; 1],
    response_modes_supported: [&'static str; 1],
    grant_types_supported: [&'static str; 3],
    prompt_values_supported: [&'static str; 3],
    subject_types_supported: [&'static str; 1],
    id_token_signing_alg_values_supported: [&'static str; 1],
    code_challenge_methods_supported: [&'static str; 1],
    token_endpoint_auth_methods_supported: [&'static str; 3],
    revocation_endpoint_auth_methods_supported: [&'static str; 3],
    introspection_endpoint_auth_methods_supported: [&'static str; 2],
    authorization_response_iss_parameter_supported: bool,
    claims_parameter_supported: bool,
    request_parameter_supported: bool,
    request_uri_parameter_supported: bool,
}

impl Metadata {
    pub fn new(settings: &Settings) -> Self {
        let issuer = settings.issuer();
        let at = |path: &str| format!("{issuer}{path}");
        Self {
            // Browsers have their session at the front end.
            authorization_endpoint: format!("{}/oauth/authorize", settings.web()),
            token_endpoint: at("/oauth/token"),
            revocation_endpoint: at("/oauth/revoke"),
            introspection_endpoint: at("/oauth/introspect"),
            userinfo_endpoint: at("/oauth/userinfo"),
            jwks_uri: at("/.well-known/jwks.json"),
            scopes_supported: Scope::all().map(Scope::as_str).collect(),
            claims_supported: ["iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "name", "locale", "email"],
            response_types_supported: ["code"],
            response_modes_supported: ["query"],
            grant_types_supported: Grant::ALL.map(Grant::as_str),
            prompt_values_supported: ["none", "login", "consent"],
            subject_types_supported: ["public"],
            id_token_signing_alg_values_supported: ["EdDSA"],
            code_challenge_methods_supported: ["S256"],
            token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post", "none"],
            revocation_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post", "none"],
            introspection_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post"],
            authorization_response_iss_parameter_supported: true,
            claims_parameter_supported: false,
            request_parameter_supported: false,
            request_uri_parameter_supported: false,
            issuer,
        }
    }
}

//! Which service answers which address, and what is open to everybody.

use axum::http::Method;
use looma_kernel::types::ServiceName;

/// Prefixes of whole path segments; the first that fits decides, so exceptions stand before their rule.
pub(crate) const TABLE: &[(&str, ServiceName)] = &[
    ("/api/v1/people/*/skills", ServiceName::Skill),
    ("/api/v1/people", ServiceName::Relationship),
    ("/api/v1/interactions", ServiceName::Relationship),
    ("/api/v1/relationships", ServiceName::Relationship),
    ("/api/v1/users", ServiceName::User),
    ("/api/v1/api-keys", ServiceName::User),
    ("/api/v1/workspaces", ServiceName::User),
    ("/oauth", ServiceName::User),
    ("/.well-known", ServiceName::User),
    ("/api/v1/resumes", ServiceName::Resume),
    ("/api/v1/resume-templates", ServiceName::Resume),
    ("/api/v1/companies", ServiceName::Company),
    ("/api/v1/jobs", ServiceName::Job),
    ("/api/v1/applications", ServiceName::Job),
    ("/api/v1/pipelines", ServiceName::Job),
    ("/api/v1/interviews", ServiceName::Job),
    ("/api/v1/offers", ServiceName::Job),
    ("/api/v1/projects", ServiceName::Project),
    ("/api/v1/skills", ServiceName::Skill),
    ("/api/v1/ai", ServiceName::Ai),
    ("/api/v1/search", ServiceName::Search),
    ("/api/v1/admin", ServiceName::Admin),
    ("/api/v1/monitor", ServiceName::Monitor),
    ("/api/v1/backups", ServiceName::Backup),
    ("/api/v1/config", ServiceName::Config),
    ("/api/v1/logs", ServiceName::Log),
    ("/m/v1", ServiceName::Mobile),
];

/// The service that answers at `path`.
pub(crate) fn route(path: &str) -> Option<ServiceName> {
    TABLE.iter().find(|(prefix, _)| begins_with(path, prefix)).map(|(_, service)| *service)
}

/// Segment by segment; `*` stands for any one.
fn begins_with(path: &str, prefix: &str) -> bool {
    let mut segments = path.split('/');
    prefix.split('/').all(|wanted| segments.next().is_some_and(|segment| wanted == "*" || wanted == segment))
}

/// Open without signing in: signing in itself, and the keys that tokens are checked with.
pub(crate) fn is_public(method: &Method, path: &str) -> bool {
    match path {
        "/api/v1/users/login" | "/api/v1/users/refresh" => method == Method::POST,
        _ => path.starts_with("/.well-known/") && method == Method::GET,
    }
}

/// What guessing passwords would use.
pub(crate) fn is_sign_in(path: &str) -> bool {
    path == "/api/v1/users/login"
}

/// Where a file is sent.
pub(crate) fn is_upload(path: &str) -> bool {
    path == "/api/v1/resumes/import"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_lead_to_their_service() {
        for (path, service) in [
            ("/api/v1/people", Some(ServiceName::Relationship)),
            ("/api/v1/people/1/timeline", Some(ServiceName::Relationship)),
            ("/api/v1/people/1/skills", Some(ServiceName::Skill)),
            ("/api/v1/jobs/1/matches", Some(ServiceName::Job)),
            ("/.well-known/jwks.json", Some(ServiceName::User)),
            ("/m/v1/sync", Some(ServiceName::Mobile)),
            ("/api/v1/peoples", None),
            ("/api/v1", None),
            ("/", None),
        ] {
            assert_eq!(route(path), service, "{path}");
        }
    }

    #[test]
    fn only_signing_in_is_open() {
        assert!(is_public(&Method::POST, "/api/v1/users/login"));
        assert!(!is_public(&Method::GET, "/api/v1/users/login"));
        assert!(!is_public(&Method::POST, "/api/v1/users"));
        assert!(!is_public(&Method::GET, "/api/v1/users/me"));
    }
}

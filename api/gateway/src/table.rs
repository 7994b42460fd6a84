//! Where paths lead.

use looma_kernel::prefix::leads;
use looma_kernel::settings::UPLOAD;
use looma_kernel::types::ServiceName;
use std::collections::BTreeSet;

/// Path prefixes, whole segments each, and the services behind them.
pub(crate) const TABLE: &[(&str, ServiceName)] = &[
    ("/api/v1/users", ServiceName::User),
    ("/api/v1/api-keys", ServiceName::User),
    ("/api/v1/oauth-clients", ServiceName::User),
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
    ("/api/v1/people/{id}/skills", ServiceName::Skill),
    ("/api/v1/people", ServiceName::Relationship),
    ("/api/v1/interactions", ServiceName::Relationship),
    ("/api/v1/relationships", ServiceName::Relationship),
    ("/api/v1/ai", ServiceName::Ai),
    ("/api/v1/search", ServiceName::Search),
    ("/api/v1/admin", ServiceName::Admin),
    ("/api/v1/monitor", ServiceName::Monitor),
    ("/api/v1/backups", ServiceName::Backup),
    ("/api/v1/config", ServiceName::Config),
    ("/api/v1/logs", ServiceName::Log),
    ("/m/v1", ServiceName::Mobile),
];

/// How a request is treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub service: ServiceName,
    /// Needs no token, or the service asks for it itself.
    pub public: bool,
    /// Guards a password or an app's secret: counted more strictly.
    pub login: bool,
    /// Answers tokens, which nobody on the way may keep.
    pub tokens: bool,
    /// Takes an uploaded file.
    pub upload: bool,
}

/// Where a path leads, none for nowhere.
pub(crate) fn target(path: &str) -> Option<Target> {
    let service = service(path)?;
    let login = matches!(path, "/api/v1/users/login" | "/oauth/token" | "/oauth/revoke" | "/oauth/introspect");
    let tokens = login || matches!(path, "/api/v1/users/refresh" | "/oauth/authorize" | "/oauth/userinfo");
    Some(Target { service, login, tokens, public: tokens || path.starts_with("/.well-known/"), upload: path == UPLOAD })
}

/// Who stands behind the door.
pub(crate) fn services() -> BTreeSet<ServiceName> {
    TABLE.iter().map(|(_, service)| *service).collect()
}

fn service(path: &str) -> Option<ServiceName> {
    TABLE.iter().find(|(prefix, _)| leads(prefix, path)).map(|(_, service)| *service)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_finds_its_service() {
        for (path, expected) in [
            ("/api/v1/users/login", Some(ServiceName::User)),
            ("/api/v1/users", Some(ServiceName::User)),
            ("/.well-known/jwks.json", Some(ServiceName::User)),
            ("/api/v1/resumes/import/x/events", Some(ServiceName::Resume)),
            ("/api/v1/resume-templates", Some(ServiceName::Resume)),
            ("/api/v1/people/42", Some(ServiceName::Relationship)),
            ("/api/v1/people/42/timeline", Some(ServiceName::Relationship)),
            ("/api/v1/people/42/skills", Some(ServiceName::Skill)),
            ("/api/v1/people/42/skills/7", Some(ServiceName::Skill)),
            ("/api/v1/people/skills", Some(ServiceName::Relationship)),
            ("/api/v1/offers/7", Some(ServiceName::Job)),
            ("/m/v1/sync", Some(ServiceName::Mobile)),
            ("/api/v1/usersecrets", None),
            ("/api/v1/", None),
            ("/api/v2/users", None),
            ("/", None),
            ("/api/v1//users", None),
        ] {
            assert_eq!(service(path), expected, "{path}");
        }
    }

    #[test]
    fn no_entry_hides_a_later_one() {
        for (place, (prefix, service_name)) in TABLE.iter().enumerate() {
            assert_eq!(service(&prefix.replace("{id}", "42")), Some(*service_name), "entry {place}");
        }
    }

    #[test]
    fn only_sign_in_is_public_and_what_apps_prove_themselves_at() {
        let public = |path: &str| target(path).is_some_and(|target| target.public);
        for (path, login) in [
            ("/oauth/token", true),
            ("/oauth/revoke", true),
            ("/oauth/introspect", true),
            ("/oauth/userinfo", false),
            ("/oauth/authorize", false),
        ] {
            assert!(target(path).is_some_and(|target| target.public && target.tokens && target.login == login), "{path}");
        }
        for path in ["/api/v1/users/login", "/api/v1/users/refresh", "/.well-known/jwks.json", "/.well-known/openid-configuration"] {
            assert!(public(path), "{path}");
        }
        for path in [
            "/api/v1/users",
            "/api/v1/users/login/x",
            "/api/v1/users/logout",
            "/api/v1/jobs",
            "/.well-known",
            "/oauth",
            "/oauth/token/x",
            "/api/v1/oauth-clients",
        ] {
            assert!(!public(path), "{path}");
        }
    }
}

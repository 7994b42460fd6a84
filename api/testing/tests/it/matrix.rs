//! Every role at every route of every contract, at the gateway and at the service's own port: let in or kept out as
//! `api/gateway/permissions.txt` says, and no route that is not in it.

use crate::wrong_input::fill;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use looma_kernel::types::Permission;
use looma_testing::TestApp;
use looma_types::{Role, ServiceName, UserId};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

const TEXT: &str = include_str!("../../../gateway/permissions.txt");
/// What ends the session that asks: somebody new asks each time.
const ENDS: [(&str, &str); 2] = [("POST", "/api/v1/users/logout"), ("DELETE", "/api/v1/users/me/sessions")];
/// What the services alone may ask.
const SERVICES_ALONE: &str = "/api/v1/api-keys/verify";

type Route = (String, String);

/// (method, path) → what it takes, as the gateway reads it.
fn needs() -> BTreeMap<Route, &'static str> {
    let lines = TEXT.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            ((words[0].to_owned(), words[1].to_owned()), words[2])
        })
        .collect()
}

/// The routes of a service, as the committed contract has them.
fn documented(service: ServiceName) -> Vec<Route> {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("../../docs/openapi/{service}.json"));
    let contract: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let methods = ["get", "post", "put", "patch", "delete"];
    let paths = contract["paths"].as_object().unwrap();
    let of = |(path, item): (&String, &serde_json::Value)| {
        let named: Vec<&str> = methods.into_iter().filter(|method| item.get(method).is_some()).collect();
        named.into_iter().map(|method| (method.to_uppercase(), path.clone())).collect::<Vec<_>>()
    };
    paths.iter().flat_map(of).collect()
}

/// Records are those that nobody has, but for users who ask about themselves: about others, more than the route counts.
fn filled(path: &str, need: &str, who: Option<UserId>) -> String {
    let own = who.filter(|_| need == Permission::ReadOwnUser.as_str() && path.starts_with("/api/v1/users/{id}"));
    own.map_or_else(|| fill(path), |id| path.replace("{id}", &id.to_string()))
}

/// Somebody who asks.
#[derive(Clone)]
struct Asker {
    role: Role,
    id: UserId,
    token: String,
}

impl Asker {
    async fn new(app: &TestApp, name: &str, role: Role) -> Self {
        let somebody = app.with_role(name, role).await;
        Self { role, id: somebody.me().id, token: somebody.session().access_token.clone() }
    }
}

/// The status alone: some answers have no end.
async fn status(app: &TestApp, service: ServiceName, (method, path): &Route, need: &str, who: Option<&Asker>) -> StatusCode {
    let mut request = Request::builder()
        .method(method.parse::<Method>().unwrap())
        .uri(filled(path, need, who.map(|who| who.id)))
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::IF_MATCH, "*");
    if let Some(who) = who {
        request = request.header(header::AUTHORIZATION, format!("Bearer {}", who.token));
    }
    let body = if path == SERVICES_ALONE { r#"{"secret": "looma_x"}"# } else { "{}" };
    let request = request.body(Body::from(body)).unwrap();
    app.kernel().client().forward(service, request).await.unwrap().status()
}

/// What is wrong with this answer, where something is.
fn wrong(need: &str, path: &str, role: Option<Role>, seen: StatusCode) -> Option<&'static str> {
    let permission = need.parse::<Permission>().ok();
    let code = seen.as_u16();
    let expected = match (role, permission) {
        _ if seen.is_server_error() && seen != StatusCode::SERVICE_UNAVAILABLE => Err("no server error"),
        (None, None) if need == "public" => (code != 403).then_some(()).ok_or("no 403"),
        // Only the service can say.
        (Some(_), None) if need == "public" => Ok(()),
        (None, _) => (code == 401).then_some(()).ok_or("401"),
        (Some(_), None) if path == SERVICES_ALONE => (code == 403).then_some(()).ok_or("403"),
        (Some(role), Some(permission)) if !role.allows(permission) => (code == 403).then_some(()).ok_or("403"),
        (Some(_), _) => (code != 401 && code != 403).then_some(()).ok_or("to be let in"),
    };
    expected.err()
}

#[test]
fn what_each_route_takes_is_written_down() {
    let written: BTreeSet<Route> = needs().into_keys().filter(|(_, path)| !path.starts_with("/gateway/")).collect();
    let documented: BTreeSet<Route> =
        ServiceName::ALL.into_iter().filter(|service| *service != ServiceName::Gateway).flat_map(documented).collect();
    let missing: Vec<_> = documented.difference(&written).collect();
    let gone: Vec<_> = written.difference(&documented).collect();
    assert!(missing.is_empty() && gone.is_empty(), "api/gateway/permissions.txt lacks {missing:?} and has {gone:?}, which no contract has");
}

#[tokio::test]
async fn every_role_is_let_in_and_kept_out_as_written_at_both_locks() {
    let app = TestApp::start().await;
    let mut people = vec![None];
    for role in Role::ALL {
        people.push(Some(Asker::new(&app, role.as_str(), role).await));
    }
    let needs = needs();
    let (mut asked, mut faults) = (0, Vec::new());
    for service in ServiceName::ALL {
        let routes = if service == ServiceName::Gateway {
            needs.keys().filter(|(_, path)| path.starts_with("/gateway/")).cloned().collect()
        } else {
            documented(service)
        };
        for route in routes {
            let need = needs[&route];
            for who in &people {
                let role = who.as_ref().map(|who| who.role);
                for door in BTreeSet::from([ServiceName::Gateway, service]) {
                    let ends = ENDS.contains(&(route.0.as_str(), route.1.as_str()));
                    let who = match role.filter(|_| ends) {
                        Some(role) => Some(Asker::new(&app, &format!("{role}-{asked}"), role).await),
                        None => who.clone(),
                    };
                    let seen = status(&app, door, &route, need, who.as_ref()).await;
                    asked += 1;
                    if let Some(expected) = wrong(need, &route.1, role, seen) {
                        faults.push(format!("{} {} at {door} as {role:?} ({need}): {seen}, expected {expected}", route.0, route.1));
                    }
                }
            }
        }
    }
    assert!(faults.is_empty(), "{} of {asked}:\n{}", faults.len(), faults.join("\n"));
    assert!(asked > 1_800, "only {asked} requests were tried");
}

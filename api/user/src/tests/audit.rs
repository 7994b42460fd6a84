//! What the audit log says of changes to who may do what.

use super::{Fixture, PASSWORD, ROOT};
use crate::store::UserStore;
use axum::http::Method;
use looma_store::Event;
use serde_json::{Value, json};

impl Fixture {
    async fn noted(&self, action: &str) -> Event {
        let events = self.kernel.stores().sql.events_after(0, 1000).await.unwrap();
        let mut found = events.into_iter().filter(|event| event.action == action);
        let event = found.next().unwrap_or_else(|| panic!("{action} is not in the audit log"));
        assert!(found.next().is_none(), "{action} once");
        event
    }

    async fn whole_chain(&self) {
        assert_eq!(self.kernel.stores().sql.check_chains().await.unwrap().breaks, []);
    }
}

#[tokio::test]
async fn a_role_change_is_told_before_and_after_without_secrets_and_from_where() {
    let app = Fixture::start().await;
    let root = app.token(ROOT).await;
    let ann = app.create(&root, "ann@example.com", "user").await.body;
    app.token("ann@example.com").await;
    let bearer = format!("Bearer {root}");
    let headers = [("authorization", bearer.as_str()), ("x-forwarded-for", "203.0.113.9"), ("x-request-id", "request-12345")];
    let path = format!("/api/v1/users/{}", ann["id"].as_str().unwrap());
    let patch = json!({ "role": "admin", "metadata": { "password": "in the clear" } });
    assert_eq!(app.send(Method::PATCH, &path, &headers, patch).await.status, 200);

    let told = app.noted("user.update").await;
    assert_eq!((&told.detail["before"]["role"], &told.detail["after"]["role"]), (&json!("user"), &json!("admin")));
    assert_eq!(told.detail["after"]["metadata"]["password"], "changed");
    assert_eq!(told.detail["after"].get("email"), None, "only what differs");
    assert!(!told.detail.to_string().contains("in the clear"));
    assert_eq!((told.address.as_deref(), told.request_id.as_deref()), (Some("203.0.113.9"), Some("request-12345")));
    assert_eq!(told.actor_name, "Administrator");
    let ended = app.noted("user.sessions_ended").await;
    assert_eq!(ended.detail["before"]["sessions"].as_array().unwrap().len(), 1);
    app.whole_chain().await;
}

#[tokio::test]
async fn whatever_changes_who_may_do_what_is_told_and_no_secret_is() {
    let app = Fixture::start().await;
    let root = app.token(ROOT).await;
    app.token(ROOT).await;
    let new = "quite another phrase altogether";
    let me = app.call(&root, Method::GET, "/api/v1/users/me", Value::Null).await.body;
    let path = format!("/api/v1/users/{}/change-password", me["id"].as_str().unwrap());
    let change = json!({ "current_password": PASSWORD, "new_password": new });
    let changed = app.call(&root, Method::POST, &path, change).await;
    assert!(changed.status.is_success(), "{}", changed.body);
    let key = app.call(&root, Method::POST, "/api/v1/api-keys", json!({ "name": "k", "role": "user" })).await.body;
    let path = format!("/api/v1/api-keys/{}", key["id"].as_str().unwrap());
    assert_eq!(app.call(&root, Method::DELETE, &path, Value::Null).await.status, 204);
    let workspace = app.call(&root, Method::POST, "/api/v1/workspaces", json!({ "name": "North" })).await;
    let path = format!("/api/v1/workspaces/{}", workspace.body["id"].as_str().unwrap());
    assert_eq!(app.call(&root, Method::PATCH, &path, json!({ "name": "South" })).await.status, 200);
    let store = UserStore::new(app.kernel.stores().sql.clone());
    let keys = store.signing_keys().await.unwrap();
    store.add_signing_key("next", b"pkcs8 of next", keys.first()).await.unwrap();
    store.forget_signing_key("next").await.unwrap();
    store.forget_signing_key("next").await.unwrap();

    assert_eq!(app.noted("user.password_changed").await.detail, json!({ "after": { "password": "changed" } }));
    assert_eq!(app.noted("user.sessions_ended").await.detail["before"]["sessions"].as_array().unwrap().len(), 1);
    assert_eq!(app.noted("api_key.create").await.detail["after"]["role"], "user");
    let gone = app.noted("api_key.delete").await.detail;
    assert_eq!((&gone["before"]["name"], &gone["key"]), (&json!("k"), &key["id"]));
    let renamed = app.noted("workspace.update").await;
    assert_eq!((renamed.workspace.to_string().as_str(), renamed.sequence), (workspace.body["id"].as_str().unwrap(), Some(2)));
    assert_eq!((&renamed.detail["before"], &renamed.detail["after"]), (&json!({ "name": "North" }), &json!({ "name": "South" })));
    assert_eq!(app.noted("signing_key.create").await.detail["after"], json!({ "newest": "next" }));
    app.noted("signing_key.delete").await;
    let all = format!("{:?}", app.kernel.stores().sql.events_after(0, 1000).await.unwrap());
    for secret in [PASSWORD, new, &root, key["secret"].as_str().unwrap(), "pkcs8 of next", "argon2"] {
        assert!(!all.contains(secret));
    }
    app.whole_chain().await;
}

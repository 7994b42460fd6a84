//! Workspaces and users belong to the user service; here they are passed on under the administrators' address.

use axum::http::{HeaderValue, Method, header};
use axum::response::Response;
use looma_kernel::patch::Patch;
use looma_kernel::types::admin::WorkspaceDraft;
use looma_kernel::types::{ServiceName, WorkspaceId};
use looma_kernel::{Actor, Client, Failure, IfMatch, Result};

const WORKSPACES: &str = "/api/v1/workspaces";

/// Passes a list on; its query is checked where it is answered.
pub(crate) async fn list(client: &Client, actor: &Actor, what: &str, query: Option<&str>) -> Result<Response> {
    let query = query.unwrap_or_default();
    if query.len() > 4_000 {
        return Err(Failure::bad_request("The query string is longer than 4000 characters."));
    }
    let path = format!("/api/v1/{what}?{query}");
    let path = path.trim_end_matches('?');
    Ok(client.call(ServiceName::User, Method::GET, path).actor(actor).send().await?.pass_on())
}

pub(crate) async fn get(client: &Client, actor: &Actor, id: WorkspaceId) -> Result<Response> {
    let call = client.call(ServiceName::User, Method::GET, format!("{WORKSPACES}/{id}")).actor(actor);
    Ok(call.send().await?.pass_on())
}

pub(crate) async fn create(client: &Client, actor: &Actor, draft: &WorkspaceDraft) -> Result<Response> {
    let mut response = client.post_as(actor, ServiceName::User, WORKSPACES, draft).await?.pass_on();
    let location = response.headers().get(header::LOCATION).and_then(|value| value.to_str().ok()?.strip_prefix(WORKSPACES));
    if let Some(here) = location.and_then(|rest| HeaderValue::from_str(&format!("/api/v1/admin/workspaces{rest}")).ok()) {
        response.headers_mut().insert(header::LOCATION, here);
    }
    Ok(response)
}

pub(crate) async fn patch(client: &Client, actor: &Actor, id: WorkspaceId, expected: IfMatch, patch: &Patch) -> Result<Response> {
    let mut call = client.call(ServiceName::User, Method::PATCH, format!("{WORKSPACES}/{id}")).actor(actor).json(&patch.0)?;
    if let Some(version) = expected.0 {
        call = call.header(header::IF_MATCH, &format!("\"{version}\""));
    }
    Ok(call.send().await?.pass_on())
}

//! Who did what, and who may: the audit log is the outbox, the matrix is in the types.

use axum::body::Body;
use futures::stream;
use looma_kernel::types::admin::{AuditEntry, PermissionRow};
use looma_kernel::types::{AuditId, Page, Permission, Role, WorkspaceId};
use looma_kernel::{Actor, Failure, ListQuery, Result};
use looma_store::chain::Link;
use looma_store::{Event, Sql};
use uuid::Uuid;

/// So many entries of an export are in memory at once.
const PAGE: i64 = 500;

/// What an auditor looks for.
#[derive(Default)]
pub(crate) struct Sought {
    /// Such as `user.login`.
    pub action: Option<String>,
    pub actor: Option<Uuid>,
}

/// Entries of the actor's workspace, newest first.
pub(crate) async fn list(sql: &Sql, actor: &Actor, sought: Sought, query: ListQuery) -> Result<Page<AuditEntry>> {
    if sought.action.as_deref().is_some_and(|action| action.len() > 100) {
        return Err(Failure::field("action", "length", "at most 100 characters"));
    }
    let limit = query.limit()?;
    let before = query.after()?.unwrap_or(i64::MAX);
    let events = sql.audit(actor.workspace, before, sought.action.as_deref(), sought.actor, limit + 1).await?;
    let page = ListQuery::page(limit, events, |event| event.position);
    Ok(Page { items: page.items.into_iter().map(entry).collect(), next_cursor: page.next_cursor, total: None })
}

fn entry(event: Event) -> AuditEntry {
    AuditEntry {
        // The position, written as a UUID: there is no other id, and this one never changes.
        id: AuditId(Uuid::from_u128(u128::from(event.position.unsigned_abs()))),
        at: event.at,
        actor_id: event.actor_id,
        actor_name: event.actor_name,
        action: event.action,
        record: Some(event.record),
        request_id: event.request_id,
        address: event.address,
        sequence: event.sequence,
        detail: event.detail,
    }
}

/// The workspace's entries after a place in the chain, oldest first, a line each with its hash. Read as the client takes them.
pub(crate) fn export(sql: Sql, workspace: WorkspaceId, after: i64) -> Body {
    Body::from_stream(stream::try_unfold(after, move |after| {
        let sql = sql.clone();
        async move {
            let page = sql.links_after(workspace, after, PAGE).await?;
            let lines = page.iter().map(Link::line).collect::<String>();
            looma_store::Result::Ok(page.last().map(|last| (lines, last.sequence)))
        }
    }))
}

/// The permission matrix.
pub(crate) fn permissions() -> Page<PermissionRow> {
    let roles = |permission: Permission| Role::ALL.into_iter().filter(|role| role.allows(permission)).collect();
    let items = Permission::ALL.iter().map(|permission| PermissionRow { permission: *permission, roles: roles(*permission) }).collect();
    Page { items, ..Page::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_matrix_lists_every_permission_with_its_roles() {
        let page = permissions();
        assert_eq!(page.items.len(), Permission::ALL.len());
        let config = page.items.iter().find(|row| row.permission == Permission::ManageConfig).unwrap();
        assert_eq!(config.roles, [Role::Admin, Role::SuperAdmin]);
    }
}

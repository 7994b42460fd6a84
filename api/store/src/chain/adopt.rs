//! Rows from before there was a chain, or from an archive that knows none, get their places.

use super::{Hash, Row};
use crate::{Result, Tx, on};
use sqlx::QueryBuilder;
use std::collections::BTreeMap;
use uuid::Uuid;

/// So many rows are in memory at once.
const PAGE: i64 = 500;

#[derive(sqlx::FromRow)]
struct Loose {
    position: i64,
    #[sqlx(flatten)]
    row: Row,
}

/// Chains the rows of workspaces that have no chain; how many. Where there is a chain already, a row outside of it was not written by
/// this program and stays outside.
pub(crate) async fn adopt(tx: &mut Tx) -> Result<u64> {
    let (mut after, mut count) = (0, 0);
    loop {
        // Heads are kept at the commit, so that the condition is the same for every page.
        let page: Vec<Loose> = on!(tx.conn(), db => sqlx::query_as(
            "SELECT position, workspace_id, record_kind, record_id, version, op, action, actor_id, actor_name, request_id, address, detail, at
             FROM outbox WHERE hash IS NULL AND position > $1 AND workspace_id NOT IN (SELECT workspace_id FROM audit_head)
             ORDER BY position LIMIT $2")
            .bind(after).bind(PAGE).fetch_all(db).await)?;
        let Some(last) = page.last() else { return Ok(count) };
        (after, count) = (last.position, count + page.len() as u64);
        let mut places: Vec<(i64, i64, Hash)> = Vec::with_capacity(page.len());
        let mut heads: BTreeMap<Uuid, _> = BTreeMap::new();
        for Loose { position, row } in &page {
            let before = match heads.get(&row.workspace_id) {
                Some(head) => *head,
                None => tx.head(row.workspace_id).await?,
            };
            let head = before.next(row);
            places.push((*position, head.sequence, head.hash));
            heads.insert(row.workspace_id, head);
        }
        tx.heads.append(&mut heads);
        on!(tx.conn(), db => {
            let mut update = QueryBuilder::new("UPDATE outbox SET sequence = place.column2, hash = place.column3 FROM (");
            update.push_values(places, |mut row, (position, sequence, hash)| {
                row.push_bind(position).push_bind(sequence).push_bind(hash.to_vec());
            });
            update.push(") AS place WHERE outbox.position = place.column1");
            Box::pin(update.build().execute(db)).await.map(|_| ())
        })?;
    }
}

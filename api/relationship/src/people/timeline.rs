//! A person's history: what happened with them, whom they were related to, when they were entered.

use crate::interactions::store::{InteractionStore, List as Interactions};
use crate::relationships::store::{List as Relationships, RelationshipStore};
use chrono::{DateTime, Utc};
use looma_kernel::types::person::{Interaction, Person, Relationship, TimelineEntry};
use looma_kernel::types::{Page, Ref, WorkspaceId};
use looma_kernel::{Cursor, ListQuery, Result};
use looma_store::Graph;
use std::collections::HashMap;
use std::sync::Arc;
use uuid::Uuid;

/// How many neighbours are called by name.
const NEIGHBOURS: usize = 500;

#[derive(Clone)]
pub(crate) struct Timeline {
    pub interactions: InteractionStore,
    pub relationships: RelationshipStore,
    pub graph: Arc<dyn Graph>,
}

impl Timeline {
    /// The newest first.
    pub async fn of(&self, workspace: WorkspaceId, person: &Person, query: &ListQuery) -> Result<Page<TimelineEntry>> {
        let limit = query.limit()?;
        let after: Option<(DateTime<Utc>, Uuid)> = query.after()?;
        let record = Ref::from(person.id);
        // All three are in the order of the timeline, so that its next page begins at the same place in each.
        let each = ListQuery::new(Some(limit), after.as_ref().map(Cursor::encode));
        let interactions = Interactions { query: each.clone(), with: Some(record), ..Interactions::default() };
        let relationships = Relationships { query: each, of: Some(record), kind: None };
        let interactions = self.interactions.list(workspace, interactions).await?;
        let relationships = self.relationships.list(workspace, relationships).await?;
        let more = interactions.next_cursor.is_some() || relationships.next_cursor.is_some();
        let labels = if relationships.items.is_empty() { HashMap::new() } else { self.labels(workspace, record).await? };
        let mut entries: Vec<TimelineEntry> = interactions.items.into_iter().map(interaction).collect();
        entries.extend(relationships.items.into_iter().map(|edge| relationship(edge, record, &labels)));
        if after.is_none_or(|after| (person.created_at, person.id.0) < after) {
            entries.push(created(person));
        }
        Ok(newest(entries, limit, more))
    }

    async fn labels(&self, workspace: WorkspaceId, record: Ref) -> Result<HashMap<Ref, String>> {
        let around = self.graph.neighbourhood(workspace, record, 1, NEIGHBOURS).await?;
        Ok(around.nodes.into_iter().map(|node| (node.record, node.label)).collect())
    }
}

fn newest(mut entries: Vec<TimelineEntry>, limit: i64, more: bool) -> Page<TimelineEntry> {
    entries.sort_by_key(|entry| std::cmp::Reverse((entry.at, entry.record.id)));
    let limit = limit as usize;
    let more = more || entries.len() > limit;
    entries.truncate(limit);
    let next_cursor = entries.last().filter(|_| more).map(|last| Cursor::encode(&(last.at, last.record.id)));
    Page { items: entries, next_cursor, total: None }
}

fn interaction(interaction: Interaction) -> TimelineEntry {
    let fields = interaction.fields;
    let detail = if fields.body.trim().is_empty() { None } else { Some(fields.body) };
    TimelineEntry { at: fields.at, kind: "interaction".into(), title: fields.subject, detail, record: interaction.id.into() }
}

fn relationship(edge: Relationship, of: Ref, labels: &HashMap<Ref, String>) -> TimelineEntry {
    let fields = edge.fields;
    let other = if fields.from == of { fields.to } else { fields.from };
    let other = labels.get(&other).cloned().unwrap_or_else(|| other.to_string());
    let title = format!("{} {other}", fields.kind.replace('_', " "));
    TimelineEntry { at: edge.created_at, kind: "relationship".into(), title, detail: fields.note, record: edge.id.into() }
}

fn created(person: &Person) -> TimelineEntry {
    TimelineEntry {
        at: person.created_at,
        kind: "created".into(),
        title: person.fields.name.clone(),
        detail: person.fields.source.clone(),
        record: person.id.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;
    use looma_kernel::types::RecordKind;

    fn entry(day: u32) -> TimelineEntry {
        let at = Utc.with_ymd_and_hms(2026, 1, day, 0, 0, 0).unwrap();
        TimelineEntry {
            at,
            kind: "created".into(),
            title: day.to_string(),
            detail: None,
            record: Ref::new(RecordKind::Person, Uuid::from_u128(u128::from(day))),
        }
    }

    #[test]
    fn the_newest_come_first_and_the_cursor_stands_after_the_last_shown() {
        let page = newest(vec![entry(1), entry(3), entry(2)], 2, false);
        assert_eq!(page.items.iter().map(|entry| entry.title.as_str()).collect::<Vec<_>>(), ["3", "2"]);
        let after: (DateTime<Utc>, Uuid) = Cursor::decode(&page.next_cursor.unwrap()).unwrap();
        assert_eq!(after, (entry(2).at, entry(2).record.id));
        assert_eq!(newest(vec![entry(1)], 2, false).next_cursor, None);
    }
}

//! A page of what changed: the outbox, each record at most once, in its last state.

use looma_kernel::types::mobile::{SyncPage, SyncRecord};
use looma_kernel::types::{Permission, RecordKind, Ref};
use looma_kernel::{Actor, Change, Cursor, Position};
use looma_store::Event;
use std::collections::HashMap;

/// What it takes to get records of a kind; `None` for kinds that are not synced.
pub(crate) const fn needs(kind: RecordKind) -> Option<Permission> {
    match kind {
        RecordKind::Person | RecordKind::Application => Some(Permission::ReadPeople),
        RecordKind::Company => Some(Permission::ReadCompanies),
        RecordKind::Job => Some(Permission::ReadJobs),
        RecordKind::Project => Some(Permission::ReadProjects),
        _ => None,
    }
}

/// Whether the event belongs in the actor's sync.
pub(crate) fn concerns(actor: &Actor, event: &Event) -> bool {
    event.change != Change::Note && needs(event.record.kind).is_some_and(|permission| actor.can(permission))
}

/// A page being filled with events, oldest first.
pub(crate) struct Filling {
    limit: usize,
    /// Where the page stands.
    pub position: Position,
    /// In order of each record's last change.
    records: HashMap<Ref, (Position, Option<SyncRecord>)>,
}

impl Filling {
    pub fn new(limit: usize, position: Position) -> Self {
        Self { limit, position, records: HashMap::new() }
    }

    /// Takes an event that concerns the actor; false when the page is full and the event belongs on the next.
    pub fn take(&mut self, event: Event) -> bool {
        if self.records.len() >= self.limit && !self.records.contains_key(&event.record) {
            return false;
        }
        let state = match event.change {
            Change::Upsert(projected) => {
                Some(SyncRecord { record: event.record, version: event.version, title: projected.title, subtitle: projected.subtitle })
            }
            Change::Delete | Change::Note => None,
        };
        self.position = event.position;
        self.records.insert(event.record, (event.position, state));
        true
    }

    pub fn page(self, more: bool) -> SyncPage {
        let mut records: Vec<_> = self.records.into_iter().collect();
        records.sort_unstable_by_key(|(_, (position, _))| *position);
        let mut page = SyncPage { changed: vec![], deleted: vec![], cursor: Cursor::encode(&self.position), more };
        for (record, (_, state)) in records {
            match state {
                Some(state) => page.changed.push(state),
                None => page.deleted.push(record),
            }
        }
        page
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use looma_kernel::types::{WorkspaceId, now};
    use looma_store::Projected;
    use uuid::Uuid;

    fn event(position: Position, record: Ref, title: Option<&str>) -> Event {
        let workspace = WorkspaceId::new();
        let change = title.map_or(Change::Delete, |title| Change::Upsert(Box::new(Projected::new(workspace, record, position, title))));
        Event {
            position,
            workspace,
            record,
            version: position,
            change,
            action: "test".into(),
            actor_id: None,
            actor_name: String::new(),
            request_id: None,
            detail: serde_json::Value::Null,
            at: now(),
            address: None,
            sequence: None,
        }
    }

    #[test]
    fn a_record_is_told_once_in_its_last_state() {
        let [ann, bob, cid] = [1, 2, 3].map(|n| Ref::new(RecordKind::Person, Uuid::from_u128(n)));
        let mut filling = Filling::new(10, 0);
        for event in [
            event(1, ann, Some("Ann")),
            event(2, bob, Some("Bob")),
            event(5, ann, Some("Anna")),
            event(7, bob, None),
            event(8, cid, Some("Cid")),
        ] {
            assert!(filling.take(event));
        }
        let page = filling.page(false);
        assert_eq!(
            page.changed.iter().map(|record| (record.title.as_str(), record.version)).collect::<Vec<_>>(),
            [("Anna", 5), ("Cid", 8)]
        );
        assert_eq!(page.deleted, [bob]);
        assert_eq!(Cursor::decode::<Position>(&page.cursor).unwrap(), 8);
    }

    #[test]
    fn a_full_page_ends_before_the_next_record_but_takes_news_of_its_own() {
        let [ann, bob] = [1, 2].map(|n| Ref::new(RecordKind::Person, Uuid::from_u128(n)));
        let mut filling = Filling::new(1, 0);
        assert!(filling.take(event(1, ann, Some("Ann"))));
        assert!(filling.take(event(2, ann, Some("Anna"))));
        assert!(!filling.take(event(3, bob, Some("Bob"))));
        let page = filling.page(true);
        assert_eq!(page.changed[0].title, "Anna");
        assert_eq!(Cursor::decode::<Position>(&page.cursor).unwrap(), 2);
    }
}

//! The rule that makes events idempotent: which version of a record may follow which.

use looma_types::{Ref, WorkspaceId};
use std::collections::HashMap;

/// A record, whichever workspace it is in.
pub type Key = (WorkspaceId, Ref);

/// A version: of a living record or of a tombstone, which keeps an older event from bringing the record back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version {
    pub number: i64,
    pub lives: bool,
}

impl Version {
    /// Whether this may follow what is held: never an older one, and a record that was deleted comes back with a later
    /// version only.
    pub fn follows(self, held: Option<Self>) -> bool {
        held.is_none_or(|held| self.number > held.number || (self.number == held.number && (held.lives || !self.lives)))
    }
}

/// Which of these take effect on what is held, in order; of each record the last one only.
pub fn effective<T>(
    changes: impl Iterator<Item = (Key, Version, T)>,
    mut held: impl FnMut(&Key) -> Option<Version>,
) -> Vec<(Key, Version, T)> {
    let mut kept: Vec<(Key, Version, T)> = Vec::new();
    let mut places: HashMap<Key, usize> = HashMap::new();
    for change in changes {
        let place = places.get(&change.0).copied();
        if !change.1.follows(place.map_or_else(|| held(&change.0), |place| Some(kept[place].1))) {
            continue;
        }
        if let Some(place) = place {
            kept[place] = change;
        } else {
            places.insert(change.0, kept.len());
            kept.push(change);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use looma_types::RecordKind;

    fn version(number: i64, lives: bool) -> Version {
        Version { number, lives }
    }

    #[test]
    fn an_older_version_never_follows() {
        assert!(version(1, true).follows(None));
        assert!(version(2, true).follows(Some(version(2, true))));
        assert!(version(2, false).follows(Some(version(2, true))));
        assert!(version(3, true).follows(Some(version(2, false))));
        assert!(!version(1, true).follows(Some(version(2, true))));
        assert!(!version(1, false).follows(Some(version(2, true))));
        assert!(!version(2, true).follows(Some(version(2, false))));
    }

    #[test]
    fn one_batch_may_change_a_record_twice() {
        let key = (WorkspaceId::new(), Ref::new(RecordKind::Job, uuid::Uuid::now_v7()));
        let changes = [(key, version(1, true), 'a'), (key, version(3, false), 'b'), (key, version(2, true), 'c')];
        assert_eq!(effective(changes.into_iter(), |_| None), vec![(key, version(3, false), 'b')]);
    }
}

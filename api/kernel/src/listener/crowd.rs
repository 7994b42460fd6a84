//! How many connections each address has, so that one alone cannot take all seats.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// Counts connections by address.
#[derive(Clone)]
pub(super) struct Crowd {
    most: usize,
    counts: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

/// One connection's place, given back when dropped.
pub(super) struct Place(Option<(Crowd, IpAddr)>);

impl Crowd {
    pub fn new(most: usize) -> Self {
        Self { most, counts: Arc::default() }
    }

    /// A place, or none where the address has its share. Who is trusted speaks for many and is not counted.
    pub fn enter(&self, address: IpAddr, is_trusted: bool) -> Option<Place> {
        if is_trusted {
            return Some(Place(None));
        }
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(address).or_default();
        if *count >= self.most {
            return None;
        }
        *count += 1;
        Some(Place(Some((self.clone(), address))))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some((crowd, address)) = self.0.take() else { return };
        let mut counts = crowd.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&address) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_its_share_and_leaves_nothing_behind() {
        let (crowd, one, other) = (Crowd::new(2), IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
        let first = crowd.enter(one, false).unwrap();
        let second = crowd.enter(one, false).unwrap();
        assert!(crowd.enter(one, false).is_none());
        assert!(crowd.enter(one, true).is_some() && crowd.enter(other, false).is_some());
        drop(first);
        assert!(crowd.enter(one, false).is_some());
        drop(second);
        assert!(crowd.counts.lock().unwrap().is_empty());
    }
}

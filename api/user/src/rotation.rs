//! When keys that sign access tokens begin, sign and go.
//!
//! A key is published for a while before it signs, so that whoever keeps a copy of the published keys knows it by then, and
//! it stays published until nothing that it signed is good any more.

use chrono::{DateTime, TimeDelta, Utc};

/// How long a key is published before it signs. Processes look for new keys far more often.
pub(crate) const AHEAD: TimeDelta = TimeDelta::minutes(10);

/// The times of a rotation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rotation {
    /// How long a key signs.
    pub period: TimeDelta,
    /// How long an access token is good.
    pub good_for: TimeDelta,
}

impl Rotation {
    /// Which of these keys signs, told by when they were made, newest first. The first of all signs at once.
    pub fn signing(made: &[DateTime<Utc>], now: DateTime<Utc>) -> usize {
        made.iter().position(|made| *made + AHEAD <= now).unwrap_or(made.len().saturating_sub(1))
    }

    /// Whether a key is to be made that follows the newest.
    pub fn is_due(self, newest: DateTime<Utc>, now: DateTime<Utc>) -> bool {
        newest + self.period <= now
    }

    /// From where on keys have no use any more: another signs, and has for longer than their last token was good, with time for
    /// processes that noticed late.
    pub fn over(self, made: &[DateTime<Utc>], now: DateTime<Utc>) -> usize {
        made.iter().position(|made| *made + AHEAD + self.good_for + AHEAD <= now).map_or(made.len(), |place| place + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROTATION: Rotation = Rotation { period: TimeDelta::hours(1), good_for: TimeDelta::minutes(15) };

    /// A day in which every process looks once a minute, each at another second: whatever any of them has signed can be checked
    /// with the keys that any of them publishes, as long as it is good.
    #[test]
    fn no_token_outlives_its_key_and_no_key_signs_before_it_is_known() {
        let start = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let at = |second: i64| start + TimeDelta::seconds(second);
        // What the store holds, newest first, and what each of three processes has read of it.
        let mut kept = vec![start];
        let mut read = [kept.clone(), kept.clone(), kept.clone()];
        let mut signed: Vec<(DateTime<Utc>, DateTime<Utc>)> = Vec::new();
        let (mut all, mut most) = (1, 1);
        for second in 0..24 * 60 * 60 {
            let now = at(second);
            for (process, read) in read.iter_mut().enumerate() {
                if second % 60 == process as i64 * 20 {
                    if ROTATION.is_due(kept[0], now) {
                        kept.insert(0, now);
                        all += 1;
                    }
                    kept.truncate(ROTATION.over(&kept, now));
                    read.clone_from(&kept);
                }
                if second % 30 == 0 {
                    signed.push((read[Rotation::signing(read, now)], now));
                }
            }
            signed.retain(|(_, signed_at)| *signed_at + ROTATION.good_for > now);
            for (key, signed_at) in &signed {
                assert!(*key == start || *key + AHEAD <= *signed_at, "signed with a key that was not known for long enough");
                assert!(read.iter().all(|read| read.contains(key)), "a good token's key is not published everywhere at {now}");
            }
            most = most.max(kept.len());
        }
        assert_eq!(all, 24);
        assert_eq!(most, 2, "no more keys are kept than are of use");
    }

    #[test]
    fn after_a_long_rest_the_old_key_signs_until_the_next_is_known() {
        let made = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let later = made + TimeDelta::days(400);
        assert!(ROTATION.is_due(made, later));
        let keys = [later, made];
        assert_eq!(Rotation::signing(&keys, later), 1);
        assert_eq!(ROTATION.over(&keys, later), 2);
        assert_eq!(Rotation::signing(&keys, later + AHEAD), 0);
        assert_eq!(ROTATION.over(&keys, later + AHEAD + ROTATION.good_for), 2);
        assert_eq!(ROTATION.over(&keys, later + AHEAD + ROTATION.good_for + AHEAD), 1);
    }
}

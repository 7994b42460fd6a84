//! What every cache must do.

use crate::{Cache, Error};
use bytes::Bytes;
use futures::future::join_all;
use std::time::Duration;

const LONG: Duration = Duration::from_mins(1);

/// Runs on an empty cache; takes about half a second, for values have to end.
pub async fn suite(cache: &dyn Cache) {
    values(cache).await;
    any_bytes(cache).await;
    ends(cache).await;
    claims(cache).await;
    counters(cache).await;
    limits(cache).await;
    cache.ping().await.expect("it answers");
}

async fn values(cache: &dyn Cache) {
    assert_eq!(cache.get("a:1").await.unwrap(), None);
    cache.set("a:1", Bytes::from_static(b"one"), LONG).await.unwrap();
    cache.set("a:2", "二".into(), LONG).await.unwrap();
    assert_eq!(cache.get("a:1").await.unwrap(), Some("one".into()));
    assert_eq!(cache.get("a:2").await.unwrap(), Some("二".into()));
    cache.set("a:1", "uno".into(), LONG).await.unwrap();
    assert_eq!(cache.get("a:1").await.unwrap(), Some("uno".into()));
    assert!(cache.delete("a:1").await.unwrap(), "it was there");
    assert!(!cache.delete("a:1").await.unwrap(), "it was gone");
    assert_eq!(cache.get("a:1").await.unwrap(), None);
    cache.set("empty", Bytes::new(), LONG).await.unwrap();
    assert_eq!(cache.get("empty").await.unwrap(), Some(Bytes::new()));
}

async fn any_bytes(cache: &dyn Cache) {
    let all: Bytes = (0..=255).collect::<Vec<u8>>().into();
    let long = "k".repeat(512);
    let keys = ["工作:区", "a b\r\nc", "a:*", "a:?", "{a}:1", "\u{0}", "%s", "é", "e\u{301}", &long];
    for (number, key) in keys.iter().enumerate() {
        cache.set(key, [&all[..], &[u8::try_from(number).unwrap()]].concat().into(), LONG).await.unwrap();
    }
    for (number, key) in keys.iter().enumerate() {
        let value = cache.get(key).await.unwrap().unwrap_or_else(|| panic!("{key:?} is there"));
        assert_eq!((&value[..256], usize::from(value[256])), (&all[..], number), "{key:?} is a key of its own");
        assert!(cache.delete(key).await.unwrap());
    }
    let at_once = join_all((0..50_u8).map(|number| cache.set("last", vec![number; 10_000].into(), LONG))).await;
    assert!(at_once.iter().all(Result::is_ok));
    let last = cache.get("last").await.unwrap().unwrap();
    assert!(last.len() == 10_000 && last.iter().all(|byte| *byte == last[0]), "one of the values, whole");
}

async fn ends(cache: &dyn Cache) {
    let short = Duration::from_millis(60);
    cache.set("short", "x".into(), short).await.unwrap();
    cache.set("renewed", "x".into(), short).await.unwrap();
    cache.set("renewed", "y".into(), LONG).await.unwrap();
    assert!(cache.set_if_absent("lease", "x".into(), short).await.unwrap());
    assert!(!cache.set_if_absent("lease", "y".into(), short).await.unwrap());
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(cache.get("short").await.unwrap(), None, "a value ends");
    assert!(!cache.delete("short").await.unwrap(), "what has ended is gone");
    assert_eq!(cache.get("renewed").await.unwrap(), Some("y".into()), "the last end counts");
    assert!(cache.set_if_absent("lease", "z".into(), LONG).await.unwrap(), "a lease that ended can be taken");
    assert_eq!(cache.get("lease").await.unwrap(), Some("z".into()));
    cache.set("forever", "x".into(), Duration::MAX).await.unwrap();
    assert_eq!(cache.get("forever").await.unwrap(), Some("x".into()));
}

async fn claims(cache: &dyn Cache) {
    let all = join_all((0..50).map(|claim| cache.set_if_absent("once", claim.to_string().into(), LONG))).await;
    let winners: Vec<usize> = all.into_iter().enumerate().filter(|(_, won)| *won.as_ref().unwrap()).map(|(claim, _)| claim).collect();
    assert_eq!(winners.len(), 1, "one claim wins");
    assert_eq!(cache.get("once").await.unwrap(), Some(winners[0].to_string().into()));
}

async fn counters(cache: &dyn Cache) {
    let mut seen: Vec<i64> = join_all((0..100).map(|_| cache.add("count", 1, LONG))).await.into_iter().map(Result::unwrap).collect();
    seen.sort_unstable();
    assert_eq!(seen, (1..=100).collect::<Vec<i64>>(), "no step is lost or doubled");
    assert_eq!(cache.add("count", -40, LONG).await.unwrap(), 60);
    assert_eq!(cache.add("window", 5, Duration::from_millis(150)).await.unwrap(), 5);
    tokio::time::sleep(Duration::from_millis(80)).await;
    assert_eq!(cache.add("window", 1, Duration::from_millis(150)).await.unwrap(), 6);
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(cache.add("window", 1, LONG).await.unwrap(), 1, "a counter ends after its first use, not its last");
    assert_eq!(cache.get("count").await.unwrap(), Some("60".into()), "a counter can be read");
    assert_eq!(cache.add("high", i64::MAX - 1, LONG).await.unwrap(), i64::MAX - 1, "every number is exact");
    assert_eq!(cache.add("high", 2, LONG).await.unwrap(), i64::MAX, "the largest number is not passed");
    assert_eq!(cache.add("high", -1, LONG).await.unwrap(), i64::MAX - 1);
    assert_eq!(cache.add("low", -1, LONG).await.unwrap(), -1);
    assert_eq!(cache.add("low", i64::MIN, LONG).await.unwrap(), i64::MIN);
    cache.set("word", "seven".into(), LONG).await.unwrap();
    assert!(matches!(cache.add("word", 1, LONG).await, Err(Error::BadQuery(_))), "a word cannot be counted on");
    assert_eq!(cache.get("word").await.unwrap(), Some("seven".into()));
}

async fn limits(cache: &dyn Cache) {
    let long_key = "k".repeat(513);
    assert!(matches!(cache.set(&long_key, "x".into(), LONG).await, Err(Error::BadQuery(_))));
    assert!(matches!(cache.set_if_absent(&long_key, "x".into(), LONG).await, Err(Error::BadQuery(_))));
    assert!(matches!(cache.add(&long_key, 1, LONG).await, Err(Error::BadQuery(_))));
    assert!(matches!(cache.set("", "x".into(), LONG).await, Err(Error::BadQuery(_))));
    assert!(matches!(cache.set("big", vec![0; 1024 * 1024 + 1].into(), LONG).await, Err(Error::BadQuery(_))));
    cache.set("big", vec![7; 1024 * 1024].into(), LONG).await.unwrap();
    assert_eq!(cache.get("big").await.unwrap().map(|value| value.len()), Some(1024 * 1024));
}

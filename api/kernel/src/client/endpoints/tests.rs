use super::*;

const REST: Duration = Duration::from_secs(5);

fn copies(urls: &[&str]) -> Endpoints {
    let settings = GatewaySettings { breaker_failures: 2, breaker_open_seconds: REST.as_secs(), ..GatewaySettings::default() };
    Endpoints::elsewhere(ServiceName::Job, urls.iter().map(|url| (*url).to_owned()).collect(), &settings)
}

fn picked(copies: &Endpoints, can_move: bool, now: Instant) -> &str {
    copies.pick(None, can_move, now).unwrap().endpoint().url()
}

/// Opens the breaker of the first copy.
fn fail(copies: &Endpoints, now: Instant) {
    for _ in 0..2 {
        copies.all[0].ask(now).unwrap().answered(false);
    }
}

#[test]
fn of_two_the_one_with_less_to_do_is_asked() {
    let (copies, now) = (copies(&["a", "b"]), Instant::now());
    let busy: Vec<_> = (0..10).map(|_| copies.all[0].ask(now).unwrap()).collect();
    assert!((0..50).all(|_| picked(&copies, true, now) == "b"), "both are always compared");
    drop(busy);
    let mut seen: Vec<_> = (0..200).map(|_| picked(&copies, true, now)).collect();
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen, ["a", "b"], "where they are equal, chance decides");
}

#[test]
fn of_two_the_faster_is_asked_until_it_has_too_much_to_do() {
    let (copies, now) = (copies(&["a", "b"]), Instant::now());
    for (endpoint, ms) in copies.all.iter().zip([100, 20]) {
        endpoint.standing().latency.took(Duration::from_millis(ms), now);
    }
    let busy: Vec<_> = (0..5).map(|_| copies.pick(None, true, now).unwrap()).collect();
    let urls: Vec<_> = busy.iter().map(|asked| asked.endpoint().url()).collect();
    assert_eq!(urls[..4], ["b"; 4], "20 × 4 is less than 100 × 1");
    drop(busy);
    let later = now + Duration::from_mins(2);
    let seen: Vec<_> = (0..200).map(|_| picked(&copies, true, later)).collect();
    assert!(seen.contains(&"a"), "who was slow is asked again after a while");
}

#[test]
fn who_fails_is_left_alone_and_then_tried_by_who_can_move_on() {
    let (copies, now) = (copies(&["a", "b"]), Instant::now());
    fail(&copies, now);
    let state = &copies.states(now)[0];
    assert_eq!((state.state, state.ejected, state.healthy, state.under_way), (Phase::Open, true, true, 0));
    assert!((0..50).all(|_| picked(&copies, true, now) == "b"));
    assert!(copies.pick(Some(&copies.all[1]), true, now).is_err_and(|wait| wait.is_some_and(|wait| wait <= REST)));

    // Its rest is measured from when the failures came, which is after `now`.
    let rested = Instant::now() + REST;
    assert!((0..50).all(|_| picked(&copies, false, rested) == "b"), "who cannot move on asks the one that is well");
    let probe = copies.pick(None, true, rested).unwrap();
    assert_eq!(probe.endpoint().url(), "a");
    assert!((0..50).all(|_| picked(&copies, true, rested) == "b"), "one probe at a time");
    probe.answered(true);
    assert_eq!(copies.states(rested)[0].state, Phase::Closed);
}

#[test]
fn where_all_rest_it_is_told_for_how_long() {
    let (copies, now) = (copies(&["a"]), Instant::now());
    fail(&copies, now);
    assert!(matches!(copies.pick(None, true, now), Err(Some(wait)) if wait <= REST + Duration::from_secs(1)));
    assert!(matches!(copies.pick(Some(&copies.all[0]), true, now), Err(None)), "there is no other");
    assert_eq!(picked(&copies, false, Instant::now() + REST), "a", "after its rest it is asked by anybody");
}

#[test]
fn who_says_twice_that_it_is_not_ready_is_not_asked_until_it_is() {
    let (copies, now) = (copies(&["a", "b"]), Instant::now());
    let seen = |url: &str| (0..200).any(|_| picked(&copies, true, now) == url);
    copies.all[0].checked(false);
    assert!(seen("a"), "once can be an accident");
    copies.all[0].checked(false);
    assert!(!seen("a"));
    assert!(copies.states(now)[0].ejected && !copies.states(now)[0].healthy);
    (0..2).for_each(|_| copies.all[1].checked(false));
    assert!(seen("a") && seen("b"), "where none is ready, the checks may be what is wrong");
    copies.all[0].checked(true);
    assert!(seen("a") && !seen("b"));
}

#[test]
fn where_only_one_knows_it_is_always_asked() {
    let (copies, now) = (copies(&["a", "b"]).one_at_a_time(), Instant::now());
    let busy: Vec<_> = (0..50).map(|_| copies.pick(None, true, now).unwrap()).collect();
    assert!(busy.iter().all(|asked| asked.endpoint().url() == "a"));
    drop(busy);
    fail(&copies, now);
    assert_eq!(picked(&copies, true, now), "b", "while it rests another is");
}

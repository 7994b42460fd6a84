use super::*;
use garde::Validate;
use looma_skill::taxonomy::{Lang, canonical};
use std::collections::HashSet;

fn demo() -> Demo {
    Demo::new(NaiveDate::from_ymd_opt(2026, 11, 22).unwrap())
}

#[test]
fn there_is_as_much_as_promised_and_it_is_the_same_every_time() {
    let (one, other) = (demo(), demo());
    assert_eq!((one.people.len(), one.employers.len(), one.openings.len()), (200, 60, 40));
    assert_eq!(one.ties.len() + one.contacts.len(), 2_000);
    assert!(one.candidacies.len() > 80);
    assert!(one.people.iter().zip(&other.people).all(|(a, b)| a.draft == b.draft && a.resume == b.resume));
    assert!(one.contacts.iter().zip(&other.contacts).all(|(a, b)| a.subject == b.subject && a.at == b.at));
}

#[test]
fn every_record_is_one_the_services_accept() {
    let demo = demo();
    for employer in &demo.employers {
        employer.draft.validate().unwrap();
    }
    for person in &demo.people {
        person.draft.validate().unwrap();
        assert!(!person.resume.work.is_empty() && !person.resume.education.is_empty() && person.resume.skills.len() >= 3);
    }
    for opening in &demo.openings {
        opening.draft.validate().unwrap();
    }
}

#[test]
fn nobody_can_be_reached_by_mistake_and_nobody_is_there_twice() {
    let demo = demo();
    let unique = |values: Vec<&String>| values.iter().collect::<HashSet<_>>().len() == values.len();
    assert!(unique(demo.people.iter().flat_map(|person| &person.draft.emails).collect()));
    assert!(unique(demo.people.iter().flat_map(|person| &person.draft.phones).collect()));
    assert!(unique(demo.people.iter().map(|person| &person.draft.name).collect()));
    assert!(unique(demo.employers.iter().map(|employer| &employer.draft.name).collect()));
    assert!(demo.people.iter().flat_map(|person| &person.draft.emails).all(|email| email.contains("@example.")));
    assert!(
        demo.people
            .iter()
            .flat_map(|person| &person.draft.phones)
            .all(|phone| { phone.starts_with("+86 100 ") || phone.contains(" 555 01") || phone.starts_with("+44 7700 900") })
    );
}

#[test]
fn both_languages_are_there_and_skills_are_known() {
    let demo = demo();
    let chinese = demo.people.iter().filter(|person| person.lang == Lang::Zh).count();
    assert!((90..150).contains(&chinese), "{chinese}");
    for trade in trades::TRADES {
        for skill in trade.skills {
            assert_eq!(canonical(skill).map(|skill| skill.name.as_str()), Some(*skill));
        }
    }
}

#[test]
fn careers_are_coherent() {
    let demo = demo();
    let today = NaiveDate::from_ymd_opt(2026, 11, 22).unwrap();
    for person in &demo.people {
        assert!(person.jobs[0].until.is_none());
        for pair in person.jobs.windows(2) {
            assert!(pair[1].until.is_some_and(|until| pair[1].since < until && until < pair[0].since));
        }
        assert!(person.jobs.iter().all(|job| job.since <= today));
    }
    for tie in demo.ties.iter().filter(|tie| tie.kind == "worked_with") {
        let (End::Person(one), End::Person(other)) = (tie.from, tie.to) else { panic!("colleagues are people") };
        let at = |person: usize| demo.people[person].jobs.iter().map(|job| job.company).collect::<HashSet<_>>();
        assert!(!at(one).is_disjoint(&at(other)));
    }
    for kind in ["employed_by", "worked_with", "studied_with", "referred_by"] {
        assert!(demo.ties.iter().filter(|tie| tie.kind == kind).count() > 20, "{kind}");
    }
    assert!(
        demo.contacts
            .iter()
            .all(|contact| contact.at.date_naive() < today && !contact.subject.contains('{') && !contact.body.contains('{'))
    );
}

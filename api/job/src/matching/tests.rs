use super::*;
use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

fn frame() -> Frame<'static> {
    Frame { taxonomy: Taxonomy::seed(), today: NaiveDate::from_ymd_opt(2026, 11, 1).unwrap(), lang: Lang::En }
}

fn posting() -> Posting {
    let wanted = |name: &str, required| Wanted { name: name.to_owned(), level: None, required };
    Posting {
        title: "Senior Rust engineer".to_owned(),
        description: "5+ years of work, a bachelor's degree, fluent English.".to_owned(),
        location: Some("上海".to_owned()),
        remote: Remote::Hybrid,
        skills: vec![wanted("Rust", true), wanted("k8s", true), wanted("COBOL", false), wanted("FrobnicatorDB", false)],
    }
}

fn ann() -> JsonResume {
    serde_json::from_value(json!({
        "basics": {"name": "Ann", "label": "Rust engineer", "location": {"city": "Shanghai"}},
        "work": [
            {"name": "Mill", "position": "Backend engineer", "startDate": "2019-03", "summary": "Moved payment services from Java to Rust and ran them on Kubernetes."},
            {"name": "Loom", "position": "Developer", "startDate": "2016", "endDate": "2019-02", "highlights": ["Kept FrobnicatorDB alive"]}
        ],
        "education": [{"institution": "Fudan", "studyType": "Bachelor", "area": "Computer science"}],
        "languages": [{"language": "English", "fluency": "fluent"}],
        "skills": [{"name": "Rust", "level": "expert"}]
    }))
    .unwrap()
}

fn bob() -> JsonResume {
    serde_json::from_value(json!({
        "basics": {"name": "Bob", "label": "护士"},
        "work": [{"name": "Ward", "position": "护士", "startDate": "2020-01", "endDate": "present", "summary": "临床护理"}]
    }))
    .unwrap()
}

fn candidate(id: u128, content: &JsonResume) -> Candidate<'_> {
    Candidate {
        person_id: Uuid::from_u128(id).into(),
        resume_id: Uuid::from_u128(id).into(),
        name: "",
        content,
        text_rank: Some(1),
        vector_rank: None,
    }
}

fn reason<'a>(found: &'a Match, feature: &str) -> &'a Reason {
    found.reasons.iter().find(|reason| reason.feature == feature).unwrap()
}

#[test]
fn the_one_who_fits_comes_first_and_the_other_is_not_rejected() {
    let (ann, bob) = (ann(), bob());
    let found = rank(&posting(), &[candidate(1, &bob), candidate(2, &ann)], frame());
    assert_eq!(found.iter().map(|found| found.person_id.0.as_u128()).collect::<Vec<_>>(), [2, 1]);
    assert!(found[0].score > 0.8 && found[1].score < 0.4, "{} {}", found[0].score, found[1].score);
    assert_eq!(found[0].missing, ["COBOL"]);
    assert_eq!(found[1].missing, ["Rust", "k8s", "COBOL", "FrobnicatorDB"]);
    for (feature, value) in
        [("required_skills", 1.0), ("experience", 1.0), ("education", 1.0), ("location", 1.0), ("language", 1.0), ("preferred_skills", 0.5)]
    {
        assert!((reason(&found[0], feature).value - value).abs() < 1e-9, "{feature}");
    }
}

#[test]
fn every_quote_stands_in_the_resume() {
    let ann = ann();
    let document = serde_json::to_value(&ann).unwrap();
    let found = rank(&posting(), &[candidate(1, &ann)], frame());
    let mut quotes = 0;
    for evidence in found[0].reasons.iter().flat_map(|reason| &reason.evidence) {
        let text = document.pointer(&evidence.pointer).and_then(Value::as_str).unwrap();
        assert!(!evidence.quote.is_empty() && text.contains(&evidence.quote), "{evidence:?}");
        quotes += 1;
    }
    assert!(quotes >= 6);
    assert!(reason(&found[0], "required_skills").evidence.iter().any(|evidence| evidence.pointer == "/work/0/summary"));
}

#[test]
fn a_long_text_is_quoted_around_the_skill() {
    let text = format!("{} Here Rust was used for the ledger. {}", "过去的事情很多。".repeat(50), "And much more ".repeat(40));
    let resume: JsonResume = serde_json::from_value(json!({"work": [{"summary": text}]})).unwrap();
    let found = rank(&posting(), &[candidate(1, &resume)], frame());
    let quote = &reason(&found[0], "required_skills").evidence[0].quote;
    assert!(quote.contains("Rust was used") && text.contains(quote.as_str()) && quote.chars().count() <= 170, "{quote}");
}

#[test]
fn a_narrower_skill_shows_the_broader_and_a_near_one_counts_a_little() {
    let sql = Posting { skills: vec![Wanted { name: "SQL".to_owned(), level: None, required: true }], ..Posting::default() };
    let resume = |skill: &str| serde_json::from_value::<JsonResume>(json!({"skills": [{"name": skill}]})).unwrap();
    let (mysql, data, bread) = (resume("MySQL"), resume("Databases"), resume("烘焙"));
    let found = rank(&sql, &[candidate(1, &mysql), candidate(2, &data), candidate(3, &bread)], frame());
    assert_eq!(found.iter().map(|found| found.missing.len()).collect::<Vec<_>>(), [0, 1, 1]);
    assert!(found[0].score > found[1].score && found[1].score > found[2].score);
}

#[test]
fn a_person_with_two_resumes_stands_once_with_the_better_one() {
    let (ann, bob) = (ann(), bob());
    let worse = Candidate { resume_id: Uuid::from_u128(9).into(), ..candidate(1, &bob) };
    let found = rank(&posting(), &[worse, candidate(1, &ann)], frame());
    assert_eq!((found.len(), found[0].resume_id.0.as_u128()), (1, 1));
}

#[test]
fn nothing_asked_and_nothing_written_is_no_panic() {
    let empty = JsonResume::default();
    let found = rank(&Posting::default(), &[candidate(1, &empty)], frame());
    assert!((0.0..=1.0).contains(&found[0].score) && found[0].missing.is_empty());
    assert!(rank(&Posting::default(), &[], frame()).is_empty());
}

/// Skills that occur in postings and resumes below.
const NAMES: [&str; 14] = [
    "Rust",
    "Python",
    "Go",
    "SQL",
    "MySQL",
    "Kubernetes",
    "Docker",
    "机器学习",
    "PyTorch",
    "英语",
    "French",
    "FrobnicatorDB",
    "Teamwork",
    "Excel",
];
const LEVELS: [Option<&str>; 4] = [None, Some("beginner"), Some("熟练"), Some("expert")];

fn any_resume() -> impl Strategy<Value = JsonResume> {
    let skills = prop::collection::vec((0..NAMES.len(), 0..LEVELS.len()), 0..6);
    let work = prop::collection::vec((0..NAMES.len(), 1990u32..2026, 0u32..10, any::<bool>()), 0..4);
    (skills, work, "\\PC{0,60}").prop_map(|(skills, work, summary)| {
        serde_json::from_value(json!({
            "basics": {"summary": summary},
            "skills": skills.iter().map(|(name, level)| json!({"name": NAMES[*name], "level": LEVELS[*level]})).collect::<Vec<_>>(),
            "work": work.iter().map(|(name, start, years, open)| json!({
                "position": format!("{} engineer", NAMES[*name]), "summary": format!("使用{}", NAMES[*name]),
                "startDate": start.to_string(), "endDate": (!open).then(|| (start + years).to_string())
            })).collect::<Vec<_>>()
        }))
        .unwrap()
    })
}

fn any_posting() -> impl Strategy<Value = Posting> {
    let skills = prop::collection::vec((0..NAMES.len(), prop::option::of(1u8..=5), any::<bool>()), 0..6);
    (skills, "\\PC{0,40}", 0u32..12).prop_map(|(skills, title, years)| Posting {
        title,
        description: format!("{years}+ years, 本科, English"),
        location: Some("Berlin".to_owned()),
        remote: Remote::OnSite,
        skills: skills.into_iter().map(|(name, level, required)| Wanted { name: NAMES[name].to_owned(), level, required }).collect(),
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn scores_and_weights_stay_in_range(posting in any_posting(), resume in any_resume(), text in prop::option::of(0u32..5000), vector in prop::option::of(0u32..5000)) {
        let found = rank(&posting, &[Candidate { text_rank: text, vector_rank: vector, ..candidate(1, &resume) }], frame());
        prop_assert!((0.0..=1.0).contains(&found[0].score));
        prop_assert!((found[0].reasons.iter().map(|reason| reason.weight).sum::<f64>() - 1.0).abs() < 1e-9);
        prop_assert!(found[0].reasons.iter().all(|reason| (0.0..=1.0).contains(&reason.value) && !reason.text.is_empty()));
    }

    #[test]
    fn learning_a_required_skill_never_lowers_the_score(posting in any_posting(), resume in any_resume(), pick in any::<prop::sample::Index>()) {
        prop_assume!(!posting.skills.is_empty());
        let learnt = &posting.skills[pick.index(posting.skills.len())].name;
        let mut better = resume.clone();
        better.skills.push(serde_json::from_value(json!({"name": learnt})).unwrap());
        let before = &rank(&posting, &[candidate(1, &resume)], frame())[0];
        let after = &rank(&posting, &[candidate(1, &better)], frame())[0];
        prop_assert!(after.score >= before.score, "{} then {}", before.score, after.score);
        prop_assert!(!after.missing.contains(learnt));
    }

    #[test]
    fn the_order_of_candidates_does_not_matter(posting in any_posting(), resumes in prop::collection::vec(any_resume(), 1..6), shift in 0usize..6) {
        let candidates: Vec<_> = resumes.iter().enumerate().map(|(at, resume)| candidate(at as u128 % 4, resume)).enumerate()
            .map(|(at, one)| Candidate { resume_id: Uuid::from_u128(at as u128).into(), ..one }).collect();
        let mut turned = candidates.clone();
        turned.rotate_left(shift % candidates.len());
        turned.reverse();
        prop_assert_eq!(rank(&posting, &candidates, frame()), rank(&posting, &turned, frame()));
    }
}

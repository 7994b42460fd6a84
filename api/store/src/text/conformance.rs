//! What every text index must do.

use super::{KINDS, TextAnswer, TextQuery};
use crate::trial::{delete, note, person, record, upsert};
use crate::{Event, Projected, TextIndex};
use looma_types::search::FacetCount;
use looma_types::{RecordKind, Ref, WorkspaceId};
use std::collections::BTreeMap;

/// Runs on an empty index; uses workspaces of its own.
pub async fn suite(index: &dyn TextIndex) {
    assert_eq!(index.name(), "text");
    english(index).await;
    chinese(index).await;
    technical_names(index).await;
    order(index).await;
    filters_and_facets(index).await;
    pages(index).await;
    snippets(index).await;
    suggestions(index).await;
    versions(index).await;
    workspaces(index).await;
    odd_input(index).await;
    positions(index).await;
    beside(index).await;
    index.ping().await.expect("it answers");
}

/// What was applied is there after the index was closed and opened; the same again changes nothing.
pub async fn restart<T: TextIndex>(open: impl AsyncFn() -> T) {
    let workspace = WorkspaceId::new();
    let events: Vec<Event> =
        (0..30).map(|number| upsert(number + 1, found(workspace, number as u64, &format!("工程师 {number}"), ""))).collect();
    let index = open().await;
    index.apply(&events, 30).await.unwrap();
    index.apply(&[delete(31, workspace, person(3), 2)], 31).await.unwrap();
    let answer = index.search(workspace, &query("工程师")).await.unwrap();
    let inventory = index.inventory().await.unwrap();
    assert_eq!((answer.total, inventory.len()), (29, 29));
    drop(index);
    let index = open().await;
    for _ in 0..2 {
        assert_eq!(index.position().await.unwrap(), 31);
        assert_eq!(records(&index.search(workspace, &query("工程师")).await.unwrap()), records(&answer));
        assert_eq!(index.inventory().await.unwrap(), inventory);
        index.apply(&events, 31).await.unwrap();
    }
    let fresh = index.beside().await.unwrap();
    fresh.apply(&[upsert(40, found(workspace, 40, "New", ""))], 40).await.unwrap();
    index.switch().await.unwrap();
    drop((index, fresh));
    let index = open().await;
    assert_eq!(index.position().await.unwrap(), 40, "the one that took over stays");
    assert_eq!(records(&index.search(workspace, &query("")).await.unwrap()), [person(40)]);
    index.clear().await.unwrap();
    drop(index);
    let index = open().await;
    assert_eq!(index.position().await.unwrap(), 0);
    assert!(index.inventory().await.unwrap().is_empty());
    assert_eq!(index.search(workspace, &query("")).await.unwrap().total, 0);
}

/// A person that can be found.
fn found(workspace: WorkspaceId, number: u64, title: &str, text: &str) -> Projected {
    Projected::new(workspace, person(number), 1, title).searchable().text("summary", text)
}

fn query(text: &str) -> TextQuery {
    TextQuery { text: text.into(), limit: 100, ..TextQuery::default() }
}

fn records(answer: &TextAnswer) -> Vec<Ref> {
    answer.hits.iter().map(|hit| hit.record).collect()
}

/// The numbers of the people found, in order of number.
async fn numbers(index: &dyn TextIndex, workspace: WorkspaceId, text: &str) -> Vec<u64> {
    let answer = index.search(workspace, &query(text)).await.unwrap();
    assert_eq!(answer.total as usize, answer.hits.len());
    let mut numbers: Vec<u64> = answer.hits.iter().map(|hit| hit.record.id.as_u64_pair().1 & 0xFFFF).collect();
    numbers.sort_unstable();
    numbers
}

async fn fill(index: &dyn TextIndex, people: &[(&str, &str)]) -> WorkspaceId {
    let workspace = WorkspaceId::new();
    let events: Vec<Event> =
        people.iter().enumerate().map(|(number, (title, text))| upsert(0, found(workspace, number as u64, title, text))).collect();
    index.apply(&events, 0).await.unwrap();
    workspace
}

async fn english(index: &dyn TextIndex) {
    let people = [
        ("José Álvarez", "Software engineer; machine learning, 3 years."),
        ("Ann O'Brien", "Engineering manager. Learning to machine steel."),
        ("Bo Woods", "Sales <director> in Berlin & Paris, ann.obrien@example.com"),
    ];
    let ws = fill(index, &people).await;
    assert_eq!(numbers(index, ws, "").await, [0, 1, 2], "nothing asked is everything");
    assert_eq!(numbers(index, ws, "engineers").await, [0, 1], "words are found in their other forms");
    assert_eq!(numbers(index, ws, "jose ALVAREZ").await, [0], "accents and capitals make no difference");
    assert_eq!(numbers(index, ws, "machine learning").await, [0, 1], "all words must be there");
    assert_eq!(numbers(index, ws, "\"machine learning\"").await, [0], "a phrase stands in a row");
    assert_eq!(numbers(index, ws, "machine -manager").await, [0]);
    assert_eq!(numbers(index, ws, "-\"machine learning\"").await, [1, 2], "only what is left out: all others");
    assert_eq!(numbers(index, ws, "obrien").await, [1, 2]);
    assert_eq!(numbers(index, ws, "ann.obrien@example.com").await, [2]);
    assert_eq!(numbers(index, ws, "berlin sales director").await, [2]);
    assert_eq!(numbers(index, ws, "berlin rome").await, [0_u64; 0]);
    let any = TextQuery { any_word: true, ..query("berlin rome machine") };
    assert_eq!(index.search(ws, &any).await.unwrap().total, 3, "any word is enough where asked");
    let any = TextQuery { any_word: true, ..query("berlin machine -paris") };
    assert_eq!(index.search(ws, &any).await.unwrap().total, 2);
    let none = TextQuery { any_word: true, ..query("rome -paris") };
    assert_eq!(index.search(ws, &none).await.unwrap().total, 0, "none of the words is nowhere");
    let unheard: Vec<String> = (0..200).map(|word| format!("x{word}")).collect();
    let long = TextQuery { any_word: true, ..query(&format!("{} steel", unheard.join(" "))) };
    assert_eq!(records(&index.search(ws, &long).await.unwrap()), [person(1)], "words that stand nowhere hide no other");
}

async fn chinese(index: &dyn TextIndex) {
    let people = [
        ("王芳", "高级后端工程师，在北京大学学习计算机科学"),
        ("王芳华", "产品经理，熟悉机器学习"),
        ("李伟 (Wei Li)", "学习机器的使用，Java开发工程师"),
    ];
    let ws = fill(index, &people).await;
    assert_eq!(numbers(index, ws, "王芳").await, [0, 1], "a name is found within a longer one");
    assert_eq!(numbers(index, ws, "王").await, [0, 1]);
    assert_eq!(numbers(index, ws, "工程师").await, [0, 2]);
    assert_eq!(numbers(index, ws, "后端工程师").await, [0], "words without spaces are words");
    assert_eq!(numbers(index, ws, "工程师 java").await, [2]);
    assert_eq!(numbers(index, ws, "“机器学习”").await, [1]);
    assert_eq!(numbers(index, ws, "北京").await, [0]);
    assert_eq!(numbers(index, ws, "工程师 -后端").await, [2]);
    assert_eq!(numbers(index, ws, "上海").await, [0_u64; 0]);
    assert_eq!(numbers(index, ws, "ｊａｖａ").await, [2], "full width makes no difference");
    assert_eq!(numbers(index, ws, "li 李伟").await, [2]);
}

async fn technical_names(index: &dyn TextIndex) {
    let people = [("A", "C++ and Node.js"), ("B", "C# on .NET"), ("C", "plain C, nodejs, front-end"), ("D", "frontend, ASP.NET, Go")];
    let ws = fill(index, &people).await;
    assert_eq!(numbers(index, ws, "C++").await, [0]);
    assert_eq!(numbers(index, ws, "c#").await, [1]);
    assert_eq!(numbers(index, ws, "c -plain").await, [2_u64; 0], "C is neither C++ nor C#");
    assert_eq!(numbers(index, ws, "node.js").await, [0, 2]);
    assert_eq!(numbers(index, ws, "NodeJS").await, [0, 2]);
    assert_eq!(numbers(index, ws, ".net").await, [1, 3]);
    assert_eq!(numbers(index, ws, "front-end").await, [2, 3]);
}

async fn order(index: &dyn TextIndex) {
    let people = [
        ("Someone", "wrote about rust once, among many other things that are said here"),
        ("Rust", ""),
        ("Same", "rust"),
        ("Same", "rust"),
    ];
    let ws = fill(index, &people).await;
    let answer = index.search(ws, &query("rust")).await.unwrap();
    assert_eq!(records(&answer), [1, 2, 3, 0].map(person), "the title counts most, short texts more, equals in order of id");
    assert!(answer.hits.is_sorted_by(|a, b| a.score >= b.score));
    assert_eq!(records(&index.search(ws, &query("")).await.unwrap()), [0, 1, 2, 3].map(person));
}

async fn filters_and_facets(index: &dyn TextIndex) {
    let workspace = WorkspaceId::new();
    let job = record(RecordKind::Job, 1);
    let with = |number, title: &str, city: &str, skills: &[&str]| {
        upsert(0, found(workspace, number, title, "").facet("location", [city]).facet("skill", skills.iter().copied()))
    };
    let events = [
        with(1, "Ann", "上海", &["Rust", "C++"]),
        with(2, "Bo", "Berlin", &["Rust"]),
        with(3, "Cem", "上海", &["Go"]),
        upsert(0, Projected::new(workspace, job, 1, "Rust engineer").searchable().facet("location", ["Berlin"])),
    ];
    index.apply(&events, 0).await.unwrap();
    let filtered = |kinds: &[RecordKind], facets: &[(&str, &[&str])]| TextQuery {
        kinds: kinds.to_vec(),
        facets: facets
            .iter()
            .map(|(name, values)| ((*name).to_owned(), values.iter().map(|value| (*value).to_owned()).collect()))
            .collect(),
        count: vec!["location".into(), "skill".into(), "nothing".into(), KINDS.into()],
        ..query("")
    };
    let search = async |query: TextQuery| index.search(workspace, &query).await.unwrap();
    assert_eq!(records(&search(filtered(&[RecordKind::Job], &[])).await), vec![job]);
    assert_eq!(search(filtered(&[RecordKind::Job, RecordKind::Person], &[])).await.total, 4);
    assert_eq!(records(&search(filtered(&[], &[("skill", &["Rust", "Go"]), ("location", &["上海"])])).await), vec![person(1), person(3)]);
    assert_eq!(search(filtered(&[], &[("skill", &["rust"])])).await.total, 0, "facet values are exact");
    assert_eq!(search(filtered(&[], &[("skill", &[])])).await.total, 0, "none of no values");

    let counted = search(filtered(&[], &[])).await.facets;
    let count = |value: &str, count| FacetCount { value: value.into(), count };
    let expected = BTreeMap::from([
        ("location".to_owned(), vec![count("Berlin", 2), count("上海", 2)]),
        ("nothing".to_owned(), vec![]),
        ("skill".to_owned(), vec![count("Rust", 2), count("C++", 1), count("Go", 1)]),
        (KINDS.to_owned(), vec![count("person", 3), count("job", 1)]),
    ]);
    assert_eq!(counted, expected, "most first, equals in order of value");
    assert_eq!(
        search(filtered(&[], &[("location", &["Berlin"])])).await.facets["skill"],
        vec![count("Rust", 1)],
        "counted among what is found"
    );
    let first = TextQuery { limit: 1, ..filtered(&[], &[]) };
    assert_eq!(search(first).await.facets, expected, "counted beyond the page");

    let only = TextQuery { only: Some(vec![person(2), job, person(77)]), ..query("") };
    assert_eq!(records(&search(only).await), vec![person(2), job]);
    assert_eq!(search(TextQuery { only: Some(vec![]), ..query("") }).await.total, 0);
}

async fn pages(index: &dyn TextIndex) {
    let workspace = WorkspaceId::new();
    // Applied in several batches, so that the answer comes from several parts of the index.
    for batch in 0..6_u64 {
        let events: Vec<Event> = (0..20)
            .map(|number| upsert(0, found(workspace, (number * 7 + batch * 20) % 120 + batch * 200, "Same title", "word")))
            .collect();
        index.apply(&events, 0).await.unwrap();
    }
    let all = index.search(workspace, &TextQuery { limit: 1_000, ..query("word") }).await.unwrap();
    assert_eq!(all.total as usize, all.hits.len());
    let mut paged = vec![];
    for offset in (0..all.hits.len()).step_by(17) {
        let page = index.search(workspace, &TextQuery { offset, limit: 17, ..query("word") }).await.unwrap();
        assert_eq!(page.total, all.total);
        paged.extend(page.hits);
    }
    assert_eq!(paged, all.hits, "pages fit together");
    let beyond = index.search(workspace, &TextQuery { offset: 5_000, ..query("word") }).await.unwrap();
    assert_eq!((beyond.total, beyond.hits.len()), (all.total, 0));
    let none = index.search(workspace, &TextQuery { limit: 0, ..query("word") }).await.unwrap();
    assert_eq!((none.total, none.hits.len()), (all.total, 0));
}

async fn snippets(index: &dyn TextIndex) {
    let ws = fill(index, &[("王芳", "<script>alert('高级后端工程师')</script> & engineers"), ("Ann", "")]).await;
    let snippet = async |text: &str| index.search(ws, &query(text)).await.unwrap().hits.remove(0).snippet;
    assert_eq!(snippet("后端").await, "&lt;script&gt;alert(&#39;高级<mark>后端</mark>工程师&#39;)&lt;/script&gt; &amp; engineers");
    assert!(snippet("engineer").await.ends_with("<mark>engineers</mark>"));
    assert!(snippet("王芳").await.starts_with("&lt;script&gt;"), "a hit in the title alone shows the beginning");
    assert_eq!(snippet("Ann").await, "");
}

async fn suggestions(index: &dyn TextIndex) {
    let workspace = WorkspaceId::new();
    let job = record(RecordKind::Job, 1);
    let events = [
        upsert(0, found(workspace, 1, "Jonathan Smith", "")),
        upsert(0, found(workspace, 2, "Ann Jones", "")),
        upsert(0, found(workspace, 3, "Jon", "")),
        upsert(0, found(workspace, 4, "王芳", "Jon in the text")),
        upsert(0, Projected::new(workspace, job, 1, "高级后端工程师 Node.js").searchable()),
    ];
    index.apply(&events, 0).await.unwrap();
    let suggest = async |prefix: &str, kinds: &[RecordKind], limit| {
        index.suggest(workspace, prefix, kinds, limit).await.unwrap().into_iter().map(|(record, _)| record).collect::<Vec<_>>()
    };
    assert_eq!(suggest("jon", &[], 9).await, vec![person(3), person(1), person(2)], "what begins so first, the shorter before the longer");
    assert_eq!(suggest("jon", &[], 1).await, vec![person(3)]);
    assert_eq!(suggest("ann jo", &[], 9).await, vec![person(2)]);
    assert_eq!(suggest("smith", &[], 9).await, vec![person(1)]);
    assert_eq!(suggest("王", &[], 9).await, vec![person(4)]);
    assert_eq!(suggest("后端工", &[], 9).await, vec![job], "a Chinese word may be typed half");
    assert_eq!(suggest("node", &[RecordKind::Job], 9).await, vec![job]);
    assert_eq!(suggest("node", &[RecordKind::Person], 9).await, vec![]);
    assert_eq!(index.suggest(workspace, "王芳", &[], 9).await.unwrap(), vec![(person(4), "王芳".to_owned())]);
    for odd in ["", "  ", "\"", "-", "???", &"x".repeat(10_000)] {
        assert_eq!(suggest(odd, &[], 9).await, vec![], "{odd:.10}");
    }
}

async fn versions(index: &dyn TextIndex) {
    let workspace = WorkspaceId::new();
    let ann = |version, text: &str| upsert(0, Projected { version, ..found(workspace, 1, "Ann", text) });
    index.apply(&[ann(1, "first"), ann(2, "second")], 0).await.unwrap();
    assert_eq!(numbers(index, workspace, "second").await, [1]);
    assert_eq!(numbers(index, workspace, "first").await, [0_u64; 0], "a new version replaces the old one");
    index.apply(&[ann(1, "first")], 0).await.unwrap();
    assert_eq!(numbers(index, workspace, "second").await, [1], "nothing old comes back");
    index.apply(&[delete(0, workspace, person(1), 1)], 0).await.unwrap();
    assert_eq!(numbers(index, workspace, "").await, [1], "an old deletion deletes nothing new");
    index.apply(&[delete(0, workspace, person(1), 2)], 0).await.unwrap();
    index.apply(&[ann(2, "second")], 0).await.unwrap();
    assert_eq!(numbers(index, workspace, "").await, [0_u64; 0]);
    assert!(!index.inventory().await.unwrap().contains_key(&(workspace, person(1))));
    index.apply(&[ann(3, "third")], 0).await.unwrap();
    assert_eq!(numbers(index, workspace, "").await, [1]);
    assert_eq!(index.inventory().await.unwrap().get(&(workspace, person(1))), Some(&3));
    let hidden = upsert(0, Projected { version: 4, searchable: false, ..found(workspace, 1, "Ann", "fourth") });
    index.apply(&[hidden], 0).await.unwrap();
    assert_eq!(numbers(index, workspace, "").await, [0_u64; 0], "what is no longer searchable is not found");
}

async fn workspaces(index: &dyn TextIndex) {
    let (ours, theirs) = (fill(index, &[("Ann", "secret")]).await, WorkspaceId::new());
    assert_eq!(index.search(theirs, &query("secret")).await.unwrap(), TextAnswer::default());
    assert_eq!(index.search(theirs, &TextQuery { only: Some(vec![person(0)]), ..query("") }).await.unwrap().total, 0);
    assert!(index.suggest(theirs, "ann", &[], 9).await.unwrap().is_empty());
    index.apply(&[delete(0, theirs, person(0), 9)], 0).await.unwrap();
    assert_eq!(numbers(index, ours, "secret").await, [0]);
}

async fn odd_input(index: &dyn TextIndex) {
    let long = "词".repeat(300_000);
    let ws =
        fill(index, &[("", ""), ("\u{0}\u{FFFF}", "AND OR NOT (title:x) [a TO b] *"), ("Long", &long), ("Wide", &"w".repeat(100_000))])
            .await;
    for text in [
        "(",
        ")",
        "title:x",
        "*",
        "a*",
        "[a TO b]",
        "\\",
        "\"",
        "\"\"\"",
        "--x",
        "- -",
        "AND",
        "+",
        "^2",
        "~",
        "/",
        "a:b:c",
        "\u{0}",
        "🙂",
        "é\u{301}",
    ] {
        index.search(ws, &query(text)).await.unwrap_or_else(|error| panic!("{text:?}: {error}"));
    }
    assert_eq!(numbers(index, ws, "🙂").await, [0_u64; 0], "what cannot be found finds nothing");
    assert_eq!(numbers(index, ws, "词").await, [2]);
    assert_eq!(numbers(index, ws, &"词 ".repeat(100_000)).await, [2]);
    let many = TextQuery { any_word: true, ..query(&(0..5_000).map(|word| format!("w{word}")).collect::<Vec<_>>().join(" ")) };
    index.search(ws, &many).await.unwrap();
    let huge = TextQuery { offset: usize::MAX, limit: usize::MAX, ..query("") };
    assert!(index.search(ws, &huge).await.unwrap().hits.is_empty());
}

async fn positions(index: &dyn TextIndex) {
    let workspace = fill(index, &[("Ann", "")]).await;
    index.apply(&[], 40).await.unwrap();
    index.apply(&[note(41, workspace, person(1))], 41).await.unwrap();
    assert_eq!(index.position().await.unwrap(), 41, "what changes nothing moves the position too");
    index.apply(&[], 7).await.unwrap();
    assert_eq!(index.position().await.unwrap(), 41, "it never moves back");
    index.clear().await.unwrap();
    assert_eq!(index.position().await.unwrap(), 0);
    assert_eq!(index.search(workspace, &query("")).await.unwrap().total, 0);
    assert!(index.inventory().await.unwrap().is_empty());
}

async fn beside(index: &dyn TextIndex) {
    let workspace = WorkspaceId::new();
    index.apply(&[upsert(1, found(workspace, 1, "Old", ""))], 1).await.unwrap();
    let fresh = index.beside().await.unwrap();
    assert_eq!((fresh.position().await.unwrap(), fresh.inventory().await.unwrap().len()), (0, 0), "it begins empty");
    fresh.apply(&[upsert(2, found(workspace, 2, "New", ""))], 2).await.unwrap();
    index.apply(&[upsert(3, found(workspace, 3, "Meanwhile", ""))], 3).await.unwrap();
    assert_eq!(numbers(index, workspace, "").await, [1, 3], "nothing shows before the switch");
    index.switch().await.unwrap();
    assert_eq!(numbers(index, workspace, "").await, [2]);
    assert_eq!((index.position().await.unwrap(), index.inventory().await.unwrap().len()), (2, 1));
    index.switch().await.unwrap();
    assert_eq!(numbers(index, workspace, "").await, [2], "without another beside there is nothing to switch to");
    index.beside().await.unwrap().apply(&[upsert(4, found(workspace, 4, "Unfinished", ""))], 4).await.unwrap();
    assert!(index.beside().await.unwrap().inventory().await.unwrap().is_empty(), "an unfinished one is dropped");
    index.switch().await.unwrap();
    assert_eq!((index.position().await.unwrap(), index.inventory().await.unwrap().len()), (0, 0));
}

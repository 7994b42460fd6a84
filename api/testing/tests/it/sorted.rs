//! `sort` of the lists that have one.

use looma_testing::{TestApp, TestClient, draft};
use looma_types::company::Company;
use looma_types::{CompanyId, Page};
use serde_json::{Value, json};

/// Every page of a list, two records a page, in the words of one field.
async fn walk(client: &TestClient, list: &str, field: &str) -> Vec<String> {
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = client.get(&format!("/api/v1/{list}&limit=2{cursor}")).await.ok::<Page<Value>>();
        assert!(page.items.len() <= 2);
        seen.extend(page.items.iter().map(|item| item[field].as_str().unwrap().to_owned()));
        match page.next_cursor {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return seen,
        }
    }
}

#[tokio::test]
async fn lists_go_by_name_or_by_the_last_change_and_page_on() {
    let app = TestApp::start().await;
    let ann = app.user("ann").await;
    let acme = ann.post("/api/v1/companies", &draft::company("Zeta")).await.created::<Company>().id;
    let body = |list: &str, name: &str, company: CompanyId| match list {
        "jobs" => draft::job(name, company),
        _ => json!({ "name": name }),
    };
    for (list, field) in [("people", "name"), ("companies", "name"), ("projects", "name"), ("jobs", "title")] {
        let mut first = String::new();
        for name in ["Delta", "alpha", "Beta", "Gamma", "Echo"] {
            let made = ann.post(&format!("/api/v1/{list}"), &body(list, name, acme)).await.created::<Value>();
            if name == "alpha" {
                made["id"].as_str().unwrap().clone_into(&mut first);
            }
        }
        // A patch that says nothing is a change too.
        ann.patch(&format!("/api/v1/{list}/{first}"), &json!({})).await.ok::<Value>();
        let mut changed = vec!["alpha", "Echo", "Gamma", "Beta", "Delta"];
        if list == "companies" {
            changed.push("Zeta");
        }
        assert_eq!(walk(&ann, &format!("{list}?sort=-updated_at"), field).await, changed, "{list}");
        let by_name = walk(&ann, &format!("{list}?sort={field}"), field).await;
        let expected: &[&str] = match list {
            "jobs" => &["alpha", "Beta", "Delta", "Echo", "Gamma"],
            "companies" => &["Beta", "Delta", "Echo", "Gamma", "Zeta", "alpha"],
            _ => &["Beta", "Delta", "Echo", "Gamma", "alpha"],
        };
        assert_eq!(by_name, expected, "{list}");
        let wrong = ann.get(&format!("/api/v1/{list}?sort=age")).await.problem(422);
        assert_eq!(wrong.errors[0].pointer, "sort");
        let first = ann.get(&format!("/api/v1/{list}?sort={field}&limit=1")).await.ok::<Page<Value>>();
        let other = format!("/api/v1/{list}?sort=-updated_at&cursor={}", first.next_cursor.unwrap());
        assert_eq!(ann.get(&other).await.problem(422).errors[0].pointer, "cursor", "a cursor is of one order");
    }
    assert_eq!(walk(&ann, "jobs?sort=-created_at", "title").await, ["Echo", "Gamma", "Beta", "alpha", "Delta"]);
}

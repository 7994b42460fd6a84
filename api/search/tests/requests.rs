//! The service as its clients see it, on stores in memory, with and without a model.

use looma_kernel::client::Answer;
use looma_kernel::logs::LogRing;
use looma_kernel::types::person::Person;
use looma_kernel::types::search::{RankAnswer, SearchAnswer, Suggestion};
use looma_kernel::types::{Page, ServiceName, WorkspaceId};
use looma_kernel::{Actor, Kernel, Settings};
use serde_json::{Value, json};
use std::time::Duration;

struct System {
    kernel: Kernel,
    actor: Actor,
}

impl System {
    async fn start(with_model: bool) -> Self {
        let mut settings = Settings::in_memory();
        // Where no model is wanted nothing must answer at its address: port 9 is for discarding.
        settings.services.entry("ai".into()).or_default().url = Some("http://127.0.0.1:9".into());
        let kernel = Kernel::open(settings, LogRing::new(10)).await.unwrap();
        let (_, _relationship) = looma_relationship::app(&kernel).await.unwrap().finish();
        if with_model {
            let (_, _ai) = looma_ai::app(&kernel).await.unwrap().finish();
        }
        let (_, _search) = looma_search::app(&kernel).await.unwrap().finish();
        let actor = kernel.service_actor(ServiceName::Admin, WorkspaceId::new()).unwrap();
        Self { kernel, actor }
    }

    /// Adds a person; answers the position after which search knows them.
    async fn person(&self, name: &str, headline: &str, location: &str) -> i64 {
        let body = json!({"name": name, "headline": headline, "location": location});
        let answer = self.kernel.client().post_as(&self.actor, ServiceName::Relationship, "/api/v1/people", &body).await.unwrap();
        answer.json::<Person>().unwrap();
        answer.position()
    }

    /// Waits until both indexes know of a write, however slow the machine is.
    async fn known(&self, position: i64) {
        for projector in self.kernel.projectors() {
            projector.wait_for(position, Duration::from_mins(1)).await.unwrap();
        }
    }

    /// Waits until the words of a write can be found.
    async fn words_known(&self, position: i64) {
        let projectors = self.kernel.projectors();
        let text = projectors.iter().find(|projector| projector.name() == "text").unwrap();
        text.wait_for(position, Duration::from_mins(1)).await.unwrap();
    }

    async fn ask(&self, path: &str) -> Answer {
        self.kernel
            .client()
            .call(ServiceName::Search, "GET".parse().unwrap(), format!("/api/v1/{path}"))
            .actor(&self.actor)
            .send_any()
            .await
            .unwrap()
    }

    async fn search(&self, query: &str) -> SearchAnswer {
        let answer = self.ask(&format!("search?{query}")).await;
        assert_eq!(answer.status, 200, "{query}: {}", String::from_utf8_lossy(&answer.body));
        answer.json().unwrap()
    }

    async fn rank(&self, body: Value) -> RankAnswer {
        self.kernel.client().post_as(&self.actor, ServiceName::Search, "/api/v1/search/rank", &body).await.unwrap().json().unwrap()
    }
}

fn titles(answer: &SearchAnswer) -> Vec<&str> {
    answer.items.iter().map(|hit| hit.title.as_str()).collect()
}

#[tokio::test]
async fn words_find_people_page_by_page_while_the_model_is_away() {
    let system = System::start(false).await;
    let mut position = 0;
    for number in 0..5 {
        position = system.person(&format!("Ann {number}"), "Rust engineer", if number < 2 { "Paris, France" } else { "上海" }).await;
    }
    system.words_known(position).await;
    let first = system.search(&format!("q=rust&type=person&limit=2&wait_for={position}")).await;
    assert_eq!((first.total, first.items.len(), first.degraded.as_slice()), (5, 2, ["vectors".to_owned()].as_slice()));
    assert!(first.items[0].snippet.contains("<mark>Rust</mark>"), "{}", first.items[0].snippet);
    assert_eq!(
        first.facets["location"].iter().map(|facet| (facet.value.as_str(), facet.count)).collect::<Vec<_>>(),
        [("上海", 3), ("Paris, France", 2)]
    );
    let (mut seen, mut cursor) = (first.items.len(), first.next_cursor);
    while let Some(next) = cursor {
        let page = system.search(&format!("q=rust&type=person&limit=2&cursor={next}")).await;
        seen += page.items.len();
        cursor = page.next_cursor;
    }
    assert_eq!(seen, 5);
    assert_eq!(system.search("location=Paris,%20France&type=person").await.total, 2);
    assert_eq!(titles(&system.search("type=company").await), Vec::<&str>::new());
    let suggested: Page<Suggestion> = system.ask("search/suggest?q=an&type=person&limit=3").await.json().unwrap();
    assert_eq!(suggested.items.len(), 3);
    assert_eq!(system.ask("search?q=rust&mode=vector").await.status, 503);
    let ranked = system.rank(json!({"text": "We look for somebody who knows Rust", "kinds": ["person"], "limit": 3})).await;
    assert_eq!((ranked.items.len(), ranked.degraded.len()), (3, 1));
    assert_eq!((ranked.items[0].text_rank, ranked.items[0].vector_rank), (Some(1), None));
}

#[tokio::test]
async fn meaning_finds_what_the_words_do_not_say() {
    let system = System::start(true).await;
    system.person("李雷", "机器学习工程师", "上海").await;
    let position = system.person("Bo Chef", "Cook", "Berlin").await;
    system.known(position).await;
    let near = system.search(&format!("q=machine%20learning&type=person&mode=vector&wait_for={position}")).await;
    assert_eq!(titles(&near), ["李雷"]);
    assert_eq!(near.items[0].vector_rank, Some(1));
    let both = system.search("q=machine%20learning&location=%E4%B8%8A%E6%B5%B7").await;
    assert_eq!((titles(&both), both.total, both.degraded.len()), (vec!["李雷"], 1, 0));
    assert!(system.search("q=machine%20learning&location=Berlin").await.items.is_empty());
    assert!(system.search("q=machine%20learning&type=person&mode=text").await.items.is_empty());
    let ranked = system.rank(json!({"text": "machine learning in Berlin", "kinds": ["person"], "wait_for": position})).await;
    let places: Vec<_> = ranked.items.iter().map(|hit| (hit.title.as_str(), hit.text_rank, hit.vector_rank)).collect();
    assert!(places.contains(&("李雷", None, Some(1))) || places.contains(&("李雷", None, Some(2))), "{places:?}");
    assert!(places.iter().any(|(title, text, _)| *title == "Bo Chef" && *text == Some(1)), "{places:?}");
}

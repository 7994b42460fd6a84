//! The text index on Elasticsearch.
//!
//! Words, queries and snippets are made here, as for the embedded index, so that both find the same. The engine orders what
//! comes in by itself: each document carries the version of its record (a tombstone's is half a step higher), and an older one never
//! replaces it, whoever sends it. Readers and writers go through an alias, so that another index can take its place.
//!
//! Long, because the tests against the engine stand beside what they prove.

mod index;
mod query;

use super::document::{ANALYSIS, key_text, read_key};
use super::snippet::Needles;
use super::telling::{Frequencies, asked, telling};
use super::{MAX_TYPED, TextAnswer, TextHit, TextQuery, best_beginnings, searchable};
use crate::http::{Answer, Http, Login};
use crate::outbox::{Change, Event, Position};
use crate::projection::{Inventory, Projection};
use crate::settings::Engine;
use crate::{Error, Result, TextIndex};
use async_trait::async_trait;
use looma_types::search::FacetCount;
use looma_types::{RecordKind, Ref, WorkspaceId};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How much is sent at once.
const MAX_BULK: usize = 5 * 1024 * 1024;
/// How many records an inventory reads at once.
const PAGE: usize = 5_000;
/// Part of an answer is none.
const SEARCH: &str = "_search?allow_partial_search_results=false";
/// The document that holds the position; no record's key looks like it.
const POSITION: &str = "position";

/// The live index, or one that a rebuild fills beside it.
pub struct ElasticIndex {
    http: Arc<Http>,
    /// What readers and writers of the live index go through.
    alias: String,
    /// The index itself, where it is one beside the live one.
    beside_live: Option<String>,
    /// What was made beside this one.
    next: Mutex<Option<String>>,
}

impl ElasticIndex {
    /// Connects when first asked: a search that is away keeps nothing from starting.
    pub fn open(engine: &Engine) -> Result<Self> {
        let http = Arc::new(Http::new("text", "Elasticsearch", "elasticsearch", engine, Login::Basic)?);
        // No namespace has a `-`, so that none meets another's; another analysis is another index.
        Ok(Self { http, alias: format!("{}-{ANALYSIS}", engine.namespace), beside_live: None, next: Mutex::default() })
    }

    fn target(&self) -> &str {
        self.beside_live.as_ref().unwrap_or(&self.alias)
    }

    fn next(&self) -> MutexGuard<'_, Option<String>> {
        self.next.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The first index, unless it is there. Two that make it at once make the same one.
    async fn make_live(&self) -> Result<()> {
        self.make(&format!("{}-0", self.alias), &self.alias).await
    }

    async fn make(&self, name: &str, alias: &str) -> Result<()> {
        let made = self.http.send_again("create", Method::PUT, name, Some(&index::definition(alias))).await?;
        let there = made.body["error"]["type"] == "resource_already_exists_exception";
        if made.is_success() || there { Ok(()) } else { Err(self.http.unexpected(&made)) }
    }

    /// All indexes of this namespace, those that the alias leads to and others.
    async fn indexes(&self) -> Result<(Vec<String>, Vec<String>)> {
        let answer = self.http.send_again("indexes", Method::GET, &format!("{}-*/_alias", self.alias), None::<&()>).await?;
        if answer.status == StatusCode::NOT_FOUND {
            return Ok((vec![], vec![]));
        }
        let all = answer.body.as_object().filter(|_| answer.is_success()).ok_or_else(|| self.http.unexpected(&answer))?;
        let is_live = |index: &Value| index["aliases"].get(&self.alias).is_some();
        let (live, others): (Vec<_>, Vec<_>) = all.iter().partition(|(_, index)| is_live(index));
        let names = |some: Vec<(&String, &Value)>| some.into_iter().map(|(name, _)| name.clone()).collect();
        Ok((names(live), names(others)))
    }

    async fn delete(&self, names: Vec<String>) -> Result<()> {
        for name in names {
            let gone = self.http.send_again("delete", Method::DELETE, &name, None::<&()>).await?;
            if !gone.is_success() && gone.status != StatusCode::NOT_FOUND {
                return Err(self.http.unexpected(&gone));
            }
        }
        Ok(())
    }

    /// A new index. It is written through a name of its own: should it be dropped meanwhile, the engine does not make another.
    async fn new_beside(&self) -> Result<String> {
        *self.next() = None;
        let (_, unfinished) = self.indexes().await?;
        self.delete(unfinished).await?;
        let name = format!("{}-{}", self.alias, uuid::Uuid::now_v7().simple());
        self.make(&name, &beside_name(&name)).await?;
        Ok(name)
    }

    /// The alias leads to another index from now on, in one step.
    async fn lead_to(&self, name: &str) -> Result<()> {
        let (old, _) = self.indexes().await?;
        let actions = [
            json!({ "remove": { "index": format!("{}-*", self.alias), "alias": self.alias, "must_exist": false } }),
            json!({ "add": { "index": name, "alias": self.alias } }),
        ];
        let led = self.http.send_again("switch", Method::POST, "_aliases", Some(&json!({ "actions": actions }))).await?;
        if !led.is_success() {
            return Err(self.http.unexpected(&led));
        }
        self.delete(old.into_iter().filter(|old| old != name).collect()).await
    }

    /// Asks the index; nothing where there is none yet. A search may meet an index that another takes the place of: it is
    /// asked again then.
    async fn ask(&self, operation: &'static str, path: &str, body: &Value) -> Result<Option<Value>> {
        let path = format!("{}/{path}", self.target());
        let answer = self.http.send_again(operation, Method::POST, &path, Some(body)).await?;
        match self.body_if_any(answer) {
            Err(error) if error.is_passing() => self.body_if_any(self.http.send_again(operation, Method::POST, &path, Some(body)).await?),
            answer => answer,
        }
    }

    fn body_if_any(&self, answer: Answer) -> Result<Option<Value>> {
        match answer.status {
            StatusCode::NOT_FOUND if answer.body["found"] == false || answer.body["error"]["index"] == self.target() => Ok(None),
            StatusCode::NOT_FOUND => Err(self.http.door.away(format!("an index is gone: {}", answer.body["error"]["reason"]))),
            status if status.is_success() && answer.body["timed_out"] != true => Ok(Some(answer.body)),
            _ => Err(self.http.unexpected(&answer)),
        }
    }

    /// Sends documents in order; those that are older than what is held are passed over. Searches find them from now on where
    /// they are to be `found`, which costs the engine a segment.
    async fn send(&self, lines: &str, found: bool) -> Result<()> {
        // Only through an alias: the engine would make what is missing on its own, with no fields of ours.
        let path = format!("{}/_bulk?refresh={found}&require_alias=true", self.target());
        let mut answer = self.http.send_lines("apply", &path, lines).await?;
        let missing = |answer: &Answer| {
            let mut items = answer.body["items"].as_array().into_iter().flatten();
            answer.status == StatusCode::NOT_FOUND || items.any(|item| item["index"]["error"]["type"] == "index_not_found_exception")
        };
        if missing(&answer) && self.beside_live.is_none() {
            self.make_live().await?;
            answer = self.http.send_lines("apply", &path, lines).await?;
        }
        if !answer.is_success() {
            return Err(self.http.unexpected(&answer));
        }
        for item in answer.body["items"].as_array().into_iter().flatten() {
            let done = &item["index"];
            match done["status"].as_u64().unwrap_or(0) {
                // Older than what is held.
                200..=299 | 409 => {}
                403 | 404 | 429 | 500..=599 => {
                    return Err(self.http.door.away(format!("it does not take {}: {}", done["_id"], done["error"]["reason"])));
                }
                _ => return Err(self.http.door.other(format!("it refuses {}: {}", done["_id"], done["error"]))),
            }
        }
        Ok(())
    }

    async fn frequencies(&self, words: BTreeSet<&str>) -> Result<Frequencies> {
        let text = words.into_iter().map(index::kept).collect::<Vec<_>>().join(" ");
        let body = json!({
            "doc": { "title_words": text, "subtitle_words": text, "body_words": text },
            "term_statistics": true, "field_statistics": false, "positions": false, "offsets": false, "payloads": false,
        });
        let mut frequencies = Frequencies::new();
        let answer = self.ask("frequencies", "_termvectors", &body).await?.unwrap_or_default();
        for field in answer["term_vectors"].as_object().into_iter().flat_map(|fields| fields.values()) {
            for (word, told) in field["terms"].as_object().into_iter().flatten() {
                let most = frequencies.entry(word.clone()).or_default();
                *most = (*most).max(told["doc_freq"].as_u64().unwrap_or(0));
            }
        }
        Ok(frequencies)
    }
}

/// What an index beside the live one is written through.
const BESIDE: &str = ".beside";

fn beside_name(index: &str) -> String {
    format!("{index}{BESIDE}")
}

/// The engine's version of a document: a tombstone stands between a version of its record and the next.
fn line(document: &Value, id: &str, version: i64, lives: bool) -> String {
    let version = version.saturating_mul(2).saturating_add(i64::from(!lives)).max(0);
    let action = json!({ "index": { "_id": id, "version": version, "version_type": "external_gte" } });
    format!("{action}\n{document}\n")
}

fn record_of(hit: &Value) -> Result<Ref> {
    hit["_source"]["record"].as_str().unwrap_or_default().parse().map_err(|error| Error::corrupt("text", error))
}

fn text_of(hit: &Value, field: &str) -> String {
    hit["_source"][field].as_str().unwrap_or_default().to_owned()
}

fn hits_of(answer: &Value) -> impl Iterator<Item = &Value> {
    answer["hits"]["hits"].as_array().into_iter().flatten()
}

#[async_trait]
impl Projection for ElasticIndex {
    fn name(&self) -> &'static str {
        "text"
    }

    async fn position(&self) -> Result<Position> {
        let path = format!("{}/_doc/{POSITION}?_source_includes={POSITION}", self.target());
        let answer = self.http.send_again("position", Method::GET, &path, None::<&()>).await?;
        Ok(self.body_if_any(answer)?.and_then(|body| body["_source"][POSITION].as_i64()).unwrap_or(0))
    }

    async fn clear(&self) -> Result<()> {
        if let Some(name) = &self.beside_live {
            let index = name.trim_end_matches(BESIDE).to_owned();
            self.delete(vec![index.clone()]).await?;
            return self.make(&index, name).await;
        }
        let empty = self.new_beside().await?;
        self.lead_to(&empty).await
    }

    async fn inventory(&self) -> Result<Inventory> {
        let mut inventory = Inventory::new();
        let mut after: Option<String> = None;
        loop {
            let Some(answer) = self.ask("inventory", SEARCH, &query::living(after.as_deref(), PAGE)).await? else { break };
            after = None;
            for hit in hits_of(&answer) {
                let key = hit["sort"][0].as_str().unwrap_or_default();
                inventory.insert(read_key(key)?, hit["fields"]["version"][0].as_i64().unwrap_or(0));
                after = Some(key.to_owned());
            }
            if after.is_none() {
                break;
            }
        }
        Ok(inventory)
    }

    async fn switch(&self) -> Result<()> {
        let next = self.next().clone();
        let Some(next) = next else { return Ok(()) };
        self.lead_to(&next).await?;
        *self.next() = None;
        Ok(())
    }

    async fn ping(&self) -> Result<()> {
        let answer = self.http.send("ping", Method::GET, "_cluster/health?timeout=1s", None::<&()>).await?;
        match answer.body["status"].as_str() {
            Some("green" | "yellow") => Ok(()),
            Some(status) => Err(self.http.door.away(format!("its cluster is {status}"))),
            None => Err(self.http.unexpected(&answer)),
        }
    }
}

#[async_trait]
impl TextIndex for ElasticIndex {
    async fn apply(&self, events: &[Event], upto: Position) -> Result<()> {
        let mut lines = String::new();
        for event in events.iter().filter(|event| event.change != Change::Note) {
            let projected = searchable(event);
            let key = (event.workspace, event.record);
            let document = match projected {
                Some(projected) => index::document(&key, projected, event.version),
                None => index::tombstone(&key, event.version),
            };
            lines.push_str(&line(&document, &key_text(&key), event.version, projected.is_some()));
            if lines.len() > MAX_BULK {
                self.send(&lines, true).await?;
                lines.clear();
            }
        }
        if !lines.is_empty() {
            self.send(&lines, true).await?;
        }
        // Only after all was taken: should this process end before, the same is sent once more.
        if upto > 0 {
            self.send(&line(&json!({ POSITION: upto }), POSITION, upto, true), false).await?;
        }
        Ok(())
    }

    async fn search(&self, workspace: WorkspaceId, query: &TextQuery) -> Result<TextAnswer> {
        let Some(mut clauses) = query.clauses() else { return Ok(query.finds_nothing()) };
        let needles = Needles::new(&clauses);
        if query.any_word && clauses.iter().any(|clause| !clause.without) {
            clauses = telling(&clauses, &self.frequencies(asked(&clauses)).await?);
            if clauses.iter().all(|clause| clause.without) {
                return Ok(query.finds_nothing());
            }
        }
        let Some(answer) = self.ask("search", SEARCH, &query::search(workspace, query, &clauses)).await? else {
            return Ok(query.finds_nothing());
        };
        let mut found = query.finds_nothing();
        found.total = answer["hits"]["total"]["value"].as_u64().unwrap_or(0);
        for hit in hits_of(&answer) {
            let snippet = needles.snippet(hit["_source"]["source"].as_str().unwrap_or_default());
            let score = hit["_score"].as_f64().unwrap_or(0.0) as f32;
            found.hits.push(TextHit { record: record_of(hit)?, title: text_of(hit, "title"), snippet, score });
        }
        for (place, name) in query.count.iter().enumerate() {
            let counts = answer["aggregations"][place.to_string()]["buckets"].as_array().into_iter().flatten().map(|bucket| {
                let value = bucket["key"].as_str().unwrap_or_default();
                // A facet's values stand behind its name.
                let value = value.split_once(super::document::IS).map_or(value, |(_, value)| value).to_owned();
                FacetCount { value, count: bucket["doc_count"].as_u64().unwrap_or(0) }
            });
            found.facets.insert(name.clone(), counts.collect());
        }
        Ok(found)
    }

    async fn suggest(&self, workspace: WorkspaceId, prefix: &str, kinds: &[RecordKind], limit: usize) -> Result<Vec<(Ref, String)>> {
        let typed: String = prefix.chars().take(MAX_TYPED).collect();
        let Some(query) = query::beginning(workspace, &typed, kinds) else { return Ok(vec![]) };
        let answer = self.ask("suggest", SEARCH, &query).await?.unwrap_or_default();
        let found = hits_of(&answer).map(|hit| Ok((record_of(hit)?, text_of(hit, "title")))).collect::<Result<_>>()?;
        Ok(best_beginnings(found, &typed, limit))
    }

    async fn beside(&self) -> Result<Arc<dyn TextIndex>> {
        let name = self.new_beside().await?;
        *self.next() = Some(name.clone());
        let beside_live = Some(beside_name(&name));
        Ok(Arc::new(Self { http: self.http.clone(), alias: self.alias.clone(), beside_live, next: Mutex::default() }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::conformance;
    use crate::text::tantivy::TantivyIndex;
    use crate::trial::{self, person, upsert};
    use crate::{Projected, StoreSettings};

    #[tokio::test]
    #[ignore = "needs the engines: make test-engines"]
    async fn conforms() {
        conformance::suite(&ElasticIndex::open(&trial::engine("elasticsearch")).unwrap()).await;
        let engine = trial::engine("elasticsearch");
        conformance::restart(async || ElasticIndex::open(&engine).unwrap()).await;
    }

    /// The same people, the same questions, the same answers.
    #[tokio::test]
    #[ignore = "needs the engines: make test-engines"]
    async fn finds_what_the_embedded_index_finds() {
        const WORDS: [&str; 16] = [
            "rust",
            "engineer",
            "engineers",
            "后端",
            "工程师",
            "上海",
            "Node.js",
            "C++",
            "machine learning",
            "机器学习",
            "Ann",
            "王芳",
            "sales",
            "data",
            "Berlin",
            "架构",
        ];
        let elastic = ElasticIndex::open(&trial::engine("elasticsearch")).unwrap();
        let embedded = TantivyIndex::open(&StoreSettings { in_memory: true, ..StoreSettings::default() }).await.unwrap();
        let workspace = WorkspaceId::new();
        let mut chance = 42_u64;
        let mut pick = || {
            chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            WORDS[(chance >> 40) as usize % WORDS.len()]
        };
        let events: Vec<Event> = (0..400)
            .map(|number| {
                let text: Vec<&str> = (0..6).map(|_| pick()).collect();
                upsert(number, Projected::new(workspace, person(number as u64), 1, pick()).searchable().text("summary", text.join(" ")))
            })
            .collect();
        elastic.apply(&events, 400).await.unwrap();
        embedded.apply(&events, 400).await.unwrap();
        for round in 0..200 {
            let text = match round % 4 {
                0 => pick().to_owned(),
                1 => format!("{} {}", pick(), pick()),
                2 => format!("\"{} {}\"", pick(), pick()),
                _ => format!("{} -{}", pick(), pick()),
            };
            let query = TextQuery { text, limit: 1_000, any_word: round % 5 == 0, ..TextQuery::default() };
            let found = async |index: &dyn TextIndex| {
                let mut found: Vec<Ref> = index.search(workspace, &query).await.unwrap().hits.into_iter().map(|hit| hit.record).collect();
                found.sort_unstable();
                found
            };
            assert_eq!(found(&elastic).await, found(&embedded).await, "{query:?}");
        }
    }

    #[tokio::test]
    #[ignore = "needs the engines: make test-engines"]
    async fn two_that_write_at_once_do_no_harm() {
        let engine = trial::engine("elasticsearch");
        let (one, other) = (ElasticIndex::open(&engine).unwrap(), ElasticIndex::open(&engine).unwrap());
        let workspace = WorkspaceId::new();
        let version = |version: i64| -> Vec<Event> {
            let at =
                |number: u64| Projected { version, ..Projected::new(workspace, person(number), 1, format!("v{version}")).searchable() };
            (0..50).map(|number| upsert(version, at(number))).collect()
        };
        for round in 1..=5 {
            let (older, newer) = (version(round), version(round + 1));
            let (first, second) = tokio::join!(one.apply(&newer, round + 1), other.apply(&older, round));
            first.and(second).unwrap();
        }
        let inventory = one.inventory().await.unwrap();
        assert!(inventory.len() == 50 && inventory.values().all(|version| *version == 6), "{inventory:?}");
        assert_eq!(other.position().await.unwrap(), 6);
    }

    #[tokio::test]
    #[ignore = "needs the engines: make test-engines"]
    async fn a_wrong_password_is_named_and_not_shown() {
        let mut engine = trial::engine("elasticsearch");
        engine.url.0 = engine
            .login()
            .map(|mut url| {
                url.set_password(Some("not-this-one")).unwrap();
                url.to_string()
            })
            .unwrap();
        let refused = ElasticIndex::open(&engine).unwrap().ping().await.unwrap_err().to_string();
        assert!(refused.contains("stores.elasticsearch") && refused.contains("password") && !refused.contains("not-this-one"), "{refused}");
    }

    #[tokio::test]
    async fn nobody_there_is_said_in_time() {
        let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let index =
            ElasticIndex::open(&Engine { connect_seconds: 1, request_seconds: 1, ..Engine::at(format!("http://u:secret@{nobody}")) })
                .unwrap();
        let away = index.position().await.unwrap_err().to_string();
        assert!(away.contains(&nobody.to_string()) && away.contains("stores.elasticsearch") && !away.contains("secret"), "{away}");
        let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = silent.local_addr().unwrap();
        let index = ElasticIndex::open(&Engine { request_seconds: 1, ..Engine::at(format!("http://{address}")) }).unwrap();
        let began = std::time::Instant::now();
        assert!(index.ping().await.unwrap_err().is_passing());
        assert!(began.elapsed().as_secs() < 5);
    }
}

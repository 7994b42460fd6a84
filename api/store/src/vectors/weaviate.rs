//! The vectors on Weaviate: an object for each passage, and a ledger that says which version of each record is held.
//!
//! Passages are named by record and version. They are written first, then the ledger, then what is older is removed, and last the
//! position moves on; what was broken off in between is done again by the same changes. One process at a time applies.
//!
//! Long, because the tests against the engine stand beside what they prove.

mod shape;

use super::{MAX_LIMIT, VectorChange, VectorHit, direction, sound};
use crate::http::{Answer, Http, Login};
use crate::outbox::Position;
use crate::projection::{Inventory, Projection};
use crate::settings::Engine;
use crate::version::{Key, Version, effective};
use crate::{Error, Result, Vectors};
use async_trait::async_trait;
use looma_types::{RecordKind, Ref, WorkspaceId};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use shape::{Generation, Names, id, is_any, key_text, read_key};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use uuid::Uuid;

/// How many objects are sent or asked for at once.
const BATCH: usize = 500;
/// How much is sent at once.
const MAX_SENT: usize = 8 * 1024 * 1024;
/// The most that the engine answers at once.
const MAX_ANSWERED: usize = 10_000;
/// How long a search believes which generation is live; one that is gone is noticed at once.
const BELIEVED: Duration = Duration::from_secs(1);

/// The live generation, or one that a rebuild fills beside it.
pub struct WeaviateVectors {
    http: Arc<Http>,
    names: Names,
    /// The generation, where it is one beside the live one.
    beside_live: Option<Generation>,
    live: Mutex<Option<(Generation, Instant)>>,
    /// What was made beside this one.
    next: Mutex<Option<Generation>>,
    /// Collections that are surely there.
    made: Mutex<HashSet<String>>,
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl WeaviateVectors {
    /// Connects when first asked: vectors that are away keep nothing from starting.
    pub fn open(engine: &Engine) -> Result<Self> {
        let http = Arc::new(Http::new("vectors", "Weaviate", "weaviate", engine, Login::Key)?);
        Ok(Self::of(http, Names::new(&engine.namespace), None))
    }

    fn of(http: Arc<Http>, names: Names, beside_live: Option<Generation>) -> Self {
        Self { http, names, beside_live, live: Mutex::default(), next: Mutex::default(), made: Mutex::default() }
    }

    /// The generation to work on, asked anew.
    async fn generation(&self) -> Result<Generation> {
        if let Some(beside) = self.beside_live {
            return Ok(beside);
        }
        let live = self.object(&self.names.live(), id("live")).await?;
        let generation = live.and_then(|object| object["properties"]["generation"].as_str()?.parse().ok()).unwrap_or(Uuid::nil());
        *locked(&self.live) = Some((generation, Instant::now()));
        Ok(generation)
    }

    /// The same for reading, where a moment makes no difference.
    async fn believed_generation(&self) -> Result<Generation> {
        let believed = *locked(&self.live);
        match believed.filter(|(_, at)| at.elapsed() < BELIEVED) {
            Some((generation, _)) => Ok(generation),
            None => self.generation().await,
        }
    }

    async fn object(&self, collection: &str, id: Uuid) -> Result<Option<Value>> {
        let answer = self.http.send_again("object", Method::GET, &format!("v1/objects/{collection}/{id}"), None::<&()>).await?;
        match answer.status {
            StatusCode::NOT_FOUND => Ok(None),
            status if status.is_success() => Ok(Some(answer.body)),
            // A collection that was never made.
            _ if is_missing(&answer.body) => Ok(None),
            _ => Err(self.http.unexpected(&answer)),
        }
    }

    async fn make(&self, name: &str, definition: &Value) -> Result<()> {
        if locked(&self.made).contains(name) {
            return Ok(());
        }
        let there = self.http.send_again("collection", Method::GET, &format!("v1/schema/{name}"), None::<&()>).await?;
        if !there.is_success() {
            let made = self.http.send_again("create", Method::POST, "v1/schema", Some(definition)).await?;
            // Another process may have been quicker.
            if !made.is_success() && !made.body.to_string().contains("already exists") {
                return Err(self.http.unexpected(&made));
            }
        }
        locked(&self.made).insert(name.to_owned());
        Ok(())
    }

    /// The names of all collections of this namespace's generations.
    async fn collections(&self) -> Result<Vec<(Generation, String)>> {
        let answer = self.http.send_again("collections", Method::GET, "v1/schema", None::<&()>).await?;
        if !answer.is_success() {
            return Err(self.http.unexpected(&answer));
        }
        let all = answer.body["classes"].as_array().into_iter().flatten().filter_map(|class| class["class"].as_str());
        Ok(all.filter_map(|name| Some((self.names.generation(name)?, name.to_owned()))).collect())
    }

    async fn drop_generations(&self, which: impl Fn(Generation) -> bool) -> Result<()> {
        for (generation, name) in self.collections().await? {
            if which(generation) {
                let gone = self.http.send_again("drop", Method::DELETE, &format!("v1/schema/{name}"), None::<&()>).await?;
                if !gone.is_success() && gone.status != StatusCode::NOT_FOUND {
                    return Err(self.http.unexpected(&gone));
                }
                locked(&self.made).remove(&name);
            }
        }
        Ok(())
    }

    /// Makes a generation the live one; the others go.
    async fn lead_to(&self, generation: Generation) -> Result<()> {
        let name = self.names.live();
        self.make(&name, &shape::ledger(&name)).await?;
        self.write(&name, &[json!({ "id": id("live"), "properties": { "generation": generation.to_string() } })]).await?;
        *locked(&self.live) = Some((generation, Instant::now()));
        self.drop_generations(|other| other != generation).await
    }

    /// Puts objects, in place of those with the same ids.
    async fn write(&self, collection: &str, objects: &[Value]) -> Result<()> {
        let mut rest = objects;
        while !rest.is_empty() {
            let mut size = 0;
            let fits = rest.iter().take(BATCH).take_while(|object| {
                size += object["vector"].as_array().map_or(0, Vec::len) * 12 + 1_000;
                size <= MAX_SENT
            });
            let (now, later) = rest.split_at(fits.count().max(1));
            rest = later;
            let sent: Vec<Value> = now
                .iter()
                .map(|object| {
                    let mut object = object.clone();
                    object["class"] = collection.into();
                    object
                })
                .collect();
            let answer = self.http.send_again("write", Method::POST, "v1/batch/objects", Some(&json!({ "objects": sent }))).await?;
            let results = answer.body.as_array().filter(|_| answer.is_success()).ok_or_else(|| self.unexpected(&answer))?;
            if let Some(refused) = results.iter().find(|result| result["result"]["status"] != "SUCCESS") {
                return Err(self.refusal(&refused["result"]["errors"].to_string()));
            }
        }
        Ok(())
    }

    fn unexpected(&self, answer: &Answer) -> Error {
        if is_pressed(&answer.body.to_string()) { self.http.door.away(answer.body.to_string()) } else { self.http.unexpected(answer) }
    }

    fn refusal(&self, errors: &str) -> Error {
        if is_pressed(errors) { self.http.door.away(errors) } else { self.http.door.other(format!("it refuses an object: {errors}")) }
    }

    async fn query(&self, operation: &'static str, collection: &str, asked: &str) -> Result<Option<Vec<Value>>> {
        let query = json!({ "query": format!("{{ Get {{ {collection}{asked} }} }}") });
        let mut answer = self.http.send_again(operation, Method::POST, "v1/graphql", Some(&query)).await?;
        // A server without any collection answers with a status of its own.
        let complaint = if answer.is_success() { &answer.body["errors"] } else { &answer.body };
        if is_missing(complaint) {
            return Ok(None);
        }
        if !answer.is_success() {
            return Err(self.unexpected(&answer));
        }
        match answer.body["data"]["Get"][collection].take() {
            Value::Array(found) => Ok(Some(found)),
            _ => Err(self.refusal(&answer.body["errors"].to_string())),
        }
    }

    /// The versions that are held of these.
    async fn held(&self, records: &str, keys: &[Key]) -> Result<HashMap<Key, Version>> {
        let mut held = HashMap::new();
        for keys in keys.chunks(BATCH) {
            let ids: Vec<String> = keys.iter().map(|key| id(&key_text(key)).to_string()).collect();
            let asked = format!("(limit: {}, where: {}) {{ key version lives }}", ids.len(), is_any("id", &ids));
            for found in self.query("held", records, &asked).await?.unwrap_or_default() {
                let version = Version { number: read_version(&found["version"])?, lives: found["lives"] == true };
                held.insert(read_key(found["key"].as_str().unwrap_or_default())?, version);
            }
        }
        Ok(held)
    }

    /// Removes passages of records that are older than a version.
    async fn remove_older(&self, collections: &[String], older: BTreeMap<i64, Vec<String>>) -> Result<()> {
        for (version, owners) in older {
            for owners in owners.chunks(BATCH) {
                let filter = json!({ "operator": "And", "operands": [
                    { "path": ["owner"], "operator": "ContainsAny", "valueTextArray": owners },
                    { "path": ["version"], "operator": "LessThan", "valueInt": version },
                ] });
                for collection in collections {
                    let body = json!({ "match": { "class": collection, "where": filter } });
                    loop {
                        let answer = self.http.send_again("remove", Method::DELETE, "v1/batch/objects", Some(&body)).await?;
                        if !answer.is_success() {
                            return Err(self.unexpected(&answer));
                        }
                        // No more than so many go at once.
                        let results = &answer.body["results"];
                        if results["failed"].as_u64().unwrap_or(0) > 0 {
                            return Err(self.refusal(&results.to_string()));
                        }
                        if results["matches"].as_u64().unwrap_or(0) <= results["limit"].as_u64().unwrap_or(u64::MAX) {
                            break;
                        }
                    }
                }
            }
        }
        Ok(())
    }

    async fn apply_to(&self, generation: Generation, changes: &[VectorChange]) -> Result<()> {
        let records = self.names.records(generation);
        let keys: HashSet<Key> = changes.iter().map(VectorChange::key).collect();
        let held = self.held(&records, &keys.into_iter().collect::<Vec<_>>()).await?;
        let changes = changes.iter().map(|change| (change.key(), change.version(), change));
        let changes = effective(changes, |key| held.get(key).copied());
        let collections = self.collections().await?.into_iter().map(|(_, name)| name);
        let collections: Vec<String> = collections.filter(|name| self.names.is_passages(name, generation)).collect();
        // A version that is written once more may have fewer passages than before.
        let mut again: BTreeMap<i64, Vec<String>> = BTreeMap::new();
        for (key, version, _) in changes.iter().filter(|(key, version, _)| held.get(key) == Some(version)) {
            again.entry(version.number + 1).or_default().push(key_text(key));
        }
        self.remove_older(&collections, again).await?;
        let mut passages: BTreeMap<usize, Vec<Value>> = BTreeMap::new();
        let mut ledger = Vec::new();
        let mut older: BTreeMap<i64, Vec<String>> = BTreeMap::new();
        for (key, version, change) in changes {
            let owner = key_text(&key);
            if let VectorChange::Upsert { title, vectors, .. } = change {
                let (width, sound) = sound(vectors);
                let objects = sound.filter(|_| width > 0).enumerate().map(|(number, vector)| {
                    json!({
                        "id": id(&format!("{owner} {} {number}", version.number)),
                        "vector": vector,
                        "properties": { "workspace": key.0.to_string(), "kind": key.1.kind.as_str(), "record": key.1.to_string(),
                            "owner": owner, "title": title, "version": version.number },
                    })
                });
                passages.entry(width).or_default().extend(objects);
            }
            ledger.push(
                json!({ "id": id(&owner), "properties": { "key": owner, "version": version.number.to_string(), "lives": version.lives } }),
            );
            older.entry(version.number + i64::from(!version.lives)).or_default().push(owner);
        }
        for (width, objects) in passages.iter().filter(|(_, objects)| !objects.is_empty()) {
            let name = self.names.passages(generation, *width);
            self.make(&name, &shape::passages(&name)).await?;
            self.write(&name, objects).await?;
        }
        self.write(&records, &ledger).await?;
        self.remove_older(&collections, older).await
    }

    async fn position_of(&self, generation: Generation) -> Result<Position> {
        let object = self.object(&self.names.records(generation), id("position")).await?;
        Ok(object.and_then(|object| object["properties"]["position"].as_i64()).unwrap_or(0))
    }

    /// The nearest passages, as many as asked for, best first, as (record, title, score).
    async fn near(&self, collection: &str, vector: &[f32], filter: &str, count: usize) -> Result<Option<Vec<VectorHit>>> {
        let asked = format!(
            "(limit: {count}, nearVector: {{vector: {}}}, where: {filter}) {{ record title _additional {{ distance }} }}",
            json!(vector)
        );
        let Some(found) = self.query("nearest", collection, &asked).await? else { return Ok(None) };
        let hits = found.iter().map(|found| {
            let record: Ref = found["record"].as_str().unwrap_or_default().parse().map_err(|error| Error::corrupt("vectors", error))?;
            let title = found["title"].as_str().unwrap_or_default().to_owned();
            Ok(VectorHit { record, title, score: -found["_additional"]["distance"].as_f64().unwrap_or(0.0) as f32 })
        });
        Ok(Some(hits.collect::<Result<_>>()?))
    }
}

fn read_version(kept: &Value) -> Result<i64> {
    let text = kept.as_str().unwrap_or_default();
    text.parse().map_err(|_| Error::corrupt("vectors", format!("`{text}` is no version")))
}

/// Whether the engine says that it has no such collection.
fn is_missing(said: &Value) -> bool {
    let said = said.to_string();
    said.contains("Cannot query field")
        || said.contains("could not find class")
        || said.contains("class not found")
        || said.contains("does not exist in schema")
        || said.contains("no graphql provider present")
}

/// Whether the engine takes nothing more for want of memory or disk, for the moment.
fn is_pressed(said: &str) -> bool {
    said.contains("read-only") || said.contains("read only") || said.contains("memory pressure") || said.contains("not enough memory")
}

/// Each record once, with its best passage; best first, equals in order of record.
fn best_of(passages: Vec<VectorHit>) -> Vec<VectorHit> {
    let mut best: HashMap<Ref, VectorHit> = HashMap::new();
    for hit in passages {
        match best.get(&hit.record) {
            Some(held) if held.score >= hit.score => {}
            _ => drop(best.insert(hit.record, hit)),
        }
    }
    let mut best: Vec<VectorHit> = best.into_values().collect();
    best.sort_unstable_by(|a, b| b.score.total_cmp(&a.score).then(a.record.cmp(&b.record)));
    best
}

#[async_trait]
impl Projection for WeaviateVectors {
    fn name(&self) -> &'static str {
        "vectors"
    }

    async fn position(&self) -> Result<Position> {
        self.position_of(self.generation().await?).await
    }

    async fn clear(&self) -> Result<()> {
        match self.beside_live {
            Some(beside) => self.drop_generations(|generation| generation == beside).await,
            None => self.lead_to(Uuid::now_v7()).await,
        }
    }

    async fn inventory(&self) -> Result<Inventory> {
        let records = self.names.records(self.generation().await?);
        let mut inventory = Inventory::new();
        let mut after = String::new();
        loop {
            let path = format!("v1/objects?class={records}&limit={BATCH}&after={after}");
            let answer = self.http.send_again("inventory", Method::GET, &path, None::<&()>).await?;
            if is_missing(&answer.body) || answer.status == StatusCode::NOT_FOUND {
                break;
            }
            let page = answer.body["objects"].as_array().filter(|_| answer.is_success()).ok_or_else(|| self.http.unexpected(&answer))?;
            let Some(last) = page.last() else { break };
            last["id"].as_str().unwrap_or_default().clone_into(&mut after);
            for object in page.iter().map(|object| &object["properties"]).filter(|object| object["lives"] == true) {
                let key = read_key(object["key"].as_str().unwrap_or_default())?;
                inventory.insert(key, read_version(&object["version"])?);
            }
        }
        Ok(inventory)
    }

    async fn switch(&self) -> Result<()> {
        let next = *locked(&self.next);
        let Some(next) = next else { return Ok(()) };
        self.lead_to(next).await?;
        *locked(&self.next) = None;
        Ok(())
    }

    async fn ping(&self) -> Result<()> {
        let answer = self.http.send("ping", Method::GET, "v1/meta", None::<&()>).await?;
        if answer.is_success() { Ok(()) } else { Err(self.http.door.away(format!("it answered {}", answer.status))) }
    }
}

#[async_trait]
impl Vectors for WeaviateVectors {
    async fn apply(&self, changes: &[VectorChange], upto: Position) -> Result<()> {
        // Asked for an object of a collection that it does not have, the engine takes a hundred times as long to answer.
        let live = self.names.live();
        self.make(&live, &shape::ledger(&live)).await?;
        let generation = self.generation().await?;
        let records = self.names.records(generation);
        self.make(&records, &shape::ledger(&records)).await?;
        if !changes.is_empty() {
            self.apply_to(generation, changes).await?;
        }
        if upto > self.position_of(generation).await? {
            self.write(&records, &[json!({ "id": id("position"), "properties": { "position": upto } })]).await?;
        }
        Ok(())
    }

    async fn nearest(
        &self,
        workspace: WorkspaceId,
        vector: &[f32],
        kinds: &[RecordKind],
        only: Option<&[Ref]>,
        limit: usize,
    ) -> Result<Vec<VectorHit>> {
        let limit = limit.min(MAX_LIMIT);
        let Some(query) = direction(vector).filter(|_| limit > 0 && only.is_none_or(|only| !only.is_empty())) else { return Ok(vec![]) };
        let mut filters = vec![is_any("workspace", &[workspace.to_string()])];
        if !kinds.is_empty() {
            filters.push(is_any("kind", &kinds.iter().map(|kind| kind.as_str().to_owned()).collect::<Vec<_>>()));
        }
        if let Some(only) = only {
            filters.push(is_any("record", &only.iter().map(ToString::to_string).collect::<Vec<_>>()));
        }
        let filter = format!("{{operator: And, operands: [{}]}}", filters.join(", "));
        let mut generation = self.believed_generation().await?;
        let mut count = (limit * 4 + 32).min(MAX_ANSWERED);
        loop {
            let collection = self.names.passages(generation, query.len());
            let Some(passages) = self.near(&collection, &query, &filter, count).await? else {
                // Another generation may have taken this one's place.
                let now = self.generation().await?;
                if now == generation {
                    return Ok(vec![]);
                }
                generation = now;
                continue;
            };
            let all = passages.len() < count || count == MAX_ANSWERED;
            let mut best = best_of(passages);
            // What is as near as the last one may still be to come, and before it in order.
            if all || best.get(limit).is_some_and(|next| next.score < best[limit - 1].score) {
                best.truncate(limit);
                return Ok(best);
            }
            count = (count * 4).min(MAX_ANSWERED);
        }
    }

    async fn beside(&self) -> Result<Arc<dyn Vectors>> {
        let live = self.generation().await?;
        self.drop_generations(|generation| generation != live).await?;
        let next = Uuid::now_v7();
        *locked(&self.next) = Some(next);
        Ok(Arc::new(Self::of(self.http.clone(), self.names.clone(), Some(next))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::StoreSettings;
    use crate::trial::{self, person, record};
    use crate::vectors::conformance::{self, upsert};
    use crate::vectors::memory::MemoryVectors;

    #[tokio::test]
    #[ignore = "needs the engines: make test-engines"]
    async fn conforms() {
        conformance::suite(&WeaviateVectors::open(&trial::engine("weaviate")).unwrap()).await;
        let engine = trial::engine("weaviate");
        conformance::restart(async || WeaviateVectors::open(&engine).unwrap()).await;
    }

    /// The same passages, the same questions, the same answers.
    #[tokio::test]
    #[ignore = "needs the engines: make test-engines"]
    async fn finds_what_the_embedded_store_finds() {
        let weaviate = WeaviateVectors::open(&trial::engine("weaviate")).unwrap();
        let embedded = MemoryVectors::open(&StoreSettings { in_memory: true, ..StoreSettings::default() }).await.unwrap();
        let workspaces = [WorkspaceId::new(), WorkspaceId::new()];
        let mut chance = 7_u64;
        let mut vector = || -> Vec<f32> {
            let raw: Vec<f32> = (0..32)
                .map(|_| {
                    chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    (chance >> 40) as f32 / 8_388_608.0 - 1.0
                })
                .collect();
            let length = raw.iter().map(|part| part * part).sum::<f32>().sqrt();
            raw.into_iter().map(|part| part / length).collect()
        };
        let changes: Vec<VectorChange> = (0..600)
            .map(|number| {
                let kind = if number % 3 == 0 { RecordKind::Job } else { RecordKind::Person };
                upsert(workspaces[number % 2], record(kind, number as u64), 1, "P", (0..=number % 7).map(|_| vector()).collect())
            })
            .collect();
        weaviate.apply(&changes, 1).await.unwrap();
        embedded.apply(&changes, 1).await.unwrap();
        let only: Vec<Ref> = (0..200).map(|number| record(RecordKind::Person, number)).collect();
        for round in 0..40 {
            let query = vector();
            let kinds: &[RecordKind] = if round % 3 == 0 { &[RecordKind::Job] } else { &[] };
            let only = (round % 4 == 1).then_some(only.as_slice());
            let limit = [1, 5, 50, 1_000][round % 4];
            let nearest = async |store: &dyn Vectors| store.nearest(workspaces[round % 2], &query, kinds, only, limit).await.unwrap();
            let (found, expected) = (nearest(&weaviate).await, nearest(&embedded).await);
            assert_eq!(found.len(), expected.len());
            for (found, expected) in found.iter().zip(&expected) {
                assert!((found.score - expected.score).abs() < 1e-4, "{found:?} {expected:?}");
            }
        }
    }

    /// What was written and then broken off is put right by the same changes and later ones.
    #[tokio::test]
    #[ignore = "needs the engines: make test-engines"]
    async fn what_was_broken_off_leaves_nothing_behind() {
        let store = WeaviateVectors::open(&trial::engine("weaviate")).unwrap();
        let workspace = WorkspaceId::new();
        let at = conformance::at;
        store.apply(&[upsert(workspace, person(1), 1, "one", vec![at(0.0)])], 1).await.unwrap();
        // Version 2 got as far as its passages.
        let generation = store.generation().await.unwrap();
        let owner = key_text(&(workspace, person(1)));
        let half = json!({ "id": id(&format!("{owner} 2 5")), "vector": at(90.0), "properties": { "workspace": workspace.to_string(),
            "kind": "person", "record": person(1).to_string(), "owner": owner, "title": "half", "version": 2 } });
        store.write(&store.names.passages(generation, 8), &[half]).await.unwrap();
        store.apply(&[upsert(workspace, person(1), 3, "three", vec![at(10.0)])], 3).await.unwrap();
        let hits = store.nearest(workspace, &at(90.0), &[], None, 9).await.unwrap();
        assert_eq!((hits.len(), hits[0].title.as_str()), (1, "three"));
    }

    #[tokio::test]
    #[ignore = "needs the engines: make test-engines"]
    async fn a_wrong_key_is_named_and_not_shown() {
        let mut engine = trial::engine("weaviate");
        engine.url.0 = engine.url.0.replace("looma-dev", "not-this-one");
        let refused = WeaviateVectors::open(&engine).unwrap().position().await.unwrap_err().to_string();
        assert!(refused.contains("stores.weaviate") && refused.contains("password") && !refused.contains("not-this-one"), "{refused}");
    }

    #[tokio::test]
    async fn nobody_there_is_said_in_time() {
        let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let engine = Engine { connect_seconds: 1, request_seconds: 1, ..Engine::at(format!("http://u:secret@{nobody}")) };
        let away = WeaviateVectors::open(&engine).unwrap().position().await.unwrap_err().to_string();
        assert!(away.contains(&nobody.to_string()) && away.contains("stores.weaviate") && !away.contains("secret"), "{away}");
    }
}

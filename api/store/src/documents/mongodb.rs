//! Documents in MongoDB: one collection, each document named by workspace, kind and hash, so that it needs no other index.

use super::{CHUNK, DocumentHash, checked, named};
use crate::engine::Door;
use crate::settings::Engine;
use crate::{Documents, Error, Result};
use async_trait::async_trait;
use futures::TryStreamExt;
use looma_types::WorkspaceId;
use mongodb::bson::spec::BinarySubtype;
use mongodb::bson::{Binary, doc};
use mongodb::error::{ErrorKind, RETRYABLE_WRITE_ERROR, WriteFailure};
use mongodb::options::{Acknowledgment, ClientOptions, Tls, TlsOptions, WriteConcern};
use mongodb::{Client, Collection, Database};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::HashMap;

/// The login is refused, or may not do this.
const REFUSED: [i32; 2] = [13, 18];
/// The server is starting, stopping, handing over to another, or out of memory or disk.
const NOT_NOW: [i32; 10] = [91, 146, 189, 10_058, 10_107, 11_600, 11_602, 13_435, 13_436, 14_031];
/// Two have made the same document at the same time.
const TWICE: i32 = 11_000;

/// The collection `documents` of the database that the namespace names.
pub struct MongoDocuments {
    door: Door,
    database: Database,
    documents: Collection<Kept>,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    #[serde(rename = "_id")]
    name: String,
    /// The canonical bytes: what the hash is of, and no engine reorders or rounds.
    body: Binary,
}

#[derive(Deserialize)]
struct Named {
    #[serde(rename = "_id")]
    name: String,
}

impl MongoDocuments {
    /// Connects, for nothing works without the truth.
    /// # Errors
    /// `Unavailable` names the address and what to check.
    pub async fn open(engine: &Engine) -> Result<Self> {
        let door = Door::new("documents", "MongoDB", "mongodb", engine);
        let options = options(&door).await?;
        let database = Client::with_options(options).map_err(|error| explain(&door, &error))?.database(&engine.namespace);
        let documents = Self { documents: database.collection("documents"), database, door };
        documents.ping().await?;
        Ok(documents)
    }

    fn explain(&self, error: &mongodb::error::Error) -> Error {
        explain(&self.door, error)
    }
}

async fn options(door: &Door) -> Result<ClientOptions> {
    let engine = door.engine();
    let mut options = ClientOptions::parse(&engine.url.0).await.map_err(|error| explain(door, &error))?;
    if let Some(file) = &engine.password_file {
        let password = std::fs::read_to_string(file).map_err(|error| door.away(format!("{}: {error}", file.display())))?;
        options.credential.get_or_insert_default().password = Some(password.trim_end().to_owned());
    }
    if let Some(file) = &engine.ca_file {
        let mut tls = match options.tls.take() {
            Some(Tls::Enabled(tls)) => tls,
            _ => TlsOptions::default(),
        };
        tls.ca_file_path = Some(file.clone());
        options.tls = Some(Tls::Enabled(tls));
    }
    options.app_name = Some("looma".into());
    options.max_pool_size = Some(engine.connections);
    options.connect_timeout = Some(door.connect_limit());
    options.server_selection_timeout = Some(door.connect_limit());
    // Durable when answered: on the disks of most of the servers, however many they are.
    let durable = WriteConcern::builder().w(Acknowledgment::Majority).journal(true).w_timeout(door.request_limit()).build();
    options.write_concern = Some(durable);
    Ok(options)
}

fn explain(door: &Door, error: &mongodb::error::Error) -> Error {
    match error.kind.as_ref() {
        kind @ ErrorKind::Authentication { .. } => door.refused(kind),
        ErrorKind::Command(command) if REFUSED.contains(&command.code) => door.refused(&command.message),
        ErrorKind::Command(command) if NOT_NOW.contains(&command.code) => door.away(&command.message),
        ErrorKind::Write(WriteFailure::WriteConcernError(failure)) => door.away(&failure.message),
        ErrorKind::Write(WriteFailure::WriteError(failure)) if failure.code == TWICE || NOT_NOW.contains(&failure.code) => {
            door.away(&failure.message)
        }
        kind @ (ErrorKind::Io(_)
        | ErrorKind::ServerSelection { .. }
        | ErrorKind::DnsResolve { .. }
        | ErrorKind::ConnectionPoolCleared { .. }
        | ErrorKind::InvalidArgument { .. }
        | ErrorKind::InvalidTlsConfig { .. }) => door.away(kind),
        kind if error.contains_label(RETRYABLE_WRITE_ERROR) => door.away(kind),
        ErrorKind::Bson(reason) => Error::corrupt("documents", reason),
        kind => door.other(kind),
    }
}

/// What the names of all documents of a kind begin with.
fn shelf(workspace: WorkspaceId, kind: &str) -> String {
    format!("{workspace}/{kind}/")
}

#[async_trait]
impl Documents for MongoDocuments {
    async fn put(&self, workspace: WorkspaceId, kind: &str, value: &Value) -> Result<DocumentHash> {
        let (hash, bytes) = named(kind, value)?;
        let body = Binary { subtype: BinarySubtype::Generic, bytes };
        let kept = Kept { name: shelf(workspace, kind) + &hash, body };
        // Replacing it by the same bytes changes nothing, and mends a damaged one.
        self.door
            .ask_again("put", || async {
                let replaced = self.documents.replace_one(doc! { "_id": &kept.name }, &kept).upsert(true).await;
                replaced.map(|_| ()).map_err(|error| self.explain(&error))
            })
            .await?;
        Ok(hash)
    }

    async fn get(&self, workspace: WorkspaceId, kind: &str, hash: &str) -> Result<Option<Value>> {
        let name = shelf(workspace, kind) + hash;
        let kept = self
            .door
            .ask_again("get", || async { self.documents.find_one(doc! { "_id": &name }).await.map_err(|error| self.explain(&error)) })
            .await?;
        kept.map(|kept| checked(hash, &kept.body.bytes)).transpose()
    }

    async fn get_many(&self, workspace: WorkspaceId, kind: &str, hashes: &[DocumentHash]) -> Result<Vec<Option<Value>>> {
        let shelf = shelf(workspace, kind);
        let mut answers = Vec::with_capacity(hashes.len());
        for chunk in hashes.chunks(CHUNK) {
            let names: Vec<String> = chunk.iter().map(|hash| format!("{shelf}{hash}")).collect();
            let kept: Vec<Kept> = self
                .door
                .ask_again("get_many", || async {
                    let found = async { self.documents.find(doc! { "_id": { "$in": &names } }).await?.try_collect().await };
                    found.await.map_err(|error| self.explain(&error))
                })
                .await?;
            let found: HashMap<String, Vec<u8>> = kept.into_iter().map(|kept| (kept.name, kept.body.bytes)).collect();
            for (hash, name) in chunk.iter().zip(&names) {
                answers.push(found.get(name).map(|body| checked(hash, body)).transpose()?);
            }
        }
        Ok(answers)
    }

    async fn delete(&self, workspace: WorkspaceId, kind: &str, hash: &str) -> Result<bool> {
        let name = shelf(workspace, kind) + hash;
        let deleted = async { self.documents.delete_one(doc! { "_id": name }).await.map_err(|error| self.explain(&error)) };
        Ok(self.door.ask("delete", deleted).await?.deleted_count > 0)
    }

    async fn list(&self, workspace: WorkspaceId, kind: &str, after: Option<&str>, limit: usize) -> Result<Vec<DocumentHash>> {
        if limit == 0 {
            // To the engine, this would be no limit.
            return Ok(vec![]);
        }
        let shelf = shelf(workspace, kind);
        // `0` follows `/`.
        let range = doc! { "$gt": format!("{shelf}{}", after.unwrap_or_default()), "$lt": format!("{workspace}/{kind}0") };
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let names: Vec<Named> = self
            .door
            .ask_again("list", || async {
                let all = self.documents.clone_with_type::<Named>();
                let found = all.find(doc! { "_id": range.clone() }).sort(doc! { "_id": 1 }).projection(doc! { "_id": 1 }).limit(limit);
                async { found.await?.try_collect().await }.await.map_err(|error| self.explain(&error))
            })
            .await?;
        Ok(names.into_iter().map(|named| named.name[shelf.len()..].to_owned()).collect())
    }

    async fn ping(&self) -> Result<()> {
        let answer = async { self.database.run_command(doc! { "ping": 1 }).await.map_err(|error| self.explain(&error)) };
        self.door.ask("ping", answer).await.map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents::conformance;
    use crate::trial::{self, gate};
    use mongodb::bson::Document;
    use serde_json::json;
    use std::time::{Duration, Instant};

    /// A database of its own, dropped at the end.
    async fn with_documents<F: Future<Output = ()>>(test: impl FnOnce(MongoDocuments, Engine) -> F) {
        let engine = trial::engine("mongodb");
        let documents = MongoDocuments::open(&engine).await.unwrap();
        let database = documents.database.clone();
        test(documents, engine).await;
        database.drop().await.unwrap();
    }

    #[tokio::test]
    #[ignore = "needs the engines: make test-engines"]
    async fn conforms() {
        with_documents(async |documents, engine| {
            conformance::suite(&documents).await;
            let one = MongoDocuments::open(&Engine { connections: 1, ..engine }).await.unwrap();
            conformance::suite(&one).await;
        })
        .await;
    }

    #[tokio::test]
    #[ignore = "needs the engines: make test-engines"]
    async fn other_processes_see_it_and_damage_is_told_and_mended() {
        with_documents(async |documents, engine| {
            let workspace = WorkspaceId::new();
            let hash = documents.put(workspace, "resume", &json!({"a": 1})).await.unwrap();
            let again = MongoDocuments::open(&engine).await.unwrap();
            assert_eq!(again.get(workspace, "resume", &hash).await.unwrap(), Some(json!({"a": 1})));
            let raw = again.database.collection::<Document>("documents");
            let bent = Binary { subtype: BinarySubtype::Generic, bytes: br#"{"a":2}"#.to_vec() };
            for damage in [doc! { "$set": { "body": bent } }, doc! { "$set": { "body": "text" } }] {
                raw.update_one(doc! {}, damage).await.unwrap();
                assert!(matches!(again.get(workspace, "resume", &hash).await, Err(Error::Corrupt { .. })));
                assert!(matches!(again.get_many(workspace, "resume", std::slice::from_ref(&hash)).await, Err(Error::Corrupt { .. })));
                again.put(workspace, "resume", &json!({"a": 1})).await.unwrap();
                assert_eq!(again.get(workspace, "resume", &hash).await.unwrap(), Some(json!({"a": 1})), "putting it again mends it");
            }
        })
        .await;
    }

    #[tokio::test]
    #[ignore = "needs the engines: make test-engines"]
    async fn a_wrong_password_is_told_and_not_shown() {
        let engine = gate::stranger(&trial::engine("mongodb"));
        let began = Instant::now();
        gate::assert_refused(MongoDocuments::open(&engine).await.map(|_| ()), "MongoDB", &engine);
        assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    }

    #[tokio::test]
    #[ignore = "needs the engines: make test-engines"]
    async fn the_password_may_be_in_a_file() {
        let engine = trial::engine("mongodb");
        let login = engine.login().unwrap();
        let (user, password) = crate::settings::user_and_password(&login);
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), password.unwrap() + "\n").unwrap();
        let url = login.as_str().replacen(login.password().unwrap(), "", 1).replacen(&format!("{user}:@"), &format!("{user}@"), 1);
        let engine = Engine { password_file: Some(file.path().to_owned()), url: crate::settings::Address(url), ..engine };
        MongoDocuments::open(&engine).await.unwrap();
    }

    #[tokio::test]
    #[ignore = "needs the engines: make test-engines"]
    async fn breaks_and_heals() {
        let engine = trial::engine("mongodb");
        let direct = crate::settings::Address(engine.url.0.clone() + "&directConnection=true");
        let (mut gate, engine) =
            gate::Gate::before(&Engine { url: direct, connect_seconds: 1, request_seconds: 3, ..engine.clone() }).await;
        let documents = MongoDocuments::open(&engine).await.unwrap();
        let workspace = WorkspaceId::new();
        let hash = documents.put(workspace, "resume", &json!(1)).await.unwrap();

        gate.shut().await;
        let began = Instant::now();
        gate::assert_away(documents.delete(workspace, "resume", &hash).await, "MongoDB", &engine);
        assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
        gate.open().await;
        assert_eq!(documents.get(workspace, "resume", &hash).await.unwrap(), Some(json!(1)), "it heals at once");

        gate.silence();
        let began = Instant::now();
        gate::assert_away(documents.get(workspace, "resume", &hash).await, "MongoDB", &engine);
        assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
        gate.open().await;
        assert_eq!(documents.get(workspace, "resume", &hash).await.unwrap(), Some(json!(1)), "it heals at once");
        documents.database.drop().await.unwrap();
    }

    #[tokio::test]
    async fn what_is_absent_or_mute_ends_the_start_in_time() {
        let engine = gate::absent("mongodb", "/?authSource=admin").await;
        let began = Instant::now();
        gate::assert_away(MongoDocuments::open(&engine).await.map(|_| ()), "MongoDB", &engine);
        assert!(began.elapsed() < Duration::from_millis(1_500), "{:?}", began.elapsed());
        let (_listener, engine) = gate::mute("mongodb", "/?authSource=admin").await;
        let began = Instant::now();
        gate::assert_away(MongoDocuments::open(&engine).await.map(|_| ()), "MongoDB", &engine);
        assert!(began.elapsed() < Duration::from_millis(2_500), "{:?}", began.elapsed());
    }

    #[tokio::test]
    async fn what_cannot_be_is_told_at_the_start() {
        for url in ["mongodb://looma:secret@", "mongodb://looma:sec@ret@db/", "mongodb://looma:secret@db/?authMechanism=NONE"] {
            gate::assert_away(MongoDocuments::open(&Engine::at(url)).await.map(|_| ()), "MongoDB", &Engine::at(url));
        }
        let engine = Engine { ca_file: Some("/no/such.pem".into()), ..Engine::at("mongodb://looma:secret@db/") };
        gate::assert_away(MongoDocuments::open(&engine).await.map(|_| ()), "MongoDB", &engine);
    }
}

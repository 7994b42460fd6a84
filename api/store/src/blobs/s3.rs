//! Blobs in S3 or what speaks like it: `<namespace>/<workspace>/<first two digits>/<hash>` in one bucket.

use super::{BlobHash, checked, is_hash, named};
use crate::engine::Door;
use crate::settings::{Engine, user_and_password};
use crate::{Blobs, Error, Result};
use async_trait::async_trait;
use bytes::Bytes;
use looma_types::WorkspaceId;
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::client::HttpError;
use object_store::list::{PaginatedListOptions, PaginatedListStore};
use object_store::path::Path;
use object_store::{Certificate, ClientOptions, ObjectStoreExt, RetryConfig};
use std::time::Duration;

/// What servers that know no regions call theirs.
const REGION: &str = "us-east-1";
/// What S3 lists at once at most.
const PAGE: usize = 1_000;

/// A bucket, addressed by path.
pub struct S3Blobs {
    door: Door,
    bucket: AmazonS3,
}

impl S3Blobs {
    /// Connects, for nothing works without the truth.
    /// # Errors
    /// `Unavailable` names the address and what to check.
    pub async fn open(engine: &Engine) -> Result<Self> {
        let door = Door::new("blobs", "S3", "s3", engine);
        let blobs = Self { bucket: bucket(&door)?, door };
        blobs.ping().await?;
        Ok(blobs)
    }

    /// What the keys of all blobs of a workspace begin with.
    fn shelf(&self, workspace: WorkspaceId) -> String {
        format!("{}/{workspace}/", self.door.engine().namespace)
    }

    fn key(&self, workspace: WorkspaceId, hash: &str) -> Path {
        Path::from(format!("{}{}/{hash}", self.shelf(workspace), &hash[..2]))
    }

    /// The bytes under a key, as long as they are as many as expected.
    async fn fetch(&self, key: &Path, size: Option<usize>) -> Result<Option<Bytes>> {
        let found = match self.bucket.get(key).await {
            Ok(found) => found,
            // Where the bucket is missing, nothing is known about its blobs.
            Err(error @ object_store::Error::NotFound { .. }) if !said(&error).contains("NoSuchBucket") => return Ok(None),
            Err(error) => return Err(self.explain(&error)),
        };
        if size.is_some_and(|size| size as u64 != found.meta.size) {
            return Ok(None);
        }
        found.bytes().await.map(Some).map_err(|error| self.explain(&error))
    }

    /// Keys of a workspace after another, in order, and whether there are more.
    async fn page(&self, shelf: &str, after: Option<&Path>, limit: usize) -> Result<(Vec<Path>, bool)> {
        let options = PaginatedListOptions { offset: after.map(Path::to_string), max_keys: Some(limit), ..PaginatedListOptions::default() };
        let page = self.bucket.list_paginated(Some(shelf), options).await.map_err(|error| self.explain(&error))?;
        Ok((page.result.objects.into_iter().map(|object| object.location).collect(), page.page_token.is_some()))
    }

    fn explain(&self, error: &object_store::Error) -> Error {
        use object_store::Error::{NotFound, PermissionDenied, Unauthenticated};
        let said = said(error);
        match error {
            PermissionDenied { .. } | Unauthenticated { .. } => self.door.refused(said),
            // Of what is listed the client does not say that it was not found.
            _ if matches!(error, NotFound { .. }) || said.contains("NoSuchBucket") => {
                self.door.away(format!("{said}; is there such a bucket"))
            }
            // The client keeps the status to itself, but for these words.
            _ if said.contains("status code: 403") || said.contains("status code: 401") => self.door.refused(said),
            _ if is_broken(error) || said.contains("status code: 5") || said.contains("status code: 429") => self.door.away(said),
            _ => self.door.other(said),
        }
    }
}

fn bucket(door: &Door) -> Result<AmazonS3> {
    let engine = door.engine();
    let url = engine.login().map_err(|error| door.away(error))?;
    let (key, Some(secret)) = user_and_password(&url) else {
        return Err(door.refused("the address lacks the access key, as its user, and its password"));
    };
    let name = url.path().trim_matches('/');
    if name.is_empty() || name.contains('/') {
        return Err(door.away("the address must end with the name of a bucket"));
    }
    let region = url.query_pairs().find(|(name, _)| name == "region").map_or(REGION.into(), |(_, region)| region);
    let mut client = ClientOptions::new()
        .with_allow_http(true)
        .with_connect_timeout(door.connect_limit())
        .with_timeout(door.request_limit())
        .with_pool_max_idle_per_host(engine.connections as usize)
        .with_pool_idle_timeout(Duration::from_mins(1));
    if let Some(file) = &engine.ca_file {
        let pem = std::fs::read(file).map_err(|error| door.away(format!("{}: {error}", file.display())))?;
        for certificate in Certificate::from_pem_bundle(&pem).map_err(|error| door.away(error))? {
            client = client.with_root_certificate(certificate);
        }
    }
    let mut endpoint = url.clone();
    endpoint.set_path("");
    endpoint.set_query(None);
    // Never part of what is sent or shown.
    let _ = (endpoint.set_username(""), endpoint.set_password(None));
    AmazonS3Builder::new()
        .with_endpoint(endpoint.as_str().trim_end_matches('/'))
        .with_bucket_name(name)
        .with_region(region)
        .with_access_key_id(key)
        .with_secret_access_key(secret)
        .with_client_options(client)
        // The door tries again, and counts it.
        .with_retry(RetryConfig { max_retries: 0, ..RetryConfig::default() })
        // Some servers do not know it.
        .with_disable_bulk_delete(true)
        .build()
        .map_err(|error| door.away(error))
}

fn causes<'a>(error: &'a (dyn std::error::Error + 'static)) -> impl Iterator<Item = &'a (dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error), |error| error.source())
}

/// Whether there was no whole answer.
fn is_broken(error: &object_store::Error) -> bool {
    causes(error).any(<dyn std::error::Error>::is::<HttpError>)
}

/// The innermost reason, which is the one that tells, and what the server says in its XML.
fn said(error: &object_store::Error) -> String {
    let reason = causes(error).last().unwrap_or(error).to_string();
    let within = |tag: &str| {
        let (_, rest) = reason.split_once(&format!("<{tag}>"))?;
        rest.split_once("</").map(|(text, _)| text)
    };
    let status = reason.split(": <").next().unwrap_or_default();
    [Some(status), within("Code"), within("Message")].into_iter().flatten().collect::<Vec<_>>().join(": ").chars().take(300).collect()
}

#[async_trait]
impl Blobs for S3Blobs {
    async fn put(&self, workspace: WorkspaceId, bytes: Bytes) -> Result<BlobHash> {
        let hash = named(&bytes)?;
        let key = self.key(workspace, &hash);
        // The same bytes again: nothing to write, unless what lies there is damaged.
        let held = self.door.ask_again("look", || self.fetch(&key, Some(bytes.len()))).await?;
        if held.as_ref() != Some(&bytes) {
            self.door
                .ask_again("put", || async {
                    self.bucket.put(&key, bytes.clone().into()).await.map(|_| ()).map_err(|error| self.explain(&error))
                })
                .await?;
        }
        Ok(hash)
    }

    async fn get(&self, workspace: WorkspaceId, hash: &str) -> Result<Option<Bytes>> {
        if !is_hash(hash) {
            return Ok(None);
        }
        let key = self.key(workspace, hash);
        let bytes = self.door.ask_again("get", || self.fetch(&key, None)).await?;
        bytes.map(|bytes| checked(hash, bytes)).transpose()
    }

    /// S3 does not say whether there was something to delete, so it is asked before: two at the same time may both hear that there was.
    async fn delete(&self, workspace: WorkspaceId, hash: &str) -> Result<bool> {
        if !is_hash(hash) {
            return Ok(false);
        }
        let key = self.key(workspace, hash);
        let there = self
            .door
            .ask_again("look", || async {
                match self.bucket.head(&key).await {
                    Ok(_) => Ok(true),
                    Err(object_store::Error::NotFound { .. }) => Ok(false),
                    Err(error) => Err(self.explain(&error)),
                }
            })
            .await?;
        if there {
            let delete = || async { self.bucket.delete(&key).await.map_err(|error| self.explain(&error)) };
            self.door.ask_again("delete", delete).await?;
        }
        Ok(there)
    }

    async fn list(&self, workspace: WorkspaceId, after: Option<&str>, limit: usize) -> Result<Vec<BlobHash>> {
        let shelf = self.shelf(workspace);
        let mut last = after.filter(|after| is_hash(after)).map(|after| self.key(workspace, after));
        let (mut names, mut more) = (Vec::new(), true);
        while more && names.len() < limit {
            let want = PAGE.min(limit - names.len());
            let keys;
            (keys, more) = self.door.ask_again("list", || self.page(&shelf, last.as_ref(), want)).await?;
            let found = keys.iter().filter_map(Path::filename).filter(|name| is_hash(name) && after.is_none_or(|after| *name > after));
            names.extend(found.map(str::to_owned));
            last = keys.last().cloned().or(last);
        }
        Ok(names)
    }

    async fn ping(&self) -> Result<()> {
        let shelf = format!("{}/", self.door.engine().namespace);
        self.door.ask("ping", self.page(&shelf, None, 1)).await.map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blobs::conformance;
    use crate::trial::{self, gate};
    use futures::future::try_join_all;
    use std::time::Instant;

    async fn opened(engine: &Engine) -> Result<()> {
        S3Blobs::open(engine).await.map(|_| ())
    }

    #[tokio::test]
    #[ignore = "needs the engines: make test-engines"]
    async fn conforms() {
        let engine = trial::engine("s3");
        let blobs = S3Blobs::open(&engine).await.unwrap();
        conformance::suite(&blobs).await;
        conformance::suite(&S3Blobs::open(&Engine { connections: 1, ..engine }).await.unwrap()).await;
    }

    #[tokio::test]
    #[ignore = "needs the engines: make test-engines"]
    async fn lists_more_than_a_page() {
        let blobs = S3Blobs::open(&trial::engine("s3")).await.unwrap();
        let workspace = WorkspaceId::new();
        let mut names = try_join_all((0..PAGE + 100).map(|number| blobs.put(workspace, number.to_string().into()))).await.unwrap();
        names.sort_unstable();
        assert_eq!(blobs.list(workspace, None, 10_000).await.unwrap(), names);
        assert_eq!(blobs.list(workspace, Some(&names[49]), PAGE + 10).await.unwrap(), names[50..][..PAGE + 10]);
        try_join_all(names.iter().map(|name| blobs.delete(workspace, name))).await.unwrap();
    }

    #[tokio::test]
    #[ignore = "needs the engines: make test-engines"]
    async fn other_processes_see_it_and_damage_is_told_and_mended() {
        let engine = trial::engine("s3");
        let workspace = WorkspaceId::new();
        let hash = S3Blobs::open(&engine).await.unwrap().put(workspace, "kept".into()).await.unwrap();
        let again = S3Blobs::open(&engine).await.unwrap();
        assert_eq!(again.get(workspace, &hash).await.unwrap(), Some("kept".into()));
        let key = again.key(workspace, &hash);
        for damage in ["bent", "ke", ""] {
            again.bucket.put(&key, damage.into()).await.unwrap();
            assert!(matches!(again.get(workspace, &hash).await, Err(Error::Corrupt { .. })));
            again.put(workspace, "kept".into()).await.unwrap();
            assert_eq!(again.get(workspace, &hash).await.unwrap(), Some("kept".into()), "putting it again mends it");
        }
        again.bucket.put(&Path::from(format!("{}{}/odd", again.shelf(workspace), &hash[..2])), "x".into()).await.unwrap();
        assert_eq!(again.list(workspace, None, 10).await.unwrap(), [hash], "what is no blob is not listed");
    }

    #[tokio::test]
    #[ignore = "needs the engines: make test-engines"]
    async fn what_is_wrong_with_the_login_or_the_bucket_is_told() {
        let engine = trial::engine("s3");
        let stranger = gate::stranger(&engine);
        gate::assert_refused(opened(&stranger).await, "S3", &stranger);
        let mut url = engine.login().unwrap();
        url.set_path("/no-such-bucket");
        let lost = Engine { url: crate::settings::Address(url.into()), ..engine };
        let answer = opened(&lost).await;
        assert!(answer.as_ref().unwrap_err().to_string().contains("NoSuchBucket"), "{answer:?}");
        gate::assert_away(answer, "S3", &lost);
    }

    #[tokio::test]
    #[ignore = "needs the engines: make test-engines"]
    async fn breaks_and_heals() {
        let (mut gate, engine) = gate::Gate::before(&Engine { connect_seconds: 1, request_seconds: 2, ..trial::engine("s3") }).await;
        let blobs = S3Blobs::open(&engine).await.unwrap();
        let workspace = WorkspaceId::new();
        let hash = blobs.put(workspace, "kept".into()).await.unwrap();

        gate.shut().await;
        let began = Instant::now();
        gate::assert_away(blobs.get(workspace, &hash).await, "S3", &engine);
        assert!(began.elapsed() < Duration::from_secs(1), "what refuses is not waited for");
        gate.open().await;
        assert_eq!(blobs.get(workspace, &hash).await.unwrap(), Some("kept".into()), "it heals at once");

        gate.silence();
        let began = Instant::now();
        gate::assert_away(blobs.put(workspace, "more".into()).await, "S3", &engine);
        assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
        gate.open().await;
        assert_eq!(blobs.get(workspace, &hash).await.unwrap(), Some("kept".into()), "it heals at once");
    }

    #[tokio::test]
    async fn what_is_absent_or_mute_ends_the_start_in_time() {
        let engine = gate::absent("http", "/looma").await;
        let began = Instant::now();
        gate::assert_away(opened(&engine).await, "S3", &engine);
        assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
        let (_listener, engine) = gate::mute("http", "/looma").await;
        let began = Instant::now();
        gate::assert_away(opened(&engine).await, "S3", &engine);
        assert!(began.elapsed() < Duration::from_millis(2_500), "{:?}", began.elapsed());
    }

    #[tokio::test]
    async fn what_cannot_be_is_told_at_the_start() {
        for url in ["http://looma:secret@db", "http://looma:secret@db/a/b", "http://db/looma"] {
            gate::assert_away(opened(&Engine::at(url)).await, "S3", &Engine::at(url));
        }
        let engine = Engine { ca_file: Some("/no/such.pem".into()), ..Engine::at("https://looma:secret@db/looma") };
        gate::assert_away(opened(&engine).await, "S3", &engine);
    }
}

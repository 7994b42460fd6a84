//! The text index in tantivy, below `text/`.
//!
//! Long, because writing, searching and rebuilding share one reader, one writer and their locks.

use super::collect::{Collect, Collected};
use super::document::{Fields, analysis, record, stored};
use super::query::all;
use super::snippet::Needles;
use super::telling::{asked, telling};
use super::{MAX_CANDIDATES, MAX_LIMIT, MAX_OFFSET, MAX_TYPED, TextAnswer, TextHit, TextQuery, best_beginnings, searchable};
use crate::outbox::{Change, Event, Position};
use crate::projection::{Inventory, Projected, Projection};
use crate::version::{Key, Version, effective};
use crate::{Error, Result, StoreSettings, TextIndex};
use arc_swap::ArcSwap;
use async_trait::async_trait;
use looma_types::{RecordKind, Ref, WorkspaceId};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tantivy::collector::DocSetCollector;
use tantivy::directory::error::LockError;
use tantivy::directory::{Directory, MmapDirectory, RamDirectory};
use tantivy::indexer::{IndexWriterOptions, LogMergePolicy};
use tantivy::{DocSet, Index, IndexReader, IndexSettings, IndexWriter, ReloadPolicy, Searcher, TERMINATED, TantivyDocument, TantivyError};

/// The least the engine allows.
const WRITER_MEMORY: usize = 15_000_000;

/// Where the live index is, when that is not `text/`: a file with the folder's name.
const LIVE: &str = "text.live";

/// Clones share the index.
#[derive(Clone)]
pub struct TantivyIndex {
    live: Arc<ArcSwap<Shared>>,
    /// What a rebuild fills, until it takes the live one's place.
    beside: Arc<Mutex<Option<Arc<Shared>>>>,
    /// The folder of all stores; none in memory.
    data: Option<PathBuf>,
}

struct Shared {
    folder: Option<PathBuf>,
    fields: Fields,
    index: Index,
    reader: IndexReader,
    /// The one writer, opened when first needed.
    writer: Mutex<Option<IndexWriter>>,
    position: AtomicI64,
}

impl From<TantivyError> for Error {
    fn from(error: TantivyError) -> Self {
        match error {
            TantivyError::LockFailure(LockError::LockBusy, _) => {
                Self::Unavailable { store: "text", detail: "another process writes to the index".into() }
            }
            TantivyError::IoError(error) => Self::Unavailable { store: "text", detail: error.to_string() },
            error => Self::other("text", error),
        }
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|error| Error::other("text", error))?
}

impl TantivyIndex {
    pub async fn open(settings: &StoreSettings) -> Result<Self> {
        let data = (!settings.in_memory).then(|| settings.data.clone());
        blocking(move || {
            let folder = data.as_deref().map(live_folder).transpose()?;
            Ok(Self { live: Arc::new(ArcSwap::from_pointee(Shared::open(folder)?)), beside: Arc::default(), data })
        })
        .await
    }

    fn shared(&self) -> Arc<Shared> {
        self.live.load_full()
    }

    fn new_beside(&self) -> Result<Self> {
        let mut beside = self.beside.lock().unwrap_or_else(PoisonError::into_inner);
        *beside = None;
        let folder = self.data.as_ref().map(|data| data.join(format!("text-{}", uuid::Uuid::now_v7().simple())));
        let shared = Arc::new(Shared::open(folder)?);
        *beside = Some(shared.clone());
        Ok(Self { live: Arc::new(ArcSwap::new(shared)), beside: Arc::default(), data: None })
    }

    fn take_over(&self) -> Result<()> {
        let mut beside = self.beside.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(filled) = beside.take() else { return Ok(()) };
        if let (Some(data), Some(folder)) = (&self.data, &filled.folder) {
            let name = folder.file_name().unwrap_or_default();
            let (file, aside) = (data.join(LIVE), data.join("text.live.part"));
            let written = std::fs::write(&aside, name.as_encoded_bytes()).and_then(|()| std::fs::rename(&aside, &file));
            written.map_err(|error| unavailable(&file, &error))?;
        }
        let old = self.live.swap(filled);
        // Searches under way keep what they read; its files go.
        old.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(folder) = &old.folder {
            std::fs::remove_dir_all(folder).map_err(|error| unavailable(folder, &error))?;
        }
        Ok(())
    }
}

/// The folder of the live index. What an interrupted rebuild has left beside it is removed.
fn live_folder(data: &Path) -> Result<PathBuf> {
    let name = std::fs::read_to_string(data.join(LIVE)).unwrap_or_else(|_| "text".into());
    let live = data.join(&name);
    for entry in std::fs::read_dir(data).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with("text-") && entry.path() != live {
            std::fs::remove_dir_all(entry.path()).map_err(|error| unavailable(&entry.path(), &error))?;
        }
    }
    Ok(live)
}

impl Shared {
    /// An index that cannot be read, or was made with another analysis, is put aside: the outbox makes it anew.
    fn open(folder: Option<PathBuf>) -> Result<Self> {
        let Some(folder) = folder else { return Self::open_in(RamDirectory::create(), None) };
        let make = || std::fs::create_dir_all(&folder).map_err(|error| unavailable(&folder, &error));
        make()?;
        let open = || {
            let directory =
                MmapDirectory::open(&folder).map_err(|error| Error::Unavailable { store: "text", detail: error.to_string() })?;
            Self::open_in(directory, Some(folder.clone()))
        };
        match open() {
            Err(error) if !matches!(error, Error::Unavailable { .. }) => {
                tracing::warn!(%error, "the text index is unreadable and is made anew");
                let aside = folder.with_extension("unreadable");
                if aside.exists() {
                    std::fs::remove_dir_all(&aside).map_err(|error| unavailable(&aside, &error))?;
                }
                std::fs::rename(&folder, &aside).map_err(|error| unavailable(&folder, &error))?;
                make()?;
                open()
            }
            other => other,
        }
    }

    fn open_in(directory: impl Into<Box<dyn Directory>>, folder: Option<PathBuf>) -> Result<Self> {
        let fields = Fields::new();
        let index = Index::builder()
            .schema(fields.schema.clone())
            .settings(IndexSettings::default())
            .tokenizers(analysis())
            .open_or_create(directory)?;
        let position = index.load_metas()?.payload.and_then(|payload| payload.parse().ok()).unwrap_or(0);
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).doc_store_cache_num_blocks(32).try_into()?;
        Ok(Self { folder, fields, index, reader, writer: Mutex::new(None), position: AtomicI64::new(position) })
    }

    /// Changes the index and makes the change visible together with `upto`. After a failure the writer is opened anew.
    fn change(&self, upto: Option<Position>, work: impl FnOnce(&mut IndexWriter) -> Result<()>) -> Result<()> {
        let mut held = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let mut writer = match held.take() {
            Some(writer) => writer,
            None => self.new_writer()?,
        };
        let position = upto.map_or(0, |upto| upto.max(self.position.load(Ordering::Acquire)));
        work(&mut writer)?;
        let mut prepared = writer.prepare_commit()?;
        prepared.set_payload(&position.to_string());
        prepared.commit()?;
        self.reader.reload()?;
        self.position.store(position, Ordering::Release);
        *held = Some(writer);
        Ok(())
    }

    fn new_writer(&self) -> Result<IndexWriter> {
        let options =
            IndexWriterOptions::builder().memory_budget_per_thread(WRITER_MEMORY).num_worker_threads(1).num_merge_threads(1).build();
        let writer = self.index.writer_with_options(options)?;
        // Most commits hold a handful of records: small segments are merged early, large ones seldom.
        let mut policy = LogMergePolicy::default();
        policy.set_min_num_segments(4);
        policy.set_min_layer_size(200);
        policy.set_level_log_size(2.0);
        policy.set_del_docs_ratio_before_merge(0.4);
        writer.set_merge_policy(Box::new(policy));
        Ok(writer)
    }

    fn apply(&self, changes: Vec<(Key, Version, Option<Box<Projected>>)>, upto: Position) -> Result<()> {
        let searcher = self.reader.searcher();
        let mut failed = None;
        let changes = effective(changes.into_iter(), |key| {
            self.held(&searcher, key).unwrap_or_else(|error| {
                failed = Some(error);
                None
            })
        });
        if let Some(error) = failed {
            return Err(error);
        }
        if changes.is_empty() {
            // Nothing to write: should the process end here, the same events are passed over once more.
            self.position.fetch_max(upto, Ordering::AcqRel);
            return Ok(());
        }
        self.change(Some(upto), |writer| {
            for (key, version, projected) in changes {
                writer.delete_term(self.fields.key(&key));
                writer.add_document(match projected {
                    Some(projected) => self.fields.document(&key, &projected, version.number),
                    None => self.fields.tombstone(&key, version.number),
                })?;
            }
            Ok(())
        })
    }

    /// The version that the index holds of a record.
    fn held(&self, searcher: &Searcher, key: &Key) -> Result<Option<Version>> {
        let term = self.fields.key(key);
        for segment in searcher.segment_readers() {
            let index = segment.inverted_index(self.fields.key)?;
            let Some(mut docs) = index.read_postings(&term, tantivy::schema::IndexRecordOption::Basic).map_err(TantivyError::from)? else {
                continue;
            };
            while docs.doc() != TERMINATED {
                let doc = docs.doc();
                if segment.alive_bitset().is_none_or(|alive| alive.is_alive(doc)) {
                    let number = segment.fast_fields().i64("version")?.first(doc).unwrap_or(0);
                    return Ok(Some(Version { number, lives: segment.fast_fields().u64("kind")?.first(doc).is_some() }));
                }
                docs.advance();
            }
        }
        Ok(None)
    }

    fn inventory(&self) -> Result<Inventory> {
        let searcher = self.reader.searcher();
        let mut inventory = Inventory::new();
        for address in searcher.search(&all(), &DocSetCollector)? {
            let fast = searcher.segment_reader(address.segment_ord).fast_fields();
            if fast.u64("kind")?.first(address.doc_id).is_some() {
                let key = self.fields.read_key(&searcher.doc(address)?)?;
                inventory.insert(key, fast.i64("version")?.first(address.doc_id).unwrap_or(0));
            }
        }
        Ok(inventory)
    }

    fn search(&self, workspace: WorkspaceId, query: &TextQuery) -> Result<TextAnswer> {
        let nothing = || query.finds_nothing();
        let Some(clauses) = query.clauses() else { return Ok(nothing()) };
        let (offset, limit) = (query.offset.min(MAX_OFFSET), query.limit.min(MAX_LIMIT));
        let searcher = self.reader.searcher();
        let needles = Needles::new(&clauses);
        let mut clauses = clauses;
        if query.any_word && clauses.iter().any(|clause| !clause.without) {
            clauses = telling(&clauses, &self.fields.frequencies(&searcher, &asked(&clauses))?);
            if clauses.iter().all(|clause| clause.without) {
                return Ok(nothing());
            }
        }
        let collect = Collect { best: offset + limit, count: query.count.clone() };
        let Collected { total, best, facets } = searcher.search(&self.fields.query(workspace, query, &clauses), &collect)?;
        let hits = best.into_iter().skip(offset).map(|top| {
            let document: TantivyDocument = searcher.doc(top.address)?;
            Ok(TextHit {
                record: record(top.record)?,
                title: stored(&document, self.fields.title).to_owned(),
                snippet: needles.snippet(stored(&document, self.fields.source)),
                score: top.score,
            })
        });
        Ok(TextAnswer { hits: hits.collect::<Result<_>>()?, total, facets })
    }

    fn suggest(&self, workspace: WorkspaceId, prefix: &str, kinds: &[RecordKind], limit: usize) -> Result<Vec<(Ref, String)>> {
        let typed: String = prefix.chars().take(MAX_TYPED).collect();
        let Some(query) = self.fields.beginning(workspace, &typed, kinds) else { return Ok(vec![]) };
        let searcher = self.reader.searcher();
        let best = searcher.search(&query, &Collect { best: MAX_CANDIDATES, count: vec![] })?.best;
        let mut found = Vec::with_capacity(best.len());
        for top in best {
            let document: TantivyDocument = searcher.doc(top.address)?;
            found.push((record(top.record)?, stored(&document, self.fields.title).to_owned()));
        }
        Ok(best_beginnings(found, &typed, limit))
    }
}

fn unavailable(path: &Path, error: &std::io::Error) -> Error {
    Error::Unavailable { store: "text", detail: format!("{}: {error}", path.display()) }
}

fn change(event: &Event) -> Option<(Key, Version, Option<Box<Projected>>)> {
    let projected = searchable(event).map(|projected| Box::new(projected.clone()));
    let version = Version { number: event.version, lives: projected.is_some() };
    (event.change != Change::Note).then_some(((event.workspace, event.record), version, projected))
}

#[async_trait]
impl Projection for TantivyIndex {
    fn name(&self) -> &'static str {
        "text"
    }

    async fn position(&self) -> Result<Position> {
        Ok(self.shared().position.load(Ordering::Acquire))
    }

    async fn clear(&self) -> Result<()> {
        let shared = self.shared();
        blocking(move || shared.change(None, |writer| Ok(writer.delete_all_documents().map(|_| ())?))).await
    }

    async fn inventory(&self) -> Result<Inventory> {
        let shared = self.shared();
        blocking(move || shared.inventory()).await
    }

    async fn switch(&self) -> Result<()> {
        let this = self.clone();
        blocking(move || this.take_over()).await
    }

    async fn ping(&self) -> Result<()> {
        Ok(())
    }
}

#[async_trait]
impl TextIndex for TantivyIndex {
    async fn apply(&self, events: &[Event], upto: Position) -> Result<()> {
        let shared = self.shared();
        let changes = events.iter().filter_map(change).collect();
        blocking(move || shared.apply(changes, upto)).await
    }

    async fn search(&self, workspace: WorkspaceId, query: &TextQuery) -> Result<TextAnswer> {
        let (shared, query) = (self.shared(), query.clone());
        blocking(move || shared.search(workspace, &query)).await
    }

    async fn suggest(&self, workspace: WorkspaceId, prefix: &str, kinds: &[RecordKind], limit: usize) -> Result<Vec<(Ref, String)>> {
        let (shared, prefix, kinds) = (self.shared(), prefix.to_owned(), kinds.to_vec());
        blocking(move || shared.suggest(workspace, &prefix, &kinds, limit)).await
    }

    async fn beside(&self) -> Result<Arc<dyn TextIndex>> {
        let this = self.clone();
        Ok(Arc::new(blocking(move || this.new_beside()).await?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::conformance;
    use crate::trial::{node, person, upsert};

    fn on_disk(folder: &tempfile::TempDir) -> StoreSettings {
        StoreSettings { data: folder.path().to_owned(), ..StoreSettings::default() }
    }

    #[tokio::test]
    async fn conforms_in_memory() {
        conformance::suite(&TantivyIndex::open(&StoreSettings { in_memory: true, ..StoreSettings::default() }).await.unwrap()).await;
    }

    #[tokio::test]
    async fn conforms_on_disk() {
        let folder = tempfile::tempdir().unwrap();
        conformance::suite(&TantivyIndex::open(&on_disk(&folder)).await.unwrap()).await;
        let folder = tempfile::tempdir().unwrap();
        conformance::restart(async || TantivyIndex::open(&on_disk(&folder)).await.unwrap()).await;
    }

    #[tokio::test]
    async fn an_unreadable_index_is_made_anew() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("text")).unwrap();
        std::fs::write(folder.path().join("text/meta.json"), "{}").unwrap();
        let index = TantivyIndex::open(&on_disk(&folder)).await.unwrap();
        assert_eq!(index.position().await.unwrap(), 0);
        assert!(folder.path().join("text.unreadable").exists());
    }

    #[tokio::test]
    async fn a_second_writer_waits_its_turn() {
        let folder = tempfile::tempdir().unwrap();
        let workspace = WorkspaceId::new();
        let first = TantivyIndex::open(&on_disk(&folder)).await.unwrap();
        first.apply(&[upsert(1, node(workspace, person(1), 1, "Ann"))], 1).await.unwrap();
        let second = TantivyIndex::open(&on_disk(&folder)).await.unwrap();
        let refused = second.apply(&[upsert(2, node(workspace, person(2), 1, "Bo"))], 2).await;
        assert!(matches!(refused, Err(Error::Unavailable { .. })), "{refused:?}");
        drop(first);
        second.apply(&[upsert(2, node(workspace, person(2), 1, "Bo"))], 2).await.unwrap();
        assert_eq!(second.position().await.unwrap(), 2);
    }

    /// Many small commits leave few segments.
    #[tokio::test]
    async fn segments_stay_few() {
        let index = TantivyIndex::open(&StoreSettings { in_memory: true, ..StoreSettings::default() }).await.unwrap();
        let workspace = WorkspaceId::new();
        for number in 0..150 {
            index.apply(&[upsert(number, node(workspace, person(number as u64), 1, "Ann"))], number).await.unwrap();
        }
        let shared = index.shared();
        tokio::task::spawn_blocking(move || {
            if let Some(writer) = shared.writer.lock().unwrap().take() {
                writer.wait_merging_threads().unwrap();
            }
            assert!(shared.index.searchable_segments().unwrap().len() < 10);
        })
        .await
        .unwrap();
        assert_eq!(index.inventory().await.unwrap().len(), 150);
    }
}

//! What projections know of a record, and what every projection can do.

use crate::Result;
use crate::outbox::Position;
use async_trait::async_trait;
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use looma_types::{RecordKind, Ref, WorkspaceId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use uuid::Uuid;

/// A record in the form that projections are made from. Its service makes it, at each write and again for a rebuild,
/// by the same function.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Projected {
    pub workspace: WorkspaceId,
    pub record: Ref,
    pub version: i64,
    /// What the record is called; the graph's label.
    pub title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subtitle: Option<String>,
    /// What can be searched besides the title, in order of importance: (field, text).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub texts: Vec<(String, String)>,
    /// Exact values to filter and count by, such as `industry`, `skill`, `location`, `tag`, `status`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub facets: BTreeMap<String, Vec<String>>,
    /// The relationships this record states.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub edges: Vec<ProjectedEdge>,
    /// Whether search finds it (relationships, for one, live in the graph alone).
    #[serde(default)]
    pub searchable: bool,
    /// Whether it is a node of the graph.
    #[serde(default)]
    pub node: bool,
    /// A person this record is about (a resume's), so that ranks can be given to people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<Ref>,
}

impl Projected {
    /// A record with only its title, not yet searchable.
    pub fn new(workspace: WorkspaceId, record: Ref, version: i64, title: impl Into<String>) -> Self {
        Self {
            workspace,
            record,
            version,
            title: title.into(),
            subtitle: None,
            texts: vec![],
            facets: BTreeMap::new(),
            edges: vec![],
            searchable: false,
            node: false,
            about: None,
        }
    }

    /// Makes search find it.
    #[must_use]
    pub fn searchable(mut self) -> Self {
        self.searchable = true;
        self
    }

    /// Makes it a node of the graph.
    #[must_use]
    pub fn node(mut self) -> Self {
        self.node = true;
        self
    }

    /// Adds a searchable text unless it is empty.
    #[must_use]
    pub fn text(mut self, field: &str, text: impl Into<String>) -> Self {
        let text = text.into();
        if !text.trim().is_empty() {
            self.texts.push((field.to_owned(), text));
        }
        self
    }

    /// Adds facet values, empty ones left out.
    #[must_use]
    pub fn facet<T: Into<String>>(mut self, name: &str, values: impl IntoIterator<Item = T>) -> Self {
        let values: Vec<String> = values.into_iter().map(Into::into).filter(|value: &String| !value.trim().is_empty()).collect();
        if !values.is_empty() {
            self.facets.entry(name.to_owned()).or_default().extend(values);
        }
        self
    }
}

/// A relationship between two records; `id` is stable over versions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProjectedEdge {
    pub id: Uuid,
    pub from: Ref,
    pub to: Ref,
    pub kind: String,
    /// 0 (exclusive) to 1.
    pub strength: f64,
}

/// What a projection holds of each record: (workspace, record) → version.
pub type Inventory = BTreeMap<(WorkspaceId, Ref), i64>;

/// What the graph, the text index and the vectors have in common.
#[async_trait]
pub trait Projection: Send + Sync {
    /// `graph`, `text` or `vectors`.
    fn name(&self) -> &'static str;
    /// The last outbox position applied; 0 when new.
    async fn position(&self) -> Result<Position>;
    /// Forgets everything, position too.
    async fn clear(&self) -> Result<()>;
    /// What it holds, for `looma verify`.
    async fn inventory(&self) -> Result<Inventory>;
    /// Puts what a rebuild has filled beside this one in its place, in one step that no reader notices; the old one is
    /// dropped. Nothing happens where there is none beside.
    async fn switch(&self) -> Result<()>;
    /// Whether the store answers.
    async fn ping(&self) -> Result<()>;
}

/// The truth of one kind of record, read by its own service for `looma rebuild` and `looma verify`.
#[async_trait]
pub trait Source: Send + Sync {
    fn kind(&self) -> RecordKind;
    /// Up to `limit` records with ids after `after`, in order of id, over all workspaces.
    async fn page(&self, after: Option<Uuid>, limit: i64) -> Result<Vec<Projected>>;
}

/// The whole truth, a page after another: a workspace's texts together would not fit into memory.
pub fn pages(sources: &[Arc<dyn Source>], limit: i64) -> BoxStream<'_, Result<Vec<Projected>>> {
    let of_one = move |source: &Arc<dyn Source>| {
        let source = source.clone();
        stream::try_unfold(None, move |after| {
            let source = source.clone();
            async move {
                let page = source.page(after, limit).await?;
                let last = page.last().map(|last| last.record.id);
                Ok(last.map(|last| (page, Some(last))))
            }
        })
    };
    stream::iter(sources).flat_map(of_one).boxed()
}

//! A projection that another process on the same data folder holds: what is embedded is in one process alone.

use crate::outbox::{Event, Position};
use crate::projection::Inventory;
use crate::text::{TextAnswer, TextQuery};
use crate::vectors::{VectorChange, VectorHit};
use crate::{Error, Graph, Projection, Result, TextIndex, Vectors};
use async_trait::async_trait;
use looma_types::person::{NetworkAnalysis, Path, Subgraph};
use looma_types::{RecordKind, Ref, WorkspaceId};
use std::sync::Arc;

/// Stands in its place; who asks it is told where the projection is.
#[derive(Clone, Copy, Debug)]
pub struct Elsewhere {
    /// `graph`, `text` or `vectors`.
    pub name: &'static str,
    /// The engine that all processes could share.
    pub engine: &'static str,
}

impl Elsewhere {
    fn refuse<T>(self) -> Result<T> {
        let detail = format!(
            "it is embedded in the process of one service, which alone reads and writes it. Run one process (`looma up`), or name an engine (stores.{})",
            self.engine
        );
        Err(Error::Unavailable { store: self.name, detail })
    }
}

#[async_trait]
impl Projection for Elsewhere {
    fn name(&self) -> &'static str {
        self.name
    }
    async fn position(&self) -> Result<Position> {
        self.refuse()
    }
    async fn clear(&self) -> Result<()> {
        self.refuse()
    }
    async fn inventory(&self) -> Result<Inventory> {
        self.refuse()
    }
    async fn switch(&self) -> Result<()> {
        self.refuse()
    }
    /// No part of this process, so nothing that it lacks.
    async fn ping(&self) -> Result<()> {
        Ok(())
    }
}

#[async_trait]
impl Graph for Elsewhere {
    async fn apply(&self, _: &[Event], _: Position) -> Result<()> {
        self.refuse()
    }
    async fn paths(&self, _: WorkspaceId, _: Ref, _: Ref, _: u32, _: usize) -> Result<Vec<Path>> {
        self.refuse()
    }
    async fn neighbourhood(&self, _: WorkspaceId, _: Ref, _: u32, _: usize) -> Result<Subgraph> {
        self.refuse()
    }
    async fn analysis(&self, _: WorkspaceId, _: usize) -> Result<NetworkAnalysis> {
        self.refuse()
    }
    async fn contains(&self, _: WorkspaceId, _: Ref) -> Result<bool> {
        self.refuse()
    }
    async fn beside(&self) -> Result<Arc<dyn Graph>> {
        self.refuse()
    }
}

#[async_trait]
impl TextIndex for Elsewhere {
    async fn apply(&self, _: &[Event], _: Position) -> Result<()> {
        self.refuse()
    }
    async fn search(&self, _: WorkspaceId, _: &TextQuery) -> Result<TextAnswer> {
        self.refuse()
    }
    async fn suggest(&self, _: WorkspaceId, _: &str, _: &[RecordKind], _: usize) -> Result<Vec<(Ref, String)>> {
        self.refuse()
    }
    async fn beside(&self) -> Result<Arc<dyn TextIndex>> {
        self.refuse()
    }
}

#[async_trait]
impl Vectors for Elsewhere {
    async fn apply(&self, _: &[VectorChange], _: Position) -> Result<()> {
        self.refuse()
    }
    async fn nearest(&self, _: WorkspaceId, _: &[f32], _: &[RecordKind], _: Option<&[Ref]>, _: usize) -> Result<Vec<VectorHit>> {
        self.refuse()
    }
    async fn beside(&self) -> Result<Arc<dyn Vectors>> {
        self.refuse()
    }
}

//! A projection in this process: read from its ledger when first used, changed in both from then on.

use crate::ledger::{Entry, Ledger, Versions};
use crate::outbox::Position;
use crate::projection::Inventory;
use crate::{Error, Result, StoreSettings};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use tokio::sync::{Mutex, OnceCell};

/// What is in memory.
pub trait Content: Default + Send + Sync + 'static {
    /// Takes an entry in: in place of what was held of the record, or instead of it nothing.
    fn take(&mut self, entry: Entry) -> Result<()>;

    /// After everything was read.
    fn ready(&mut self) {}
}

pub struct Mirror<C> {
    store: &'static str,
    ledger: Ledger,
    held: OnceCell<Arc<RwLock<Held<C>>>>,
    /// One change at a time, from the file to the memory.
    changing: Mutex<()>,
    /// What a rebuild fills, until it takes this one's place.
    beside: Mutex<Option<Arc<RwLock<Held<C>>>>>,
}

#[derive(Default)]
struct Held<C> {
    position: Position,
    versions: Versions,
    content: C,
}

impl<C: Content> Held<C> {
    fn take(&mut self, entry: Entry) -> Result<()> {
        self.versions.note(&entry);
        self.content.take(entry)
    }
}

fn read<C>(held: &RwLock<Held<C>>) -> RwLockReadGuard<'_, Held<C>> {
    held.read().unwrap_or_else(PoisonError::into_inner)
}

fn write<C>(held: &RwLock<Held<C>>) -> RwLockWriteGuard<'_, Held<C>> {
    held.write().unwrap_or_else(PoisonError::into_inner)
}

impl<C: Content> Mirror<C> {
    pub async fn open(settings: &StoreSettings, store: &'static str) -> Result<Self> {
        let ledger = Ledger::open(settings, store).await?;
        Ok(Self { store, ledger, held: OnceCell::new(), changing: Mutex::default(), beside: Mutex::default() })
    }

    /// An empty one, to be filled and then put in place of this one.
    pub async fn beside(&self) -> Result<Self> {
        let mut beside = self.beside.lock().await;
        let ledger = self.ledger.beside().await?;
        let held = Arc::new(RwLock::new(Held::default()));
        *beside = Some(held.clone());
        Ok(Self { store: self.store, ledger, held: OnceCell::from(held), changing: Mutex::default(), beside: Mutex::default() })
    }

    /// Takes over what was filled beside.
    pub async fn switch(&self) -> Result<()> {
        let _one = self.changing.lock().await;
        let mut beside = self.beside.lock().await;
        let Some(filled) = beside.as_ref() else { return Ok(()) };
        let held = self.held().await?;
        self.ledger.switch().await?;
        let mut filled = std::mem::take(&mut *write(filled));
        filled.content.ready();
        *write(held) = filled;
        *beside = None;
        Ok(())
    }

    async fn held(&self) -> Result<&Arc<RwLock<Held<C>>>> {
        let load = async || {
            let mut held = Held::<C>::default();
            held.position = self.ledger.load(|entry| held.take(entry)).await?;
            held.content.ready();
            Ok(Arc::new(RwLock::new(held)))
        };
        self.held.get_or_try_init(load).await
    }

    pub async fn position(&self) -> Result<Position> {
        Ok(read(self.held().await?).position)
    }

    pub async fn inventory(&self) -> Result<Inventory> {
        Ok(read(self.held().await?).versions.inventory())
    }

    pub async fn clear(&self) -> Result<()> {
        let _one = self.changing.lock().await;
        let held = self.held().await?;
        self.ledger.clear().await?;
        *write(held) = Held::default();
        Ok(())
    }

    /// Takes in those that take effect, and remembers `upto`.
    pub async fn apply(&self, entries: impl Iterator<Item = Entry>, upto: Position) -> Result<()> {
        let _one = self.changing.lock().await;
        let held = self.held().await?;
        let entries = read(held).versions.effective(entries);
        self.ledger.write(&entries, upto).await?;
        let mut held = write(held);
        for entry in entries {
            held.take(entry)?;
        }
        held.position = held.position.max(upto);
        Ok(())
    }

    /// A short look at what is in memory.
    pub async fn look<T>(&self, look: impl FnOnce(&C) -> T) -> Result<T> {
        Ok(look(&read(self.held().await?).content))
    }

    /// A longer work on it, away from the async threads.
    pub async fn work<T: Send + 'static>(&self, work: impl FnOnce(&C) -> T + Send + 'static) -> Result<T> {
        let held = self.held().await?.clone();
        tokio::task::spawn_blocking(move || work(&read(&held).content)).await.map_err(|error| Error::other(self.store, error))
    }
}

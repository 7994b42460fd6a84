//! What a projector does when its store refuses events, goes away, or is made anew under its readers.

use super::tests::{in_memory, titles, upsert, write};
use super::*;
use crate::text::{TextAnswer, TextQuery};
use crate::trial::{node, person};
use crate::{Inventory, Stores};
use looma_types::RecordKind;
use std::sync::atomic::AtomicBool;

/// A text index that takes no record called `poison`, and none at all while it is away.
struct Troubled {
    inner: Arc<dyn TextIndex>,
    away: Arc<AtomicBool>,
    poison: Arc<AtomicBool>,
}

impl Troubled {
    fn over(inner: Arc<dyn TextIndex>) -> Self {
        Self { inner, away: Arc::default(), poison: Arc::new(AtomicBool::new(true)) }
    }

    fn reach(&self) -> Result<()> {
        let away = self.away.load(Ordering::Relaxed);
        if away { Err(Error::Unavailable { store: "text", detail: "it is away".into() }) } else { Ok(()) }
    }
}

#[async_trait]
impl Projection for Troubled {
    fn name(&self) -> &'static str {
        self.inner.name()
    }

    async fn position(&self) -> Result<Position> {
        self.reach()?;
        self.inner.position().await
    }

    async fn clear(&self) -> Result<()> {
        self.inner.clear().await
    }

    async fn inventory(&self) -> Result<Inventory> {
        self.inner.inventory().await
    }

    async fn switch(&self) -> Result<()> {
        self.inner.switch().await
    }

    async fn ping(&self) -> Result<()> {
        self.reach()
    }
}

#[async_trait]
impl TextIndex for Troubled {
    async fn apply(&self, events: &[Event], upto: Position) -> Result<()> {
        self.reach()?;
        let poisoned = |event: &Event| matches!(&event.change, Change::Upsert(projected) if projected.title == "poison");
        if self.poison.load(Ordering::Relaxed) && events.iter().any(poisoned) {
            return Err(Error::other("text", "it chokes"));
        }
        self.inner.apply(events, upto).await
    }

    async fn search(&self, workspace: WorkspaceId, query: &TextQuery) -> Result<TextAnswer> {
        self.inner.search(workspace, query).await
    }

    async fn suggest(&self, workspace: WorkspaceId, prefix: &str, kinds: &[RecordKind], limit: usize) -> Result<Vec<(Ref, String)>> {
        self.inner.suggest(workspace, prefix, kinds, limit).await
    }

    async fn beside(&self) -> Result<Arc<dyn TextIndex>> {
        let inner = self.inner.beside().await?;
        Ok(Arc::new(Self { inner, away: self.away.clone(), poison: self.poison.clone() }))
    }
}

async fn troubled() -> (Stores, Arc<Troubled>, Projector) {
    let stores = in_memory().await;
    let text = Arc::new(Troubled::over(stores.text.clone()));
    let projector = Projector::new(stores.sql.clone(), Target::Text(text.clone()));
    (stores, text, projector)
}

async fn catch_up(projector: &Projector) {
    while projector.step().await.unwrap() {}
}

#[tokio::test]
async fn what_is_refused_is_parked_and_holds_up_no_other() {
    let (stores, text, projector) = troubled().await;
    let workspace = WorkspaceId::new();
    let changes = vec![upsert(node(workspace, person(1), 1, "Ann")), upsert(node(workspace, person(2), 1, "poison"))];
    write(&stores, changes).await;
    let last = write(&stores, vec![upsert(node(workspace, person(3), 1, "Bo")), upsert(node(workspace, person(4), 1, "poison"))]).await;
    catch_up(&projector).await;
    assert_eq!(projector.inventory().await.unwrap().1, last, "it went on");
    assert_eq!(titles(&stores, workspace).await, ["Ann", "Bo"]);
    let parked = projector.parked(0, 10).await.unwrap();
    assert_eq!(parked.iter().map(|parked| parked.record).collect::<Vec<_>>(), [person(2), person(4)]);
    assert!(parked[0].reason.contains("it chokes"), "{}", parked[0].reason);

    assert_eq!(projector.retry_parked().await.unwrap(), Retried { applied: 0, parked: 2 }, "it is refused again");
    // A later version of the one record can be taken; the other one once the store is mended.
    write(&stores, vec![upsert(node(workspace, person(2), 2, "Cured"))]).await;
    catch_up(&projector).await;
    assert_eq!(titles(&stores, workspace).await, ["Ann", "Cured", "Bo"]);
    assert_eq!(projector.parked(0, 10).await.unwrap().len(), 1);
    text.poison.store(false, Ordering::Relaxed);
    assert_eq!(projector.retry_parked().await.unwrap(), Retried { applied: 1, parked: 0 });
    assert_eq!(titles(&stores, workspace).await, ["Ann", "Cured", "Bo", "poison"]);
}

#[tokio::test]
async fn a_store_that_refuses_everything_is_not_believed() {
    let (stores, text, projector) = troubled().await;
    let workspace = WorkspaceId::new();
    write(&stores, (0..60).map(|number| upsert(node(workspace, person(number), 1, "poison"))).collect()).await;
    assert!(projector.step().await.is_err());
    assert!(projector.parked(0, 10).await.unwrap().is_empty());
    text.poison.store(false, Ordering::Relaxed);
    catch_up(&projector).await;
    assert_eq!(titles(&stores, workspace).await.len(), 60);
}

#[tokio::test]
async fn a_store_that_was_away_catches_up_and_nothing_is_parked() {
    let (stores, text, projector) = troubled().await;
    let workspace = WorkspaceId::new();
    let (stop, stopped) = watch::channel(false);
    let running = tokio::spawn({
        let projector = projector.clone();
        async move { projector.run(stopped).await }
    });
    text.away.store(true, Ordering::Relaxed);
    let mut last = 0;
    for number in 0..700 {
        last = write(&stores, vec![upsert(node(workspace, person(number), 1, "Ann"))]).await;
    }
    assert!(projector.wait_for(last, Duration::from_millis(50)).await.is_err());
    text.away.store(false, Ordering::Relaxed);
    projector.wait_for(last, Duration::from_secs(20)).await.unwrap();
    assert_eq!(titles(&stores, workspace).await.len(), 700);
    assert!(projector.parked(0, 10).await.unwrap().is_empty());
    stop.send(true).unwrap();
    running.await.unwrap();
}

/// Readers find everything at every moment of a rebuild.
#[tokio::test]
async fn a_rebuild_leaves_no_gap() {
    let (stores, text, projector) = troubled().await;
    text.poison.store(false, Ordering::Relaxed);
    let workspace = WorkspaceId::new();
    let truth: Vec<Projected> = (0..900).map(|number| node(workspace, person(number), 1, "Ann")).collect();
    write(&stores, truth.iter().cloned().map(upsert).collect()).await;
    catch_up(&projector).await;
    let sources = super::tests::sources(truth);
    let (done, rebuilt) = (AtomicBool::new(false), async {
        for _ in 0..3 {
            assert_eq!(projector.rebuild(&sources).await.unwrap(), 900);
        }
    });
    let watched = async {
        let mut looks = 0;
        while !done.load(Ordering::Relaxed) {
            let everything = TextQuery { limit: 1, ..TextQuery::default() };
            assert_eq!(text.search(workspace, &everything).await.unwrap().total, 900);
            looks += 1;
            tokio::task::yield_now().await;
        }
        looks
    };
    let rebuilt = async {
        rebuilt.await;
        done.store(true, Ordering::Relaxed);
    };
    let ((), looks) = tokio::join!(rebuilt, watched);
    assert!(looks > 3, "{looks}");
}

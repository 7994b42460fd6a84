//! `looma verify`: do the projections hold what the truth says, and is the audit log what was written?

use crate::system::System;
use futures::TryStreamExt;
use looma_kernel::{Kernel, Result};
use looma_store::projection::pages;
use looma_store::{Inventory, Position, Projector};
use looma_types::{Ref, WorkspaceId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::time::Duration;

/// How long projections may take to catch up before they are compared.
const CATCH_UP: Duration = Duration::from_secs(20);
/// How many differences are named.
const NAMED: usize = 20;
const PAGE: i64 = 1_000;
/// How often it is compared where others write meanwhile.
const TRIES: usize = 5;

/// What the check found.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Report {
    pub ok: bool,
    pub records: usize,
    pub projections: Vec<ProjectionReport>,
    #[serde(default)]
    pub audit: AuditReport,
}

/// What the check of the audit log's chains found.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct AuditReport {
    pub workspaces: usize,
    /// That follow each other as they should.
    pub entries: i64,
    /// Where the chain of a workspace breaks first. Nothing repairs it.
    pub breaks: Vec<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ProjectionReport {
    pub name: String,
    pub position: i64,
    pub held: usize,
    pub expected: usize,
    /// In the truth but not held.
    pub missing: usize,
    /// Held but not in the truth.
    pub extra: usize,
    /// Held in another version.
    pub stale: usize,
    /// Refused by the store, and passed over.
    #[serde(default)]
    pub parked: i64,
    /// How many of the differences were put right.
    #[serde(default)]
    pub fixed: usize,
    /// The first differences, by record.
    pub examples: Vec<String>,
}

/// Compares every projection with the truth; where asked to, puts right what is wrong.
pub async fn verify(kernel: &Kernel, fix: bool) -> Result<Report> {
    let last = kernel.stores().sql.last_position().await?;
    let projectors = System::projectors(kernel);
    for projector in &projectors {
        projector.catch_up(last, CATCH_UP).await?;
    }
    // Before the truth: what is written in between is then ahead of what was held, and is compared again.
    let mut held = Vec::with_capacity(projectors.len());
    for projector in &projectors {
        held.push(projector.inventory().await?);
    }
    let (records, expected) = expected(kernel, &projectors).await?;
    let audit = audit(kernel).await?;
    let mut report = Report { ok: audit.breaks.is_empty(), records, projections: vec![], audit };
    for ((projector, held), expected) in projectors.iter().zip(held).zip(expected) {
        let compared = compare_one(projector, held, &expected).await?;
        let (found, wrong) = at_rest(kernel, projector, compared).await?;
        let found = if fix && found.differs() { repair(kernel, projector, found, wrong).await? } else { found };
        report.ok &= !found.differs() && found.parked == 0;
        report.projections.push(found);
    }
    Ok(report)
}

async fn audit(kernel: &Kernel) -> Result<AuditReport> {
    let checked = kernel.stores().sql.check_chains().await?;
    let breaks = checked.breaks.iter().map(ToString::to_string).collect();
    Ok(AuditReport { workspaces: checked.workspaces, entries: checked.entries, breaks })
}

/// How many records there are, and which of them each projection should hold.
async fn expected(kernel: &Kernel, projectors: &[Projector]) -> Result<(usize, Vec<Inventory>)> {
    let mut expected = vec![Inventory::new(); projectors.len()];
    let mut records = 0;
    let sources = System::sources(kernel);
    let mut pages = pages(&sources, PAGE);
    while let Some(page) = pages.try_next().await? {
        records += page.len();
        for (projector, expected) in projectors.iter().zip(&mut expected) {
            let holds = page.iter().filter(|projected| projector.holds(projected));
            expected.extend(holds.map(|projected| ((projected.workspace, projected.record), projected.version)));
        }
    }
    Ok((records, expected))
}

/// What is wrong with a projection.
#[derive(Default)]
struct Wrong {
    /// Held, but no more in the truth, with the version held.
    extra: Vec<(WorkspaceId, Ref, i64)>,
    /// Missing or held in another version.
    others: BTreeSet<(WorkspaceId, Ref)>,
}

type Compared = (ProjectionReport, Wrong);

/// What was written while it was compared looks like a difference: then it is compared again.
async fn at_rest(kernel: &Kernel, projector: &Projector, mut compared: Compared) -> Result<Compared> {
    let sql = &kernel.stores().sql;
    for _ in 1..TRIES {
        let last = sql.last_position().await?;
        if !compared.0.differs() || compared.0.position >= last {
            break;
        }
        projector.catch_up(last, CATCH_UP).await?;
        compared = compare_now(kernel, projector).await?;
    }
    Ok(compared)
}

/// One of them, as it is now.
async fn compare_now(kernel: &Kernel, projector: &Projector) -> Result<Compared> {
    let held = projector.inventory().await?;
    let (_, mut expected) = expected(kernel, std::slice::from_ref(projector)).await?;
    compare_one(projector, held, &expected.pop().unwrap_or_default()).await
}

async fn compare_one(projector: &Projector, (held, position): (Inventory, Position), expected: &Inventory) -> Result<Compared> {
    let mut found = compare(projector.name(), position, &held, expected);
    found.parked = projector.parked_count().await?;
    let gone =
        held.iter().filter(|(key, _)| !expected.contains_key(key)).map(|((workspace, record), version)| (*workspace, *record, *version));
    let others = expected.iter().filter(|(key, version)| held.get(key) != Some(version)).map(|(key, _)| *key);
    Ok((found, Wrong { extra: gone.collect(), others: others.collect() }))
}

/// Applies what is missing and takes away what is too much; what is still wrong then (held in a version that the truth has
/// not reached, as after a backup was put back) is made anew.
async fn repair(kernel: &Kernel, projector: &Projector, before: ProjectionReport, wrong: Wrong) -> Result<ProjectionReport> {
    projector.correct(vec![], &wrong.extra).await?;
    let sources = System::sources(kernel);
    let mut pages = pages(&sources, PAGE);
    while let Some(page) = pages.try_next().await? {
        let missing = page.into_iter().filter(|projected| wrong.others.contains(&(projected.workspace, projected.record)));
        projector.correct(missing.collect(), &[]).await?;
    }
    let (mut found, _) = compare_now(kernel, projector).await?;
    if found.differs() {
        projector.rebuild(&sources).await?;
        (found, _) = compare_now(kernel, projector).await?;
    }
    let differences = |report: &ProjectionReport| report.missing + report.extra + report.stale;
    found.fixed = differences(&before).saturating_sub(differences(&found));
    Ok(ProjectionReport { examples: before.examples, ..found })
}

impl ProjectionReport {
    fn differs(&self) -> bool {
        self.missing + self.extra + self.stale > 0
    }
}

fn compare(name: &str, position: i64, held: &Inventory, expected: &Inventory) -> ProjectionReport {
    let mut report = ProjectionReport {
        name: name.into(),
        position,
        held: held.len(),
        expected: expected.len(),
        missing: 0,
        extra: 0,
        stale: 0,
        parked: 0,
        fixed: 0,
        examples: vec![],
    };
    let mut name_one = |text: String| {
        if report.examples.len() < NAMED {
            report.examples.push(text);
        }
    };
    for (key, version) in expected {
        match held.get(key) {
            None => {
                report.missing += 1;
                name_one(format!("{} is missing", key.1));
            }
            Some(other) if other != version => {
                report.stale += 1;
                name_one(format!("{} is held as version {other}, it is {version}", key.1));
            }
            Some(_) => {}
        }
    }
    for key in held.keys().filter(|key| !expected.contains_key(key)) {
        report.extra += 1;
        name_one(format!("{} is held but no more there", key.1));
    }
    report
}

#[cfg(test)]
mod tests {
    use super::*;
    use looma_types::PersonId;

    #[test]
    fn differences_are_counted_and_named() {
        let workspace = WorkspaceId::new();
        let record = || (workspace, Ref::from(PersonId::new()));
        let (same, missing, stale, extra) = (record(), record(), record(), record());
        let expected = Inventory::from([(same, 1), (missing, 1), (stale, 2)]);
        let held = Inventory::from([(same, 1), (stale, 1), (extra, 1)]);
        let report = compare("text", 7, &held, &expected);
        assert_eq!((report.missing, report.stale, report.extra, report.examples.len()), (1, 1, 1, 3));
    }
}

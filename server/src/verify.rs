//! `looma verify`: do the projections hold what the truth says?

use crate::system::System;
use looma_kernel::{Kernel, Result};
use looma_store::{Inventory, Projected};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long projections may take to catch up before they are compared.
const CATCH_UP: Duration = Duration::from_secs(20);
/// How many differences are named.
const NAMED: usize = 20;
const PAGE: i64 = 1_000;

/// What the check found.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Report {
    pub ok: bool,
    pub records: usize,
    pub projections: Vec<ProjectionReport>,
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
    /// The first differences, by record.
    pub examples: Vec<String>,
}

/// Compares every projection of this process with the truth.
pub async fn verify(kernel: &Kernel) -> Result<Report> {
    let last = kernel.stores().sql.last_position().await?;
    for projector in kernel.projectors() {
        projector.wait_for(last, CATCH_UP).await?;
    }
    let mut truth = Vec::new();
    for source in System::sources(kernel) {
        let mut after = None;
        loop {
            let page = source.page(after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.record.id);
            // Only what the comparison needs is kept: a whole workspace's texts would not fit.
            truth.extend(page.into_iter().map(slim));
        }
    }
    let mut projections = Vec::new();
    for projector in kernel.projectors() {
        let (held, position) = projector.inventory().await?;
        let expected: Inventory = truth
            .iter()
            .filter(|projected| projector.holds(projected))
            .map(|projected| ((projected.workspace, projected.record), projected.version))
            .collect();
        projections.push(compare(projector.name(), position, &held, &expected));
    }
    let ok = projections.iter().all(|report| report.missing + report.extra + report.stale == 0);
    Ok(Report { ok, records: truth.len(), projections })
}

fn slim(mut projected: Projected) -> Projected {
    projected.texts.clear();
    projected.facets.clear();
    projected.title.clear();
    projected
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
    use looma_types::{PersonId, Ref, WorkspaceId};

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

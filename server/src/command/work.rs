//! `looma demo`, `rebuild` and `verify`.

use super::reach::Reach;
use super::{Common, say};
use crate::demo::Summary;
use crate::verify::Report;
use std::fmt::Write;
use std::process::ExitCode;

pub(super) async fn demo(common: &Common) -> anyhow::Result<ExitCode> {
    let reach = Reach::open(common).await?;
    let outcome = reach.operate("demo").await;
    reach.close().await;
    let summary: Summary = serde_json::from_value(outcome?)?;
    say(common, &summary, ToString::to_string)?;
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn rebuild(common: &Common, projection: &str) -> anyhow::Result<ExitCode> {
    let reach = Reach::open(common).await?;
    let outcome = reach.operate(&format!("rebuild/{projection}")).await;
    reach.close().await;
    say(common, &outcome?, |result| format!("Rebuilt {projection} from {} records.", result["records"]))?;
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn verify(common: &Common, fix: bool) -> anyhow::Result<ExitCode> {
    let reach = Reach::open(common).await?;
    let outcome = reach.operate(if fix { "verify?fix=true" } else { "verify" }).await;
    reach.close().await;
    let report: Report = serde_json::from_value(outcome?)?;
    say(common, &report, |report| {
        let mut text = format!("{} records in the truth\n", report.records);
        for one in &report.projections {
            let whole = one.missing + one.extra + one.stale == 0 && one.parked == 0;
            let _ = writeln!(
                text,
                "{}  {:<9}holds {} of {}, position {}; missing {}, extra {}, stale {}, parked {}{}",
                if whole { "ok  " } else { "FAIL" },
                one.name,
                one.held,
                one.expected,
                one.position,
                one.missing,
                one.extra,
                one.stale,
                one.parked,
                if one.fixed > 0 { format!("; {} put right", one.fixed) } else { String::new() }
            );
            for example in &one.examples {
                let _ = writeln!(text, "      {example}");
            }
        }
        let audit = &report.audit;
        let state = if audit.breaks.is_empty() { "ok  " } else { "FAIL" };
        let _ = writeln!(text, "{state}  audit    {} entries follow each other, in {} workspaces", audit.entries, audit.workspaces);
        for broken in &audit.breaks {
            let _ = writeln!(text, "      {broken}");
        }
        text.push_str(if report.ok {
            "No drift."
        } else if !audit.breaks.is_empty() {
            "The audit log is not what was written: docs/audit.md says what to do."
        } else {
            "Drift: `looma verify --fix` puts it right; what is parked is tried again in the admin console."
        });
        text
    })?;
    Ok(if report.ok { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

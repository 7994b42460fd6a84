//! `looma check`: what would keep a start from succeeding.

use super::{Common, say};
use crate::instance;
use crate::launcher::ports;
use looma_types::ServiceName;
use serde::Serialize;
use std::process::ExitCode;

#[derive(Serialize)]
struct Check {
    name: String,
    ok: bool,
    detail: String,
}

pub(super) async fn check(common: &Common) -> anyhow::Result<ExitCode> {
    let mut checks = Vec::new();
    let mut add = |name: &str, ok: bool, detail: String| checks.push(Check { name: name.into(), ok, detail });
    match common.settings() {
        Err(error) => add("settings", false, error.to_string()),
        Ok(settings) => {
            add("settings", true, format!("environment {}", settings.environment));
            for (key, answer) in looma_store::stores::check(&settings.stores).await {
                let detail = answer.as_ref().map_or_else(ToString::to_string, |()| "answers".into());
                add(&format!("stores.{key}"), answer.is_ok(), detail);
            }
            let running = instance::running(&settings.data)?;
            if let Some(note) = running {
                add("data folder", true, format!("{} is in use by process {}", settings.data.display(), note.pid));
            } else {
                let made = std::fs::create_dir_all(&settings.data).and_then(|()| {
                    let probe = settings.data.join(".write-probe");
                    std::fs::write(&probe, b"x").and_then(|()| std::fs::remove_file(&probe))
                });
                let detail = made.as_ref().map_or_else(ToString::to_string, |()| settings.data.display().to_string());
                add("data folder", made.is_ok(), detail);
                let taken = ports::taken(&settings, &ServiceName::ALL);
                for service in ServiceName::ALL {
                    let taken = taken.iter().find(|taken| taken.service == service);
                    let detail = taken.map_or_else(|| "free".into(), ToString::to_string);
                    add(&format!("port {} ({service})", settings.port(service)), taken.is_none(), detail);
                }
            }
        }
    }
    let ok = checks.iter().all(|check| check.ok);
    say(common, &checks, |checks| {
        let line = |check: &Check| format!("{}  {:<26}{}\n", if check.ok { "ok  " } else { "FAIL" }, check.name, check.detail);
        checks.iter().map(line).collect()
    })?;
    Ok(if ok { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

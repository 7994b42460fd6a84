//! Checks that a backup is whole: every file by its hash, the databases by their own check, rows by what they name.

use crate::error::{BackupError, Result, blocking};
use crate::manifest::{MANIFEST, Manifest};
use crate::references;
use crate::shelf::VERIFIED;
use crate::snapshot::{DOCUMENTS, ROWS, hash, paths};
use looma_kernel::types::backup::Verification;
use sqlx::Connection;
use std::collections::HashSet;
use std::path::Path;

/// Problems that are listed.
const MAX_PROBLEMS: usize = 100;

/// Checks the backup in `folder`.
/// # Errors
/// `NoBackup` where there is no manifest; what is wrong with the backup itself is told in the answer.
pub async fn verify(folder: &Path) -> Result<Verification> {
    let path = folder.to_path_buf();
    let (checked_files, mut problems) = blocking(move || check_files(&path)).await?;
    // Databases that are not what they were are not opened: the hash has told already.
    if problems.is_empty() {
        for name in [ROWS, DOCUMENTS] {
            if let Err(problem) = check_database(&folder.join(name)).await {
                problems.push(format!("{name}: {problem}"));
            }
        }
    }
    if problems.is_empty() {
        problems = references::missing(folder).await?;
    }
    problems.truncate(MAX_PROBLEMS);
    Ok(Verification { ok: problems.is_empty(), checked_files, problems })
}

fn check_files(folder: &Path) -> Result<(usize, Vec<String>)> {
    let manifest = Manifest::read(folder)?;
    let mut problems = Vec::new();
    for file in &manifest.files {
        match hash(&folder.join(&file.path)) {
            Ok((size, _)) if size != file.size => problems.push(format!("{} has {size} bytes, not {}", file.path, file.size)),
            Ok((_, found)) if found != file.blake3 => problems.push(format!("{} is not what it was", file.path)),
            Ok(_) => {}
            Err(BackupError::File { source, .. }) => problems.push(format!("{}: {source}", file.path)),
            Err(error) => return Err(error),
        }
        if problems.len() >= MAX_PROBLEMS {
            break;
        }
    }
    let known: HashSet<&str> = manifest.files.iter().map(|file| file.path.as_str()).chain([MANIFEST, VERIFIED]).collect();
    if !known.contains(ROWS) {
        problems.push(format!("{ROWS} is not part of it"));
    }
    for path in paths(folder)? {
        if !known.contains(path.as_str()) {
            problems.push(format!("{path} does not belong to it"));
        }
    }
    Ok((manifest.files.len(), problems))
}

async fn check_database(path: &Path) -> Result<(), String> {
    if !path.is_file() {
        return Ok(());
    }
    let told = |error: BackupError| error.to_string();
    let mut db = references::open(path).await.map_err(told)?;
    let lines: Vec<String> = sqlx::query_scalar("PRAGMA integrity_check(5)").fetch_all(&mut db).await.map_err(|error| error.to_string())?;
    db.close().await.map_err(|error| error.to_string())?;
    if lines == ["ok"] { Ok(()) } else { Err(lines.join(", ")) }
}

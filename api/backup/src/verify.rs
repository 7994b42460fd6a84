//! Checks that a backup is whole: the archive by its own checksums, every file by its hash.

use crate::error::{BackupError, Result, blocking};
use crate::manifest::Manifest;
use crate::metered::{Meter, Metered};
use looma_kernel::types::backup::{BackupFile, Verification};
use looma_store::Error as StoreError;
use looma_store::archive::{self, Progress, Summary};
use std::fs::File;
use std::io::{self, BufReader};
use std::path::Path;

/// Problems that are listed.
const MAX_PROBLEMS: usize = 100;

/// Checks the backup in `folder`; `meter` tells how many of its bytes have been read.
/// # Errors
/// `NoBackup` where there is no manifest; what is wrong with the backup itself is told in the answer.
pub async fn verify(folder: &Path, meter: &Meter) -> Result<Verification> {
    let manifest = Manifest::read(folder)?;
    let problems = if let Some(file) = manifest.archive() {
        verify_archive(folder, &manifest, file, meter).await?
    } else {
        let (folder, files, meter) = (folder.to_path_buf(), manifest.files.clone(), meter.clone());
        blocking(move || Ok(verify_files(&folder, &files, &meter))).await?
    };
    Ok(Verification { ok: problems.is_empty(), checked_files: manifest.files.len(), problems })
}

async fn verify_archive(folder: &Path, manifest: &Manifest, file: &BackupFile, meter: &Meter) -> Result<Vec<String>> {
    let from = match open(&folder.join(&file.path), meter) {
        Ok(from) => from,
        Err(BackupError::File { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
            return Ok(vec![format!("{} is missing", file.path)]);
        }
        Err(error) => return Err(error),
    };
    match archive::verify(from, &Progress::default()).await {
        Ok((_, summary)) => Ok(compared(manifest, file, meter, &summary).err().into_iter().collect()),
        Err(StoreError::Corrupt { detail, .. }) => Ok(vec![format!("{}: {detail}", file.path)]),
        Err(error) => Err(error.into()),
    }
}

/// The archive's file, metered.
pub(crate) fn open(path: &Path, meter: &Meter) -> Result<BufReader<Metered<File>>> {
    let file = File::open(path).map_err(BackupError::file(path))?;
    Ok(BufReader::with_capacity(1 << 16, Metered { file, meter: meter.clone() }))
}

/// Whether an archive that has been read to its end is the one that the manifest means.
pub(crate) fn compared(manifest: &Manifest, file: &BackupFile, meter: &Meter, summary: &Summary) -> Result<(), String> {
    if meter.hash() != file.blake3 || manifest.total.as_ref() != Some(&summary.total) {
        return Err(format!("{} is whole, but not the one that was made", file.path));
    }
    Ok(())
}

fn verify_files(folder: &Path, files: &[BackupFile], meter: &Meter) -> Vec<String> {
    let mut problems = Vec::new();
    for BackupFile { path, size, blake3 } in files {
        let (own, before) = (Meter::default(), meter.passed());
        let read = File::open(folder.join(path)).and_then(|file| {
            let passing = Metered { file: Metered { file, meter: own.clone() }, meter: meter.clone() };
            io::copy(&mut { passing }, &mut io::sink())
        });
        match read {
            Err(error) => problems.push(format!("{path}: {error}")),
            Ok(_) if meter.passed() - before != *size => problems.push(format!("{path} has {} bytes, not {size}", meter.passed() - before)),
            Ok(_) if own.hash() != *blake3 => problems.push(format!("{path} is not what it was")),
            Ok(_) => {}
        }
        if problems.len() >= MAX_PROBLEMS {
            break;
        }
    }
    problems
}

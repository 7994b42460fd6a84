//! A file that counts and hashes what passes.

use std::io::{self, Read, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What has passed so far; clones share it.
#[derive(Clone, Debug, Default)]
pub struct Meter {
    passed: Arc<AtomicU64>,
    hasher: Arc<Mutex<blake3::Hasher>>,
}

impl Meter {
    /// Bytes.
    pub fn passed(&self) -> u64 {
        self.passed.load(Ordering::Relaxed)
    }

    pub(crate) fn hash(&self) -> String {
        self.hasher().finalize().to_hex().to_string()
    }

    fn hasher(&self) -> MutexGuard<'_, blake3::Hasher> {
        self.hasher.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, bytes: &[u8]) {
        self.hasher().update(bytes);
        self.passed.fetch_add(bytes.len() as u64, Ordering::Relaxed);
    }
}

pub(crate) struct Metered<F> {
    pub file: F,
    pub meter: Meter,
}

impl<F: Read> Read for Metered<F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.meter.add(&buffer[..read]);
        Ok(read)
    }
}

impl<F: Write> Write for Metered<F> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let written = self.file.write(buffer)?;
        self.meter.add(&buffer[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

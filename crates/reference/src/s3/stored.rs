//! Content in files: each is written once, read by any number, and deleted when nobody needs it any more.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tempfile::{NamedTempFile, TempDir, TempPath};

use super::answer::Refusal;
use super::digests::Checksum;

/// The most bytes that a server holds.
const MOST: u64 = 16 << 30;

/// Where content goes.
pub(super) struct Store {
    folder: TempDir,
    held: Arc<AtomicU64>,
}

/// Bytes that are held, until this is dropped.
pub(super) struct Held {
    bytes: u64,
    all: Arc<AtomicU64>,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.all.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

impl Held {
    /// Holds so many more.
    pub(super) fn grow(&mut self, bytes: u64) -> Result<(), Refusal> {
        let before = self.all.fetch_add(bytes, Ordering::Relaxed);
        self.bytes += bytes;
        if before + bytes > MOST { Err(Refusal::FULL) } else { Ok(()) }
    }
}

impl Store {
    pub(super) fn new() -> std::io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("uptake-s3-").tempdir()?;
        Ok(Self { folder, held: Arc::default() })
    }

    pub(super) fn file(&self) -> std::io::Result<(NamedTempFile, Held)> {
        let file = NamedTempFile::new_in(self.folder.path())?;
        Ok((file, Held { bytes: 0, all: Arc::clone(&self.held) }))
    }
}

/// Content that has arrived whole.
pub(super) struct Stored {
    pub(super) path: TempPath,
    pub(super) size: u64,
    pub(super) md5: [u8; 16],
    pub(super) checksum: Option<(Checksum, String)>,
    /// Which was stored first.
    pub(super) arrival: u64,
    pub(super) _held: Held,
}

//! The folder for content, and how many bytes all of its files may have.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tempfile::{NamedTempFile, TempDir, TempPath};

use crate::error::ReferenceError;

/// The most bytes that all files of a folder have.
const MOST: u64 = 16 << 30;

/// There is no room for more content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StorageFull;

impl From<io::Error> for StorageFull {
    /// A file that cannot be written is no different to a client: the server cannot store its content now.
    fn from(_: io::Error) -> Self {
        Self
    }
}

/// A temporary folder, deleted with the server.
pub(crate) struct ContentFolder {
    folder: TempDir,
    used: Arc<AtomicU64>,
}

/// Bytes that are reserved until this is dropped.
pub(crate) struct Reservation {
    bytes: u64,
    used: Arc<AtomicU64>,
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.used.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

impl Reservation {
    /// Reserves this many bytes in all.
    pub(super) fn grow_to(&mut self, bytes: u64) -> Result<(), StorageFull> {
        let more = bytes.saturating_sub(self.bytes);
        if self.used.fetch_add(more, Ordering::Relaxed) + more > MOST {
            self.used.fetch_sub(more, Ordering::Relaxed);
            return Err(StorageFull);
        }
        self.bytes += more;
        Ok(())
    }
}

impl ContentFolder {
    /// Creates a folder whose name begins with `prefix`.
    pub(crate) fn new(prefix: &str) -> Result<Self, ReferenceError> {
        let folder = tempfile::Builder::new().prefix(prefix).tempdir();
        let folder = folder.map_err(|source| ReferenceError::Storage { folder: parent(), source })?;
        Ok(Self { folder, used: Arc::default() })
    }

    /// Creates an empty file.
    pub(super) fn file(&self) -> io::Result<(TempPath, Reservation)> {
        let file = NamedTempFile::new_in(self.folder.path())?;
        Ok((file.into_temp_path(), Reservation { bytes: 0, used: Arc::clone(&self.used) }))
    }
}

fn parent() -> PathBuf {
    std::env::temp_dir()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_the_limit_cannot_be_reserved_until_something_is_dropped() {
        let folder = ContentFolder::new("uptake-test-").unwrap();
        let (_one, mut large) = folder.file().unwrap();
        let (_two, mut small) = folder.file().unwrap();
        assert_eq!(large.grow_to(MOST), Ok(()));
        assert_eq!(small.grow_to(1), Err(StorageFull));
        assert_eq!(small.grow_to(0), Ok(()));
        drop(large);
        assert_eq!(small.grow_to(MOST), Ok(()));
    }
}

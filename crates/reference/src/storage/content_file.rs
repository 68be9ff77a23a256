//! Content in files: a file that grows while content arrives, and content that is complete and never changes.

use std::fs::{File, OpenOptions};
use std::io::{Seek as _, SeekFrom, Write as _};

use tempfile::TempPath;

use super::digests::{Algorithm, Digests, Finished};
use super::folder::{ContentFolder, Reservation, StorageFull};

/// A file that content is appended to, with its running digests.
pub(crate) struct ContentFile {
    path: TempPath,
    /// Open only while content arrives.
    file: Option<File>,
    reservation: Reservation,
    size: u64,
    digests: Digests,
}

/// A size that a file can be set back to.
#[derive(Clone)]
pub(crate) struct Checkpoint {
    size: u64,
    digests: Digests,
}

/// Complete content. Its file is deleted when this is dropped.
pub(crate) struct StoredContent {
    pub(super) path: TempPath,
    pub(crate) size: u64,
    pub(crate) digests: Finished,
    _reservation: Reservation,
}

impl ContentFile {
    /// An empty file.
    pub(crate) fn new(
        folder: &ContentFolder,
        digests: impl IntoIterator<Item = Algorithm>,
    ) -> Result<Self, StorageFull> {
        let (path, reservation) = folder.file()?;
        Ok(Self { path, file: None, reservation, size: 0, digests: Digests::of(digests) })
    }

    pub(crate) const fn size(&self) -> u64 {
        self.size
    }

    /// Appends bytes. A temporary file takes them at once; the disk is the system's business.
    pub(crate) fn append(&mut self, bytes: &[u8]) -> Result<(), StorageFull> {
        let size = self.size + bytes.len() as u64;
        self.reservation.grow_to(size)?;
        // After an error the file is opened again, at the right place.
        let mut file = if let Some(file) = self.file.take() {
            file
        } else {
            let mut file = OpenOptions::new().write(true).open(&self.path)?;
            file.seek(SeekFrom::Start(self.size))?;
            file
        };
        file.write_all(bytes)?;
        self.file = Some(file);
        self.digests.update(bytes);
        self.size = size;
        Ok(())
    }

    pub(crate) fn checkpoint(&self) -> Checkpoint {
        Checkpoint { size: self.size, digests: self.digests.clone() }
    }

    /// Forgets what was appended after the checkpoint, and closes the file until more is appended.
    pub(crate) fn set_back_to(&mut self, checkpoint: Checkpoint) {
        self.file = None;
        self.size = checkpoint.size;
        self.digests = checkpoint.digests;
    }

    /// The content is complete.
    pub(crate) fn finish(self) -> StoredContent {
        let Self { path, reservation, size, digests, .. } = self;
        StoredContent { path, size, digests: digests.finish(), _reservation: reservation }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_appended_after_a_checkpoint_can_be_forgotten() {
        let folder = ContentFolder::new("uptake-test-").unwrap();
        let mut file = ContentFile::new(&folder, [Algorithm::Crc32c]).unwrap();
        file.append(b"1234").unwrap();
        let checkpoint = file.checkpoint();
        file.append(b"other bytes").unwrap();
        file.set_back_to(checkpoint);
        file.append(b"56789").unwrap();
        let content = file.finish();
        assert_eq!(content.size, 9);
        assert_eq!(content.digests.base64(Algorithm::Crc32c).as_deref(), Some("4waSgw=="));
        assert!(std::fs::read(&content.path).unwrap().starts_with(b"123456789"));
    }
}

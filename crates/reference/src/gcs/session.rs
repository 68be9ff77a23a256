//! An upload session: what its object is to be, and what is stored of it.

use std::sync::Arc;

use super::answer::Refusal;
use super::conditions::Conditions;
use super::hashes::Hashes;
use super::metadata::Metadata;
use super::object::Object;
use crate::storage::content_file::ContentFile;
use crate::storage::digests::Algorithm;
use crate::storage::folder::{ContentFolder, StorageFull};

/// What a session was started with.
#[derive(Clone)]
pub(super) struct Planned {
    pub(super) name: String,
    pub(super) metadata: Metadata,
    pub(super) hashes: Hashes,
    pub(super) conditions: Conditions,
}

/// An upload session.
pub(super) struct Session {
    pub(super) planned: Planned,
    /// The size of the whole content, as soon as a request has named it.
    total: Option<u64>,
    /// There is none before the first content.
    pub(super) file: Option<ContentFile>,
    /// What became of it, once it is complete.
    pub(super) object: Option<Arc<Object>>,
}

impl Session {
    pub(super) const fn new(planned: Planned, total: Option<u64>) -> Self {
        Self { planned, total, file: None, object: None }
    }

    /// A session of an object `a` without further wishes.
    #[cfg(test)]
    pub(super) fn sample() -> Self {
        let planned = Planned {
            name: "a".to_owned(),
            metadata: Metadata::default(),
            hashes: Hashes::default(),
            conditions: Conditions::default(),
        };
        Self::new(planned, None)
    }

    /// How many bytes are stored.
    pub(super) fn stored(&self) -> u64 {
        self.file.as_ref().map_or(0, ContentFile::size)
    }

    /// The file for its content.
    pub(super) fn file(&mut self, folder: &ContentFolder) -> Result<&mut ContentFile, StorageFull> {
        let file = match self.file.take() {
            Some(file) => file,
            None => ContentFile::new(folder, [Algorithm::Crc32c, Algorithm::Md5])?,
        };
        Ok(self.file.insert(file))
    }

    /// Verifies a total against what was said before, and against what is stored.
    pub(super) fn check_total(&self, total: Option<u64>) -> Result<(), Refusal> {
        if total.is_some_and(|total| self.total.is_some_and(|known| known != total)) {
            return Err(Refusal::invalid("the size of the content is not the one that was named before"));
        }
        if total.is_some_and(|total| total < self.stored()) {
            return Err(Refusal::invalid("more bytes are stored than the content has"));
        }
        Ok(())
    }

    /// Remembers a total.
    pub(super) fn set_total(&mut self, total: Option<u64>) {
        self.total = self.total.or(total);
    }
}

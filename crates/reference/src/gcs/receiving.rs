//! Content that is appended to a session as it arrives. Whatever becomes of its request, the session is left with what counts as
//! stored: a multiple of 256 KiB, until the upload is complete.

use super::answer::Refusal;
use super::defects::GcsDefect;
use super::service::Service;
use super::session::Session;
use crate::storage::content_file::{Checkpoint, ContentFile};
use crate::storage::folder::StorageFull;

/// What the stored bytes are a multiple of before the last chunk.
const UNIT: u64 = 256 << 10;

/// A file that content is appended to. If it is dropped before the request is decided, the content was interrupted.
pub(super) struct Receiving<'s> {
    file: &'s mut ContentFile,
    /// How much there was before.
    before: Checkpoint,
    /// How much stays.
    kept: Checkpoint,
    /// How many bytes are still skipped, because they are stored already.
    skipped: u64,
    is_decided: bool,
    damages: bool,
    counts_unsent: bool,
}

impl<'s> Receiving<'s> {
    /// The content begins at byte `first`, which is not past the stored bytes.
    pub(super) fn new(service: &Service, session: &'s mut Session, first: u64) -> Result<Self, Refusal> {
        if first == 0 && service.has(GcsDefect::ReplacesStoredBytes) {
            session.file = None;
        }
        let file = session.file(&service.folder)?;
        let (before, size) = (file.checkpoint(), file.size());
        Ok(Self {
            kept: before.clone(),
            before,
            skipped: size.saturating_sub(first),
            is_decided: false,
            damages: size > 0 && service.has(GcsDefect::DamagesLaterChunks),
            counts_unsent: service.has(GcsDefect::CountsUnsentBytes),
            file,
        })
    }

    /// Appends bytes, without those that are stored already.
    pub(super) fn append(&mut self, bytes: &[u8]) -> Result<(), StorageFull> {
        let skipped = usize::try_from(self.skipped).unwrap_or(usize::MAX).min(bytes.len());
        self.skipped -= skipped as u64;
        let mut rest = &bytes[skipped..];
        if let Some((first, others)) = rest.split_first().filter(|_| self.damages) {
            self.damages = false;
            self.file.append(&[!first])?;
            rest = others;
        }
        while !rest.is_empty() {
            let room = usize::try_from(UNIT - self.file.size() % UNIT).unwrap_or(usize::MAX);
            let (now, later) = rest.split_at(room.min(rest.len()));
            self.file.append(now)?;
            if self.file.size().is_multiple_of(UNIT) {
                self.kept = self.file.checkpoint();
            }
            rest = later;
        }
        Ok(())
    }

    /// The request is refused: nothing of it stays.
    pub(super) fn undo(mut self) {
        self.is_decided = true;
        self.kept = self.before.clone();
    }

    /// A chunk that is not the last has arrived: whole units of it stay.
    pub(super) fn keep_units(mut self) {
        self.is_decided = true;
    }

    /// The last chunk has arrived: all of it stays.
    pub(super) fn keep_all(mut self) {
        self.is_decided = true;
        self.kept = self.file.checkpoint();
    }
}

impl Drop for Receiving<'_> {
    fn drop(&mut self) {
        if !self.is_decided && self.counts_unsent {
            let missing = usize::try_from(UNIT - self.file.size() % UNIT).unwrap_or_default();
            if self.file.append(&vec![0; missing]).is_ok() {
                self.kept = self.file.checkpoint();
            }
        }
        self.file.set_back_to(self.kept.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::folder::ContentFolder;

    const UNIT_BYTES: usize = 256 << 10;

    fn service() -> Service {
        Service::new(ContentFolder::new("uptake-test-").unwrap(), String::new(), Vec::new())
    }

    #[test]
    fn what_is_interrupted_keeps_whole_units() {
        let (service, mut session) = (service(), Session::sample());
        let mut receiving = Receiving::new(&service, &mut session, 0).unwrap();
        receiving.append(&vec![1; UNIT_BYTES + 7]).unwrap();
        drop(receiving);
        assert_eq!(session.stored(), UNIT);
        let mut receiving = Receiving::new(&service, &mut session, 7).unwrap();
        receiving.append(&vec![2; UNIT_BYTES]).unwrap();
        receiving.keep_all();
        assert_eq!(session.stored(), UNIT + 7, "the bytes from 7 to the end of the unit are stored already");
    }

    #[test]
    fn what_is_refused_leaves_nothing() {
        let (service, mut session) = (service(), Session::sample());
        let mut receiving = Receiving::new(&service, &mut session, 0).unwrap();
        receiving.append(&vec![1; UNIT_BYTES]).unwrap();
        receiving.undo();
        assert_eq!(session.stored(), 0);
    }
}

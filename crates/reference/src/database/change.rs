//! What is to be written down, noted by whoever decides it.

use super::record::{SegmentRecord, TokenRecord, VideoRecord};
use crate::store::Discarded;
use crate::timestamp::Timestamp;

/// One row that changes, or goes.
#[derive(Debug)]
pub(crate) enum Change {
    Token(String, TokenRecord),
    TokenGone(String),
    Video(String, Box<VideoRecord>),
    /// A video goes, and its segments with it.
    VideoGone(String),
    /// A segment of a video, by its first byte or its number.
    Segment(String, u64, SegmentRecord),
    /// All segments of a video go.
    SegmentsGone(String),
    Access(String, Timestamp),
    AccessGone(String),
    /// A refresh token, and how many were given before it.
    Refresh(String, u64),
    RefreshGone(String),
    /// By how much the clock was moved altogether, in milliseconds.
    Advanced(i64),
}

/// The changes of one decision, and the bytes that nobody can use after it.
#[derive(Debug, Default)]
pub(crate) struct ChangeSet {
    /// Whether anybody reads the changes.
    kept: bool,
    pub(crate) changes: Vec<Change>,
    pub(crate) discarded: Vec<Discarded>,
}

impl ChangeSet {
    /// One whose changes are read; otherwise noting them costs nothing.
    pub(crate) fn new(kept: bool) -> Self {
        Self { kept, ..Self::default() }
    }

    /// Notes a change.
    pub(crate) fn note(&mut self, change: impl FnOnce() -> Change) {
        if self.kept {
            self.changes.push(change());
        }
    }

    /// Bytes that go once the decision is written down: a row never speaks of bytes that are gone.
    pub(crate) fn discard(&mut self, bytes: impl Into<Discarded>) {
        self.discarded.push(bytes.into());
    }

    /// What was noted so far.
    pub(crate) fn take(&mut self) -> Self {
        std::mem::replace(self, Self::new(self.kept))
    }

    /// Puts what another noted behind this.
    pub(crate) fn append(&mut self, other: Self) {
        self.changes.extend(other.changes);
        self.discarded.extend(other.discarded);
    }
}

//! What is to be written down, noted by whoever decides it.

use super::super::clock::Moment;
use super::super::store::Discarded;
use super::record::{SegmentRecord, TokenRecord, VideoRecord};

/// One row that changes, or goes.
#[derive(Debug)]
pub(in super::super) enum Change {
    Token(String, TokenRecord),
    TokenGone(String),
    Video(String, Box<VideoRecord>),
    /// A video goes, and its segments with it.
    VideoGone(String),
    /// A segment of a video, by its first byte or its number.
    Segment(String, u64, SegmentRecord),
    /// All segments of a video go.
    SegmentsGone(String),
    Access(String, Moment),
    AccessGone(String),
    /// A refresh token, and how many were given before it.
    Refresh(String, u64),
    RefreshGone(String),
    /// By how much the clock was moved altogether, in milliseconds.
    Advanced(i64),
}

/// The changes of one decision, and the bytes that nobody can use after it.
#[derive(Debug, Default)]
pub(in super::super) struct Journal {
    /// Whether anybody reads the changes.
    kept: bool,
    pub(super) changes: Vec<Change>,
    pub(super) discarded: Vec<Discarded>,
}

impl Journal {
    /// One whose changes are read; otherwise noting them costs nothing.
    pub(in super::super) fn new(kept: bool) -> Self {
        Self { kept, ..Self::default() }
    }

    /// Notes a change.
    pub(in super::super) fn note(&mut self, change: impl FnOnce() -> Change) {
        if self.kept {
            self.changes.push(change());
        }
    }

    /// Bytes that go once the decision is written down: a row never speaks of bytes that are gone.
    pub(in super::super) fn discard(&mut self, bytes: impl Into<Discarded>) {
        self.discarded.push(bytes.into());
    }

    /// What was noted so far.
    pub(in super::super) fn take(&mut self) -> Self {
        std::mem::replace(self, Self::new(self.kept))
    }

    /// Puts what another noted behind this.
    pub(in super::super) fn append(&mut self, other: Self) {
        self.changes.extend(other.changes);
        self.discarded.extend(other.discarded);
    }
}

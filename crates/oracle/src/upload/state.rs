//! What may have been received of an upload: one of the states that the answers so far allow.

use std::collections::BTreeMap;

/// One state.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct State {
    /// In turn: how many bytes are kept, from the beginning.
    pub(super) kept: Kept,
    /// In any order: the segments that are kept, by what places them.
    pub(super) segments: BTreeMap<u64, Piece>,
    /// Whether a request or a segment has completed it.
    pub(super) completed: bool,
}

/// How many bytes are kept: as many as one of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Kept {
    pub(super) least: u64,
    pub(super) greatest: u64,
    /// Whether a request that was broken off may still be worked on.
    pub(super) is_open: bool,
}

/// The bytes of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) from: u64,
    pub(super) length: u64,
}

impl Kept {
    pub(super) const fn exactly(bytes: u64) -> Self {
        Self { least: bytes, greatest: bytes, is_open: false }
    }

    pub(super) const fn is_exact(self) -> bool {
        self.least == self.greatest
    }
}

impl Piece {
    pub(super) const fn end(self) -> u64 {
        self.from.saturating_add(self.length)
    }
}

impl State {
    /// The sum of the segments that are kept.
    pub(super) fn sum(&self) -> u64 {
        self.segments.values().map(|piece| piece.length).sum()
    }

    /// The pieces of content that the finished upload has, in order.
    pub(super) fn pieces(&self) -> Vec<(u64, u64)> {
        let kept = (self.kept.greatest > 0).then_some((0, self.kept.greatest));
        kept.into_iter().chain(self.segments.values().map(|piece| (piece.from, piece.length))).collect()
    }
}

//! A case: the segments of one upload, as a small value that can be shrunk.

use uptake_oracle::upload::PlacedBy;

/// The segments of one upload, and what is asked between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ProtocolCase {
    /// By what the segments say where they belong.
    pub(crate) label: PlacedBy,
    /// The size of the file.
    pub(crate) total: u64,
    /// In how many segments it is cut.
    pub(crate) count: u64,
    pub(crate) steps: Vec<ProtocolStep>,
}

/// One step of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ProtocolStep {
    /// One segment.
    Send(Piece),
    /// Segments that end at the same moment.
    AtOnce(Vec<Piece>),
    /// What has been received is asked for. It is at the end of each case, too.
    Ask,
    /// The upload is completed by a request.
    Complete,
}

/// A segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Piece {
    /// Its number, from 1.
    pub(crate) number: u64,
    /// Where its bytes begin.
    pub(crate) start: Start,
    /// The position behind its last byte.
    pub(crate) end: u64,
    /// After how many of its bytes the connection is closed.
    pub(crate) break_off: Option<u64>,
}

/// Where the bytes of a segment begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Start {
    /// At this position.
    At(u64),
    /// Where the target says that it goes on.
    Reported,
}

impl Piece {
    /// A segment of these bytes.
    pub(crate) const fn new(number: u64, from: u64, end: u64) -> Self {
        Self { number, start: Start::At(from), end, break_off: None }
    }

    /// Where it begins, where that is known beforehand.
    pub(crate) const fn from(&self) -> Option<u64> {
        match self.start {
            Start::At(from) => Some(from),
            Start::Reported => None,
        }
    }

    /// How many bytes it has, at most.
    pub(crate) fn length(&self) -> u64 {
        self.end.saturating_sub(self.from().unwrap_or(0))
    }
}

impl ProtocolStep {
    /// The segments that it sends.
    pub(crate) fn pieces(&self) -> &[Piece] {
        match self {
            Self::Send(piece) => std::slice::from_ref(piece),
            Self::AtOnce(pieces) => pieces,
            Self::Ask | Self::Complete => &[],
        }
    }

    /// The same segments, to change them.
    pub(crate) fn pieces_mut(&mut self) -> &mut [Piece] {
        match self {
            Self::Send(piece) => std::slice::from_mut(piece),
            Self::AtOnce(pieces) => pieces,
            Self::Ask | Self::Complete => &mut [],
        }
    }
}

impl ProtocolCase {
    /// All segments, in order.
    pub(crate) fn pieces(&self) -> impl Iterator<Item = &Piece> {
        self.steps.iter().flat_map(ProtocolStep::pieces)
    }

    /// How many bytes it sends, at most.
    pub(crate) fn bytes(&self) -> u64 {
        self.pieces().map(|piece| piece.break_off.unwrap_or(piece.length())).sum()
    }

    /// How many bytes of content it needs.
    pub(crate) fn content_size(&self) -> u64 {
        self.pieces().map(|piece| piece.end).max().unwrap_or(0).max(self.total)
    }

    /// Whether a segment is the last of the file.
    pub(crate) fn is_last(&self, piece: &Piece) -> bool {
        match self.label {
            PlacedBy::Offset => piece.end == self.total,
            PlacedBy::Number => piece.number == self.count,
        }
    }
}

//! The bytes of one accepted request, and how they are recorded.

use crate::database::record::SegmentRecord;
use crate::store::Piece;

/// The bytes of one request.
#[derive(Debug)]
pub(crate) struct Segment {
    pub(crate) length: u64,
    pub(crate) piece: Piece,
}

impl Segment {
    /// What is recorded of it.
    pub(crate) fn record(&self, to: u64, arrival: usize) -> SegmentRecord {
        SegmentRecord { to, arrival, length: self.length, file: self.piece.name() }
    }
}

/// A recorded segment, by its first byte or its number, and its bytes.
pub(crate) type RestoredSegment = (u64, SegmentRecord, Piece);

/// What a further segment is held against, besides the segments before it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct UploadContext {
    /// Whether the token that began the upload has expired.
    pub(crate) in_grace: bool,
}

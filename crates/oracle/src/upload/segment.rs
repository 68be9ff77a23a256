//! A segment, and the answer to it.

/// A segment that is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    /// Its number, from 1.
    pub number: u64,
    /// Where its bytes begin.
    pub from: u64,
    /// How many there are.
    pub length: u64,
    /// Whether it is the last: it has the last byte of the file, or the greatest number.
    pub is_last: bool,
    /// After how many of its bytes the connection is closed.
    pub broken_off: Option<u64>,
}

/// The answer to a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reply {
    /// The status; none where the connection was closed instead.
    pub status: Option<u16>,
    /// How many bytes have been received of the upload, as far as the answer says.
    pub received: Option<u64>,
}

impl Segment {
    /// The position behind its last byte.
    pub const fn end(&self) -> u64 {
        self.from.saturating_add(self.length)
    }
}

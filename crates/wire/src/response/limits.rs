//! How much of a response is accepted.

use std::fmt;

use crate::size::Exact;

/// How much of a response is accepted. Exceeding one of these is an error that names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The bytes of one head: status line, header fields, and the empty line.
    pub head: usize,
    /// The bytes of all interim responses together.
    pub interim: usize,
    /// The bytes of a body, without its transfer coding.
    pub body: u64,
    /// The bytes of a trailer section.
    pub trailers: usize,
}

/// The most header fields in one head.
pub(super) const MAX_FIELDS: usize = 256;
/// The most bytes of chunk-size lines that no data justifies.
pub(super) const CHUNK_OVERHEAD: usize = 16 << 10;

impl Default for Limits {
    fn default() -> Self {
        Self { head: 64 << 10, interim: 64 << 10, body: 1 << 20, trailers: 16 << 10 }
    }
}

/// A limit that a response exceeded, with its size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// The bytes of one head.
    Head(usize),
    /// The number of header fields in one head.
    Fields(usize),
    /// The bytes of all interim responses together.
    Interim(usize),
    /// The bytes of the body.
    Body(u64),
    /// The bytes of the trailer section.
    Trailers(usize),
    /// The bytes of chunk extensions and of the size lines of tiny chunks.
    ChunkLines(usize),
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Head(bytes) => write!(f, "the response's head exceeded {}", Exact(bytes as u64)),
            Self::Fields(count) => write!(f, "the response's head exceeded {count} header fields"),
            Self::Interim(bytes) => write!(f, "more than {} of interim (1xx) responses", Exact(bytes as u64)),
            Self::Body(bytes) => write!(f, "the response's body exceeded {}", Exact(bytes)),
            Self::Trailers(bytes) => write!(f, "the response's trailers exceeded {}", Exact(bytes as u64)),
            Self::ChunkLines(bytes) => {
                write!(f, "more than {} of chunk extensions and chunk sizes", Exact(bytes as u64))
            }
        }
    }
}

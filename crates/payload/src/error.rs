//! What can go wrong with content and with plans. Both are faults of the harness or its input, never of a server.

use std::path::PathBuf;

/// Content that could not be opened or read.
#[derive(Debug, thiserror::Error)]
pub enum PayloadError {
    /// The file could not be opened.
    #[error("cannot open {}: {source}", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file could be opened, but not read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// What was named is a folder or a device; its size says nothing.
    #[error("{} is not a regular file", path.display())]
    NotAFile {
        /// The path.
        path: PathBuf,
    },
    /// Somebody asked for bytes that the content does not have.
    #[error("bytes {from} to {end} were asked for, but the content has only {size}")]
    OutOfRange {
        /// The first byte asked for.
        from: u64,
        /// One past the last byte asked for.
        end: u64,
        /// How long the content is.
        size: u64,
    },
    /// No digest goes by this name.
    #[error("unknown digest `{0}`: choose from md5, sha1, sha256 and crc32c")]
    UnknownAlgorithm(String),
}

/// A chunk plan that nobody could carry out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// Segments of no bytes never come to an end.
    #[error("a segment must have at least one byte")]
    EmptySegment,
    /// An empty file has no first byte, so no byte range names it.
    #[error("an empty file cannot be framed as `bytes`: there is no first byte to name")]
    NothingToFrame,
    /// More segments than can be numbered.
    #[error("{size} bytes in segments of {segment} are too many segments")]
    TooManySegments {
        /// The file's size.
        size: u64,
        /// The size of a segment.
        segment: u64,
    },
    /// A segment reaches beyond the file.
    #[error("segment {number} (from {from}, {len} bytes) reaches beyond the file of {size} bytes")]
    BeyondFile {
        /// The segment's place in the file.
        number: u32,
        /// Its first byte.
        from: u64,
        /// Its length.
        len: u64,
        /// The file's size.
        size: u64,
    },
    /// An order names a segment that the plan does not have.
    #[error("there is no segment {number}: the plan has {count}")]
    NoSuchSegment {
        /// The number that was named.
        number: u32,
        /// How many segments there are.
        count: usize,
    },
}

//! The sizes that the contract names.

/// The sizes that the contract names, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The smallest segment; the last of an upload may be smaller.
    pub min_segment: u64,
    /// The largest segment.
    pub max_segment: u64,
    /// The largest file in one request.
    pub max_request: u64,
    /// The largest total of an upload by byte ranges.
    pub max_total: u64,
    /// The largest number of parts of an upload.
    pub max_parts: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            min_segment: 5 * 1024 * 1024,
            max_segment: 200 * 1024 * 1024,
            max_request: 200 * 1024 * 1024,
            max_total: 52_428_800_000,
            max_parts: 10_000,
        }
    }
}

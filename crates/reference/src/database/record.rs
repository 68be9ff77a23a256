//! The rows of the database, as plain data. Whoever remembers something makes its row, and is made from it again.

use serde::{Deserialize, Serialize};

use crate::state::details::Details;
use crate::timestamp::Timestamp;
use crate::upload::framing::Framing;

/// An upload token.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct TokenRecord {
    pub(crate) ttl: i64,
    pub(crate) created: Timestamp,
    pub(crate) serial: u64,
}

/// A video, without its segments.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct VideoRecord {
    pub(crate) details: Details,
    pub(crate) created: Timestamp,
    pub(crate) updated: Timestamp,
    pub(crate) begun_by: Option<String>,
    pub(crate) token_expires: Option<Timestamp>,
    pub(crate) touched: u64,
    /// How it arrives; `None` as long as nothing has.
    pub(crate) framing: Option<Framing>,
    /// The total, or the number of parts, once it is known.
    pub(crate) total: Option<u64>,
    pub(crate) kept: Kept,
}

/// Where the bytes of an upload are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) enum Kept {
    /// In the files of its segments.
    #[default]
    Segments,
    /// In one file.
    File,
    /// Nowhere any more: nobody can complete it.
    Nowhere,
}

/// A segment that was accepted.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SegmentRecord {
    /// The last byte of a byte range; as good as its key for others.
    pub(crate) to: u64,
    /// How many segments of the upload had been accepted before it.
    pub(crate) arrival: usize,
    pub(crate) length: u64,
    /// The name of its file.
    pub(crate) file: Option<String>,
}

/// The segments of a video, by their first byte or their number.
pub(crate) type Segments = Vec<(u64, SegmentRecord)>;

/// Everything that was stored.
#[derive(Debug, Default)]
pub(crate) struct StoredState {
    pub(crate) tokens: Vec<(String, TokenRecord)>,
    pub(crate) videos: Vec<(String, VideoRecord, Segments)>,
    /// The access tokens, and when each expires.
    pub(crate) access: Vec<(String, Timestamp)>,
    /// The refresh tokens, the oldest first, and how many had been given before each.
    pub(crate) refresh: Vec<(String, u64)>,
    /// By how much a virtual clock was moved, in milliseconds.
    pub(crate) advanced: i64,
    /// How often a server was started on this folder before.
    pub(crate) starts: u64,
}

//! The rows of the ledger, as plain data. Whoever remembers something makes its row, and is made from it again.

use serde::{Deserialize, Serialize};

use super::super::clock::Moment;
use super::super::videos::Details;

/// An upload token.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in super::super) struct TokenRecord {
    pub(in super::super) ttl: i64,
    pub(in super::super) created: Moment,
    pub(in super::super) serial: u64,
}

/// A video, without its segments.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in super::super) struct VideoRecord {
    pub(in super::super) details: Details,
    pub(in super::super) created: Moment,
    pub(in super::super) updated: Moment,
    pub(in super::super) begun_by: Option<String>,
    pub(in super::super) token_expires: Option<Moment>,
    pub(in super::super) touched: u64,
    /// How it arrives; `None` as long as nothing has.
    pub(in super::super) framing: Option<Framing>,
    /// The total, or the number of parts, once it is known.
    pub(in super::super) total: Option<u64>,
    pub(in super::super) kept: Kept,
}

/// How an upload is framed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(in super::super) enum Framing {
    Whole,
    Bytes,
    Parts,
}

/// Where the bytes of an upload are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(in super::super) enum Kept {
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
pub(in super::super) struct SegmentRecord {
    /// The last byte of a byte range; as good as its key for others.
    pub(in super::super) to: u64,
    /// How many segments of the upload had been accepted before it.
    pub(in super::super) arrival: usize,
    pub(in super::super) length: u64,
    /// The name of its file.
    pub(in super::super) file: Option<String>,
}

/// The segments of a video, by their first byte or their number.
pub(in super::super) type Segments = Vec<(u64, SegmentRecord)>;

/// Everything that was remembered.
#[derive(Debug, Default)]
pub(in super::super) struct Remembered {
    pub(in super::super) tokens: Vec<(String, TokenRecord)>,
    pub(in super::super) videos: Vec<(String, VideoRecord, Segments)>,
    /// The access tokens, and when each expires.
    pub(in super::super) access: Vec<(String, Moment)>,
    /// The refresh tokens, the oldest first, and how many had been given before each.
    pub(in super::super) refresh: Vec<(String, u64)>,
    /// By how much a virtual clock was moved, in milliseconds.
    pub(in super::super) advanced: i64,
    /// How often a server was started on this folder before.
    pub(in super::super) starts: u64,
}

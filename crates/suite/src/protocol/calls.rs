//! The requests around the segments of an upload.

use crate::expr::Expr;
use crate::request::Request;
use crate::save::Save;
use crate::status::StatusSet;

/// A request with the statuses that accept it, and what is kept of the answer.
#[derive(Debug, Clone)]
pub struct Call {
    /// The request.
    pub request: Request,
    /// The statuses that accept it.
    pub accepted: StatusSet,
    /// What is kept of an accepting answer; later requests use it by name.
    pub save: Vec<Save>,
}

/// How the server learns that all segments were sent.
#[derive(Debug, Clone)]
pub enum Completion {
    /// The upload is complete as soon as all bytes have arrived.
    WhenFull,
    /// The last segment says so, by what `last` adds to it.
    LastSegment,
    /// A request says so; it knows `parts`, the list of accepted segments.
    Request(Box<Call>),
}

/// A request that shows what has been received of an upload.
#[derive(Debug, Clone)]
pub struct Ask {
    /// The request.
    pub call: Call,
    /// What its answer says has been received. What an answer does not have says nothing.
    pub received: Vec<(Received, Save)>,
    /// Whether the upload is complete: it may use what the request saves, `total` and `answer.status`. Without it an upload is
    /// complete once all has been received.
    pub complete: Option<Expr>,
    /// The same as it is written.
    pub complete_text: Option<String>,
}

/// What a value of an answer says has been received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Received {
    /// So many bytes, from the beginning: the offset of the next segment.
    Bytes,
    /// The bytes up to this position, which is -1 where there are none.
    LastByte,
    /// These ranges: a list of objects with `from` and `to`.
    Ranges,
    /// These segments: a list of their numbers.
    Parts,
    /// A whole file of this size.
    Size,
}

impl Received {
    /// The names in `received`.
    pub const NAMES: [(&'static str, Self); 5] = [
        ("bytes", Self::Bytes),
        ("last-byte", Self::LastByte),
        ("ranges", Self::Ranges),
        ("parts", Self::Parts),
        ("size", Self::Size),
    ];
}

/// A request that shows what is stored of a finished upload.
#[derive(Debug, Clone)]
pub struct Stored {
    /// The request.
    pub call: Call,
    /// What its answer shows. It may be missing for a while after the last segment.
    pub shows: Shows,
}

/// What the answer to a request for a finished upload shows.
#[derive(Debug, Clone)]
pub enum Shows {
    /// The SHA-256 of the file, in hexadecimal.
    Sha256(Box<Save>),
    /// The file itself, as the body.
    Content,
}

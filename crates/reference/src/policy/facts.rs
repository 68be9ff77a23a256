//! What a decision may depend on, as plain data. Nothing here decides anything.

use std::collections::HashMap;

use http::{HeaderMap, Method};
use serde_json::Value;

use crate::limits::Limits;
use crate::operation::Operation;
use crate::problem::Problem;
use crate::state::credentials::Credentials;
use crate::state::token::{TokenState, UploadToken};
use crate::timestamp::Timestamp;
use crate::upload::content_range::{ByteRange, ContentRange, PartRange};
use crate::upload::framing::Framing;

/// A request, apart from its body.
pub(crate) struct Call<'a> {
    pub(crate) operation: Operation,
    pub(crate) method: &'a Method,
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) now: Timestamp,
    /// Which connection it came over.
    pub(crate) connection: u64,
}

impl Call<'_> {
    /// A header that is text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The segments of the path, from the first.
    pub(crate) fn segments(&self) -> Vec<&str> {
        self.path.split('/').skip(1).collect()
    }
}

/// Who asks for an operation.
pub(crate) struct Caller<'a> {
    pub(crate) operation: Operation,
    pub(crate) headers: &'a HeaderMap,
    /// What the `Authorization` header holds, if it can be read.
    pub(crate) credentials: Option<&'a Credentials>,
    /// What the management endpoints say to these credentials.
    pub(crate) verdict: &'a Result<(), Problem>,
    /// The upload token that was shown as credentials, if it was one.
    pub(crate) upload_token: Option<&'a UploadToken>,
    #[expect(dead_code, reason = "no defect asks for it yet")]
    pub(crate) now: Timestamp,
}

impl Caller<'_> {
    /// Whether there is no `Authorization` header at all.
    pub(crate) fn is_anonymous(&self) -> bool {
        !self.headers.contains_key(http::header::AUTHORIZATION)
    }
}

/// When an upload token is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// The head of the request has arrived.
    Head,
    /// Its body has arrived, too.
    Body,
}

/// An upload token that comes with an upload.
pub(crate) struct TokenUse<'a> {
    pub(crate) token: &'a str,
    /// The token, if it was created, is not deleted, and its grace period has not ended.
    pub(crate) known: Option<&'a UploadToken>,
    pub(crate) stage: Stage,
    pub(crate) now: Timestamp,
}

/// The upload tokens, for the decision which of them are listed.
pub(crate) struct TokenSet<'a> {
    /// All that are not deleted, expired ones included until their grace period ends.
    pub(crate) all: &'a HashMap<String, UploadToken>,
    pub(crate) now: Timestamp,
}

/// A segment that has arrived, and what it says of itself.
pub(crate) struct SegmentRequest<'a> {
    /// The upload token, or `None` for an upload with management credentials.
    pub(crate) token: Option<&'a str>,
    pub(crate) state: Option<TokenState>,
    pub(crate) range: ContentRange,
    /// The `videoId` of the form, or the id of the path.
    pub(crate) video_id: Option<&'a str>,
    /// When the request began.
    pub(crate) began: Timestamp,
    pub(crate) now: Timestamp,
}

/// A video, without the bytes that arrived of it.
pub(crate) struct VideoFacts<'a> {
    pub(crate) id: &'a str,
    /// The upload token that began it; none for a container.
    pub(crate) begun_by: Option<&'a str>,
    pub(crate) created: Timestamp,
    pub(crate) updated: Timestamp,
    /// When that token expires, if it does.
    pub(crate) token_expires: Option<Timestamp>,
    pub(crate) grace_seconds: i64,
    /// How it arrives; `None` as long as nothing has.
    pub(crate) framing: Option<Framing>,
    pub(crate) received: u64,
    pub(crate) complete: bool,
}

/// A byte range, held against what was received before it.
pub(crate) struct ByteRangeCase<'a> {
    pub(crate) range: ByteRange,
    /// The number of bytes in the body.
    pub(crate) length: u64,
    /// The total that an earlier range named.
    pub(crate) known_total: Option<u64>,
    /// The ranges that were received before, in the order of their bytes.
    pub(crate) received: &'a dyn Fn() -> Vec<ByteRange>,
    pub(crate) limits: &'a Limits,
    /// Whether the token that began the upload has expired.
    pub(crate) in_grace: bool,
}

impl ByteRangeCase<'_> {
    /// Whether it is known to be the last range of its upload.
    pub(crate) fn is_last(&self) -> bool {
        self.range.total.or(self.known_total) == Some(self.range.to.saturating_add(1))
    }

    /// Whether the upload has no range yet.
    pub(crate) fn is_first(&self) -> bool {
        (self.received)().is_empty()
    }

    /// How many bytes were received before.
    pub(crate) fn received_bytes(&self) -> u64 {
        (self.received)().into_iter().map(ByteRange::len).fold(0, u64::saturating_add)
    }
}

/// A part, held against what was received before it.
pub(crate) struct PartCase<'a> {
    pub(crate) part: PartRange,
    /// The number of bytes in the body.
    pub(crate) length: u64,
    /// The number of parts that an earlier part named.
    pub(crate) known_count: Option<u64>,
    /// The parts that were received before, in order.
    pub(crate) received: &'a dyn Fn() -> Vec<u64>,
    pub(crate) limits: &'a Limits,
    /// Whether the token that began the upload has expired.
    pub(crate) in_grace: bool,
}

impl PartCase<'_> {
    /// Whether it is known to be the last part of its upload.
    pub(crate) fn is_last(&self) -> bool {
        self.part.count.or(self.known_count) == Some(self.part.number)
    }

    /// Whether it is known to be the only part of its upload.
    pub(crate) fn is_only(&self) -> bool {
        self.part.number == 1 && self.part.count == Some(1)
    }
}

/// What arrived of an upload by byte ranges.
pub(crate) struct ReceivedBytes<'a> {
    pub(crate) total: Option<u64>,
    pub(crate) received: u64,
    /// The ranges in the order of their bytes.
    pub(crate) ranges: &'a dyn Fn() -> Vec<ByteRange>,
}

/// What arrived of an upload by parts.
#[expect(dead_code, reason = "some facts matter to no defect yet")]
pub(crate) struct ReceivedParts<'a> {
    pub(crate) count: Option<u64>,
    /// How many parts arrived.
    pub(crate) received: u64,
    /// Their numbers in order.
    pub(crate) parts: &'a dyn Fn() -> Vec<u64>,
    /// How many bytes the last part has.
    pub(crate) last_length: u64,
}

/// A segment that does not go with what its upload began with, or comes behind its end.
pub(crate) struct Conflict {
    /// How the upload began.
    pub(crate) begun: Framing,
    pub(crate) complete: bool,
    /// How the segment is framed.
    pub(crate) incoming: Framing,
}

/// What happens to a segment that is in conflict with its upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Resolution {
    /// It is refused; the contract knows nothing else.
    Refuse,
    /// It is answered as if it had been kept.
    Acknowledge,
    /// It takes the place of everything that arrived before.
    Replace,
}

/// What the deletion of a token deletes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deletion {
    /// The token; the contract knows nothing else.
    Token,
    Nothing,
    TokenAndItsVideos,
    AllTokens,
}

/// A segment that was accepted.
pub(crate) struct AcceptedSegment {
    /// Whether it continued an upload.
    pub(crate) is_later: bool,
    /// Whether it completed the upload.
    pub(crate) completes: bool,
}

/// The end of a request with an upload token.
#[expect(dead_code, reason = "some facts matter to no defect yet")]
pub(crate) struct UploadEnd<'a> {
    pub(crate) token: &'a str,
    /// Whether the client broke off.
    pub(crate) broken_off: bool,
}

/// The `ttl` of a request: absent, or any JSON value.
pub(crate) type GivenTtl<'a> = Option<&'a Value>;

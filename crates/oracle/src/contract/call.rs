//! The calls of the contract, as a caller makes them.

use crate::state::Span;

/// A call: what is asked, by whom, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// What is asked.
    pub operation: Operation,
    /// What the caller shows in `Authorization`.
    pub credential: Credential,
    /// The origin of the page that calls, where a browser does.
    pub origin: Option<String>,
    /// When its head was sent.
    pub began: Span,
    /// When it had been sent completely, up to its answer.
    pub arrived: Span,
}

/// What a caller shows in `Authorization`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credential {
    /// There is no such header.
    None,
    /// The API key, as basic user name with an empty password.
    Key,
    /// An API key that does not exist, shown in the same way.
    UnknownKey,
    /// A value that is neither.
    Malformed,
    /// This text as a Bearer token.
    Bearer(String),
    /// This text as basic user name.
    Basic(String),
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operation {
    /// `POST /auth/api-key`
    Exchange(Given),
    /// `POST /auth/refresh`
    Refresh(Given),
    /// `POST /upload-tokens`
    CreateToken(TtlGiven),
    /// `GET /upload-tokens`
    ListTokens(ListQuery),
    /// `GET /upload-tokens/{token}`
    ShowToken(String),
    /// `DELETE /upload-tokens/{token}`
    DeleteToken(String),
    /// `POST /upload`
    Upload {
        /// The token in the query; none where there is no such parameter.
        token: Option<String>,
        /// `videoId` in the form.
        video: Option<String>,
        /// The segment.
        segment: Segment,
    },
    /// `POST /videos`
    CreateVideo(Given),
    /// `GET /videos/{id}`
    ShowVideo(String),
    /// `DELETE /videos/{id}`
    DeleteVideo(String),
    /// `GET /videos/{id}/status`
    ShowStatus(String),
    /// `POST /videos/{id}/source`
    UploadSource {
        /// The container.
        video: String,
        /// The segment.
        segment: Segment,
    },
    /// `OPTIONS` on a path that browsers call, for a POST with these headers.
    Preflight {
        /// The headers that the page is going to send.
        headers: Vec<&'static str>,
    },
    /// A path that the contract does not have.
    UnknownPath,
    /// A known path with a method that it does not have.
    WrongMethod {
        /// The methods that it has.
        allowed: &'static [&'static str],
    },
}

/// The one value that the JSON body of a call is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given {
    /// The right one: the API key, a known refresh token, or a title.
    Known(String),
    /// The right one, labelled as browsers label JSON: `text/plain`.
    KnownAsText(String),
    /// One that does not exist.
    Unknown,
    /// The body has no such member.
    Missing,
    /// The body is not JSON.
    NotJson,
}

/// The `ttl` of a token that is created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TtlGiven {
    /// The body has no such member.
    Missing,
    /// A whole number.
    Seconds(i64),
    /// Something else: a text, a fraction, a truth value, as JSON.
    Invalid(&'static str),
    /// The body is not JSON.
    NotJson,
}

/// The query of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListQuery {
    /// `sortBy`
    pub sort_by: Option<&'static str>,
    /// `sortOrder`
    pub sort_order: Option<&'static str>,
    /// `currentPage`
    pub page: Option<i64>,
    /// `pageSize`
    pub size: Option<i64>,
}

/// A file or a piece of one, in a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// Its Content-Range.
    pub range: Option<String>,
    /// Where its bytes lie in the content of the upload.
    pub offset: u64,
    /// The lengths of the files in the form.
    pub files: Vec<u64>,
    /// The file's name.
    pub file_name: String,
    /// Whether the body is broken off before its end.
    pub broken_off: bool,
    /// Whether the body comes in the chunked transfer coding, without a Content-Length.
    pub chunked: bool,
}

impl Operation {
    /// The segment that is sent.
    pub fn segment(&self) -> Option<&Segment> {
        match self {
            Self::Upload { segment, .. } | Self::UploadSource { segment, .. } => Some(segment),
            _ => None,
        }
    }
}

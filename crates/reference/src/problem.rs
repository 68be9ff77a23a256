//! The documented errors: which there are, and what an answer says of one. How it is written is the middleware's.

use http::StatusCode;
use serde_json::{Map, Value};

/// Where the documents explain an error; the slug is the last segment.
const TYPES: &str = "https://docs.api.video/reference/";

/// One of the documented errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Kind {
    pub(crate) slug: &'static str,
    pub(crate) status: u16,
    pub(crate) title: &'static str,
}

/// An error as it is answered: its kind, the parameter at fault, and what was wrong this time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) kind: Kind,
    pub(crate) name: Option<&'static str>,
    pub(crate) detail: String,
}

impl Problem {
    pub(crate) fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Self { kind, name: None, detail: detail.into() }
    }

    /// Names the one parameter that is at fault.
    pub(crate) fn of(mut self, name: &'static str) -> Self {
        self.name = Some(name);
        self
    }

    /// A problem of the `Content-Range`.
    pub(crate) fn of_range(kind: Kind, detail: impl Into<String>) -> Self {
        Self::new(kind, detail).of("Content-Range")
    }

    /// An upload token that may not do what it was used for.
    pub(crate) fn token_refused(detail: &str) -> Self {
        Self::new(kind::INVALID_UPLOAD_TOKEN, detail).of("token")
    }

    /// A video that does not exist.
    pub(crate) fn no_such_video() -> Self {
        Self::new(kind::NOT_FOUND, "There is no such video.").of("videoId")
    }

    /// An upload token that does not exist.
    pub(crate) fn no_such_token() -> Self {
        Self::new(kind::NOT_FOUND, "There is no such upload token.").of("uploadToken")
    }

    /// The status of the answer.
    pub(crate) fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.kind.status).expect("the kinds below have valid statuses")
    }

    /// The body of the answer.
    pub(crate) fn body(&self) -> Value {
        let mut body = Map::new();
        body.insert("type".into(), format!("{TYPES}{}", self.kind.slug).into());
        body.insert("title".into(), self.kind.title.into());
        if let Some(name) = self.name {
            body.insert("name".into(), name.into());
        }
        body.insert("status".into(), self.kind.status.into());
        body.insert("detail".into(), self.detail.as_str().into());
        Value::Object(body)
    }
}

macro_rules! kinds {
    ($($name:ident = $status:literal $slug:literal $title:literal;)*) => {
        /// Every documented error that this server answers.
        pub(crate) mod kind {
            use super::Kind;
            $(pub(crate) const $name: Kind = Kind { slug: $slug, status: $status, title: $title };)*
            #[cfg(test)]
            pub(crate) const ALL: &[Kind] = &[$($name),*];
        }
    };
}

kinds! {
    MISSING_AUTHORIZATION = 401 "authentication-missing-authorization-header" "The Authorization header is missing.";
    INVALID_AUTHORIZATION = 401 "authentication-invalid-authorization-header-value"
        "The Authorization header has no valid value.";
    INVALID_API_KEY = 401 "authentication-invalid-api-key" "The API key is not valid.";
    INVALID_ACCESS_TOKEN = 401 "authentication-invalid-access-token" "The access token is not valid.";
    INVALID_CREDENTIALS = 400 "authentication-invalid-user-credentials" "The user credentials were incorrect.";
    MISSING_UPLOAD_TOKEN = 401 "authentication-missing-upload-token" "The upload token is missing.";
    INVALID_UPLOAD_TOKEN = 401 "authentication-invalid-upload-token" "The upload token is not valid.";

    INVALID_PAYLOAD = 400 "invalid-payload" "The request body cannot be read.";
    ATTRIBUTE_REQUIRED = 400 "attribute-required" "An attribute is required.";
    INVALID_ATTRIBUTE = 400 "invalid-attribute" "An attribute is invalid.";
    INVALID_QUERY_PARAMETER = 400 "invalid-query-parameter" "A query parameter is invalid.";

    NOT_FOUND = 404 "resource-not-found" "The requested resource was not found.";
    UNKNOWN_URL = 404 "unrecognized-request-url" "Nothing exists at this URL.";
    METHOD_NOT_ALLOWED = 405 "method-not-allowed" "This URL does not support this method.";
    TOO_MANY_REQUESTS = 429 "too-many-requests" "Too many requests.";
    REQUEST_TIMEOUT = 408 "request-timeout" "The request took too long to arrive.";
    INTERNAL = 500 "internal-error" "The server could not store what was sent.";

    BROKEN_OFF = 400 "request-broken-off" "The request was broken off.";
    NO_FILE = 400 "uploaded-file-no-file" "There is no file in the form.";
    MULTIPLE_FILES = 400 "uploaded-file-multiple-files" "There is more than one file in the form.";
    EMPTY_FILE = 400 "uploaded-file-empty" "The file is empty.";
    FILE_TOO_LARGE = 400 "uploaded-file-too-large" "The file is too large.";

    SOURCE_ALREADY_UPLOADED = 400 "video-source-already-uploaded" "The video already has its source.";
    ALREADY_INITIATED = 400 "video-content-range-already-initiated" "A progressive upload is in progress.";
    RANGE_MALFORMED = 400 "video-content-range-malformed" "The Content-Range header is malformed.";
    STARTED_WITH_BYTES = 400 "video-content-range-started-with-bytes" "The upload was started by byte ranges.";
    STARTED_WITH_PART = 400 "video-content-range-started-with-part" "The upload was started by parts.";

    BYTES_TOO_SMALL = 400 "video-content-range-by-bytes-range-too-small" "The byte range is too small.";
    BYTES_TOO_LARGE = 400 "video-content-range-by-bytes-range-too-large" "The byte range is too large.";
    BYTES_MISMATCH = 400 "video-content-range-by-bytes-range-mismatch" "The length of the file is not that of the byte range.";
    BYTES_OVERLAP = 400 "video-content-range-by-bytes-range-overlap" "The byte range overlaps one sent before.";
    BYTES_DIFFERENT_TOTAL = 400 "video-content-range-by-bytes-different-total-bytes"
        "The total differs from the one given before.";
    BYTES_FROM_TOO_HIGH = 400 "video-content-range-by-bytes-from-byte-too-high" "The first byte is after the last.";
    BYTES_TO_BEYOND_TOTAL = 400 "video-content-range-by-bytes-to-byte-too-high-total"
        "The last byte is beyond the total.";
    BYTES_TO_BEYOND_ALLOWED = 400 "video-content-range-by-bytes-to-byte-too-high-allowed"
        "The last byte is beyond the limit.";
    BYTES_TOTAL_TOO_HIGH = 400 "video-content-range-by-bytes-total-bytes-too-high" "The total is more than allowed.";
    BYTES_TOTAL_TOO_LOW = 400 "video-content-range-by-bytes-total-bytes-too-low"
        "The total is below what was received.";
    BYTES_TOTAL_ZERO = 400 "video-content-range-by-bytes-total-bytes-zero" "The total is zero.";

    PART_TOO_SMALL = 400 "video-content-range-by-part-uploaded-file-too-small" "The part is too small.";
    PART_ALREADY_SENT = 400 "video-content-range-by-part-part-already-sent" "The part was sent before.";
    PART_DIFFERENT_COUNT = 400 "video-content-range-by-part-different-total-parts"
        "The number of parts differs from the one given before.";
    PART_ZERO = 400 "video-content-range-by-part-part-zero" "Parts are numbered from 1.";
    PART_BEYOND_COUNT = 400 "video-content-range-by-part-part-too-high-total"
        "The part number is above the number of parts.";
    PART_BEYOND_ALLOWED = 400 "video-content-range-by-part-part-too-high-allowed"
        "The part number is above the limit.";
    PART_COUNT_ZERO = 400 "video-content-range-by-part-total-parts-zero" "The number of parts is zero.";
    PART_COUNT_TOO_HIGH = 400 "video-content-range-by-part-total-parts-too-high"
        "The number of parts is more than allowed.";
    PART_COUNT_TOO_LOW = 400 "video-content-range-by-part-total-parts-too-low"
        "The number of parts is below a part that was received.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_can_be_answered_and_is_named_once() {
        let mut slugs: Vec<_> = kind::ALL.iter().map(|kind| kind.slug).collect();
        slugs.sort_unstable();
        slugs.dedup();
        assert_eq!(slugs.len(), kind::ALL.len());
        for kind in kind::ALL {
            assert_eq!(Problem::new(*kind, "").status(), kind.status);
        }
    }

    #[test]
    fn a_problem_says_what_the_documents_promise() {
        let body = Problem::new(kind::INVALID_ATTRIBUTE, "It must not be negative.").of("ttl").body();
        assert_eq!(body["type"], "https://docs.api.video/reference/invalid-attribute");
        assert_eq!(body["status"], 400);
        assert_eq!(body["name"], "ttl");
    }
}

//! The paths and JSON bodies of the API calls that a load run makes.

use percent_encoding::{NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};
use serde::Deserialize;

/// The body of the call that creates a token.
pub(super) fn token_body(ttl: Option<u64>) -> String {
    format!("{{\"ttl\":{}}}", ttl.unwrap_or(0))
}

/// The path of the call that creates a token.
pub(super) fn tokens_path(prefix: &str) -> String {
    format!("{prefix}/upload-tokens")
}

/// The path of uploads with a token.
pub(super) fn upload_path(prefix: &str, token: &str) -> String {
    format!("{prefix}/upload?token={}", encoded(token))
}

/// The path of a video's status.
pub(super) fn status_path(prefix: &str, video: &str) -> String {
    format!("{prefix}/videos/{}/status", encoded(video))
}

/// The token in the answer to the call that creates one.
pub(super) fn token_in(body: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Token {
        token: String,
    }
    serde_json::from_slice::<Token>(body).ok().map(|answer| answer.token)
}

/// The video's id in the answer to a segment.
pub(super) fn video_id_in(body: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Video {
        video_id: String,
    }
    serde_json::from_slice::<Video>(body).ok().map(|answer| answer.video_id)
}

/// A path segment or query value.
pub(super) fn encoded(text: &str) -> PercentEncode<'_> {
    utf8_percent_encode(text, NON_ALPHANUMERIC)
}

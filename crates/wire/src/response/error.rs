//! Why bytes are not a response.

use super::Bound;

/// Why bytes are not a response that can be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ResponseError {
    /// They break the syntax of HTTP/1.1. The text holds printable ASCII only.
    #[error("{0}")]
    Malformed(String),
    /// There are too many of them.
    #[error("{0}")]
    Exceeded(Bound),
}

/// Of bytes that are shown, no more than this.
const SHOWN: usize = 60;

/// What is said of a response that is a message of TLS.
pub(crate) const SPEAKS_TLS: &str = "it speaks TLS: use https";

impl ResponseError {
    /// Whether the server speaks TLS, and was sent plain HTTP.
    pub fn is_tls(&self) -> bool {
        matches!(self, Self::Malformed(what) if what == SPEAKS_TLS)
    }

    pub(super) fn malformed(what: impl Into<String>) -> Self {
        Self::Malformed(what.into())
    }

    /// `what` in words, and the beginning of the bytes that it was found in.
    pub(super) fn in_bytes(what: &str, bytes: &[u8]) -> Self {
        Self::Malformed(format!("{what}: `{}`", bytes[..bytes.len().min(SHOWN)].escape_ascii()))
    }
}

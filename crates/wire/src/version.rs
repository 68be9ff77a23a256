//! The versions of HTTP that requests are sent by.

use std::fmt;

/// A version of HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Version {
    /// HTTP/1.1, with all that a delivery may ask for.
    #[default]
    Http1,
    /// HTTP/2: negotiated by ALPN over TLS, with prior knowledge otherwise.
    Http2,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Version::Http1 => "HTTP/1.1",
            Version::Http2 => "HTTP/2",
        })
    }
}

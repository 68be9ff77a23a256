//! Why an exchange has no answer.

use std::fmt;
use std::time::Duration;

use super::response::{Bound, SPEAKS_TLS};

/// Why there is no answer that could be judged. Each has a plain sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The name has no address.
    #[error("the name {host} could not be resolved: {reason}")]
    Resolve {
        /// The name.
        host: String,
        /// What the resolver said.
        reason: String,
    },
    /// No connection came about.
    #[error("no connection to {to}: {reason}")]
    Connect {
        /// Host and port.
        to: String,
        /// What the system said.
        reason: String,
    },
    /// The connection could not be secured, and will not be the next time.
    #[error("TLS with {to} failed: {reason}")]
    Tls {
        /// Host and port.
        to: String,
        /// Why not.
        reason: String,
    },
    /// Nothing more happened for too long.
    #[error("timed out after {} s: {phase}", after.as_secs_f64())]
    Timeout {
        /// What was waited for.
        phase: Phase,
        /// The limit.
        after: Duration,
    },
    /// The other end closed or reset the connection.
    #[error("the server closed the connection {0}")]
    ClosedEarly(Closed),
    /// What came is not HTTP/1.1.
    #[error("what the server sent is not HTTP/1.1: {0}")]
    Malformed(String),
    /// The server speaks another version of HTTP.
    #[error("{to} does not speak HTTP/2: {why}; omit --http2")]
    Version {
        /// Host and port.
        to: String,
        /// What it negotiated or sent.
        why: String,
    },
    /// The server reset the stream of HTTP/2.
    #[error("the server reset the stream (RST_STREAM, {code}) {when}")]
    Reset {
        /// The error code's name.
        code: String,
        /// How far the response had come.
        when: Closed,
    },
    /// The server ended the connection of HTTP/2 without processing the request.
    #[error("the server ended the connection (GOAWAY, {code}) {when}")]
    GoneAway {
        /// The error code's name.
        code: String,
        /// How far the response had come.
        when: Closed,
    },
    /// What came is not HTTP/2.
    #[error("what the server sent is not valid HTTP/2 ({0})")]
    MalformedHttp2(String),
    /// More frames of HTTP/2 came than a response needs.
    #[error("the server sent more HTTP/2 frames than are read of a response (ENHANCE_YOUR_CALM)")]
    Flooded,
    /// What came is more than is read of a response.
    #[error("{0}")]
    Exceeded(Bound),
    /// The connection was closed by us after so many bytes of the body, as the request asked.
    #[error("broken off as the scenario says, after {sent} bytes of the body")]
    BrokenOff {
        /// How many bytes of the body were sent.
        sent: u64,
    },
    /// We could not do our part; the server is not to blame.
    #[error("local error: {0}")]
    Harness(String),
}

/// What an exchange was waiting for as its time ran out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// An address for the name.
    Resolving,
    /// A connection.
    Connecting,
    /// A TLS session.
    Securing,
    /// The server to take more of the request.
    Sending,
    /// The head of the answer.
    Waiting,
    /// The rest of the answer.
    Reading,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Phase::Resolving => "the name was still not resolved",
            Phase::Connecting => "the server did not accept the connection",
            Phase::Securing => "the TLS handshake did not complete",
            Phase::Sending => "the server stopped reading the request",
            Phase::Waiting => "the server did not respond",
            Phase::Reading => "the response did not end",
        })
    }
}

/// Where in the exchange the connection was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closed {
    /// Before the first byte of an answer.
    Before,
    /// In the middle of the answer's head.
    InHead,
    /// In the middle of the answer's body.
    InBody {
        /// The status that the head had told.
        status: u16,
    },
}

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Closed::Before => f.write_str("without a response"),
            Closed::InHead => f.write_str("in the middle of the response headers"),
            Closed::InBody { status } => write!(f, "in the middle of the response body (status {status})"),
        }
    }
}

impl Fault {
    /// Whether the network or what speaks at its other end is to blame: no HTTP answer came that could be judged.
    pub fn is_network(&self) -> bool {
        !self.is_harness() && !matches!(self, Fault::BrokenOff { .. })
    }

    /// Whether what came cannot be read as a response.
    pub fn is_unreadable(&self) -> bool {
        matches!(self, Fault::Malformed(_) | Fault::MalformedHttp2(_) | Fault::Version { .. })
    }

    /// Whether the server speaks TLS, and was sent plain HTTP.
    pub fn is_tls(&self) -> bool {
        matches!(self, Fault::Malformed(what) if what == SPEAKS_TLS)
    }

    /// Whether we are to blame ourselves; such a fault must never count against a server.
    pub fn is_harness(&self) -> bool {
        matches!(self, Fault::Harness(_))
    }
}

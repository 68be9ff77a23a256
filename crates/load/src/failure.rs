//! What can go wrong in an upload, and in which step.

use std::io;

use rustix::io::Errno;

/// The errors of a system that has run out of descriptors, ports or memory.
const EXHAUSTED: &[Errno] = &[
    Errno::MFILE,
    Errno::ADDRNOTAVAIL,
    Errno::ADDRINUSE,
    Errno::NOBUFS,
    // Winsock does not have these.
    #[cfg(unix)]
    Errno::NFILE,
    #[cfg(unix)]
    Errno::AGAIN,
    #[cfg(unix)]
    Errno::NOMEM,
];

/// What went wrong, in which step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Failure {
    pub(super) step: Step,
    pub(super) class: ErrorClass,
}

/// A step of an upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    /// Creating a token.
    Token,
    /// Creating an upload.
    Create,
    /// Sending a segment.
    Segment,
    /// Completing the upload.
    Complete,
    /// Asking for the status.
    Status,
    /// Asking for the digest of what is stored.
    Stored,
    /// The upload as a whole.
    Upload,
}

/// What can go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum ErrorClass {
    /// The TCP connection failed.
    Connect,
    /// This machine has no descriptor, port or memory left.
    Exhausted,
    /// The TLS handshake failed.
    Tls,
    /// The server speaks TLS, and was sent plain HTTP.
    SpeaksTls,
    /// A time-out of the target profile passed.
    Timeout,
    /// The connection was closed or reset before the response was complete.
    Closed,
    /// The response is not valid HTTP, or its body not what was asked for.
    Protocol,
    /// The response exceeds a size limit.
    TooLarge,
    /// A successful response came before the last byte of the request had been sent.
    Early,
    /// An earlier response lacked a value that the request needs.
    Missing,
    /// A response named a URL of another origin.
    Elsewhere,
    /// A file of the plan could not be read.
    File,
    /// The status is not one that accepts the request.
    Status(u16),
    /// The target did not receive what was sent.
    Verify,
    /// The target stored other bytes than were sent.
    Digest,
    /// It was due but never started.
    NotStarted,
    /// It was still in progress at the end of the run.
    Unfinished,
}

impl Step {
    /// Its name in reports.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Create => "create",
            Self::Segment => "segment",
            Self::Complete => "complete",
            Self::Status => "status",
            Self::Stored => "stored",
            Self::Upload => "upload",
        }
    }
}

impl ErrorClass {
    /// The class of an error that says that this machine ran out of something, and nothing about the target.
    pub(super) fn of_local_error(error: &io::Error) -> Option<Self> {
        let errno = Errno::from_raw_os_error(error.raw_os_error()?);
        EXHAUSTED.contains(&errno).then_some(Self::Exhausted)
    }

    /// Its name in reports.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Exhausted => "exhausted",
            Self::Tls | Self::SpeaksTls => "tls",
            Self::Timeout => "timeout",
            Self::Closed => "closed",
            Self::Protocol => "protocol",
            Self::TooLarge => "too-large",
            Self::Early => "early",
            Self::Missing => "missing",
            Self::Elsewhere => "elsewhere",
            Self::File => "file",
            Self::Status(_) => "status",
            Self::Verify => "verify",
            Self::Digest => "digest",
            Self::NotStarted => "not-started",
            Self::Unfinished => "unfinished",
        }
    }

    /// What it means, in a sentence.
    pub(super) fn explanation(self) -> &'static str {
        match self {
            Self::Connect => "the connection failed",
            Self::Exhausted => "this machine has no descriptor, port or memory left",
            Self::Tls => "the TLS handshake failed",
            Self::SpeaksTls => "the server speaks TLS on this port: try https:// instead of http://",
            Self::Timeout => "it took longer than the target profile allows",
            Self::Closed => "the connection was closed or reset before the response was complete",
            Self::Protocol => "the response is not valid",
            Self::TooLarge => "the response is larger than uptake accepts",
            Self::Early => {
                "the response was sent before the request body had been received (--allow-early accepts that)"
            }
            Self::Missing => "an earlier response lacked a value that this request needs",
            Self::Elsewhere => "the target named a URL of another origin, where nothing is sent",
            Self::File => "a file of the plan could not be read",
            Self::Status(_) => "the status is not one that the suite accepts",
            Self::Verify => "the target did not receive what was sent",
            Self::Digest => "the target stored other bytes than were sent",
            Self::NotStarted => "it was due, but no upload in progress ended in time to start it",
            Self::Unfinished => "it was still in progress at the end of the run",
        }
    }
}

//! What h2 reports, as a fault.

use h2::{Error, Reason};

use super::first_bytes::FirstBytes;
use crate::response::Bound;
use crate::tls_error::explain;
use crate::{Closed, Fault};

/// What errors are explained with.
pub(super) struct Explained<'e> {
    /// Host and port.
    pub(super) to: &'e str,
    /// What the server sent first.
    pub(super) first: &'e FirstBytes,
    /// The most bytes of a header section.
    pub(super) head: usize,
}

impl Explained<'_> {
    /// The fault behind an error, as the exchange was `when`.
    pub(super) fn fault(&self, error: &Error, when: Closed) -> Fault {
        if let Some(version) = self.first.version() {
            return Fault::Version {
                to: self.to.to_owned(),
                why: format!("it responded to an HTTP/2 request in {version}"),
            };
        }
        if let Some(io) = error.get_io() {
            return match io.kind() {
                std::io::ErrorKind::InvalidData => Fault::Malformed(explain(io, "")),
                _ => Fault::ClosedEarly(when),
            };
        }
        let reason = error.reason().unwrap_or(Reason::INTERNAL_ERROR);
        let code = format!("{reason:?}");
        if error.is_remote() {
            return if error.is_go_away() {
                Fault::GoneAway { code, when }
            } else {
                Fault::Reset { code, when }
            };
        }
        if !error.is_library() {
            return Fault::Harness(format!("HTTP/2: {error}"));
        }
        match reason {
            // A header section that is too long, and CONTINUATION frames without an end.
            Reason::REFUSED_STREAM => Fault::Exceeded(Bound::Head(self.head)),
            Reason::ENHANCE_YOUR_CALM => Fault::Flooded,
            _ => Fault::MalformedHttp2(code),
        }
    }
}

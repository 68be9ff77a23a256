//! An answer that no reading of the protocol allows.

use std::fmt;

use super::aspect::Aspect;
use super::semantics::Statuses;

/// What would have been allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The request is accepted, with one of these statuses.
    Accepted(Statuses),
    /// The request is refused, with one of these statuses.
    Refused(Statuses),
    /// So many bytes are received.
    Received {
        /// The least.
        least: u64,
        /// The greatest.
        greatest: u64,
    },
    /// These segments are received.
    Segments(Vec<u64>),
    /// The upload is complete, or is not.
    Complete(bool),
    /// At most so many of the segments that were sent at once are accepted, and those fit an order.
    AnOrder {
        /// How many, at most.
        most: usize,
    },
    /// What is stored is what was sent.
    Content,
    /// Any answer.
    Anything,
}

/// An answer that no reading of the protocol allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// What it was judged by.
    pub aspect: Aspect,
    /// What would have been allowed; one of them.
    pub allowed: Vec<Verdict>,
}

impl Verdict {
    /// Whether an answer with this status, or none, is of that kind.
    pub(super) fn allows(&self, status: Option<u16>) -> bool {
        match self {
            Self::Accepted(statuses) | Self::Refused(statuses) => {
                status.is_some_and(|status| statuses.has(status))
            }
            _ => true,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Accepted(statuses) | Self::Refused(statuses) => write!(f, "{statuses}"),
            Self::Received { least, greatest } if least == greatest => {
                write!(f, "{least} {} received", if *least == 1 { "byte" } else { "bytes" })
            }
            Self::Received { least, greatest } => write!(f, "{least} to {greatest} bytes received"),
            Self::Segments(numbers) if numbers.is_empty() => f.write_str("no segments received"),
            Self::Segments(numbers) => {
                let numbers: Vec<_> = numbers.iter().map(u64::to_string).collect();
                write!(f, "segments {} received", numbers.join(", "))
            }
            Self::Complete(true) => f.write_str("a complete upload"),
            Self::Complete(false) => f.write_str("an upload that is not complete"),
            Self::AnOrder { most: 1 } => f.write_str("at most one of the segments accepted"),
            Self::AnOrder { most } => write!(f, "responses that fit an order of the {most} segments"),
            Self::Content => f.write_str("the bytes that were sent"),
            Self::Anything => f.write_str("anything"),
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let allowed: Vec<_> = self.allowed.iter().map(ToString::to_string).collect();
        f.write_str(&allowed.join(", or "))
    }
}

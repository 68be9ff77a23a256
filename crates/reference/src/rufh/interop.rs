//! The interop versions of the draft that are spoken.

use super::fields::{Integer, integer};
use super::head::Head;

/// The name of the field that carries the version.
pub(super) const INTEROP_VERSION: &str = "Upload-Draft-Interop-Version";

/// A version, in the order of the drafts: 04 and 05 are version 6, 09 to 11 version 8, 12 version 9.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Interop {
    Six,
    Eight,
    Nine,
}

impl Interop {
    /// The version that a request is written in, if it is one of those.
    pub(super) fn of(head: &Head) -> Option<Self> {
        match integer(head.field(INTEROP_VERSION)?) {
            Integer::Valid(6) => Some(Self::Six),
            Integer::Valid(8) => Some(Self::Eight),
            Integer::Valid(9) => Some(Self::Nine),
            _ => None,
        }
    }

    /// As the field writes it.
    pub(super) const fn text(self) -> &'static str {
        match self {
            Self::Six => "6",
            Self::Eight => "8",
            Self::Nine => "9",
        }
    }
}

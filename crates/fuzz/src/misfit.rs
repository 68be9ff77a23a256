//! What did not fit: where in a case the target answered what no reading of the contract allows.

use super::case::Event;
use uptake_oracle::{Allowed, LookWanted};

/// What did not fit.
#[derive(Debug, Clone)]
pub(super) struct Misfit {
    /// The step of the case.
    pub(super) step: usize,
    /// Which of the step's segments.
    pub(super) segment: Option<usize>,
    /// The rule that is broken.
    pub(super) rule: &'static str,
    /// What the contract allows, in words.
    pub(super) expected: String,
    /// What came, in words.
    pub(super) got: String,
    /// Where it was seen.
    pub(super) probe: Probe,
}

/// Where it was seen.
#[derive(Debug, Clone)]
pub(super) enum Probe {
    /// In the answer to a segment.
    Answer(Vec<Allowed>),
    /// In the answers to segments that went out together: each would have been right without the others.
    Joint,
    /// In the status of an upload.
    Look { upload: usize, wanted: LookWanted },
    /// In what is kept of an upload.
    Stored { upload: usize, size: u64 },
    /// In the answer to a call about a token.
    Token { event: Event, allowed: Vec<Allowed> },
}

/// What makes two misfits the same finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Kind {
    pub(super) rule: &'static str,
    seen: u8,
}

impl Misfit {
    /// What makes two of them the same finding.
    pub(super) fn kind(&self) -> Kind {
        let seen = match self.probe {
            Probe::Answer(_) => 0,
            Probe::Look { .. } => 1,
            Probe::Stored { .. } => 2,
            Probe::Token { .. } => 3,
            Probe::Joint => 4,
        };
        Kind { rule: self.rule, seen }
    }
}

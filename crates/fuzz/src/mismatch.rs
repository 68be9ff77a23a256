//! A mismatch: where in a case the target answered what the contract does not allow.

use super::case::Event;
use uptake_oracle::{Allowed, ExpectedStatus};

/// A response that the contract does not allow.
#[derive(Debug, Clone)]
pub(super) struct Mismatch {
    /// The step of the case.
    pub(super) step: usize,
    /// Which of the step's segments.
    pub(super) segment: Option<usize>,
    /// The rule that is broken.
    pub(super) rule: &'static str,
    /// What the contract allows, in words.
    pub(super) expected: String,
    /// The response, in words.
    pub(super) got: String,
    /// Where the mismatch was seen.
    pub(super) evidence: Evidence,
}

/// Where the mismatch was seen.
#[derive(Debug, Clone)]
pub(super) enum Evidence {
    /// In the answer to a segment.
    Answer(Vec<Allowed>),
    /// In the answers to segments that were sent at once: each would have been right without the others.
    Joint,
    /// In the status of an upload.
    ObservedStatus { upload: usize, wanted: ExpectedStatus },
    /// In what the target stores of an upload.
    Stored { upload: usize, size: u64 },
    /// In the answer to a call about a token.
    Token { event: Event, allowed: Vec<Allowed> },
}

/// Two mismatches of one kind are the same finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Kind {
    pub(super) rule: &'static str,
    seen: u8,
}

impl Mismatch {
    /// Its kind.
    pub(super) fn kind(&self) -> Kind {
        let seen = match self.evidence {
            Evidence::Answer(_) => 0,
            Evidence::ObservedStatus { .. } => 1,
            Evidence::Stored { .. } => 2,
            Evidence::Token { .. } => 3,
            Evidence::Joint => 4,
        };
        Kind { rule: self.rule, seen }
    }
}

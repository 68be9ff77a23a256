//! A mismatch: where in a case the target answered what the contract does not allow.

use super::case::Event;
use uptake_oracle::contract::Difference;
use uptake_oracle::upload::{Aspect, Verdict};
use uptake_oracle::{Allowed, ExpectedStatus};

/// A response that the contract does not allow.
#[derive(Debug, Clone)]
pub(super) struct Mismatch {
    /// The step of the case.
    pub(super) step: usize,
    /// Which of the step's segments.
    pub(super) segment: Option<usize>,
    /// The rule that is broken.
    pub(super) rule: String,
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
    Status { upload: usize, wanted: ExpectedStatus },
    /// In what the target stores of an upload.
    Stored { upload: usize, size: u64 },
    /// In the answer to a call about a token.
    Token { event: Event, allowed: Vec<Allowed> },
    /// In the answer to a call of a contract case.
    Call(CallEvidence),
    /// In an upload of a protocol that a suite describes.
    Upload(UploadEvidence),
}

/// What was wrong with the answer to a call.
#[derive(Debug, Clone)]
pub(super) struct CallEvidence {
    /// The method and the path, without what differs from case to case.
    pub(super) operation: &'static str,
    /// How the answer differs from what is allowed.
    pub(super) difference: Difference,
    /// Whether it would have been allowed without the answers to the calls that were made at once.
    pub(super) joint: bool,
    /// Whether the statuses of the calls that were made at once cannot be, whatever else was answered.
    pub(super) by_status: bool,
    /// The slug of the answer, where it is a problem.
    pub(super) slug: Option<String>,
    /// The statuses of the calls of the step.
    pub(super) statuses: Vec<Option<u16>>,
}

/// What was wrong with an upload of a protocol that a suite describes.
#[derive(Debug, Clone)]
pub(super) struct UploadEvidence {
    /// What it was judged by.
    pub(super) aspect: Aspect,
    /// What would have been allowed; one of them.
    pub(super) allowed: Vec<Verdict>,
    /// The request whose answer showed it.
    pub(super) shown_by: ShownBy,
}

/// A request whose answer shows what has become of an upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ShownBy {
    /// A segment, or several that were sent at once.
    Segment,
    /// The request that asks what has been received.
    Ask,
    /// The request that completes the upload.
    Complete,
    /// The request for what is stored: these pieces of what was sent.
    Stored(Vec<(u64, u64)>),
}

/// Two mismatches of one kind are the same finding.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Kind {
    pub(super) rule: String,
    seen: String,
}

impl Mismatch {
    /// Its kind.
    pub(super) fn kind(&self) -> Kind {
        let seen = match &self.evidence {
            Evidence::Answer(_) => "answer".to_owned(),
            Evidence::Status { .. } => "status".to_owned(),
            Evidence::Stored { .. } => "stored".to_owned(),
            Evidence::Token { .. } => "token".to_owned(),
            Evidence::Joint => "joint".to_owned(),
            Evidence::Call(evidence) => evidence.kind(),
            Evidence::Upload(evidence) => evidence.aspect.name().to_owned(),
        };
        Kind { rule: self.rule.clone(), seen }
    }

    /// Whether it was seen in one answer, and the other only in several that came at once.
    pub(super) fn is_plainer_than(&self, other: &Self) -> bool {
        let is_joint = |mismatch: &Self| matches!(&mismatch.evidence, Evidence::Call(call) if call.joint);
        is_joint(other) && !is_joint(self)
    }
}

impl CallEvidence {
    fn kind(&self) -> String {
        let part = match &self.difference {
            Difference::Answer(_) => "status".to_owned(),
            // Which item of a list it is does not matter.
            Difference::Part { check, .. } => {
                check.subject.to_string().split('[').next().unwrap_or_default().to_owned()
            }
        };
        let joint = if self.joint { ", joint" } else { "" };
        format!("{} {part}{joint}", self.operation)
    }
}

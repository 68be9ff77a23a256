//! How a case is attempted, and what an attempt comes to.

use std::time::Duration;

use super::client::NoResponse;
use super::mismatch::Mismatch;
use uptake_payload::Seed;

/// How cases are run.
#[derive(Debug, Clone, Copy)]
pub(super) struct AttemptOptions {
    /// The seed of the content.
    pub(super) seed: Seed,
    /// How long a status may take to show a segment that was accepted.
    pub(super) status_timeout: Duration,
}

/// The result of an attempt.
#[derive(Debug, Clone)]
pub(super) struct Attempt {
    /// How it ended.
    pub(super) outcome: Outcome,
    /// The requests and responses, a line each.
    pub(super) transcript: Vec<String>,
    /// The result of each segment that was sent, in order.
    pub(super) results: Vec<SegmentResult>,
    /// Of an upload that a suite describes, the segments that were sent, in order.
    pub(super) sent: Vec<SentPiece>,
    /// The status that each call of a contract case was answered with, in order.
    pub(super) statuses: Vec<Option<u16>>,
    /// Of a contract case, what the target answered, with the variables that stand for it in a scenario.
    pub(super) variables: Vec<(String, String)>,
}

/// A segment that was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SentPiece {
    pub(super) from: u64,
    pub(super) length: u64,
    pub(super) is_accepted: bool,
}

impl Attempt {
    /// An attempt of which nothing is known but how it ended.
    pub(super) fn of(outcome: Outcome) -> Self {
        Self {
            outcome,
            transcript: Vec::new(),
            results: Vec::new(),
            sent: Vec::new(),
            statuses: Vec::new(),
            variables: Vec::new(),
        }
    }
}

/// How an attempt ended.
#[derive(Debug, Clone)]
pub(super) enum Outcome {
    /// The contract was kept.
    Passed,
    /// The contract was broken.
    Failed(Box<Mismatch>),
    /// The case could not be judged: a precondition did not hold.
    Inconclusive(String),
    /// The target could not be reached.
    Unreachable(String),
}

/// The result of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SegmentResult {
    /// It was accepted.
    Accepted,
    /// It was refused with this status.
    Refused(u16),
    /// It was broken off, as the case says.
    BrokenOff,
    /// There was no valid response.
    Unanswered,
    /// It was not sent, since nothing was left to send.
    NotSent,
}

impl From<&NoResponse> for Outcome {
    fn from(no_response: &NoResponse) -> Self {
        match no_response {
            NoResponse::Unreachable(why) => Self::Unreachable(why.clone()),
            NoResponse::Unanswered(why) | NoResponse::Internal(why) => Self::Inconclusive(why.clone()),
            NoResponse::BrokenOff => Self::Inconclusive("a request was broken off".to_owned()),
        }
    }
}

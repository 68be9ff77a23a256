//! What an attempt is given and what it comes to.

use std::time::Duration;

use crate::client::NoResponse;
use crate::mismatch::Mismatch;
use uptake_payload::Seed;

/// How cases are run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AttemptOptions {
    /// The seed of the content.
    pub(crate) seed: Seed,
    /// How long a status may take to show a segment that was accepted.
    pub(crate) status_timeout: Duration,
}

/// The result of an attempt.
#[derive(Debug, Clone)]
pub(crate) struct Attempt {
    /// How it ended.
    pub(crate) outcome: Outcome,
    /// The requests and responses, a line each.
    pub(crate) transcript: Vec<String>,
    /// The result of each segment that was sent, in order.
    pub(crate) results: Vec<SegmentResult>,
}

/// How an attempt ended.
#[derive(Debug, Clone)]
pub(crate) enum Outcome {
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
pub(crate) enum SegmentResult {
    /// It was accepted.
    Accepted,
    /// It was refused with this status.
    Refused(u16),
    /// It was broken off, as the case says.
    BrokenOff,
    /// There was no valid response.
    Unanswered,
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

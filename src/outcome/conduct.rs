//! How a run went about its work: how it kept to the target's pace, what it had to try again.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Place;

/// How the run kept to the rates that the target allows.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Pacing {
    /// The budgets that the profile declares.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budgets: Option<Budget>,
    /// Requests sent.
    pub requests: u64,
    /// Those of them that count as uploads.
    pub uploads: u64,
    /// Those that count as writes.
    pub writes: u64,
    /// Those that count as reads.
    pub reads: u64,
    /// How long requests were held back so that none would be refused, each second once.
    pub waited_seconds: f64,
    /// By how much the target's clock was turned, between scenarios, instead of waiting.
    pub turned_seconds: u64,
    /// How many requests were answered 429, where no scenario had asked for that.
    pub answered_429: u64,
}

impl Pacing {
    /// This, and what an earlier part of the run came to.
    #[must_use]
    pub fn and(self, earlier: &Self) -> Self {
        Self {
            budgets: self.budgets.or(earlier.budgets),
            requests: self.requests + earlier.requests,
            uploads: self.uploads + earlier.uploads,
            writes: self.writes + earlier.writes,
            reads: self.reads + earlier.reads,
            waited_seconds: self.waited_seconds + earlier.waited_seconds,
            turned_seconds: self.turned_seconds + earlier.turned_seconds,
            answered_429: self.answered_429 + earlier.answered_429,
        }
    }
}

/// A scenario that waits for real time to pass.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Suspended {
    /// Its first line.
    pub scenario: String,
    /// Its file.
    pub file: String,
    /// The step that lets time pass.
    pub step: String,
    /// When it may go on.
    pub from: String,
    /// When it is too late for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

/// The requests that a target answers in a window of time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Budget {
    /// Uploads.
    pub uploads: u32,
    /// Writes.
    pub writes: u32,
    /// Reads.
    pub reads: u32,
    /// The window.
    pub per_seconds: f64,
}

/// Something that was tried again because the network, and not the server, was to blame.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Retry {
    /// What was tried again: a request that may be repeated, or the scenario from its beginning.
    pub what: Retried,
    /// The scenario.
    pub scenario: String,
    /// The step, or the clean-up.
    pub step: String,
    /// Where the step is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// What had gone wrong.
    pub fault: String,
}

/// What was tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Retried {
    /// The request: it had not reached the server, or does no harm when it is sent twice.
    Request,
    /// The whole scenario, with new tokens: nobody knows whether the server took the request.
    Scenario,
}

//! How a run went about its work: how it kept to the target's pace, what it had to try again.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
    /// The request that had no answer.
    pub request: String,
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

/// How far the target's clock is from this machine's.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ClockReading {
    /// It is so much ahead; less than nothing where it is behind. What it was turned by does not count.
    pub offset_seconds: f64,
    /// The offset may be so much more or less.
    pub uncertainty_seconds: f64,
    /// How many dates say so.
    pub samples: u64,
}

/// The target's clocks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Clocks {
    /// As the `Date` headers tell it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<ClockReading>,
    /// As what was made tells it (`createdAt`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<ClockReading>,
    /// Which of them rules about time were judged by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used: Option<ClockSource>,
}

/// A clock of the target, by what shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ClockSource {
    /// The dates of what was made (`createdAt`).
    Created,
    /// The `Date` headers.
    Date,
}

/// A capability of the target, as it is declared and as it was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CapabilityFinding {
    /// Its name.
    pub name: String,
    /// Whether the profile declares it; nothing where profiles do not speak of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declared: Option<bool>,
    /// Whether the target has it; nothing where that could not be seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detected: Option<bool>,
    /// By what it was seen, in words.
    pub seen: String,
}

impl CapabilityFinding {
    /// Whether the profile says one thing and the target another.
    pub fn is_contradiction(&self) -> bool {
        matches!((self.declared, self.detected), (Some(declared), Some(detected)) if declared != detected)
    }
}

//! How a run behaved: pacing, retries, clocks and capabilities.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Requests by kind, and how the run kept to the target's rate limits.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Pacing {
    /// The rate limits that the profile declares.
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
    /// How long the run waited for the rate limits, in seconds; parallel waits count once.
    pub waited_seconds: f64,
    /// By how many seconds the target's clock was advanced between scenarios instead of waiting.
    pub turned_seconds: u64,
    /// Responses with status 429 that no scenario expected.
    pub answered_429: u64,
}

impl Pacing {
    /// Adds the counts of an earlier part of the run.
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

/// A scenario that is suspended until real time has passed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Suspended {
    /// The name of the scenario.
    pub scenario: String,
    /// Its file.
    pub file: String,
    /// The step that waits.
    pub step: String,
    /// The earliest time to resume it.
    pub from: String,
    /// The latest time to resume it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

/// The requests that a target allows in a window of time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Budget {
    /// Uploads.
    pub uploads: u32,
    /// Writes.
    pub writes: u32,
    /// Reads.
    pub reads: u32,
    /// The window in seconds.
    pub per_seconds: f64,
}

/// A retry after a lost connection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Retry {
    /// What was retried.
    pub what: Retried,
    /// The scenario.
    pub scenario: String,
    /// The request without a response.
    pub request: String,
    /// The error.
    pub fault: String,
}

/// What was retried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Retried {
    /// The request: it had not reached the server, or can be repeated safely.
    Request,
    /// The scenario with new tokens: whether the server processed the request is unknown.
    Scenario,
}

/// The offset of a clock of the target from the local clock.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ClockReading {
    /// How far it is ahead, in seconds; negative where it is behind. Advances by the run are not included.
    pub offset_seconds: f64,
    /// The uncertainty of the offset, in seconds.
    pub uncertainty_seconds: f64,
    /// The number of dates that were read.
    pub samples: u64,
}

/// The target's clocks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Clocks {
    /// The clock of the `Date` headers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<ClockReading>,
    /// The clock of `createdAt` in created resources.
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

/// A capability of the target, as declared and as detected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CapabilityFinding {
    /// Its name.
    pub name: String,
    /// Whether the profile declares it; absent where profiles have no such entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declared: Option<bool>,
    /// Whether the target has it; absent where that could not be detected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detected: Option<bool>,
    /// How it was detected.
    pub seen: String,
}

impl CapabilityFinding {
    /// Whether the profile contradicts the target.
    pub fn is_contradiction(&self) -> bool {
        matches!((self.declared, self.detected), (Some(declared), Some(detected)) if declared != detected)
    }
}

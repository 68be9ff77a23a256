//! The result of a fuzz run.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Ending, Exit, TargetSummary};

/// The version of the JSON form of a [`FuzzRun`].
pub const FUZZ_FORMAT: u32 = 1;

/// The result of a run of `fuzz`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FuzzRun {
    /// The version of this format.
    #[schemars(extend("const" = FUZZ_FORMAT))]
    pub format: u32,
    /// The version of uptake.
    pub uptake: String,
    /// The server that was tested.
    pub target: TargetSummary,
    /// The seed; the same seed, target and limits repeat the run.
    pub seed: u64,
    /// When the run started, in UTC.
    pub started_at: String,
    /// The duration in seconds.
    pub took_seconds: f64,
    /// How it ended.
    pub ending: Ending,
    /// The limit that ended the run; absent where it did not complete.
    pub bound: Option<Bound>,
    /// The number of cases with a result.
    pub cases: u64,
    /// The number of cases without a result.
    pub unsaid: u64,
    /// Why the last of those had no result.
    pub unsaid_because: Option<String>,
    /// The number of requests.
    pub requests: u64,
    /// The bytes of request bodies sent.
    pub bytes_sent: u64,
    /// The properties that were tested.
    pub properties: Vec<PropertyResult>,
    /// The counterexamples, one of each kind.
    pub counterexamples: Vec<Counterexample>,
}

/// The limit that ended a completed run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Bound {
    /// All cases were tried.
    Cases,
    /// The time limit.
    Time,
    /// The limit of bytes to send.
    Bytes,
    /// The limit of distinct counterexamples.
    Counterexamples,
}

/// A property, and how often it was tested.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PropertyResult {
    /// Its name.
    pub name: String,
    /// What it says.
    pub text: String,
    /// The number of cases.
    pub cases: u64,
    /// The number of distinct counterexamples.
    pub counterexamples: usize,
}

/// A case in which the target broke the contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Counterexample {
    /// The property that was tested.
    pub property: String,
    /// The rule that failed.
    pub rule: String,
    /// The number of the case.
    pub case: u64,
    /// Whether it can be reproduced.
    pub stability: Stability,
    /// The expected response.
    pub expected: String,
    /// The response.
    pub got: String,
    /// The number of segments in the minimal case.
    pub segments: usize,
    /// The number of smaller cases that were tried.
    pub tries: u32,
    /// The number of cases that failed in the same way.
    pub seen: u64,
    /// A drawing of the segments.
    pub picture: String,
    /// Requests and responses of each attempt, where it is unstable.
    pub transcripts: Vec<Vec<String>>,
    /// The scenario file that reproduces it.
    pub scenario: Option<String>,
}

/// Whether a counterexample can be reproduced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Stability {
    /// It fails again.
    Stable,
    /// It did not fail again in several attempts.
    Unstable,
    /// The run ended before it could be tried again, so it is not minimal.
    NotRepeated,
}

impl FuzzRun {
    /// The exit code that this run deserves.
    pub fn exit(&self) -> Exit {
        match self.ending {
            Ending::Interrupted => Exit::Interrupted,
            Ending::OutOfReach { .. }
            | Ending::CredentialRefused { .. }
            | Ending::HarnessFailed { .. }
            | Ending::NotWritten { .. } => Exit::CouldNotTest,
            Ending::FirstFailure => Exit::Failed,
            Ending::Completed if !self.counterexamples.is_empty() => Exit::Failed,
            Ending::Completed if self.cases == 0 => Exit::NothingTested,
            Ending::Completed => Exit::Success,
        }
    }
}

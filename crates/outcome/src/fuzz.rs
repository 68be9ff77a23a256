//! What a run of generated cases found out.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Ending, Exit, TargetSummary};

/// The version of the JSON form of a [`FuzzRun`].
pub const FUZZ_FORMAT: u32 = 1;

/// Everything that a run of generated cases found out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FuzzRun {
    /// The version of this form.
    #[schemars(extend("const" = FUZZ_FORMAT))]
    pub format: u32,
    /// The version of uptake that ran.
    pub uptake: String,
    /// Who was asked.
    pub target: TargetSummary,
    /// The seed; with the same target and bounds it repeats the run.
    pub seed: u64,
    /// When the run began, in UTC.
    pub started_at: String,
    /// How long it took.
    pub took_seconds: f64,
    /// How it ended.
    pub ending: Ending,
    /// The bound at which it ended; none where it broke off.
    pub bound: Option<Bound>,
    /// The cases that were tried and judged.
    pub cases: u64,
    /// The cases of which nothing can be said.
    pub unsaid: u64,
    /// Why, of the last of those.
    pub unsaid_because: Option<String>,
    /// The calls that were made.
    pub requests: u64,
    /// The bytes of bodies that were sent.
    pub bytes_sent: u64,
    /// What was held against the target.
    pub properties: Vec<PropertyResult>,
    /// What was found, one of each kind.
    pub counterexamples: Vec<Counterexample>,
}

/// What ended a run that came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Bound {
    /// All cases were tried.
    Cases,
    /// The time was over.
    Time,
    /// No more bytes might be sent.
    Bytes,
    /// So many counterexamples of different kinds were found that more would say nothing new.
    Counterexamples,
}

/// A property, and how often it was tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PropertyResult {
    /// Its name.
    pub name: String,
    /// What it says.
    pub text: String,
    /// The cases that were tried for it.
    pub cases: u64,
    /// The kinds of counterexamples that were found by them.
    pub counterexamples: usize,
}

/// A case that the target answered as no reading of the contract allows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Counterexample {
    /// The property whose case it was.
    pub property: String,
    /// The rule that is broken.
    pub rule: String,
    /// The number of the case.
    pub case: u64,
    /// Whether it fails again.
    pub stability: Stability,
    /// What the contract allows.
    pub expected: String,
    /// What came.
    pub got: String,
    /// How many segments are left.
    pub segments: usize,
    /// How many smaller cases were tried.
    pub tries: u32,
    /// How many cases failed in the same way.
    pub seen: u64,
    /// The table and the byte line.
    pub picture: String,
    /// Of an unstable one, what was sent and answered each time.
    pub transcripts: Vec<Vec<String>>,
    /// The scenario that replays it.
    pub scenario: Option<String>,
}

/// Whether a counterexample fails again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Stability {
    /// It does.
    Stable,
    /// It did not, though it was tried several times.
    Unstable,
    /// The run ended before it could be tried again; it is as it was found.
    NotRepeated,
}

impl FuzzRun {
    /// The exit code that this run deserves.
    pub fn exit(&self) -> Exit {
        match self.ending {
            Ending::Interrupted => Exit::Interrupted,
            Ending::OutOfReach { .. } | Ending::CredentialRefused { .. } | Ending::HarnessFailed { .. } => {
                Exit::NothingCanBeSaid
            }
            Ending::Completed if !self.counterexamples.is_empty() => Exit::Failed,
            Ending::Completed if self.cases == 0 => Exit::NothingJudged,
            Ending::Completed => Exit::Well,
        }
    }
}

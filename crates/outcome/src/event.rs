//! What happens during a run of `check`, for programs that follow it: one JSON object a line, as `--events` writes it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::rule::Level;
use super::run::{Ending, Summary, TargetSummary};
use super::scenario::SentExchange;
use super::verdict::Verdict;

/// A line of an event file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EventLine {
    /// When it was written, in UTC.
    pub time: String,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

/// Something that happened during a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// The run started: the first line.
    RunStarted(RunStarted),
    /// A scenario started.
    ScenarioStarted {
        /// The name of the scenario.
        scenario: String,
        /// Its file.
        file: String,
    },
    /// A request was answered, or got no response. Attempts that are repeated and clean-up are included.
    Exchange {
        /// The scenario that sent it; absent where the run itself did, before its first scenario.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        scenario: Option<String>,
        /// What was sent and received, with secrets masked.
        sent: Box<SentExchange>,
    },
    /// Nothing is sent for some time.
    Waiting {
        /// The scenario that waits; absent where no further scenario can start.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        scenario: Option<String>,
        /// What it waits for.
        cause: WaitsFor,
        /// How long, in seconds.
        seconds: f64,
    },
    /// A scenario finished.
    ScenarioFinished {
        /// The name of the scenario.
        scenario: String,
        /// Its file.
        file: String,
        /// The worst verdict of its expectations.
        verdict: Verdict,
        /// The rules that failed in it.
        failed: Vec<String>,
        /// How long it ran, in seconds.
        took_seconds: f64,
    },
    /// The verdict on a rule, after all scenarios, waivers applied.
    RuleVerdict {
        /// The rule.
        rule: String,
        /// Its area.
        area: String,
        /// Its level.
        level: Level,
        /// The verdict.
        verdict: Verdict,
        /// Why, where the verdict needs a reason.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// The run finished: the last line.
    RunFinished(RunFinished),
}

/// A run that starts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RunStarted {
    /// The version of this format.
    #[schemars(extend("const" = super::FORMAT))]
    pub format: u32,
    /// The version of uptake.
    pub uptake: String,
    /// The suite's name.
    pub suite: String,
    /// The server that is tested.
    pub target: TargetSummary,
    /// The seed of content and scenario order.
    pub seed: u64,
    /// How many scenarios will run.
    pub scenarios: usize,
}

/// A run that has finished.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RunFinished {
    /// How it ended.
    pub ending: Ending,
    /// The counts.
    pub summary: Summary,
    /// The duration in seconds.
    pub took_seconds: f64,
    /// The exit code of the process.
    pub exit_code: u8,
}

/// What a run waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum WaitsFor {
    /// The rate limits of the target.
    RateLimit,
    /// Real time to pass, such as the expiry of a token.
    Time,
}

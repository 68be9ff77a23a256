//! A rule of the suite with its verdict.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Finding, Verdict};

/// The level of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Reported, never failed.
    May,
    /// Fails the run only with `--fail-on should`.
    Should,
    /// Fails the run.
    Must,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::May => "may",
            Self::Should => "should",
            Self::Must => "must",
        })
    }
}

/// A scenario that tests a rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct ScenarioRef {
    /// The name of the scenario.
    pub name: String,
    /// The file of the scenario.
    pub file: String,
}

/// A rule and its findings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RuleResult {
    /// The id of the rule; its meaning never changes.
    pub id: String,
    /// The area of the rule.
    pub area: String,
    /// The level of the rule.
    pub level: Level,
    /// The rule in one sentence.
    pub text: String,
    /// The documents that the rule comes from.
    pub source: Vec<String>,
    /// The verdict: all findings combined by a fixed table.
    pub verdict: Verdict,
    /// The reason, where no finding gives it: a missing capability, no scenario.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The scenarios that test it.
    pub scenarios: Vec<ScenarioRef>,
    /// The findings, in the order of scenarios and steps.
    pub findings: Vec<Finding>,
}

impl RuleResult {
    /// The findings that decide the verdict.
    pub fn deciding(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(move |finding| finding.verdict == self.verdict)
    }
}

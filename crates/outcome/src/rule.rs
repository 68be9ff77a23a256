//! A rule of the catalogue with the verdict on it.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Finding, Verdict};

/// How binding a rule is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Reported, never failed.
    May,
    /// Fails only where the gate asks for it.
    Should,
    /// Fails the gate.
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

/// A scenario that judges a rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct ScenarioRef {
    /// The scenario's first line.
    pub name: String,
    /// The file it stands in.
    pub file: String,
}

/// A rule and what was found of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RuleResult {
    /// The rule's id; it never changes its meaning.
    pub id: String,
    /// The area of the catalogue.
    pub area: String,
    /// How binding the rule is.
    pub level: Level,
    /// The rule in one sentence.
    pub text: String,
    /// The documents that ask for it.
    pub source: Vec<String>,
    /// The verdict: all findings folded by the fixed table.
    pub verdict: Verdict,
    /// Why, where no finding says it: a missing capability, no scenario.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The scenarios that judge it.
    pub scenarios: Vec<ScenarioRef>,
    /// What was found, in the order of scenarios and steps.
    pub findings: Vec<Finding>,
}

impl RuleResult {
    /// The findings that carry the verdict.
    pub fn deciding(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(move |finding| finding.verdict == self.verdict)
    }
}

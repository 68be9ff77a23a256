//! What a comparison of two runs shows.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Verdict;

/// A run compared with an earlier one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Comparison {
    /// When the earlier run began.
    pub started_at: String,
    /// The target of the earlier run.
    pub target: String,
    /// What is worse now; only this can fail the gate.
    pub worse: Vec<Change>,
    /// What is better now.
    pub better: Vec<Change>,
    /// The rules that failed or could not be tested before too, by id.
    pub known: Vec<String>,
}

/// A rule whose verdict changed, or that fails in more places.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// The rule's id.
    pub rule: String,
    /// Its earlier verdict; `None` where the earlier run did not know it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<Verdict>,
    /// Its verdict now.
    pub is: Verdict,
    /// The steps in which it fails now and did not earlier, where it failed earlier too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also_in: Vec<String>,
}

impl Change {
    /// The change in one line.
    pub fn words(&self) -> String {
        let was = self.was.map_or("not in the baseline", Verdict::word);
        match self.also_in.as_slice() {
            [] => format!("{}: {}, was {was}", self.rule, self.is),
            steps => format!("{}: {} as before, and now also in {}", self.rule, self.is, steps.join("; ")),
        }
    }
}

impl Comparison {
    /// Whether this rule is worse than it was.
    pub fn is_worse(&self, rule: &str) -> bool {
        self.worse.iter().any(|change| change.rule == rule)
    }
}

//! Waivers: known failures that do not fail the gate, each with a reason and an end date.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Place, RuleResult, Verdict};

/// A known failure that does not fail the gate until a date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Waiver {
    /// The rule that may fail, by id.
    pub rule: String,
    /// Why it may.
    pub reason: String,
    /// The last day on which it may, as `2027-01-31`, in UTC.
    pub until: String,
    /// The issue that tracks the fix.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issue: Option<String>,
    /// Where the waiver is written.
    pub place: Place,
}

/// A waiver, and its state after a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WaiverResult {
    /// The waiver.
    pub waiver: Waiver,
    /// Its state.
    pub state: WaiverState,
}

/// The state of a waiver after a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum WaiverState {
    /// The rule failed and is waived.
    Excuses,
    /// The rule failed after the last day of the waiver, so it counts as failed.
    Expired,
    /// The rule no longer fails: the waiver can be removed.
    Stale,
    /// The run does not show whether the rule still fails.
    Idle,
}

impl Waiver {
    /// The reason, the last day, and where the repair is tracked, in one line.
    pub fn words(&self) -> String {
        let issue = self.issue.as_ref().map_or_else(String::new, |issue| format!(", {issue}"));
        format!("{} (until {}{issue})", self.reason, self.until)
    }

    pub(crate) fn state(&self, rule: Option<&RuleResult>, today: &str) -> WaiverState {
        match rule.map(|rule| rule.verdict) {
            // The form of a day sorts as days do.
            Some(Verdict::Failed) if self.until.as_str() < today => WaiverState::Expired,
            Some(Verdict::Failed) => WaiverState::Excuses,
            Some(Verdict::Passed | Verdict::Tolerated) => WaiverState::Stale,
            _ => WaiverState::Idle,
        }
    }
}

impl WaiverResult {
    /// What the reader must do about it; `None` where the waiver is in use.
    pub fn warning(&self) -> Option<String> {
        let Waiver { rule, until, place, .. } = &self.waiver;
        match self.state {
            WaiverState::Excuses | WaiverState::Idle => None,
            WaiverState::Stale => {
                Some(format!("stale waiver: {rule} no longer fails; remove the waiver from {place}"))
            }
            WaiverState::Expired => {
                Some(format!("expired waiver: {rule} still fails, and its waiver ended on {until} ({place})"))
            }
        }
    }
}

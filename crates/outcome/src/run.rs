//! A whole run of a suite against a target.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    CapabilityFinding, Cause, Clocks, Comparison, ExchangeRecord, Pacing, Retry, RuleResult, Suspended,
    Verdict, WaiverResult,
};

/// Everything that a run found out; the one value that every report renders.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Run {
    /// The version of this form.
    #[schemars(extend("const" = super::FORMAT))]
    pub format: u32,
    /// The version of uptake that ran.
    pub uptake: String,
    /// The suite's name.
    pub suite: String,
    /// Who was asked.
    pub target: TargetSummary,
    /// The seed of content and order.
    pub seed: u64,
    /// When the run began, in UTC.
    pub started_at: String,
    /// How long it took.
    pub took_seconds: f64,
    /// How it ended.
    pub ending: Ending,
    /// The counts.
    pub summary: Summary,
    /// Every rule of the catalogue that was chosen, in the catalogue's order.
    pub rules: Vec<RuleResult>,
    /// What blocked rules or left them inconclusive, each cause once.
    pub causes: Vec<Cause>,
    /// What the run made and could not remove again.
    pub leftovers: Vec<Leftover>,
    /// What a reader should know beside the verdicts.
    pub warnings: Vec<String>,
    /// How the run kept to the rates that the target allows.
    #[serde(default)]
    pub pacing: Pacing,
    /// What was tried again because the network was to blame.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub retries: Vec<Retry>,
    /// The target's clocks.
    #[serde(default)]
    pub clocks: Clocks,
    /// What the target can do, as declared and as seen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub capabilities: Vec<CapabilityFinding>,
    /// The scenarios that wait for real time to pass.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suspended: Vec<Suspended>,
    /// The folder that `uptake resume` or `uptake clean` needs; none where nothing waits and nothing was left behind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<String>,
    /// How often each status was answered; clean-up not counted.
    #[serde(default)]
    pub answers: BTreeMap<u16, u64>,
    /// The areas of the catalogue that the choice left without a rule.
    #[serde(default)]
    pub left_out: Vec<String>,
    /// The waivers that were given, and what became of each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waivers: Vec<WaiverResult>,
    /// What changed since an earlier run, where one was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<Comparison>,
}

/// Who was asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TargetSummary {
    /// The profile's name.
    pub name: String,
    /// The base URL.
    pub base_url: String,
    /// The capabilities that the profile declares.
    pub capabilities: Vec<String>,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "how")]
pub enum Ending {
    /// Every chosen scenario ran.
    Completed,
    /// The user stopped it; what had been found is here.
    Interrupted,
    /// The target could not be reached, or answered nothing that can be read.
    OutOfReach {
        /// Why, in one sentence.
        why: String,
    },
    /// The target refused a credential of its profile; no rule was judged.
    CredentialRefused {
        /// Which, and how, in one sentence.
        why: String,
    },
    /// The harness itself failed; nothing is said of the target.
    HarnessFailed {
        /// Why, in one sentence.
        why: String,
    },
}

/// The counts of a run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub struct Summary {
    /// Rules chosen.
    pub rules: usize,
    /// Rules that were held against an answer of the target.
    pub judged: usize,
    /// Rules that passed.
    pub passed: usize,
    /// Rules tolerated.
    pub tolerated: usize,
    /// Rules failed.
    pub failed: usize,
    /// Failures waived.
    pub waived: usize,
    /// Rules blocked.
    pub blocked: usize,
    /// Rules of which nothing can be said.
    pub inconclusive: usize,
    /// Rules that wait for real time.
    pub suspended: usize,
    /// Rules without meaning for this target.
    pub not_applicable: usize,
    /// Rules that no scenario judged.
    pub not_covered: usize,
    /// Scenarios that ran.
    pub scenarios: usize,
    /// Requests sent, clean-up included.
    pub requests: u64,
    /// Bytes of request bodies sent.
    pub bytes_sent: u64,
}

impl Summary {
    /// Counts the verdicts on `rules`.
    pub fn count(rules: &[RuleResult]) -> Self {
        let of = |verdict| rules.iter().filter(|rule| rule.verdict == verdict).count();
        Self {
            rules: rules.len(),
            judged: rules.iter().filter(|rule| rule.verdict.is_judged()).count(),
            passed: of(Verdict::Passed),
            tolerated: of(Verdict::Tolerated),
            failed: of(Verdict::Failed),
            waived: of(Verdict::Waived),
            blocked: of(Verdict::Blocked),
            inconclusive: of(Verdict::Inconclusive),
            suspended: of(Verdict::Suspended),
            not_applicable: of(Verdict::NotApplicable),
            not_covered: of(Verdict::NotCovered),
            scenarios: 0,
            requests: 0,
            bytes_sent: 0,
        }
    }
}

/// Something that the run made and could not remove again: a finding of its own, never a failed rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Leftover {
    /// The scenario that made it.
    pub scenario: String,
    /// What it is, or which clean-up step failed.
    pub what: String,
    /// What the attempt to remove it was answered.
    pub why: String,
    /// The exchange.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange: Option<ExchangeRecord>,
}

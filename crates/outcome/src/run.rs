//! A whole run of a suite against a target.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::text::address;
use super::{
    CapabilityFinding, Cause, Clocks, Comparison, Excerpt, ExchangeRecord, HttpVersion, Pacing, Retry,
    RuleResult, ScenarioRecord, Suspended, Verdict, WaiverResult,
};

/// The result of a run of `check`; every report renders this value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Run {
    /// The version of this format.
    #[schemars(extend("const" = super::FORMAT))]
    pub format: u32,
    /// The version of uptake.
    pub uptake: String,
    /// The suite's name.
    pub suite: String,
    /// The SHA-256 of the files of the suite, in hex.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub suite_digest: String,
    /// The server that was tested.
    pub target: TargetSummary,
    /// The seed of content and scenario order.
    pub seed: u64,
    /// When the run started, in UTC.
    pub started_at: String,
    /// The duration in seconds.
    pub took_seconds: f64,
    /// How it ended.
    pub ending: Ending,
    /// The counts.
    pub summary: Summary,
    /// Every selected rule, in the order of the suite.
    pub rules: Vec<RuleResult>,
    /// Why rules were blocked or inconclusive, each cause once.
    pub causes: Vec<Cause>,
    /// Resources that the run created and could not remove.
    pub leftovers: Vec<Leftover>,
    /// Warnings for the reader.
    pub warnings: Vec<String>,
    /// Requests by kind, and how the run kept to the target's rate limits.
    #[serde(default)]
    pub pacing: Pacing,
    /// Requests and scenarios that were retried after a lost connection.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub retries: Vec<Retry>,
    /// The offset of the target's clocks.
    #[serde(default)]
    pub clocks: Clocks,
    /// The target's capabilities, as declared and as detected.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub capabilities: Vec<CapabilityFinding>,
    /// The scenarios that are suspended until real time has passed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suspended: Vec<Suspended>,
    /// The run folder for `uptake resume` or `uptake clean`; absent where neither has anything to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<String>,
    /// Responses by status code, clean-up excluded.
    #[serde(default)]
    pub answers: BTreeMap<u16, u64>,
    /// The areas whose rules were all excluded by the filters.
    #[serde(default)]
    pub left_out: Vec<String>,
    /// The waivers, and the state of each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waivers: Vec<WaiverResult>,
    /// The comparison with a baseline, where one was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<Comparison>,
    /// The command that runs the same test again; with `--rule ID` behind it, one rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rerun: Option<String>,
    /// The scenarios that ran, with the exchanges of those in which a rule failed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scenarios: Vec<ScenarioRecord>,
    /// The lines of scenario files at which rules failed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub excerpts: Vec<Excerpt>,
}

/// The server that was tested.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TargetSummary {
    /// The name in its profile.
    pub name: String,
    /// The base URL.
    pub base_url: String,
    /// The proxy that requests went through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy: Option<String>,
    /// The version of HTTP of its requests.
    #[serde(default)]
    pub http_version: HttpVersion,
    /// The capabilities that its profile declares.
    pub capabilities: Vec<String>,
}

impl TargetSummary {
    /// The base URL, the proxy where there was one, and the version of HTTP where it is not HTTP/1.1.
    pub fn address(&self) -> String {
        address(&self.base_url, self.proxy.as_deref()) + self.http_version.addition()
    }
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "how")]
pub enum Ending {
    /// Every selected scenario ran.
    Completed,
    /// The user stopped it; the results so far are included.
    Interrupted,
    /// `--fail-fast` stopped it at the first failure of a required rule.
    FirstFailure,
    /// The target could not be reached, or its responses could not be read.
    OutOfReach {
        /// Why, in one sentence.
        why: String,
    },
    /// The target refused a credential of its profile; no rule was judged.
    CredentialRefused {
        /// Which, and how, in one sentence.
        why: String,
    },
    /// uptake itself failed, or this machine: the run says nothing about the target.
    HarnessFailed {
        /// Why, in one sentence.
        why: String,
    },
    /// A report or a waiver file could not be written.
    NotWritten {
        /// Why, in one sentence.
        why: String,
    },
}

impl Ending {
    /// Why the run did not complete, in one sentence; `None` where it completed or the user stopped it.
    pub fn trouble(&self) -> Option<String> {
        match self {
            Self::Completed | Self::Interrupted | Self::FirstFailure => None,
            Self::OutOfReach { why } => Some(format!("the target is unreachable: {why}")),
            Self::HarnessFailed { why } | Self::CredentialRefused { why } | Self::NotWritten { why } => {
                Some(why.clone())
            }
        }
    }
}

/// The counts of a run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub struct Summary {
    /// Rules selected.
    pub rules: usize,
    /// Rules that were tested.
    pub judged: usize,
    /// Rules that passed.
    pub passed: usize,
    /// Rules that passed with a tolerated deviation.
    pub tolerated: usize,
    /// Rules failed.
    pub failed: usize,
    /// Rules that failed and are waived.
    pub waived: usize,
    /// Rules blocked by a failed precondition.
    pub blocked: usize,
    /// Rules without a result because of the network, a rate limit or the clock.
    pub inconclusive: usize,
    /// Rules suspended until real time has passed.
    pub suspended: usize,
    /// Rules that do not apply to this target.
    pub not_applicable: usize,
    /// Rules that no scenario tested.
    pub not_covered: usize,
    /// Scenarios that ran.
    pub scenarios: usize,
    /// Requests sent, clean-up included.
    pub requests: u64,
    /// Bytes of request bodies sent.
    pub bytes_sent: u64,
}

impl Summary {
    /// Counts `rules` by verdict.
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

/// A resource that the run created and could not remove. It never fails a rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Leftover {
    /// The scenario that created it.
    pub scenario: String,
    /// The resource, or the clean-up step that failed.
    pub what: String,
    /// Why it could not be removed.
    pub why: String,
    /// The exchange.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange: Option<ExchangeRecord>,
}

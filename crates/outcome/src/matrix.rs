//! The kill matrix: which rules catch which planted defects, and which rules are proven to be able to fail.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Ending, Exit, Level, RuleResult, Verdict};

/// The version of the JSON form of a [`Matrix`].
pub const MATRIX_FORMAT: u32 = 1;

/// The suite measured against planted defects.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Matrix {
    /// The version of this form.
    #[schemars(extend("const" = MATRIX_FORMAT))]
    pub format: u32,
    /// The version of uptake.
    pub uptake: String,
    /// The suite's name.
    pub suite: String,
    /// The seed of content and order.
    pub seed: u64,
    /// When the run started, in UTC.
    pub started_at: String,
    /// The duration in seconds.
    pub took_seconds: f64,
    /// How it ended: completed or interrupted.
    pub ending: Ending,
    /// Which defects were planted.
    pub extent: Extent,
    /// What was done to the server.
    #[serde(default)]
    pub by: ProvenBy,
    /// The counts.
    pub summary: MatrixSummary,
    /// Every planted defect, in the order of the defect catalogue.
    pub defects: Vec<DefectResult>,
    /// Every rule of the suite, in the order of the suite.
    pub rules: Vec<RuleProof>,
}

/// What was done to the server.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ProvenBy {
    /// Defects were planted in the reference server.
    #[default]
    PlantedDefects,
    /// Answers of a server were changed on their way, one at a time. Each change is a defect of the matrix. One that no rule
    /// fails is no fault of the suite: not all that a server says is promised.
    Mutations,
}

/// Which defects were planted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Extent {
    /// All of them.
    Whole,
    /// Some, chosen by name. Another defect may prove a rule that none of them fails.
    Chosen,
}

/// A planted defect and the result of the suite against it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DefectResult {
    /// The name of the defect.
    pub name: String,
    /// The area in which the server deviates.
    pub area: String,
    /// What the server does wrong.
    pub description: String,
    /// The result.
    pub fate: Fate,
    /// The rules that failed because of it, by id.
    pub caught_by: Vec<String>,
    /// The rules that could not be tested because of it, by id.
    pub unjudged: Vec<String>,
    /// How much of the suite it was tested with.
    #[serde(default)]
    pub tested_with: TestedWith,
    /// The rules that it was tested with, by id, where it was not the whole suite.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules_tested: Vec<String>,
    /// Why the run against it did not complete.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// How many runs there were: an uncaught defect is tried again.
    pub runs: u32,
    /// The duration of the last run, in seconds.
    pub took_seconds: f64,
}

/// How much of the suite a defect was tested with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TestedWith {
    /// The rules that the suite's record names for it, and no other.
    RecordedRules,
    /// The scenario whose answer was changed.
    Scenario,
    /// The suite, until the first rule failed.
    SuiteUntilCaught,
    /// The whole suite.
    #[default]
    WholeSuite,
}

impl TestedWith {
    /// All of them, the least first.
    pub const ALL: [Self; 4] =
        [Self::RecordedRules, Self::Scenario, Self::SuiteUntilCaught, Self::WholeSuite];

    /// What was run, in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::RecordedRules => "by their recorded rules",
            Self::Scenario => "by the scenario whose response was changed",
            Self::SuiteUntilCaught => "by the suite up to the first failure",
            Self::WholeSuite => "by the whole suite",
        }
    }
}

/// The result for a defect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// A rule in the area of the defect failed.
    Caught,
    /// Rules failed, but none in the area of the defect.
    Diffuse,
    /// No rule failed.
    Survived,
    /// The run did not complete.
    Error,
}

impl Fate {
    /// The fate in words, as reports print it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Caught => "caught",
            Self::Diffuse => "diffuse",
            Self::Survived => "survived",
            Self::Error => "error",
        }
    }
}

/// A rule, and the defects that make it fail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RuleProof {
    /// The id of the rule.
    pub id: String,
    /// The area of the rule.
    pub area: String,
    /// The level of the rule.
    pub level: Level,
    /// The rule in one sentence.
    pub text: String,
    /// The defects that it catches, by name.
    pub proven_by: Vec<String>,
    /// Its verdict without a defect, where it did not hold there and so cannot be proven against this server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_provable: Option<Verdict>,
}

/// The counts of a matrix.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MatrixSummary {
    /// Defects planted.
    pub defects: usize,
    /// Defects caught by a rule of their area.
    pub caught: usize,
    /// Defects caught only by rules of other areas.
    pub diffuse: usize,
    /// Defects that no rule caught.
    pub survived: usize,
    /// Defects whose run did not complete.
    pub errors: usize,
    /// Rules of the suite.
    pub rules: usize,
    /// Rules that catch a defect.
    pub proven: usize,
    /// Rules that catch none.
    pub unproven: usize,
    /// Rules that did not hold without a defect, and so cannot be proven against this server.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub not_provable: usize,
}

impl DefectResult {
    /// Whether the run against it shows if `rule` catches it.
    pub fn shows(&self, rule: &str) -> bool {
        let is = |id: &String| id == rule;
        self.fate != Fate::Error
            && (self.tested_with == TestedWith::WholeSuite
                || self.rules_tested.iter().any(is)
                || self.caught_by.iter().any(is))
    }
}

impl MatrixSummary {
    /// Counts.
    pub fn count(defects: &[DefectResult], rules: &[RuleProof]) -> Self {
        let fate = |fate| defects.iter().filter(|defect| defect.fate == fate).count();
        let proven = rules.iter().filter(|rule| !rule.proven_by.is_empty()).count();
        let unproven = rules.iter().filter(|rule| rule.is_unproven()).count();
        Self {
            defects: defects.len(),
            caught: fate(Fate::Caught),
            diffuse: fate(Fate::Diffuse),
            survived: fate(Fate::Survived),
            errors: fate(Fate::Error),
            rules: rules.len(),
            proven,
            unproven,
            not_provable: rules.len() - proven - unproven,
        }
    }
}

impl RuleProof {
    /// Whether it held without a defect, and failed with none.
    pub fn is_unproven(&self) -> bool {
        self.proven_by.is_empty() && self.not_provable.is_none()
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

impl Matrix {
    /// The defects that no rule caught.
    pub fn survivors(&self) -> impl Iterator<Item = &DefectResult> {
        self.defects.iter().filter(|defect| defect.fate == Fate::Survived)
    }

    /// The rules that no defect failed. Where only some defects were planted nothing is said of the rules.
    pub fn unproven(&self) -> impl Iterator<Item = &RuleProof> {
        let whole = self.extent == Extent::Whole;
        self.rules.iter().filter(move |rule| whole && rule.is_unproven())
    }

    /// The exit code that this matrix deserves: a survivor outranks what could not be said, and a rule is called
    /// unproven only where every defect had its say. Of mutations only the rules count that they fail.
    pub fn exit(&self) -> Exit {
        if self.ending == Ending::Interrupted {
            Exit::Interrupted
        } else if self.ending.trouble().is_some() {
            Exit::CouldNotTest
        } else if self.by == ProvenBy::Mutations {
            self.exit_of_rules()
        } else if self.survivors().next().is_some() {
            Exit::Failed
        } else if self.summary.errors > 0 {
            Exit::CouldNotTest
        } else {
            self.exit_of_rules()
        }
    }

    fn exit_of_rules(&self) -> Exit {
        if self.unproven().next().is_some() {
            Exit::Failed
        } else if self.defects.is_empty() {
            Exit::NothingTested
        } else {
            Exit::Success
        }
    }
}

impl RuleResult {
    /// Whether this rule, judged against a server with a defect, catches it. `clean` is the same rule judged against
    /// the server without one. A rule that may be deviated from never fails: it catches by its warning.
    pub fn catches(&self, clean: &Self) -> bool {
        match self.verdict {
            Verdict::Failed => clean.verdict != Verdict::Failed,
            Verdict::Tolerated => self.level == Level::May && clean.verdict == Verdict::Passed,
            _ => false,
        }
    }

    /// Whether it could be judged without the defect, and cannot with it.
    pub fn is_lost(&self, clean: &Self) -> bool {
        clean.verdict.is_judged() && !self.verdict.is_judged()
    }
}

#[cfg(test)]
mod tests;

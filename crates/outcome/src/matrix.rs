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
            Self::Scenario => "by the scenario whose answer was changed",
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
mod tests {
    use super::*;

    fn defect(fate: Fate) -> DefectResult {
        DefectResult {
            name: "a-defect".to_owned(),
            area: "auth".to_owned(),
            description: "It is wrong.".to_owned(),
            fate,
            caught_by: Vec::new(),
            unjudged: Vec::new(),
            tested_with: TestedWith::WholeSuite,
            rules_tested: Vec::new(),
            error: None,
            runs: 1,
            took_seconds: 0.5,
        }
    }

    fn rule(proven_by: &[&str]) -> RuleProof {
        RuleProof {
            id: "AUTH-01".to_owned(),
            area: "auth".to_owned(),
            level: Level::Must,
            text: "It is right".to_owned(),
            proven_by: proven_by.iter().map(|name| (*name).to_owned()).collect(),
            not_provable: None,
        }
    }

    fn matrix(fates: &[Fate], rules: Vec<RuleProof>) -> Matrix {
        let defects: Vec<_> = fates.iter().copied().map(defect).collect();
        Matrix {
            format: MATRIX_FORMAT,
            uptake: "0.0.0".to_owned(),
            suite: "api-video".to_owned(),
            seed: 1,
            started_at: "2026-01-01T00:00:00Z".to_owned(),
            took_seconds: 1.0,
            ending: Ending::Completed,
            extent: Extent::Whole,
            by: ProvenBy::PlantedDefects,
            summary: MatrixSummary::count(&defects, &rules),
            defects,
            rules,
        }
    }

    #[test]
    fn every_defect_caught_and_every_rule_proven_is_well() {
        assert_eq!(matrix(&[Fate::Caught, Fate::Diffuse], vec![rule(&["a-defect"])]).exit(), Exit::Success);
    }

    #[test]
    fn a_defect_shows_only_what_it_was_tested_with() {
        let whole = defect(Fate::Survived);
        assert!(whole.shows("AUTH-01"));
        let recorded = DefectResult {
            tested_with: TestedWith::RecordedRules,
            rules_tested: vec!["AUTH-01".to_owned()],
            caught_by: vec!["AUTH-02".to_owned()],
            ..defect(Fate::Caught)
        };
        assert!(recorded.shows("AUTH-01") && recorded.shows("AUTH-02") && !recorded.shows("AUTH-03"));
        assert!(!defect(Fate::Error).shows("AUTH-01"), "its run said nothing");
    }

    #[test]
    fn a_survivor_fails_even_beside_an_error() {
        let matrix = matrix(&[Fate::Caught, Fate::Error, Fate::Survived], vec![rule(&["a-defect"])]);
        assert_eq!(matrix.exit(), Exit::Failed);
    }

    #[test]
    fn an_unproven_rule_fails_but_not_where_a_run_said_nothing() {
        assert_eq!(matrix(&[Fate::Caught], vec![rule(&[])]).exit(), Exit::Failed);
        assert_eq!(matrix(&[Fate::Error], vec![rule(&[])]).exit(), Exit::CouldNotTest);
    }

    #[test]
    fn rules_are_not_called_unproven_where_only_some_defects_were_planted() {
        let chosen = Matrix { extent: Extent::Chosen, ..matrix(&[Fate::Caught], vec![rule(&[])]) };
        assert_eq!(chosen.exit(), Exit::Success);
    }

    #[test]
    fn an_interrupted_or_an_empty_one_is_no_success() {
        let whole = matrix(&[Fate::Caught], vec![rule(&["a-defect"])]);
        assert_eq!(Matrix { ending: Ending::Interrupted, ..whole }.exit(), Exit::Interrupted);
        let empty = Matrix { extent: Extent::Chosen, ..matrix(&[], vec![rule(&[])]) };
        assert_eq!(empty.exit(), Exit::NothingTested);
    }

    #[test]
    fn of_mutations_the_rules_count_that_none_failed_and_not_what_survived() {
        let by = ProvenBy::Mutations;
        let proven = Matrix { by, ..matrix(&[Fate::Survived, Fate::Error], vec![rule(&["a-defect"])]) };
        assert_eq!(proven.exit(), Exit::Success);
        assert_eq!(Matrix { by, ..matrix(&[Fate::Caught], vec![rule(&[])]) }.exit(), Exit::Failed);
        let waived = RuleProof { not_provable: Some(Verdict::Waived), ..rule(&[]) };
        let waived = Matrix { by, ..matrix(&[Fate::Caught], vec![waived, rule(&["a-defect"])]) };
        assert_eq!(
            (waived.exit(), waived.summary.unproven, waived.summary.not_provable),
            (Exit::Success, 0, 1)
        );
    }

    fn judged(level: Level, verdict: Verdict) -> RuleResult {
        RuleResult {
            id: "AUTH-01".to_owned(),
            area: "auth".to_owned(),
            level,
            text: String::new(),
            source: Vec::new(),
            verdict,
            reason: None,
            scenarios: Vec::new(),
            findings: Vec::new(),
        }
    }

    #[test]
    fn only_a_failure_that_the_defect_brought_catches_it() {
        for level in [Level::Must, Level::Should] {
            let passed = judged(level, Verdict::Passed);
            for verdict in Verdict::ALL {
                let catches = judged(level, verdict).catches(&passed);
                assert_eq!(catches, verdict == Verdict::Failed, "{level} {verdict}");
            }
            let failed = judged(level, Verdict::Failed);
            assert!(!failed.catches(&failed));
        }
    }

    #[test]
    fn a_may_rule_catches_by_its_warning() {
        let may = |verdict| judged(Level::May, verdict);
        assert!(may(Verdict::Tolerated).catches(&may(Verdict::Passed)));
        assert!(!may(Verdict::Tolerated).catches(&may(Verdict::Tolerated)));
    }
}

//! What runs against a server with a defect showed, held against the run against the faithful server.

use std::time::Duration;

use uptake_outcome::{DefectResult, Ending, Fate, Run, TestedWith};
use uptake_reference::Defect;

/// What one run showed, or several together.
#[derive(Debug, Clone, Default)]
pub(super) struct Found {
    /// The rules that failed because of the defect.
    pub(super) caught_by: Vec<String>,
    /// The rules that could not be judged because of it.
    unjudged: Vec<String>,
    /// Why a run did not come to its end.
    pub(super) error: Option<String>,
    took: Duration,
    /// How many runs there were.
    pub(super) runs: u32,
}

impl Found {
    /// What a run that has ended showed.
    pub(super) fn of(clean: &Run, run: &Run) -> Self {
        let took = Duration::from_secs_f64(run.took_seconds);
        match &run.ending {
            Ending::OutOfReach { why }
            | Ending::CredentialRefused { why }
            | Ending::HarnessFailed { why }
            | Ending::NotWritten { why } => return Self { took, ..Self::broken(why.clone()) },
            Ending::Completed | Ending::Interrupted | Ending::FirstFailure => {}
        }
        let pairs = || {
            run.rules
                .iter()
                .filter_map(|rule| Some((clean.rules.iter().find(|clean| clean.id == rule.id)?, rule)))
        };
        let ids = |is: fn(&uptake_outcome::RuleResult, &uptake_outcome::RuleResult) -> bool| {
            pairs().filter(|(clean, rule)| is(rule, clean)).map(|(_, rule)| rule.id.clone()).collect()
        };
        Self {
            caught_by: ids(uptake_outcome::RuleResult::catches),
            unjudged: ids(uptake_outcome::RuleResult::is_lost),
            error: None,
            took,
            runs: 1,
        }
    }

    /// A run that was ended once these rules had failed.
    pub(super) fn failed(rules: Vec<String>, took: Duration) -> Self {
        Self { caught_by: rules, took, runs: 1, ..Self::default() }
    }

    /// A run that could not begin, or broke off.
    pub(super) fn broken(why: String) -> Self {
        Self { error: Some(why), runs: 1, ..Self::default() }
    }

    /// The same with what a run of other rules showed.
    #[must_use]
    pub(super) fn and(mut self, mut other: Self) -> Self {
        other.unjudged.append(&mut self.unjudged);
        self.again(other)
    }

    /// The same with what another run of the rules that were left showed: whether they could be judged is known from the last.
    #[must_use]
    pub(super) fn again(mut self, last: Self) -> Self {
        for rule in last.caught_by {
            if !self.caught_by.contains(&rule) {
                self.caught_by.push(rule);
            }
        }
        let mut unjudged = last.unjudged;
        unjudged.retain(|rule| !self.caught_by.contains(rule));
        Self {
            caught_by: self.caught_by,
            unjudged,
            error: last.error,
            took: self.took + last.took,
            runs: self.runs + last.runs,
        }
    }

    /// What becomes of the defect. What caught it stands in the order of the suite.
    pub(super) fn result(self, defect: Defect, clean: &Run, tested_with: TestedWith) -> DefectResult {
        let mut result = DefectResult {
            name: defect.name().to_owned(),
            area: defect.area().to_owned(),
            description: defect.description().to_owned(),
            fate: Fate::Error,
            caught_by: self.caught_by,
            unjudged: self.unjudged,
            tested_with,
            rules_tested: Vec::new(),
            error: self.error,
            runs: self.runs,
            took_seconds: self.took.as_secs_f64(),
        };
        if result.error.is_some() {
            result.caught_by.clear();
            result.unjudged.clear();
        } else {
            settle(&mut result, clean);
        }
        result
    }
}

/// Sorts what caught a defect, and draws the conclusion.
pub(super) fn settle(result: &mut DefectResult, clean: &Run) {
    let place = |id: &String| clean.rules.iter().position(|rule| rule.id == *id);
    result.caught_by.sort_by_key(place);
    let is_own = |id: &String| place(id).is_some_and(|at| clean.rules[at].area == result.area);
    result.fate = if result.caught_by.is_empty() {
        Fate::Survived
    } else if result.caught_by.iter().any(is_own) {
        Fate::Caught
    } else {
        Fate::Diffuse
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{clean, defect, found, run};
    use uptake_outcome::Verdict;

    #[test]
    fn a_defect_is_caught_where_a_rule_of_its_area_fails() {
        use Verdict::{Blocked, Failed, Passed};
        let caught = found(Failed, Failed, Blocked);
        assert_eq!(caught.fate, Fate::Caught);
        assert_eq!(caught.caught_by, ["AUTH-01", "TOKEN-01"]);
        assert_eq!(caught.unjudged, ["TOKEN-02"]);
        assert_eq!(found(Failed, Passed, Passed).fate, Fate::Diffuse);
    }

    #[test]
    fn what_only_blocks_or_confuses_is_not_caught() {
        use Verdict::{Blocked, Inconclusive, Passed, Tolerated};
        for verdict in [Blocked, Inconclusive, Tolerated, Passed] {
            assert_eq!(found(Passed, verdict, verdict).fate, Fate::Survived, "{verdict}");
        }
    }

    #[test]
    fn a_run_that_did_not_come_to_its_end_says_nothing_whatever_failed_before() {
        let why = || "it is gone".to_owned();
        for ending in [Ending::OutOfReach { why: why() }, Ending::HarnessFailed { why: why() }] {
            let run = run(&[("TOKEN-01", Verdict::Failed)], ending);
            let result = Found::of(&clean(), &run).result(
                defect("ttl-in-milliseconds"),
                &clean(),
                TestedWith::WholeSuite,
            );
            assert_eq!((result.fate, result.caught_by, result.error), (Fate::Error, Vec::new(), Some(why())));
        }
    }

    #[test]
    fn several_runs_count_together() {
        let took = Duration::from_secs(1);
        let first = Found::failed(vec!["TOKEN-02".to_owned()], took);
        let both = first.and(Found::failed(vec!["TOKEN-01".to_owned(), "TOKEN-02".to_owned()], took));
        let result = both.result(defect("ttl-in-milliseconds"), &clean(), TestedWith::RecordedRules);
        assert_eq!(result.caught_by, ["TOKEN-01", "TOKEN-02"], "in the order of the suite");
        assert_eq!((result.runs, result.fate), (2, Fate::Caught));
    }
}

//! Compares a run with an earlier one: what is worse, what is better, and which failures were known.

use super::{Change, Comparison, RuleResult, Run, Verdict, WaiverState};

/// How bad a verdict is for a gate; those that say nothing bad are all as good.
fn badness(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::NotCovered | Verdict::NotApplicable | Verdict::Passed | Verdict::Suspended => 0,
        Verdict::Tolerated => 1,
        Verdict::Waived => 2,
        Verdict::Blocked | Verdict::Inconclusive => 3,
        Verdict::Failed => 4,
    }
}

impl Run {
    /// Holds this run against an earlier one.
    pub fn compare(&mut self, earlier: &Self) {
        let mut comparison = Comparison {
            started_at: earlier.started_at.clone(),
            target: format!("{} at {}", earlier.target.name, earlier.target.base_url),
            worse: Vec::new(),
            better: Vec::new(),
            known: Vec::new(),
        };
        for rule in &self.rules {
            let old = earlier.rules.iter().find(|old| old.id == rule.id);
            let (was, is) = (old.map(|old| old.verdict), rule.verdict);
            let before = was.map_or(0, badness);
            let mut change = Change { rule: rule.id.clone(), was, is, also_in: Vec::new() };
            if let (Some(old), Verdict::Failed) = (old.filter(|old| old.verdict == is), is) {
                change.also_in = new_failures(old, rule);
            }
            if badness(is) > before || !change.also_in.is_empty() {
                comparison.worse.push(change);
            } else if badness(is) < before && matches!(is, Verdict::Passed | Verdict::Tolerated) {
                comparison.better.push(change);
            } else if matches!(is, Verdict::Failed | Verdict::Blocked | Verdict::Inconclusive) {
                comparison.known.push(rule.id.clone());
            }
        }
        self.baseline = Some(comparison);
    }

    /// Whether a rule's verdict counts for the gate: with a baseline, only where it is worse than it was, or where its waiver
    /// has run out. A day that was set must not go by because the failure is an old one.
    pub fn is_new(&self, rule: &RuleResult) -> bool {
        let has_run_out =
            || self.waiver_of(&rule.id).is_some_and(|result| result.state == WaiverState::Expired);
        self.baseline.as_ref().is_none_or(|baseline| baseline.is_worse(&rule.id)) || has_run_out()
    }
}

/// The steps in which `rule` fails and did not fail earlier. A failure that is known must not hide another.
fn new_failures(old: &RuleResult, rule: &RuleResult) -> Vec<String> {
    let mut steps: Vec<String> = Vec::new();
    for finding in rule.deciding() {
        let known =
            old.deciding().any(|old| (&old.scenario, &old.step) == (&finding.scenario, &finding.step));
        let step = format!("\"{}\" of \"{}\"", finding.step, finding.scenario);
        if !known && !steps.contains(&step) {
            steps.push(step);
        }
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::super::sample::{run_of, with_findings};
    use crate::{Exit, FailOn, Place, Verdict, Waiver};

    /// The exit code where a rule's verdict was `was` and is `is`, beside one that passes.
    fn exit(was: Verdict, is: Verdict) -> Exit {
        let mut run = run_of(&[("A-01", is), ("A-02", Verdict::Passed)]);
        run.compare(&run_of(&[("A-01", was), ("A-02", Verdict::Passed)]));
        run.exit(FailOn::Must)
    }

    #[test]
    fn only_what_is_worse_fails() {
        for was in Verdict::ALL {
            let expected = if was == Verdict::Failed { Exit::Success } else { Exit::Failed };
            assert_eq!(exit(was, Verdict::Failed), expected, "failed, was {was}");
        }
    }

    #[test]
    fn what_could_not_be_judged_then_need_not_be_judged_now() {
        for is in [Verdict::Blocked, Verdict::Inconclusive] {
            assert_eq!(exit(Verdict::Passed, is), Exit::CouldNotTest);
            assert_eq!(exit(Verdict::Blocked, is), Exit::Success);
            assert_eq!(exit(Verdict::Failed, is), Exit::Success);
        }
    }

    #[test]
    fn a_waiver_that_ran_out_fails_however_old_the_failure_is() {
        for (until, expected) in [("2026-01-14", Exit::Failed), ("2026-01-15", Exit::Success)] {
            let mut run = run_of(&[("A-01", Verdict::Failed)]);
            let place = Place { file: "waivers.yaml".to_owned(), line: 1, column: 3 };
            let (rule, reason) = ("A-01".to_owned(), "known".to_owned());
            run.waive(vec![Waiver { rule, reason, until: until.to_owned(), issue: None, place }]);
            run.compare(&run_of(&[("A-01", Verdict::Failed)]));
            assert_eq!(run.exit(FailOn::Must), expected, "until {until}");
        }
    }

    #[test]
    fn a_rule_that_the_baseline_did_not_know_is_held_to_the_letter() {
        let mut run = run_of(&[("A-01", Verdict::Failed)]);
        run.compare(&run_of(&[]));
        assert_eq!(run.exit(FailOn::Must), Exit::Failed);
        assert_eq!(run.baseline.expect("compared").worse[0].words(), "A-01: failed, was not in the baseline");
    }

    #[test]
    fn what_got_better_is_said_and_what_is_no_longer_judged_is_not_better() {
        let verdicts = [("A-01", Verdict::Failed), ("A-02", Verdict::Failed), ("A-03", Verdict::Blocked)];
        let mut run =
            run_of(&[("A-01", Verdict::Passed), ("A-02", Verdict::NotCovered), ("A-03", Verdict::Tolerated)]);
        run.compare(&run_of(&verdicts));
        let better: Vec<_> =
            run.baseline.expect("compared").better.iter().map(super::Change::words).collect();
        assert_eq!(better, ["A-01: passed, was failed", "A-03: tolerated, was blocked"]);
    }

    #[test]
    fn a_known_failure_does_not_hide_a_new_one_of_the_same_rule() {
        let mut old = run_of(&[]);
        old.rules.push(with_findings("A-01", &[Verdict::Failed, Verdict::Passed]));
        let mut run = run_of(&[]);
        run.rules.push(with_findings("A-01", &[Verdict::Failed, Verdict::Failed]));
        run.compare(&old);
        assert_eq!(run.exit(FailOn::Must), Exit::Failed);
        old.compare(&old.clone());
        assert_eq!(old.exit(FailOn::Must), Exit::Success);
    }
}

//! Applies waivers to a run.

use super::{RuleResult, Run, Summary, Verdict, Waiver, WaiverResult, WaiverState};

impl Run {
    /// Excuses what `waivers` name, as of the day on which the run began.
    ///
    /// Only failures are excused: a finding that failed becomes one that is waived, and the fixed table makes the verdict of
    /// all findings again. So a rule that failed in one scenario and was blocked in another is blocked, not waived.
    pub fn waive(&mut self, waivers: Vec<Waiver>) {
        let today: String = self.started_at.chars().take("2027-01-31".len()).collect();
        for waiver in waivers {
            let rule = self.rules.iter_mut().find(|rule| rule.id == waiver.rule);
            let state = waiver.state(rule.as_deref(), &today);
            match (rule, state) {
                (Some(rule), WaiverState::Excuses) => rule.excuse(&waiver),
                (Some(rule), WaiverState::Expired) => {
                    rule.reason = Some(format!("its waiver ended on {}: {}", waiver.until, waiver.reason));
                }
                _ => {}
            }
            let result = WaiverResult { waiver, state };
            self.warnings.extend(result.warning());
            self.waivers.push(result);
        }
        let Summary { scenarios, requests, bytes_sent, .. } = self.summary;
        self.summary = Summary { scenarios, requests, bytes_sent, ..Summary::count(&self.rules) };
    }

    /// The waiver of this rule and its state, where it has one.
    pub fn waiver_of(&self, rule: &str) -> Option<&WaiverResult> {
        self.waivers.iter().find(|result| result.waiver.rule == rule)
    }
}

impl RuleResult {
    fn excuse(&mut self, waiver: &Waiver) {
        for finding in &mut self.findings {
            if finding.verdict == Verdict::Failed {
                finding.verdict = Verdict::Waived;
            }
        }
        self.verdict =
            self.findings.iter().map(|finding| finding.verdict).fold(Verdict::Waived, Verdict::and);
        if self.verdict == Verdict::Waived {
            self.reason = Some(waiver.words());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{run_of, with_findings};
    use super::{Waiver, WaiverState};
    use crate::{Exit, FailOn, Place, Run, Verdict};

    fn waiver(rule: &str, until: &str) -> Waiver {
        Waiver {
            rule: rule.to_owned(),
            reason: "known".to_owned(),
            until: until.to_owned(),
            issue: None,
            place: Place { file: "waivers.yaml".to_owned(), line: 1, column: 3 },
        }
    }

    /// The sample begins on 2026-01-15.
    fn waived(verdicts: &[(&str, Verdict)], waivers: &[(&str, &str)]) -> Run {
        let mut run = run_of(verdicts);
        run.waive(waivers.iter().map(|(rule, until)| waiver(rule, until)).collect());
        run
    }

    fn states(run: &Run) -> Vec<WaiverState> {
        run.waivers.iter().map(|result| result.state).collect()
    }

    #[test]
    fn a_waived_failure_does_not_fail_the_gate_and_is_counted() {
        let run = waived(&[("A-01", Verdict::Failed), ("A-02", Verdict::Passed)], &[("A-01", "2026-01-15")]);
        assert_eq!((run.exit(FailOn::Must), run.summary.waived, run.summary.failed), (Exit::Success, 1, 0));
        assert_eq!(run.rules[0].verdict, Verdict::Waived);
        assert_eq!(run.rules[0].reason.as_deref(), Some("known (until 2026-01-15)"));
        assert!(run.warnings.is_empty(), "{:?}", run.warnings);
    }

    #[test]
    fn the_day_after_its_last_it_excuses_nothing_and_says_so() {
        let run = waived(&[("A-01", Verdict::Failed)], &[("A-01", "2026-01-14")]);
        assert_eq!((run.exit(FailOn::Must), states(&run)), (Exit::Failed, vec![WaiverState::Expired]));
        assert!(run.warnings[0].contains("ended on 2026-01-14"), "{:?}", run.warnings);
    }

    #[test]
    fn what_passes_again_is_stale_whatever_the_date() {
        for until in ["2025-01-01", "2027-01-01"] {
            let run = waived(&[("A-01", Verdict::Passed)], &[("A-01", until)]);
            assert_eq!((run.exit(FailOn::Must), states(&run)), (Exit::Success, vec![WaiverState::Stale]));
            assert!(run.warnings[0].contains("stale"), "{:?}", run.warnings);
        }
    }

    #[test]
    fn what_was_not_judged_says_nothing_of_its_waiver() {
        let unjudged = [Verdict::Blocked, Verdict::Inconclusive, Verdict::NotCovered, Verdict::NotApplicable];
        for verdict in unjudged {
            let run = waived(&[("A-01", verdict)], &[("A-01", "2027-01-01"), ("B-01", "2027-01-01")]);
            assert_eq!(states(&run), [WaiverState::Idle, WaiverState::Idle]);
            assert_eq!(run.rules[0].verdict, verdict, "only a failure is excused");
        }
    }

    #[test]
    fn what_was_blocked_elsewhere_stays_blocked_by_the_table() {
        let mut run = run_of(&[]);
        run.rules.push(with_findings("A-01", &[Verdict::Failed, Verdict::Blocked, Verdict::Passed]));
        run.waive(vec![waiver("A-01", "2027-01-01")]);
        assert_eq!(run.rules[0].verdict, Verdict::Blocked);
        assert_ne!(run.exit(FailOn::Must), Exit::Success);
    }
}

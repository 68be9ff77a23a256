//! What makes a run prove less than it seems to: the one place where such warnings are made.

use super::{Ending, Run, Verdict};

/// Answers that a server gives to whatever is asked, where the key or the address is wrong.
const AT_THE_DOOR: [u16; 3] = [401, 403, 404];

/// Fewer answers than this say nothing about the others.
const ENOUGH: u64 = 10;

impl Run {
    /// What a reader should know before believing the verdicts, one sentence each.
    ///
    /// A run that did not come to its end says so by itself.
    pub fn doubts(&self) -> Vec<String> {
        if self.ending != Ending::Completed || self.rules.is_empty() {
            return Vec::new();
        }
        [self.refused_at_the_door(), self.mostly_unjudged(), self.areas_left_out()]
            .into_iter()
            .flatten()
            .collect()
    }

    /// Nine answers in ten turned the harness away: rules that ask for a refusal pass then, and prove nothing.
    fn refused_at_the_door(&self) -> Option<String> {
        let all: u64 = self.answers.values().sum();
        let refused: u64 = AT_THE_DOOR.iter().filter_map(|status| self.answers.get(status)).sum();
        if all < ENOUGH || refused * 10 < all * 9 {
            return None;
        }
        let seen: Vec<String> = AT_THE_DOOR
            .iter()
            .filter_map(|status| Some((status, self.answers.get(status)?)))
            .map(|(status, times)| format!("{times} of them {status}"))
            .collect();
        Some(format!(
            "this run proves little: {refused} of {all} answers were refusals at the door ({}); are the key and the address right?",
            seen.join(", ")
        ))
    }

    fn mostly_unjudged(&self) -> Option<String> {
        let all = self.rules.len();
        let count = |verdict| self.rules.iter().filter(|rule| rule.verdict == verdict).count();
        let judged = self.rules.iter().filter(|rule| rule.verdict.is_judged()).count();
        let blocked = count(Verdict::Blocked);
        if blocked * 2 > all {
            Some(format!(
                "this run proves little: {blocked} of {all} rules were blocked by a precondition that did not hold"
            ))
        } else if judged * 2 < all {
            Some(format!("this run proves little: only {judged} of {all} rules were judged"))
        } else {
            None
        }
    }

    fn areas_left_out(&self) -> Option<String> {
        match self.left_out.as_slice() {
            [] => None,
            [one] => Some(format!("the choice of rules leaves the area {one} without a rule")),
            more => Some(format!(
                "the choice of rules leaves {} areas without a rule: {}",
                more.len(),
                more.join(", ")
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::run_of;
    use crate::{Ending, Run, Verdict};

    fn passed() -> Run {
        run_of(&[("A-01", Verdict::Passed)])
    }

    fn answered(answers: &[(u16, u64)]) -> Vec<String> {
        Run { answers: answers.iter().copied().collect(), ..passed() }.doubts()
    }

    #[test]
    fn nine_refusals_in_ten_are_said() {
        let doubts = answered(&[(200, 2), (401, 15), (404, 3)]);
        assert_eq!(
            doubts,
            [
                "this run proves little: 18 of 20 answers were refusals at the door (15 of them 401, 3 of them 404); are the \
              key and the address right?"
            ]
        );
        assert!(answered(&[(200, 3), (401, 17)]).is_empty(), "less than nine in ten");
        assert!(answered(&[(401, 9)]).is_empty(), "too few to say");
    }

    #[test]
    fn a_run_that_is_mostly_blocked_or_not_judged_says_so() {
        let of = |verdict| {
            let run = run_of(&[("A-01", verdict), ("A-02", verdict), ("A-03", Verdict::Passed)]);
            run.doubts()
        };
        assert!(of(Verdict::Blocked)[0].contains("2 of 3 rules were blocked"));
        assert!(of(Verdict::NotApplicable)[0].contains("only 1 of 3 rules were judged"));
        assert!(of(Verdict::Failed).is_empty());
    }

    #[test]
    fn an_area_that_was_left_out_is_named() {
        let run = Run { left_out: vec!["ttl".to_owned()], ..passed() };
        assert_eq!(run.doubts(), ["the choice of rules leaves the area ttl without a rule"]);
    }

    #[test]
    fn a_run_that_broke_off_has_said_so_already() {
        let run = Run { left_out: vec!["ttl".to_owned()], ending: Ending::Interrupted, ..passed() };
        assert!(run.doubts().is_empty());
    }
}

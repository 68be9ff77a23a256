//! Warnings about runs that show less than they seem to.

use super::{Ending, Run, Verdict};

/// Responses to every request where the API key or the base URL is wrong.
const REFUSALS: [u16; 3] = [401, 403, 404];

/// Fewer responses than this are no basis for a warning.
const ENOUGH: u64 = 10;

impl Run {
    /// What a reader should know before trusting the verdicts, one sentence each.
    ///
    /// A run that did not complete says so elsewhere.
    pub fn doubts(&self) -> Vec<String> {
        if self.ending != Ending::Completed || self.rules.is_empty() {
            return Vec::new();
        }
        [self.mostly_refused(), self.mostly_unjudged(), self.areas_left_out()].into_iter().flatten().collect()
    }

    /// Nine responses in ten were refusals: rules that expect a refusal pass then, and show nothing.
    fn mostly_refused(&self) -> Option<String> {
        let all: u64 = self.answers.values().sum();
        let refused: u64 = REFUSALS.iter().filter_map(|status| self.answers.get(status)).sum();
        if all < ENOUGH || refused * 10 < all * 9 {
            return None;
        }
        let seen: Vec<String> = REFUSALS
            .iter()
            .filter_map(|status| Some((status, self.answers.get(status)?)))
            .map(|(status, times)| format!("{status}: {times}"))
            .collect();
        Some(format!(
            "weak evidence: {refused} of {all} responses were 401, 403 or 404 ({}); check the API key and the base URL",
            seen.join(", ")
        ))
    }

    fn mostly_unjudged(&self) -> Option<String> {
        let all = self.rules.len();
        let count = |verdict| self.rules.iter().filter(|rule| rule.verdict == verdict).count();
        let judged = self.rules.iter().filter(|rule| rule.verdict.is_judged()).count();
        let blocked = count(Verdict::Blocked);
        if blocked * 2 > all {
            Some(format!("weak evidence: {blocked} of {all} rules were blocked by a failed precondition"))
        } else if judged * 2 < all {
            Some(format!("weak evidence: only {judged} of {all} rules were tested"))
        } else {
            None
        }
    }

    fn areas_left_out(&self) -> Option<String> {
        match self.left_out.as_slice() {
            [] => None,
            [one] => Some(format!("the filters exclude every rule of the area {one}")),
            more => {
                Some(format!("the filters exclude every rule of {} areas: {}", more.len(), more.join(", ")))
            }
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
    fn nine_refusals_in_ten_are_a_warning() {
        let doubts = answered(&[(200, 2), (401, 15), (404, 3)]);
        assert_eq!(
            doubts,
            [
                "weak evidence: 18 of 20 responses were 401, 403 or 404 (401: 15, 404: 3); check the API key and the base URL"
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
        assert!(of(Verdict::NotApplicable)[0].contains("only 1 of 3 rules were tested"));
        assert!(of(Verdict::Failed).is_empty());
    }

    #[test]
    fn an_area_that_was_left_out_is_named() {
        let run = Run { left_out: vec!["ttl".to_owned()], ..passed() };
        assert_eq!(run.doubts(), ["the filters exclude every rule of the area ttl"]);
    }

    #[test]
    fn an_interrupted_run_has_no_further_warning() {
        let run = Run { left_out: vec!["ttl".to_owned()], ending: Ending::Interrupted, ..passed() };
        assert!(run.doubts().is_empty());
    }
}

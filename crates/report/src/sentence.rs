//! A whole run in one sentence: the last line of a log, the subject of a notification.

use super::text::one_line;
use uptake_outcome::text::{count, duration};
use uptake_outcome::{Ending, Exit, FailOn, RuleResult, Run, Verdict};

/// Verdicts in the order in which a reader wants them counted.
const COUNTED: [Verdict; 9] = [
    Verdict::Failed,
    Verdict::Blocked,
    Verdict::Inconclusive,
    Verdict::Passed,
    Verdict::Tolerated,
    Verdict::Waived,
    Verdict::Suspended,
    Verdict::NotApplicable,
    Verdict::NotCovered,
];

/// The result of `run`, and its exit code.
///
/// ```text
/// FAILED: 141 rules: 2 failed, 135 passed, 4 not covered, in 3.2 s (seed 7, exit code 1)
/// ```
pub fn sentence(run: &Run, fail_on: FailOn) -> String {
    let exit = run.exit(fail_on);
    let parts: Vec<String> = [trouble(run, fail_on), counts(run, fail_on)].into_iter().flatten().collect();
    format!(
        "{}: {}, in {} (seed {}, exit code {})",
        word(exit, run),
        parts.join("; "),
        duration(run.took_seconds),
        run.seed,
        exit.code()
    )
}

/// The exit code in a word or two.
fn word(exit: Exit, run: &Run) -> &'static str {
    match exit {
        Exit::Success => "PASSED",
        Exit::Failed => "FAILED",
        Exit::BadInput => "INVALID INPUT",
        Exit::CouldNotTest if matches!(run.ending, Ending::NotWritten { .. }) => "REPORT NOT WRITTEN",
        Exit::CouldNotTest if run.ending == Ending::Completed && judged(run) => "INCOMPLETE",
        Exit::CouldNotTest => "COULD NOT TEST",
        Exit::NothingTested => "NOTHING TESTED",
        Exit::Suspended => "SUSPENDED",
        Exit::Interrupted => "INTERRUPTED",
    }
}

fn judged(run: &Run) -> bool {
    run.rules.iter().any(|rule| rule.verdict.is_judged())
}

/// What the counts alone do not explain.
fn trouble(run: &Run, fail_on: FailOn) -> Option<String> {
    match &run.ending {
        Ending::OutOfReach { .. }
        | Ending::CredentialRefused { .. }
        | Ending::HarnessFailed { .. }
        | Ending::NotWritten { .. } => run.ending.trouble().map(|trouble| one_line(&trouble)),
        Ending::FirstFailure => Some("stopped at the first failure".to_owned()),
        Ending::Completed if run.exit(fail_on) == Exit::CouldNotTest && judged(run) => {
            let unsaid =
                |rule: &&RuleResult| matches!(rule.verdict, Verdict::Blocked | Verdict::Inconclusive);
            let counts = |rule: &&RuleResult| fail_on.counts(rule.level) && run.is_new(rule);
            let binding = run.rules.iter().filter(unsaid).filter(counts).count();
            Some(format!("{} could not be tested", count(binding, "required rule")))
        }
        Ending::Completed | Ending::Interrupted => None,
    }
}

/// Rules by verdict; `None` where the trouble says it all.
fn counts(run: &Run, fail_on: FailOn) -> Option<String> {
    if run.rules.is_empty() {
        return matches!(run.ending, Ending::Completed | Ending::Interrupted)
            .then(|| "no rule selected".to_owned());
    }
    if !judged(run) && run.ending.trouble().is_some() {
        return None;
    }
    let counted = COUNTED.into_iter().filter_map(|verdict| {
        let rules: Vec<_> = run.rules.iter().filter(|rule| rule.verdict == verdict).collect();
        (!rules.is_empty())
            .then(|| format!("{} {verdict}{}", rules.len(), excuse(run, verdict, &rules, fail_on)))
    });
    Some(format!("{}: {}", count(run.rules.len(), "rule"), counted.collect::<Vec<_>>().join(", ")))
}

/// Why failures do not fail the run.
fn excuse(run: &Run, verdict: Verdict, rules: &[&RuleResult], fail_on: FailOn) -> String {
    if verdict != Verdict::Failed {
        return String::new();
    }
    let excused = rules.iter().filter(|rule| !fail_on.counts(rule.level)).count();
    let known = rules.iter().filter(|rule| fail_on.counts(rule.level) && !run.is_new(rule)).count();
    let told: Vec<String> = [(excused, "not required"), (known, "known from the baseline")]
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, why)| if number == rules.len() { why.to_owned() } else { format!("{number} {why}") })
        .collect();
    if told.is_empty() { String::new() } else { format!(" ({})", told.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::sentence;
    use crate::sample;
    use uptake_outcome::{Ending, FailOn, Level, Run, Verdict};

    /// A run of one rule that passed, and of those that have this level and verdict.
    fn only(level: Level, verdict: Verdict) -> Run {
        let mut run = sample::run();
        run.rules.retain(|rule| (rule.level == level && rule.verdict == verdict) || rule.id == "AUTH-05");
        run
    }

    #[test]
    fn the_sentence_says_why_the_exit_code_is_what_it_is() {
        let sample = sample::run;
        let runs = [
            sample::green(),
            sample(),
            only(Level::Should, Verdict::Failed),
            only(Level::Must, Verdict::Failed),
            only(Level::Must, Verdict::Blocked),
            only(Level::Must, Verdict::Suspended),
            Run { rules: Vec::new(), ..sample() },
            Run { ending: Ending::Interrupted, ..sample::green() },
            sample::out_of_reach(),
            Run {
                ending: Ending::HarnessFailed { why: "no room\non the disk".to_owned() },
                ..sample::green()
            },
        ];
        let sentences = runs.map(|run| sentence(&run, FailOn::Must)).join("\n");
        insta::assert_snapshot!(sentences, @r"
        PASSED: 2 rules: 2 passed, in 3.2 s (seed 7, exit code 0)
        FAILED: 16 rules: 2 failed (1 not required), 2 blocked, 2 inconclusive, 3 passed, 1 tolerated, 1 waived, 1 suspended, 2 not applicable, 2 not covered, in 3.2 s (seed 7, exit code 1)
        PASSED: 2 rules: 1 failed (not required), 1 passed, in 3.2 s (seed 7, exit code 0)
        FAILED: 2 rules: 1 failed, 1 passed, in 3.2 s (seed 7, exit code 1)
        INCOMPLETE: 2 required rules could not be tested; 3 rules: 2 blocked, 1 passed, in 3.2 s (seed 7, exit code 3)
        SUSPENDED: 2 rules: 1 passed, 1 suspended, in 3.2 s (seed 7, exit code 75)
        NOTHING TESTED: no rule selected, in 3.2 s (seed 7, exit code 4)
        INTERRUPTED: 2 rules: 2 passed, in 3.2 s (seed 7, exit code 130)
        COULD NOT TEST: the target is unreachable: GET https://staging.example.test/upload-tokens: no response within 10 s, in 3.2 s (seed 7, exit code 3)
        COULD NOT TEST: no room on the disk; 2 rules: 2 passed, in 3.2 s (seed 7, exit code 3)
        ");
    }

    #[test]
    fn what_is_asked_for_decides_what_is_excused() {
        let run = only(Level::Should, Verdict::Failed);
        insta::assert_snapshot!(
            sentence(&run, FailOn::Should),
            @"FAILED: 2 rules: 1 failed, 1 passed, in 3.2 s (seed 7, exit code 1)"
        );
    }
}
